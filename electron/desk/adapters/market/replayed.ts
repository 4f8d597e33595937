import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Bar } from '#shared/domain/market.ts';
import { epochMs, ticks, type EpochMs, type Ticks } from '#shared/units.ts';
import { createConnectionLog } from '#desk/adapters/connection-log.ts';
import type { MarketDataParts, VenueInstrument } from '#desk/adapters/connection-parts.ts';
import type { FeedEvent, MarketData } from '#desk/ports/market-data.ts';
import { readBars } from './csv.ts';

const MINUTE_MS = 60_000;
/** Quotes a played bar is told in: its open, its extremes in the order that is worse for nobody, its close. */
const QUOTES_PER_BAR = 4;

/** Recorded minute bars, played as if they happened now. Prices of another day: for practice with the paper broker. */
export const replayedMarketSchema = z.strictObject({
  kind: z.literal('replay'),
  files: z
    .record(z.string().min(1).max(32), z.string().min(1).max(1_000))
    .describe('CSV of minute bars by root or contract: time, open, high, low, close, volume'),
  historyBars: z
    .number()
    .int()
    .min(60)
    .max(5_000)
    .default(460)
    .describe('Bars from the start of each file that count as the past when the desk starts'),
});
export type ReplayedMarketConfig = z.output<typeof replayedMarketSchema>;

type Tape = { readonly instrument: VenueInstrument['instrument']; readonly bars: readonly Bar[]; next: number };

const fileOf = (config: ReplayedMarketConfig, { symbol, root }: { symbol: string; root: string }): string | null =>
  config.files[symbol] ?? config.files[root] ?? null;

async function readTape(config: ReplayedMarketConfig, { instrument }: VenueInstrument): Promise<Tape> {
  const file = fileOf(config, instrument);
  if (file === null) throw new Error(`no file is named for ${instrument.symbol}: add it under marketData.files`);
  const text = await readFile(file, 'utf8').catch(() => {
    throw new Error(`the file ${file} for ${instrument.symbol} cannot be read`);
  });
  const { symbol, tickSize } = instrument;
  const read = readBars(text, { symbol, tickSize, timeframe: '1m', file });
  if (!read.ok) throw new Error(`${file}: ${read.error.message}. ${read.error.remedy}`);
  if (read.value.bars.length <= config.historyBars)
    throw new Error(`${file} holds ${read.value.bars.length} bars; ${config.historyBars} of them are to be the past`);
  return { instrument, bars: read.value.bars, next: config.historyBars };
}

const placed = (bar: Bar, openAt: number): Bar => ({
  ...bar,
  openAt: epochMs(openAt),
  closeAt: epochMs(openAt + MINUTE_MS),
});

/** The prices a bar is told in: a falling bar shows its high first, a rising one its low. */
const pathOf = ({ open, high, low, close }: Bar): readonly Ticks[] =>
  close >= open ? [open, low, high, close] : [open, high, low, close];

/** Makes a source that plays recorded bars minute after minute, gaps of the recording closed up. */
export function createReplayedMarket(config: ReplayedMarketConfig, parts: MarketDataParts): MarketData {
  const { clock } = parts;
  const log = createConnectionLog({ id: parts.id, kind: 'market', name: parts.name });
  const listeners = new Set<(event: FeedEvent) => void>();
  let tapes: readonly Tape[] = [];
  let startedAt: EpochMs | null = null;
  let cancel: () => void = () => undefined;
  let step = 0;

  const tell = (event: FeedEvent): void => {
    for (const listener of listeners) listener(event);
  };
  const play = (): void => {
    const now = clock.now();
    const at = step % QUOTES_PER_BAR;
    for (const tape of tapes) {
      const bar = tape.bars[tape.next];
      const price = bar === undefined ? undefined : pathOf(bar)[at];
      if (bar === undefined || price === undefined) continue;
      const { symbol } = tape.instrument;
      const quantity = Math.max(1, Math.round(bar.volume / QUOTES_PER_BAR));
      tell({
        kind: 'quote',
        quote: { symbol, bid: price, ask: ticks(price + 1), last: price, asOf: now, receivedAt: now },
      });
      tell({ kind: 'trade', trade: { symbol, price, quantity, asOf: now, receivedAt: now } });
      if (at === QUOTES_PER_BAR - 1) tape.next += 1;
    }
    step += 1;
    log.heard(now, 0);
    if (tapes.every((tape) => tape.next >= tape.bars.length)) {
      log.set('disconnected', 'The recording is at its end.');
      return;
    }
    cancel = clock.after(MINUTE_MS / QUOTES_PER_BAR, play);
  };

  return {
    onEvent: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    start: async () => {
      if (startedAt !== null) throw new Error('the recording is at its end: start the desk again to play it anew');
      tapes = await Promise.all(parts.instruments.map((instrument) => readTape(config, instrument)));
      startedAt = clock.now();
      log.set('live', 'Recorded prices, played as if they happened now.');
      play();
    },
    history: async ({ symbol, timeframe, from, to }) => {
      const known = parts.instruments.find(({ instrument }) => instrument.symbol === symbol);
      if (timeframe !== '1m' || known === undefined) return null;
      const tape = tapes.find(({ instrument }) => instrument.symbol === symbol) ?? (await readTape(config, known));
      const end = Math.floor((startedAt ?? clock.now()) / MINUTE_MS) * MINUTE_MS;
      return tape.bars
        .slice(0, config.historyBars)
        .map((bar, index) => placed(bar, end - (config.historyBars - index) * MINUTE_MS))
        .filter((bar) => bar.openAt >= from && bar.closeAt <= to);
    },
    connection: log.current,
    onConnection: log.onChange,
    close: () => {
      cancel();
      listeners.clear();
      log.set('disconnected', 'Closed by the desk.');
      return Promise.resolve();
    },
  };
}
