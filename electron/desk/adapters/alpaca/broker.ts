import { epochMs, type EpochMs } from '#shared/units.ts';
import { createConnectionLog } from '#desk/adapters/connection-log.ts';
import type { BrokerParts } from '#desk/adapters/connection-parts.ts';
import { createVenueTimes } from '#desk/adapters/venue-times.ts';
import type { Broker, BrokerCapabilities, BrokerEvent } from '#desk/ports/broker.ts';
import type { AlpacaConnection } from './config.ts';
import { createExecutions } from './executions.ts';
import { createHoldings } from './holdings.ts';
import { createAlpacaLine, type Line } from './line.ts';
import { createListing } from './listing.ts';
import { createOrderBook } from './order-book.ts';
import { createOrders } from './orders.ts';
import { remember } from './remembered.ts';
import { createUpdates } from './updates.ts';

/** By client order id, twice, ten seconds apart, the account answering in between. @source protocols.md 6.4 */
const ABSENCE: BrokerCapabilities['absence'] = { looks: 2, apartMs: 10_000 };
/** Of orders and executions, what Alpaca can still speak of. */
const REMEMBERED_MS = 30 * 86_400_000;

/**
 * Makes the broker connection of one account at Alpaca. While it is not connected, a submit is rejected (nothing was
 * sent), a cancel or change is unknown, a find cannot tell and a snapshot is not complete. An order is sent a second
 * time only after a 429, under the same id, when Alpaca has said that it does not have it.
 */
export function createAlpacaBroker(config: AlpacaConnection, parts: BrokerParts): Broker {
  const { clock, account } = parts;
  const log = createConnectionLog({ id: parts.id, kind: 'broker', name: parts.name });
  const times = createVenueTimes(clock);
  const listing = createListing(parts.instruments);
  const listeners = new Set<(event: BrokerEvent) => void>();
  const from = epochMs(Math.max(0, clock.now() - REMEMBERED_MS));
  const emit = (event: BrokerEvent): void => {
    for (const listener of listeners) listener(event);
  };
  const book = createOrderBook({
    listing,
    journaled: parts.journal?.orders({}) ?? [],
    tell: (clientOrderId, event, at) => updates.tell({ kind: 'order', clientOrderId, event, at }),
  });
  const executions = createExecutions({
    ...{ account, listing, ownerOf: book.ownerOf, now: () => clock.now() },
    remembered: remember(parts, from),
  });
  const holdings = createHoldings({
    ...{ clock, listing, book, executions },
    emit: (news) => updates.tell(news),
  });
  const line: Line = createAlpacaLine({
    ...{ config, parts, log, times },
    onUpdate: (update) => updates.take(update),
    onAccount: (told) => holdings.takeAccount(told),
    onReady: (rest) => holdings.learn(rest),
    onLost: () => updates.hold(),
  });
  const orders = createOrders({
    ...{ clock, account, listing, book, rest: line.rest, block: line.block },
    tell: (clientOrderId, event) => updates.tell({ kind: 'order', clientOrderId, event, at: clock.now() }),
  });
  const updates = createUpdates({
    ...{ clock, listing, book, executions, holdings, emit, rest: line.rest },
    refuse: orders.refuse,
  });
  const hasCrypto = listing.all().some(({ isCrypto }) => isCrypto);

  return {
    venue: 'alpaca',
    account,
    // Alpaca has no brackets for crypto, and the desk asks once for the whole account.
    capabilities: { brackets: hasCrypto ? 'emulated' : 'native', replace: true, absence: ABSENCE },
    connect: async (signal) => {
      updates.hold();
      await line.connect(signal);
      updates.release();
    },
    snapshot: async (since: EpochMs, signal) => {
      if (signal.aborted) throw new Error('snapshot: aborted', { cause: signal.reason });
      const rest = line.rest();
      if (rest !== null) return holdings.snapshot(rest, since);
      return { isComplete: false, at: clock.now(), orders: [], completed: [], fills: [], positions: [] };
    },
    submit: (group) => updates.during(() => orders.submit(group)),
    cancel: orders.cancel,
    replace: orders.replace,
    cancelExternal: orders.cancelExternal,
    find: async (clientOrderId) => {
      const rest = line.rest();
      if (rest === null) return { kind: 'cannot-tell', why: 'Alpaca is not connected' };
      const answer = await holdings.find(rest, clientOrderId);
      if (answer.kind === 'absent' && line.rest() !== rest)
        return { kind: 'cannot-tell', why: 'the connection was lost meanwhile' };
      return answer;
    },
    definition: (symbol) => {
      const listed = listing.ofDesk(symbol);
      return listed === null ? null : { tickSize: null, tickValueUsd: null };
    },
    initialMargin: () => null,
    balance: holdings.balance,
    venueTime: () => times.current(),
    onEvent: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    connection: log.current,
    onConnection: log.onChange,
    close: () => {
      updates.stop();
      line.close('Closed by the desk.');
      return Promise.resolve();
    },
  };
}
