import type { Bar, Quote } from '#shared/domain/market.ts';
import { epochMs, ticks } from '#shared/units.ts';
import type { EpochMs, Ticks } from '#shared/units.ts';

/** Seeded generator of numbers in [0, 1) (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const MINUTE = 60_000;

/** One-minute bars that end at `last` at the last full minute before `now`, oldest first. */
export function barsUntil(symbol: string, last: Ticks, now: EpochMs, count: number): readonly Bar[] {
  const next = random(symbol.charCodeAt(0) * 131 + symbol.charCodeAt(1));
  const end = Math.floor(now / MINUTE) * MINUTE;
  const bars: Bar[] = [];
  let close: number = last;
  for (let i = 0; i < count; i += 1) {
    const open = Math.round(close + (next() - 0.5) * 14);
    const spread = () => Math.round(next() * 6);
    bars.push({
      symbol,
      timeframe: '1m',
      openAt: epochMs(end - (i + 1) * MINUTE),
      closeAt: epochMs(end - i * MINUTE),
      open: ticks(open),
      high: ticks(Math.max(open, close) + spread()),
      low: ticks(Math.min(open, close) - spread()),
      close: ticks(close),
      volume: 200 + Math.round(next() * 900),
    });
    close = open;
  }
  return bars.reverse();
}

export const quoteAt = (symbol: string, last: Ticks, at: EpochMs): Quote => ({
  symbol,
  bid: ticks(last - 1),
  ask: ticks(last + 1),
  last,
  asOf: at,
  receivedAt: at,
});
