import type { ConnectionLog } from '#desk/adapters/connection-log.ts';
import type { BrokerParts } from '#desk/adapters/connection-parts.ts';
import type { VenueTimes } from '#desk/adapters/venue-times.ts';
import { accountFault, type IbConnection, portWarning } from './config.ts';
import { type IbContracts, resolveContracts } from './contracts.ts';
import { classOf, sentenceOf } from './error.ts';
import type { OrderIds } from './order-ids.ts';
import type { Line } from './orders.ts';
import { type IbEvent, readEvents } from './parse.ts';
import { createQuestions, type Questions, type StatedOrder } from './questions.ts';
import type { Router } from './router.ts';
import { attempt, createIbSession, type Hello, type IbNote, type IbSession } from './session.ts';
import { zoneOfServerTime } from './time.ts';

/** Lists of completed orders, without which an order's absence proves nothing, came with this version of the API. */
export const OLDEST_SERVER = 150;

export type LineParts = {
  readonly config: IbConnection;
  readonly parts: Pick<BrokerParts, 'clock' | 'account' | 'mode' | 'instruments'>;
  readonly log: ConnectionLog;
  readonly times: VenueTimes;
  readonly orderIds: OrderIds;
  readonly router: Pick<Router, 'take' | 'adopt' | 'tracker'>;
  readonly onLost: (why: string) => void;
  readonly onLive: () => void;
  readonly cancelById: (orderId: number) => void;
};

/** The connection of a broker, through all its sessions: what stands now, and whether anything may be sent. */
export interface IbLine {
  /** Connects, checks the account, finds the contracts and lists the orders. Rejects with a sentence. */
  readonly connect: (signal: AbortSignal) => Promise<void>;
  /** A logged-on session with its contracts; null without one. */
  readonly current: () => Line | null;
  /** Why nothing that adds risk may be sent; null while the line is live. */
  readonly block: () => string | null;
  /** The contracts of the last connection that found them. */
  readonly contracts: () => IbContracts | null;
  readonly zone: () => string | null;
  readonly isListing: () => boolean;
  readonly close: (why: string) => void;
}

type State = 'down' | 'opening' | 'syncing' | 'live';

/** Makes a line that is down. */
export function createIbLine(given: LineParts): IbLine {
  const { config, parts, log, times, orderIds, router } = given;
  const { clock, account, mode, instruments } = parts;
  let session: IbSession | null = null;
  let questions: Questions | null = null;
  let contracts: IbContracts | null = null;
  let zone: string | null = null;
  let state: State = 'down';
  /** Set while TWS itself has no connection to IB. */
  let cutOff: string | null = null;
  /** TWS was given another port while we were connected. */
  let portNow = config.port;

  const show = (): void => {
    if (state === 'opening') log.set('connecting', null);
    else if (state === 'syncing') log.set('syncing', 'Contracts and orders of TWS are being listed.');
    else if (state === 'live' && cutOff !== null) log.set('degraded', cutOff);
    else if (state === 'live') log.set('live', contracts === null ? null : faultText(contracts));
  };
  const lost = (why: string, newPort: number | null): void => {
    if (newPort !== null) portNow = newPort;
    questions?.end(why);
    session = null;
    questions = null;
    state = 'down';
    cutOff = null;
    given.onLost(why);
    log.set('disconnected', why);
  };
  const goLive = (): void => {
    state = 'live';
    show();
    if (cutOff === null) given.onLive();
  };

  const listOpen = async (asked: Questions): Promise<readonly StatedOrder[]> => {
    const answer = await asked.openOrders();
    if (!answer.ok) throw new Error(answer.error);
    return answer.value;
  };
  /** A bracket whose sending was cut short stands in TWS without being sent on: it must not be found there later. */
  const takeDownHalfSent = (orders: readonly StatedOrder[]): void => {
    for (const { order, status } of orders) {
      const isOurs = order.order.clientId === config.clientId && order.order.orderRef.startsWith('D1-');
      const isUnsent = (status?.status ?? order.state.status) === 'ApiPending';
      if (isOurs && isUnsent && router.tracker.byOrderId(order.orderId) === undefined) given.cancelById(order.orderId);
    }
  };
  const sync = async (asked: Questions, found: IbContracts): Promise<void> => {
    const orders = await listOpen(asked);
    takeDownHalfSent(orders);
    router.adopt(orders, found);
    const own = orders.filter(({ order }) => order.order.clientId === config.clientId);
    orderIds.atLeast(Math.max(1, ...own.map(({ order }) => order.orderId + 1)));
  };
  /** What happened while TWS was cut off is in its lists now. */
  const resync = (): void => {
    const [asked, found] = [questions, contracts];
    if (asked === null || found === null || state !== 'live') return;
    state = 'syncing';
    show();
    sync(asked, found).then(
      () => {
        if (questions === asked) goLive();
      },
      (error: unknown) => session?.close(error instanceof Error ? error.message : 'TWS did not list its orders'),
    );
  };

  const note = (message: IbNote): void => {
    const { code, text } = message;
    switch (classOf(code, text)) {
      case 'connection-lost':
        cutOff = sentenceOf(code, text);
        show();
        return;
      case 'connection-restored':
        if (cutOff === null) return;
        cutOff = null;
        resync();
        return;
      default:
        router.tracker.note(message);
        questions?.takeNote(message);
    }
  };
  const take = (event: IbEvent): void => {
    // The lists first: an order they bring up is then known to be told by them.
    questions?.take(event);
    router.take(event);
  };

  const check = (hello: Hello): string | null => {
    if (hello.serverVersion < OLDEST_SERVER)
      return `this version of TWS is too old (API ${hello.serverVersion}; ${OLDEST_SERVER} or later is needed): update it`;
    const fault = accountFault(account, mode, hello.accounts);
    const hint = portWarning(portNow, mode);
    return fault === null || hint === null ? fault : `${fault} (${hint})`;
  };
  const open = async (signal: AbortSignal): Promise<void> => {
    const opened = createIbSession({
      ...{ clock, host: config.host, port: portNow, clientId: config.clientId, times },
      onHeard: log.heard,
      onNote: note,
      onDown: lost,
    });
    const asked = createQuestions(opened, clock);
    [session, questions] = [opened, asked];
    readEvents(opened.api, take);
    state = 'opening';
    show();
    const hello = await opened.open(signal);
    const fault = check(hello);
    if (fault !== null) throw new Error(fault);
    orderIds.atLeast(hello.nextId);
    zone = zoneOfServerTime(hello.serverTime);
    state = 'syncing';
    show();
    const found = await resolveContracts(instruments, asked);
    if (found.bySymbol.size === 0 && instruments.length > 0) throw new Error([...found.faults.values()].join('. '));
    contracts = found;
    await sync(asked, found);
    goLive();
  };

  return {
    connect: async (signal) => {
      if (signal.aborted) throw new Error('connect: aborted', { cause: signal.reason });
      if (session?.isOpen() === true) return;
      session?.close('a new connection was asked for');
      await attempt(signal, { open, close: (why) => session?.close(why) });
    },
    current: () =>
      session?.isOpen() === true && questions !== null && contracts !== null && isUp(state)
        ? { session, questions, contracts }
        : null,
    block: () => {
      if (!isUp(state)) return 'TWS is not connected';
      if (cutOff !== null) return cutOff;
      return state === 'live' ? null : 'the orders at TWS are still being listed';
    },
    contracts: () => contracts,
    zone: () => zone,
    isListing: () => questions?.isListingOrders() === true,
    close: (why) => {
      session?.close(why);
      log.set('disconnected', why);
    },
  };
}

/** Only once the account is checked may anything be asked or sent. */
const isUp = (state: State): boolean => state === 'syncing' || state === 'live';

const faultText = (found: IbContracts): string | null =>
  found.faults.size === 0 ? null : `Not tradable: ${[...found.faults.values()].join('. ')}`;
