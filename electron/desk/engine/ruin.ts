import { err, ok } from '#shared/result.ts';
import type { Result } from '#shared/result.ts';

import { firstInvalidItem, invalidInput } from './invalid-input.ts';
import type { InvalidInput } from './invalid-input.ts';
import { growthRate } from './kelly.ts';
import { finiteOrNull } from './moments.ts';
import { neumaierSum } from './numerics.ts';

/** Probabilities may miss a sum of 1 by this much. */
const PROBABILITY_SUM_TOLERANCE = 1e-9;

const isPositive = (x: number): boolean => Number.isFinite(x) && x > 0;

/** Outcomes and their probabilities, of one length; without probabilities all outcomes are equally likely. */
export type Outcomes = { readonly values: readonly number[]; readonly probabilities?: readonly number[] };

type Atom = { readonly value: number; readonly probability: number };

/** Pairs outcomes with probabilities and leaves out those of probability 0. */
function atomsOf(field: string, { values, probabilities }: Outcomes): Result<readonly Atom[], InvalidInput> {
  const weights = probabilities ?? values.map(() => 1 / values.length);
  const refusal =
    firstInvalidItem(field, values, Number.isFinite) ?? firstInvalidItem('probabilities', weights, Number.isFinite);
  if (refusal !== null) return err(refusal);
  if (values.length === 0 || weights.length !== values.length) {
    return err(invalidInput(`${field}.length`, values.length));
  }
  const negative = weights.find((w) => w < 0);
  if (negative !== undefined) return err(invalidInput('probabilities', negative));
  const total = neumaierSum(weights);
  if (Math.abs(total - 1) > PROBABILITY_SUM_TOLERANCE) return err(invalidInput('Σ probabilities', total));
  const atoms = values.map((value, i) => ({ value, probability: weights[i] ?? 0 }));
  return ok(atoms.filter((atom) => atom.probability > 0));
}

/** Halves [low, high] to adjacent doubles around the sign change of an increasing-through-zero function. */
function bisect(isAbove: (x: number) => boolean, low: number, high: number): number {
  let [below, above] = [low, high];
  for (let middle = (below + above) / 2; middle > below && middle < above; middle = (below + above) / 2) {
    if (isAbove(middle)) above = middle;
    else below = middle;
  }
  return (below + above) / 2;
}

/**
 * The positive root θ of E[e^(−θX)] = 1: 0 when the mean is not positive, null when X is never negative (no root:
 * ruin cannot happen). E[e^(−θX)] − 1 is convex and falls from 0, so the root is the one sign change.
 */
function adjustmentCoefficient(atoms: readonly Atom[]): number | null {
  if (atoms.every((atom) => atom.value >= 0)) return null;
  if (neumaierSum(atoms.map((atom) => atom.probability * atom.value)) <= 0) return 0;
  const scale = atoms.reduce((largest, atom) => Math.max(largest, Math.abs(atom.value)), 0);
  const isAbove = (theta: number): boolean => {
    const terms = atoms.map((atom) => atom.probability * Math.expm1(-theta * (atom.value / scale)));
    // A compensated sum of an overflowing term would be NaN.
    return terms.includes(Infinity) || neumaierSum(terms) > 0;
  };
  let high = 1;
  while (high < Number.MAX_VALUE && !isAbove(high)) high *= 2;
  if (!Number.isFinite(high)) return null;
  let low = high / 2;
  while (low > 0 && isAbove(low)) low /= 2;
  return Math.min(Number.MAX_VALUE, bisect(isAbove, low, Math.min(high, low * 2)) / scale);
}

/**
 * Returns the probability that wealth ever falls to x times today's, at c times full Kelly, in the continuous limit.
 * @param fractionOfKelly c ≥ 0; at 0 nothing is bet and wealth cannot fall
 * @param x               wealth level over today's, ≥ 0; from 1 on it is reached already
 * @errors 'invalid-input' when either is out of its domain
 * @source Thorp 2006, section 7: x^(2/c − 1) for c < 2, 1 from there on
 */
export function probEverReach(fractionOfKelly: number, x: number): Result<number, InvalidInput> {
  if (!(Number.isFinite(fractionOfKelly) && fractionOfKelly >= 0)) {
    return err(invalidInput('fractionOfKelly', fractionOfKelly));
  }
  if (!(Number.isFinite(x) && x >= 0)) return err(invalidInput('x', x));
  if (x >= 1 || fractionOfKelly >= 2) return ok(1);
  return ok(fractionOfKelly === 0 ? 0 : x ** (2 / fractionOfKelly - 1));
}

/**
 * Returns the probability that wealth reaches `up` before `down` (both over today's), at c times full Kelly, in the
 * continuous limit. At c = 2 growth has no drift and the limit ln D/ln(D/U) applies.
 * @param fractionOfKelly c > 0
 * @param levels up ≥ 1 > down > 0
 * @errors 'invalid-input' when a figure is out of its domain
 * @source Thorp 2006: (1 − D^θ)/(1 − (D/U)^θ), θ = 2/c − 1
 */
export function probUpBeforeDown(
  fractionOfKelly: number,
  { up, down }: { readonly up: number; readonly down: number },
): Result<number, InvalidInput> {
  if (!isPositive(fractionOfKelly)) return err(invalidInput('fractionOfKelly', fractionOfKelly));
  if (!(Number.isFinite(up) && up >= 1)) return err(invalidInput('up', up));
  if (!(down > 0 && down < 1)) return err(invalidInput('down', down));
  const theta = 2 / fractionOfKelly - 1;
  const toDown = Math.log(down);
  const span = toDown - Math.log(up);
  if (theta === 0) return ok(toDown / span);
  if (theta > 0) return ok(Math.expm1(theta * toDown) / Math.expm1(theta * span));
  // The same quotient over its larger exponential, which would overflow.
  const [a, s] = [theta * toDown, theta * span];
  return ok((Math.exp(a - s) * Math.expm1(-a)) / Math.expm1(-s));
}

/** The exponent λ of the drawdown bound P(wealth ever ≤ x) ≤ x^λ. Null: wealth cannot fall at all. */
export type RuinExponent = number | null;

/** Returns the bound on the probability that wealth ever falls to x in [0, 1] times today's. */
export function ruinBound(exponent: RuinExponent, x: number): number {
  if (exponent === null) return x >= 1 ? 1 : 0;
  return Math.min(1, x ** exponent);
}

/**
 * Returns the root λ > 0 of E[(1 + fR)^−λ] = 1: 1 at full Kelly, above it when betting less, 0 when over-bet (growth
 * not positive, or a single outcome takes everything), null when no outcome loses (or f = 0).
 * @param R outcomes per unit risked with their probabilities, length ≥ 1
 * @param f fraction of equity risked, ≥ 0
 * @errors 'invalid-input' when a figure is out of its domain or the probabilities do not sum to 1
 * @source supermartingale bound; the discrete counterpart of 2/c − 1
 */
export function ruinExponent(R: Outcomes, f: number): Result<RuinExponent, InvalidInput> {
  if (!(Number.isFinite(f) && f >= 0)) return err(invalidInput('f', f));
  const atoms = atomsOf('R', R);
  if (!atoms.ok) return atoms;
  if (atoms.value.some(({ value }) => 1 + f * value <= 0)) return ok(0);
  const growth = atoms.value.map((atom) => ({ ...atom, value: Math.log1p(f * atom.value) }));
  return ok(adjustmentCoefficient(growth));
}

/** Lundberg's exponent per unit of money and the bound on ruin; null θ: no outcome loses. */
export type LundbergRuin = { readonly theta: number | null; readonly bound: number };

/**
 * Returns the bound e^(−θC) on the probability that a constant size ever loses the capital: 1 without an edge.
 * @param pnl     outcomes per trade with their probabilities, in the capital's unit, length ≥ 1
 * @param capital ≥ 0
 * @errors 'invalid-input' when a figure is out of its domain or the probabilities do not sum to 1
 * @source Lundberg's inequality: E[e^(−θX)] = 1
 */
export function lundbergRuin(pnl: Outcomes, capital: number): Result<LundbergRuin, InvalidInput> {
  if (!(Number.isFinite(capital) && capital >= 0)) return err(invalidInput('capital', capital));
  const atoms = atomsOf('pnl', pnl);
  if (!atoms.ok) return atoms;
  const theta = adjustmentCoefficient(atoms.value);
  return ok({ theta, bound: theta === null ? 0 : Math.exp(-theta * capital) });
}

/**
 * Returns the expected maximum drawdown of an arithmetic Brownian motion without drift.
 * @param periods T ≥ 0
 * @param sigma   standard deviation per period, ≥ 0
 * @errors 'invalid-input' when either is out of its domain
 * @source Magdon-Ismail et al. 2004: √(π/2)·σ·√T
 */
export function expectedMaxDrawdownZeroDrift(periods: number, sigma: number): Result<number, InvalidInput> {
  if (!(Number.isFinite(periods) && periods >= 0)) return err(invalidInput('periods', periods));
  if (!(Number.isFinite(sigma) && sigma >= 0)) return err(invalidInput('sigma', sigma));
  return ok(Math.sqrt(Math.PI / 2) * sigma * Math.sqrt(periods));
}

/**
 * Returns the expected maximum drawdown of an arithmetic Brownian motion with positive drift, for long horizons.
 * Null where the asymptotic does not apply at all: x = μ²T/(2σ²) below 1. It is good only for x ≫ 1.
 * @param motion periods T > 0, drift μ > 0 and standard deviation σ ≥ 0 per period
 * @errors 'invalid-input' when a figure is out of its domain
 * @source Magdon-Ismail et al. 2004: (2σ²/μ)(¼ ln x + 0.49088)
 */
export function expectedMaxDrawdownPositiveDrift(motion: {
  readonly periods: number;
  readonly mu: number;
  readonly sigma: number;
}): Result<number | null, InvalidInput> {
  const { periods, mu, sigma } = motion;
  if (!isPositive(periods)) return err(invalidInput('periods', periods));
  if (!isPositive(mu)) return err(invalidInput('mu', mu));
  if (!(Number.isFinite(sigma) && sigma >= 0)) return err(invalidInput('sigma', sigma));
  if (sigma === 0) return ok(0);
  // Logarithms one by one: the squares of small figures would underflow.
  const logX = 2 * Math.log(mu / sigma) + Math.log(periods / 2);
  return ok(logX < 0 ? null : finiteOrNull(((2 * sigma * sigma) / mu) * (logX / 4 + 0.49088)));
}

/**
 * Returns the expected number of trades to double equity, ln 2 over the growth per trade; null when equity does not
 * grow. Infinite growth (an infinite payoff) takes 0 trades.
 * @param bet win probability in [0, 1], payoff ratio in [0, ∞] and fraction of equity lost in a loss, in [0, 1]
 * @errors 'invalid-input' when a figure is out of its domain
 * @source Kelly 1956
 */
export function tradesToDouble(bet: {
  readonly winProbability: number;
  readonly payoffRatio: number;
  readonly fraction: number;
}): Result<number | null, InvalidInput> {
  const growth = growthRate(bet.winProbability, bet.payoffRatio, bet.fraction);
  if (!growth.ok) return growth;
  return ok(growth.value > 0 ? finiteOrNull(Math.LN2 / growth.value) : null);
}
