import type { Instrument } from '#shared/domain/instrument.ts';
import type { Bar, Quote } from '#shared/domain/market.ts';
import type { Connection } from '#shared/domain/status.ts';
import { epochMs, type EpochMs } from '#shared/units.ts';
import { isSessionOpen } from '#desk/engine/session.ts';
import type { Clock, Ids } from '#desk/ports/clock.ts';
import type { FeedEvent, MarketData, MarketEvent } from '#desk/ports/market-data.ts';
import type { Notices } from '#desk/records/notices.ts';
import { createBarBuilder } from './bar-builder.ts';
import { createConflation } from './conflate.ts';
import { type Known, loadPast } from './history.ts';
import { type Connector, keepConnected } from './keep-connected.ts';

/** Minutes that are over are looked for this often. */
const CLOSE_EVERY_MS = 250;
/** A price of an open session older than this is stale: the source is shown as degraded. */
const STALE_MS = 15_000;
const CHECK_EVERY_MS = 1_000;

/** One source of prices and the instruments it serves. */
export type Feed = { readonly source: MarketData; readonly name: string; readonly instruments: readonly Instrument[] };

export type FeedsParts = {
  readonly feeds: readonly Feed[];
  readonly clock: Clock;
  readonly ids: Ids;
  readonly notices: Pick<Notices, 'raise' | 'clear'>;
  readonly admit: (signal: AbortSignal) => Promise<void>;
  /** Bars the desk has of a symbol. */
  readonly known: (symbol: string) => Known;
  /** Bars of the past, days before minutes, oldest first. */
  readonly onHistory: (bars: readonly Bar[]) => void;
  readonly onEvent: (event: MarketEvent) => void;
  readonly onConnection: (connection: Connection) => void;
};

/** The prices of the desk: all sources, kept connected, as one stream of quotes and whole bars. */
export interface Feeds {
  /** Connects every source and loads what the desk is missing of the past; what fails is tried again by itself. */
  start(signal: AbortSignal, onProgress: (done: number, total: number, text: string) => void): Promise<void>;
  connections(): readonly Connection[];
  /** Looks after every source now: after a sleep nothing known of the market is known any more. */
  check(): void;
  close(): Promise<void>;
}

/** Returns the symbols of a feed whose price is stale now: the session is open, and the newest price is old or missing. */
export function staleSymbols(
  instruments: readonly Instrument[],
  at: { readonly now: EpochMs; readonly heardAt: (symbol: string) => EpochMs | null; readonly since: EpochMs },
): readonly { readonly symbol: string; readonly ageMs: number }[] {
  return instruments.flatMap(({ symbol, calendar }) => {
    if (!isSessionOpen(at.now, calendar)) return [];
    const opened = epochMs(at.now - STALE_MS);
    // A session that has only just begun, like a source that has only just connected, owes no price yet.
    if (!isSessionOpen(opened, calendar) || at.since > opened) return [];
    const ageMs = at.now - Math.max(at.heardAt(symbol) ?? 0, 0);
    return ageMs > STALE_MS ? [{ symbol, ageMs: at.heardAt(symbol) === null ? Infinity : ageMs }] : [];
  });
}

/** Returns the prices of a desk. Nothing is connected before `start`. */
export function createFeeds(parts: FeedsParts): Feeds {
  const { clock, notices } = parts;
  const builder = createBarBuilder();
  const heard = new Map<string, EpochMs>();
  const conflation = createConflation(clock, (quote) => parts.onEvent({ kind: 'quote', quote }));
  const stops: (() => void)[] = [];
  const abort = new AbortController();

  const hear = (quote: Quote): void => {
    heard.set(quote.symbol, quote.asOf);
    builder.onQuote(quote);
    conflation.push(quote);
  };
  const onFeedEvent = (known: ReadonlySet<string>, event: FeedEvent): void => {
    if (abort.signal.aborted) return;
    if (event.kind === 'bar') {
      if (known.has(event.bar.symbol)) parts.onEvent(event);
    } else if (event.kind === 'trade') {
      if (known.has(event.trade.symbol)) builder.onTrade(event.trade);
    } else if (known.has(event.quote.symbol)) hear(event.quote);
  };
  const lines = parts.feeds.map((feed) => createLine(parts, feed, { builder, heard, signal: abort.signal }));

  const closeBars = (): void => {
    for (const bar of builder.close(clock.now())) parts.onEvent({ kind: 'bar', bar });
  };
  return {
    start: async (signal, onProgress) => {
      for (const line of lines) {
        const known = new Set(line.feed.instruments.map(({ symbol }) => symbol));
        stops.push(line.feed.source.onEvent((event) => onFeedEvent(known, event)));
      }
      stops.push(clock.every(CLOSE_EVERY_MS, closeBars));
      stops.push(clock.every(CHECK_EVERY_MS, () => lines.forEach((line) => line.check())));
      for (const [index, line] of lines.entries()) {
        onProgress(index, lines.length, `Connecting to ${line.feed.name}`);
        await line.connect(signal);
        onProgress(index, lines.length, `Loading bars from ${line.feed.name}`);
        await line.loaded();
      }
    },
    connections: () => lines.map((line) => line.connection()),
    check: () => lines.forEach((line) => line.check()),
    close: async () => {
      abort.abort();
      conflation.stop();
      for (const stop of stops) stop();
      for (const line of lines) line.stop();
      await Promise.all(lines.map(({ feed }) => feed.source.close()));
      for (const { feed } of lines) notices.clear(`feed:${feed.source.connection().id}`);
    },
  };
}

type Line = {
  readonly feed: Feed;
  connect(signal: AbortSignal): Promise<boolean>;
  /** Resolves when the history of this connection has been loaded, or could not be. */
  loaded(): Promise<void>;
  connection(): Connection;
  check(): void;
  stop(): void;
};

/** One source on its line: kept connected, its gaps known, its age watched. */
function createLine(
  parts: FeedsParts,
  feed: Feed,
  shared: {
    readonly builder: ReturnType<typeof createBarBuilder>;
    readonly heard: ReadonlyMap<string, EpochMs>;
    readonly signal: AbortSignal;
  },
): Line {
  const { clock } = parts;
  const { source, instruments, name } = feed;
  const symbols = instruments.map(({ symbol }) => symbol);
  const { id } = source.connection();
  let since: EpochMs = clock.now();
  let loading: Promise<void> = Promise.resolve();
  let told = '';

  const load = async (): Promise<void> => {
    for (const instrument of instruments) {
      const known = parts.known(instrument.symbol);
      const past = await loadPast(source, instrument, { known, now: clock.now(), signal: shared.signal });
      if (shared.signal.aborted) return;
      parts.onHistory(past.bars);
      const notice = `history:${instrument.symbol}`;
      if (past.why === null) parts.notices.clear(notice);
      else
        parts.notices.raise({
          id: notice,
          level: 'info',
          title: `${instrument.symbol}: bars of the past could not be loaded`,
          detail: `${name}: ${past.why}. What was missed stays a gap.`,
          remedy: 'The desk asks again when the source connects anew.',
        });
    }
  };
  const standing = (): Connection => {
    const connection = source.connection();
    if (connection.state !== 'live') return connection;
    const now = clock.now();
    const stale = staleSymbols(instruments, { now, heardAt: (symbol) => shared.heard.get(symbol) ?? null, since });
    const [first] = stale;
    if (first !== undefined) {
      const age = Number.isFinite(first.ageMs) ? `no price for ${Math.round(first.ageMs / 1_000)} s` : 'no price yet';
      const others = stale.length === 1 ? '' : ` and ${stale.length - 1} more`;
      return { ...connection, state: 'degraded', detail: `${first.symbol}: ${age}${others}` };
    }
    const isClosed = instruments.every(({ calendar }) => !isSessionOpen(now, calendar));
    return isClosed ? { ...connection, detail: 'The market is closed.' } : connection;
  };
  const tell = (): void => {
    const connection = standing();
    const key = `${connection.state} ${connection.detail ?? ''}`;
    if (key === told) return;
    told = key;
    parts.onConnection(connection);
  };
  let wasLive = false;
  const stopListening = source.onConnection(({ state }) => {
    const isUp = state === 'live' || state === 'degraded';
    if (isUp && !wasLive) {
      since = clock.now();
      shared.builder.cover(symbols, since);
      loading = load();
    }
    if (!isUp && wasLive) shared.builder.interrupt(symbols, clock.now());
    wasLive = isUp;
    tell();
  });
  const connector: Connector = keepConnected({
    link: {
      connect: (signal) => source.start(signal),
      connection: () => source.connection(),
      onConnection: (listener) => source.onConnection(listener),
    },
    ...{ clock, ids: parts.ids, notices: parts.notices, admit: parts.admit },
    notice: {
      id: `feed:${id}`,
      title: `${name}: no prices`,
      remedy: 'The desk goes on trying. Without fresh prices nothing is sized.',
    },
  });
  return {
    feed,
    connect: (signal) => connector.connect(signal),
    loaded: () => loading,
    connection: standing,
    check: tell,
    stop: () => {
      stopListening();
      connector.stop();
    },
  };
}
