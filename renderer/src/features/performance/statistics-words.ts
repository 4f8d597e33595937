import type { EquityStatistics } from '#shared/domain/backtest.ts';
import type { PerformanceHistory } from '#shared/domain/performance-history.ts';
import type { Statistic, TradeStatistics } from '#shared/domain/performance.ts';
import { countText, numberText, percentText, ratioText, rText, signedPercentText } from '#shared/format/numbers.ts';

const sure = (value: number): Statistic => ({ value, reason: null });

/** One statistic: its name, how it is reckoned, and what it is. */
export type Line<Source> = {
  readonly name: string;
  readonly how: string;
  readonly of: (source: Source) => Statistic;
  readonly write: (value: number) => string;
};

const percent = (value: number): string => percentText(value, 2);
const days = (value: number): string => `${countText(value)} ${value === 1 ? 'day' : 'days'}`;

/**
 * The statistics of a book, of simple returns from day end to day end, flat days included; N = 252 days a year.
 * @source quant.md 7
 */
export const BOOK_LINES: readonly Line<EquityStatistics>[] = [
  {
    name: 'Return',
    how: 'last equity over first, less one; net of costs',
    of: (s) => sure(s.totalReturn),
    write: (value) => signedPercentText(value),
  },
  {
    name: 'CAGR',
    how: '(last equity / first)^(252 / days) − 1; not shown under 63 days, where it is noise',
    of: (s) => s.cagr,
    write: (value) => signedPercentText(value),
  },
  {
    name: 'Volatility',
    how: 'standard deviation of daily returns (n − 1) times √252',
    of: (s) => s.volatility,
    write: percent,
  },
  {
    name: 'Sharpe',
    how: 'mean daily return over its standard deviation, times √252; too high where days follow each other',
    of: (s) => s.sharpe,
    write: ratioText,
  },
  {
    name: 'Sortino',
    how: 'mean over downside deviation √(Σ min(0, r)² / n), over all n days and not only those that lost, times √252',
    of: (s) => s.sortino,
    write: ratioText,
  },
  {
    name: 'Max drawdown',
    how: 'deepest fall from a peak, the start included, at day ends; a fall while a trade was open is not in it',
    of: (s) => sure(s.maxDrawdown),
    write: (value) => percentText(value === 0 ? 0 : -value),
  },
  {
    name: 'Longest under water',
    how: 'most days in a row below a peak; a stretch that is still open counts',
    of: (s) => sure(s.longestUnderwater),
    write: days,
  },
  { name: 'Calmar', how: 'CAGR over max drawdown, of the whole history', of: (s) => s.calmar, write: ratioText },
  {
    name: 'Ulcer index',
    how: '100·√(mean squared drawdown) over all day ends: deep and long falls weigh more',
    of: (s) => sure(s.ulcer),
    write: (value) => numberText(value, 2),
  },
  { name: 'UPI', how: 'CAGR over the ulcer index as a share', of: (s) => s.upi, write: ratioText },
  {
    name: 'Skew',
    how: 'third moment of daily returns; below zero: the large days are losses',
    of: (s) => s.skew,
    write: ratioText,
  },
  {
    name: 'Kurtosis',
    how: 'fourth moment, 3 for a normal distribution (not the excess over 3)',
    of: (s) => s.kurtosis,
    write: ratioText,
  },
  {
    name: 'PSR',
    how: 'probability that the true Sharpe ratio is above 0, from the daily ratio, its length, skew and kurtosis',
    of: (s) => s.psr,
    write: (value) => percentText(value, 1, 'down'),
  },
  {
    name: 'Deflated Sharpe',
    how: 'the same against the best ratio three books without skill would show',
    of: (s) => s.deflatedSharpe,
    write: (value) => percentText(value, 1, 'down'),
  },
  {
    name: 'Least track record',
    how: 'days until a Sharpe ratio above 0 is shown at 95 %',
    of: (s) => s.minTrackRecord,
    write: (value) => days(Math.ceil(value)),
  },
];

type TradesSource = Pick<PerformanceHistory, 'trades' | 'longestLosingStreak'>;
const own = (read: (trades: TradeStatistics) => Statistic) => (source: TradesSource) => read(source.trades);

/** The statistics of your closed trades in R: net result over the planned loss at the stop. @source quant.md 7 */
export const TRADE_LINES: readonly Line<TradesSource>[] = [
  {
    name: 'Trades',
    how: 'closed, with a planned stop; one within ±0.05 R of zero is a scratch (the desk’s setting)',
    of: own((t) => sure(t.trades)),
    write: countText,
  },
  {
    name: 'Won, lost, scratch',
    how: 'the three add up to the trades',
    of: own((t) => sure(t.wins)),
    write: countText,
  },
  {
    name: 'Win rate',
    how: 'wins over wins and losses; scratches are left out',
    of: own((t) => t.winRate),
    write: (value) => percentText(value, 1),
  },
  { name: 'Payoff', how: 'mean win over mean loss, scratches left out', of: own((t) => t.payoff), write: ratioText },
  { name: 'Profit factor', how: 'sum of wins over sum of losses', of: own((t) => t.profitFactor), write: ratioText },
  { name: 'Expectancy', how: 'mean R of all trades, scratches included', of: own((t) => t.expectancy), write: rText },
  {
    name: 'SQN',
    how: '√(trades, at most 100) · mean R over its standard deviation; a t-statistic, not shown under 30 trades',
    of: own((t) => t.sqn),
    write: ratioText,
  },
  {
    name: 'Longest losing streak',
    how: 'losses in a row; a scratch ends it',
    of: (source) => sure(source.longestLosingStreak),
    write: countText,
  },
];
