import type { Instrument } from '#shared/domain/instrument.ts';
import type { Bar } from '#shared/domain/market.ts';
import { epochMs, type EpochMs } from '#shared/units.ts';
import type { MarketData } from '#desk/ports/market-data.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Minutes looked back for at most: over a long weekend to the sessions before it. */
const MINUTES_BACK_MS = 5 * DAY_MS;
/** Days looked back for: what the correlations are estimated from, with weekends and holidays. */
const DAYS_BACK_MS = 150 * DAY_MS;
/** Time one answer may take; without it the desk starts with what it has. */
const ANSWER_MS = 20_000;

export type Known = {
  /** Close of the newest minute bar the desk has, and of the newest daily one; null where it has none. */
  readonly minuteUntil: EpochMs | null;
  readonly dayUntil: EpochMs | null;
};

/** What a source says of one symbol's past: whole bars only, oldest first, none the desk has. `why` when it says none. */
export type Past = { readonly bars: readonly Bar[]; readonly why: string | null };

const isSound = (bar: Bar): boolean =>
  bar.low <= Math.min(bar.open, bar.close) && bar.high >= Math.max(bar.open, bar.close) && bar.closeAt > bar.openAt;

async function ask(
  source: MarketData,
  request: Parameters<NonNullable<MarketData['history']>>[0],
  signal: AbortSignal,
): Promise<readonly Bar[]> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
  const aborted = new Promise<never>((_, reject) => {
    limit.addEventListener('abort', () => reject(new Error('no answer in time')), { once: true });
  });
  const bars = await Promise.race([source.history?.(request, limit) ?? Promise.resolve(null), aborted]);
  const wanted = (bar: Bar): boolean =>
    bar.symbol === request.symbol && bar.timeframe === request.timeframe && isSound(bar);
  const inRange = (bar: Bar): boolean => bar.openAt >= request.from && bar.closeAt <= request.to;
  return [...(bars ?? [])].filter((bar) => wanted(bar) && inRange(bar)).sort((a, b) => a.openAt - b.openAt);
}

/** Asks a source for the days and minutes of an instrument that the desk does not have yet. Never rejects. */
export async function loadPast(
  source: MarketData,
  instrument: Instrument,
  at: { readonly known: Known; readonly now: EpochMs; readonly signal: AbortSignal },
): Promise<Past> {
  if (source.history === undefined) return { bars: [], why: 'the source keeps no history' };
  const { symbol } = instrument;
  const to = epochMs(at.now - (at.now % MINUTE_MS));
  const minutesFrom = epochMs(Math.max(at.known.minuteUntil ?? 0, to - MINUTES_BACK_MS));
  const daysFrom = epochMs(Math.max(at.known.dayUntil ?? 0, to - DAYS_BACK_MS));
  try {
    // A day that is not over is no bar yet.
    const days =
      to - daysFrom < 2 * DAY_MS ? [] : await ask(source, { symbol, timeframe: '1d', from: daysFrom, to }, at.signal);
    const minutes =
      to <= minutesFrom ? [] : await ask(source, { symbol, timeframe: '1m', from: minutesFrom, to }, at.signal);
    return { bars: [...days, ...minutes], why: null };
  } catch (error) {
    return { bars: [], why: error instanceof Error ? error.message : 'the source could not be asked' };
  }
}
