import { err, ok } from '#shared/result.ts';
import type { Result } from '#shared/result.ts';

import { firstInvalidItem, invalidInput } from './invalid-input.ts';
import type { InvalidInput } from './invalid-input.ts';
import { finiteOrNull, moments } from './moments.ts';
import { meanOf, neumaierSum } from './numerics.ts';

/** Trades beyond this many no longer raise the capped system quality number. */
const SQN_CAP = 100;

/** Statistics of a list of trades in R. Undefined is null. */
export type TradeStats = {
  readonly n: number;
  readonly wins: number;
  readonly losses: number;
  readonly scratches: number;
  /** Wins over all trades, scratches included. */
  readonly winRate: number | null;
  /** Wins over wins and losses; null when every trade is a scratch. */
  readonly winRateExScratch: number | null;
  /** Σ wins/Σ |losses|; null without losses. */
  readonly profitFactor: number | null;
  /** Mean R of all trades, scratches included. */
  readonly expectancy: number | null;
  /** Average win over average loss; null unless both exist. */
  readonly payoffRatio: number | null;
  readonly avgWin: number | null;
  /** Positive. */
  readonly avgLoss: number | null;
  readonly sdR: number | null;
  /** √n·mean/sd. */
  readonly sqn: number | null;
  /** √min(n, 100)·mean/sd. */
  readonly sqn100: number | null;
  readonly maxConsecWins: number;
  readonly maxConsecLosses: number;
};

/** Longest run of one sign; anything else, a scratch included, ends it. */
function longestStreak(outcomes: readonly number[], sign: number): number {
  let current = 0;
  return outcomes.reduce((longest, outcome) => {
    current = outcome === sign ? current + 1 : 0;
    return Math.max(longest, current);
  }, 0);
}

const ratio = (numerator: number | null, denominator: number | null): number | null =>
  numerator === null || denominator === null ? null : finiteOrNull(numerator / denominator);

function systemQuality(expectancy: number | null, sd: number | null, trades: number): number | null {
  const perTrade = ratio(expectancy, sd);
  return perTrade === null ? null : Math.sqrt(trades) * perTrade;
}

/**
 * Returns the statistics of closed trades in R, in the order they closed.
 * @param R        net P&L over planned risk, per trade
 * @param scratchR a trade with |R| ≤ scratchR is neither a win nor a loss, ≥ 0
 * @errors 'invalid-input' when an R is not finite or scratchR is negative or not finite
 * @source Tharp (system quality number)
 */
export function tradeStats(R: readonly number[], scratchR = 0): Result<TradeStats, InvalidInput> {
  const refusal = firstInvalidItem('R', R, Number.isFinite);
  if (refusal !== null) return err(refusal);
  if (!(Number.isFinite(scratchR) && scratchR >= 0)) return err(invalidInput('scratchR', scratchR));
  const n = R.length;
  const outcomes = R.map((r) => (Math.abs(r) <= scratchR ? 0 : Math.sign(r)));
  const winners = R.filter((_, i) => outcomes[i] === 1);
  const losers = R.filter((_, i) => outcomes[i] === -1).map((r) => -r);
  const { mean: expectancy, sdSample: sdR } = moments(R);
  return ok({
    n,
    wins: winners.length,
    losses: losers.length,
    scratches: n - winners.length - losers.length,
    winRate: ratio(winners.length, n),
    winRateExScratch: ratio(winners.length, winners.length + losers.length),
    profitFactor: ratio(neumaierSum(winners), neumaierSum(losers)),
    expectancy,
    payoffRatio: ratio(meanOf(winners), meanOf(losers)),
    avgWin: meanOf(winners),
    avgLoss: meanOf(losers),
    sdR,
    sqn: systemQuality(expectancy, sdR, n),
    sqn100: systemQuality(expectancy, sdR, Math.min(n, SQN_CAP)),
    maxConsecWins: longestStreak(outcomes, 1),
    maxConsecLosses: longestStreak(outcomes, -1),
  });
}
