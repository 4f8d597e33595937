import type { Instrument } from '#shared/domain/instrument.ts';
import type { Quote } from '#shared/domain/market.ts';
import type { Fill, FillCorrection, Order, OrderTerms } from '#shared/domain/order.ts';
import type { EpochMs, Money } from '#shared/units.ts';
import type { BrokerEvent, VenueOrder } from '#desk/ports/broker.ts';
import type { Clock, Ids } from '#desk/ports/clock.ts';
import type { MarketEvent } from '#desk/ports/market-data.ts';
import { createMailbox } from './mailbox.ts';
import { type RestoredPosition, createPaperAccount } from './paper-account.ts';
import { createPaperBook } from './paper-book.ts';
import { type ExecutedValues, changeOf, createExecutions } from './paper-executions.ts';
import { type PartialFills, createPaperFloor } from './paper-floor.ts';
import { type RandomRejects, createPaperGateway } from './paper-gateway.ts';
import type { Slippage } from './paper-match.ts';
import { type BookedOrder, venueOrderOf } from './paper-orders.ts';
import { createPaperRecords } from './paper-records.ts';
import type { VenueAnswer, VenueRequest } from './paper-wire.ts';

export type FillSource = 'quotes' | 'bars';

/** How real the exchange is. Everything by chance is by seed: the same calls give the same answers. */
export type PaperExchangeOptions = {
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
  /** Fills in parts. Off by default. */
  readonly partialFills?: PartialFills;
  /** Off by default. */
  readonly rejects?: RandomRejects;
  /**
   * Whether a market trades at a time; always by default. While it does not nothing is filled, a group whose entry is
   * `day` is rejected, and one whose entry is `gtc` is acknowledged and begins to work with the first price of the
   * next session.
   */
  readonly isSessionOpen?: (instrument: Instrument, at: EpochMs) => boolean;
};

/** An order from another screen of the same account. */
export type ElsewhereOrder = Pick<OrderTerms, 'symbol' | 'direction' | 'type' | 'quantity' | 'price'>;

/** What an execution is corrected to; null busts it. */
export type CorrectedTo = Partial<Pick<ExecutedValues, 'quantity' | 'price' | 'fee'>> | null;

export type PaperState = {
  /** As journaled: ids, families, partial fills. An order without a venue order id never arrived. */
  readonly orders: readonly Order[];
  readonly positions: readonly RestoredPosition[];
  /** Cash without open profit; the starting cash where it is not given. */
  readonly cash?: Money;
  /** Executions of before, to be told again when asked for. They change nothing. */
  readonly fills?: readonly Fill[];
};

/**
 * A venue with one account: its orders, executions and money. It stands apart from the desk, which reaches it over a
 * link; when a desk crashes the exchange goes on. It answers at the instant a request arrives, and tells events to
 * whoever listens at that instant: what nobody heard is in the next snapshot.
 */
export interface PaperExchange {
  readonly account: string;
  readonly instruments: readonly Instrument[];
  /** Takes one request. The events it causes are told before it returns. */
  handle(request: VenueRequest): VenueAnswer;
  listen(listener: (event: BrokerEvent) => void): () => void;
  /** Shows it the market. Orders meet only events of the current fill source; prices for equity come from both. */
  onMarket(event: MarketEvent): void;
  setFillSource(source: FillSource): void;
  /** Ends the day orders that are still open, and what waits for them. */
  endDay(): void;
  /** Begins where a journal left off, instead of empty. */
  restore(state: PaperState): void;
  /** A manual trade in the same account: told as `external-order`, its fills with no client order id. */
  placeElsewhere(order: ElsewhereOrder): { readonly order: VenueOrder } | { readonly rejected: string };
  /** Gives an execution other values, or none. Returns null when there is no such execution. */
  correct(execKey: string, to: CorrectedTo, reason: string): FillCorrection | null;
  /** Takes an execution back: it never happened. The position and the protection of it follow. */
  bust(execKey: string, reason: string): FillCorrection | null;
  /** The next group is acknowledged, and rejected `afterMs` later by the matching engine behind the gateway. */
  refuseNext(reason: string, afterMs: number): void;
  /** States every working order again, as venues do after a logon. */
  restate(): void;
  equity(): Money;
  /** Every execution made, as first told, oldest first. */
  executions(): readonly Fill[];
  /** Everything in its own books that does not agree; empty when sound. */
  audit(): readonly string[];
}

/** Makes an exchange with one empty account. */
export function createPaperExchange(options: PaperExchangeOptions): PaperExchange {
  const { clock, ids, account: accountId } = options;
  const instruments = new Map(options.instruments.map((instrument) => [instrument.symbol, instrument]));
  const account = createPaperAccount(instruments, options.startingCash);
  const mailbox = createMailbox();
  const book = createPaperBook({ emit: mailbox.put, newId: () => `P-${ids.next()}`, now: () => clock.now() });
  const executions = createExecutions();
  const quotes = new Map<string, Quote>();
  let restored: PaperState = { orders: [], positions: [] };
  let fillFrom = options.fillFrom;

  const floor = createPaperFloor({
    book,
    slippage: { market: options.slippage?.market ?? 0, stop: options.slippage?.stop ?? 0 },
    partialFills: options.partialFills,
    execute: (order, { match, quantity, at }) => {
      const { symbol, direction, clientOrderId } = order.terms;
      const fee = account.book({ symbol, direction, quantity, price: match.price });
      const fill: Fill = {
        ...{ execKey: `P-${ids.next()}`, venue: 'paper', account: accountId, symbol, direction, quantity },
        ...{ clientOrderId: order.isExternal ? null : clientOrderId, price: match.price, fee, at },
        receivedAt: clock.now(),
      };
      executions.add(fill, order);
      mailbox.put({ kind: 'fill', fill });
      book.fill(order, quantity, at);
    },
  });
  const isOpen = (symbol: string, at: EpochMs): boolean => {
    const instrument = instruments.get(symbol);
    return instrument === undefined || (options.isSessionOpen?.(instrument, at) ?? true);
  };
  const meetNow = (order: BookedOrder): void => {
    const quote = quotes.get(order.terms.symbol);
    if (fillFrom !== 'quotes' || quote === undefined) return;
    const isFresh = clock.now() - quote.asOf <= (options.maxQuoteAgeMs ?? 5_000);
    if (isFresh && isOpen(order.terms.symbol, clock.now())) floor.meetQuote(quote, [order]);
  };
  const gateway = createPaperGateway({
    ...{ clock, accountId, instruments, account, book, rejects: options.rejects, isOpen, meetNow },
    deliver: mailbox.deliver,
  });
  const records = createPaperRecords({ clock, account, book, executions, restored: () => restored });

  const answer = (request: VenueRequest): VenueAnswer => {
    switch (request.kind) {
      case 'logon':
      case 'heartbeat':
        return { kind: 'alive', at: clock.now() };
      case 'submit':
        return { kind: 'submitted', outcome: gateway.submit(request.group) };
      case 'cancel':
        return { kind: 'changed', outcome: gateway.cancel(request.clientOrderId) };
      case 'replace':
        return { kind: 'changed', outcome: gateway.replace(request.clientOrderId, request) };
      case 'cancel-external':
        return { kind: 'changed', outcome: gateway.cancelExternal(request.venueOrderId) };
      case 'find':
        return { kind: 'looked-up', answer: records.find(request.clientOrderId) };
      case 'snapshot':
        // Fills are stated as they were first told; what was said of them later comes again beside them.
        for (const correction of executions.correctionsSince(request.since)) {
          mailbox.put({ kind: 'fill-correction', correction });
        }
        return { kind: 'holdings', snapshot: records.snapshot(request.since) };
    }
  };
  const change = (execKey: string, to: CorrectedTo, reason: string): FillCorrection | null => {
    const execution = executions.get(execKey);
    if (execution === undefined) return null;
    const { values: before, fill, order } = execution;
    const after = to === null ? null : correctedValues(before ?? fill, to);
    const told = executions.correct(execution, after, { reason, at: clock.now() });
    account.adjust(fill.symbol, changeOf(before, after));
    mailbox.put({ kind: 'fill-correction', correction: told });
    book.correct(order, (after?.quantity ?? 0) - (before?.quantity ?? 0));
    mailbox.deliver();
    return told;
  };

  return {
    account: accountId,
    instruments: options.instruments,
    handle: (request) => {
      const answered = answer(request);
      mailbox.deliver();
      return answered;
    },
    listen: mailbox.listen,
    onMarket: (event) => {
      const { symbol } = event.kind === 'quote' ? event.quote : event.bar;
      const isTrading = isOpen(symbol, event.kind === 'quote' ? event.quote.asOf : event.bar.openAt);
      if (isTrading) book.wake(symbol);
      if (event.kind === 'quote') {
        account.mark(symbol, event.quote.last);
        quotes.set(symbol, event.quote);
        if (isTrading && fillFrom === 'quotes') floor.meetQuote(event.quote, book.working(symbol));
      } else {
        account.mark(symbol, event.bar.close);
        if (isTrading && fillFrom === 'bars') floor.meetBar(event.bar);
      }
      mailbox.deliver();
    },
    setFillSource: (source) => {
      fillFrom = source;
    },
    endDay: () => {
      for (const order of book.open()) {
        if (order.terms.timeInForce === 'day' && order.state === 'working') book.end(order, { kind: 'expired' });
      }
      mailbox.deliver();
    },
    restore: (state) => {
      restored = state;
      book.restore(state.orders);
      account.restore(state.positions, state.cash ?? options.startingCash);
    },
    placeElsewhere: (order) => {
      const placed = gateway.placeExternal({
        ...{ ...order, clientOrderId: `X-${ids.next()}`, recommendationId: null, parentId: null, account: accountId },
        ...{ role: 'entry', timeInForce: 'gtc' },
      });
      mailbox.deliver();
      return typeof placed === 'string' ? { rejected: placed } : { order: venueOrderOf(placed) };
    },
    correct: change,
    bust: (execKey, reason) => change(execKey, null, reason),
    refuseNext: gateway.refuseNext,
    restate: () => {
      for (const order of book.open()) {
        if (order.state !== 'working' || order.isExternal) continue;
        const { venueOrderId, quantity, price } = order;
        const event = { kind: 'restated', venueOrderId, quantity, price } as const;
        mailbox.put({ kind: 'order', clientOrderId: order.terms.clientOrderId, event, at: clock.now() });
      }
      mailbox.deliver();
    },
    equity: account.equity,
    executions: () => executions.all().map((execution) => execution.fill),
    audit: records.audit,
  };
}

function correctedValues(now: ExecutedValues, to: NonNullable<CorrectedTo>): ExecutedValues {
  const { direction, at } = now;
  const { quantity, price, fee } = { quantity: now.quantity, price: now.price, fee: now.fee, ...to };
  if (!Number.isSafeInteger(quantity) || quantity < 1) {
    throw new RangeError(`a corrected quantity is a whole number above 0, got ${quantity}`);
  }
  return { direction, quantity, price, fee, at };
}
