import { type EpochMs, epochMs, moneyFromUsd } from '#shared/units.ts';
import type { Fill, FillCorrection } from '#shared/domain/order.ts';
import type { BrokerBalance, BrokerSnapshot, FindAnswer, VenueOrder } from '#desk/ports/broker.ts';
import type { Clock } from '#desk/ports/clock.ts';
import type { Values } from './execution-entry.ts';
import type { Amendment, Executions, Told } from './execution-words.ts';
import { listFills, listOrders, listPositions, orderByClientId, orderById, readAccount } from './lists.ts';
import type { Listing } from './listing.ts';
import type { OrderBook } from './order-book.ts';
import type { Rest } from './rest.ts';
import { venueOrderOf } from './venue-orders.ts';
import { timeOf, type WireAccount, type WireActivity, type WireOrder } from './wire.ts';

/** Orders may end long after they were submitted, and are listed by when they were. */
const LOOK_BACK_MS = 24 * 3_600_000;

export type HoldingsParts = {
  readonly clock: Clock;
  readonly listing: Listing;
  readonly book: OrderBook;
  readonly executions: Executions;
  /** What was found and not heard. */
  readonly emit: (news: Found) => void;
};
/** A fill, or a later word on one. */
export type Found =
  | { readonly kind: 'fill'; readonly fill: Fill }
  | { readonly kind: 'fill-correction'; readonly correction: FillCorrection };
type Listed = { readonly fills: readonly Fill[]; readonly keys: ReadonlySet<string>; readonly news: readonly Found[] };

/** A later word on an execution, in the ways Alpaca's lists have for it; null for an execution itself. */
function amendmentIn(activity: WireActivity): Amendment | null {
  const { type, execution_type: execution, status } = activity;
  const said = new Set([type, execution, status]);
  const isBust = ['trade_bust', 'bust', 'canceled'].some((word) => said.has(word));
  if (!isBust && !['trade_correct', 'correct', 'corrected'].some((word) => said.has(word))) return null;
  const { id, symbol, side, qty: quantity, price } = activity;
  return {
    ...{ kind: isBust ? 'bust' : 'correct', id, venueOrderId: activity.order_id, symbol, side, quantity, price },
    // Without another one it is about itself: the list shows it as it stands.
    previousId: activity.previous_execution_id ?? activity.previous_id ?? id,
    reason: null,
  };
}

type ListedWord =
  | { readonly kind: 'fill'; readonly told: Told }
  | { readonly kind: 'amendment'; readonly amendment: Amendment; readonly told: Told };

/** What a list tells, in its order. Rejects with a sentence where something money hangs on is missing. */
function toldBy(activities: readonly WireActivity[]): readonly ListedWord[] {
  const sums = new Map<string, number>();
  return activities.flatMap((activity): readonly ListedWord[] => {
    const amendment = amendmentIn(activity);
    const { id, order_id: venueOrderId, symbol, side, qty: quantity, price } = activity;
    if (amendment === null && (quantity === null || price === null))
      throw new Error('Alpaca lists an execution without quantity or price');
    const sum = (sums.get(venueOrderId) ?? 0) + (amendment === null ? Number(quantity) : 0);
    sums.set(venueOrderId, sum);
    const at = timeOf(activity.transaction_time);
    if (at === null) throw new Error('Alpaca lists an execution without its time');
    const filledWith = activity.cum_qty ?? String(Number(sum.toFixed(9)));
    const told: Told = {
      ...{ id, venueOrderId, symbol, side, quantity: quantity ?? '', price: price ?? '', filledWith, mean: null, at },
    };
    return [amendment === null ? { kind: 'fill', told } : { kind: 'amendment', amendment, told }];
  });
}

/** What the account holds, asked of Alpaca: whole, or not at all. */
export interface Holdings {
  readonly snapshot: (rest: Rest, since: EpochMs) => Promise<BrokerSnapshot>;
  readonly find: (rest: Rest, clientOrderId: string) => Promise<FindAnswer>;
  /** Learns what works, before the first update of it. */
  readonly learn: (rest: Rest) => Promise<void>;
  /** Asks for executions the stream has not told, and tells them. Resolves with the keys of all that are listed. */
  readonly catchUp: (rest: Rest, since: EpochMs) => Promise<ReadonlySet<string>>;
  readonly takeAccount: (account: WireAccount) => void;
  readonly balance: () => BrokerBalance | null;
}

/** Makes the reader of one account's holdings. */
export function createHoldings({ clock, listing, book, executions, emit }: HoldingsParts): Holdings {
  let balance: BrokerBalance | null = null;

  const flat = (orders: readonly WireOrder[]): readonly WireOrder[] => [
    ...new Map(orders.flatMap((order) => [order, ...(order.legs ?? [])]).map((order) => [order.id, order])).values(),
  ];
  const stated = (orders: readonly WireOrder[]): readonly VenueOrder[] =>
    flat(orders).flatMap((order) => {
      const listed = listing.ofVenue(order.symbol);
      if (listed === null || order.status === 'replaced') return [];
      const said = venueOrderOf(order, listed, book.ownerOf(order.id));
      if (said === null)
        throw new Error(`Alpaca lists an order of ${order.qty ?? '?'} ${order.symbol}: no whole number of contracts`);
      return [said];
    });
  /** A changed order is ours by what it was before. */
  const resolve = async (rest: Rest, order: WireOrder, depth = 0): Promise<void> => {
    if (order.replaces === null || book.ownerOf(order.id) !== null || book.ownerOf(order.replaces) !== null) return;
    const before = depth < 10 ? await orderById(rest, order.replaces) : null;
    if (before === null) return;
    await resolve(rest, before, depth + 1);
    book.take(before, clock.now());
  };
  const takeAll = async (rest: Rest, orders: readonly WireOrder[]): Promise<void> => {
    for (const order of orders) await resolve(rest, order);
    for (const order of orders) book.take(order, clock.now());
  };
  /** Executions of orders nobody has heard of: who sent them must be known first. */
  const learnOwners = async (rest: Rest, activities: readonly WireActivity[]): Promise<void> => {
    const unknown = new Set(activities.filter(({ symbol }) => listing.ofVenue(symbol) !== null).map((a) => a.order_id));
    for (const id of unknown) {
      if (book.ownerOf(id) !== null) continue;
      const order = await orderById(rest, id);
      if (order !== null) await takeAll(rest, [order]);
    }
  };
  /** `counts`: what orders had filled before the list was asked for, where it says which executions stand. */
  const fillsOf = (activities: readonly WireActivity[], counts: ReadonlyMap<string, number>): Listed => {
    const fills = new Map<string, Fill>();
    const busted = new Map<string, Values>();
    const news: Found[] = [];
    const amend = (amendment: Amendment): void => {
      const read = executions.amend(amendment, { source: 'list' });
      // Told apart from what is known, whoever asked for the list.
      if (read.kind === 'unclear') emit({ kind: 'fill-correction', correction: executions.unplaced(amendment) });
      if (read.kind !== 'correction') return;
      const { correction } = read;
      const told = fills.get(correction.execKey);
      if (told !== undefined && correction.corrected === null) fills.delete(correction.execKey);
      else if (told !== undefined) fills.set(correction.execKey, { ...told, ...correction.corrected });
      news.push({ kind: 'fill-correction', correction });
    };
    const told = toldBy(activities);
    executions.recognise(told.flatMap((one) => (one.kind === 'fill' ? [one.told] : [])));
    for (const one of told) {
      // Of an order of which nothing else is known, a corrected execution is one like any other.
      if (
        one.kind === 'amendment' &&
        (one.amendment.kind === 'bust' || executions.isKnown(one.amendment.venueOrderId))
      ) {
        amend(one.amendment);
        continue;
      }
      const read = executions.take(one.told, 'list');
      if (read.kind === 'impossible') throw new Error(read.why);
      if (read.kind === 'busted') busted.set(read.execKey, read.values);
      if (read.kind !== 'fill') continue;
      fills.set(read.fill.execKey, read.fill);
      if (read.isNews) news.push({ kind: 'fill', fill: read.fill });
      if (read.correction !== null) news.push({ kind: 'fill-correction', correction: read.correction });
    }
    for (const [venueOrderId, filled] of busted.size === 0 ? [] : counts) {
      for (const { fill, correction } of executions.putBack({ venueOrderId, filled }, busted)) {
        fills.set(fill.execKey, fill);
        news.push({ kind: 'fill-correction', correction });
      }
    }
    return { fills: [...fills.values()], keys: new Set(fills.keys()), news };
  };
  /** What an order has filled by the newest word on it; null where that is another order's to say by now. */
  const countOf = (order: WireOrder): number | null => {
    if (order.status === 'replaced' || book.isBehind(order)) return null;
    const listed = listing.ofVenue(order.symbol);
    return (listed?.isCrypto === true ? listed.wholeContractsOf : listed?.contractsOf)?.(order.filled_qty) ?? null;
  };
  /**
   * Where Alpaca's count does not name them (there is none, or a bust has lowered it), the executions of an order are
   * counted from its first one on: from when it was submitted.
   */
  const counted = async (rest: Rest, since: EpochMs, activities: readonly WireActivity[]) => {
    const isBare = ({ cum_qty: count, symbol, order_id: id }: WireActivity): boolean =>
      (count === null || executions.isAmended(id)) && listing.ofVenue(symbol) !== null;
    let from = since;
    const counts = new Map<string, number>();
    for (const id of new Set(activities.filter(isBare).map((activity) => activity.order_id))) {
      const order = await orderById(rest, id);
      const at = timeOf(order?.submitted_at ?? order?.created_at ?? null);
      if (at === null) throw new Error('Alpaca lists an execution of an order it does not tell of');
      from = epochMs(Math.max(0, Math.min(from, at - 1_000)));
      const filled = order === null || !executions.isAmended(id) ? null : countOf(order);
      if (filled !== null) counts.set(id, filled);
    }
    return { from, counts };
  };
  const fetchFills = async (rest: Rest, asked: EpochMs): Promise<Listed> => {
    const since = epochMs(Math.max(0, asked));
    const recent = await listFills(rest, since);
    const { from, counts } = await counted(rest, since, recent);
    // What an order is said to have filled is in the list that is asked for afterwards.
    const activities = from < since || counts.size > 0 ? await listFills(rest, from) : recent;
    await learnOwners(rest, activities);
    return fillsOf(activities, counts);
  };
  const takeAccount = ({ equity, cash }: WireAccount): void => {
    const money = (text: string | null) => (text === null ? null : moneyFromUsd(Number(text)));
    balance = { equity: money(equity), cash: money(cash), at: clock.now() };
  };
  const positionsOf = async (rest: Rest): Promise<BrokerSnapshot['positions']> =>
    (await listPositions(rest)).flatMap(({ symbol, qty, side, avg_entry_price: average }) => {
      const listed = listing.ofVenue(symbol);
      if (listed === null) return [];
      const size = qty.replace('-', '');
      // Alpaca takes its fee on crypto in the coin: what is less than a lot is no contract.
      const count = listed.isCrypto ? listed.wholeContractsOf(size) : listed.contractsOf(size);
      if (count === null) throw new Error(`Alpaca holds ${qty} ${symbol}: no whole number of contracts`);
      const quantity = side === 'short' || qty.startsWith('-') ? -count : count;
      return count === 0 ? [] : [{ symbol: listed.symbol, quantity, averagePrice: listed.meanOf(average) }];
    });

  /** The order a client id stands for. The exits of a bracket go by ids of Alpaca's own, and are found by their entry. */
  const lookFor = async (rest: Rest, clientOrderId: string): Promise<WireOrder | null> => {
    const own = await orderByClientId(rest, clientOrderId);
    if (own !== null) return own;
    const venueOrderId = book.get(clientOrderId)?.venueOrderId ?? '';
    const known = venueOrderId === '' ? null : await orderById(rest, venueOrderId);
    if (known !== null || !/[ST]$/u.test(clientOrderId)) return known;
    const parent = await orderByClientId(rest, clientOrderId.slice(0, -1));
    if (parent === null) return null;
    await takeAll(rest, [parent]);
    return parent.legs?.find(({ id }) => book.ownerOf(id) === clientOrderId) ?? null;
  };
  const found = async (rest: Rest, order: WireOrder, clientOrderId: string): Promise<FindAnswer> => {
    await takeAll(rest, [order]);
    const listed = listing.ofVenue(order.symbol);
    const said = listed === null ? null : venueOrderOf(order, listed, clientOrderId);
    if (said === null) return { kind: 'cannot-tell', why: 'Alpaca tells of the order what the desk cannot hold' };
    const since = timeOf(order.submitted_at) ?? timeOf(order.created_at) ?? clock.now() - LOOK_BACK_MS;
    if (said.filled === 0 && executions.sumOf(order.id) === 0) return { kind: 'found', order: said, fills: [] };
    const { fills, news } = await fetchFills(rest, epochMs(since - 1_000));
    for (const one of news) if (one.kind === 'fill-correction') emit(one);
    return { kind: 'found', order: said, fills: fills.filter((fill) => fill.clientOrderId === clientOrderId) };
  };

  return {
    balance: () => balance,
    takeAccount,
    learn: async (rest) => takeAll(rest, await listOrders(rest, 'open', null)),
    catchUp: async (rest, since) => {
      const { news, keys } = await fetchFills(rest, since);
      for (const one of news) emit(one);
      return keys;
    },
    snapshot: async (rest, since) => {
      const open = await listOrders(rest, 'open', null);
      const closed = await listOrders(rest, 'closed', epochMs(Math.max(0, since - LOOK_BACK_MS)));
      await takeAll(rest, [...open, ...closed]);
      const { fills, keys } = await fetchFills(rest, since);
      const orders = new Map([...stated(closed), ...stated(open)].map((order) => [order.venueOrderId, order]));
      for (const { venueOrderId, filled } of orders.values())
        executions.settle({ venueOrderId, filled }, { listed: keys, since });
      const positions = await positionsOf(rest);
      takeAccount(await readAccount(rest));
      const isOpen = ({ state }: VenueOrder): boolean => state === 'working';
      return {
        ...{ isComplete: true, at: clock.now(), positions },
        orders: [...orders.values()].filter(isOpen),
        completed: [...orders.values()].filter((order) => !isOpen(order)),
        ...{ fills, corrections: executions.corrections() },
      };
    },
    find: async (rest, clientOrderId) => {
      try {
        const order = await lookFor(rest, clientOrderId);
        if (order !== null) return await found(rest, order, clientOrderId);
        // Absence counts only from an Alpaca that answers for this account. @source protocols.md 6.4
        await readAccount(rest);
        return { kind: 'absent' };
      } catch (cause) {
        return { kind: 'cannot-tell', why: cause instanceof Error ? cause.message : 'Alpaca did not answer' };
      }
    },
  };
}
