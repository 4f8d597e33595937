import type { Correlations, SizingSnapshot } from '#shared/domain/sizing.ts';
import type { Direction } from '#shared/units.ts';

import { allocateHeat } from './allocation.ts';
import { correlatedExposure, partnerCorrelation } from './exposure.ts';
import { contractSpec, underlyingRoot } from './futures/contract-table.ts';
import type { Matrix } from './matrix.ts';

/** Risk in one market on one side. Amounts are in 1e-4 USD, float64: a rival's share need not be whole. */
export type MarketRisk = {
  readonly symbol: string;
  readonly root: string;
  /** Asset group where it is known. */
  readonly group: string | null;
  readonly direction: Direction;
  readonly risk: number;
};

/** A rival's claim: contracts it asks for and the risk of each. */
type Claim = Omit<MarketRisk, 'risk'> & { readonly contracts: number; readonly riskPerContract: number };

/** A limit of 0 would make partners of unrelated markets. */
const SMALLEST_RHO_MIN = 1e-6;

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const compareMarkets = (a: Omit<MarketRisk, 'risk'>, b: Omit<MarketRisk, 'risk'>): number =>
  compareText(a.symbol, b.symbol) || compareText(a.root, b.root) || a.direction - b.direction;

/** Signed correlation of two members of the book, so that opposite sides count as such. */
type Rho = (a: Omit<MarketRisk, 'risk'>, b: Omit<MarketRisk, 'risk'>) => number;

/** An estimate from the matrix for a root or its underlying; null when the matrix does not have the pair. */
function estimated({ roots, rho }: Correlations, a: string, b: string): number | null {
  const placeOf = (root: string): number => {
    const own = roots.indexOf(root);
    return own >= 0 ? own : roots.indexOf(underlyingRoot(root));
  };
  const [i, j] = [placeOf(a), placeOf(b)];
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
function rhoOf(correlations: Correlations): Rho {
  return (a, b) => {
    if (a.symbol === b.symbol || underlyingRoot(a.root) === underlyingRoot(b.root)) return 1;
    const known = estimated(correlations, a.root, b.root);
    if (known !== null) return known;
    const isAlike = a.group === null || b.group === null || a.group === b.group;
    return isAlike ? a.direction * b.direction : 0;
  };
}

/** Risk already in the book, one entry per market and side, in an order that depends on the members only. */
function bookOf({ exposures, instrument }: SizingSnapshot): readonly MarketRisk[] {
  const merged = new Map<string, MarketRisk>();
  for (const { symbol, root, direction, risk } of exposures) {
    if (risk <= 0) continue;
    const key = `${symbol} ${root} ${direction}`;
    const group = root === instrument.root ? instrument.group : (contractSpec(root)?.group ?? null);
    merged.set(key, { symbol, root, group, direction, risk: risk + (merged.get(key)?.risk ?? 0) });
  }
  return [...merged.values()].sort(compareMarkets);
}

/**
 * Other recommendations that want a share. One in the same symbol is the recommendation this decision replaces, and
 * one without contracts or risk wants nothing.
 */
function claimsOf({ rivals, instrument }: SizingSnapshot): readonly Claim[] {
  return rivals
    .filter((r) => r.symbol !== instrument.symbol && r.contracts > 0 && r.riskPerContract > 0)
    .map((r) => ({ ...r, group: contractSpec(r.root)?.group ?? null }))
    .sort((a, b) => compareMarkets(a, b) || a.contracts - b.contracts || a.riskPerContract - b.riskPerContract);
}

const matrixOf = (members: readonly Omit<MarketRisk, 'risk'>[], rho: Rho): Matrix =>
  members.map((a, i) => members.map((b, j) => (i === j ? 1 : rho(a, b))));

/** The market risks a decision shares its budget with, and its own place among them. */
export type Budget = {
  readonly equity: number;
  readonly own: Omit<MarketRisk, 'risk'>;
  readonly book: readonly MarketRisk[];
  readonly claims: readonly Claim[];
  /** The same trade: what is held of it and what is added or asked for are one member, not partners. */
  readonly isSame: (a: Omit<MarketRisk, 'risk'>, b: Omit<MarketRisk, 'risk'>) => boolean;
  /** Signed correlation when it makes partners, else 0. */
  readonly partner: (a: Omit<MarketRisk, 'risk'>, b: Omit<MarketRisk, 'risk'>) => number;
  readonly rho: Rho;
  readonly limits: { readonly heatMax: number; readonly clusterMax: number; readonly rhoMin: number };
};

/** Gathers the book, the rivals and the correlations of a snapshot. Equity ≤ 0 counts as the smallest amount. */
export function budgetOf(snapshot: SizingSnapshot, direction: Direction): Budget {
  const { instrument, config } = snapshot;
  const rho = rhoOf(snapshot.correlations);
  const rhoMin = Math.max(config.rhoMin, SMALLEST_RHO_MIN);
  return {
    equity: Math.max(1, snapshot.equity),
    own: { symbol: instrument.symbol, root: instrument.root, group: instrument.group, direction },
    book: bookOf(snapshot),
    claims: claimsOf(snapshot),
    isSame: (a, b) => snapshot.held !== undefined && a.symbol === b.symbol && a.direction === b.direction,
    partner: (a, b) => partnerCorrelation(rho(a, b), [a.direction, b.direction], rhoMin),
    rho,
    limits: { heatMax: config.maxHeat, clusterMax: config.maxCluster, rhoMin },
  };
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
): readonly MarketRisk[] {
  const { claims, own, equity, rho, limits } = budget;
  if (claims.length === 0 || ask.contracts === 0) return [];
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

/** Heat and the largest correlated exposure (null without a correlated pair) as shares of equity. */
export type BookState = { readonly heat: number; readonly cluster: number | null };

/** Measures the book as it is, or with `ownRisk` (1e-4 USD) of this decision added. */
export function bookState(budget: Budget, ownRisk: number): BookState {
  const { book, own, equity, rho, limits } = budget;
  const held = book.find((one) => budget.isSame(own, one));
  const added = { ...(held ?? own), risk: ownRisk + (held?.risk ?? 0) };
  const members = ownRisk > 0 ? [...book.filter((one) => one !== held), added].sort(compareMarkets) : book;
  const shares = members.map(({ direction, risk }) => ({ direction, risk: risk / equity }));
  const measured = correlatedExposure(shares, matrixOf(members, rho), limits.rhoMin);
  if (!measured.ok) throw new RangeError(`exposure refused: ${measured.error.field}`);
  const hasPair = measured.value.hasPartner.includes(true);
  return { heat: measured.value.heat, cluster: hasPair ? measured.value.clusterMax : null };
}
