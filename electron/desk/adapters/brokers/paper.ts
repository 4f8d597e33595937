import type { Instrument } from '#shared/domain/instrument.ts';
import type { Bar, Quote } from '#shared/domain/market.ts';
import type { Fill, Order } from '#shared/domain/order.ts';
import { type EpochMs, MONEY_PER_USD, type Money } from '#shared/units.ts';
import type { Broker, OrderGroup } from '#desk/ports/broker.ts';
import type { Clock, Ids } from '#desk/ports/clock.ts';
import type { MarketEvent } from '#desk/ports/market-data.ts';
import { createConnectionLog } from '#desk/adapters/connection-log.ts';
import { createSeeded } from '#desk/adapters/seeded.ts';
import { createMailbox } from './mailbox.ts';
import { paperMargin } from './margins.ts';
import { type RestoredPosition, createPaperAccount } from './paper-account.ts';
import { type BookedOrder, createPaperBook, isExit, remainingOf } from './paper-book.ts';
import { groupFault } from './paper-checks.ts';
import { type Match, type Slippage, isBarAfter, matchAfterEntry, matchBar, matchQuote } from './paper-match.ts';

export type FillSource = 'quotes' | 'bars';

export type PaperBrokerOptions = {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly instruments: readonly Instrument[];
  readonly account: string;
  /** Cash the account starts with. */
  readonly startingCash: Money;
  readonly fillFrom: FillSource;
  /** Ticks lost by market orders and by stops that are hit; 0 by default. */
  readonly slippage?: Partial<Slippage>;
  /** A quote older than this fills nothing on arrival: the order waits for the next one. Default 5 s. */
  readonly maxQuoteAgeMs?: number;
  /** Fills in parts: at most `shareOfVolume` of a bar's volume, or `quoteSize` contracts a quote. Off by default. */
  readonly partialFills?: { readonly seed: number; readonly shareOfVolume: number; readonly quoteSize: number };
};

/** A broker that exists only here: it fills against the market it is shown, by stated rules. */
export interface PaperBroker extends Broker {
  /** Shows it the market. Orders meet only events of the current fill source; prices for equity come from both. */
  onMarket(event: MarketEvent): void;
  setFillSource(source: FillSource): void;
  /** Carries on after a restart: orders as journaled (ids, families, partial fills), positions, cash without open profit. */
  restore(orders: readonly Order[], positions: readonly RestoredPosition[], cash?: Money): void;
  /** Ends the day orders that are still open, and what waits for them. */
  endDay(): void;
  equity(): Money;
}

const RANK = { market: 0, stop: 1, limit: 2 } as const;

/** Makes a paper broker. The same calls, events and ids give the same fills. */
export function createPaperBroker(options: PaperBrokerOptions): PaperBroker {
  const { clock, ids, account: accountId } = options;
  const instruments = new Map(options.instruments.map((instrument) => [instrument.symbol, instrument]));
  const slippage: Slippage = { market: options.slippage?.market ?? 0, stop: options.slippage?.stop ?? 0 };
  const account = createPaperAccount(instruments, options.startingCash);
  const log = createConnectionLog({ id: 'broker:paper', kind: 'broker', name: 'Paper broker' });
  const mailbox = createMailbox();
  const book = createPaperBook({ emit: mailbox.put, newId: () => `P-${ids.next()}`, now: () => clock.now() });
  const fills: Fill[] = [];
  const quotes = new Map<string, Quote>();
  const limitSize = sizeLimiter(options.partialFills);
  let fillFrom = options.fillFrom;
  let isConnected = false;

  const execute = (order: BookedOrder, match: Match, how: { at: EpochMs; volume: number | null }): void => {
    const { symbol, direction, clientOrderId } = order.terms;
    const quantity = Math.min(remainingOf(order), limitSize(how.volume));
    const fee = account.book({ symbol, direction, quantity, price: match.price });
    const fill: Fill = {
      ...{ execKey: `P-${ids.next()}`, venue: 'paper', account: accountId, clientOrderId, symbol, direction, quantity },
      ...{ price: match.price, fee, at: how.at, receivedAt: clock.now() },
    };
    fills.push(fill);
    mailbox.put({ kind: 'fill', fill });
    book.fill(order, quantity, how.at);
  };

  const meetQuote = (quote: Quote, orders: readonly BookedOrder[]): void => {
    for (const order of byRank(orders)) {
      if (order.state !== 'working') continue;
      const match = matchQuote(matchableOf(order), quote, slippage);
      order.isFresh = false;
      if (match !== null) execute(order, match, { at: quote.asOf, volume: null });
    }
  };

  /** Entries at the open, then entries inside the bar, then exits: stops before targets. No order twice in one bar. */
  const meetBar = (bar: Bar): void => {
    const met = new Set<BookedOrder>();
    const enteredInside = new Map<string, BookedOrder>();
    const meet = (order: BookedOrder, match: Match | null): void => {
      if (match === null || order.state !== 'working') return;
      met.add(order);
      const at = match.atOpen && !isExit(order) ? bar.openAt : bar.closeAt;
      if (!match.atOpen) enteredInside.set(order.terms.clientOrderId, order);
      execute(order, match, { at, volume: bar.volume });
    };
    const ready = (wanted: (order: BookedOrder) => boolean): readonly BookedOrder[] =>
      byRank(book.working(bar.symbol).filter((order) => wanted(order) && !met.has(order)));
    const entries = ready((order) => !isExit(order) && isBarAfter(bar, order.since));
    const resting = ready((order) => isExit(order) && isBarAfter(bar, order.since));
    const matches = new Map(entries.map((order) => [order, matchBar(matchableOf(order), bar, slippage)]));
    for (const order of resting) {
      const match = matchBar(matchableOf(order), bar, slippage);
      if (match?.atOpen === true) meet(order, match);
    }
    for (const [order, match] of matches) if (match?.atOpen === true) meet(order, match);
    for (const [order, match] of matches) if (match?.atOpen === false) meet(order, match);
    for (const order of ready(isExit)) {
      const entry = enteredInside.get(order.terms.parentId ?? '');
      if (entry !== undefined && !resting.includes(order)) {
        meet(order, matchAfterEntry(matchableOf(order), bar, { type: entry.terms.type, slippage }));
      } else if (isBarAfter(bar, order.since)) meet(order, matchBar(matchableOf(order), bar, slippage));
    }
    for (const order of book.working(bar.symbol)) if (isBarAfter(bar, order.since)) order.isFresh = false;
  };

  const marginFault = (group: OrderGroup): string | null => {
    const before = requiredMargin(null);
    const after = requiredMargin(group);
    if (typeof after === 'string') return after;
    const equity = account.equity();
    if (typeof before === 'number' && after <= before) return null;
    if (after <= equity) return null;
    return `insufficient margin: ${usdText(after)} needed, equity is ${usdText(equity)}`;
  };
  /** Initial margin of the largest position the open orders can lead to, per symbol, summed. */
  const requiredMargin = (extra: OrderGroup | null): number | string => {
    const entries = book.open().filter((order) => !isExit(order));
    const symbols = new Set([...account.positions().map((p) => p.symbol), ...entries.map((o) => o.terms.symbol)]);
    if (extra !== null) symbols.add(extra.entry.symbol);
    let total = 0;
    for (const symbol of symbols) {
      const held = account.quantity(symbol);
      let [buys, sells] = [0, 0];
      const count = (direction: number, quantity: number): void => {
        if (direction === 1) buys += quantity;
        else sells += quantity;
      };
      for (const order of entries) if (order.terms.symbol === symbol) count(order.terms.direction, remainingOf(order));
      const added = extra?.entry;
      const isAdding = added?.symbol === symbol && added.role !== 'stop' && added.role !== 'target';
      if (isAdding) count(added.direction, added.quantity);
      const exposure = Math.max(Math.abs(held + buys), Math.abs(held - sells));
      const instrument = instruments.get(symbol);
      const margin = instrument === undefined ? null : paperMargin(instrument);
      if (margin !== null) total += margin * exposure;
      else if (isAdding && exposure > Math.abs(held)) return `no margin figure for ${symbol}`;
    }
    return total;
  };

  const refusal = (group: OrderGroup): string | null =>
    isConnected
      ? (groupFault(group, accountId, instruments) ?? marginFault(group))
      : 'the paper broker is not connected';

  return {
    venue: 'paper',
    account: accountId,
    connect: (signal) => {
      if (signal.aborted) return Promise.reject(new Error('connect: aborted', { cause: signal.reason }));
      isConnected = true;
      log.heard(clock.now(), 0);
      log.set('live', null);
      return Promise.resolve();
    },
    snapshot: () =>
      Promise.resolve({
        isComplete: isConnected,
        orders: book.open().map(({ terms, venueOrderId, quantity, filled }) => ({
          ...{ clientOrderId: terms.clientOrderId, venueOrderId, quantity, filled },
        })),
        fills: [...fills],
        positions: account.positions(),
      }),
    submit: (group) => {
      const { entry, stop, target } = group;
      const repeated = [entry, stop, target].find(
        (terms) => terms !== null && book.get(terms.clientOrderId) !== undefined,
      );
      if (repeated !== undefined && repeated !== null) {
        return Promise.resolve({ kind: 'unknown', why: `order ${repeated.clientOrderId} is already here: ask for it` });
      }
      const reason = refusal(group);
      if (reason !== null) return Promise.resolve({ kind: 'rejected', reason });
      const now = clock.now();
      log.heard(now, 0);
      const [first] = book.add(group, now);
      const quote = quotes.get(entry.symbol);
      const isUsable = quote !== undefined && now - quote.asOf <= (options.maxQuoteAgeMs ?? 5_000);
      if (fillFrom === 'quotes' && first !== undefined && isUsable) meetQuote(quote, [first]);
      mailbox.deliver();
      return Promise.resolve({ kind: 'accepted' });
    },
    cancel: ({ clientOrderId }) => {
      const order = book.get(clientOrderId);
      if (order === undefined) return Promise.resolve({ kind: 'refused', reason: 'unknown order' });
      if (order.state === 'done') {
        const reason = remainingOf(order) === 0 ? 'too late: already filled' : 'too late: already ended';
        return Promise.resolve({ kind: 'refused', reason });
      }
      book.end(order, { kind: 'canceled', reason: 'on request' });
      mailbox.deliver();
      return Promise.resolve({ kind: 'accepted' });
    },
    find: (clientOrderId) => {
      const order = book.get(clientOrderId);
      return Promise.resolve(order === undefined ? 'absent' : order.state === 'done' ? 'done' : 'working');
    },
    definition: (symbol) => {
      const instrument = instruments.get(symbol);
      if (instrument === undefined) return null;
      return { tickSize: instrument.tickSize, tickValueUsd: instrument.tickValue / MONEY_PER_USD };
    },
    initialMargin: (symbol) => {
      const instrument = instruments.get(symbol);
      return instrument === undefined ? null : paperMargin(instrument);
    },
    onEvent: mailbox.listen,
    connection: log.current,
    onConnection: log.onChange,
    close: () => {
      isConnected = false;
      log.set('disconnected', 'Closed by the desk.');
      return Promise.resolve();
    },
    onMarket: (event) => {
      if (event.kind === 'quote') {
        account.mark(event.quote.symbol, event.quote.last);
        quotes.set(event.quote.symbol, event.quote);
        if (fillFrom === 'quotes') meetQuote(event.quote, book.working(event.quote.symbol));
      } else {
        account.mark(event.bar.symbol, event.bar.close);
        if (fillFrom === 'bars') meetBar(event.bar);
      }
      mailbox.deliver();
    },
    setFillSource: (source) => {
      fillFrom = source;
    },
    restore: (orders, positions, cash = options.startingCash) => {
      book.restore(orders);
      account.restore(positions, cash);
    },
    endDay: () => {
      for (const order of book.open()) {
        if (order.terms.timeInForce === 'day' && order.state === 'working') book.end(order, { kind: 'expired' });
      }
      mailbox.deliver();
    },
    equity: account.equity,
  };
}

const usdText = (amount: number): string => `${(amount / MONEY_PER_USD).toFixed(2)} USD`;

const matchableOf = (order: BookedOrder) => ({
  direction: order.terms.direction,
  type: order.terms.type,
  price: order.terms.price,
  isFresh: order.isFresh,
  isTriggered: order.isTriggered,
});

const byRank = (orders: readonly BookedOrder[]): readonly BookedOrder[] =>
  orders.length < 2 ? orders : [...orders].sort((a, b) => RANK[a.terms.type] - RANK[b.terms.type]);

/** How many contracts one event may fill: all of them, or a seeded part of the volume. */
function sizeLimiter(partial: PaperBrokerOptions['partialFills']): (volume: number | null) => number {
  if (partial === undefined) return () => Number.POSITIVE_INFINITY;
  const chance = createSeeded(partial.seed);
  return (volume) => {
    const offered = volume === null ? partial.quoteSize : volume * partial.shareOfVolume;
    return Math.max(1, Math.ceil(offered * chance.uniform()));
  };
}
