import { z } from 'zod';
import {
  backtestJobSchema,
  jobKindSchema,
  policiesRunSchema,
  policyDecisionSchema,
  policyResultSchema,
  policySeriesSchema,
  runHeadSchema,
} from '#shared/domain/backtest.ts';
import { monteCarloRunSchema } from '#shared/domain/monte-carlo.ts';
import { policyKeySchema, policyOfferSchema } from '#shared/domain/policy.ts';
import { walkForwardRunSchema } from '#shared/domain/walk-forward.ts';
import { epochMsSchema } from '#shared/units.ts';
import { backtestRequestSchema } from './backtest-requests.ts';
import { command, query, topic, type Entry } from './define.ts';

const nothing = z.strictObject({});
const id = z.string().min(1).max(64);
const count = z.number().int().min(0);

/** The most points and rows in one answer: a frame holds 64 KiB. */
export const MOST_POINTS = 1_000;
export const MOST_DECISIONS = 100;

/** A stored run by kind of job. */
export const backtestRunSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('policies'), run: policiesRunSchema }),
  z.strictObject({ kind: z.literal('monte-carlo'), run: monteCarloRunSchema }),
  z.strictObject({ kind: z.literal('walk-forward'), run: walkForwardRunSchema }),
]);
export type BacktestRun = z.output<typeof backtestRunSchema>;

/** One figure of a run that is not told policy by policy. */
export const runFigureSchema = z.strictObject({
  key: z.string(),
  label: z.string(),
  unit: z.enum(['share', 'signed-share', 'ratio', 'times', 'trades', 'count', 'days', 'money']),
  value: z.number().nullable(),
  /** Why there is none. */
  reason: z.string().nullable(),
});
export type RunFigure = z.output<typeof runFigureSchema>;

/** Runs of one kind side by side: what each policy made in each of them, or each figure. */
export const comparisonSchema = z.strictObject({
  runs: z.array(runHeadSchema),
  /** Of runs of policies; empty otherwise. */
  rows: z.array(
    z.strictObject({
      key: policyKeySchema,
      label: z.string(),
      /** One per run, in their order; null where the run does not have the policy. */
      results: z.array(policyResultSchema.nullable()),
    }),
  ),
  /** Of other runs: one list per run, in their order, of the same figures. */
  figures: z.array(z.array(runFigureSchema)),
  /** What keeps the runs from being the same experiment: another journal, range, seed or version. */
  differences: z.array(z.string()),
});
export type Comparison = z.output<typeof comparisonSchema>;

/** The backtest from the journal: what can be run, jobs in worker threads, stored runs and their exports. */
export const backtestOperations = {
  /** The policies that can be run with their defaults and parameters, and what the journal offers. */
  'backtest.offer': query({
    input: nothing,
    output: z.strictObject({
      policies: z.array(policyOfferSchema),
      decisions: count,
      from: epochMsSchema.nullable(),
      to: epochMsSchema.nullable(),
      workers: z.number().int().positive(),
    }),
  }),
  /** Jobs that wait or run, and those that ended since the desk was started; newest first. */
  'backtest.jobs': query({ input: nothing, output: z.array(backtestJobSchema) }),
  /** Stored runs, newest first. */
  'backtest.runs': query({
    input: z.strictObject({
      kind: jobKindSchema.optional(),
      limit: z.number().int().min(1).max(20),
      offset: count,
    }),
    output: z.strictObject({ total: count, runs: z.array(runHeadSchema) }),
  }),
  'backtest.run': query({ input: z.strictObject({ runId: id }), output: backtestRunSchema }),
  /** Daily equity and drawdown of one policy, decimated to at most so many points. */
  'backtest.series': query({
    input: z.strictObject({
      runId: id,
      key: policyKeySchema,
      points: z.number().int().min(2).max(MOST_POINTS),
      from: epochMsSchema.optional(),
      to: epochMsSchema.optional(),
    }),
    output: policySeriesSchema,
  }),
  'backtest.decisions': query({
    input: z.strictObject({
      runId: id,
      key: policyKeySchema,
      limit: z.number().int().min(1).max(MOST_DECISIONS),
      offset: count,
    }),
    output: z.strictObject({ total: count, decisions: z.array(policyDecisionSchema) }),
  }),
  /** Two to four runs of one kind side by side, a few of their policies at a time. */
  'backtest.compare': query({
    input: z.strictObject({ runIds: z.array(id).min(2).max(4), limit: z.number().int().min(1).max(5), offset: count }),
    output: z.strictObject({ total: count, comparison: comparisonSchema }),
  }),

  'backtest.start': command({ input: z.strictObject({ request: backtestRequestSchema }), output: backtestJobSchema }),
  /** Ends a job within a second; one that has ended is answered as it is. */
  'backtest.cancel': command({ input: z.strictObject({ jobId: id }), output: backtestJobSchema }),
  'backtest.delete': command({ input: z.strictObject({ runId: id }), output: nothing }),
  /** Prepares a file, read with `download.read`. */
  'backtest.export': command({
    input: z.strictObject({ runId: id, format: z.enum(['csv', 'json', 'html']) }),
    output: z.strictObject({ downloadId: z.string(), fileName: z.string(), mediaType: z.string(), size: count }),
  }),

  'backtest.progress': topic(backtestJobSchema),
  /** Runs were stored or deleted: fetch the list again. */
  'backtest.runsChanged': topic(z.strictObject({ total: count })),
} as const satisfies Readonly<Record<string, Entry>>;
