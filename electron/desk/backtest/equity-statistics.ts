import type { EquityStatistics } from '#shared/domain/backtest.ts';
import type { Statistic, TradeStatistics } from '#shared/domain/performance.ts';
import { performance, type Performance, type UndefinedReason } from '#desk/engine/performance.ts';
import { deflatedSharpe, minTrackRecord, psr, type Trials } from '#desk/engine/sharpe.ts';
import { tradeStats } from '#desk/engine/trade-stats.ts';
import type { Result } from '#shared/result.ts';
import type { InvalidInput } from '#desk/engine/invalid-input.ts';

export const PERIODS_PER_YEAR = 252;
/** Fewer trades than this make no system quality number. */
const MIN_SQN_TRADES = 30;
const TRACK_CONFIDENCE = 0.95;
/** Equity cannot fall by more than all of it; what overshoots counts as almost all, so that logarithms stay finite. */
const ALMOST_ALL = -1 + 1e-9;

const REASONS: Readonly<Record<UndefinedReason, string>> = {
  NO_PERIODS: 'there is no day yet',
  ONE_PERIOD: 'one day has no spread',
  NO_VARIATION: 'the days do not differ',
  NO_DOWNSIDE: 'no day lost',
  NO_DRAWDOWN: 'equity never fell below a peak',
  EQUITY_NOT_POSITIVE: 'equity fell to nothing',
  OVERFLOW: 'the figure is too large',
};

const undefinedFor = (reason: string): Statistic => ({ value: null, reason });

const statistic = (value: number | null, reason: string): Statistic =>
  value === null || !Number.isFinite(value) ? undefinedFor(reason) : { value, reason: null };

/** Simple daily returns of closes (money), the first against the start; flat days are 0. */
export function returnsOf(start: number, closes: Float64Array): readonly number[] {
  let before = start;
  return Array.from(closes, (close) => {
    const change = before > 0 ? Math.max(ALMOST_ALL, close / before - 1) : 0;
    before = close;
    return change;
  });
}

type AnnualFigure = 'cagr' | 'calmar' | 'upi';

function figureOf(figures: Performance, name: keyof Performance['undefinedBecause']): Statistic {
  const because = figures.undefinedBecause[name];
  return statistic(figures[name], because === undefined ? 'not defined' : REASONS[because]);
}

/** Annualised growth of a few weeks is noise: it is not shown. */
const annual = (figures: Performance, name: AnnualFigure): Statistic =>
  figures.isTooShortToAnnualise
    ? undefinedFor(`annualising fewer than ${PERIODS_PER_YEAR / 4} days is noise`)
    : figureOf(figures, name);

const valueOf = <T>(result: Result<T, InvalidInput>): T | null => (result.ok ? result.value : null);

function sharpeFigures(
  { sharpePeriod: sharpe, skew, kurt, n }: Performance,
  trials: Trials,
): Pick<EquityStatistics, 'psr' | 'deflatedSharpe' | 'minTrackRecord'> {
  if (sharpe === null || skew === null || kurt === null) {
    const none = undefinedFor('needs days that differ');
    return { psr: none, deflatedSharpe: none, minTrackRecord: none };
  }
  const sample = { sharpe, skew, kurt, n };
  const deflated = valueOf(deflatedSharpe(sample, trials, PERIODS_PER_YEAR));
  const noVariance = 'the variance of the Sharpe ratio is not positive';
  return {
    psr: statistic(valueOf(psr(sample, 0)), noVariance),
    deflatedSharpe: statistic(deflated?.dsr ?? null, noVariance),
    minTrackRecord: statistic(
      valueOf(minTrackRecord(sample, 0, TRACK_CONFIDENCE)),
      sharpe <= 0 ? 'no length shows a Sharpe ratio above 0 that is not there' : noVariance,
    ),
  };
}

/**
 * Returns the statistics of a daily series, every undefined one with its reason.
 * @param returns simple, on equity marked to market, oldest first, flat days included
 * @source quant.md 7
 */
export function equityStatistics(returns: readonly number[], trials: Trials): EquityStatistics {
  const result = performance(returns, { periodsPerYear: PERIODS_PER_YEAR });
  if (!result.ok) throw new RangeError(`${result.error.field} is ${result.error.value}`);
  const figures = result.value;
  const flat = 'the days do not differ';
  return {
    days: returns.length,
    totalReturn: figures.totalReturn,
    cagr: annual(figures, 'cagr'),
    volatility: figureOf(figures, 'volAnn'),
    sharpe: figureOf(figures, 'sharpeAnn'),
    sortino: figureOf(figures, 'sortinoAnn'),
    maxDrawdown: figures.maxDrawdown,
    longestUnderwater: figures.maxUnderwaterPeriods,
    calmar: annual(figures, 'calmar'),
    ulcer: figures.ulcerIndexPct,
    upi: annual(figures, 'upi'),
    skew: statistic(figures.skew, flat),
    kurtosis: statistic(figures.kurt, flat),
    ...sharpeFigures(figures, trials),
  };
}

/** The annual Sharpe ratio of a daily series; null where it is not defined. */
export function sharpeOf(returns: readonly number[]): number | null {
  const result = performance(returns, { periodsPerYear: PERIODS_PER_YEAR });
  return result.ok ? result.value.sharpeAnn : null;
}

/** The trials a deflated Sharpe ratio counts: as many as there are policies, and how their annual ratios spread. */
export function trialsOf(sharpes: readonly (number | null)[]): Trials {
  const known = sharpes.filter((sharpe) => sharpe !== null);
  if (known.length < 2) return { count: Math.max(1, sharpes.length), varSharpeAnn: 0 };
  const mean = known.reduce((sum, sharpe) => sum + sharpe, 0) / known.length;
  const squares = known.reduce((sum, sharpe) => sum + (sharpe - mean) ** 2, 0);
  return { count: sharpes.length, varSharpeAnn: squares / (known.length - 1) };
}

/** Statistics of closed trades in R, in order of their exit. @source quant.md 7 */
export function tradeFigures(
  returnsR: readonly number[],
  scratchR: number,
): { readonly trades: TradeStatistics; readonly longestLosingStreak: number } {
  const result = tradeStats(returnsR, scratchR);
  if (!result.ok) throw new RangeError(`${result.error.field} is ${result.error.value}`);
  const s = result.value;
  const sqn =
    s.n < MIN_SQN_TRADES
      ? undefinedFor(`needs ${MIN_SQN_TRADES} trades`)
      : statistic(s.sqn100, 'needs trades that differ');
  return {
    longestLosingStreak: s.maxConsecLosses,
    trades: {
      trades: s.n,
      wins: s.wins,
      losses: s.losses,
      scratches: s.scratches,
      winRate: statistic(s.winRateExScratch, 'no trade won or lost yet'),
      payoff: statistic(s.payoffRatio, 'needs a win and a loss'),
      profitFactor: statistic(s.profitFactor, 'needs a loss'),
      expectancy: statistic(s.expectancy, 'no trades yet'),
      sqn,
    },
  };
}
