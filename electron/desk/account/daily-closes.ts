import { freezeWhole } from '#shared/frozen.ts';
import type { Instrument, SessionCalendar } from '#shared/domain/instrument.ts';
import type { Bar } from '#shared/domain/market.ts';
import type { Correlations } from '#shared/domain/sizing.ts';
import { ticks, type EpochMs } from '#shared/units.ts';
import { CORRELATION_DAYS } from '#desk/engine/correlation.ts';
import { sessionDay } from '#desk/engine/session.ts';
import type { Journal } from '#desk/ports/journal.ts';
import { createCorrelationPairs } from './correlation-pairs.ts';

/** Gathers signal bars into one bar per session day, and the days into correlations. */
export interface DailyCloses {
  /** Takes a completed bar; returns the daily bar it completed, when it opens a new session day. */
  add(bar: Bar): Bar | null;
  correlations(roots: readonly string[]): Correlations;
}

/**
 * Tables held at once, and figures in all of them: every set of six markets, or ten sets of forty. With many markets
 * there are more sets of them in a day than memory should be spent on.
 */
export const TABLES_KEPT = 64;
export const FIGURES_KEPT = 16_384;

const merge = (day: Bar, bar: Bar): Bar => ({
  ...day,
  closeAt: bar.closeAt,
  high: ticks(Math.max(day.high, bar.high)),
  low: ticks(Math.min(day.low, bar.low)),
  close: bar.close,
  volume: day.volume + bar.volume,
});

/** Returns daily closes restored from the journal's daily bars and the signal bars of the running day. */
export function createDailyCloses(journal: Journal, instruments: readonly Instrument[]): DailyCloses {
  const closes = new Map<string, Map<string, number>>();
  const pairs = createCorrelationPairs(closes);
  const running = new Map<string, { readonly bar: Bar; readonly day: string }>();
  let memo = { at: Number.NaN, calendar: '', day: '' };
  const specs = new Map(instruments.map((i) => [i.symbol, i]));
  /** Estimates stand until a day closes; the one used longest ago stands first, and goes first. */
  const tables = new Map<string, Correlations>();

  /** The same minute of every market is asked for in turn: the last answer is kept. */
  const dayOf = (at: EpochMs, calendar: SessionCalendar): string => {
    if (memo.at !== at || memo.calendar !== calendar) memo = { at, calendar, day: sessionDay(at, calendar) };
    return memo.day;
  };
  const keep = (bar: Bar): void => {
    const spec = specs.get(bar.symbol);
    if (spec === undefined) return;
    const ofRoot = closes.get(spec.root) ?? new Map<string, number>();
    ofRoot.set(sessionDay(bar.openAt, spec.calendar), bar.close * spec.tickSize);
    // As many as a restart reads back: what no correlation looks at any more is let go.
    if (ofRoot.size > CORRELATION_DAYS + 1) {
      const [oldest] = [...ofRoot.keys()].sort();
      if (oldest !== undefined) ofRoot.delete(oldest);
    }
    closes.set(spec.root, ofRoot);
    pairs.changed(spec.root);
    tables.clear();
  };
  const remember = (key: string, table: Correlations): void => {
    tables.set(key, table);
    let figures = [...tables.values()].reduce((sum, { roots }) => sum + roots.length ** 2, 0);
    for (const [oldest, { roots }] of tables) {
      if (oldest === key || (tables.size <= TABLES_KEPT && figures <= FIGURES_KEPT)) return;
      tables.delete(oldest);
      figures -= roots.length ** 2;
    }
  };
  const add = (bar: Bar): Bar | null => {
    const spec = specs.get(bar.symbol);
    if (spec === undefined) return null;
    if (bar.timeframe === '1d') {
      keep(bar);
      return null;
    }
    const day = dayOf(bar.openAt, spec.calendar);
    const current = running.get(bar.symbol);
    if (current?.day === day) {
      running.set(bar.symbol, { bar: merge(current.bar, bar), day });
      return null;
    }
    running.set(bar.symbol, { bar: { ...bar, timeframe: '1d' }, day });
    if (current !== undefined) keep(current.bar);
    return current?.bar ?? null;
  };

  for (const { symbol } of instruments) {
    for (const bar of journal.bars({ symbol, timeframe: '1d', limit: CORRELATION_DAYS + 1 })) keep(bar);
    for (const bar of journal.bars({ symbol, timeframe: '1m', limit: 1500 })) add(bar);
  }

  return {
    add,
    correlations: (roots) => {
      const key = roots.join(' ');
      const known = tables.get(key);
      if (known !== undefined) {
        tables.delete(key);
        tables.set(key, known);
        return known;
      }
      // Snapshot after snapshot holds it, and the journal spells it once.
      const table = freezeWhole(pairs.of(roots));
      remember(key, table);
      return table;
    },
  };
}
