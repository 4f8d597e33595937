import type { Bar } from '#shared/domain/market.ts';
import { epochMs, ticks } from '#shared/units.ts';
import { createPrng } from '#desk/engine/prng.ts';

const DAY_MS = 86_400_000;
const START = Date.UTC(2001, 0, 1);

/** How the close of the next day moves, in ticks, given the closes so far and a normal draw. */
export type Law = (closes: readonly number[], noise: number) => number;

/** Nothing to be found: every move is a draw. */
export const NOISE: Law = (_, noise) => 60 * noise;

/** Something to be found: thirty days up, thirty days down, whatever else happens. */
export const WAVES: Law = (closes, noise) => 40 * noise + (Math.floor(closes.length / 30) % 2 === 0 ? 50 : -50);

/** Days of a market made by a law, the same for a seed. */
export function dailyBars(count: number, { seed, law = NOISE }: { readonly seed: number; readonly law?: Law }): Bar[] {
  const prng = createPrng(seed);
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - prng.nextDouble())) * Math.cos(2 * Math.PI * prng.nextDouble());
  const closes = [10_000];
  return Array.from({ length: count }, (_, i) => {
    const open = closes.at(-1) ?? 10_000;
    const close = Math.max(2_000, Math.round(open + law(closes, normal())));
    closes.push(close);
    const reach = () => Math.round(40 * Math.abs(normal()));
    return {
      symbol: 'MES',
      timeframe: '1d',
      openAt: epochMs(START + i * DAY_MS),
      closeAt: epochMs(START + (i + 1) * DAY_MS),
      open: ticks(open),
      high: ticks(Math.max(open, close) + reach()),
      low: ticks(Math.min(open, close) - reach()),
      close: ticks(close),
      volume: 1_000 + prng.index(500),
    };
  });
}
