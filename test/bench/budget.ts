import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { median } from './harness.ts';
import type { Series } from './harness.ts';

/** One promise: the ratio of two medians of the same run, or a figure that is a pure number itself (`over` null). */
const promiseSchema = z.strictObject({
  id: z.string(),
  bench: z.string(),
  /** What the ratio says, for a reader. */
  says: z.string(),
  of: z.string(),
  over: z.string().nullable(),
  is: z.enum(['at least', 'at most']),
  /** What must hold today. */
  gate: z.number(),
  /** What is aimed at, and the target's number in the reference; null where nothing beyond the gate is aimed at. */
  target: z.number().nullable(),
  targetId: z.string().nullable(),
});
export type Promised = z.output<typeof promiseSchema>;

const budgetSchema = z.strictObject({
  promises: z.array(promiseSchema),
  /** Targets that these benches do not measure, and why. */
  notMeasured: z.array(z.strictObject({ targetId: z.string(), says: z.string() })),
});
export type Budget = z.output<typeof budgetSchema>;

/** Reads the budget file. Throws when it is not one. */
export const readBudget = (path: string): Budget => budgetSchema.parse(JSON.parse(readFileSync(path, 'utf8')));

/** A promise with what was measured; `ratio` is null when a side could not be run on this machine. */
export type Judged = {
  readonly promised: Promised;
  readonly ratio: number | null;
  readonly holds: boolean | null;
  readonly isAtTarget: boolean | null;
};

const reaches = (ratio: number, is: Promised['is'], limit: number): boolean =>
  is === 'at least' ? ratio >= limit : ratio <= limit;

/** Compares a promise with the medians of a run. */
export function judge(promised: Promised, series: readonly Series[]): Judged {
  const medianOf = (name: string): number | null => {
    const found = series.find((one) => one.name === name);
    return found === undefined ? null : median(found.values);
  };
  const [of, over] = [medianOf(promised.of), promised.over === null ? 1 : medianOf(promised.over)];
  if (of === null || over === null) return { promised, ratio: null, holds: null, isAtTarget: null };
  const ratio = of / over;
  return {
    promised,
    ratio,
    holds: reaches(ratio, promised.is, promised.gate),
    isAtTarget: promised.target === null ? null : reaches(ratio, promised.is, promised.target),
  };
}

/** A ratio this near its gate is measured once more before it is believed. */
const NEAR = 0.15;
export const isNearGate = ({ promised, ratio }: Judged): boolean =>
  ratio !== null && Math.abs(ratio - promised.gate) <= NEAR * Math.abs(promised.gate);
