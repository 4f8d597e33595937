import { neumaierSum } from './numerics.ts';
import { sigmoid } from './probability.ts';

/** One observation: its features (the intercept's 1 included) and its target probability in [0, 1]. */
export type LogisticRow = { readonly features: readonly number[]; readonly target: number };

export type LogisticFit = {
  /** One per feature, in the order of the features. */
  readonly coefficients: readonly number[];
  readonly negativeLogLikelihood: number;
};

/** Ridge on the Newton system, relative to its trace: only breaks ties between equally good solutions. */
const RELATIVE_RIDGE = 1e-13;
const MAX_ITERATIONS = 300;

/** Newton decrement, relative to the loss, at which the loss is flat in float64. */
const FLAT = 1e-13;

const dot = (x: readonly number[], y: readonly number[]): number => x.reduce((sum, xi, i) => sum + xi * (y[i] ?? 0), 0);

/** Σ ln(1 + e^z) − t·z, the negative log-likelihood of soft targets, free of overflow. */
function lossAt(rows: readonly LogisticRow[], coefficients: readonly number[]): number {
  return neumaierSum(
    rows.map(({ features, target }) => {
      const z = dot(features, coefficients);
      return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - target * z;
    }),
  );
}

/** Solves a small dense system by elimination with partial pivoting. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i] ?? 0]);
  const size = rows.length;
  const at = (i: number, j: number): number => rows[i]?.[j] ?? 0;
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let i = column + 1; i < size; i++) if (Math.abs(at(i, column)) > Math.abs(at(pivot, column))) pivot = i;
    const top = rows[pivot] ?? [];
    rows[pivot] = rows[column] ?? [];
    rows[column] = top;
    for (let i = column + 1; i < size; i++) {
      const factor = at(i, column) / at(column, column);
      rows[i] = (rows[i] ?? []).map((value, j) => value - factor * (top[j] ?? 0));
    }
  }
  const solution = new Array<number>(size).fill(0);
  for (let i = size - 1; i >= 0; i--) {
    const known = solution.reduce((sum, value, j) => (j > i ? sum + value * at(i, j) : sum), 0);
    solution[i] = (at(i, size) - known) / at(i, i);
  }
  return solution;
}

/** Newton's direction at the coefficients, and the gradient along it (≤ 0: a descent). */
function newtonDirection(
  rows: readonly LogisticRow[],
  coefficients: readonly number[],
): { readonly direction: readonly number[]; readonly slope: number } {
  const size = coefficients.length;
  const gradient = new Array<number>(size).fill(0);
  const hessian = Array.from({ length: size }, () => new Array<number>(size).fill(0));
  for (const { features, target } of rows) {
    const p = sigmoid(dot(features, coefficients));
    features.forEach((x, i) => {
      gradient[i] = (gradient[i] ?? 0) + x * (p - target);
      const row = hessian[i] ?? [];
      features.forEach((other, j) => (row[j] = (row[j] ?? 0) + x * other * p * (1 - p)));
    });
  }
  const trace = hessian.reduce((sum, row, i) => sum + (row[i] ?? 0), 0);
  const ridge = RELATIVE_RIDGE * trace + Number.MIN_VALUE;
  const ridged = hessian.map((row, i) => row.map((value, j) => (i === j ? value + ridge : value)));
  const direction = solve(ridged, gradient).map((value) => -value);
  return { direction, slope: dot(gradient, direction) };
}

/** Halves the step until the loss falls enough. Null when no step along the direction lowers it. */
function lineSearch(
  rows: readonly LogisticRow[],
  from: { readonly coefficients: readonly number[]; readonly loss: number },
  step: { readonly direction: readonly number[]; readonly slope: number },
): { readonly coefficients: readonly number[]; readonly loss: number } | null {
  for (let length = 1; length > 1e-12; length /= 2) {
    const coefficients = from.coefficients.map((value, i) => value + length * (step.direction[i] ?? 0));
    const loss = lossAt(rows, coefficients);
    if (loss <= from.loss + 1e-4 * length * step.slope) return { coefficients, loss };
  }
  return null;
}

/**
 * Maximum-likelihood logistic regression on soft targets by Newton's method with backtracking. The loss is convex, so
 * the optimum is the same whatever the path; where it lies at infinity the coefficients grow until the loss is flat.
 * @param rows at least one; all with as many features as `start`
 * @source Lin, Lin & Weng 2007
 */
export function fitLogistic(rows: readonly LogisticRow[], start: readonly number[]): LogisticFit {
  let best = { coefficients: start, loss: lossAt(rows, start) };
  for (let i = 0; i < MAX_ITERATIONS; i++) {
    const step = newtonDirection(rows, best.coefficients);
    if (!(step.slope < 0)) break;
    if (-step.slope <= FLAT * (1 + best.loss)) {
      // The loss no longer resolves the step; one full step of quadratic convergence sharpens the coefficients.
      const coefficients = best.coefficients.map((value, j) => value + (step.direction[j] ?? 0));
      return { coefficients, negativeLogLikelihood: lossAt(rows, coefficients) };
    }
    const next = lineSearch(rows, best, step);
    if (next === null) break;
    best = next;
  }
  return { coefficients: best.coefficients, negativeLogLikelihood: best.loss };
}
