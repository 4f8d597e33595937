import { err, ok } from '#shared/result.ts';
import type { Result } from '#shared/result.ts';

import { firstInvalidItem, invalidInput } from './invalid-input.ts';
import type { InvalidInput } from './invalid-input.ts';

/** returns[t][k]: simple return of series k in period t, oldest period first, all series of the same periods. */
export type ReturnTable = readonly (readonly number[])[];

/** A series without variance: its correlation with anything is undefined. */
export type FlatSeries = { readonly code: 'flat-series'; readonly index: number };

/**
 * Checks that a table has enough periods, the same number of series (≥ 1) in each, and finite numbers only.
 * @returns the number of series
 */
export function checkReturns(returns: ReturnTable, minPeriods: number): Result<number, InvalidInput> {
  const series = returns[0]?.length ?? 0;
  if (returns.length < minPeriods) return err(invalidInput('returns.length', returns.length));
  if (series === 0) return err(invalidInput('returns[0].length', 0));
  for (const [t, row] of returns.entries()) {
    if (row.length !== series) return err(invalidInput(`returns[${t}].length`, row.length));
    const invalid = firstInvalidItem(`returns[${t}]`, row, Number.isFinite);
    if (invalid !== null) return err(invalid);
  }
  return ok(series);
}
