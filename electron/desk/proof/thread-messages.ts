import { z } from 'zod';
import type { DeskErrorData } from '#shared/contract/errors.ts';
import {
  monteCarloRequestSchema,
  policiesRequestSchema,
  walkForwardRequestSchema,
} from '#shared/contract/backtest-requests.ts';
import type { PolicyResult } from '#shared/domain/backtest.ts';
import type { PolicySpec } from '#shared/domain/policy.ts';
import type { JudgedBy, PolicyRun } from '#desk/backtest/policy-run.ts';
import type { DecisionPart } from '#desk/backtest/read-decisions.ts';
import type { PackedTape } from '#desk/backtest/packed-tape.ts';
import { epochMsSchema } from '#shared/units.ts';
import type { Walks } from './run-writing.ts';
import type { SharedReading } from './shared-reading.ts';
import type { WorkQueue } from './work-queue.ts';

/** What a request leaves open is settled when its job starts. */
const settled = { name: z.string(), seed: z.number().int(), workers: z.number().int().positive() };

/** A job as its thread gets it: everything is fixed when it starts, so that it can be made again. */
const job = {
  runId: z.string(),
  journalPath: z.string(),
  /** Written into; empty when the job starts. */
  folder: z.string(),
  startedAt: epochMsSchema,
  version: z.string(),
};

export const policiesJobSchema = z.strictObject({
  kind: z.literal('policies'),
  request: policiesRequestSchema.extend(settled),
  ...job,
});
export type PoliciesJob = z.output<typeof policiesJobSchema>;

export const monteCarloJobSchema = z.strictObject({
  kind: z.literal('monte-carlo'),
  request: monteCarloRequestSchema.extend(settled),
  /** Folder of the stored run whose trades are drawn; null where they come from the journal. */
  sourceFolder: z.string().nullable(),
  ...job,
});
export type MonteCarloJob = z.output<typeof monteCarloJobSchema>;

export const walkForwardJobSchema = z.strictObject({
  kind: z.literal('walk-forward'),
  request: walkForwardRequestSchema.extend(settled),
  ...job,
});
export type WalkForwardJob = z.output<typeof walkForwardJobSchema>;

/** Jobs that leave a run. */
export type RunJob = PoliciesJob | MonteCarloJob | WalkForwardJob;

export const exportJobSchema = z.strictObject({
  kind: z.literal('export'),
  format: z.enum(['csv', 'json', 'html']),
  /** Of the run, and the file to write. */
  folder: z.string(),
  path: z.string(),
});
export type ExportJob = z.output<typeof exportJobSchema>;

/** What a thread is started as. A helper waits for tasks; those of policies need a tape first. */
export const threadDataSchema = z.discriminatedUnion('kind', [
  policiesJobSchema,
  monteCarloJobSchema,
  walkForwardJobSchema,
  exportJobSchema,
  z.strictObject({ kind: z.literal('helper') }),
]);
export type ThreadJob = RunJob | ExportJob;

/** How far a job is, from 0 to 1. */
export type JobProgress = { readonly share: number; readonly phase: string };

/** What the thread of a job says. */
export type JobMessage =
  | ({ readonly kind: 'progress' } & JobProgress)
  | { readonly kind: 'done' }
  | { readonly kind: 'refused'; readonly error: DeskErrorData };

/** What a helper is told. */
export type HelperTask =
  | ({ readonly kind: 'read' } & SharedReading)
  | { readonly kind: 'tape'; readonly tape: PackedTape; readonly folder: string }
  | ({ readonly kind: 'walk'; readonly specs: readonly PolicySpec[]; readonly walks: Walks } & Shared)
  | ({ readonly kind: 'closes'; readonly specs: readonly PolicySpec[] } & Shared)
  | ({ readonly kind: 'judge'; readonly runs: readonly PolicyRun[]; readonly walks: Walks } & JudgedBy & Shared);

/** What several threads work off: each takes the next policy by the counter they share. */
type Shared = { readonly queue: WorkQueue };

export type HelperMessage =
  | { readonly kind: 'part'; readonly piece: number; readonly part: DecisionPart }
  | { readonly kind: 'walking'; readonly policy: number; readonly cases: number }
  | { readonly kind: 'walked'; readonly policy: number; readonly run: PolicyRun }
  | { readonly kind: 'closed'; readonly policy: number; readonly closes: Float64Array }
  | { readonly kind: 'judged'; readonly policy: number; readonly result: PolicyResult }
  /** Nothing more will come of the task. */
  | { readonly kind: 'rested' };
