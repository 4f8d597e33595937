import { z } from 'zod';

/** One step of a connection test: what was tried, what came of it, how long it took, and what to do when it failed. */
export const connectionStepSchema = z.strictObject({
  name: z.string().min(1).max(80),
  ok: z.boolean(),
  detail: z.string().max(2_000),
  ms: z.number().min(0),
  /** Null when it went well. */
  remedy: z.string().max(2_000).nullable(),
});
export type ConnectionStep = z.output<typeof connectionStepSchema>;

/** The steps of one connection, in the order they were made. */
export const connectionReportSchema = z.strictObject({
  /** As in `risk-metrics`: `model:lstm`, `broker:dtc`, `market:ib`. */
  id: z.string(),
  kind: z.enum(['model', 'market', 'broker']),
  name: z.string(),
  ok: z.boolean(),
  steps: z.array(connectionStepSchema),
});
export type ConnectionReport = z.output<typeof connectionReportSchema>;
