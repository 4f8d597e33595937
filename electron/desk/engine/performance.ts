import { err, ok } from '#shared/result.ts';
import type { Result } from '#shared/result.ts';

import { drawdown } from './drawdown.ts';
import type { Drawdown } from './drawdown.ts';
import { firstInvalidItem, invalidInput } from './invalid-input.ts';
import type { InvalidInput } from './invalid-input.ts';
import { moments } from './moments.ts';
import type { Moments } from './moments.ts';
import { neumaierSum } from './numerics.ts';

/** Why a statistic is null. */
export type UndefinedReason =
  'NO_PERIODS' | 'ONE_PERIOD' | 'NO_VARIATION' | 'NO_DOWNSIDE' | 'NO_DRAWDOWN' | 'EQUITY_NOT_POSITIVE' | 'OVERFLOW';

type Ratios = {
  readonly cagr: number | null;
  /** Standard deviation (n − 1) times √N. */
  readonly volAnn: number | null;
  readonly sharpePeriod: number | null;
  readonly sharpeAnn: number | null;
  /** √(Σ min(0, r − MAR)²/n) over all n periods. */
  readonly downsideDev: number | null;
  readonly sortinoAnn: number | null;
  readonly calmar: number | null;
  /** CAGR over the ulcer index as a fraction. */
  readonly upi: number | null;
};

/** Statistics of one equity curve. Per-period unless the name says annual; undefined is null with its reason. */
export type Performance = Moments &
  Drawdown &
  Ratios & {
    /** Final equity per unit of starting equity. */
    readonly finalEquity: number;
    readonly totalReturn: number;
    /** True below a quarter of a year: annual figures are then noise, and a display hides them. */
    readonly isTooShortToAnnualise: boolean;
    readonly undefinedBecause: Readonly<Partial<Record<keyof Ratios, UndefinedReason>>>;
  };

export type PerformanceSettings = {
  /** Periods per year N, > 0: 252 for trading days. */
  readonly periodsPerYear: number;
  /** Risk-free return per period. */
  readonly riskFree?: number;
  /** Minimum acceptable return per period, for Sortino. */
  readonly minimumAcceptable?: number;
};

type Figure = number | UndefinedReason;

/** Equity per unit of start: n + 1 points from n simple returns, oldest first. */
export function equityCurve(returns: readonly number[]): readonly number[] {
  let equity = 1;
  return [1, ...returns.map((r) => (equity *= 1 + r))];
}

/** (E_n/E_0)^(N/n) − 1, through logarithms; total loss is −1 and a negative equity has no growth rate. */
function growthPerYear(returns: readonly number[], finalEquity: number, periodsPerYear: number): Figure {
  if (returns.length === 0) return 'NO_PERIODS';
  if (finalEquity === 0) return -1;
  if (returns.some((r) => r <= -1)) return 'EQUITY_NOT_POSITIVE';
  const growth = Math.expm1((periodsPerYear / returns.length) * neumaierSum(returns.map((r) => Math.log1p(r))));
  return Number.isFinite(growth) ? growth : 'OVERFLOW';
}

const isFigure = (figure: Figure): figure is number => typeof figure === 'number';

const over = (numerator: Figure, denominator: number, whenZero: UndefinedReason): Figure => {
  if (!isFigure(numerator)) return numerator;
  return denominator === 0 ? whenZero : numerator / denominator;
};

const times = (figure: Figure, factor: number): Figure => (isFigure(figure) ? figure * factor : figure);

function sharpeOf({ mean, sdSample }: Moments, riskFree: number): Figure {
  if (mean === null) return 'NO_PERIODS';
  return sdSample === null ? 'ONE_PERIOD' : over(mean - riskFree, sdSample, 'NO_VARIATION');
}

function downsideOf(returns: readonly number[], minimumAcceptable: number): Figure {
  if (returns.length === 0) return 'NO_PERIODS';
  const shortfalls = returns.map((r) => Math.min(0, r - minimumAcceptable) ** 2);
  return Math.sqrt(neumaierSum(shortfalls) / returns.length);
}

type RatioInputs = {
  readonly returns: readonly number[];
  readonly shape: Moments;
  readonly fall: Drawdown;
  readonly cagr: Figure;
  readonly settings: Required<PerformanceSettings>;
};

function ratiosOf({ returns, shape, fall, cagr, settings }: RatioInputs): Record<keyof Ratios, Figure> {
  const perYear = Math.sqrt(settings.periodsPerYear);
  const sharpe = sharpeOf(shape, settings.riskFree);
  const downside = downsideOf(returns, settings.minimumAcceptable);
  const excess: Figure = shape.mean === null ? 'NO_PERIODS' : shape.mean - settings.minimumAcceptable;
  return {
    cagr,
    volAnn: times(shape.sdSample ?? (shape.n === 0 ? 'NO_PERIODS' : 'ONE_PERIOD'), perYear),
    sharpePeriod: sharpe,
    sharpeAnn: times(sharpe, perYear),
    downsideDev: downside,
    sortinoAnn: times(isFigure(downside) ? over(excess, downside, 'NO_DOWNSIDE') : downside, perYear),
    calmar: over(cagr, fall.maxDrawdown, 'NO_DRAWDOWN'),
    upi: over(cagr, fall.ulcerIndexPct / 100, 'NO_DRAWDOWN'),
  };
}

const RATIO_NAMES = [
  'cagr',
  'volAnn',
  'sharpePeriod',
  'sharpeAnn',
  'downsideDev',
  'sortinoAnn',
  'calmar',
  'upi',
] as const satisfies readonly (keyof Ratios)[];

/** Splits figures into numbers (null where undefined) and reasons. */
function separate(figures: Record<keyof Ratios, Figure>): Ratios & Pick<Performance, 'undefinedBecause'> {
  const value = (name: keyof Ratios): number | null => {
    const figure = figures[name];
    return isFigure(figure) && Number.isFinite(figure) ? figure : null;
  };
  const reasons = RATIO_NAMES.flatMap((name) => {
    const figure = figures[name];
    if (!isFigure(figure)) return [[name, figure] as const];
    return Number.isFinite(figure) ? [] : [[name, 'OVERFLOW'] as const];
  });
  return {
    cagr: value('cagr'),
    volAnn: value('volAnn'),
    sharpePeriod: value('sharpePeriod'),
    sharpeAnn: value('sharpeAnn'),
    downsideDev: value('downsideDev'),
    sortinoAnn: value('sortinoAnn'),
    calmar: value('calmar'),
    upi: value('upi'),
    undefinedBecause: Object.fromEntries(reasons),
  };
}

/**
 * Returns the statistics of a series of simple per-period returns on equity, oldest first, flat periods included.
 * @errors 'invalid-input' when a return is not finite or periodsPerYear is not positive
 * @source Sharpe 1994; Sortino and van der Meer 1991 (downside over all n); Martin and McCann 1989; Young 1991
 */
export function performance(
  returns: readonly number[],
  settings: PerformanceSettings,
): Result<Performance, InvalidInput> {
  const { periodsPerYear, riskFree = 0, minimumAcceptable = 0 } = settings;
  if (!(Number.isFinite(periodsPerYear) && periodsPerYear > 0))
    return err(invalidInput('periodsPerYear', periodsPerYear));
  const refusal =
    firstInvalidItem('returns', returns, Number.isFinite) ??
    firstInvalidItem('settings', [riskFree, minimumAcceptable], Number.isFinite);
  if (refusal !== null) return err(refusal);
  const equity = equityCurve(returns);
  const finalEquity = equity.at(-1) ?? 1;
  if (!Number.isFinite(finalEquity)) return err(invalidInput('finalEquity', finalEquity));
  const shape = moments(returns);
  const fall = drawdown(equity);
  const cagr = growthPerYear(returns, finalEquity, periodsPerYear);
  const full = { periodsPerYear, riskFree, minimumAcceptable };
  return ok({
    ...shape,
    ...fall,
    ...separate(ratiosOf({ returns, shape, fall, cagr, settings: full })),
    finalEquity,
    totalReturn: finalEquity - 1,
    isTooShortToAnnualise: returns.length < periodsPerYear / 4,
  });
}
