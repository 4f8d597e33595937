import type { StandingVerdict, VerdictReading } from '#shared/domain/backtest.ts';
import { epochMs, type EpochMs } from '#shared/units.ts';
import type { Trials } from '#desk/engine/sharpe.ts';
import { PERIODS_PER_YEAR } from './equity-statistics.ts';
import { sizingVerdict, type SizingVerdict, type Verdict } from './verdict.ts';

const CODES: Readonly<Record<Verdict, VerdictReading['code']>> = {
  INSUFFICIENT: 'insufficient',
  'KELLY BETTER': 'kelly-better',
  'FIXED BETTER': 'fixed-better',
  INCONCLUSIVE: 'inconclusive',
};

/** Two books and a benchmark of contracts over the same days, and when the decisions behind them were. */
export type VerdictSeries = {
  /** Session days as YYYY-MM-DD, and the end of each. */
  readonly days: readonly string[];
  readonly endsAt: readonly number[];
  /** Simple daily returns, one per day. */
  readonly kelly: readonly number[];
  readonly fixedFraction: readonly number[];
  readonly fixedContracts: readonly number[];
  /** Times of the decisions both books sized, oldest first. */
  readonly decidedAt: readonly number[];
  readonly trials: Trials;
  readonly seed: number;
};

const NO_INTERVAL = { value: null, lower: null, upper: null } as const;

const EMPTY: VerdictReading = {
  code: 'insufficient',
  at: null,
  decisions: 0,
  days: 0,
  growth: NO_INTERVAL,
  pOneSided: null,
  growthVsContracts: NO_INTERVAL,
  sharpeDifference: NO_INTERVAL,
  deflatedSharpe: null,
  drawdownRatio: null,
  memmelZ: null,
  correlation: null,
  daysNeeded: null,
  daysStillNeeded: null,
  conditions: {
    hasEnoughDecisions: false,
    hasEnoughDays: false,
    growsFaster: false,
    sharpeHolds: false,
    survivesDeflation: false,
    drawdownHolds: false,
    growsSlower: false,
  },
  proposedMultiplier: null,
};

function readingOf(verdict: SizingVerdict, at: EpochMs): VerdictReading {
  const { growth, growthVsFixedContracts, comparison, n80 } = verdict;
  const needed = n80 === null || !Number.isFinite(n80) ? null : n80;
  const left = needed === null ? null : Math.max(0, Math.ceil(needed - verdict.days));
  return {
    code: CODES[verdict.verdict],
    at,
    decisions: verdict.decisions,
    days: verdict.days,
    growth: { value: growth.mean, lower: growth.lower, upper: growth.upper },
    pOneSided: growth.pOneSided,
    growthVsContracts:
      growthVsFixedContracts === null
        ? NO_INTERVAL
        : {
            value: growthVsFixedContracts.mean,
            lower: growthVsFixedContracts.lower,
            upper: growthVsFixedContracts.upper,
          },
    sharpeDifference: verdict.sharpeDifference,
    deflatedSharpe: verdict.deflated?.dsr ?? null,
    drawdownRatio: verdict.maxDrawdownFixed > 0 ? verdict.maxDrawdownKelly / verdict.maxDrawdownFixed : null,
    memmelZ: comparison.memmelZ,
    correlation: comparison.corr,
    daysNeeded: needed,
    daysStillNeeded: left !== null && Number.isSafeInteger(left) ? left : null,
    conditions: verdict.conditions,
    proposedMultiplier: verdict.proposal?.multiplier ?? null,
  };
}

/** The rule on the first `count` days. */
function readAt(series: VerdictSeries, count: number): VerdictReading {
  const endsAt = series.endsAt[count - 1];
  if (endsAt === undefined) return EMPTY;
  const until = (returns: readonly number[]): readonly number[] => returns.slice(0, count);
  const result = sizingVerdict({
    kelly: until(series.kelly),
    averageFraction: until(series.fixedFraction),
    fixedContracts: until(series.fixedContracts),
    decisions: series.decidedAt.filter((at) => at < endsAt).length,
    trials: series.trials,
    periodsPerYear: PERIODS_PER_YEAR,
    seed: series.seed,
  });
  if (!result.ok) throw new RangeError(`${result.error.field} is ${result.error.value}`);
  return readingOf(result.value, epochMs(endsAt));
}

/** Days up to the end of the last month that another one follows; 0 before the first. */
export function wholeMonths(days: readonly string[]): number {
  const month = days.at(-1)?.slice(0, 7);
  return days.filter((day) => day.slice(0, 7) !== month).length;
}

/**
 * Returns the verdict that stands (as of the end of the last whole month: asking every day inflates false positives)
 * and the reading of the last day, which decides nothing.
 * @source quant.md 7.1
 */
export function standingVerdict(series: VerdictSeries): Pick<StandingVerdict, 'standing' | 'running'> {
  const count = wholeMonths(series.days);
  return {
    standing: count === 0 ? null : readAt(series, count),
    running: readAt(series, series.days.length),
  };
}
