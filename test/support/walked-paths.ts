import { BAND_SIZE, bandCount, writeBand } from '#desk/engine/path-bands.ts';
import type { PathEnds, PathPlan, PathResults } from '#desk/engine/path-kernel.ts';
import { TALLY_PARTS, TALLY_SIZE, tallyOf, type PathTally } from '#desk/engine/path-tally.ts';

/** What is told of walked paths, found in one go: what threads that share its pieces out are held to. */

/** All bands, one after the other. */
export function allBands(plan: PathPlan, { fan, ...ends }: PathResults): Float64Array {
  const bands = new Float64Array(bandCount(plan) * BAND_SIZE);
  const paths = ends.finals.length;
  const wealthAt = (mark: number): Float64Array => fan.subarray(mark * paths, (mark + 1) * paths);
  for (let band = 0; band < bandCount(plan); band += 1) writeBand(plan, { ...ends, wealthAt, bands }, band);
  return bands;
}

/** The tally of walked paths, at least one. */
export function tallied(plan: PathPlan, ends: PathEnds, ruinLevel: number): PathTally {
  const numbers = new Float64Array(TALLY_SIZE);
  for (const part of TALLY_PARTS) part({ ends, plan, ruinLevel }, numbers);
  return tallyOf(numbers, ends.finals.length);
}
