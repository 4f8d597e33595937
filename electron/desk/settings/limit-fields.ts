import type { LimitField, SettingUnit, SettingValue } from '#shared/contract/settings-operations.ts';
import type { SizingConfig } from '#shared/domain/sizing.ts';

type Money = 'sizing' | 'day' | 'peak';
export type FieldSpec = Pick<LimitField, 'field' | 'group' | 'label' | 'unit' | 'choices'> & {
  /** Which equity a share of it is told of; null for what is no share of equity. */
  readonly of: Money | null;
  readonly isNextStart: boolean;
};

type Row = readonly [field: string, label: string, unit: SettingUnit, of?: Money];

const specs = (group: LimitField['group'], rows: readonly Row[]): readonly FieldSpec[] =>
  rows.map(([field, label, unit, of]) => ({
    ...{ field, group, label, unit, of: of ?? null },
    choices: [...(CHOICES[field] ?? (field.startsWith('risk.breakerEffects') ? EFFECTS : []))],
    isNextStart: NEXT_START.has(field),
  }));

type Choice = LimitField['choices'][number];
const EFFECTS: readonly Choice[] = [
  { value: 'entries', label: 'stops entries' },
  { value: 'flatten', label: 'also flattens' },
];
const CHOICES: Readonly<Record<string, readonly Choice[]>> = {
  multiplier: [
    { value: 'dial', label: 'drawdown dial' },
    { value: '1/4', label: '1/4 Kelly' },
    { value: '1/3', label: '1/3 Kelly' },
    { value: '1/2', label: '1/2 Kelly' },
    { value: '1', label: 'full Kelly' },
  ],
  basis: [
    { value: 'stopOrAvgLoss', label: 'stop or average loss' },
    { value: 'stop', label: 'stop' },
    { value: 'avgLoss', label: 'average loss' },
    { value: 'margin', label: 'margin' },
    { value: 'notional', label: 'notional' },
  ],
};
/** What connections and instruments were made with when the desk started. */
const NEXT_START = new Set(['maxPredictionAgeMs', 'rollGuardDays']);

/** Every limit the Settings screen shows, in its order. */
export const LIMIT_FIELDS: readonly FieldSpec[] = [
  ...specs('size', [
    ['multiplier', 'Kelly multiplier', 'choice'],
    ['fractionCap', 'Cap on the Kelly fraction', 'share-of-equity', 'sizing'],
    ['minFraction', 'Smallest fraction traded', 'share-of-equity', 'sizing'],
    ['maxRiskPerTrade', 'Most at risk per trade', 'share-of-equity', 'sizing'],
    ['maxContracts', 'Most contracts', 'contracts'],
    ['basis', 'Capital per contract', 'choice'],
    ['confidenceThreshold', 'Least confidence', 'share'],
    ['expiryMs', 'Recommendation lives', 'ms'],
  ]),
  ...specs('portfolio', [
    ['maxHeat', 'Heat of all positions', 'share-of-equity', 'sizing'],
    ['maxCluster', 'Correlated exposure', 'share-of-equity', 'sizing'],
    ['rhoMin', 'Correlated from', 'score'],
    ['maxMarginShare', 'Margin in use', 'share-of-equity', 'sizing'],
    ['rollGuardDays', 'No entries before expiry', 'days'],
  ]),
  ...specs('breakers', [
    ['breakers.dayLossHalt', 'Day loss halts at', 'share-of-equity', 'day'],
    ['breakers.drawdownWarn', 'Drawdown halves size at', 'share-of-equity', 'peak'],
    ['breakers.drawdownHalt', 'Drawdown halts at', 'share-of-equity', 'peak'],
    ['breakers.cusumWarn', 'Model drift warns at', 'score'],
    ['breakers.cusumHalt', 'Model drift halts at', 'score'],
    ['breakers.brierWarn', 'Brier score warns at', 'score'],
    ['breakers.calibrationErrorWarn', 'Calibration error warns at', 'score'],
    ['risk.maxConsecutiveLosses', 'Losses in a row stop entries', 'count'],
    ['risk.breakerEffects.day-loss', 'Day loss breaker', 'choice'],
    ['risk.breakerEffects.drawdown', 'Drawdown breaker', 'choice'],
    ['risk.breakerEffects.consecutive-losses', 'Losses in a row breaker', 'choice'],
  ]),
  ...specs('evidence', [
    ['sample.lookBackDays', 'Own trades count for', 'days'],
    ['sample.minTrades', 'Trades needed', 'count'],
    ['sample.minWins', 'Wins needed', 'count'],
    ['sample.minLosses', 'Losses needed', 'count'],
    ['evaluation.contracts', 'Contracts without enough trades', 'contracts'],
    ['evaluation.maxRisk', 'Risk without enough trades', 'share-of-equity', 'sizing'],
    ['evidenceTrades', 'Prior strength of the edge, in trades', 'count'],
    ['payoffTrades', 'Prior strength of the payoff, in trades', 'count'],
    ['calibrate', 'Size from calibrated probabilities', 'switch'],
  ]),
  ...specs('sending', [
    ['risk.maxOrdersPerMinute', 'New entries per minute', 'count'],
    ['risk.priceCollarTicks', 'Limit beyond the last price', 'ticks'],
    ['risk.maxIntentAgeMs', 'A click waits at most', 'ms'],
    ['risk.duplicateWindowMs', 'The same click again within', 'ms'],
    ['risk.maxOrderQuoteAgeMs', 'Nothing is sent on quotes older than', 'ms'],
    ['maxQuoteAgeMs', 'No size on quotes older than', 'ms'],
    ['maxPredictionAgeMs', 'No size on predictions older than', 'ms'],
  ]),
];

type Multiplier = SizingConfig['multiplier'];
const FIXED: Readonly<Record<string, number>> = { '1/4': 1 / 4, '1/3': 1 / 3, '1/2': 1 / 2, '1': 1 };

/** The word for a multiplier; one that is none of the choices is written out. */
export function multiplierWord(multiplier: Multiplier): string {
  if (multiplier.mode === 'dial') return 'dial';
  const known = Object.entries(FIXED).find(([, value]) => Math.abs(value - multiplier.value) < 1e-9);
  return known?.[0] ?? String(multiplier.value);
}

/** What a multiplier's word stands for; anything else is handed on to be refused by the parser. */
export function multiplierOf(value: SettingValue, dial: Multiplier): unknown {
  if (value === 'dial') return dial;
  const fixed = typeof value === 'string' ? FIXED[value] : undefined;
  return fixed === undefined ? value : { mode: 'fixed', value: fixed };
}
