import type { SizingSnapshot } from '#shared/domain/sizing.ts';
import type { Direction } from '#shared/units.ts';

import { allocateHeat } from './allocation.ts';
import { measureBook, tiesOf } from './book-exposure.ts';
import type { BookState, Ties } from './book-exposure.ts';
import { partnerCorrelation } from './exposure.ts';
import type { Matrix } from './matrix.ts';
import { compareMarkets, rhoBetween, withTies } from './members.ts';
import type { Member, MemberRisk } from './members.ts';

/** A rival's claim: contracts it asks for and the risk of each. */
type Claim = Member & { readonly contracts: number; readonly riskPerContract: number };

/** A limit of 0 would make partners of unrelated markets. */
const SMALLEST_RHO_MIN = 1e-6;

/** Risk already in the book, one entry per market and side, in an order that depends on the members only. */
function bookOf({ exposures, instrument, correlations }: SizingSnapshot): readonly MemberRisk[] {
  const merged = new Map<string, MemberRisk>();
  for (const { symbol, root, direction, risk } of exposures) {
    if (risk <= 0) continue;
    const key = `${symbol} ${root} ${direction}`;
    const known = merged.get(key);
    const group = root === instrument.root ? instrument.group : null;
    const member = known ?? withTies({ symbol, root, direction }, correlations, group);
    merged.set(key, { ...member, risk: risk + (known?.risk ?? 0) });
  }
  return [...merged.values()].sort(compareMarkets);
}

/**
 * Other recommendations that want a share. One in the same symbol is the recommendation this decision replaces, and
 * one without contracts or risk wants nothing.
 */
function claimsOf({ rivals, instrument, correlations }: SizingSnapshot): readonly Claim[] {
  return rivals
    .filter((r) => r.symbol !== instrument.symbol && r.contracts > 0 && r.riskPerContract > 0)
    .map(({ symbol, root, direction, contracts, riskPerContract }) => ({
      ...withTies({ symbol, root, direction }, correlations, null),
      contracts,
      riskPerContract,
    }))
    .sort((a, b) => compareMarkets(a, b) || a.contracts - b.contracts || a.riskPerContract - b.riskPerContract);
}

/** Rounding allowed beyond ±1. */
const RHO_TOLERANCE = 1e-9;

/** Throws on what is no correlation: a size must never be made of it. */
function checkedRho(rho: number): number {
  if (!(Math.abs(rho) <= 1 + RHO_TOLERANCE)) throw new RangeError(`exposure refused: rho ${rho}`);
  return rho;
}

const matrixOf = (members: readonly Member[], rho: Budget['rho']): Matrix =>
  members.map((a, i) => members.map((b, j) => (i === j ? 1 : rho(a, b))));

/** The market risks a decision shares its budget with, and its own place among them. */
export type Budget = {
  readonly equity: number;
  readonly own: Member;
  readonly book: readonly MemberRisk[];
  readonly claims: readonly Claim[];
  /** The same trade: what is held of it and what is added or asked for are one member, not partners. */
  readonly isSame: (a: Member, b: Member) => boolean;
  /** Signed correlation when it makes partners, else 0. */
  readonly partner: (a: Member, b: Member) => number;
  /** Correlation of two members, unsigned by their sides. */
  readonly rho: (a: Member, b: Member) => number;
  /** `partner` of every pair of the book, and of this decision, which comes last. */
  readonly ties: () => Ties;
  readonly limits: { readonly heatMax: number; readonly clusterMax: number; readonly rhoMin: number };
};

/** Gathers the book, the rivals and the correlations of a snapshot. Equity ≤ 0 counts as the smallest amount. */
export function budgetOf(snapshot: SizingSnapshot, direction: Direction): Budget {
  const { instrument, config, correlations } = snapshot;
  const { symbol, root, group } = instrument;
  const rho = (a: Member, b: Member): number => checkedRho(rhoBetween(correlations, a, b));
  const rhoMin = Math.max(config.rhoMin, SMALLEST_RHO_MIN);
  const partner = (a: Member, b: Member): number => partnerCorrelation(rho(a, b), [a.direction, b.direction], rhoMin);
  const [own, book] = [withTies({ symbol, root, direction }, correlations, group), bookOf(snapshot)];
  let ties: Ties | null = null;
  return {
    equity: Math.max(1, snapshot.equity),
    own,
    book,
    claims: claimsOf(snapshot),
    isSame: (a, b) => snapshot.held !== undefined && a.symbol === b.symbol && a.direction === b.direction,
    partner,
    rho,
    ties: () => (ties ??= tiesOf([...book, own], partner)),
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
  const { claims, own, equity, rho, limits } = budget;
  if (claims.length === 0 || ask.contracts === 0) return [];
  if (fitsWhole(budget, ask.contracts * ask.riskPerContract)) {
    return claims.map(({ contracts, riskPerContract, ...market }) => ({
      ...market,
      risk: contracts * riskPerContract,
    }));
  }
  const asking = [{ ...own, ...ask }, ...claims];
  // A trade that is held already asks with what it has: the first that asks for it stands for all of it.
  const first = budget.book.map((one) => asking.findIndex((other) => budget.isSame(one, other)));
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
    correlation: { symbols: members.map((_, i) => nameOf(i)), rho: matrixOf(members, rho) },
    limits,
  });
  if (!allocated.ok) throw new RangeError(`allocation refused: ${JSON.stringify(allocated.error)}`);
  return claims.flatMap(({ contracts, riskPerContract, ...market }, i) => {
    const theta = allocated.value[i + 1]?.theta ?? 0;
    const risk = theta * contracts * riskPerContract;
    return risk > 0 ? [{ ...market, risk }] : [];
  });
}

/** Measures the book as it is, or with `ownRisk` (1e-4 USD) of this decision added to what is held of its trade. */
export function bookState(budget: Budget, ownRisk: number): BookState {
  const { book, own, equity } = budget;
  const members = book.map(({ risk }, place) => ({ place, risk }));
  if (ownRisk > 0) {
    const held = book.findIndex((one) => budget.isSame(own, one));
    const after = book.findIndex((one) => compareMarkets(one, own) > 0);
    const place = held === -1 ? book.length : held;
    const risk = ownRisk + (book[held]?.risk ?? 0);
    if (held === -1) members.splice(after === -1 ? book.length : after, 0, { place, risk });
    else members[held] = { place, risk };
  }
  return measureBook(members, equity, budget.ties());
}
