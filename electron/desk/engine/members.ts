import type { Correlations } from '#shared/domain/sizing.ts';
import { isFrozenWhole } from '#shared/frozen.ts';
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
  /** Its own among the markets whose pairs are kept, from 1; 0 for a market that is none of them. */
  readonly number: number;
};

/** A market with what ties it to others, found once. */
export type Member = Market &
  Pick<Ties, 'contract' | 'underlying' | 'place' | 'number'> & { readonly group: string | null };

/** Risk in one market on one side. Amounts are in 1e-4 USD, float64: a rival's share need not be whole. */
export type MemberRisk = Member & { readonly risk: number };

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** An order that depends on the members only, so that every sum is taken alike whatever order they came in. */
export const compareMarkets = (a: Market, b: Market): number =>
  compareText(a.symbol, b.symbol) || compareText(a.root, b.root) || a.direction - b.direction;

/** As `compareMarkets` has it, of two members of the same relations. */
export const isSameMarket = (a: Member, b: Member): boolean =>
  a.contract === b.contract && a.direction === b.direction && a.root === b.root;

/** What is known of one table of correlations: rows, numbers given out, markets met and pairs looked up so far. */
type Known = {
  readonly rho: Matrix;
  readonly rows: ReadonlyMap<string, number>;
  readonly underlyings: Map<string, number>;
  readonly symbols: Map<string, Ties>;
  /** Numbers of markets whose pairs are kept, and 0. */
  readonly stride: number;
  /** `stated[a · stride + b]` of the markets of these numbers; NaN where nothing was looked up, or may be kept. */
  readonly stated: Float64Array;
};

/** Correlations as markets are looked up in them, and the least that makes partners, within the tolerance. */
export type Relations = { readonly known: Known; readonly least: number };

/** Kept as long as the correlations: decisions share one table. */
const knownOf = new WeakMap<Correlations, Known>();

/** Markets whose pairs are kept: of every root two contracts, as when one rolls. A table that may change keeps none. */
const mostKept = (correlations: Correlations): number =>
  isFrozenWhole(correlations) ? Math.min(128, 2 * correlations.roots.length) : 0;

/** @param rhoMin in (1e-9, 1]: unrelated markets are no partners */
export const relationsOf = (correlations: Correlations, rhoMin: number): Relations => ({
  known: knownOf.get(correlations) ?? learn(correlations),
  least: rhoMin - COMPARISON_TOLERANCE,
});

/** The first row of a root counts. */
function learn(correlations: Correlations): Known {
  const { roots, rho } = correlations;
  const rows = new Map<string, number>();
  for (const [row, root] of roots.entries()) if (!rows.has(root)) rows.set(root, row);
  const stride = mostKept(correlations) + 1;
  const stated = new Float64Array(stride * stride).fill(NaN);
  const known = { rho, rows, underlyings: new Map<string, number>(), symbols: new Map<string, Ties>(), stride, stated };
  knownOf.set(correlations, known);
  return known;
}

function tiesOf({ symbol, root }: Market, { rows, underlyings, symbols, stride }: Known): Ties {
  const other = symbols.get(symbol);
  if (other?.root === root) return other;
  const name = underlyingRoot(root);
  const underlying = underlyings.get(name) ?? underlyings.size;
  underlyings.set(name, underlying);
  const contract = other?.contract ?? symbols.size;
  const place = rows.get(root) ?? rows.get(name) ?? -1;
  // A symbol that comes with two roots is two markets, and the first is kept.
  const number = other === undefined && contract + 1 < stride ? contract + 1 : 0;
  const ties = { root, group: contractSpec(root)?.group ?? null, contract, underlying, place, number };
  if (other === undefined) symbols.set(symbol, ties);
  return ties;
}

/**
 * Returns a market's risk with its ties. Its group is the one of the table of contracts, whoever asks: two decisions that
 * saw one market in different groups would each count on the room that the other takes.
 */
export function memberRisk(market: Market, { known }: Relations, risk: number): MemberRisk {
  const { symbol, root, direction } = market;
  const { group, contract, underlying, place, number } = tiesOf(market, known);
  return { symbol, root, direction, group, contract, underlying, place, number, risk };
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

/** What the matrix says of two members, or their identity; NaN for a pair it lacks. Throws on what is no correlation. */
function statedRho(rho: Matrix, a: Member, b: Member): number {
  if (a.contract === b.contract || a.underlying === b.underlying) return 1;
  if (a.place < 0 || b.place < 0) return NaN;
  const row = rho[a.place];
  const column = rho[b.place];
  // Lengths are asked rather than elements: a number that may be undefined is made on the heap, pair by pair.
  if (row === undefined || column === undefined || b.place >= row.length || a.place >= column.length) return NaN;
  // As numbers: the element of an array with holes may be none.
  const there = Number(row[b.place]);
  const back = Number(column[a.place]);
  const known = there === back ? there : stronger(there, back);
  return Math.abs(known) <= 1 + RHO_TOLERANCE ? known : refuse(known);
}

/**
 * Correlation of two members, unsigned by their sides. Mini and micro of one market are 1 by identity. A pair the matrix
 * lacks counts as fully correlated within its group whatever the sides (no hedge is assumed from what is not known), and
 * so does a root of no known group; a pair of different known groups counts as unrelated.
 * Throws on what is no correlation: a size must never be made of it.
 */
export function rhoBetween({ known }: Relations, a: Member, b: Member): number {
  const stated = statedRho(known.rho, a, b);
  if (Number.isNaN(stated)) return assumed(a, b);
  // What is assumed hangs on the sides, and is not kept.
  if (a.number > 0 && b.number > 0) known.stated[a.number * known.stride + b.number] = stated;
  return stated;
}

/** Signed correlation of two members when it makes partners, else 0; symmetric. As `partnerCorrelation` has it. */
export function partnerIn(relations: Relations, a: Member, b: Member): number {
  const { known, least } = relations;
  const stated = known.stated[a.number * known.stride + b.number] ?? NaN;
  const between = Number.isNaN(stated) ? rhoBetween(relations, a, b) : stated;
  const signed = a.direction === b.direction ? between : -between;
  return signed >= least ? signed : 0;
}
