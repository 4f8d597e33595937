import { createHash } from 'node:crypto';
import { isTerminal, standsFor } from '#shared/domain/order-life.ts';
import type { Fill, Order } from '#shared/domain/order.ts';
import type { Difference, ExternalOrder } from '#shared/domain/risk.ts';
import type { EpochMs } from '#shared/units.ts';
import type { BrokerSnapshot, VenueOrder } from '#desk/ports/broker.ts';

/** What the journal knows, as the comparison needs it. */
export type Local = {
  readonly venue: string;
  readonly account: string;
  /** Orders that have not ended. */
  readonly open: readonly Order[];
  readonly find: (clientOrderId: string) => Order | null;
  /** Signed contracts by symbol. */
  readonly positions: ReadonlyMap<string, number>;
  readonly now: EpochMs;
};

/** How the orders of a snapshot and of the journal belong together. */
export type Matching = {
  /** Ours, as the venue states them. */
  readonly stated: readonly { readonly order: Order; readonly venue: VenueOrder }[];
  /** Ours by the journal, sent, and not in the snapshot. */
  readonly missing: readonly Order[];
  /** Ours, ended by the journal, and still working at the venue. */
  readonly revenants: readonly VenueOrder[];
  /** Not ours. */
  readonly external: readonly VenueOrder[];
};

/**
 * Joins the orders of a snapshot with those of the journal, by client order id and then by the venue's id.
 * @source protocols.md 6.6, step 4
 */
export function matchOrders(snapshot: BrokerSnapshot, local: Local): Matching {
  const byVenueId = new Map(local.open.flatMap((o) => (o.venueOrderId === null ? [] : [[o.venueOrderId, o] as const])));
  const ourOf = (venue: VenueOrder): Order | null =>
    (venue.clientOrderId === null ? null : local.find(venue.clientOrderId)) ??
    byVenueId.get(venue.venueOrderId) ??
    null;
  const stated: { order: Order; venue: VenueOrder }[] = [];
  const revenants: VenueOrder[] = [];
  const external: VenueOrder[] = [];
  const seen = new Set<string>();
  const take = (venue: VenueOrder): void => {
    const order = ourOf(venue);
    if (order === null) {
      if (venue.state === 'working') external.push(venue);
      return;
    }
    if (seen.has(order.clientOrderId)) return;
    seen.add(order.clientOrderId);
    if (isTerminal(order) && venue.state === 'working') revenants.push(venue);
    else stated.push({ order, venue });
  };
  // An open order says more than an entry in a list of ended ones that a slow venue may repeat.
  for (const venue of snapshot.orders) take(venue);
  for (const venue of snapshot.completed) take(venue);
  const missing = local.open.filter((order) => order.life !== 'created' && !seen.has(order.clientOrderId));
  return { stated, missing, revenants, external };
}

const digest = (...parts: readonly (string | number | null)[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);

const blank = (local: Local) => ({
  account: local.account,
  brokerQuantity: null,
  journalQuantity: null,
  brokerPrice: null,
  clientOrderId: null,
  venueOrderId: null,
  foundAt: local.now,
});

/** What may be done about a position difference. Balancing is offered only where it brings the venue nearer to flat. */
function choicesFor(broker: number, journal: number): Difference['choices'] {
  const isSameSide = journal === 0 || Math.sign(broker) === Math.sign(journal);
  const isReducing = isSameSide && Math.abs(journal) < Math.abs(broker);
  return isReducing ? ['adopt', 'balance', 'ignore'] : ['adopt', 'ignore'];
}

/**
 * Returns where the venue's positions and the journal's are not the same, symbol by symbol. A position on the wrong
 * side, or larger than expected, is severe enough to halt; any other locks its instrument.
 * @param skip symbols of which something is on its way, and that cannot be judged now
 */
export function positionDifferences(
  snapshot: BrokerSnapshot,
  local: Local,
  skip: ReadonlySet<string>,
): readonly Difference[] {
  const atVenue = new Map(snapshot.positions.map((p) => [p.symbol, p]));
  const symbols = [...new Set([...atVenue.keys(), ...local.positions.keys()])].sort();
  return symbols.flatMap((symbol) => {
    const broker = atVenue.get(symbol)?.quantity ?? 0;
    const journal = local.positions.get(symbol) ?? 0;
    if (broker === journal || skip.has(symbol)) return [];
    const isWorse = broker * journal < 0 || Math.abs(broker) > Math.abs(journal);
    return [
      {
        ...blank(local),
        id: `pos|${local.venue}|${local.account}|${symbol}|${broker}|${journal}`,
        kind: 'position' as const,
        severity: isWorse ? ('halt' as const) : ('lock' as const),
        symbol,
        brokerQuantity: broker,
        journalQuantity: journal,
        brokerPrice: atVenue.get(symbol)?.averagePrice ?? null,
        choices: choicesFor(broker, journal),
      },
    ];
  });
}

/** Stops that are known to stand at the venue. One in doubt, or not confirmed, protects nothing that is known of. */
const stands = (order: Order): boolean =>
  order.role === 'stop' && order.certainty.kind === 'known' && (order.life === 'working' || order.life === 'acked');

/** Returns the positions that no stop covers whole, and that nothing is closing. */
export function missingStops(local: Local, skip: ReadonlySet<string>): readonly Difference[] {
  return [...local.positions].flatMap(([symbol, quantity]) => {
    const own = local.open.filter((order) => order.symbol === symbol);
    const isClosing = own.some((order) => order.role === 'flatten');
    // A stop on the position's own side would add to it: it protects nothing.
    const covered = own
      .filter((order) => stands(order) && order.direction * quantity < 0)
      .reduce(
        (sum, stop) =>
          sum +
          standsFor(
            stop,
            own.find((order) => order.clientOrderId === stop.parentId),
          ),
        0,
      );
    if (quantity === 0 || skip.has(symbol) || isClosing || covered >= Math.abs(quantity)) return [];
    return [
      {
        ...blank(local),
        id: `stop|${local.venue}|${local.account}|${symbol}|${quantity}|${covered}`,
        kind: 'missing-stop' as const,
        severity: 'lock' as const,
        symbol,
        journalQuantity: quantity,
        choices: ['ignore' as const],
      },
    ];
  });
}

/** Orders of another hand in a market: what they will do there cannot be counted. */
export const externalDifference = (order: VenueOrder, local: Local): Difference => ({
  ...blank(local),
  id: `ext|${local.venue}|${local.account}|${order.venueOrderId}`,
  kind: 'external-order',
  severity: 'lock',
  symbol: order.symbol,
  clientOrderId: order.clientOrderId,
  venueOrderId: order.venueOrderId,
  choices: ['ignore'],
});

/** An order the venue had confirmed and that can no longer be found there. Adopting says that it is gone. */
export const missingOrderDifference = (order: Order, local: Local): Difference => ({
  ...blank(local),
  id: `ord|${local.venue}|${local.account}|${order.clientOrderId}`,
  kind: 'missing-order',
  severity: 'lock',
  symbol: order.symbol,
  clientOrderId: order.clientOrderId,
  venueOrderId: order.venueOrderId,
  choices: ['adopt', 'ignore'],
});

export const overfillDifference = (order: Order, local: Local): Difference => ({
  ...blank(local),
  id: `over|${local.venue}|${local.account}|${order.clientOrderId}|${order.filled}`,
  kind: 'overfill',
  severity: 'lock',
  symbol: order.symbol,
  clientOrderId: order.clientOrderId,
  venueOrderId: order.venueOrderId,
  choices: ['ignore'],
});

/** The same execution told twice with other values. Adopting takes the later word. */
export const conflictDifference = (fill: Fill, local: Local): Difference => ({
  ...blank(local),
  id: `fill|${fill.venue}|${fill.account}|${fill.execKey}|${digest(fill.direction, fill.quantity, fill.price)}`,
  kind: 'fill-conflict',
  severity: 'lock',
  symbol: fill.symbol,
  clientOrderId: fill.clientOrderId,
  brokerPrice: fill.price,
  brokerQuantity: fill.direction * fill.quantity,
  choices: ['adopt', 'ignore'],
});

/**
 * Returns what makes an adjustment's key new when the same difference comes up again after the first was taken over,
 * and the same when the same one is worked out twice.
 */
export const adjustmentHash = (difference: Difference, lastExecKey: string | null): string =>
  digest(difference.symbol, difference.brokerQuantity, difference.journalQuantity, lastExecKey);

export const externalOrderOf = (order: VenueOrder, seenAt: EpochMs): ExternalOrder => ({
  venueOrderId: order.venueOrderId,
  symbol: order.symbol,
  direction: order.direction,
  type: order.type,
  price: order.price,
  quantity: order.quantity,
  filled: order.filled,
  seenAt,
});

/** A difference in one line. */
export function differenceText(difference: Difference): string {
  const { symbol, brokerQuantity, journalQuantity, clientOrderId, venueOrderId } = difference;
  switch (difference.kind) {
    case 'position':
      return `${symbol}: the broker holds ${brokerQuantity ?? '?'}, the journal ${journalQuantity ?? '?'}`;
    case 'missing-stop':
      return `${symbol}: the position of ${journalQuantity ?? '?'} has no stop for all of it`;
    case 'external-order':
      return `${symbol}: order ${venueOrderId ?? '?'} at the broker was not sent by this desk, or had ended here`;
    case 'missing-order':
      return `${symbol}: order ${clientOrderId ?? '?'} was confirmed and is no longer at the broker`;
    case 'overfill':
      return `${symbol}: order ${clientOrderId ?? '?'} was filled beyond what was ordered`;
    case 'fill-conflict':
      return `${symbol}: the broker told one execution twice, with different values`;
  }
}
