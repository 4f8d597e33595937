import type { Instrument } from '#shared/domain/instrument.ts';
import type { Fill, OrderEvent } from '#shared/domain/order.ts';
import { type EpochMs, type Money, type Ticks, epochMs, money, ticks } from '#shared/units.ts';
import type { BrokerEvent } from '#desk/ports/broker.ts';
import type { Clock } from '#desk/ports/clock.ts';
import type { ExecutionLedger, Told } from './executions.ts';
import type { MessageOf } from './fields.ts';
import { ORDER_UPDATE_REASON } from './messages/enums.ts';
import type { HISTORICAL_ORDER_FILL_RESPONSE } from './messages/orders.ts';
import { keyOf, type OrderBook } from './order-book.ts';
import { orderEvents } from './order-events.ts';
import { directionOf, type DtcOrder, filledIn, type OrderUpdate, venueOrderOf } from './order-state.ts';
import type { Listing } from './symbols.ts';
import { timeOf } from './times.ts';

/** Executions that an update counts and does not carry are on their way, or are asked for after this time. */
const CATCH_UP_MS = 1_000;
const LOOKS = 2;

export type IntakeParts = {
  readonly clock: Clock;
  readonly listing: Listing;
  readonly book: OrderBook;
  readonly ledger: ExecutionLedger;
  readonly emit: (event: BrokerEvent) => void;
  /** Told of every update once all that it changes has been told. */
  readonly onTaken: (order: DtcOrder, update: OrderUpdate) => void;
  /** Asks the server for the executions of late, and hands each to `takeListed`. */
  readonly fetch: () => Promise<void>;
};

export type ListedFill = MessageOf<typeof HISTORICAL_ORDER_FILL_RESPONSE>;

/** Takes in what the server says of orders and executions, and tells it on in the desk's words. */
export interface Intake {
  readonly update: (update: OrderUpdate) => void;
  /** Takes a statement of an order that was asked for: it is a picture, and nothing is told on from it. */
  readonly restate: (update: OrderUpdate) => DtcOrder | null;
  /** Executions of the list, each under its key; oldest first. `since`: what the list was asked for from. */
  readonly listed: (fills: readonly ListedFill[], since: EpochMs) => readonly Fill[];
  /** As `listed`, and tells on what is news. */
  readonly takeListed: (fills: readonly ListedFill[], since: EpochMs) => void;
  readonly stop: () => void;
}

/** Half a round turn per contract: the server tells no fees. */
const feeOf = (instrument: Instrument | null, quantity: number): Money =>
  instrument === null ? money(0) : money(Math.ceil(instrument.roundTurnFee / 2) * quantity);

const FILLS: ReadonlySet<number> = new Set([
  ORDER_UPDATE_REASON.ORDER_FILLED,
  ORDER_UPDATE_REASON.ORDER_FILLED_PARTIALLY,
]);
/** A zero is no id. */
const hasId = (id: string): boolean => !/^0*$/u.test(id);
const idIn = (id: string): string => (hasId(id) ? id : '');
const isCount = (value: number | undefined): value is number =>
  value !== undefined && Number.isSafeInteger(value) && value > 0;

/** Makes the intake of one account. */
export function createIntake(parts: IntakeParts): Intake {
  const { clock, listing, book, ledger, emit } = parts;
  /** Ends that wait for executions, with what is to be told after them. */
  const held = new Map<string, { readonly event: OrderEvent; readonly update: OrderUpdate }>();
  let cancelLook: () => void = () => undefined;
  let looks = 0;

  /** Clocks differ: an execution was not made after it was told of. */
  const madeAt = (told: number | undefined): EpochMs => epochMs(Math.min(timeOf(told) ?? clock.now(), clock.now()));
  const priceOf = (symbol: string, price: number): Ticks => {
    const listed = listing.ofDesk(symbol);
    // A contract the desk does not trade: it books none of it, and shows that it happened.
    return listed === null ? ticks(Math.round(price)) : listed.scale().toTicks(price);
  };
  /** The execution an update carries; null when it carries none. */
  const toldBy = (order: DtcOrder, update: OrderUpdate): Told | null => {
    const { LastFillQuantity: quantity, LastFillPrice: price, OrderUpdateReason: reason } = update;
    if (!FILLS.has(reason ?? 0) || order.direction === null) return null;
    const filledWith = filledIn(update, order.quantity);
    const isKnown = hasId(update.LastFillExecutionID) || filledWith !== null;
    // What the update does not say, the list of executions does.
    if (!isCount(quantity) || price === undefined || price === 0 || !isKnown) {
      lookLater();
      return null;
    }
    const receivedAt = clock.now();
    return {
      source: 'update',
      execId: idIn(update.LastFillExecutionID),
      orderKey: keyOf(order),
      filledWith,
      ...{ clientOrderId: order.clientOrderId, symbol: order.symbol, direction: order.direction, quantity },
      price: priceOf(order.symbol, price),
      fee: feeOf(listing.ofDesk(order.symbol)?.instrument ?? null, quantity),
      ...{ at: madeAt(update.LastFillDateTime), receivedAt },
    };
  };
  const orderOf = ({ ServerOrderID, Symbol: name, BuySell }: ListedFill): DtcOrder | null => {
    const known = book.atServer(ServerOrderID);
    const symbol = listing.ofVenue(name)?.symbol ?? name;
    const side = directionOf(BuySell);
    const isIt = known?.symbol === symbol && (side === null || known.direction === null || known.direction === side);
    return isIt ? known : null;
  };
  /** Which side an execution was on; null for one that is not the desk's to book. A side is never guessed. */
  const sideOf = (fill: ListedFill, order: DtcOrder | null): 1 | -1 | null => {
    const side = directionOf(fill.BuySell) ?? order?.direction ?? null;
    if (side === null && listing.ofVenue(fill.Symbol) !== null)
      throw new Error(`the server lists an execution of ${fill.Symbol} without its side`);
    return side;
  };
  /** What a line of the list says; null for one that is not the desk's to book. Nothing of the desk's is left out. */
  const readListed = (fill: ListedFill) => {
    const { Price: price, Symbol: name } = fill;
    const isOurs = listing.ofVenue(name) !== null;
    // Some list what was sold below zero.
    const quantity = fill.Quantity === undefined ? undefined : Math.abs(fill.Quantity);
    if (!isCount(quantity) || price === undefined) {
      if (!isOurs || quantity === 0) return null;
      throw new Error(`the server lists an execution of ${quantity ?? '?'} ${name}: no whole number of contracts`);
    }
    const order = orderOf(fill);
    const direction = sideOf(fill, order);
    return direction === null ? null : { quantity, price, order, direction };
  };
  /** Two executions without an id of their own are told apart by what was filled with each. */
  const listed: Intake['listed'] = (fills, since) => {
    const counts = new Map<string, number>();
    const inOrder = fills
      .map((fill) => ({ fill, at: timeOf(fill.DateTime) ?? clock.now() }))
      .sort((a, b) => a.at - b.at);
    const claimed = new Set<string>();
    return inOrder.flatMap(({ fill }) => {
      const read = readListed(fill);
      if (read === null) return [];
      const { quantity, price, order, direction } = read;
      const orderKey = order === null ? fill.ServerOrderID : keyOf(order);
      const earlier = (): number =>
        ledger.ofOrder(orderKey).reduce((sum, known) => sum + (known.at < since ? known.quantity : 0), 0);
      const filledWith = (counts.get(orderKey) ?? earlier()) + quantity;
      counts.set(orderKey, filledWith);
      const symbol = order?.symbol ?? listing.ofVenue(fill.Symbol)?.symbol ?? fill.Symbol;
      const told: Told = {
        ...{ source: 'list', execId: idIn(fill.UniqueExecutionID), orderKey, filledWith, symbol, quantity },
        clientOrderId: order?.clientOrderId ?? null,
        direction,
        price: priceOf(symbol, price),
        fee: feeOf(listing.ofDesk(symbol)?.instrument ?? null, quantity),
        ...{ at: madeAt(fill.DateTime), receivedAt: clock.now() },
      };
      return [ledger.take(told, claimed).fill];
    });
  };

  const isShort = (order: DtcOrder): boolean => ledger.sumOf(keyOf(order)) < order.filled;
  const tellEnd = (id: string): void => {
    const waiting = held.get(id);
    const order = book.own(id);
    if (waiting === undefined || order === null || isShort(order)) return;
    held.delete(id);
    emit({ kind: 'order', clientOrderId: id, event: waiting.event, at: clock.now() });
    parts.onTaken(order, waiting.update);
  };
  const look = async (): Promise<void> => {
    try {
      await parts.fetch();
    } finally {
      const short = book.all().filter((order) => order.serverIds.length > 0 && isShort(order));
      looks = short.length === 0 ? 0 : looks + 1;
      // What is still missing then is found by the next comparison with the account.
      if (short.length > 0 && looks < LOOKS) lookLater();
      else held.clear();
    }
  };
  const lookLater = (): void => {
    cancelLook();
    cancelLook = clock.after(CATCH_UP_MS, () => void look().catch(() => undefined));
  };

  const tellFill = (told: Told): void => {
    const { fill, isNews } = ledger.take(told);
    if (isNews) emit({ kind: 'fill', fill });
    if (told.clientOrderId !== null) tellEnd(told.clientOrderId);
  };
  const takeUpdate = (update: OrderUpdate): void => {
    const turn = book.take(update, { listing, at: clock.now() });
    if (turn === null) return;
    const { before, after } = turn;
    const at = clock.now();
    const id = after.clientOrderId;
    const { events, end } = id === null ? { events: [], end: null } : orderEvents(before, after, update);
    for (const event of events) if (id !== null) emit({ kind: 'order', clientOrderId: id, event, at });
    const told = toldBy(after, update);
    if (told !== null) tellFill(told);
    if (id === null) tellExternal(after);
    if (isShort(after)) lookLater();
    if (id !== null && end !== null) {
      held.set(id, { event: end, update });
      tellEnd(id);
    } else parts.onTaken(after, update);
  };
  const tellExternal = (order: DtcOrder): void => {
    const stated = venueOrderOf(order);
    if (stated !== null) emit({ kind: 'external-order', order: stated });
  };

  return {
    update: takeUpdate,
    restate: (update) => book.take(update, { listing, at: clock.now(), isStatement: true })?.after ?? null,
    listed,
    takeListed: (fills, since) => {
      const known = new Set(book.all().flatMap((order) => ledger.ofOrder(keyOf(order)).map(({ execKey }) => execKey)));
      for (const fill of listed(fills, since)) if (!known.has(fill.execKey)) emit({ kind: 'fill', fill });
      for (const id of [...held.keys()]) tellEnd(id);
    },
    stop: () => {
      cancelLook();
      held.clear();
      looks = 0;
    },
  };
}

/** The start of the day before `at`: executions are asked for from there when one is missing. */
export const dayBefore = (at: EpochMs): EpochMs => epochMs(Math.max(0, at - 86_400_000));
