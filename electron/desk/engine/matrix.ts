/** A square or rectangular table of float64, row by row: `matrix[i][j]`. */
export type Matrix = readonly (readonly number[])[];

/** Element i, j; NaN outside the matrix, so that a wrong shape cannot pass for a number. */
export const at = (matrix: Matrix, i: number, j: number): number => matrix[i]?.[j] ?? NaN;

/** Makes a square matrix of size n from a function of row and column. */
export const squareOf = (n: number, element: (i: number, j: number) => number): Matrix =>
  Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_unused, j) => element(i, j)));

/** Whether a matrix has n rows of n finite numbers. */
export const isSquare = (matrix: Matrix, n: number): boolean =>
  matrix.length === n && matrix.every((row) => row.length === n && row.every(Number.isFinite));

/** Rounding allowed in a matrix that should be symmetric with ones on its diagonal. */
const SYMMETRY_TOLERANCE = 1e-9;

/** Whether a matrix is n × n, symmetric, ones on the diagonal, all else in [−1, 1], within rounding. */
export function isCorrelation(matrix: Matrix, n: number): boolean {
  if (!isSquare(matrix, n)) return false;
  // Half of the pairs: what is asked of one is asked of its mirror too.
  for (let i = 0; i < n; i++) {
    if (Math.abs(at(matrix, i, i) - 1) > SYMMETRY_TOLERANCE) return false;
    for (let j = 0; j < i; j++) {
      const [below, above] = [at(matrix, i, j), at(matrix, j, i)];
      if (Math.abs(below - above) > SYMMETRY_TOLERANCE) return false;
      if (Math.max(Math.abs(below), Math.abs(above)) > 1 + SYMMETRY_TOLERANCE) return false;
    }
  }
  return true;
}

/** A pivot below this share of its diagonal is rounding: the matrix is singular or not positive definite. */
const PIVOT_TOLERANCE = 1e-13;

/** Lower Cholesky factor of a symmetric positive definite matrix; null when it is not one. */
export function cholesky(matrix: Matrix): Matrix | null {
  const factor: number[][] = [];
  for (let i = 0; i < matrix.length; i++) {
    const row: number[] = [];
    for (let j = 0; j <= i; j++) {
      let sum = at(matrix, i, j);
      for (let k = 0; k < j; k++) sum -= (row[k] ?? NaN) * (j === i ? (row[k] ?? NaN) : at(factor, j, k));
      if (j < i) row.push(sum / at(factor, j, j));
      else if (sum > PIVOT_TOLERANCE * at(matrix, i, i)) row.push(Math.sqrt(sum));
      else return null;
    }
    factor.push(row);
  }
  return factor;
}

/** Solves L·Lᵀ·x = b for the lower factor L of `cholesky`. */
export function solveCholesky(factor: Matrix, b: readonly number[]): readonly number[] {
  const forward: number[] = [];
  for (let i = 0; i < b.length; i++) {
    let sum = b[i] ?? NaN;
    for (let k = 0; k < i; k++) sum -= at(factor, i, k) * (forward[k] ?? NaN);
    forward.push(sum / at(factor, i, i));
  }
  const solution: number[] = forward.slice();
  for (let i = b.length - 1; i >= 0; i--) {
    let sum = forward[i] ?? NaN;
    for (let k = i + 1; k < b.length; k++) sum -= at(factor, k, i) * (solution[k] ?? NaN);
    solution[i] = sum / at(factor, i, i);
  }
  return solution;
}
