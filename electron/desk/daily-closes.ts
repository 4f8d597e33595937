import type { Instrument } from '#shared/domain/instrument.ts';
import type { Bar } from '#shared/domain/market.ts';
import type { Correlations } from '#shared/domain/sizing.ts';
import { ticks } from '#shared/units.ts';
import { CORRELATION_DAYS, portfolioCorrelation, priorTable } from './engine/correlation.ts';
import { sessionDay } from './engine/session.ts';
import type { Journal } from './ports/journal.ts';

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
  const running = new Map<string, Bar>();
  const specs = new Map(instruments.map((i) => [i.symbol, i]));
  let cache: { readonly key: string; readonly table: Correlations } | null = null;

  const keep = (bar: Bar): void => {
    const spec = specs.get(bar.symbol);
    if (spec === undefined) return;
    const ofRoot = closes.get(spec.root) ?? new Map<string, number>();
    ofRoot.set(sessionDay(bar.openAt, spec.calendar), bar.close * spec.tickSize);
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
    const day = running.get(bar.symbol);
    if (day === undefined || sessionDay(day.openAt, spec.calendar) !== sessionDay(bar.openAt, spec.calendar)) {
      running.set(bar.symbol, { ...bar, timeframe: '1d' });
      if (day !== undefined) keep(day);
      return day ?? null;
    }
    running.set(bar.symbol, merge(day, bar));
    return null;
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
