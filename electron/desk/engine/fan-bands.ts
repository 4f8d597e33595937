import type { Band } from '#shared/domain/monte-carlo.ts';
import type { PathPlan, PathResults } from './path-kernel.ts';
import { quantiles } from './quantile.ts';

const SHOWN = [0.05, 0.25, 0.5, 0.75, 0.95];
/** Numbers of a band, as they stand one after the other. */
export const BAND_SIZE = SHOWN.length;

/** Bands of a fan: five numbers for each mark, as `writeFanBand` puts them. */
export type FanBands = { readonly bands: Float64Array };

/** The band whose numbers begin at a place. */
export const bandFrom = (numbers: ArrayLike<number>, from = 0): Band => ({
  p05: numbers[from] ?? 0,
  p25: numbers[from + 1] ?? 0,
  p50: numbers[from + 2] ?? 0,
  p75: numbers[from + 3] ?? 0,
  p95: numbers[from + 4] ?? 0,
});

/** Quantiles of values in any order, length ≥ 1. */
export const bandOf = (values: ArrayLike<number>): Band => bandFrom(quantiles(values, SHOWN) ?? []);

/** Writes the band of one mark of the fan to its place among those of all marks. */
export function writeFanBand({ fan, finals }: PathResults, mark: number, bands: Float64Array): void {
  const paths = finals.length;
  bands.set(quantiles(fan.subarray(mark * paths, (mark + 1) * paths), SHOWN) ?? [], mark * BAND_SIZE);
}

/** The bands of all marks of the fan, one after the other. */
export function fanBands({ marks }: PathPlan, results: PathResults): Float64Array {
  const bands = new Float64Array(marks.length * BAND_SIZE);
  for (const mark of marks.keys()) writeFanBand(results, mark, bands);
  return bands;
}
