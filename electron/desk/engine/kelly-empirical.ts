import { err, ok } from '#shared/result.ts';
import type { Result } from '#shared/result.ts';
import { firstInvalid, firstInvalidItem, invalidInput, isNonNegative, isProbability } from './invalid-input.ts';
import type { InvalidInput } from './invalid-input.ts';
import { FRACTION_TOLERANCE, neumaierSum } from './numerics.ts';

/** Trades within this many R of zero are scratches: outside both counts of the binary formula. */
export const DEFAULT_SCRATCH_R = 0.05;

/** One outcome in R and its weight > 0. */
type Outcome = { readonly r: number; readonly weight: number };

/** Smallest distance of a scaled fraction from certain ruin. */
const RUIN_MARGIN = 1e-15;

/** Relative step below which a root is found: a few units in the last place. */
const CONVERGED = 1e-15;

/**
 * The growth-optimal fraction per 1R and the growth of log equity per trade there.
 * Without a losing outcome the objective has no maximum: no fraction, so nothing can be sized from it.
 */
export type GrowthOptimum =
  | { readonly status: 'OK' | 'NO_EDGE'; readonly fraction: number; readonly growth: number }
  | { readonly status: 'UNBOUNDED_NO_LOSS'; readonly fraction: null; readonly growth: null };

/** The same sample under the binary formula. Averages in R, losses as sizes; null where undefined. */
export type BinarySummary = {
  readonly winRate: number | null;
  readonly averageWin: number | null;
  readonly averageLoss: number | null;
  readonly payoffRatio: number | null;
  /** p/a − q/w, never below the empirical optimum (Jensen); negative without an edge. */
  readonly binaryFraction: number | null;
};

export type EmpiricalKelly = GrowthOptimum &
  BinarySummary & {
    readonly meanR: number;
    /** mean(R)/mean(R²), the quadratic approximation; null when every R is 0. */
    readonly secondOrderFraction: number | null;
  };

/** Pairs, validates and sorts the outcomes: the order of trades then cannot change a single bit of the result. */
function outcomesOf(
  returnsR: readonly number[],
  weights: readonly number[] | undefined,
): Result<readonly Outcome[], InvalidInput> {
  const used = weights ?? returnsR.map(() => 1);
  const invalid =
    firstInvalid([
      ['returnsR.length', returnsR.length, returnsR.length > 0],
      ['weights.length', used.length, used.length === returnsR.length],
    ]) ??
    firstInvalidItem('returnsR', returnsR, Number.isFinite) ??
    firstInvalidItem('weights', used, isNonNegative);
  if (invalid !== null) return err(invalid);
  const outcomes = returnsR
    .map((r, i) => ({ r, weight: used[i] ?? 0 }))
    .filter(({ weight }) => weight > 0)
    .sort((x, y) => x.r - y.r || x.weight - y.weight);
  return outcomes.length > 0 ? ok(outcomes) : err(invalidInput('weights', 0));
}

const totalWeight = (outcomes: readonly Outcome[]): number => neumaierSum(outcomes.map(({ weight }) => weight));

/** Weighted mean of a function of R; null for no outcomes. */
function meanOver(outcomes: readonly Outcome[], of: (r: number) => number): number | null {
  if (outcomes.length === 0) return null;
  return neumaierSum(outcomes.map(({ r, weight }) => weight * of(r))) / totalWeight(outcomes);
}

/** Σ wx/(1 + fx), proportional to G′ at f, and the size of its derivative. */
function slopeAt(outcomes: readonly Outcome[], f: number): { readonly slope: number; readonly curvature: number } {
  const terms = outcomes.map(({ r, weight }) => (weight * r) / (1 + f * r));
  const curvature = outcomes.reduce((sum, { r, weight }) => sum + weight * (r / (1 + f * r)) ** 2, 0);
  return { slope: neumaierSum(terms), curvature };
}

/**
 * The zero of G′ on (0, 1), with R in units of the largest loss so that the ruinous fraction is exactly 1.
 * G″ < 0, so the zero is unique: Newton's method inside a bracket that shrinks to neighbouring doubles.
 */
function scaledOptimum(outcomes: readonly Outcome[], largestLoss: number): number {
  const scaled = outcomes.map(({ r, weight }) => ({ r: r / largestLoss, weight }));
  let low = 0;
  let high = 1 - RUIN_MARGIN;
  if (slopeAt(scaled, high).slope >= 0) return high;
  let f = high / 2;
  for (let i = 0; i < 200; i++) {
    const { slope, curvature } = slopeAt(scaled, f);
    if (slope === 0) return f;
    if (slope > 0) low = f;
    else high = f;
    const newton = f + slope / curvature;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - f) <= CONVERGED * f || next <= low || next >= high) return next;
    f = next;
  }
  return f;
}

/** Maximises G(f) = Σ wᵢ ln(1 + f Rᵢ)/Σ wᵢ over f in [0, 1/|R_min|). */
function growthOptimum(outcomes: readonly Outcome[]): GrowthOptimum {
  const mean = meanOver(outcomes, (r) => r) ?? 0;
  const scale = meanOver(outcomes, Math.abs) ?? 0;
  if (mean <= FRACTION_TOLERANCE * scale) return { status: 'NO_EDGE', fraction: 0, growth: 0 };
  const smallest = outcomes[0]?.r ?? 0;
  if (smallest >= 0) return { status: 'UNBOUNDED_NO_LOSS', fraction: null, growth: null };
  const fraction = scaledOptimum(outcomes, -smallest) / -smallest;
  const growth = meanOver(outcomes, (r) => Math.log1p(fraction * r)) ?? 0;
  return { status: 'OK', fraction, growth };
}

const winsOf = (outcomes: readonly Outcome[], scratchR: number): readonly Outcome[] =>
  outcomes.filter(({ r }) => r > scratchR);

const lossesOf = (outcomes: readonly Outcome[], scratchR: number): readonly Outcome[] =>
  outcomes.filter(({ r }) => r < -scratchR);

function binarySummary(winRate: number | null, averageWin: number | null, averageLoss: number | null): BinarySummary {
  if (averageWin === null || averageLoss === null || winRate === null) {
    return { winRate, averageWin, averageLoss, payoffRatio: null, binaryFraction: null };
  }
  const binaryFraction = winRate / averageLoss - (1 - winRate) / averageWin;
  return { winRate, averageWin, averageLoss, payoffRatio: averageWin / averageLoss, binaryFraction };
}

/** `scratchR` ≥ 0 in R; `weights[i]` ≥ 0 belongs to `returnsR[i]`, all equal when absent. */
export type EmpiricalOptions = { readonly scratchR?: number; readonly weights?: readonly number[] };

/**
 * Kelly fraction of the sample as it is, tails included, per 1R of planned risk.
 * Scratches stay in the objective; only the binary comparison drops them.
 * @param returnsR net R of each trade, any order, at least one
 * @errors 'invalid-input' for an empty sample, a value that is not finite, a negative weight, weights that sum to 0
 * @source Kelly 1956; Vince 1990 (his optimal f is this number times |R_min|)
 */
export function kellyEmpirical(
  returnsR: readonly number[],
  { scratchR = DEFAULT_SCRATCH_R, weights }: EmpiricalOptions = {},
): Result<EmpiricalKelly, InvalidInput> {
  const outcomes = outcomesOf(returnsR, weights);
  if (!outcomes.ok) return outcomes;
  const invalid = firstInvalid([['scratchR', scratchR, isNonNegative(scratchR)]]);
  if (invalid !== null) return err(invalid);
  const wins = winsOf(outcomes.value, scratchR);
  const losses = lossesOf(outcomes.value, scratchR);
  const counted = totalWeight(wins) + totalWeight(losses);
  const meanR = meanOver(outcomes.value, (r) => r) ?? 0;
  const meanSquare = meanOver(outcomes.value, (r) => r * r) ?? 0;
  return ok({
    ...growthOptimum(outcomes.value),
    ...binarySummary(
      counted === 0 ? null : totalWeight(wins) / counted,
      meanOver(wins, (r) => r),
      meanOver(losses, (r) => -r),
    ),
    meanR,
    secondOrderFraction: meanSquare === 0 ? null : meanR / meanSquare,
  });
}

export type TiltedKelly = GrowthOptimum & {
  readonly binaryFraction: number | null;
  /** Tilted over binary fraction, in (0, 1]; null without an edge. */
  readonly dispersionHaircut: number | null;
};

/**
 * Kelly fraction per 1R under the model's win probability and the journal's shapes: every win weighs p/n_W, every loss
 * q/n_L, scratches none. Without a winning trade there is no shape to win with: 'NO_EDGE'.
 * @param returnsR net R of each trade, any order, with at least one that is no scratch
 * @param winProbability in [0, 1]
 * @errors 'invalid-input' as kellyEmpirical, or when every trade is a scratch
 */
export function kellyTilted(
  returnsR: readonly number[],
  winProbability: number,
  scratchR: number = DEFAULT_SCRATCH_R,
): Result<TiltedKelly, InvalidInput> {
  const outcomes = outcomesOf(returnsR, undefined);
  if (!outcomes.ok) return outcomes;
  const wins = winsOf(outcomes.value, scratchR);
  const losses = lossesOf(outcomes.value, scratchR);
  const counted = wins.length + losses.length;
  const invalid = firstInvalid([
    ['winProbability', winProbability, isProbability(winProbability)],
    ['scratchR', scratchR, isNonNegative(scratchR)],
    ['returnsR.length', counted, counted > 0],
  ]);
  if (invalid !== null) return err(invalid);
  const tilted = [
    ...losses.map(({ r }) => ({ r, weight: (1 - winProbability) / losses.length })),
    ...wins.map(({ r }) => ({ r, weight: winProbability / wins.length })),
  ].filter(({ weight }) => weight > 0);
  const optimum = growthOptimum(tilted);
  const averageLoss = meanOver(losses, (r) => -r);
  const { binaryFraction } = binarySummary(
    winProbability,
    meanOver(wins, (r) => r),
    averageLoss,
  );
  const hasRatio = optimum.status === 'OK' && binaryFraction !== null && binaryFraction > 0;
  return ok({ ...optimum, binaryFraction, dispersionHaircut: hasRatio ? optimum.fraction / binaryFraction : null });
}

/**
 * G′(f) = mean of R/(1 + fR), weighted: 0 at the optimum, −∞ where one loss takes everything.
 * @param fraction per 1R, in [0, 1/|R_min|]
 * @errors 'invalid-input' beyond that fraction and as kellyEmpirical
 */
export function firstOrderResidual(
  returnsR: readonly number[],
  fraction: number,
  weights?: readonly number[],
): Result<number, InvalidInput> {
  const outcomes = outcomesOf(returnsR, weights);
  if (!outcomes.ok) return outcomes;
  const worst = 1 + fraction * (outcomes.value[0]?.r ?? 0);
  const invalid = firstInvalid([['fraction', fraction, isNonNegative(fraction) && worst >= 0]]);
  if (invalid !== null) return err(invalid);
  if (worst === 0) return ok(-Infinity);
  return ok(meanOver(outcomes.value, (r) => r / (1 + fraction * r)) ?? 0);
}
