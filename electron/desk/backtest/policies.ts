import { recommendedFraction } from '#desk/engine/recommended-fraction.ts';
import type { FractionRequest } from '#desk/engine/recommended-fraction.ts';
import { COMPARISON_TOLERANCE, neumaierSum } from '#desk/engine/numerics.ts';

import type { ClosedTrade, DecisionContext, SizedDecision, SizingPolicy } from './walk-forward.ts';

/** Whole contracts that a fraction of equity pays for at this risk per contract, rounded down; 0 without equity. */
export function contractsForFraction(fraction: number, { equity, riskPerContract }: DecisionContext): number {
  if (equity <= 0 || fraction <= 0) return 0;
  return Math.floor((fraction * equity) / riskPerContract + COMPARISON_TOLERANCE);
}

/** Always the same number of contracts. */
export const fixedContracts = (contracts: number): SizingPolicy => ({
  name: `fixed ${contracts}`,
  size: () => ({ contracts, status: 'OK', fraction: null }),
});

/** The same share of equity at risk in every trade. */
export const fixedFractional = (fraction: number): SizingPolicy => ({
  name: `fixed fractional ${fraction}`,
  size: (context) => ({ contracts: contractsForFraction(fraction, context), status: 'OK', fraction }),
});

/** What the Kelly scheme needs beside the trades. */
export type KellyPolicySettings = Pick<FractionRequest, 'limits' | 'evidenceTrades' | 'payoffTrades' | 'minimum'> & {
  /** Trades with |R| at or below this count neither as wins nor as losses. */
  readonly scratchR: number;
  /** Only trades closed later than this long before the decision count; null: all. In the opportunities' time unit. */
  readonly lookBack: number | null;
  /** Resolved predictions at a moment; null: never fewer than the trades. */
  readonly resolvedPredictions: ((at: number) => number) | null;
  /** Ceiling of the equity share at risk per trade; null: none. */
  readonly riskCap: number | null;
  /** Contracts while the sample is too small to estimate from. */
  readonly evaluation: {
    readonly contracts: number;
    /** Largest share of equity those contracts may risk, else none is taken; null: no such rule. */
    readonly maxRisk: number | null;
  };
};

const inWindow = ({ closed, at }: DecisionContext, lookBack: number | null): readonly ClosedTrade[] =>
  lookBack === null ? closed : closed.filter((trade) => trade.closedAt > at - lookBack);

/** Wins and losses in R, scratches out of both. */
function sampleOf(trades: readonly ClosedTrade[], scratchR: number): FractionRequest['sample'] {
  const wins = trades.filter((trade) => trade.R > scratchR).map((trade) => trade.R);
  const losses = trades.filter((trade) => trade.R < -scratchR).map((trade) => -trade.R);
  return {
    wins: wins.length,
    sumWins: neumaierSum(wins),
    losses: losses.length,
    sumLosses: neumaierSum(losses),
  };
}

function evaluation(
  context: DecisionContext,
  { contracts, maxRisk }: KellyPolicySettings['evaluation'],
): SizedDecision {
  const affordable = maxRisk === null ? Infinity : contractsForFraction(maxRisk, context);
  const isAllowed = context.equity > 0 && contracts <= affordable;
  return { contracts: isAllowed ? contracts : 0, status: 'EVALUATION', fraction: null };
}

/**
 * The conservative Kelly scheme on the trades a decision may see: payoff and edge shrunk, multiplier, cap and minimum,
 * then the ceiling per trade; a fixed number of contracts while the sample is too small.
 * Out-of-domain settings or probabilities throw: the journal was validated before.
 */
export const kellyPolicy = (name: string, settings: KellyPolicySettings): SizingPolicy => ({
  name,
  size: (context) => {
    const sample = sampleOf(inWindow(context, settings.lookBack), settings.scratchR);
    const result = recommendedFraction({
      ...settings,
      winProbability: context.winProbability,
      sample,
      resolvedPredictions: settings.resolvedPredictions?.(context.at) ?? Number.MAX_SAFE_INTEGER,
    });
    if (!result.ok) throw new RangeError(`${name}: ${result.error.field} is ${result.error.value}`);
    const { status, fraction } = result.value;
    if (status === 'INSUFFICIENT_SAMPLE') return evaluation(context, settings.evaluation);
    const ceiling = settings.riskCap === null ? Infinity : contractsForFraction(settings.riskCap, context);
    return { contracts: Math.min(contractsForFraction(fraction, context), ceiling), status, fraction };
  },
});
