import { z } from 'zod';

/** What the desk and the thread that holds the model say to one another. */

const tensorInfoSchema = z.looseObject({
  name: z.string(),
  /** A dimension of any length is −1 or has a name. */
  shape: z.array(z.union([z.number(), z.string()])).optional(),
  type: z.string().optional(),
});

export const loadedSchema = z.strictObject({
  kind: z.literal('loaded'),
  sha256: z.string(),
  inputs: z.array(tensorInfoSchema),
  outputs: z.array(tensorInfoSchema),
});
export type Loaded = z.output<typeof loadedSchema>;

export const saidSchema = z.discriminatedUnion('kind', [
  loadedSchema,
  /** The runtime is not installed, the file cannot be read, or it is no model. */
  z.strictObject({ kind: z.literal('refused'), what: z.string(), remedy: z.string() }),
  z.strictObject({ kind: z.literal('ran'), id: z.number(), outputs: z.record(z.string(), z.array(z.unknown())) }),
  z.strictObject({ kind: z.literal('failed'), id: z.number(), what: z.string() }),
]);
export type Said = z.output<typeof saidSchema>;

export const jobSchema = z.strictObject({
  id: z.number(),
  input: z.string(),
  datatype: z.enum(['FP32', 'FP64']),
  shape: z.array(z.number()),
  data: z.array(z.number()),
  /** Outputs wanted; null: all. */
  outputs: z.array(z.string()).nullable(),
});
export type Job = z.output<typeof jobSchema>;

export const fileSchema = z.strictObject({ file: z.string() });
