import type { Member } from './members.ts';
import { neumaierSum } from './numerics.ts';

/** Heat and the largest correlated exposure (null without a correlated pair) as shares of equity. */
export type BookState = { readonly heat: number; readonly cluster: number | null };

/** ρ⁺ of every pair of members, row by row: the signed correlation where it makes partners, else 0. */
export type Ties = { readonly size: number; readonly values: Float64Array };

/** @param partner symmetric; asked once for each pair */
export function tiesOf(members: readonly Member[], partner: (a: Member, b: Member) => number): Ties {
  const size = members.length;
  const values = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = i + 1; j < size; j++) {
      const [a, b] = [members[i], members[j]];
      if (a === undefined || b === undefined) continue;
      const value = partner(a, b);
      values[i * size + j] = value;
      values[j * size + i] = value;
    }
  }
  return { size, values };
}

/** A member's place among the ties and its risk in 1e-4 USD, ≥ 0. */
export type Placed = { readonly place: number; readonly risk: number };

/** Whole risk of a member and its partners; null without a partner. */
function clusterAt(i: number, { size, values }: Ties, shares: Float64Array, places: Int32Array): number | null {
  const terms = [shares[i] ?? 0];
  const row = (places[i] ?? 0) * size;
  for (let j = 0; j < shares.length; j++) {
    const term = (values[row + (places[j] ?? 0)] ?? 0) * (shares[j] ?? 0);
    if (j !== i && term > 0) terms.push(term);
  }
  return terms.length === 1 ? null : neumaierSum(terms);
}

/**
 * Measures a book as `correlatedExposure` does (the same sums in the same order, so the same bits), without the matrix
 * that one takes and what a decision does not read of it.
 * @param members in the order in which sums are taken
 * @param equity 1e-4 USD, > 0
 * Throws a RangeError on a risk that is no number: a size must never be made of it.
 * @source quant.md 5.2
 */
export function measureBook(members: readonly Placed[], equity: number, ties: Ties): BookState {
  const [shares, places] = [new Float64Array(members.length), new Int32Array(members.length)];
  for (const [i, { place, risk }] of members.entries()) {
    shares[i] = risk / equity;
    places[i] = place;
  }
  let cluster: number | null = null;
  for (let i = 0; i < shares.length; i++) {
    const share = shares[i] ?? NaN;
    if (!(share >= 0 && share < Infinity)) throw new RangeError(`exposure refused: risk ${share}`);
    if (share === 0) continue;
    const own = clusterAt(i, ties, shares, places);
    if (own !== null) cluster = Math.max(cluster ?? 0, own);
  }
  return { heat: neumaierSum(shares), cluster };
}
