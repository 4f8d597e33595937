import { createConnectionLog } from '#desk/adapters/connection-log.ts';
import type { MarketDataParts } from '#desk/adapters/connection-parts.ts';
import type { FeedEvent, MarketData } from '#desk/ports/market-data.ts';
import { fetchBars, latestPrices } from './bars.ts';
import { type AlpacaMarketConfig, keysOf, marketUrls } from './config.ts';
import { createListing, type Listed } from './listing.ts';
import { createMarketStream, type MarketStream } from './market-stream.ts';
import { quoteSchema, tradeSchema } from './market-wire.ts';
import { createPriceBoard, type PriceBoard } from './price-board.ts';
import { createRest, type Rest } from './rest.ts';

type Standing = { readonly rest: Rest; streams: MarketStream[]; isLive: boolean };

/**
 * Makes a source of prices at Alpaca: shares by one stream, crypto by another, both or none. Quotes and trades are as of
 * Alpaca's own time stamps.
 */
export function createAlpacaMarketData(config: AlpacaMarketConfig, parts: MarketDataParts): MarketData {
  const { clock } = parts;
  const log = createConnectionLog({ id: parts.id, kind: 'market', name: parts.name });
  const listing = createListing(parts.instruments);
  const boards = new Map<Listed, PriceBoard>();
  const listeners = new Set<(event: FeedEvent) => void>();
  let standing: Standing | null = null;

  const tell = (event: FeedEvent): void => {
    for (const listener of listeners) listener(event);
  };
  const onPrice = (message: { readonly T: string }): void => {
    const quote = quoteSchema.safeParse(message);
    const trade = tradeSchema.safeParse(message);
    const listed = listing.ofVenue(quote.data?.S ?? trade.data?.S ?? '');
    const board = listed === null ? undefined : boards.get(listed);
    if (board === undefined) return;
    const quoted = quote.success ? board.quote(quote.data, clock.now()) : null;
    const traded = trade.success ? board.trade(trade.data, clock.now()) : null;
    if (quoted !== null) tell({ kind: 'quote', quote: quoted });
    if (traded !== null) tell({ kind: 'trade', trade: traded });
  };
  const drop = (of: Standing, why: string): void => {
    if (standing !== of) return;
    standing = null;
    of.rest.close();
    for (const stream of of.streams) stream.close(why);
    log.set('disconnected', why);
  };
  const groups = (): readonly (readonly Listed[])[] =>
    [false, true]
      .map((isCrypto) => listing.all().filter((listed) => listed.isCrypto === isCrypto))
      .filter((group) => group.length > 0);

  const open = async (): Promise<void> => {
    log.set('connecting', null);
    const urls = marketUrls(config);
    const keys = await keysOf(config, parts.secrets);
    const onHeard = (latencyMs: number | null): void => log.heard(clock.now(), latencyMs);
    const mine: Standing = { rest: createRest({ clock, url: urls.rest, keys, onHeard }), streams: [], isLive: false };
    standing = mine;
    try {
      if (listing.all().length === 0) throw new Error([...listing.faults.values()].join('. '));
      for (const group of groups()) {
        for (const listed of group) boards.set(listed, createPriceBoard(listed));
        const path = group[0]?.isCrypto === true ? '/v1beta3/crypto/us' : `/v2/${config.feed}`;
        const stream = createMarketStream({
          ...{ clock, url: `${urls.stream}${path}`, keys, onHeard, onPrice },
          symbols: group.map(({ venueSymbol }) => venueSymbol),
          onDown: (why) => drop(mine, why),
        });
        mine.streams.push(stream);
        await stream.open();
        const latest = await latestPrices(mine.rest, group, config.feed);
        for (const listed of group) boards.get(listed)?.seed(latest.get(listed.venueSymbol) ?? 0);
      }
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : 'Alpaca could not be connected';
      drop(mine, why);
      throw new Error(why, { cause });
    }
    if (standing !== mine) throw new Error(log.current().detail ?? 'the connection was lost meanwhile');
    mine.isLive = true;
    const faults = [...listing.faults.values()];
    log.set(faults.length === 0 ? 'live' : 'degraded', faults.length === 0 ? null : faults.join('. '));
  };
  const close = (why: string): void => {
    if (standing === null) log.set('disconnected', why);
    else drop(standing, why);
  };

  return {
    onEvent: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    start: async (signal = new AbortController().signal) => {
      if (standing?.isLive === true) return;
      if (standing !== null) drop(standing, 'a new connection was asked for');
      signal.throwIfAborted();
      const giveUp = (): void => close('the connection attempt was given up');
      signal.addEventListener('abort', giveUp, { once: true });
      try {
        await open();
      } finally {
        signal.removeEventListener('abort', giveUp);
      }
    },
    history: async (request, signal) => {
      const listed = listing.ofDesk(request.symbol);
      if (listed === null) return null;
      if (standing?.isLive !== true) throw new Error('Alpaca is not connected: there are no bars to be had');
      return fetchBars(request, { rest: standing.rest, feed: config.feed, listed, now: clock.now() }, signal);
    },
    connection: log.current,
    onConnection: log.onChange,
    close: () => {
      close('Closed by the desk.');
      listeners.clear();
      return Promise.resolve();
    },
  };
}
