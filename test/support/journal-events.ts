import type { AnnotationBody, Subject } from '#shared/domain/annotation.ts';
import type { Decision } from '#shared/domain/decision.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import type { Bar } from '#shared/domain/market.ts';
import type { Fill, FillCorrection, OrderEvent, OrderTerms } from '#shared/domain/order.ts';
import type { ModelId, Prediction } from '#shared/domain/prediction.ts';
import type { RecommendationState, TraderReason } from '#shared/domain/recommendation.ts';
import type { SizingConfig, SizingSnapshot } from '#shared/domain/sizing.ts';
import { type EpochMs, epochMs, money, moneyFromUsd, ticks } from '#shared/units.ts';
import type { JournalEvent } from '#desk/ports/events.ts';
import type { NewEvent } from '#desk/ports/journal.ts';

/** A Wednesday noon in Chicago. */
export const NOON = epochMs(Date.UTC(2026, 5, 3, 17, 0, 0));

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A valid client order id made from a number. */
export function orderId(n: number, suffix: '' | 'S' | 'T' = ''): string {
  let [left, digits] = [n, ''];
  do {
    digits = (CROCKFORD[left % 32] ?? '0') + digits;
    left = Math.floor(left / 32);
  } while (left > 0);
  return `D1-${digits.padStart(26, '0')}${suffix}`;
}

export const anInstrument = (overrides: Partial<Instrument> = {}): Instrument => ({
  symbol: 'NQZ26-CME',
  root: 'NQ',
  name: 'E-mini Nasdaq-100',
  exchange: 'CME',
  group: 'equity',
  tickSize: 0.25,
  tickValue: moneyFromUsd(5),
  priceFormat: 'decimal',
  microRoot: 'MNQ',
  lastTradeDate: '2026-12-18',
  firstNoticeDate: null,
  calendar: 'always',
  initialMargin: moneyFromUsd(20_000),
  roundTurnFee: moneyFromUsd(4.6),
  slippageTicks: 2,
  ...overrides,
});

export const aConfig = (overrides: Partial<SizingConfig> = {}): SizingConfig => ({
  preset: 'Conservative',
  weights: { lstm: 0.4, ensemble: 0.6 },
  confidenceThreshold: 0.6,
  maxPredictionAgeMs: 90_000,
  maxQuoteAgeMs: 5_000,
  multiplier: { mode: 'dial', alpha: 0.7, beta: 0.05, max: 0.5 },
  fractionCap: 0.25,
  minFraction: 0.01,
  evidenceTrades: 30,
  payoffTrades: 10,
  calibrate: true,
  sample: { lookBackDays: 30, minTrades: 20, minWins: 5, minLosses: 5, scratchR: 0.05 },
  basis: 'stopOrAvgLoss',
  maxContracts: 5,
  maxRiskPerTrade: 0.05,
  maxHeat: 0.2,
  maxCluster: 0.15,
  rhoMin: 0.3,
  maxMarginShare: 0.8,
  evaluation: { contracts: 1, maxRisk: 0.01 },
  breakers: {
    dayLossHalt: 0.03,
    drawdownWarn: 0.1,
    drawdownHalt: 0.2,
    cusumWarn: 3,
    cusumHalt: 5,
    brierWarn: 0.25,
    calibrationErrorWarn: 0.1,
  },
  rollGuardDays: 5,
  expiryMs: 60_000,
  ...overrides,
});

export const aPrediction = (model: ModelId, overrides: Partial<Prediction> = {}): Prediction => ({
  model,
  symbol: 'NQZ26-CME',
  state: 'ok',
  direction: 1,
  confidence: model === 'lstm' ? 0.66 : 0.7,
  asOf: NOON,
  receivedAt: epochMs(NOON + 40),
  latencyMs: 12.5,
  modelVersion: { name: model, version: '1', featureSchema: 'f1', sha256: null },
  detail: null,
  ...overrides,
});

export const aSnapshot = (overrides: Partial<SizingSnapshot> = {}): SizingSnapshot => ({
  now: NOON,
  config: aConfig(),
  instrument: anInstrument(),
  opinions: { lstm: aPrediction('lstm'), ensemble: aPrediction('ensemble') },
  plan: { entry: ticks(84_001), stopDistance: 40, targetDistance: 60 },
  quote: {
    symbol: 'NQZ26-CME',
    bid: ticks(84_000),
    ask: ticks(84_001),
    last: ticks(84_001),
    asOf: NOON,
    receivedAt: epochMs(NOON + 5),
  },
  equity: moneyFromUsd(100_000),
  tradingState: 'active',
  lock: null,
  samples: [
    {
      scope: 'root',
      from: epochMs(NOON - 30 * 86_400_000),
      wins: 14,
      losses: 9,
      scratches: 1,
      sumWinR: 17.3,
      sumLossR: 8.8,
      averageLossPerContract: moneyFromUsd(212.4),
    },
  ],
  calibrator: { kind: 'platt', version: 'p1', a: 0.98, b: -0.03 },
  watch: { cusum: 0.8, resolved: 60, brier100: null, calibrationError100: null, dayLoss: 0, drawdown: 0.013 },
  exposures: [],
  rivals: [],
  correlations: {
    roots: ['ES', 'NQ'],
    rho: [
      [1, 0.92],
      [0.92, 1],
    ],
  },
  ...overrides,
});

/** A decision whose numbers are shaped like the engine's; it is not what the engine would answer. */
export const aDecision = (overrides: Partial<Decision> = {}): Decision => ({
  status: 'sized',
  direction: 1,
  contracts: 2,
  confidence: 0.7,
  winProbability: 0.684,
  winLossRatio: 1.2603,
  fullKelly: 0.43327,
  kellyFraction: 0.0721,
  riskPerContract: moneyFromUsd(214.6),
  risk: moneyFromUsd(429.2),
  riskFraction: 0.004292,
  heatBefore: 0,
  heatAfter: 0.004292,
  clusterBefore: null,
  clusterAfter: null,
  isRiskAdjusted: false,
  ladder: [
    { code: 'full-kelly', state: 'pass', fraction: 0.43327 },
    { code: 'cap', state: 'pass', cap: 0.25, isCapped: false, fraction: 0.0721 },
    { code: 'minimum', state: 'pass', minimum: 0.01, fraction: 0.0721 },
  ],
  walls: [
    {
      code: 'kelly',
      allowed: 2,
      unrounded: 2.6,
      unit: 'fraction',
      limit: 0.0721,
      atSize: 0.055,
      atOneMore: 0.083,
      binds: true,
      detail: null,
    },
  ],
  zero: null,
  warnings: [],
  ...overrides,
});

export const someTerms = (n: number, overrides: Partial<OrderTerms> = {}): OrderTerms => ({
  clientOrderId: orderId(n),
  recommendationId: `R${n}`,
  parentId: null,
  account: 'SIM1',
  symbol: 'NQZ26-CME',
  role: 'entry',
  direction: 1,
  type: 'limit',
  quantity: 2,
  price: ticks(84_001),
  timeInForce: 'day',
  ...overrides,
});

export const aFill = (execKey: string, overrides: Partial<Fill> = {}): Fill => ({
  execKey,
  venue: 'paper',
  account: 'SIM1',
  clientOrderId: null,
  symbol: 'NQZ26-CME',
  direction: 1,
  quantity: 1,
  price: ticks(84_001),
  fee: moneyFromUsd(2.3),
  at: NOON,
  receivedAt: epochMs(NOON + 20),
  ...overrides,
});

/** The venue's second word on a fill; null in `corrected` busts it. */
export const aCorrection = (
  fill: Fill,
  version: number,
  corrected: Partial<NonNullable<FillCorrection['corrected']>> | null,
): FillCorrection => ({
  venue: fill.venue,
  account: fill.account,
  execKey: fill.execKey,
  version,
  corrected:
    corrected === null
      ? null
      : {
          direction: fill.direction,
          quantity: fill.quantity,
          price: fill.price,
          fee: fill.fee,
          at: fill.at,
          ...corrected,
        },
  reason: corrected === null ? 'trade cancel' : 'trade correction',
});

export const anAnnotation = (overrides: Partial<AnnotationBody> = {}): AnnotationBody => ({
  tags: [],
  setup: null,
  mistakes: [],
  rating: null,
  note: '',
  screenshots: [],
  ...overrides,
});

export const aBar = (openAt: EpochMs, overrides: Partial<Bar> = {}): Bar => ({
  symbol: 'NQZ26-CME',
  timeframe: '1m',
  openAt,
  closeAt: epochMs(openAt + 60_000),
  open: ticks(84_000),
  high: ticks(84_010),
  low: ticks(83_990),
  close: ticks(84_004),
  volume: 120,
  ...overrides,
});

/** Puts a time on an event. */
export const at = (time: EpochMs, event: JournalEvent): NewEvent => ({ at: time, event });

/** Builders for whole events, valid by the journal's schema. */
export const events = {
  opened: (): JournalEvent => ({
    kind: 'opened',
    profile: 'simulation',
    mode: 'simulation',
    account: 'SIM1',
    initialEquity: moneyFromUsd(100_000),
    seed: 7,
  }),
  instrument: (overrides: Partial<Instrument> = {}): JournalEvent => ({
    kind: 'instrument',
    instrument: anInstrument(overrides),
  }),
  config: (): JournalEvent => ({ kind: 'config', config: aConfig(), actor: 'desk' }),
  decision: (n: number, overrides: { snapshot?: SizingSnapshot; decision?: Decision } = {}): JournalEvent => ({
    kind: 'decision',
    recommendationId: `R${n}`,
    snapshot: overrides.snapshot ?? aSnapshot(),
    decision: overrides.decision ?? aDecision(),
    entry: ticks(84_001),
    stop: ticks(83_961),
    target: ticks(84_061),
    expiresAt: epochMs(NOON + 60_000),
    engineVersion: '1',
    configVersion: 'conservative-0000000000000000',
  }),
  recommendation: (
    n: number,
    state: RecommendationState = 'approved',
    reason: TraderReason | null = null,
  ): JournalEvent => ({
    kind: 'recommendation',
    recommendationId: `R${n}`,
    state,
    actor: 'trader',
    contracts: 2,
    reason,
    allowedContracts: 2,
  }),
  outcome: (n: number): JournalEvent => ({
    ...({ kind: 'outcome', recommendationId: `R${n}`, symbol: 'NQZ26-CME', decidedAt: NOON, exit: 'target' } as const),
    ...{ exitPrice: ticks(84_061), exitAt: epochMs(NOON + 60_000), netPerContract: moneyFromUsd(300), r: 1.5 },
    ...{ combined: 0.68, probability: 0.68, suggested: 2, riskPerContract: moneyFromUsd(200) },
  }),
  intent: (terms: OrderTerms, plannedRiskUsd: number | null = 214.6): JournalEvent => ({
    kind: 'intent',
    terms,
    plannedRiskPerContract: plannedRiskUsd === null ? null : moneyFromUsd(plannedRiskUsd),
  }),
  order: (clientOrderId: string, event: OrderEvent): JournalEvent => ({ kind: 'order', clientOrderId, event }),
  fill: (fill: Fill): JournalEvent => ({ kind: 'fill', fill }),
  correction: (correction: FillCorrection): JournalEvent => ({ kind: 'fill-correction', correction }),
  annotation: (subject: Subject, body: Partial<AnnotationBody>): JournalEvent => ({
    kind: 'annotation',
    subject,
    body: anAnnotation(body),
    actor: 'trader',
  }),
  attachment: (sha256: string, size = 1_000): JournalEvent => ({
    kind: 'attachment',
    attachment: { sha256, mediaType: 'image/png', size },
  }),
  equity: (realisedUsd: number): JournalEvent => ({
    kind: 'equity',
    realised: moneyFromUsd(realisedUsd),
    openPnl: money(0),
  }),
  notice: (detail: string): JournalEvent => ({ kind: 'notice', level: 'info', title: 'Notice', detail }),
} as const;

/**
 * A whole small trade, decided, approved, sent, filled and closed at its target: ten events.
 * `n` makes the ids and the execution keys; `startAt` is the time of the decision.
 */
export function aRoundTrip(n: number, startAt: EpochMs = NOON): readonly NewEvent[] {
  const entry = someTerms(2 * n);
  const exit = someTerms(2 * n + 1, {
    role: 'target',
    direction: -1,
    parentId: entry.clientOrderId,
    price: ticks(84_061),
    recommendationId: `R${n}`,
  });
  const time = (ms: number): EpochMs => epochMs(startAt + ms);
  const fill = (terms: OrderTerms, key: string, ms: number): JournalEvent =>
    events.fill(
      aFill(key, {
        clientOrderId: terms.clientOrderId,
        direction: terms.direction,
        quantity: terms.quantity,
        price: terms.price ?? ticks(84_000),
        at: time(ms),
        receivedAt: time(ms + 15),
      }),
    );
  return [
    at(time(0), events.decision(n)),
    at(time(900), events.recommendation(n)),
    at(time(910), events.intent({ ...entry, recommendationId: `R${n}` })),
    at(time(911), events.order(entry.clientOrderId, { kind: 'send-attempt' })),
    at(time(912), events.intent(exit, null)),
    at(time(950), events.order(entry.clientOrderId, { kind: 'working', venueOrderId: `V${2 * n}` })),
    at(time(2_000), fill(entry, `E${n}`, 1_990)),
    at(time(2_010), events.order(exit.clientOrderId, { kind: 'working', venueOrderId: `V${2 * n + 1}` })),
    at(time(60_000), fill(exit, `X${n}`, 59_990)),
    at(time(60_010), events.equity(100_000)),
  ];
}
