import type { Correlations } from '#shared/domain/sizing.ts';
import type { Direction } from '#shared/units.ts';

import { contractSpec, underlyingRoot } from './futures/contract-table.ts';
import type { Matrix } from './matrix.ts';
import { COMPARISON_TOLERANCE } from './numerics.ts';

/** One market on one side, as exposures, claims and the decision itself name it. */
export type Market = { readonly symbol: string; readonly root: string; readonly direction: Direction };

/** What a market's correlations are looked up by, as numbers: pairs are many. They hold for one table of correlations. */
type Ties = {
  readonly root: string;
  /** Asset group of the root in the table of contracts; null when it is not there. */
  readonly group: string | null;
  /** The same number: the same symbol. */
  readonly contract: number;
  /** The same number: the same underlying. */
  readonly underlying: number;
  /** Row of the correlations for the root or its underlying; −1 when they have neither. */
  readonly place: number;
};

/** A market with what ties it to others, found once. */
export type Member = Market & Pick<Ties, 'contract' | 'underlying' | 'place'> & { readonly group: string | null };

/** Risk in one market on one side. Amounts are in 1e-4 USD, float64: a rival's share need not be whole. */
export type MemberRisk = Member & { readonly risk: number };

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** An order that depends on the members only, so that every sum is taken alike whatever order they came in. */
export const compareMarkets = (a: Market, b: Market): number =>
  compareText(a.symbol, b.symbol) || compareText(a.root, b.root) || a.direction - b.direction;

/** What is known of the roots of one table of correlations: rows, numbers given out, and markets met so far. */
type Names = {
  readonly rows: ReadonlyMap<string, number>;
  readonly underlyings: Map<string, number>;
  readonly symbols: Map<string, Ties>;
};

/** Kept as long as the list of roots itself: decisions share one table of correlations. */
const namesOf = new WeakMap<readonly string[], Names>();

/** The first row of a root counts. */
function names(roots: readonly string[]): Names {
  const known = namesOf.get(roots);
  if (known !== undefined) return known;
  const rows = new Map<string, number>();
  for (const [row, root] of roots.entries()) if (!rows.has(root)) rows.set(root, row);
  const found = { rows, underlyings: new Map<string, number>(), symbols: new Map<string, Ties>() };
  namesOf.set(roots, found);
  return found;
}

function tiesOf({ symbol, root }: Market, roots: readonly string[]): Ties {
  const { rows, underlyings, symbols } = names(roots);
  const known = symbols.get(symbol);
  if (known?.root === root) return known;
  const name = underlyingRoot(root);
  const underlying = underlyings.get(name) ?? underlyings.size;
  underlyings.set(name, underlying);
  const contract = known?.contract ?? symbols.size;
  const place = rows.get(root) ?? rows.get(name) ?? -1;
  const ties = { root, group: contractSpec(root)?.group ?? null, contract, underlying, place };
  symbols.set(symbol, ties);
  return ties;
}

/**
 * Returns a market's risk with its ties. Its group is the one of the table of contracts, whoever asks: two decisions that
 * saw one market in different groups would each count on the room that the other takes.
 */
export function memberRisk(market: Market, { roots }: Correlations, risk: number): MemberRisk {
  const { symbol, root, direction } = market;
  const { group, contract, underlying, place } = tiesOf(market, roots);
  return { symbol, root, direction, group, contract, underlying, place, risk };
}

/** Rounding allowed beyond ±1. */
const RHO_TOLERANCE = 1e-9;

/** A pair the matrix lacks: fully correlated, or unrelated. */
function assumed(a: Member, b: Member): number {
  const isAlike = a.group === null || b.group === null || a.group === b.group;
  return isAlike ? a.direction * b.direction : 0;
}

function refuse(rho: number): never {
  throw new RangeError(`exposure refused: rho ${rho}`);
}

/** An asymmetric matrix is a bug elsewhere; the stronger tie is the careful reading. */
function stronger(there: number, back: number): number {
  if (Math.abs(there) === Math.abs(back)) return Math.max(there, back);
  return Math.abs(there) > Math.abs(back) ? there : back;
}

/**
 * Correlation of two members, unsigned by their sides. Mini and micro of one market are 1 by identity. A pair the matrix
 * lacks counts as fully correlated within its group whatever the sides (no hedge is assumed from what is not known), and
 * so does a root of no known group; a pair of different known groups counts as unrelated.
 * Throws on what is no correlation: a size must never be made of it.
 */
export function rhoBetween(rho: Matrix, a: Member, b: Member): number {
  if (a.contract === b.contract || a.underlying === b.underlying) return 1;
  if (a.place < 0 || b.place < 0) return assumed(a, b);
  const row = rho[a.place];
  const column = rho[b.place];
  // Lengths are asked rather than elements: a number that may be undefined is made on the heap, pair by pair.
  if (row === undefined || column === undefined || b.place >= row.length || a.place >= column.length) {
    return assumed(a, b);
  }
  // As numbers: the element of an array with holes may be none.
  const there = Number(row[b.place]);
  const back = Number(column[a.place]);
  const known = there === back ? there : stronger(there, back);
  return Math.abs(known) <= 1 + RHO_TOLERANCE ? known : refuse(known);
}

/** Correlations by the places of members, and the least that makes partners. */
export type Relations = { readonly rho: Matrix; readonly rhoMin: number };

/** Signed correlation of two members when it makes partners, else 0; symmetric. As `partnerCorrelation` has it. */
export function partnerIn({ rho, rhoMin }: Relations, a: Member, b: Member): number {
  const between = rhoBetween(rho, a, b);
  const signed = a.direction === b.direction ? between : -between;
  return signed >= rhoMin - COMPARISON_TOLERANCE ? signed : 0;
}
