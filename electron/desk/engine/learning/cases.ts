import type { FeatureDefinition, FeatureSpec } from '#shared/domain/feature.ts';
import type { Bar } from '#shared/domain/market.ts';
import type { EpochMs } from '#shared/units.ts';
import { barsNeeded, buildWindow } from '#desk/engine/features/feature-builder.ts';
import { labelAt, type LabelSpec, type Outcome } from './label.ts';

/** One question with its answer: the window that ends with a bar, and what became of the trade planned there. */
export type Case = {
  /** Close of the last bar of the window: what is known then is all a model may see. */
  readonly asOf: EpochMs;
  /** Close of the bar that settled the label. */
  readonly settledAt: EpochMs;
  /** Close of the bar `embargoBars` after that one; null where the bars end before. */
  readonly clearAt: EpochMs | null;
  readonly outcome: Outcome;
  /** One row a bar, oldest first, the names in the order of the features. */
  readonly rows: readonly (readonly number[])[];
};

/** Bars of one symbol, what is computed of them, and what is asked. */
export type Series = {
  readonly bars: readonly Bar[];
  readonly tickSize: number;
  readonly label: LabelSpec;
};

export type CaseSpec = {
  readonly schema: string;
  readonly features: readonly FeatureDefinition[];
  readonly rows: number;
  readonly lookBack: number;
  /** Bars between the end of a label and what may be judged by a model that learned it. */
  readonly embargoBars: number;
};

/** The features of every bar that has its history, by the same code the desk asks models with. */
function rowsOf({ bars, tickSize }: Series, spec: CaseSpec): readonly (readonly number[] | null)[] {
  const one: FeatureSpec = { schema: spec.schema, rows: 1, lookBack: spec.lookBack, features: spec.features };
  const needed = barsNeeded(one);
  return bars.map((_, index) => {
    if (index + 1 < needed) return null;
    const window = buildWindow(bars.slice(index + 1 - needed, index + 1), one, tickSize);
    return window.ok ? window.value.data : null;
  });
}

function windowAt(rows: readonly (readonly number[] | null)[], index: number, count: number): Case['rows'] | null {
  if (index + 1 < count) return null;
  const window: (readonly number[])[] = [];
  for (let i = index + 1 - count; i <= index; i += 1) {
    const row = rows[i];
    if (row === null || row === undefined) return null;
    window.push(row);
  }
  return window;
}

/** Returns the cases of one series, oldest first: a bar whose features or label cannot be known is left out. */
export function casesOf(series: Series, spec: CaseSpec): readonly Case[] {
  const { bars, label } = series;
  const rows = rowsOf(series, spec);
  return bars.flatMap((bar, index) => {
    const window = windowAt(rows, index, spec.rows);
    const labelled = window === null ? null : labelAt(bars, index, label);
    const settled = labelled === null ? undefined : bars[labelled.settledIndex];
    if (window === null || labelled === null || settled === undefined) return [];
    const clear = bars[labelled.settledIndex + spec.embargoBars];
    return [
      {
        asOf: bar.closeAt,
        settledAt: settled.closeAt,
        clearAt: clear?.closeAt ?? null,
        outcome: labelled.outcome,
        rows: window,
      },
    ];
  });
}

/** Merges the cases of several series by time; those of one time keep the order of the series. */
export const mergeCases = (lists: readonly (readonly Case[])[]): readonly Case[] =>
  lists.flat().sort((a, b) => a.asOf - b.asOf);
