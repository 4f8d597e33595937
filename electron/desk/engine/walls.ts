import type { Wall } from '#shared/domain/decision.ts';
import type { Exposure, SizingSnapshot } from '#shared/domain/sizing.ts';

import { isSame, rivalShares } from './budget.ts';
import type { Budget } from './budget.ts';
import { statedMargin } from './capital.ts';
import { partnerIn } from './members.ts';
import type { MemberRisk } from './members.ts';
import { COMPARISON_TOLERANCE } from './numerics.ts';

/** One limit as a straight line: at n contracts it reads (base + n · per) / scale, and may read at most `limit`. */
type Line = Pick<Wall, 'code' | 'limit' | 'unit' | 'detail'> & {
  readonly base: number;
  readonly per: number;
  readonly scale: number;
};

/** A limit with what it allows; the readings at the decided size follow once that is known. */
export type OpenWall = Pick<Wall, 'allowed' | 'unrounded'> & { readonly line: Line };

/**
 * Whole contracts in `room`, each taking `per` > 0. Floors with the slack of 1e-9 and takes it back where it would
 * pass the limit by more than rounding.
 */
export function wholeContracts(room: number, per: number): number {
  if (!(room > 0)) return 0;
  const count = Math.min(Number.MAX_SAFE_INTEGER, Math.floor(room / per + COMPARISON_TOLERANCE));
  return count > 0 && count * per > room * (1 + COMPARISON_TOLERANCE) ? count - 1 : count;
}

function openWall(line: Line): OpenWall {
  const room = line.limit * line.scale - line.base;
  const unrounded = line.unit === 'contracts' ? null : Math.max(0, room / line.per);
  return { line, allowed: wholeContracts(room, line.per), unrounded };
}

const readingAt = (line: Line, contracts: number): number => (line.base + contracts * line.per) / line.scale;

/** Fills in what each limit reads at the size and at one contract more. A limit binds when it allows no more. */
export const closeWalls = (walls: readonly OpenWall[], contracts: number): Wall[] =>
  walls.map(({ line, allowed, unrounded }) => ({
    code: line.code,
    allowed,
    unrounded,
    unit: line.unit,
    limit: line.limit,
    atSize: readingAt(line, contracts),
    atOneMore: readingAt(line, contracts + 1),
    binds: allowed <= contracts,
    detail: line.detail,
  }));

/** What the walls are built from: a signal that stands, priced. */
export type WallInput = {
  readonly snapshot: SizingSnapshot;
  readonly budget: Budget;
  /** What the stop loses per contract, 1e-4 USD, > 0. */
  readonly riskPerContract: number;
  /** Fraction of equity and what a contract takes of it, or contracts outright (comparison policies); null in evaluation. */
  readonly kelly: { readonly fraction: number; readonly capital: number } | { readonly contracts: number } | null;
  /** Breaker factor on the risk ceiling. */
  readonly ceilingFactor: number;
};

/** What is held in the very contract: it is part of the trade that is sized. */
type Own = { readonly contracts: number; readonly risk: number };

const NOTHING_HELD: Own = { contracts: 0, risk: 0 };

/** The larger of the two statements of the risk counts, should they differ. */
function ownOf({ held, exposures, instrument }: SizingSnapshot): Own {
  const position = held?.position ?? null;
  if (position === null) return NOTHING_HELD;
  const stated = exposures.reduce((sum, { symbol, risk }) => sum + (symbol === instrument.symbol ? risk : 0), 0);
  return { contracts: position.contracts, risk: Math.max(stated, position.risk ?? 0) };
}

/** Without enough own trades: a fixed number of contracts, each within a small share of equity. */
function evaluationLine({ snapshot, riskPerContract }: WallInput, own: Own): Line {
  const { contracts, maxRisk } = snapshot.config.evaluation;
  const isAffordable = wholeContracts(maxRisk * snapshot.equity, riskPerContract) >= 1;
  const common = { code: 'evaluation', detail: null } as const;
  return isAffordable
    ? { ...common, base: own.contracts, unit: 'contracts', limit: contracts, per: 1, scale: 1 }
    : { ...common, base: 0, unit: 'fraction', limit: maxRisk, per: riskPerContract, scale: snapshot.equity };
}

/** Held contracts take the capital that new ones take: as many as are held, or as their open risk amounts to. */
function firstLine(input: WallInput, own: Own): Line {
  const { kelly, snapshot, riskPerContract } = input;
  if (kelly === null) return evaluationLine(input, own);
  if ('contracts' in kelly) {
    const limit = kelly.contracts;
    return { code: 'kelly', unit: 'contracts', limit, base: own.contracts, per: 1, scale: 1, detail: null };
  }
  const { fraction, capital } = kelly;
  return {
    code: 'kelly',
    unit: 'fraction',
    limit: fraction,
    base: Math.max(own.contracts, own.risk / riskPerContract) * capital,
    per: capital,
    scale: snapshot.equity,
    detail: null,
  };
}

/** What one trade risks at its stop: what is held of it, and what is added. */
function ceilingLine({ snapshot, riskPerContract, ceilingFactor }: WallInput, own: Own): Line {
  return {
    code: 'risk-ceiling',
    unit: 'fraction',
    limit: snapshot.config.maxRiskPerTrade * ceilingFactor,
    base: own.risk,
    per: riskPerContract,
    scale: snapshot.equity,
    detail: null,
  };
}

/** The symbols of a list, each once and in order. */
const namesOf = (exposures: readonly Exposure[]): string =>
  [...new Set(exposures.map(({ symbol }) => symbol))].sort().join(', ');

/**
 * Contracts held in the root count, whatever their month. Exposures are gone through by place, here and below: they are
 * frozen, and an iterator over what is frozen makes an object for each.
 */
function maxContractsLine({ config, exposures, instrument }: SizingSnapshot): Line {
  const held: Exposure[] = [];
  let base = 0;
  for (let i = 0; i < exposures.length; i++) {
    const exposure = exposures[i];
    if (exposure?.root !== instrument.root || !(exposure.contracts > 0)) continue;
    held.push(exposure);
    base += exposure.contracts;
  }
  const detail = held.length === 0 ? null : namesOf(held);
  return { code: 'max-contracts', unit: 'contracts', limit: config.maxContracts, base, per: 1, scale: 1, detail };
}

/**
 * Margin the rivals would take if all asked for what they want: where the room is too small for everybody, each has its
 * share in proportion to what it asks, so that the outcome does not depend on who comes first.
 */
function rivalMargin({ rivals, instrument }: SizingSnapshot, room: number, ownAsk: number): number {
  const claims = rivals
    .filter((r) => r.symbol !== instrument.symbol && r.contracts > 0)
    .reduce((sum, { contracts, marginPerContract }) => sum + contracts * Math.max(0, marginPerContract ?? 0), 0);
  const total = claims + ownAsk;
  return total <= room || total <= 0 ? claims : Math.max(0, room) * (claims / total);
}

/**
 * Left out when the broker states no margin. What others hold counts as far as it is known.
 * @param asked contracts wanted against rivals; null: as if there were none
 */
function buyingPowerLine(snapshot: SizingSnapshot, asked: number | null): Line | null {
  const { instrument, exposures, equity, config } = snapshot;
  const per = statedMargin(instrument.initialMargin);
  if (per === null) return null;
  const unknown: Exposure[] = [];
  let held = 0;
  for (let i = 0; i < exposures.length; i++) {
    const exposure = exposures[i];
    if (exposure === undefined) continue;
    const { margin, contracts, risk } = exposure;
    held += Math.max(0, margin ?? 0);
    if (margin === null && (contracts > 0 || risk > 0)) unknown.push(exposure);
  }
  const room = config.maxMarginShare * equity - held;
  const base = held + (asked === null ? 0 : rivalMargin(snapshot, room, asked * per));
  const names = unknown.length === 0 ? '' : namesOf(unknown);
  const detail = names === '' ? null : `margin of ${names} unknown`;
  return { code: 'buying-power', unit: 'fraction', limit: config.maxMarginShare, base, per, scale: equity, detail };
}

const addRisk = (sum: number, { risk }: MemberRisk): number => sum + risk;

function heatLine(budget: Budget, rivals: readonly MemberRisk[], riskPerContract: number): Line {
  const names = rivals.length === 0 ? '' : [...new Set(rivals.map(({ symbol }) => symbol))].join(', ');
  return {
    code: 'heat',
    unit: 'fraction',
    limit: budget.limits.heatMax,
    base: rivals.reduce(addRisk, budget.book.reduce(addRisk, 0)),
    per: riskPerContract,
    scale: budget.equity,
    detail: names === '' ? null : `shared with ${names}`,
  };
}

/** Who a contract of ours stands with, and in what order. */
type Company = {
  /** All but what is held of the same trade, which is not its partner: it is itself. */
  readonly others: readonly MemberRisk[];
  readonly partners: readonly MemberRisk[];
  /** The partner with most of its risk in ours; null when there is none. */
  readonly largest: MemberRisk | null;
  /** Risk held of the same trade. */
  readonly held: number;
};

function companyOf(budget: Budget, rivals: readonly MemberRisk[]): Company {
  const { own, book, relations } = budget;
  const all = rivals.length === 0 ? book : [...book, ...rivals];
  const partners: MemberRisk[] = [];
  let largest: MemberRisk | null = null;
  let [most, held, same] = [0, 0, 0];
  for (const other of all) {
    if (isSame(budget, own, other)) {
      held += other.risk;
      same += 1;
      continue;
    }
    const tie = partnerIn(relations, own, other);
    if (!(tie > 0)) continue;
    partners.push(other);
    if (largest !== null && !(tie * other.risk > most)) continue;
    largest = other;
    most = tie * other.risk;
  }
  const others = same === 0 ? all : all.filter((other) => !isSame(budget, own, other));
  return { others, partners, largest, held };
}

/**
 * Every correlated exposure in which a contract of ours counts: our own when there is a partner, and each partner's.
 * The one that allows least is the wall, the first of them where several do; null when there is no partner.
 */
function clusterLine(budget: Budget, rivals: readonly MemberRisk[], riskPerContract: number): Line | null {
  const { own, relations, equity, limits } = budget;
  const { others, partners, largest, held } = companyOf(budget, rivals);
  if (largest === null) return null;
  const weigh = (owner: MemberRisk, start: number): number => {
    let sum = start;
    for (const other of others) sum += (other === owner ? 1 : partnerIn(relations, owner, other)) * other.risk;
    return sum;
  };
  const room = limits.clusterMax * equity;
  let owner: MemberRisk | null = null;
  let base = weigh(own, held);
  let per = riskPerContract;
  let least = (room - base) / per;
  for (const partner of partners) {
    const tie = partnerIn(relations, partner, own);
    const whole = weigh(partner, tie * held);
    const left = (room - whole) / (tie * riskPerContract);
    if (!(left < least)) continue;
    owner = partner;
    base = whole;
    per = tie * riskPerContract;
    least = left;
  }
  const detail = owner === null ? `${own.root} + ${largest.root}` : `${owner.root} + ${own.root}`;
  return { code: 'cluster', unit: 'fraction', limit: limits.clusterMax, base, per, scale: equity, detail };
}

/** Puts the limits of the book behind those of the trade. */
function addPortfolioWalls(walls: OpenWall[], input: WallInput, rivals: readonly MemberRisk[]): OpenWall[] {
  const { budget, riskPerContract } = input;
  walls.push(openWall(heatLine(budget, rivals, riskPerContract)));
  const cluster = clusterLine(budget, rivals, riskPerContract);
  if (cluster !== null) walls.push(openWall(cluster));
  return walls;
}

/** The smallest number of contracts that some wall allows; Infinity without walls. */
export function smallestAllowed(walls: readonly { readonly allowed: number }[]): number {
  let smallest = Infinity;
  for (const { allowed } of walls) smallest = Math.min(smallest, allowed);
  return smallest;
}

/** The limits on the trade itself. */
const ownWalls = (input: WallInput, own: Own): OpenWall[] => [
  openWall(firstLine(input, own)),
  openWall(ceilingLine(input, own)),
  openWall(maxContractsLine(input.snapshot)),
];

/**
 * Contracts that the limits on the trade itself (Kelly or evaluation, risk ceiling, max contracts) would give it if
 * nothing of it were held.
 */
export function targetContracts(input: WallInput): number {
  const { snapshot } = input;
  const others = snapshot.exposures.filter(({ symbol }) => symbol !== snapshot.instrument.symbol);
  const fresh = { ...input, snapshot: { ...snapshot, exposures: others } };
  return smallestAllowed(ownWalls(fresh, NOTHING_HELD));
}

/**
 * Builds every limit on contracts, in the order they are explained: Kelly (or evaluation), risk ceiling, max contracts,
 * buying power, heat, correlated exposure. What is held of the same trade counts in each of them. Heat and correlated
 * exposure are read with the shares that rivals hold once all have shared the budget, each asking for what it is allowed
 * alone.
 * @source quant.md 4.1 and 5
 */
export function buildWalls(input: WallInput): readonly OpenWall[] {
  const { snapshot, riskPerContract, budget } = input;
  const first = ownWalls(input, ownOf(snapshot));
  const withMargin = (asked: number | null): OpenWall[] => {
    const walls = [...first];
    const margin = buyingPowerLine(snapshot, asked);
    if (margin !== null) walls.push(openWall(margin));
    return walls;
  };
  const alone = withMargin(null);
  const ownAllowed = smallestAllowed(alone);
  addPortfolioWalls(alone, input, []);
  if (snapshot.rivals.length === 0) return alone;
  // A rival states what it was allowed alone; so does this decision, and the shares of all add up to the room.
  const asked = smallestAllowed(alone);
  // Decisions of before asked for more than heat allowed them alone; they must come out as they did.
  const contracts = snapshot.held === undefined ? ownAllowed : asked;
  const rivals = rivalShares(budget, { contracts, riskPerContract });
  return addPortfolioWalls(withMargin(asked), input, rivals);
}
