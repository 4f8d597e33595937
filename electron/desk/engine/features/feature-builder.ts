import type { FeatureChoice, FeatureProblem, FeatureSpec, FeatureWindow } from '#shared/domain/feature.ts';
import type { Bar } from '#shared/domain/market.ts';
import { type Result, err, ok } from '#shared/result.ts';
import { resolveFeatures } from './catalogue.ts';
import { type Columns, columnsOf, featureValue } from './feature-values.ts';

/** Completed bars needed for a window. */
export const barsNeeded = ({ rows, lookBack }: FeatureSpec): number => rows + lookBack;

type Row = readonly number[];
type Kept = { readonly bars: readonly Bar[]; readonly tickSize: number; readonly rows: readonly Row[] };

/**
 * Builds feature windows from bars. A row depends on its own bar and the `lookBack` bars before it and on nothing else,
 * so rows of bars seen before are kept: the window a bar later is the same, bit for bit, as one built from scratch.
 */
export function createFeatureBuilder(): {
  resolve(choice: FeatureChoice): Result<FeatureSpec, string>;
  build(bars: readonly Bar[], spec: FeatureSpec, tickSize: number): Result<FeatureWindow, FeatureProblem>;
} {
  const kept = new WeakMap<FeatureSpec, Map<string, Kept>>();
  return {
    resolve: resolveFeatures,
    build: (bars, spec, tickSize) => {
      const used = usableBars(bars, spec);
      if (!used.ok) return used;
      const [first] = used.value;
      const key = `${first?.symbol ?? ''} ${first?.timeframe ?? ''}`;
      const series = kept.get(spec) ?? new Map<string, Kept>();
      kept.set(spec, series);
      const rows = rowsOf(used.value, { spec, tickSize, known: series.get(key) ?? null });
      if (!rows.ok) return rows;
      series.set(key, { bars: used.value, tickSize, rows: rows.value });
      return ok(windowOf(spec, rows.value));
    },
  };
}

/** Builds one window from scratch: what the builder must give too, whatever it has kept. */
export function buildWindow(
  bars: readonly Bar[],
  spec: FeatureSpec,
  tickSize: number,
): Result<FeatureWindow, FeatureProblem> {
  const used = usableBars(bars, spec);
  if (!used.ok) return used;
  const rows = rowsOf(used.value, { spec, tickSize, known: null });
  return rows.ok ? ok(windowOf(spec, rows.value)) : rows;
}

const windowOf = ({ schema, rows, features }: FeatureSpec, built: readonly Row[]): FeatureWindow => ({
  schema,
  names: features.map(({ name }) => name),
  shape: [rows, features.length],
  data: built.flat(),
});

/** The bars a window rests on, held against what a price can be. */
function usableBars(bars: readonly Bar[], spec: FeatureSpec): Result<readonly Bar[], FeatureProblem> {
  const needed = barsNeeded(spec);
  if (bars.length < needed) return err({ code: 'too-few-bars', needed, got: bars.length });
  const used = bars.slice(-needed);
  const worthless = used.find((bar) => Math.min(bar.low, bar.open, bar.close) <= 0 || bar.high < bar.low);
  if (worthless === undefined) return ok(used);
  return err({ code: 'bad-bars', detail: `the bar of ${isoTime(worthless.openAt)} has a price of zero or below` });
}

const isoTime = (ms: number): string => new Date(ms).toISOString();

function rowsOf(
  bars: readonly Bar[],
  given: { readonly spec: FeatureSpec; readonly tickSize: number; readonly known: Kept | null },
): Result<readonly Row[], FeatureProblem> {
  const { spec, tickSize, known } = given;
  const reused = known?.tickSize === tickSize ? reusedRows(bars, known, spec) : [];
  // Only the columns the new rows reach back to are made.
  const fresh = spec.rows - reused.length;
  const columns = columnsOf(bars.slice(bars.length - fresh - spec.lookBack), tickSize);
  const rows: Row[] = [...reused];
  for (let k = 0; k < fresh; k += 1) {
    const row = rowAt(columns, spec, spec.lookBack + k);
    if (!row.ok) return row;
    rows.push(row.value);
  }
  return ok(rows);
}

function rowAt(columns: Columns, spec: FeatureSpec, i: number): Result<Row, FeatureProblem> {
  const row: number[] = [];
  for (const definition of spec.features) {
    const value = featureValue(definition, columns, i);
    if (!Number.isFinite(value)) {
      return err({ code: 'bad-bars', detail: `feature ${definition.name} is not a number` });
    }
    row.push(value);
  }
  return ok(row);
}

/** The rows kept whose bars, and all those they reach back to, are the same now: bars can be corrected. */
function reusedRows(bars: readonly Bar[], known: Kept, { lookBack, rows }: FeatureSpec): readonly Row[] {
  const [first] = bars;
  const shift = known.bars.findIndex((bar) => bar.openAt === first?.openAt);
  if (shift < 0) return [];
  const overlap = known.bars.length - shift;
  for (let i = 0; i < overlap; i += 1) {
    const [before, now] = [known.bars[shift + i], bars[i]];
    if (before !== now && !isSameBar(before, now)) return [];
  }
  return overlap <= lookBack ? [] : known.rows.slice(rows - (overlap - lookBack));
}

const isSameBar = (a: Bar | undefined, b: Bar | undefined): boolean =>
  a !== undefined &&
  b !== undefined &&
  a.closeAt === b.closeAt &&
  a.open === b.open &&
  a.high === b.high &&
  a.low === b.low &&
  a.close === b.close &&
  a.volume === b.volume;
