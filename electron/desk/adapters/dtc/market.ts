import type { MarketDataParts } from '#desk/adapters/connection-parts.ts';
import type { FeedEvent, MarketData } from '#desk/ports/market-data.ts';
import { askDefinitions } from './account.ts';
import { type Frame, readFrame } from './codec.ts';
import type { DtcMarketConfig } from './config.ts';
import { askHistory } from './history.ts';
import { createDtcLink } from './link.ts';
import { MARKET_DATA_FEED_STATUS as FEED, REQUEST_ACTION } from './messages/enums.ts';
import {
  MARKET_DATA_FEED_STATUS,
  MARKET_DATA_FEED_SYMBOL_STATUS,
  MARKET_DATA_REJECT,
  MARKET_DATA_REQUEST,
} from './messages/market-data.ts';
import { createQuoteBook, wordOf } from './quotes.ts';
import type { Logon } from './session.ts';
import { createListing } from './symbols.ts';

const MAX_NAME = 31;
const REMEDY =
  'Sierra Chart gives other programs no prices of CME, Eurex, Nasdaq, Cboe and US shares: read its files instead (source "scid")';

/** Makes the source of prices of a DTC server: quotes and trades as they come, and past bars where it has them. */
export function createDtcMarketData(config: DtcMarketConfig, parts: MarketDataParts): MarketData {
  const { clock } = parts;
  const listing = createListing(parts.instruments, config.priceMultipliers);
  /** The number a market goes by on the wire: its place in the list, the same in every session. */
  const markets = listing.all.map((listed, index) => ({ id: index + 1, listed, book: createQuoteBook(listed, clock) }));
  const byId = new Map(markets.map((market) => [market.id, market]));
  const listeners = new Set<(event: FeedEvent) => void>();
  /** Why a market has no prices now, by its number. */
  const missing = new Map<number, string>();
  let isFeedDown = false;

  const clear = (): void => {
    for (const { book } of markets) book.clear();
  };
  const flaw = (): string | null => {
    if (isFeedDown) return 'the server has no market data at the moment';
    const texts = [...missing].map(([id, why]) => `${byId.get(id)?.listed.symbol ?? '?'}: ${why}`);
    return texts.length === 0 ? null : texts.join('; ');
  };
  const subscribe = (id: number, venueSymbol: string): void => {
    const values = { RequestAction: REQUEST_ACTION.SUBSCRIBE, SymbolID: id, Symbol: venueSymbol };
    link.write(link.encode(MARKET_DATA_REQUEST, values));
  };
  const subscribeAll = (): void => {
    for (const { id, listed } of markets) subscribe(id, listed.venueSymbol);
  };
  const mustResubscribe = (): boolean => link.logon()?.ResubscribeWhenMarketDataFeedAvailable === 1;

  const onReject = (frame: Frame): void => {
    const { SymbolID: id, RejectText: text } = readFrame(MARKET_DATA_REJECT, frame);
    if (id !== undefined) missing.set(id, `no prices (${text === '' ? 'no reason given' : text}). ${REMEDY}`);
    link.refresh();
  };
  const onFeedStatus = (frame: Frame): void => {
    const { Status: status } = readFrame(MARKET_DATA_FEED_STATUS, frame);
    const wasDown = isFeedDown;
    isFeedDown = status === FEED.MARKET_DATA_FEED_UNAVAILABLE;
    if (isFeedDown) clear();
    else if (wasDown && mustResubscribe()) subscribeAll();
    link.refresh();
  };
  const onSymbolStatus = (frame: Frame): void => {
    const { SymbolID: id, Status: status } = readFrame(MARKET_DATA_FEED_SYMBOL_STATUS, frame);
    const market = id === undefined ? undefined : byId.get(id);
    if (market === undefined) return;
    if (status === FEED.MARKET_DATA_FEED_UNAVAILABLE) {
      market.book.clear();
      missing.set(market.id, 'the server has no prices of it at the moment');
    } else {
      const wasMissing = missing.delete(market.id);
      if (wasMissing && mustResubscribe()) subscribe(market.id, market.listed.venueSymbol);
    }
    link.refresh();
  };
  const onFrame = (frame: Frame): void => {
    if (link.takeAnswer(frame)) return;
    if (frame.type === MARKET_DATA_REJECT.type) onReject(frame);
    else if (frame.type === MARKET_DATA_FEED_STATUS.type) onFeedStatus(frame);
    else if (frame.type === MARKET_DATA_FEED_SYMBOL_STATUS.type) onSymbolStatus(frame);
    const word = wordOf(frame);
    const market = word?.symbolId === undefined ? undefined : byId.get(word.symbolId);
    if (word === null || market === undefined) return;
    for (const event of market.book.take(word)) for (const listener of listeners) listener(event);
  };
  const onLogon = async (logon: Logon): Promise<void> => {
    if (logon.MarketDataSupported === 0) throw new Error(`the server gives no market data. ${REMEDY}`);
    missing.clear();
    isFeedDown = false;
    clear();
    if (logon.SecurityDefinitionsSupported === 1) await askDefinitions(link, listing);
    subscribeAll();
  };
  const link = createDtcLink(config, {
    ...{ id: parts.id, name: parts.name, kind: 'market', clock, secrets: parts.secrets },
    ...{ clientName: `${config.clientName.slice(0, MAX_NAME - 7)} prices`, tradeAccount: '' },
    ...{ onFrame, onLogon, onDown: clear, flaw },
  });

  return {
    onEvent: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    start: (signal) => link.connect(signal ?? new AbortController().signal),
    history: async (request, signal) => {
      const { historyPort } = config;
      const listed = listing.ofDesk(request.symbol);
      const isOffered = link.logon()?.HistoricalPriceDataSupported !== 0;
      if (historyPort === null || listed === null || !isOffered) return null;
      return askHistory({ ...config, historyPort }, { clock, secrets: parts.secrets, listed }, { request, signal });
    },
    connection: link.log.current,
    onConnection: link.log.onChange,
    close: () => link.close(),
  };
}
