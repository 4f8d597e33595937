import type { Instrument } from '#shared/domain/instrument.ts';
import type { Quote } from '#shared/domain/market.ts';
import { isTerminal } from '#shared/domain/order-life.ts';
import type { Order, Position } from '#shared/domain/order.ts';
import type { Exposure } from '#shared/domain/sizing.ts';
import { epochMs, money, sumMoney, ticks, type Money, type Ticks } from '#shared/units.ts';
import type { Journal } from '#desk/ports/journal.ts';

type OpenLots = ReturnType<Journal['openLots']>[number];

export type AccountFigures = {
  /** Initial equity plus net P&L of closed trades, less fees already paid on what is open. */
  readonly realised: Money;
  readonly openPnl: Money;
  readonly equity: Money;
  /** What sizing uses: an open profit is not spent before it is realised. */
  readonly sizing: Money;
};

/** The account as it stands now: derived from the journal, marked with the latest prices. */
export interface Book {
  setQuote(quote: Quote): void;
  quote(symbol: string): Quote | null;
  quotes(): readonly Quote[];
  /** Reads orders and open lots again after something was journaled, and closed trades unless only orders changed. */
  refresh(what?: 'all' | 'orders'): void;
  setPlannedRisk(clientOrderId: string, riskPerContract: Money): void;
  setMargin(marginOf: (symbol: string) => Money | null): void;
  orders(): readonly Order[];
  order(clientOrderId: string): Order | null;
  workingOrders(symbol: string): readonly Order[];
  positions(): readonly Position[];
  hasInterest(symbol: string): boolean;
  account(): AccountFigures;
  /** Open positions at their stops, and the unfilled part of entries that may still fill. */
  exposures(): readonly Exposure[];
  reservedRisk(): Money;
}

const signOf = (n: number): 1 | -1 => (n > 0 ? 1 : -1);

/** Returns what one contract loses between `mark` and `stop`, with slippage and fees; never negative. */
export function stopRisk(instrument: Instrument, mark: number, stop: number, direction: 1 | -1): Money {
  const distance = Math.max(0, Math.ceil((mark - stop) * direction));
  return money((distance + instrument.slippageTicks) * instrument.tickValue + instrument.roundTurnFee);
}

export type BookParts = {
  readonly journal: Journal;
  readonly instrument: (symbol: string) => Instrument;
  readonly initialEquity: Money;
};

/** Returns a book over a journal; it holds no truth of its own. */
export function createBook({ journal, instrument, initialEquity }: BookParts): Book {
  const quotes = new Map<string, Quote>();
  const plannedRisk = new Map<string, Money>();
  let orders = new Map<string, Order>();
  let lots: readonly OpenLots[] = [];
  let closedNet = money(0);
  let marginOf: (symbol: string) => Money | null = () => null;

  const refresh: Book['refresh'] = (what = 'all') => {
    orders = new Map(journal.orders({ openOnly: true }).map((o) => [o.clientOrderId, o]));
    lots = journal.openLots();
    // A late fill can change what closed trades made without changing how many there are.
    if (what === 'all') closedNet = journal.netOfTrades();
  };
  const protection = (symbol: string, role: 'stop' | 'target'): readonly Order[] =>
    [...orders.values()].filter((o) => o.symbol === symbol && o.role === role && !isTerminal(o));

  const positionOf = (open: OpenLots): Position => {
    const spec = instrument(open.symbol);
    const size = open.lots.reduce((sum, lot) => sum + lot.quantity, 0);
    const averagePrice = open.lots.reduce((sum, lot) => sum + lot.quantity * lot.price, 0) / size;
    const quote = quotes.get(open.symbol) ?? null;
    // Integer arithmetic lot by lot: the average itself may not be a whole tick.
    const openPnl =
      quote === null
        ? null
        : money(
            open.lots.reduce(
              (sum, lot) => sum + (quote.last - lot.price) * open.direction * lot.quantity * spec.tickValue,
              0,
            ),
          );
    const stops = protection(open.symbol, 'stop');
    const stop = stops[0]?.price ?? null;
    // A stop for fewer contracts than are held leaves the rest without one: then the loss at the stop is not known.
    const isCovered = stops.reduce((sum, o) => sum + o.quantity - o.filled, 0) >= size;
    const risks = open.lots.map((lot) =>
      lot.plannedRiskPerContract === null ? null : lot.plannedRiskPerContract * lot.quantity,
    );
    const planned = risks.some((r) => r === null) ? null : money(risks.reduce<number>((sum, r) => sum + (r ?? 0), 0));
    return {
      symbol: open.symbol,
      account: open.account,
      quantity: size * open.direction,
      averagePrice,
      last: quote?.last ?? null,
      lastAt: quote?.asOf ?? null,
      openPnl,
      stop,
      target: protection(open.symbol, 'target')[0]?.price ?? null,
      riskAtStop:
        stop === null || !isCovered
          ? null
          : money(size * stopRisk(spec, quote?.last ?? averagePrice, stop, open.direction)),
      plannedRisk: planned,
      r: openPnl === null || planned === null || planned === 0 ? null : openPnl / planned,
      openedAt: epochMs(Math.min(...open.lots.map((lot) => lot.at))),
      recommendationId: open.lots[0]?.recommendationId ?? null,
    };
  };
  const positions = (): readonly Position[] => lots.filter((l) => l.lots.length > 0).map(positionOf);

  const positionExposure = (position: Position): Exposure => {
    const contracts = Math.abs(position.quantity);
    const margin = marginOf(position.symbol);
    // No stop: what was planned, else the whole margin. Unknown risk is never zero.
    const fallback = position.plannedRisk ?? (margin === null ? money(0) : money(margin * contracts));
    return {
      symbol: position.symbol,
      root: instrument(position.symbol).root,
      direction: signOf(position.quantity),
      contracts,
      risk: position.riskAtStop ?? fallback,
      margin: margin === null ? null : money(margin * contracts),
    };
  };
  const reservations = (): readonly Exposure[] =>
    [...orders.values()]
      .filter((o) => o.role === 'entry' && !isTerminal(o) && o.quantity > o.filled)
      .map((o) => {
        const contracts = o.quantity - o.filled;
        const margin = marginOf(o.symbol);
        return {
          symbol: o.symbol,
          root: instrument(o.symbol).root,
          direction: o.direction,
          contracts,
          // Unknown risk is never zero: without a plan the margin stands for it.
          risk: money((plannedRisk.get(o.clientOrderId) ?? margin ?? 0) * contracts),
          margin: margin === null ? null : money(margin * contracts),
        };
      });

  return {
    setQuote: (quote) => void quotes.set(quote.symbol, quote),
    quote: (symbol) => quotes.get(symbol) ?? null,
    quotes: () => [...quotes.values()],
    refresh,
    setPlannedRisk: (id, risk) => void plannedRisk.set(id, risk),
    setMargin: (of) => {
      marginOf = of;
    },
    orders: () => [...orders.values()],
    order: (id) => orders.get(id) ?? journal.order(id),
    workingOrders: (symbol) => [...orders.values()].filter((o) => o.symbol === symbol && !isTerminal(o)),
    positions,
    hasInterest: (symbol) =>
      lots.some((l) => l.symbol === symbol && l.lots.length > 0) ||
      [...orders.values()].some((o) => o.symbol === symbol && !isTerminal(o)),
    account: () => {
      const openFees = sumMoney(lots.flatMap((l) => l.lots.map((lot) => lot.fee)));
      const realised = money(initialEquity + closedNet - openFees);
      const openPnl = sumMoney(positions().map((p) => p.openPnl ?? money(0)));
      return {
        realised,
        openPnl,
        equity: money(realised + openPnl),
        sizing: money(realised + Math.min(0, openPnl)),
      };
    },
    exposures: () => [...positions().map(positionExposure), ...reservations()],
    reservedRisk: () => sumMoney(reservations().map((r) => r.risk)),
  };
}

/** Returns the price in ticks half-way of a plan: entry, stop and target for a direction. */
export function planPrices(
  plan: { readonly entry: Ticks; readonly stopDistance: number; readonly targetDistance: number },
  direction: 1 | -1,
): { readonly entry: Ticks; readonly stop: Ticks; readonly target: Ticks } {
  return {
    entry: plan.entry,
    stop: ticks(plan.entry - direction * plan.stopDistance),
    target: ticks(plan.entry + direction * plan.targetDistance),
  };
}
