import type { Handlers } from '#shared/contract/index.ts';
import { months } from '#desk/backtest/months.ts';
import { rolling } from '#desk/backtest/rolling.ts';
import { sessionDay } from '#shared/session-day.ts';
import { epochMs, moneyFromUsd, type EpochMs } from '#shared/units.ts';
import { EQUITY, performanceAt } from './account.ts';
import { random } from './market.ts';

const DAY = 86_400_000;

/** Closed trades of the last half year, oldest first. */
function tradesAt(now: EpochMs) {
  const next = random(12);
  return Array.from({ length: 184 }, (_, i) => {
    const exitAt = epochMs(now - (184 - i) * DAY);
    const r = next() < 0.6 ? 0.4 + next() * 1.8 : -0.5 - next() * 0.6;
    return { id: `t${i}`, symbol: 'NQ', exitAt, r, net: moneyFromUsd(r * 100), sessionDay: sessionDay(exitAt) };
  });
}

/** The operations of the Performance screen over made-up trades. */
export function performanceOperations(now: () => EpochMs) {
  return {
    'performance.history': ({ from, to }) => {
      const all = performanceAt(now());
      const points = all.points.filter((p) => p.at >= (from ?? 0) && p.at <= (to ?? Number.MAX_SAFE_INTEGER));
      return { ...all, points, from: points[0]?.at ?? null, to: points.at(-1)?.at ?? null };
    },
    'performance.rolling': ({ window = 50 }) => rolling(tradesAt(now()), { window, scratchR: 0.05 }),
    'performance.months': () => months(tradesAt(now()), { initialEquity: EQUITY, scratchR: 0.05 }),
  } satisfies Partial<Handlers>;
}
