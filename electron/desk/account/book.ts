import type { Instrument } from '#shared/domain/instrument.ts';
import type { Quote } from '#shared/domain/market.ts';
import { isTerminal, remainingOf, standsFor } from '#shared/domain/order-life.ts';
import type { Order, Position } from '#shared/domain/order.ts';
import type { Exposure, Held, TradeSample } from '#shared/domain/sizing.ts';
import { money, sumMoney, type Money } from '#shared/units.ts';
import { groupBy } from '#shared/group-by.ts';
import { IMPORTED, type Journal } from '#desk/ports/journal.ts';
import {
  createPositionValues,
  isDoubted,
  type LastPrice,
  type OpenLots,
  openPnlAt,
  stopRisk,
} from './position-values.ts';
import { createSampleStore, type SampleRequest } from './samples.ts';

export type AccountFigures = {
  /** Initial equity plus net P&L of closed trades, less fees already paid on what is open. */
  readonly realised: Money;
  readonly openPnl: Money;
  readonly equity: Money;
  /** What sizing uses: an open profit is not spent before it is realised. */
  readonly sizing: Money;
};

/** What was journaled since, where it says of everything what it changed. */
export type BookChanges = {
  /** The orders that changed or began. */
  readonly orders: readonly string[];
  /** The symbols something was executed in; none: closed trades and open lots are what they were. */
  readonly executed: readonly string[];
};

/** The account as it stands now: derived from the journal, marked with the latest prices. */
export interface Book {
  setQuote(quote: Quote): void;
  /** The last price known of a symbol, which values what is held of it until it is quoted. */
  setMark(symbol: string, mark: LastPrice): void;
  quote(symbol: string): Quote | null;
  quotes(): readonly Quote[];
  /** Reads again what was journaled: what changed of it, or all where that is left out. */
  refresh(changes?: BookChanges): void;
  /** Counts the changes of what was executed: whatever is worked out from it is good until this moves on. */
  revision(): number;
  setPlannedRisk(clientOrderId: string, riskPerContract: Money): void;
  setMargin(marginOf: (symbol: string) => Money | null): void;
  orders(): readonly Order[];
  order(clientOrderId: string): Order | null;
  workingOrders(symbol: string): readonly Order[];
  positions(): readonly Position[];
  /** Of own accounts. */
  openLots(): readonly OpenLots[];
  hasInterest(symbol: string): boolean;
  account(): AccountFigures;
  /** Open positions at their stops, the unfilled part of entries that may still fill, and what doubt may hide. */
  exposures(): readonly Exposure[];
  /** The same as it would be with one working order changed to this. */
  exposuresIf(changed: Order): readonly Exposure[];
  /** Risk of entries that may still fill, those in doubt included. */
  reservedRisk(): Money;
  /** Risk of orders in doubt: the broker may have them. Part of the exposures. */
  doubtRisk(): Money;
  /** What is open in one contract, for a size of the whole. */
  held(symbol: string): Held;
  /** The same account without one order that waits to be sent: an entry must not stand in its own way. */
  without(clientOrderId: string): Book;
  /** Own closed trades of the look-back, as `tradeSamples` counts them. */
  samples(request: SampleRequest): readonly TradeSample[];
}

const signOf = (n: number): 1 | -1 => (n > 0 ? 1 : -1);

/** May still fill. */
const isOpen = (order: Order): boolean => !isTerminal(order) && remainingOf(order) > 0;

const NO_ORDERS: readonly Order[] = [];

/** Whether what is open in a contract is lot by lot what it was. */
function isSameBook(a: OpenLots, b: OpenLots): boolean {
  if (a.symbol !== b.symbol || a.account !== b.account || a.direction !== b.direction) return false;
  return a.lots.length === b.lots.length && a.lots.every((lot, i) => isSameLot(lot, b.lots[i]));
}

/** The order in which a journal lists them. */
function inOrder(a: OpenLots, b: OpenLots): number {
  if (a.account !== b.account) return a.account < b.account ? -1 : 1;
  if (a.symbol === b.symbol) return 0;
  return a.symbol < b.symbol ? -1 : 1;
}

const isSameLot = (a: OpenLots['lots'][number], b: OpenLots['lots'][number] | undefined): boolean =>
  a.quantity === b?.quantity &&
  a.price === b.price &&
  a.at === b.at &&
  a.fee === b.fee &&
  a.recommendationId === b.recommendationId &&
  a.plannedRiskPerContract === b.plannedRiskPerContract;

export type BookParts = {
  readonly journal: Journal;
  readonly instrument: (symbol: string) => Instrument;
  readonly initialEquity: Money;
};

/** Plans of orders that have ended: as many of the newest are kept, in case one of them opens again. */
const ENDED_PLANS_KEPT = 256;
/** Orders that have ended and were asked for lately. */
const ENDED_KEPT = 256;

/** Returns a book over a journal; it holds no truth of its own. */
export function createBook({ journal, instrument, initialEquity }: BookParts): Book {
  const quotes = new Map<string, Quote>();
  const marks = new Map<string, LastPrice>();
  const plannedRisk = new Map<string, Money>();
  let orders = new Map<string, Order>();
  let lots: readonly OpenLots[] = [];
  /** The symbols of them. */
  let held: ReadonlySet<string> = new Set();
  let openFees = money(0);
  let closedNet = money(0);
  /** Of the closed trades that make it, as the journal counts their changes. */
  let closedAt = 0;
  let revision = 0;
  let marginOf: (symbol: string) => Money | null = () => null;
  const samples = createSampleStore(journal);

  /** Asked for again and again until a price, an order or a lot is another. */
  let known: readonly Position[] | null = null;
  const ended = new Map<string, Order>();
  /** The orders of each symbol; those of a symbol are another list once one of them is another. */
  let grouped: Map<string, readonly Order[]> | null = null;
  const ordersOf = (symbol: string): readonly Order[] => {
    grouped ??= new Map(groupBy([...orders.values()], (o) => o.symbol).map((some) => [some[0].symbol, some]));
    return grouped.get(symbol) ?? NO_ORDERS;
  };

  const keepEnded = (order: Order): void => {
    ended.set(order.clientOrderId, order);
    const [oldest] = ended.keys();
    if (ended.size > ENDED_KEPT && oldest !== undefined) ended.delete(oldest);
  };
  /** Orders that were open and keep their places, and nothing but them: what is held is as it was. */
  const readAgain = (ids: readonly string[]): void => {
    const symbols = new Set<string>();
    for (const id of new Set(ids)) {
      const order = journal.order(id);
      symbols.add(order?.symbol ?? orders.get(id)?.symbol ?? '');
      if (order !== null && !isTerminal(order)) {
        orders.set(id, order);
        continue;
      }
      orders.delete(id);
      // Whoever is told that it ended asks for it at once.
      if (order !== null) keepEnded(order);
    }
    for (const symbol of symbols) {
      const still = ordersOf(symbol).flatMap(({ clientOrderId }) => orders.get(clientOrderId) ?? []);
      grouped?.set(symbol, still);
    }
  };
  /** Takes in orders whose intents have just been journaled, newest first as all are; false where it is none of those. */
  const takeNew = (ids: readonly string[]): boolean => {
    const added = new Map<string, Order>();
    for (const id of ids.toReversed()) {
      const order = orders.has(id) ? null : journal.order(id);
      if (order?.life !== 'created') return false;
      added.set(id, order);
    }
    orders = new Map([...added, ...orders]);
    for (const some of groupBy([...added.values()], (o) => o.symbol)) {
      const [{ symbol }] = some;
      grouped?.set(symbol, [...some, ...(grouped.get(symbol) ?? NO_ORDERS)]);
    }
    return true;
  };
  /** Takes over what is open now, in some symbols or in all. A book as it was stays the same object. */
  const takeLots = (symbols?: readonly string[]): void => {
    const read = symbols === undefined ? journal.openLots() : symbols.flatMap((symbol) => journal.openLots(symbol));
    const taken = read
      .filter(({ account, lots: open }) => !account.startsWith(IMPORTED) && open.length > 0)
      .map((one) => lots.find((old) => isSameBook(old, one)) ?? one);
    const others = symbols === undefined ? [] : lots.filter(({ symbol }) => !symbols.includes(symbol));
    lots = [...others, ...taken].sort(inOrder);
    held = new Set(lots.map(({ symbol }) => symbol));
    openFees = sumMoney(lots.flatMap((open) => open.lots.map((lot) => lot.fee)));
  };
  /** Takes in orders that changed; false where it cannot be told what that does to the others. */
  const takeOrders = (ids: readonly string[]): boolean => {
    if (!ids.every((id) => orders.has(id))) return takeNew(ids);
    readAgain(ids);
    return true;
  };
  const refresh: Book['refresh'] = (changes) => {
    known = null;
    if (changes === undefined) ended.clear();
    else for (const id of changes.orders) ended.delete(id);
    const isFollowed = changes !== undefined && takeOrders(changes.orders);
    if (!isFollowed) {
      orders = new Map(journal.orders({ openOnly: true }).map((o) => [o.clientOrderId, o]));
      grouped = null;
    }
    const isOrdersOnly = changes?.executed.length === 0;
    if (isFollowed && isOrdersOnly) return;
    takeLots(isFollowed ? changes.executed : undefined);
    if (isOrdersOnly) return;
    // A late fill can change what closed trades made without changing how many there are.
    const closed = journal.tradeChanges(closedAt);
    if (closed.from !== null) closedNet = journal.netOfTrades();
    closedAt = closed.revision;
    samples.forget();
    revision += 1;
  };
  const contractsOf = (exit: Order): number => standsFor(exit, orders.get(exit.parentId ?? ''));
  const priceOf = (symbol: string): LastPrice | null => quotes.get(symbol) ?? marks.get(symbol) ?? null;
  /** Null without a price. */
  const openPnlOf = (open: OpenLots): Money | null => {
    const price = priceOf(open.symbol);
    return price === null ? null : openPnlAt(open, price.last, instrument(open.symbol).tickValue);
  };
  const valueOf = createPositionValues(contractsOf);
  const positionNow = (open: OpenLots): Position => {
    const of = { orders: ordersOf(open.symbol), spec: instrument(open.symbol) };
    return valueOf(open, of, priceOf(open.symbol));
  };
  const positions = (): readonly Position[] => (known ??= lots.map(positionNow));

  /** The whole price of a contract: the most that can be lost where nothing better is known. */
  const notionalOf = (symbol: string, price: number | null): Money | null => {
    const at = quotes.get(symbol)?.last ?? price;
    return at === null ? null : money(Math.ceil(Math.abs(at) * instrument(symbol).tickValue));
  };
  const positionExposure = (position: Position): Exposure => {
    const contracts = Math.abs(position.quantity);
    const margin = marginOf(position.symbol);
    // No stop: what was planned, else the whole margin, else the whole price. Unknown risk is never zero.
    const each = margin ?? notionalOf(position.symbol, position.averagePrice) ?? money(0);
    const fallback = position.plannedRisk ?? money(each * contracts);
    return {
      symbol: position.symbol,
      root: instrument(position.symbol).root,
      direction: signOf(position.quantity),
      contracts,
      risk: position.riskAtStop ?? fallback,
      margin: margin === null ? null : money(margin * contracts),
    };
  };
  /** What a contract of an order was planned to lose; more where the entry or its stop was moved apart since. */
  const plannedLoss = (order: Order): Money | null => {
    const planned = plannedRisk.get(order.clientOrderId) ?? null;
    const { price } = order;
    if (planned === null || price === null) return planned;
    const stops = ordersOf(order.symbol).filter((o) => o.parentId === order.clientOrderId && o.role === 'stop');
    const losses = stops.map((o) =>
      o.price === null ? planned : stopRisk(instrument(order.symbol), price, o.price, order.direction),
    );
    return money(Math.max(planned, ...losses));
  };
  const exposureOf = (order: Order, contracts: number): Exposure => {
    const margin = marginOf(order.symbol);
    // Unknown risk is never zero: without a plan the margin stands for it, or the whole price.
    const each = plannedLoss(order) ?? margin ?? notionalOf(order.symbol, order.price) ?? money(0);
    return {
      symbol: order.symbol,
      root: instrument(order.symbol).root,
      direction: order.direction,
      contracts,
      risk: money(each * contracts),
      margin: margin === null ? null : money(margin * contracts),
    };
  };
  const openEntries = (): readonly Order[] => [...orders.values()].filter((o) => o.role === 'entry' && isOpen(o));
  const reservations = (except?: string): readonly Exposure[] =>
    openEntries()
      .filter((o) => o.clientOrderId !== except)
      .map((o) => exposureOf(o, remainingOf(o)));
  /** A closing order in doubt for more than is held: if the broker has it, it opens the other side. */
  const overClosings = (): readonly Exposure[] =>
    [...orders.values()]
      .filter((o) => o.role === 'flatten' && isOpen(o) && isDoubted(o))
      .flatMap((o) => {
        const position = lots.find((l) => l.symbol === o.symbol && l.direction !== o.direction);
        const beyond = remainingOf(o) - (position?.lots.reduce((sum, lot) => sum + lot.quantity, 0) ?? 0);
        return beyond > 0 ? [exposureOf(o, beyond)] : [];
      });
  const doubted = (): readonly Exposure[] => [
    ...openEntries()
      .filter(isDoubted)
      .map((o) => exposureOf(o, remainingOf(o))),
    ...overClosings(),
  ];
  const heldOf = (symbol: string, except?: string): Held => {
    const open = ordersOf(symbol).filter((o) => o.clientOrderId !== except && isOpen(o));
    const counted = (of: readonly Order[], role: Order['role']): number =>
      of.filter((o) => o.role === role).reduce((sum, o) => sum + remainingOf(o), 0);
    const known = open.filter((o) => !isDoubted(o));
    const unclear = open.filter(isDoubted);
    const [position, ...more] = positions().filter((p) => p.symbol === symbol);
    // Two accounts in one contract are no one position; then the exposures alone speak, and block.
    const isOne = position !== undefined && more.length === 0;
    return {
      position: isOne
        ? {
            direction: signOf(position.quantity),
            contracts: Math.abs(position.quantity),
            risk: position.riskAtStop,
          }
        : null,
      working: counted(known, 'entry') + counted(known, 'flatten'),
      // An entry in doubt takes its stop and target with it: they are one doubt.
      inDoubt: Math.max(...(['entry', 'stop', 'target', 'flatten'] as const).map((role) => counted(unclear, role))),
    };
  };

  const exposures = (except?: string): readonly Exposure[] => [
    ...positions().map(positionExposure),
    ...reservations(except),
    ...overClosings(),
  ];

  const exposuresIf: Book['exposuresIf'] = (changed) => {
    const before = orders;
    orders = new Map([...before, [changed.clientOrderId, changed]]);
    [known, grouped] = [null, null];
    try {
      return exposures();
    } finally {
      orders = before;
      [known, grouped] = [null, null];
    }
  };

  const endedOrder = (id: string): Order | null => {
    const order = ended.get(id) ?? journal.order(id);
    if (order !== null) keepEnded(order);
    return order;
  };

  const self: Book = {
    setQuote: (quote) => {
      quotes.set(quote.symbol, quote);
      if (held.has(quote.symbol)) known = null;
    },
    setMark: (symbol, mark) => {
      marks.set(symbol, mark);
      known = null;
    },
    quote: (symbol) => quotes.get(symbol) ?? null,
    quotes: () => [...quotes.values()],
    refresh,
    revision: () => revision,
    setPlannedRisk: (id, risk) => {
      plannedRisk.set(id, risk);
      if (plannedRisk.size <= orders.size + ENDED_PLANS_KEPT) return;
      const ended = [...plannedRisk.keys()].find((one) => !orders.has(one));
      if (ended !== undefined) plannedRisk.delete(ended);
    },
    setMargin: (of) => {
      marginOf = of;
    },
    orders: () => [...orders.values()],
    order: (id) => orders.get(id) ?? endedOrder(id),
    workingOrders: (symbol) => ordersOf(symbol).filter((o) => !isTerminal(o)),
    positions,
    openLots: () => lots,
    hasInterest: (symbol) => held.has(symbol) || ordersOf(symbol).some((o) => !isTerminal(o)),
    account: () => {
      const realised = money(initialEquity + closedNet - openFees);
      // Asked for with every look at the breakers: what a position is beside its result is not worked out for it.
      let pnl = 0;
      for (const open of lots) pnl += openPnlOf(open) ?? 0;
      const openPnl = money(pnl);
      return {
        realised,
        openPnl,
        equity: money(realised + openPnl),
        sizing: money(realised + Math.min(0, openPnl)),
      };
    },
    exposures: () => exposures(),
    exposuresIf,
    reservedRisk: () => sumMoney(reservations().map((r) => r.risk)),
    doubtRisk: () => sumMoney(doubted().map((r) => r.risk)),
    held: (symbol) => heldOf(symbol),
    without: (id) => ({ ...self, exposures: () => exposures(id), held: (symbol) => heldOf(symbol, id) }),
    samples: (request) => samples.of(request),
  };
  return self;
}
