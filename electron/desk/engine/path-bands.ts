import type { Band } from '#shared/domain/monte-carlo.ts';
import type { PathEnds, PathPlan } from './path-kernel.ts';
import { quantiles, type FindRanks } from './quantile.ts';

const SHOWN = [0.05, 0.25, 0.5, 0.75, 0.95];
/** Numbers of a band, as they stand one after the other. */
export const BAND_SIZE = SHOWN.length;

/**
 * Bands of walked paths, five numbers each: of wealth at every mark of the fan, in their order, and behind them of final
 * wealth, of the deepest drawdown, of the share of trades under water and of the longest run of them.
 */
export type PathBands = { readonly bands: Float64Array };

const [FINALS, DRAWDOWNS, UNDER_WATER, LONGEST, OTHERS] = [0, 1, 2, 3, 4];

/** How many bands there are. */
export const bandCount = ({ marks }: PathPlan): number => marks.length + OTHERS;

/** The band whose numbers begin at a place. */
export const bandFrom = (numbers: ArrayLike<number>, from = 0): Band => ({
  p05: numbers[from] ?? 0,
  p25: numbers[from + 1] ?? 0,
  p50: numbers[from + 2] ?? 0,
  p75: numbers[from + 3] ?? 0,
  p95: numbers[from + 4] ?? 0,
});

/** Trades as shares of all of a path; the order is theirs, and so are the order statistics. */
function sharesOf(counts: Int32Array, trades: number): Float64Array {
  const shares = new Float64Array(counts.length);
  for (let i = 0; i < counts.length; i += 1) shares[i] = (counts[i] ?? 0) / trades;
  return shares;
}

/** Figures of walked paths, and their wealth at each mark of the fan, wherever that stands. */
export type PathFan = PathEnds & { readonly wealthAt: (mark: number) => Float64Array };

/** What one of the bands is of. */
function valuesOf(plan: PathPlan, fan: PathFan, band: number): ArrayLike<number> {
  switch (band - plan.marks.length) {
    case FINALS:
      return fan.finals;
    case DRAWDOWNS:
      return fan.drawdowns;
    case UNDER_WATER:
      return sharesOf(fan.underWater, Math.max(1, plan.trades));
    case LONGEST:
      return fan.longestUnderWater;
    default:
      return fan.wealthAt(band);
  }
}

/** Finds one of the bands of walked paths, at least one, and puts it in its place among all. */
export function writeBand(
  plan: PathPlan,
  fan: PathFan & PathBands & { readonly find?: FindRanks },
  band: number,
): void {
  fan.bands.set(quantiles(valuesOf(plan, fan, band), SHOWN, fan.find) ?? [], band * BAND_SIZE);
}

/** The bands that are not of the fan. */
export const otherBands = (
  { marks }: PathPlan,
  bands: Float64Array,
): Record<'finalWealth' | 'maxDrawdown' | 'underWater' | 'longestUnderWater', Band> => {
  const band = (which: number): Band => bandFrom(bands, (marks.length + which) * BAND_SIZE);
  return {
    finalWealth: band(FINALS),
    maxDrawdown: band(DRAWDOWNS),
    underWater: band(UNDER_WATER),
    longestUnderWater: band(LONGEST),
  };
};
