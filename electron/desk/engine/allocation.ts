import { err, ok } from '#shared/result.ts';
import type { Result } from '#shared/result.ts';
import type { Direction } from '#shared/units.ts';

import type { CorrelationTable } from './correlation.ts';
import { DEFAULT_PORTFOLIO_LIMITS, invalidLimits, partnerCorrelation } from './exposure.ts';
import type { PortfolioLimits } from './exposure.ts';
import { firstInvalid, invalidInput, isNonNegative, isPositive } from './invalid-input.ts';
import type { InvalidInput } from './invalid-input.ts';
import { at, isCorrelation } from './matrix.ts';
import { floorContracts, FRACTION_TOLERANCE, neumaierSum } from './numerics.ts';

/** Risk that is in the book already: a position, a working entry, an approved recommendation not yet filled. */
export type BookedRisk = { readonly symbol: string; readonly direction: Direction; readonly risk: number };

/** A recommendation that asks for a share of the budget. Risk per contract is a share of equity, > 0. */
export type AllocationCandidate = {
  readonly symbol: string;
  readonly direction: Direction;
  readonly contracts: number;
  readonly riskPerContract: number;
  /** Risk it has in the book already, to which it would add: it is no partner of its own. Not among `existing`. */
  readonly held?: number;
};

export type AllocationInput = {
  readonly existing: readonly BookedRisk[];
  readonly candidates: readonly AllocationCandidate[];
  /** Must name every symbol of both lists. */
  readonly correlation: CorrelationTable;
  readonly limits?: PortfolioLimits;
};

/** What a candidate may have. `boundBy` is 'HEAT' or 'CLUSTER:<symbol>', null when it gets all it asked for. */
export type Allocation = { readonly theta: number; readonly contracts: number; readonly boundBy: string | null };

export type UnknownSymbol = { readonly code: 'unknown-symbol'; readonly symbol: string };

/** A member of the book with the most risk it can have; `candidate` is its place in the sorted list, or null. */
type Node = {
  readonly symbol: string;
  readonly direction: Direction;
  /** What it can add. */
  readonly maxRisk: number;
  /** What it has, whatever it may add. */
  readonly held: number;
  readonly candidate: number | null;
};

/** base + Σ slope[k]·θ_k ≤ limit over candidates k. `owner` is the candidate whose own exposure this is, or null. */
type Constraint = {
  readonly name: string;
  readonly base: number;
  readonly slope: readonly number[];
  readonly limit: number;
  readonly owner: number | null;
};

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** An order that depends on the members only, so that every sum is taken alike whatever order they came in. */
const compareCandidates = (a: AllocationCandidate, b: AllocationCandidate): number =>
  compareText(a.symbol, b.symbol) ||
  a.direction - b.direction ||
  a.contracts - b.contracts ||
  a.riskPerContract - b.riskPerContract ||
  (a.held ?? 0) - (b.held ?? 0);

const compareBooked = (a: BookedRisk, b: BookedRisk): number =>
  compareText(a.symbol, b.symbol) || a.direction - b.direction || a.risk - b.risk;

function invalidAllocation(input: AllocationInput, limits: PortfolioLimits): InvalidInput | UnknownSymbol | null {
  const { existing, candidates, correlation } = input;
  const known = new Set(correlation.symbols);
  const stranger = [...existing, ...candidates].find(({ symbol }) => !known.has(symbol));
  if (stranger !== undefined) return { code: 'unknown-symbol', symbol: stranger.symbol };
  if (!isCorrelation(correlation.rho, correlation.symbols.length)) {
    return invalidInput('correlation.rho', correlation.rho.length);
  }
  return (
    invalidLimits(limits) ??
    firstInvalid(existing.map(({ risk }, i) => [`existing[${i}].risk`, risk, isNonNegative(risk)])) ??
    firstInvalid(
      candidates.flatMap(({ contracts, riskPerContract, held = 0 }, i) => [
        [`candidates[${i}].contracts`, contracts, isNonNegative(contracts) && Number.isInteger(contracts)] as const,
        [`candidates[${i}].riskPerContract`, riskPerContract, isPositive(riskPerContract)] as const,
        [`candidates[${i}].held`, held, isNonNegative(held)] as const,
      ]),
    )
  );
}

/** Everything that can have risk, existing first. */
function nodesOf(existing: readonly BookedRisk[], candidates: readonly AllocationCandidate[]): readonly Node[] {
  const booked = existing.map(({ symbol, direction, risk }) => ({
    symbol,
    direction,
    maxRisk: 0,
    held: risk,
    candidate: null,
  }));
  const asking = candidates.map(({ symbol, direction, contracts, riskPerContract, held = 0 }, candidate) => ({
    symbol,
    direction,
    maxRisk: contracts * riskPerContract,
    held,
    candidate,
  }));
  return [...booked, ...asking].filter(({ maxRisk, held }) => maxRisk > 0 || held > 0);
}

/** ρ⁺ of two members by their places. */
type Ties = readonly (readonly number[])[];

/**
 * ρ⁺ of any two members of the book, found once: every constraint reads it. The same symbol is the same underlying: 1,
 * whatever the table says; and so is a member to itself.
 */
function tiesOf(nodes: readonly Node[], { symbols, rho }: CorrelationTable, rhoMin: number): Ties {
  const rowOf = new Map(symbols.map((symbol, i) => [symbol, i]));
  const rows = nodes.map(({ symbol }) => rowOf.get(symbol) ?? -1);
  return nodes.map((node, i) =>
    nodes.map((other, j) => {
      if (i === j) return 1;
      const together = node.symbol === other.symbol ? 1 : at(rho, rows[i] ?? -1, rows[j] ?? -1);
      return partnerCorrelation(together, [node.direction, other.direction], rhoMin);
    }),
  );
}

/** Who counts in a constraint: members of the book with their places among all members. */
type Counted = { readonly nodes: readonly Node[]; readonly places: readonly number[]; readonly count: number };

/** The linear form Σ weight(place)·risk as base and slopes. */
function constraintOf(
  { nodes, places, count }: Counted,
  weight: (place: number) => number,
  named: Pick<Constraint, 'name' | 'limit' | 'owner'>,
): Constraint {
  const slope = new Array<number>(count).fill(0);
  const held: number[] = [];
  for (const [i, node] of nodes.entries()) {
    const weighed = weight(places[i] ?? -1);
    if (node.candidate !== null) slope[node.candidate] = weighed * node.maxRisk;
    if (node.held > 0) held.push(weighed * node.held);
  }
  return { ...named, base: neumaierSum(held), slope };
}

/** Heat, and the correlated exposure X_i of every member that has a partner. */
function constraintsOf(counted: Counted, ties: Ties, limits: PortfolioLimits): readonly Constraint[] {
  const { nodes, places } = counted;
  const heat = constraintOf(counted, () => 1, { name: 'HEAT', limit: limits.heatMax, owner: null });
  const clusters = nodes.flatMap((node, i) => {
    const own = places[i] ?? -1;
    const row = ties[own] ?? [];
    if (!places.some((place) => place !== own && (row[place] ?? NaN) > 0)) return [];
    const named = { name: `CLUSTER:${node.symbol}`, limit: limits.clusterMax, owner: node.candidate };
    return [constraintOf(counted, (place) => row[place] ?? NaN, named)];
  });
  return [heat, ...clusters];
}

const slopeOf = (constraint: Constraint, k: number): number => constraint.slope[k] ?? 0;

/** Alphabetically first of the constraints in which a candidate counts. */
const labelOf = (tight: readonly Constraint[], k: number): string | null =>
  tight
    .filter((constraint) => slopeOf(constraint, k) > 0)
    .map(({ name }) => name)
    .sort(compareText)[0] ?? null;

type Filling = { readonly theta: number; readonly boundBy: string | null };

/**
 * Candidates that cannot have even the smallest share. One whose own exposure is full before it starts is not held at
 * all, so it must not hold back those that would only have been its partners.
 */
function shutOut(constraints: readonly Constraint[], count: number): ReadonlyMap<number, Filling> {
  const full = constraints.filter(({ base, limit }) => base >= limit - FRACTION_TOLERANCE);
  const out = new Map<number, Filling>();
  for (let k = 0; k < count; k++) {
    const isOut = full.some((c) => slopeOf(c, k) > 0 && (c.owner === null || c.owner === k));
    if (isOut) out.set(k, { theta: 0, boundBy: labelOf(full, k) });
  }
  return out;
}

/** Lets the active candidates rise together until a constraint is tight, freezes its members, and goes on. */
function fill(constraints: readonly Constraint[], candidates: readonly number[]): ReadonlyMap<number, Filling> {
  const frozen = new Map<number, Filling>();
  let active = candidates;
  let level = 0;
  while (active.length > 0) {
    const reach = constraints.map((c) => {
      const used = neumaierSum([c.base, ...[...frozen].map(([k, { theta }]) => slopeOf(c, k) * theta)]);
      const rise = neumaierSum(active.map((k) => slopeOf(c, k)));
      return { constraint: c, theta: rise > 0 ? (c.limit - used) / rise : Infinity };
    });
    level = Math.max(level, Math.min(1, ...reach.map(({ theta }) => theta)));
    const isFull = level >= 1 - FRACTION_TOLERANCE;
    const tight = reach.filter(({ theta }) => theta <= level + FRACTION_TOLERANCE).map(({ constraint }) => constraint);
    for (const k of active) {
      const boundBy = labelOf(tight, k);
      if (isFull) frozen.set(k, { theta: 1, boundBy: null });
      else if (boundBy !== null) frozen.set(k, { theta: level, boundBy });
    }
    active = active.filter((k) => !frozen.has(k));
  }
  return frozen;
}

function fillAll(nodes: readonly Node[], count: number, setting: { ties: Ties; limits: PortfolioLimits }): Filling[] {
  const { ties, limits } = setting;
  const all = Array.from({ length: count }, (_, k) => k);
  const everyone = { nodes, places: nodes.map((_, place) => place), count };
  const constraints = constraintsOf(everyone, ties, limits);
  const out = shutOut(constraints, count);
  const isOut = ({ candidate }: Node): boolean => candidate !== null && out.has(candidate);
  // One that may add nothing still has what it holds.
  const left = nodes
    .map((node, place) => ({ node: isOut(node) ? { ...node, maxRisk: 0, candidate: null } : node, place }))
    .filter(({ node: { maxRisk, held } }) => maxRisk > 0 || held > 0);
  const asking = new Set(left.map(({ node }) => node.candidate));
  const remaining = { nodes: left.map(({ node }) => node), places: left.map(({ place }) => place), count };
  const filled = fill(
    out.size === 0 ? constraints : constraintsOf(remaining, ties, limits),
    all.filter((k) => asking.has(k)),
  );
  // Who asks for nothing gets all of it.
  return all.map((k) => out.get(k) ?? filled.get(k) ?? { theta: 1, boundBy: null });
}

/**
 * Divides the risk budget among several recommendations by progressive filling (weighted max-min): all shares θ rise
 * together from 0; when heat or a correlated exposure X_i is at its limit, every candidate that counts in it stops.
 * Contracts are floor(θ·contracts + 1e-9); what flooring leaves over is not handed out. The book is a constant: if it
 * breaks a limit already, candidates that count in that limit get 0. The result depends on the set only: permuting
 * either list permutes the answer, and equal candidates get equal shares. Two members with the same symbol and direction
 * are each other's partners.
 * @returns one allocation per candidate, in the order given
 * @errors 'invalid-input'; 'unknown-symbol' when the correlation table lacks one
 * @source quant.md 5.4
 */
export function allocateHeat(input: AllocationInput): Result<readonly Allocation[], InvalidInput | UnknownSymbol> {
  const { existing, candidates, correlation, limits = DEFAULT_PORTFOLIO_LIMITS } = input;
  const invalid = invalidAllocation(input, limits);
  if (invalid !== null) return err(invalid);
  const order = candidates
    .map((candidate, index) => ({ candidate, index }))
    .sort((a, b) => compareCandidates(a.candidate, b.candidate));
  const nodes = nodesOf(
    [...existing].sort(compareBooked),
    order.map(({ candidate }) => candidate),
  );
  const filled = fillAll(nodes, candidates.length, {
    ties: tiesOf(nodes, correlation, limits.rhoMin),
    limits,
  });
  const allocations: Allocation[] = [];
  for (const [rank, { candidate, index }] of order.entries()) {
    const { theta, boundBy } = filled[rank] ?? { theta: 0, boundBy: null };
    const contracts = floorContracts(candidate.contracts, theta, 1);
    if (!contracts.ok) return contracts;
    allocations[index] = { theta, contracts: contracts.value, boundBy };
  }
  return ok(allocations);
}
