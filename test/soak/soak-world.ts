import { existsSync, readdirSync, statSync } from 'node:fs';
import { getHeapCodeStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Instrument } from '#shared/domain/instrument.ts';
import type { Bar, Quote } from '#shared/domain/market.ts';
import { epochMs, ticks, type EpochMs } from '#shared/units.ts';
import { CONTRACTS } from '#desk/engine/futures/contract-table.ts';
import { createPrng } from '#desk/engine/prng.ts';
import { continuousInstrument } from '#desk/profiles/instruments.ts';

/** What the soaks of the desk share: their markets, and how memory is measured. */

/** What was measured at the end of a simulated hour, after a collection. */
export type SoakHour = {
  readonly hour: number;
  /** The heap, and the buffers outside it that it holds. */
  readonly heapMb: number;
  /** Of the heap: what the program is compiled to. Grows for hours, ever more slowly, while nothing else does. */
  readonly codeMb: number;
  readonly rssMb: number;
  /** Files and sockets the process holds open. */
  readonly descriptors: number;
  /** Timers, sockets and the like that keep the process alive. */
  readonly resources: number;
  /** Largest write-ahead log seen within the hour. */
  readonly walMb: number;
  readonly events: number;
};

export const START = Date.UTC(2026, 0, 15, 0);
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
/** Bars of each market in the journal before the soak begins: a desk that has run a day has them all in memory. */
const HISTORY_BARS = 480;
const PLACES = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H'];
export const LEVEL = 20_000;

/** So many symbols: every root of the contract table, and then again under other names. */
export function instrumentsOf(count: number): readonly Instrument[] {
  const roots = CONTRACTS.map(({ root }) => root);
  return Array.from({ length: count }, (_, n) => {
    const instrument = continuousInstrument(roots[n % roots.length] ?? 'NQ');
    if (instrument === null) throw new Error('the contract table has a root it does not know');
    const round = Math.floor(n / roots.length);
    return round === 0
      ? instrument
      : { ...instrument, symbol: `${instrument.symbol}-${PLACES[round] ?? String(round)}` };
  });
}

/** The minutes of one market before the start, ending where its prices begin. */
export function historyOf(symbol: string, seed: number): readonly Bar[] {
  const prng = createPrng(seed);
  return Array.from({ length: HISTORY_BARS }, (_, n) => {
    const close = LEVEL + Math.round((prng.nextDouble() - 0.5) * 40);
    const bar = { open: LEVEL, high: LEVEL + 20, low: LEVEL - 20, close, volume: 60 };
    return barOf(symbol, bar, epochMs(START - (HISTORY_BARS - n) * MINUTE));
  });
}

export const quoteOf = (symbol: string, bid: number, at: EpochMs): Quote => {
  const price = ticks(bid);
  return { symbol, bid: price, ask: ticks(bid + 1), last: price, asOf: at, receivedAt: at };
};

export const barOf = (symbol: string, { open, high, low, close, volume }: OpenBar, openAt: EpochMs): Bar => ({
  ...{ symbol, timeframe: '1m', openAt, closeAt: epochMs(openAt + MINUTE), volume },
  ...{ open: ticks(open), high: ticks(high), low: ticks(low), close: ticks(close) },
});

export type OpenBar = { readonly open: number; high: number; low: number; close: number; volume: number };

/** A price of one contract more in a bar that is still open. */
export function addTick(bar: OpenBar, price: number): void {
  bar.high = Math.max(bar.high, price);
  bar.low = Math.min(bar.low, price);
  bar.close = price;
  bar.volume += 1;
}

setFlagsFromString('--expose_gc');
/** Collects until nothing more is freed, as a heap snapshot does: once leaves what others held until then. */
const collect = runInNewContext("() => gc({ type: 'major', execution: 'sync', flavor: 'last-resort' })") as () => void;
const MEBIBYTE = 1_048_576;
const inMb = (bytes: number): number => Math.round((bytes / MEBIBYTE) * 100) / 100;
const descriptors = (): number => (existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0);
const sizeOf = (path: string): number => (existsSync(path) ? statSync(path).size : 0);

/** Memory and handles after a collection. */
export function measured(): Pick<SoakHour, 'heapMb' | 'codeMb' | 'rssMb' | 'descriptors' | 'resources'> {
  collect();
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  const { code_and_metadata_size: machine, bytecode_and_metadata_size: bytes } = getHeapCodeStatistics();
  const resources = process.getActiveResourcesInfo().length;
  const heap = { heapMb: inMb(heapUsed + arrayBuffers), codeMb: inMb(machine + bytes) };
  return { ...heap, rssMb: inMb(rss), descriptors: descriptors(), resources };
}

/** Size of a file in MB; 0 where there is none. */
export const sizeInMb = (path: string): number => inMb(sizeOf(path));
