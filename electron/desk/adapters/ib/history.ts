import { BarSizeSetting } from './library.ts';
import type { Bar } from '#shared/domain/market.ts';
import { epochMs, type EpochMs } from '#shared/units.ts';
import type { Clock } from '#desk/ports/clock.ts';
import type { HistoryRequest } from '#desk/ports/market-data.ts';
import { type IbContract, ticksOf } from './contracts.ts';
import type { Questions } from './questions.ts';
import { utcTime } from './time.ts';
import type { WireBar } from './wire.ts';

const DAY_MS = 86_400_000;
const LENGTH_MS = { '1m': 60_000, '1d': DAY_MS } as const;
/** What one question may span: IB gives no more minute bars at once. */
const SPAN_MS = { '1m': 5 * DAY_MS, '1d': 365 * DAY_MS } as const;
const SIZES = { '1m': BarSizeSetting.MINUTES_ONE, '1d': BarSizeSetting.DAYS_ONE } as const;

/** IB's limits on historical data, with a little room. @source protocols.md 2.5 */
const LIMITS = {
  all: { count: 55, windowMs: 600_000 },
  contract: { count: 5, windowMs: 2_000 },
  same: { count: 1, windowMs: 15_000 },
} as const;

type Asked = { readonly at: number; readonly contract: number; readonly key: string };

/** Lets historical questions through one after the other, no faster than IB takes them. */
export interface HistoryPacer {
  /** Resolves when the question may be asked. */
  readonly turn: (contract: number, key: string, signal: AbortSignal) => Promise<void>;
}

/** Makes the pacer of one connection. */
export function createHistoryPacer(clock: Clock): HistoryPacer {
  let asked: Asked[] = [];
  let line: Promise<void> = Promise.resolve();

  const waitMs = (contract: number, key: string): number => {
    const now = clock.monotonic();
    asked = asked.filter(({ at }) => now - at < LIMITS.all.windowMs);
    const rules = [
      { of: asked, ...LIMITS.all },
      { of: asked.filter((one) => one.contract === contract), ...LIMITS.contract },
      { of: asked.filter((one) => one.key === key), ...LIMITS.same },
    ];
    return Math.max(
      0,
      ...rules.map(({ of, count, windowMs }) => {
        const oldest = of.at(-count);
        return oldest === undefined ? 0 : oldest.at + windowMs - now;
      }),
    );
  };
  const pass = async (contract: number, key: string, signal: AbortSignal): Promise<void> => {
    for (let ms = waitMs(contract, key); ms > 0; ms = waitMs(contract, key)) {
      const wait = Math.ceil(ms);
      await new Promise<void>((resolve) => void clock.after(wait, resolve));
      signal.throwIfAborted();
    }
    asked.push({ at: clock.monotonic(), contract, key });
  };
  return {
    turn: (contract, key, signal) => {
      const mine = line.then(() => pass(contract, key, signal));
      line = mine.catch(() => undefined);
      return mine;
    },
  };
}

/** When a bar opens: seconds since 1970, or a day as `yyyymmdd`; null when it is neither. */
function openOf(time: string): EpochMs | null {
  const day = /^(\d{4})(\d{2})(\d{2})$/.exec(time);
  if (day !== null) return epochMs(Date.UTC(Number(day[1]), Number(day[2]) - 1, Number(day[3])));
  return /^\d{9,11}$/.test(time) ? epochMs(Number(time) * 1_000) : null;
}

/** A bar in ticks; null for one that is no bar, or not of the request. */
export function barOf(wire: WireBar, request: HistoryRequest, { instrument }: IbContract): Bar | null {
  const openAt = openOf(wire.time);
  const [open, high, low, close] = [wire.open, wire.high, wire.low, wire.close].map((price) =>
    ticksOf(instrument, price),
  );
  if (openAt === null || open == null || high == null || low == null || close == null) return null;
  const { symbol, timeframe, from, to } = request;
  const closeAt = epochMs(openAt + LENGTH_MS[timeframe]);
  if (openAt < from || closeAt > to || high < low) return null;
  return { symbol, timeframe, openAt, closeAt, open, high, low, close, volume: Math.max(0, wire.volume) };
}

const durationOf = (ms: number): string =>
  ms <= DAY_MS ? `${Math.max(60, Math.ceil(ms / 1_000))} S` : `${Math.ceil(ms / DAY_MS)} D`;

export type HistoryParts = {
  readonly clock: Clock;
  readonly pacer: HistoryPacer;
  readonly questions: Questions;
  readonly contract: IbContract;
};

/**
 * Asks for bars from the newest back, question by question. Rejects with a sentence when one of them fails; a stretch
 * IB has nothing of is left out.
 */
export async function fetchHistory(
  request: HistoryRequest,
  { clock, pacer, questions, contract }: HistoryParts,
  signal: AbortSignal,
): Promise<readonly Bar[]> {
  const bars = new Map<number, Bar>();
  const to = Math.min(request.to, clock.now());
  const within = { ...request, to: epochMs(to) };
  for (let end = to; end > request.from; end -= SPAN_MS[request.timeframe]) {
    const span = Math.min(SPAN_MS[request.timeframe], end - request.from);
    const ask = { end: utcTime(epochMs(end)), duration: durationOf(span), barSize: SIZES[request.timeframe] };
    await pacer.turn(contract.conId, JSON.stringify([contract.conId, ask]), signal);
    signal.throwIfAborted();
    const answer = await questions.history({ contract: contract.contract, ...ask });
    if (!answer.ok) {
      if (/no data/i.test(answer.error)) continue;
      throw new Error(answer.error);
    }
    for (const wire of answer.value) {
      const bar = barOf(wire, within, contract);
      if (bar !== null) bars.set(bar.openAt, bar);
    }
  }
  return [...bars.values()].sort((a, b) => a.openAt - b.openAt);
}
