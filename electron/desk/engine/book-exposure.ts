import type { Member } from './members.ts';
import { neumaierSum } from './numerics.ts';

/** Heat and the largest correlated exposure (null without a correlated pair) as shares of equity. */
export type BookState = { readonly heat: number; readonly cluster: number | null };

/**
 * ρ⁺ of the pairs of members that are partners, row by row: those of member i, by rising place, stand from `starts[i]` to
 * before `starts[i + 1]`. Most pairs are none, and a book is measured more often than its ties are found.
 */
export type Ties = { readonly starts: Int32Array; readonly places: Int32Array; readonly values: Float64Array };

/** Partners, by their places, in rising order. */
type Pairs = { readonly first: number[]; readonly second: number[]; readonly values: number[] };

/** Both rows of each pair. The order of the pairs is that of the places in every row. */
function rowsOf({ first, second, values }: Pairs, size: number): Ties {
  const starts = new Int32Array(size + 1);
  const count = (place: number): void => void (starts[place + 1] = (starts[place + 1] ?? 0) + 1);
  first.forEach(count);
  second.forEach(count);
  for (let i = 0; i < size; i++) starts[i + 1] = (starts[i + 1] ?? 0) + (starts[i] ?? 0);
  const next = starts.slice();
  const ties = { starts, places: new Int32Array(2 * values.length), values: new Float64Array(2 * values.length) };
  const put = (row: number, place: number, value: number): void => {
    const at = next[row] ?? 0;
    ties.places[at] = place;
    ties.values[at] = value;
    next[row] = at + 1;
  };
  for (const [k, value] of values.entries()) {
    const [i, j] = [first[k] ?? 0, second[k] ?? 0];
    put(i, j, value);
    put(j, i, value);
  }
  return ties;
}

/** @param partner symmetric; asked once for each pair: the signed correlation where it makes partners, else 0 */
export function tiesOf(members: readonly Member[], partner: (a: Member, b: Member) => number): Ties {
  const pairs: Pairs = { first: [], second: [], values: [] };
  for (let i = 0; i < members.length; i++) {
    for (let j = i + 1; j < members.length; j++) {
      const [a, b] = [members[i], members[j]];
      if (a === undefined || b === undefined) continue;
      const value = partner(a, b);
      if (!(value > 0)) continue;
      pairs.first.push(i);
      pairs.second.push(j);
      pairs.values.push(value);
    }
  }
  return rowsOf(pairs, members.length);
}

/** A member's place among the ties and its risk in 1e-4 USD, ≥ 0. */
export type Placed = { readonly place: number; readonly risk: number };

/** Members next to each other whose places are, too: that of member j is j + shift. A book has up to three such runs. */
type Run = { readonly from: number; readonly to: number; readonly shift: number };

function runsOf(members: readonly Placed[]): readonly Run[] {
  const runs: { from: number; to: number; shift: number }[] = [];
  for (const [i, { place }] of members.entries()) {
    const last = runs.at(-1);
    if (last?.shift === place - i) last.to = i + 1;
    else runs.push({ from: i, to: i + 1, shift: place - i });
  }
  return runs;
}

/** A book as it is measured: shares of equity at risk by member, and where their ties stand. */
type Measured = { readonly shares: Float64Array; readonly runs: readonly Run[] };

/** Whole risk of a member and its partners, summed as `neumaierSum` does; null without a partner. @param row its place */
function clusterAt(i: number, { shares, runs }: Measured, { ties, row }: { ties: Ties; row: number }): number | null {
  const { starts, places, values } = ties;
  const end = starts[row + 1] ?? 0;
  let [sum, compensation, partners] = [shares[i] ?? 0, 0, 0];
  for (const { from, to, shift } of runs) {
    for (let at = starts[row] ?? 0; at < end; at++) {
      const member = (places[at] ?? 0) - shift;
      if (member < from) continue;
      if (member >= to) break;
      const term = (values[at] ?? 0) * (shares[member] ?? 0);
      if (!(term > 0) || member === i) continue;
      const next = sum + term;
      compensation += sum >= term ? sum - next + term : term - next + sum;
      sum = next;
      partners += 1;
    }
  }
  if (partners === 0) return null;
  return Number.isFinite(sum) ? sum + compensation : sum;
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
  const shares = Float64Array.from(members, ({ risk }) => risk / equity);
  const book = { shares, runs: runsOf(members) };
  let cluster: number | null = null;
  for (const [i, { place }] of members.entries()) {
    const share = shares[i] ?? NaN;
    if (!(share >= 0 && share < Infinity)) throw new RangeError(`exposure refused: risk ${share}`);
    if (share === 0) continue;
    const own = clusterAt(i, book, { ties, row: place });
    if (own !== null) cluster = Math.max(cluster ?? 0, own);
  }
  return { heat: neumaierSum(shares), cluster };
}
