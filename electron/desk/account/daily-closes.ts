import type { Instrument, SessionCalendar } from '#shared/domain/instrument.ts';
import type { Bar } from '#shared/domain/market.ts';
import type { Correlations } from '#shared/domain/sizing.ts';
import { ticks, type EpochMs } from '#shared/units.ts';
import { CORRELATION_DAYS, portfolioCorrelation, priorTable } from '#desk/engine/correlation.ts';
import { underlyingRoot } from '#desk/engine/futures/contract-table.ts';
import { sessionDay } from '#desk/engine/session.ts';
import type { Journal } from '#desk/ports/journal.ts';

/** Gathers signal bars into one bar per session day, and the days into correlations. */
export interface DailyCloses {
  /** Takes a completed bar; returns the daily bar it completed, when it opens a new session day. */
  add(bar: Bar): Bar | null;
  correlations(roots: readonly string[]): Correlations;
}

/**
 * Tables held at once, and figures in all of them: every set of six markets, or a few sets of many. With many markets
 * there are more sets of them in a day than memory should be spent on.
 */
export const TABLES_KEPT = 64;
export const FIGURES_KEPT = 4_096;

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

/**
 * Returns the correlations of `roots` estimated from their own daily closes. Too few days, or flat ones: what is assumed
 * before any data.
 */
function estimate(closes: Closes, roots: readonly string[]): Correlations {
  const known = [...closes.keys()].filter((root) => roots.includes(root)).sort();
  const result = portfolioCorrelation(roots, { underlyings: known, returns: alignedReturns(closes, known) });
  const table = result.ok ? result.value : priorTable(roots);
  return { roots: [...roots], rho: table.rho.map((row) => [...row]) };
}

/**
 * Returns one table of all roots from which the correlations of any of them can be read off: a pair's figure depends on
 * nothing but the pair and the days. Null where that does not hold: roots that have not the same days, two roots of one
 * underlying, or closes that give no return.
 */
function wholeTable(closes: Closes): Correlations | null {
  const roots = [...closes.keys()].sort();
  const [first, ...others] = roots.map((root) => [...(closes.get(root)?.keys() ?? [])].sort());
  const isAligned = others.every((days) => days.length === first?.length && days.every((day, i) => day === first[i]));
  const isDistinct = new Set(roots.map(underlyingRoot)).size === roots.length;
  if (first === undefined || !isAligned || !isDistinct) return null;
  const result = portfolioCorrelation(roots, { underlyings: roots, returns: alignedReturns(closes, roots) });
  return result.ok ? { roots, rho: result.value.rho.map((row) => [...row]) } : null;
}

/** The part of a table that belongs to some of its roots; null when it does not have all of them. */
function partOf({ roots: all, rho }: Correlations, roots: readonly string[]): Correlations | null {
  const places = roots.map((root) => all.indexOf(root));
  if (places.includes(-1)) return null;
  return { roots: [...roots], rho: places.map((i) => places.map((j) => rho[i]?.[j] ?? NaN)) };
}

/** Returns daily closes restored from the journal's daily bars and the signal bars of the running day. */
export function createDailyCloses(journal: Journal, instruments: readonly Instrument[]): DailyCloses {
  const closes: Closes = new Map();
  const running = new Map<string, { readonly bar: Bar; readonly day: string }>();
  let memo = { at: Number.NaN, calendar: '', day: '' };
  const specs = new Map(instruments.map((i) => [i.symbol, i]));
  /** Estimates stand until a day closes; the one used longest ago stands first, and goes first. */
  const tables = new Map<string, Correlations>();
  let whole: { readonly table: Correlations | null } | null = null;

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
    tables.clear();
    whole = null;
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
      whole ??= { table: wholeTable(closes) };
      const table = (whole.table === null ? null : partOf(whole.table, roots)) ?? estimate(closes, roots);
      remember(key, table);
      return table;
    },
  };
}
