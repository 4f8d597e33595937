import { feeShare } from '#shared/fee-share.ts';
import type { Fill, Order, Trade } from '#shared/domain/order.ts';
import { money, type Money } from '#shared/units.ts';
import type { JournalEventOf, StoredEvent } from '#desk/ports/events.ts';
import type { Journal, OpenLot } from '#desk/ports/journal.ts';
import type { SignalTerms } from './signal-columns.ts';
import type { CaseOutcome, Leg } from './tape.ts';

type Ended = StoredEvent<JournalEventOf<'recommendation'>>;
type Planned = JournalEventOf<'outcome'>;

type HeldLot = OpenLot & Pick<Fill, 'symbol' | 'direction'>;

type Executions = {
  readonly trades: ReadonlyMap<string, readonly Trade[]>;
  readonly lots: ReadonlyMap<string, readonly HeldLot[]>;
  readonly entries: ReadonlyMap<string, Order>;
  /** Every fill of every order of a recommendation, in the order in which they count; and all there are. */
  readonly fills: ReadonlyMap<string, readonly Fill[]>;
  readonly all: readonly Fill[];
};

/** What was said and done about every recommendation, by its id. */
export type Words = {
  readonly ended: ReadonlyMap<string, Ended>;
  readonly planned: ReadonlyMap<string, Planned>;
  readonly executions: Executions;
};

function grouped<T>(items: readonly T[], keyOf: (item: T) => string | null): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key === null) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

const CLOSED_UNFILLED: ReadonlySet<Order['life']> = new Set(['denied', 'canceled', 'expired', 'rejected']);

type Part = Pick<Leg, 'entryAt' | 'entryPrice' | 'quantity'> & Pick<Fill, 'symbol' | 'direction'>;

/**
 * Fees of the way in, part by part. A part never spans two fills, and those of one fill left first in, first out: so
 * asked in the order of their exits, the parts of a time and price use up its fills one after the other.
 */
export function createEntryFees(fills: readonly Fill[]): (part: Part) => Money {
  const placeOf = (symbol: string, direction: number, at: number, price: number) =>
    `${symbol} ${direction} ${at} ${price}`;
  const byPlace = grouped(fills, ({ symbol, direction, at, price }) => placeOf(symbol, direction, at, price));
  const used = new Map<string, { fill: number; contracts: number }>();
  return ({ symbol, direction, entryAt, entryPrice, quantity }) => {
    const place = placeOf(symbol, direction, entryAt, entryPrice);
    const there = used.get(place) ?? { fill: 0, contracts: 0 };
    const fill = byPlace.get(place)?.[there.fill];
    if (fill === undefined) throw new Error(`no fill opened ${quantity} at ${place}`);
    const from = there.contracts;
    const isUsedUp = from + quantity >= fill.quantity;
    used.set(
      place,
      isUsedUp ? { fill: there.fill + 1, contracts: 0 } : { fill: there.fill, contracts: from + quantity },
    );
    return feeShare(fill, from, quantity);
  };
}

function legsOf(id: string, { trades, lots, fills }: Executions): readonly Leg[] {
  const closed = [...(trades.get(id) ?? [])].sort((a, b) => a.exitAt - b.exitAt);
  const open = (lots.get(id) ?? []).map(({ at, price, ...lot }) => {
    return { ...lot, entryAt: at, entryPrice: price, exitAt: Infinity, net: money(0) };
  });
  const feeOf = createEntryFees(fills.get(id) ?? []);
  return [...closed, ...open].map((part) => {
    const { entryAt, entryPrice, quantity, exitAt, net } = part;
    return { entryAt, entryPrice, quantity, exitAt, net, entryFee: feeOf(part) };
  });
}

/** What became of a case the trader let through: its fills, or that it had none. */
export function executedOutcome(id: string, sent: number, executions: Executions): CaseOutcome {
  const legs = legsOf(id, executions);
  const filled = legs.reduce((sum, { quantity }) => sum + quantity, 0);
  const order = executions.entries.get(id);
  const orderEndsAt = order === undefined || CLOSED_UNFILLED.has(order.life) ? (order?.updatedAt ?? 0) : Infinity;
  if (filled === 0) return { source: 'missed', fillsUntil: orderEndsAt, endsAt: orderEndsAt, sent, filled, legs };
  const fillsUntil = filled >= sent ? Math.max(...legs.map(({ entryAt }) => entryAt)) : orderEndsAt;
  const endsAt = Math.max(fillsUntil, ...legs.map(({ exitAt }) => exitAt));
  return { source: 'executed', fillsUntil, endsAt, sent, filled, legs };
}

/** What became of a case that was not taken: its planned trade of one contract, in at once at the planned price. */
export function plannedOutcome(
  { at, entry, instrument }: Pick<SignalTerms, 'at' | 'entry' | 'instrument'>,
  planned: Planned | undefined,
): CaseOutcome {
  const entryFee = money(Math.ceil(instrument.roundTurnFee / 2));
  const exit =
    planned === undefined
      ? { exitAt: Infinity, net: money(0) }
      : { exitAt: planned.exitAt, net: planned.netPerContract };
  const leg: Leg = { entryAt: at, entryPrice: entry, entryFee, quantity: 1, ...exit };
  const source = planned === undefined ? 'unresolved' : 'shadow';
  return { source, fillsUntil: at, endsAt: leg.exitAt, sent: 1, filled: 1, legs: [leg] };
}

/** Contracts the trader let through; 0 where a proposal was rejected, let go or never up for approval. */
export function sentContracts(word: Pick<Ended['event'], 'state' | 'contracts'> | undefined): number {
  return word?.state === 'approved' || word?.state === 'overridden' ? (word.contracts ?? 0) : 0;
}

/** Reads the words; `trades` are all that closed, oldest first. */
export function wordsOf(
  journal: Pick<Journal, 'events' | 'openLots' | 'orders' | 'fills'>,
  trades: readonly Trade[],
): Words {
  const ended = new Map<string, Ended>();
  const planned = new Map<string, Planned>();
  for (const stored of journal.events({ kinds: ['recommendation', 'outcome'] })) {
    const { event } = stored;
    if (event.kind === 'outcome') planned.set(event.recommendationId, event);
    else ended.set(event.recommendationId, { ...stored, event });
  }
  const lots = journal
    .openLots()
    .flatMap(({ symbol, direction, lots: open }) => open.map((lot): HeldLot => ({ ...lot, symbol, direction })));
  const all = journal.fills({});
  const known = journal.orders({}).filter(({ recommendationId }) => recommendationId !== null);
  const recommendationOf = new Map(known.map((order) => [order.clientOrderId, order.recommendationId]));
  const entries = known.filter(({ role }) => role === 'entry');
  return {
    ended,
    planned,
    executions: {
      trades: grouped(trades, ({ recommendationId }) => recommendationId),
      lots: grouped(lots, ({ recommendationId }) => recommendationId),
      entries: new Map(entries.map((order) => [order.recommendationId ?? '', order])),
      all,
      fills: grouped(all, ({ clientOrderId }) => recommendationOf.get(clientOrderId ?? '') ?? null),
    },
  };
}
