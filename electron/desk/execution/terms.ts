import type { Instrument } from '#shared/domain/instrument.ts';
import type { OrderTerms } from '#shared/domain/order.ts';
import type { Money, Ticks } from '#shared/units.ts';
import type { OrderGroup } from '#desk/ports/broker.ts';
import type { JournalEvent } from '#desk/ports/events.ts';

export type EntryPlan = {
  readonly recommendationId: string;
  readonly instrument: Instrument;
  readonly direction: 1 | -1;
  readonly contracts: number;
  /** Null: at the market (the next bar's open where fills come from bars). */
  readonly limit: Ticks | null;
  readonly stop: Ticks;
  readonly target: Ticks;
  readonly riskPerContract: Money;
};

/** Who sends: the account, and the ULID the order's id is made of. */
export type Sender = { readonly account: string; readonly ulid: string };

/** The orders of a group, entry first. */
export const legs = (group: OrderGroup): readonly OrderTerms[] =>
  [group.entry, group.stop, group.target].filter((terms) => terms !== null);

const opposite = (direction: 1 | -1): 1 | -1 => (direction === 1 ? -1 : 1);

/** Returns an entry with its stop and target; their ids are the entry's with S and T. */
export function bracketOf(plan: EntryPlan, { account, ulid }: Sender): OrderGroup {
  const clientOrderId = `D1-${ulid}`;
  const base = {
    recommendationId: plan.recommendationId,
    account,
    symbol: plan.instrument.symbol,
    quantity: plan.contracts,
  };
  const child = {
    ...base,
    parentId: clientOrderId,
    timeInForce: 'gtc' as const,
    direction: opposite(plan.direction),
  };
  return {
    entry: {
      ...base,
      clientOrderId,
      parentId: null,
      role: 'entry',
      direction: plan.direction,
      type: plan.limit === null ? 'market' : 'limit',
      price: plan.limit,
      timeInForce: 'day',
    },
    stop: { ...child, clientOrderId: `${clientOrderId}S`, role: 'stop', type: 'stop', price: plan.stop },
    target: { ...child, clientOrderId: `${clientOrderId}T`, role: 'target', type: 'limit', price: plan.target },
  };
}

/** Returns the order that closes `quantity` (signed, as held) of a symbol at the market. */
export function closingTerms(symbol: string, quantity: number, { account, ulid }: Sender): OrderTerms {
  return {
    clientOrderId: `D1-${ulid}`,
    recommendationId: null,
    parentId: null,
    account,
    symbol,
    role: 'flatten',
    direction: quantity > 0 ? -1 : 1,
    type: 'market',
    quantity: Math.abs(quantity),
    price: null,
    timeInForce: 'day',
  };
}

export type Protection = {
  readonly symbol: string;
  /** Signed, as held. */
  readonly quantity: number;
  readonly price: Ticks;
  readonly role: 'stop' | 'target';
  /** The entry whose other exits this one belongs with; null when there is none. */
  readonly parentId: string | null;
  readonly recommendationId: string | null;
};

/** Returns a stop (or target) for `quantity` of a position that is held. */
export function protectiveTerms(protection: Protection, { account, ulid }: Sender): OrderTerms {
  const { symbol, quantity, price, role, parentId, recommendationId } = protection;
  return {
    clientOrderId: `D1-${ulid}${role === 'stop' ? 'S' : 'T'}`,
    recommendationId,
    parentId,
    account,
    symbol,
    role,
    direction: quantity > 0 ? -1 : 1,
    type: role === 'stop' ? 'stop' : 'limit',
    quantity: Math.abs(quantity),
    price,
    timeInForce: 'gtc',
  };
}

/** One order alone. */
export const alone = (terms: OrderTerms): OrderGroup => ({ entry: terms, stop: null, target: null });

/** The intents of a group: on disk before anything is sent. */
export const intentEvents = (group: OrderGroup, riskPerContract: Money | null): readonly JournalEvent[] =>
  legs(group).map((terms) => ({
    kind: 'intent',
    terms,
    plannedRiskPerContract: terms.role === 'entry' ? riskPerContract : null,
  }));

/** One event for each of several orders. */
export const orderEvents = (
  clientOrderIds: readonly string[],
  event: Extract<JournalEvent, { kind: 'order' }>['event'],
): readonly JournalEvent[] => clientOrderIds.map((clientOrderId) => ({ kind: 'order', clientOrderId, event }));
