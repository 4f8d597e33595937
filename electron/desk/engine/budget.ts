import type { Exposure, SizingSnapshot } from '#shared/domain/sizing.ts';
import { isFrozenWhole } from '#shared/frozen.ts';
import type { Direction } from '#shared/units.ts';

import { allocateHeat } from './allocation.ts';
import { measureJoined } from './book-exposure.ts';
import type { Book, BookState, Joined } from './book-exposure.ts';
import type { Matrix } from './matrix.ts';
import { compareMarkets, isSameMarket, memberRisk, relationsOf, rhoBetween } from './members.ts';
import type { Member, MemberRisk, Relations } from './members.ts';

/** A rival's claim: contracts it asks for and the risk of each; its `risk` is that of all it asks for. */
type Claim = MemberRisk & { readonly contracts: number; readonly riskPerContract: number };

/** A limit of 0 would make partners of unrelated markets. */
const SMALLEST_RHO_MIN = 1e-6;

/** Up to here a list is put in order by insertion, which costs little where it is in order. */
const FEW = 40;

/** The place behind the members that are not after `one`, of the first `size`, which are in order. */
function placeOf(members: readonly MemberRisk[], size: number, one: MemberRisk): number {
  let [low, high] = [0, size];
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = members[middle];
    if (other !== undefined && compareMarkets(other, one) > 0) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Puts markets in order in place; those alike keep theirs. */
function sortMarkets(members: MemberRisk[]): void {
  if (members.length > FEW) members.sort(compareMarkets);
  else for (let i = 1; i < members.length; i++) putInOrder(members, i);
}

/** Puts a member in its place among those before it, which are in order; mostly it is there. */
function putInOrder(members: MemberRisk[], i: number): void {
  const one = members[i];
  const before = members[i - 1];
  if (one === undefined || before === undefined || compareMarkets(before, one) <= 0) return;
  const place = placeOf(members, i - 1, one);
  for (let k = i; k > place; k--) members[k] = members[k - 1] ?? one;
  members[place] = one;
}

/** A book that was made of exposures which never change. */
type Made = Pick<SizingSnapshot, 'exposures'> & { readonly book: BookRisks };

/** The risks of a book, and what they are measured by. */
type BookRisks = Book & { readonly members: readonly MemberRisk[] };

/** Signals that are sized together look at one list of exposures, and many of them at one table of correlations. */
let madeLast: Made | null = null;

function bookOf({ exposures }: SizingSnapshot, relations: Relations): BookRisks {
  const { known, least } = relations;
  const last = madeLast?.book;
  if (madeLast?.exposures === exposures && last?.relations.known === known && last.relations.least === least)
    return last;
  const book = { members: makeBook(exposures, relations), relations };
  if (isFrozenWhole(exposures)) madeLast = { exposures, book };
  return book;
}

/** Risk already in the book, one entry per market and side, in an order that depends on the members only. */
function makeBook(exposures: readonly Exposure[], relations: Relations): readonly MemberRisk[] {
  const members: MemberRisk[] = [];
  for (const exposure of exposures) {
    if (exposure.risk <= 0) continue;
    members.push(memberRisk(exposure, relations, exposure.risk));
  }
  sortMarkets(members);
  // Those of one market and side stand together now, and become one.
  let count = 0;
  for (const member of members) {
    const last = members[count - 1];
    if (count > 0 && last !== undefined && isSameMarket(last, member)) {
      members[count - 1] = { ...last, risk: member.risk + last.risk };
    } else members[count++] = member;
  }
  if (count < members.length) members.length = count;
  return members;
}

/**
 * Other recommendations that want a share. One in the same symbol is the recommendation this decision replaces, and
 * one without contracts or risk wants nothing.
 */
function claimsOf({ rivals, instrument }: SizingSnapshot, relations: Relations): readonly Claim[] {
  if (rivals.length === 0) return [];
  return rivals
    .filter((r) => r.symbol !== instrument.symbol && r.contracts > 0 && r.riskPerContract > 0)
    .map((rival) => {
      const { contracts, riskPerContract } = rival;
      const member = memberRisk(rival, relations, contracts * riskPerContract);
      return { ...member, contracts, riskPerContract };
    })
    .sort((a, b) => compareMarkets(a, b) || a.contracts - b.contracts || a.riskPerContract - b.riskPerContract);
}

const matrixOf = (members: readonly Member[], relations: Relations): Matrix =>
  members.map((a, i) => members.map((b, j) => (i === j ? 1 : rhoBetween(relations, a, b))));

/** The market risks a decision shares its budget with, and its own place among them. */
export type Budget = {
  readonly equity: number;
  /** This decision, which has no risk yet. */
  readonly own: MemberRisk;
  readonly book: readonly MemberRisk[];
  /** Where this decision comes among the book. */
  readonly place: number;
  readonly claims: readonly Claim[];
  /** Whether what is held counts to the trade that is sized. */
  readonly countsHeld: boolean;
  readonly relations: Relations;
  /** The book with this decision at its place. */
  readonly whole: Joined;
  readonly limits: { readonly heatMax: number; readonly clusterMax: number; readonly rhoMin: number };
};

/** The same trade: what is held of it and what is added or asked for are one member, not partners. */
export const isSame = ({ countsHeld }: Budget, a: Member, b: Member): boolean =>
  countsHeld && a.contract === b.contract && a.direction === b.direction;

/** Gathers the book, the rivals and the correlations of a snapshot. Equity ≤ 0 counts as the smallest amount. */
export function budgetOf(snapshot: SizingSnapshot, direction: Direction): Budget {
  const { instrument, config, correlations } = snapshot;
  const { symbol, root } = instrument;
  const rhoMin = Math.max(config.rhoMin, SMALLEST_RHO_MIN);
  const relations = relationsOf(correlations, rhoMin);
  const own = memberRisk({ symbol, root, direction }, relations, 0);
  const risks = bookOf(snapshot, relations);
  const { members: book } = risks;
  const place = placeOf(book, book.length, own);
  return {
    equity: Math.max(1, snapshot.equity),
    own,
    book,
    place,
    claims: claimsOf(snapshot, relations),
    countsHeld: snapshot.held !== undefined,
    relations,
    whole: { book: risks, member: own, place },
    limits: { heatMax: config.maxHeat, clusterMax: config.maxCluster, rhoMin },
  };
}

/** What rounding may take from a sum of risks. */
const ROOM_FOR_ROUNDING = 1e-9;

/**
 * Whether book and all claims fit whole under heat and under the limit of correlated exposure. Partners count at most in
 * full, so no correlated exposure is above the sum: then everybody has all of its claim, whatever the correlations.
 */
function fitsWhole({ book, claims, equity, limits }: Budget, own: number): boolean {
  const asked = claims.reduce((sum, { contracts, riskPerContract }) => sum + contracts * riskPerContract, own);
  const all = book.reduce((sum, { risk }) => sum + risk, asked) / equity;
  return all < Math.min(limits.heatMax, limits.clusterMax) * (1 - ROOM_FOR_ROUNDING);
}

/**
 * The risk each rival holds once all recommendations have shared the budget by progressive filling, this one asking
 * for `contracts`. Shares are taken before flooring: what a rival's rounding leaves over is not handed out.
 * @param ask whole contracts of this decision, and the risk of each in 1e-4 USD
 * @source quant.md 5.4
 */
export function rivalShares(
  budget: Budget,
  ask: { readonly contracts: number; readonly riskPerContract: number },
): readonly MemberRisk[] {
  const { claims, own, equity, limits } = budget;
  if (claims.length === 0 || ask.contracts === 0) return [];
  if (fitsWhole(budget, ask.contracts * ask.riskPerContract)) return claims;
  const asking = [{ ...own, ...ask }, ...claims];
  // A trade that is held already asks with what it has: the first that asks for it stands for all of it.
  const first = budget.book.map((one) => asking.findIndex((other) => isSame(budget, one, other)));
  const book = budget.book.filter((_, i) => first[i] === -1);
  const heldBy = (k: number): number => budget.book.reduce((sum, { risk }, i) => sum + (first[i] === k ? risk : 0), 0);
  const members = [...book, own, ...claims];
  // Members are told apart by their place: two claims may name the same symbol on different sides.
  const nameOf = (i: number): string => String(i).padStart(6, '0');
  const candidates = asking.map(({ direction, contracts, riskPerContract }, i) => ({
    symbol: nameOf(book.length + i),
    direction,
    contracts,
    riskPerContract: riskPerContract / equity,
    held: heldBy(i) / equity,
  }));
  const allocated = allocateHeat({
    existing: book.map(({ direction, risk }, i) => ({ symbol: nameOf(i), direction, risk: risk / equity })),
    candidates,
    correlation: { symbols: members.map((_, i) => nameOf(i)), rho: matrixOf(members, budget.relations) },
    limits,
  });
  if (!allocated.ok) throw new RangeError(`allocation refused: ${JSON.stringify(allocated.error)}`);
  return claims.flatMap((claim, i) => {
    const theta = allocated.value[i + 1]?.theta ?? 0;
    const risk = theta * claim.contracts * claim.riskPerContract;
    return risk > 0 ? [{ ...claim, risk }] : [];
  });
}

/** Measures the book as it is, or with `ownRisk` (1e-4 USD) of this decision added to what is held of its trade. */
export function bookState(budget: Budget, ownRisk: number): BookState {
  const { book, own, place, equity, whole } = budget;
  const size = book.length + 1;
  if (size > room.length) room = new Float64Array(2 * size);
  for (let i = 0; i < size; i++) {
    const risk = i === place ? 0 : (book[i < place ? i : i - 1]?.risk ?? NaN);
    room[i] = risk / equity;
  }
  if (ownRisk > 0) {
    const held = book.findIndex((one) => isSame(budget, own, one));
    const at = held === -1 || held >= place ? held + 1 : held;
    room[held === -1 ? place : at] = (ownRisk + (book[held]?.risk ?? 0)) / equity;
  }
  return measureJoined(room, whole);
}

/** Shares of equity at risk, in an array that stays for the next book. */
let room = new Float64Array(64);
