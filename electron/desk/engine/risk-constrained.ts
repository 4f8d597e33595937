import { err, ok } from '#shared/result.ts';
import type { Result } from '#shared/result.ts';

import { firstInvalid } from './invalid-input.ts';
import type { InvalidInput } from './invalid-input.ts';
import { kellyEmpirical } from './kelly-empirical.ts';
import { neumaierSum } from './numerics.ts';

/** "Wealth may fall below `alpha` of its start with a probability below `beta`", both in (0, 1). */
export type DrawdownDial = { readonly alpha: number; readonly beta: number };

const isOpenShare = (x: number): boolean => x > 0 && x < 1;

/**
 * Exponent λ = ln β / ln α of the risk constraint.
 * @errors 'invalid-input' when α or β is outside (0, 1)
 * @source Busseti, Ryu & Boyd 2016, "Risk-Constrained Kelly Gambling"
 */
export function rckLambda({ alpha, beta }: DrawdownDial): Result<number, InvalidInput> {
  const invalid = firstInvalid([
    ['alpha', alpha, isOpenShare(alpha)],
    ['beta', beta, isOpenShare(beta)],
  ]);
  return invalid === null ? ok(Math.log(beta) / Math.log(alpha)) : err(invalid);
}

/**
 * `bound` is the largest fraction that keeps the promise, `kelly` the growth-optimal one, `fraction` the smaller of them,
 * all per 1R of planned risk. Without a losing outcome nothing is bounded and nothing may be sized.
 */
export type RiskConstrainedKelly =
  | {
      readonly status: 'OK' | 'NO_EDGE';
      readonly lambda: number;
      readonly bound: number;
      readonly kelly: number;
      readonly fraction: number;
      /** fraction / kelly, the multiplier this amounts to; null without an edge. */
      readonly equivalentFraction: number | null;
    }
  | { readonly status: 'UNBOUNDED_NO_LOSS'; readonly lambda: number };

type Outcome = { readonly r: number; readonly weight: number };

/** exp overflows beyond this; one such outcome alone breaks the constraint. */
const MAX_EXPONENT = 700;

/** Enough to reach neighbouring doubles from the widest bracket. */
const MAX_BISECTIONS = 1_100;

/** E[(1 + fR)^−λ] − 1 by expm1 and log1p, precise where both are near 0; weights sum to 1. */
export function riskExcess(outcomes: readonly Outcome[], fraction: number, lambda: number): number {
  const exponents = outcomes.map(({ r }) => -lambda * Math.log1p(fraction * r));
  if (exponents.some((x) => !(x < MAX_EXPONENT))) return Infinity;
  return neumaierSum(exponents.map((x, i) => (outcomes[i]?.weight ?? 0) * Math.expm1(x)));
}

/**
 * Largest f in (0, 1/|R_min|) with E[(1 + fR)^−λ] ≤ 1. The expectation is convex in f, is 1 at f = 0 and falls there
 * when there is an edge, so it crosses 1 once more; the returned end of the bracket is the feasible one. R is taken in
 * units of the largest loss, so that the ruinous fraction is exactly 1.
 */
function largestFeasible(outcomes: readonly Outcome[], lambda: number): number {
  const worst = -Math.min(...outcomes.map(({ r }) => r));
  const scaled = outcomes.map(({ r, weight }) => ({ r: r / worst, weight }));
  let [low, high] = [0, 1];
  for (let i = 0; i < MAX_BISECTIONS; i++) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) break;
    if (riskExcess(scaled, middle, lambda) <= 0) low = middle;
    else high = middle;
  }
  return low / worst;
}

export type RiskConstrainedInput = DrawdownDial & {
  /** Net R of each outcome or past trade, any order. */
  readonly returnsR: readonly number[];
  /** Probability or weight ≥ 0 of each; all equal when absent; normalised to 1. */
  readonly probabilities?: readonly number[];
};

/**
 * The growth-optimal fraction under the promise P(lowest wealth < α) < β, kept by E[(1 + fR)^−λ] ≤ 1.
 * @errors 'invalid-input' for α or β outside (0, 1), an empty sample, NaN, a negative weight, lengths that differ
 * @source Busseti, Ryu & Boyd 2016
 */
export function riskConstrainedKelly(input: RiskConstrainedInput): Result<RiskConstrainedKelly, InvalidInput> {
  const { returnsR, probabilities } = input;
  const lambda = rckLambda(input);
  if (!lambda.ok) return lambda;
  const kelly = kellyEmpirical(returnsR, probabilities === undefined ? {} : { weights: probabilities });
  if (!kelly.ok) return kelly;
  const { status, fraction } = kelly.value;
  // A loss too small to divide by bounds nothing either.
  if (fraction === null || !Number.isFinite(fraction)) return ok({ status: 'UNBOUNDED_NO_LOSS', lambda: lambda.value });
  const nothing = { lambda: lambda.value, bound: 0, kelly: 0, fraction: 0, equivalentFraction: null };
  if (status === 'NO_EDGE' || fraction <= 0) return ok({ status: 'NO_EDGE', ...nothing });
  const weights = probabilities ?? returnsR.map(() => 1);
  const total = neumaierSum(weights);
  const outcomes = returnsR
    .map((r, i) => ({ r, weight: (weights[i] ?? 0) / total }))
    .filter(({ weight }) => weight > 0);
  const bound = largestFeasible(outcomes, lambda.value);
  const used = Math.min(bound, fraction);
  const constrained = { lambda: lambda.value, bound, kelly: fraction, fraction: used };
  return ok({ status: 'OK', ...constrained, equivalentFraction: used / fraction });
}
