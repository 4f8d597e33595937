import { MarketDataType } from './library.ts';
import { createConnectionLog } from '#desk/adapters/connection-log.ts';
import type { MarketDataParts } from '#desk/adapters/connection-parts.ts';
import type { FeedEvent, MarketData } from '#desk/ports/market-data.ts';
import type { IbMarketDataConfig } from './config.ts';
import { type IbContract, type IbContracts, resolveContracts } from './contracts.ts';
import { classOf, sentenceOf } from './error.ts';
import { createHistoryPacer, fetchHistory } from './history.ts';
import { type IbEvent, readEvents } from './parse.ts';
import { createPriceBoard, type PriceBoard, priceKindOf, type PriceNews } from './prices.ts';
import { createQuestions, type Questions } from './questions.ts';
import { attempt, createIbSession, type IbNote, type IbSession } from './session.ts';

type Subscription = { readonly contract: IbContract; readonly board: PriceBoard; problem: string | null };

/** TWS ended a subscription: it is asked for again after this time. */
const AGAIN_MS = 2_000;

const KIND_TEXT: Readonly<Record<'frozen' | 'delayed' | 'delayed-frozen', string>> = {
  frozen: 'prices are the last ones before the market closed',
  delayed: 'prices are 15 minutes old (there is no subscription for live ones)',
  'delayed-frozen': 'prices are delayed, and the last ones before the market closed',
};

/** Makes the source of prices at TWS or IB Gateway. Nothing is connected yet. */
export function createIbMarketData(config: IbMarketDataConfig, parts: MarketDataParts): MarketData {
  const { clock } = parts;
  const log = createConnectionLog({ id: parts.id, kind: 'market', name: parts.name });
  const pacer = createHistoryPacer(clock);
  const listeners = new Set<(event: FeedEvent) => void>();
  const subscriptions = new Map<number, Subscription>();
  let session: IbSession | null = null;
  let questions: Questions | null = null;
  let contracts: IbContracts | null = null;
  let isReady = false;
  /** TWS is cut off from IB, or from its servers of prices. */
  let cutOff: string | null = null;
  let portNow = config.port;

  const show = (): void => {
    if (!isReady) return;
    const problems = [...subscriptions.values()].flatMap(({ contract, board, problem }) => {
      const kind = board.kind();
      const text = problem ?? (kind === 'live' ? null : KIND_TEXT[kind]);
      return text === null ? [] : [`${contract.instrument.symbol}: ${text}`];
    });
    const all = [...(cutOff === null ? [] : [cutOff]), ...(contracts?.faults.values() ?? []), ...problems];
    if (all.length === 0) log.set('live', null);
    else log.set('degraded', all.join(' '));
  };
  const emit = (event: FeedEvent): void =>
    queueMicrotask(() => {
      for (const listener of listeners) listener(event);
    });
  const tell = ({ quote, trade }: PriceNews): void => {
    if (quote !== null) emit({ kind: 'quote', quote });
    if (trade !== null) emit({ kind: 'trade', trade });
  };

  const subscribe = (contract: IbContract, on: IbSession): void => {
    const reqId = on.nextRequestId();
    subscriptions.set(reqId, { contract, board: createPriceBoard(contract.instrument), problem: null });
    const ask = (): void => void on.api.reqMktData(reqId, contract.contract, '', false, false);
    on.send(ask, { messages: 1, isUrgent: false });
  };
  const subscribeAll = (on: IbSession): void => {
    subscriptions.clear();
    const type = config.prices === 'live' ? MarketDataType.REALTIME : MarketDataType.DELAYED;
    on.send(() => void on.api.reqMarketDataType(type), { messages: 1, isUrgent: false });
    for (const contract of contracts?.bySymbol.values() ?? []) subscribe(contract, on);
  };
  const again = (reqId: number, { contract }: Subscription): void => {
    const on = session;
    clock.after(AGAIN_MS, () => {
      if (on === null || session !== on || !subscriptions.delete(reqId)) return;
      subscribe(contract, on);
      show();
    });
  };

  const noteOf = (subscription: Subscription, { id, code, text }: IbNote): void => {
    switch (classOf(code, text)) {
      case 'data-lost':
        subscription.problem = sentenceOf(code, '');
        again(id, subscription);
        break;
      case 'data-delayed':
        subscription.board.setKind('delayed');
        break;
      case 'data-refused':
      case 'data-competing':
      case 'no-contract':
        subscription.problem = sentenceOf(code, text);
        break;
      default:
        return;
    }
    show();
  };
  const note = (message: IbNote): void => {
    const { id, code, text } = message;
    const kind = classOf(code, text);
    if (kind === 'connection-lost' || (kind === 'farm-lost' && code === PRICE_FARM)) {
      cutOff = sentenceOf(code, text);
      show();
    } else if (kind === 'connection-restored' || (kind === 'farm-restored' && code === PRICE_FARM_OK)) {
      cutOff = null;
      if (code === DATA_LOST && session !== null) subscribeAll(session);
      show();
    }
    questions?.takeNote(message);
    const subscription = subscriptions.get(id);
    if (subscription !== undefined) noteOf(subscription, message);
    else if (kind === 'data-competing') {
      for (const one of subscriptions.values()) one.problem = sentenceOf(code, text);
      show();
    }
  };
  const take = (event: IbEvent): void => {
    questions?.take(event);
    if (!('reqId' in event) || event.reqId === null) return;
    const subscription = subscriptions.get(event.reqId);
    if (subscription !== undefined) takePrice(subscription, event);
  };
  const takePrice = (subscription: Subscription, event: IbEvent): void => {
    const { board } = subscription;
    const before = board.kind();
    if (event.kind === 'tick') {
      // A price is the proof that whatever stood in its way is over.
      const isOver = subscription.problem !== null && event.value > 0;
      if (isOver) subscription.problem = null;
      tell(board.price(event.field, event.value, clock.now()));
      if (isOver) show();
    } else if (event.kind === 'size') tell(board.size(event.field, event.value, clock.now()));
    else if (event.kind === 'tick-text') board.text(event.field, event.value);
    else if (event.kind === 'data-type') board.setKind(priceKindOf(event.type) ?? before);
    if (board.kind() !== before) show();
  };
  const lost = (why: string, newPort: number | null): void => {
    if (newPort !== null) portNow = newPort;
    questions?.end(why);
    [session, questions, cutOff, isReady] = [null, null, null, false];
    subscriptions.clear();
    log.set('disconnected', why);
  };

  const open = async (signal: AbortSignal): Promise<void> => {
    const opened = createIbSession({
      ...{ clock, host: config.host, port: portNow, clientId: config.clientId },
      times: { read: () => undefined, forget: () => undefined },
      onHeard: log.heard,
      onNote: note,
      onDown: lost,
    });
    const asked = createQuestions(opened, clock);
    [session, questions] = [opened, asked];
    readEvents(opened.api, take);
    log.set('connecting', null);
    await opened.open(signal);
    log.set('syncing', 'Contracts are being looked up.');
    const found = await resolveContracts(parts.instruments, asked);
    if (found.bySymbol.size === 0 && parts.instruments.length > 0)
      throw new Error([...found.faults.values()].join('. '));
    contracts = found;
    subscribeAll(opened);
    isReady = true;
    show();
  };

  return {
    onEvent: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    start: async (signal = new AbortController().signal) => {
      if (session?.isOpen() === true) return;
      session?.close('a new connection was asked for');
      await attempt(signal, { open, close: (why) => session?.close(why) });
    },
    history: async (request, signal) => {
      const contract = contracts?.bySymbol.get(request.symbol);
      if (questions === null || contracts === null)
        throw new Error('TWS is not connected: there are no bars to be had');
      if (contract === undefined) return null;
      return fetchHistory(request, { clock, pacer, questions, contract }, signal);
    },
    connection: log.current,
    onConnection: log.onChange,
    close: () => {
      session?.close('Closed by the desk.');
      listeners.clear();
      log.set('disconnected', 'Closed by the desk.');
      return Promise.resolve();
    },
  };
}

/** The servers of live prices: those of historical data and of contracts are another matter. */
const PRICE_FARM = 2103;
const PRICE_FARM_OK = 2104;
/** Connected again, and the subscriptions did not survive. */
const DATA_LOST = 1101;
