import { join } from 'node:path';
import { z } from 'zod';
import type { Bar, Timeframe } from '#shared/domain/market.ts';
import { type EpochMs, epochMs, type Ticks } from '#shared/units.ts';
import { createConnectionLog } from '#desk/adapters/connection-log.ts';
import type { MarketDataParts, VenueInstrument } from '#desk/adapters/connection-parts.ts';
import { createPriceScale, type PriceScale } from '#desk/adapters/dtc/price-scale.ts';
import type { FeedEvent, HistoryRequest, MarketData } from '#desk/ports/market-data.ts';
import { createScidFile, type ScidFile } from './scid-file.ts';
import type { ScidRecord } from './scid-format.ts';

/** Prices from the files Sierra Chart writes on this computer: for the exchanges whose prices it gives nobody else. */
export const scidMarketSchema = z.strictObject({
  kind: z.literal('scid'),
  folder: z.string().min(1).max(1_000).describe('Data Files Folder of Sierra Chart, for example C:\\SierraChart\\Data'),
  pollMs: z
    .number()
    .int()
    .min(50)
    .max(5_000)
    .default(250)
    .describe('How often the files are looked at; Sierra writes them as often as its Intraday File Flush Time says'),
  priceMultipliers: z
    .record(z.string().min(1).max(32), z.number().positive())
    .optional()
    .describe('What stored prices are multiplied with, by root or contract: 0.01 where they are stored hundredfold'),
});
export type ScidMarketConfig = z.output<typeof scidMarketSchema>;

const LENGTH_MS: Readonly<Record<Timeframe, number>> = { '1m': 60_000, '1d': 86_400_000 };

type Market = {
  readonly symbol: string;
  readonly file: ScidFile;
  readonly scale: PriceScale;
  bid: Ticks | null;
  ask: Ticks | null;
  asOf: number;
};

const timeOf = (record: ScidRecord): EpochMs => epochMs(Math.floor(record.atUs / 1_000));

function marketOf(config: ScidMarketConfig, { instrument, venueSymbol }: VenueInstrument): Market {
  const { symbol, root, tickSize } = instrument;
  const multiplier = config.priceMultipliers?.[symbol] ?? config.priceMultipliers?.[root] ?? 1;
  return {
    ...{ symbol, file: createScidFile(join(config.folder, `${venueSymbol ?? symbol}.scid`)) },
    ...{ scale: createPriceScale(tickSize, multiplier), bid: null, ask: null, asOf: 0 },
  };
}

/** What one record tells. Only records of single trades carry bid and ask. */
function eventsOf(market: Market, record: ScidRecord, receivedAt: EpochMs): readonly FeedEvent[] {
  const { symbol, scale } = market;
  const price = scale.toTicks(record.close);
  market.asOf = Math.max(market.asOf, Math.min(timeOf(record), receivedAt));
  if (record.isTrade && record.low > 0 && record.high > 0) {
    market.bid = scale.toTicks(record.low);
    market.ask = scale.toTicks(record.high);
  }
  const { bid, ask } = market;
  const times = { asOf: epochMs(market.asOf), receivedAt };
  const events: FeedEvent[] = [];
  if (record.volume > 0) events.push({ kind: 'trade', trade: { symbol, price, quantity: record.volume, ...times } });
  if (bid !== null && ask !== null && bid <= ask)
    events.push({ kind: 'quote', quote: { symbol, bid, ask, last: price, ...times } });
  return events;
}

/** Bars of a length, out of records in order of time. Stretches without a record are left out. */
export function barsOf(
  records: readonly ScidRecord[],
  { symbol, timeframe, scale }: { readonly symbol: string; readonly timeframe: Timeframe; readonly scale: PriceScale },
): readonly Bar[] {
  const length = LENGTH_MS[timeframe];
  const bars = new Map<number, Bar>();
  for (const record of records) {
    const openAt = Math.floor(timeOf(record) / length) * length;
    const close = scale.toTicks(record.close);
    const [open, high, low] = record.isTrade
      ? [close, close, close]
      : [scale.toTicks(record.open), scale.toTicks(record.high), scale.toTicks(record.low)];
    const bar = bars.get(openAt);
    bars.set(
      openAt,
      bar === undefined
        ? {
            ...{ symbol, timeframe, openAt: epochMs(openAt), closeAt: epochMs(openAt + length) },
            ...{ open, high, low, close, volume: record.volume },
          }
        : {
            ...bar,
            high: high > bar.high ? high : bar.high,
            low: low < bar.low ? low : bar.low,
            close,
            volume: bar.volume + record.volume,
          },
    );
  }
  return [...bars.values()];
}

/** Makes the source of prices of Sierra Chart's files: their tail as it grows, and bars of what they hold. */
export function createScidMarketData(config: ScidMarketConfig, parts: MarketDataParts): MarketData {
  const { clock } = parts;
  const log = createConnectionLog({ id: parts.id, kind: 'market', name: parts.name });
  const listeners = new Set<(event: FeedEvent) => void>();
  const markets = parts.instruments.map((instrument) => marketOf(config, instrument));
  let cancel: () => void = () => undefined;
  let session = 0;

  const tell = (market: Market, records: readonly ScidRecord[]): void => {
    const receivedAt = clock.now();
    for (const record of records)
      for (const event of eventsOf(market, record, receivedAt)) for (const listener of listeners) listener(event);
    if (records.length > 0) log.heard(receivedAt, null);
  };
  const look = async (mine: number): Promise<void> => {
    try {
      for (const market of markets) {
        const records = await market.file.tail();
        if (mine !== session) return;
        tell(market, records);
      }
    } catch (error) {
      if (mine === session) log.set('disconnected', error instanceof Error ? error.message : 'a file cannot be read');
      return;
    }
    cancel = clock.after(config.pollMs, () => void look(mine));
  };

  return {
    onEvent: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    start: async () => {
      session += 1;
      const mine = session;
      cancel();
      log.set('connecting', null);
      try {
        for (const market of markets) {
          // The last price there is, however old: its time says so.
          const last = await market.file.seekEnd();
          if (mine === session && last !== null) tell(market, [{ ...last, volume: 0 }]);
        }
      } catch (error) {
        log.set('disconnected', error instanceof Error ? error.message : 'a file cannot be read');
        throw error;
      }
      if (mine !== session) return;
      log.set('live', null);
      cancel = clock.after(config.pollMs, () => void look(mine));
    },
    history: async ({ symbol, timeframe, from, to }: HistoryRequest, signal) => {
      const market = markets.find((one) => one.symbol === symbol);
      if (market === undefined) return null;
      const { scale } = market;
      const length = LENGTH_MS[timeframe];
      const bars: Bar[] = [];
      // Part by part: a year of ticks does not fit in memory. The bar a part ends in is begun again with the next.
      let rest: ScidRecord[] = [];
      const take = (records: ScidRecord[], isLast: boolean): void => {
        const open = isLast ? Infinity : Math.floor((records.at(-1)?.atUs ?? 0) / 1_000 / length) * length * 1_000;
        const done = records.filter((record) => record.atUs < open);
        rest = records.filter((record) => record.atUs >= open);
        bars.push(...barsOf(done, { symbol, timeframe, scale }));
      };
      for await (const part of market.file.range(from * 1_000, to * 1_000)) {
        if (signal.aborted) throw new Error('history: aborted', { cause: signal.reason });
        take([...rest, ...part], false);
      }
      take(rest, true);
      return bars.filter((bar) => bar.openAt >= from && bar.closeAt <= to);
    },
    connection: log.current,
    onConnection: log.onChange,
    close: () => {
      session += 1;
      cancel();
      log.set('disconnected', 'Closed by the desk.');
      return Promise.resolve();
    },
  };
}
