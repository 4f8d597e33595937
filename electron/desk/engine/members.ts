import type { Correlations } from '#shared/domain/sizing.ts';
import type { Direction } from '#shared/units.ts';

import { contractSpec, underlyingRoot } from './futures/contract-table.ts';

/** One market on one side, as exposures, claims and the decision itself name it. */
export type Market = { readonly symbol: string; readonly root: string; readonly direction: Direction };

/** A market with what its correlations are looked up by, found once: pairs are many. */
export type Member = Market & {
  /** Asset group where it is known. */
  readonly group: string | null;
  readonly underlying: string;
  /** Row of the correlations for the root or its underlying; −1 when they have neither. */
  readonly place: number;
};

/** Risk in one market on one side. Amounts are in 1e-4 USD, float64: a rival's share need not be whole. */
export type MemberRisk = Member & { readonly risk: number };

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** An order that depends on the members only, so that every sum is taken alike whatever order they came in. */
export const compareMarkets = (a: Market, b: Market): number =>
  compareText(a.symbol, b.symbol) || compareText(a.root, b.root) || a.direction - b.direction;

/** First row of each root. Kept as long as the list itself: decisions share one table of correlations. */
const rowsOf = new WeakMap<readonly string[], ReadonlyMap<string, number>>();

function rows(roots: readonly string[]): ReadonlyMap<string, number> {
  const known = rowsOf.get(roots);
  if (known !== undefined) return known;
  const found = new Map<string, number>();
  for (const [row, root] of roots.entries()) if (!found.has(root)) found.set(root, row);
  rowsOf.set(roots, found);
  return found;
}

/**
 * Returns a market with its ties.
 * @param group the asset group where it is known; null asks the table of contracts
 */
export function withTies(market: Market, { roots }: Correlations, group: string | null): Member {
  const places = rows(roots);
  const underlying = underlyingRoot(market.root);
  const place = places.get(market.root) ?? places.get(underlying) ?? -1;
  const { symbol, root, direction } = market;
  return { symbol, root, direction, group: group ?? contractSpec(root)?.group ?? null, underlying, place };
}

/** An estimate from the matrix; null when the matrix does not have the pair. */
function estimated({ rho }: Correlations, i: number, j: number): number | null {
  if (i < 0 || j < 0) return null;
  const [there, back] = [rho[i]?.[j], rho[j]?.[i]];
  if (there === undefined || back === undefined) return null;
  // An asymmetric matrix is a bug elsewhere; the stronger tie is the careful reading.
  if (Math.abs(there) === Math.abs(back)) return Math.max(there, back);
  return Math.abs(there) > Math.abs(back) ? there : back;
}

/**
 * Correlation of two members. Mini and micro of one market are 1 by identity. A pair the matrix lacks counts as fully
 * correlated within its group whatever the sides (no hedge is assumed from what is not known), and so does a root of
 * no known group; a pair of different known groups counts as unrelated.
 */
export function rhoBetween(correlations: Correlations, a: Member, b: Member): number {
  if (a.symbol === b.symbol || a.underlying === b.underlying) return 1;
  const known = estimated(correlations, a.place, b.place);
  if (known !== null) return known;
  const isAlike = a.group === null || b.group === null || a.group === b.group;
  return isAlike ? a.direction * b.direction : 0;
}
