import type { Decision } from '#shared/domain/decision.ts';

export type FiguresAt = {
  /** Loss at the stop, as a positive amount of 1e-4 USD. */
  readonly risk: number;
  readonly riskFraction: number;
  readonly heatAfter: number;
  readonly clusterAfter: number | null;
  /** How `clusterAfter` stands to the truth: it is only known at the decided size. */
  readonly clusterBound: 'exact' | 'at-most' | 'at-least';
};

/**
 * The decision's own figures shown for another number of contracts. Risk and heat are proportional to contracts by
 * definition, and heat is added to what the book carries now (`heatNow`), which may be more than when the decision was
 * made; correlated exposure only never falls when the size grows, so the decided figure bounds it.
 */
export function atContracts(decision: Decision, contracts: number, heatNow = decision.heatBefore): FiguresAt {
  const share = decision.contracts === 0 ? 0 : contracts / decision.contracts;
  return {
    risk: decision.riskPerContract === null ? decision.risk : decision.riskPerContract * contracts,
    riskFraction: decision.riskFraction * share,
    heatAfter: heatNow + (decision.heatAfter - decision.heatBefore) * share,
    clusterAfter: decision.clusterAfter,
    clusterBound: share === 1 ? 'exact' : share < 1 ? 'at-most' : 'at-least',
  };
}
