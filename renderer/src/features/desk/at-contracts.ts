import type { Decision } from '#shared/domain/decision.ts';

export type FiguresAt = {
  /** Loss at the stop, as a positive amount of 1e-4 USD. */
  readonly risk: number;
  readonly riskFraction: number;
  readonly heatAfter: number;
  readonly clusterAfter: number | null;
  /** True where `clusterAfter` is only known not to be exceeded. */
  readonly isClusterCeiling: boolean;
};

/**
 * The decision's own figures shown for fewer contracts. Risk and heat are proportional to contracts by definition;
 * correlated exposure only never rises when the size falls, so the decided figure stands as a ceiling.
 */
export function atContracts(decision: Decision, contracts: number): FiguresAt {
  const share = decision.contracts === 0 ? 0 : contracts / decision.contracts;
  return {
    risk: decision.riskPerContract === null ? decision.risk : decision.riskPerContract * contracts,
    riskFraction: decision.riskFraction * share,
    heatAfter: decision.heatBefore + (decision.heatAfter - decision.heatBefore) * share,
    clusterAfter: decision.clusterAfter,
    isClusterCeiling: share < 1,
  };
}
