import { err, ok } from '#shared/result.ts';
import type { Result } from '#shared/result.ts';

import { firstInvalidItem, invalidInput } from './invalid-input.ts';
import type { InvalidInput } from './invalid-input.ts';
import { finiteOrNull } from './moments.ts';
import { neumaierSum } from './numerics.ts';

/** The growth-optimal fraction of the worst loss, by the history's own worst trade. */
export type OptimalF =
  | {
      readonly status: 'OK' | 'NO_EDGE';
      /** Fraction of equity put against the worst loss, in [0, 1); 0 without an edge. */
      readonly optimalF: number;
      /** Money of equity per contract, |worst loss|/f; null when f is 0. */
      readonly dollarsPerContract: number | null;
      /** Growth factor per trade at the optimum. */
      readonly geometricMean: number;
      /** Terminal wealth relative: the growth factor over all trades. */
      readonly twr: number;
    }
  | {
      /** Without a loss (or without trades) the fraction has no bound, and nothing may be sized from it. */
      readonly status: 'UNBOUNDED_NO_LOSS' | 'NO_TRADES';
      readonly optimalF: null;
      readonly dollarsPerContract: null;
      readonly geometricMean: null;
      readonly twr: null;
    };

const undefinedOptimum = (status: 'UNBOUNDED_NO_LOSS' | 'NO_TRADES'): OptimalF => ({
  status,
  optimalF: null,
  dollarsPerContract: null,
  geometricMean: null,
  twr: null,
});

const worstLoss = (trades: readonly number[]): number => -trades.reduce((worst, trade) => Math.min(worst, trade), 0);

/** Σ ln(1 + f·T/|worst|); −∞ where the worst trade takes everything. */
const logGrowth = (perWorst: readonly number[], f: number): number =>
  perWorst.some((x) => f * x <= -1) ? -Infinity : neumaierSum(perWorst.map((x) => Math.log1p(f * x)));

/**
 * Returns the terminal wealth relative Π(1 + f·T/|worst loss|) of a list of trades; 1 for no trades, null when no
 * trade lost.
 * @param trades P&L per trade, any one unit
 * @param f      fraction of equity against the worst loss, in [0, 1]
 * @errors 'invalid-input' when a figure is out of its domain
 * @source Vince, The Handbook of Portfolio Mathematics
 */
export function vinceTWR(trades: readonly number[], f: number): Result<number | null, InvalidInput> {
  const refusal = firstInvalidItem('trades', trades, Number.isFinite);
  if (refusal !== null) return err(refusal);
  if (!(f >= 0 && f <= 1)) return err(invalidInput('f', f));
  if (trades.length === 0) return ok(1);
  const worst = worstLoss(trades);
  return ok(worst === 0 ? null : finiteOrNull(trades.reduce((wealth, trade) => wealth * (1 + (f * trade) / worst), 1)));
}

/** The root of Σ x/(1 + f·x) on (0, 1) by halving to adjacent doubles; x = trade/|worst loss| ≥ −1, mean > 0. */
function optimum(perWorst: readonly number[]): number {
  const isRising = (f: number): boolean => neumaierSum(perWorst.map((x) => x / (1 + f * x))) > 0;
  let [low, high] = [0, 1];
  for (let middle = 0.5; middle > low && middle < high; middle = (low + high) / 2) {
    if (isRising(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/**
 * Returns Vince's optimal f: the empirical Kelly fraction times |worst loss|. It hangs on the single worst trade so
 * far, so it serves comparisons, not sizing.
 * @param trades P&L per trade, any one unit
 * @errors 'invalid-input' when a trade is not finite
 * @source Vince, The Handbook of Portfolio Mathematics: maximise Π(1 + f·T/|worst loss|)
 */
export function vinceOptimalF(trades: readonly number[]): Result<OptimalF, InvalidInput> {
  const refusal = firstInvalidItem('trades', trades, Number.isFinite);
  if (refusal !== null) return err(refusal);
  if (trades.length === 0) return ok(undefinedOptimum('NO_TRADES'));
  const worst = worstLoss(trades);
  if (worst === 0) return ok(undefinedOptimum('UNBOUNDED_NO_LOSS'));
  if (neumaierSum(trades) <= 0) {
    return ok({ status: 'NO_EDGE', optimalF: 0, dollarsPerContract: null, geometricMean: 1, twr: 1 });
  }
  const perWorst = trades.map((trade) => Math.min(Number.MAX_VALUE, trade / worst));
  const f = optimum(perWorst);
  const growth = logGrowth(perWorst, f);
  return ok({
    status: 'OK',
    optimalF: f,
    dollarsPerContract: finiteOrNull(worst / f),
    geometricMean: Math.min(Number.MAX_VALUE, Math.exp(growth / trades.length)),
    twr: Math.min(Number.MAX_VALUE, Math.exp(growth)),
  });
}
