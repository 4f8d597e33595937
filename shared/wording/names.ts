import { comparedPercents, countText, numberText } from '#shared/format/numbers.ts';
import type { WallCode } from '#shared/domain/decision.ts';
import type { SizingBasis, TradeSample } from '#shared/domain/sizing.ts';

const WALLS: Readonly<Record<WallCode, string>> = {
  kelly: 'Kelly',
  evaluation: 'evaluation size',
  'risk-ceiling': 'risk ceiling',
  'max-contracts': 'max contracts',
  'buying-power': 'buying power',
  heat: 'heat',
  cluster: 'correlated exposure',
};

/** Says whether a text is the code of a limit on contracts. */
export const isWallCode = (text: string): text is WallCode => Object.hasOwn(WALLS, text);

/** The name of a limit on contracts, as it stands inside a sentence. */
export const wallName = (code: WallCode): string => WALLS[code];

const SCOPES: Readonly<Record<TradeSample['scope'], string>> = {
  root: 'this market',
  group: 'its asset group',
  all: 'all markets',
};

/** Where the trades behind an estimate come from. */
export const scopeName = (scope: TradeSample['scope']): string => SCOPES[scope];

const BASES: Readonly<Record<SizingBasis, string>> = {
  stopOrAvgLoss: 'the larger of stop risk and average loss',
  stop: 'the stop risk',
  avgLoss: 'the average loss',
  margin: 'the margin',
  notional: 'the notional value',
};

/** What one contract stands for when a fraction of equity becomes contracts. */
export const basisName = (basis: SizingBasis): string => BASES[basis];

const BREAKERS: Readonly<Record<string, string>> = {
  'day-loss': 'daily loss',
  drawdown: 'drawdown',
  'consecutive-losses': 'losses in a row',
  drift: 'model drift',
  brier: 'Brier score',
  'calibration-error': 'calibration error',
  'watch-invalid': 'unreadable risk measurements',
  'prediction-age': 'age of the predictions',
};

/** The name of a breaker; a code without one is shown with its dashes opened. */
export const breakerName = (code: string): string => BREAKERS[code] ?? code.replaceAll('-', ' ');

/** Reading and limit of a breaker in its own unit, such that the texts compare the way the numbers do. */
export function breakerFigures(code: string, value: number, limit: number): readonly [string, string] {
  if (code === 'consecutive-losses') return [countText(value), countText(limit)];
  if (code !== 'day-loss' && code !== 'drawdown') return [numberText(value, 2), numberText(limit, 2)];
  const texts = comparedPercents(value, limit);
  return [texts.value, texts.limit];
}

const MODELS: Readonly<Record<string, string>> = { lstm: 'LSTM', ensemble: 'ensemble' };

/** The name of a model, or of several listed with commas: "LSTM and ensemble". */
export const modelNames = (subject: string): string =>
  subject
    .split(', ')
    .map((code) => MODELS[code] ?? code)
    .join(' and ');

/** Joins names: "a", "a and b", "a, b and c". */
export const listText = (names: readonly string[]): string =>
  names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;

/** A count with its noun: "1 contract", "5 contracts", "2 entries". */
export const countedText = (count: number, noun: string, nouns = `${noun}s`): string =>
  `${count} ${count === 1 ? noun : nouns}`;
