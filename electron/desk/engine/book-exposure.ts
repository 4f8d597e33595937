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

/** The next place from `at` to before `end` that holds a tie: most do not. */
function nextTie(values: Float64Array, at: number, end: number): number {
  let place = at;
  while (place < end && !((values[place] ?? 0) > 0)) place += 1;
  return place;
}

/** Where the ties of one member begin. */
type RowOfTies = { readonly values: Float64Array; readonly row: number };

/** Whole risk of a member and its partners, summed as `neumaierSum` does; null without a partner. */
function clusterAt(i: number, { shares, runs }: Measured, { values, row }: RowOfTies): number | null {
  let [sum, compensation, partners] = [shares[i] ?? 0, 0, 0];
  for (const { from, to, shift } of runs) {
    const first = row + shift;
    for (
      let at = nextTie(values, first + from, first + to);
      at < first + to;
      at = nextTie(values, at + 1, first + to)
    ) {
      const term = (values[at] ?? 0) * (shares[at - first] ?? 0);
      if (!(term > 0) || at - first === i) continue;
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
export function measureBook(members: readonly Placed[], equity: number, { size, values }: Ties): BookState {
  const shares = Float64Array.from(members, ({ risk }) => risk / equity);
  const book = { shares, runs: runsOf(members) };
  let cluster: number | null = null;
  for (const [i, { place }] of members.entries()) {
    const share = shares[i] ?? NaN;
    if (!(share >= 0 && share < Infinity)) throw new RangeError(`exposure refused: risk ${share}`);
    if (share === 0) continue;
    const own = clusterAt(i, book, { values, row: place * size });
    if (own !== null) cluster = Math.max(cluster ?? 0, own);
  }
  return { heat: neumaierSum(shares), cluster };
}
