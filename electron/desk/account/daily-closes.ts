import type { Instrument, SessionCalendar } from '#shared/domain/instrument.ts';
import type { Bar } from '#shared/domain/market.ts';
import type { Correlations } from '#shared/domain/sizing.ts';
import { ticks, type EpochMs } from '#shared/units.ts';
import { CORRELATION_DAYS, portfolioCorrelation, priorTable } from '#desk/engine/correlation.ts';
import { sessionDay } from '#desk/engine/session.ts';
import type { Journal } from '#desk/ports/journal.ts';

/** Gathers signal bars into one bar per session day, and the days into correlations. */
export interface DailyCloses {
  /** Takes a completed bar; returns the daily bar it completed, when it opens a new session day. */
  add(bar: Bar): Bar | null;
  correlations(roots: readonly string[]): Correlations;
}

type Closes = Map<string, Map<string, number>>;

const merge = (day: Bar, bar: Bar): Bar => ({
  ...day,
  closeAt: bar.closeAt,
  high: ticks(Math.max(day.high, bar.high)),
  low: ticks(Math.min(day.low, bar.low)),
  close: bar.close,
  volume: day.volume + bar.volume,
});

/** Returns simple returns of the roots over the days all of them have, oldest first: `returns[t][k]` of root k. */
function alignedReturns(closes: Closes, roots: readonly string[]): readonly (readonly number[])[] {
  const series = roots.map((root) => closes.get(root) ?? new Map<string, number>());
  const days = [...(series[0]?.keys() ?? [])].filter((day) => series.every((s) => s.has(day))).sort();
  const rows = days.slice(-CORRELATION_DAYS - 1).map((day) => series.map((s) => s.get(day) ?? NaN));
  return rows.slice(1).map((row, t) => row.map((close, k) => close / (rows[t]?.[k] ?? NaN) - 1));
}

/** Returns daily closes restored from the journal's daily bars and the signal bars of the running day. */
export function createDailyCloses(journal: Journal, instruments: readonly Instrument[]): DailyCloses {
  const closes: Closes = new Map();
  const running = new Map<string, { readonly bar: Bar; readonly day: string }>();
  let memo = { at: Number.NaN, calendar: '', day: '' };
  const specs = new Map(instruments.map((i) => [i.symbol, i]));
  let cache: { readonly key: string; readonly table: Correlations } | null = null;

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
    const [oldest] = ofRoot.keys();
    if (ofRoot.size > CORRELATION_DAYS + 1 && oldest !== undefined) ofRoot.delete(oldest);
    closes.set(spec.root, ofRoot);
    cache = null;
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
      if (cache?.key === key) return cache.table;
      const known = [...closes.keys()].filter((root) => roots.includes(root)).sort();
      const result = portfolioCorrelation(roots, { underlyings: known, returns: alignedReturns(closes, known) });
      // Too few days, or flat ones: what is assumed before any data.
      const table = result.ok ? result.value : priorTable(roots);
      const correlations = { roots: [...roots], rho: table.rho.map((row) => [...row]) };
      cache = { key, table: correlations };
      return correlations;
    },
  };
}
