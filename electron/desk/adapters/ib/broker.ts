import { type Money, moneyFromUsd } from '#shared/units.ts';
import type { Broker, BrokerCapabilities, BrokerEvent } from '#desk/ports/broker.ts';
import { createConnectionLog } from '#desk/adapters/connection-log.ts';
import type { BrokerParts } from '#desk/adapters/connection-parts.ts';
import { createVenueTimes } from '#desk/adapters/venue-times.ts';
import type { IbConnection } from './config.ts';
import { createHoldings } from './holdings.ts';
import { createIbLine, type IbLine } from './line.ts';
import { createMargins } from './margins.ts';
import { createFileOrderIds, createMemoryOrderIds, type OrderIds } from './order-ids.ts';
import { createOrders } from './orders.ts';
import { createRouter } from './router.ts';
import type { Tracked } from './tracker.ts';

/** Three whole lists, twice, ten seconds apart: what none of them has never arrived. @source protocols.md 6.4 */
const ABSENCE: BrokerCapabilities['absence'] = { looks: 2, apartMs: 10_000 };
/** After a count of what was filled, the executions have this long to come before they are asked for. */
const EXECUTIONS_MS = 2_000;
/** Lists may be late: looks for executions, each twice as long after the one before. */
const EXECUTION_LOOKS = 4;

/**
 * Makes the broker connection of one account at TWS or IB Gateway. Each connection has a library instance of its own;
 * orders leave only while TWS is connected to IB and the lists of orders and contracts are in.
 */
export function createIbBroker(config: IbConnection, parts: BrokerParts): Broker {
  const { clock, account } = parts;
  const log = createConnectionLog({ id: parts.id, kind: 'broker', name: parts.name });
  const times = createVenueTimes(clock);
  const listeners = new Set<(event: BrokerEvent) => void>();
  const orderIds = orderIdsOf(config, parts.stateFolder);
  const { clientId, outsideRth } = config;

  // Outside the reading of a message: what a listener does must not break off what TWS was telling.
  const emit = (event: BrokerEvent): void =>
    queueMicrotask(() => {
      for (const listener of listeners) listener(event);
    });
  /** Orders whose executions are waited for: each is looked for once at a time. */
  const awaited = new Set<string>();
  const lookForExecutions = async (order: Tracked): Promise<void> => {
    for (let look = 0; look < EXECUTION_LOOKS; look += 1) {
      await new Promise<void>((resolve) => void clock.after(EXECUTIONS_MS * 2 ** look, resolve));
      const standing = line.current();
      // What is missing when the line is lost is in the lists of the next one.
      if (standing === null || router.book.filledOf(order.clientOrderId) >= order.filled) return;
      const answer = await standing.questions.executions(account);
      for (const execution of answer.ok ? answer.value : []) router.take({ kind: 'execution', reqId: -1, execution });
    }
  };
  const awaitExecutions = (order: Tracked): void => {
    if (awaited.has(order.clientOrderId)) return;
    awaited.add(order.clientOrderId);
    void lookForExecutions(order).finally(() => awaited.delete(order.clientOrderId));
  };
  const router = createRouter({
    ...{ clock, account, clientId, emit },
    contracts: () => line.contracts(),
    zone: () => line.zone(),
    isListing: () => line.isListing(),
    onCounted: awaitExecutions,
    onMargin: (orderId, usd) => margins.take(orderId, usd),
  });
  const { tracker, book, adopt } = router;
  const line: IbLine = createIbLine({
    ...{ config, parts, log, times, orderIds },
    router,
    onLost: (why) => {
      tracker.lose(why);
      book.flush();
      margins.forget();
    },
    onLive: () => margins.ask(),
    cancelById: (orderId) => orders.cancelById(orderId),
  });
  const orders = createOrders({
    ...{ clock, account, clientId, outsideRth, orderIds, tracker, adopt },
    line: line.current,
    block: line.block,
  });
  const margins = createMargins({ isWanted: config.whatIfMargin, account, orderIds, line: line.current });
  const holdings = createHoldings({ clock, account, tracker, book, read: router.read, adopt });

  return {
    venue: 'ib',
    account,
    capabilities: { brackets: 'native', replace: true, absence: ABSENCE },
    connect: (signal) => line.connect(signal),
    snapshot: async (since, signal) => {
      if (signal.aborted) throw new Error('snapshot: aborted', { cause: signal.reason });
      const standing = line.current();
      if (standing !== null) return holdings.snapshot(standing, since);
      return { isComplete: false, at: clock.now(), orders: [], completed: [], fills: [], positions: [] };
    },
    submit: orders.submit,
    cancel: ({ clientOrderId }) => orders.cancel(clientOrderId),
    replace: orders.replace,
    cancelExternal: orders.cancelExternal,
    find: async (clientOrderId) => {
      const block = line.block();
      const standing = line.current();
      // While TWS is cut off from IB, its lists prove nothing.
      if (block !== null || standing === null) return { kind: 'cannot-tell', why: block ?? 'TWS is not connected' };
      const answer = await holdings.find(standing, clientOrderId);
      const after = line.block();
      return after === null || answer.kind === 'found' ? answer : { kind: 'cannot-tell', why: after };
    },
    definition: (symbol) => line.contracts()?.bySymbol.get(symbol)?.definition ?? null,
    initialMargin: (symbol): Money | null => {
      const usd = margins.of(symbol);
      return usd === null ? null : moneyFromUsd(usd);
    },
    balance: holdings.balance,
    venueTime: () => times.current(),
    onEvent: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    connection: log.current,
    onConnection: log.onChange,
    close: () => {
      line.close('Closed by the desk.');
      return Promise.resolve();
    },
  };
}

const orderIdsOf = (client: IbConnection, folder: string | undefined): OrderIds =>
  folder === undefined ? createMemoryOrderIds() : createFileOrderIds(folder, client);
