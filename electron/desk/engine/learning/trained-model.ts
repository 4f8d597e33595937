import { z } from 'zod';
import { epochMsSchema } from '#shared/units.ts';

/**
 * The desk's own open format of a trained model: one JSON file, numbers as they are, nothing to run. `schema` rises
 * when a field changes its meaning. Every list of features is in the order of `features.names`.
 */
const numbers = z.array(z.number());
const matrix = z.array(numbers);

/** A binary tree as columns, the root first; at a leaf `feature` is −1. A value below the threshold goes left. */
const treeSchema = z.strictObject({
  feature: z.array(z.number().int().min(-1)),
  threshold: numbers,
  left: z.array(z.number().int().min(0)),
  right: z.array(z.number().int().min(0)),
  value: numbers,
});
export type Tree = z.output<typeof treeSchema>;

/** log odds = coefficients · row + intercept, the intercept last. */
const linearSchema = z.strictObject({ kind: z.literal('linear'), long: numbers, short: numbers });

/** The chance is the mean of the trees. */
const forestSchema = z.strictObject({
  kind: z.literal('forest'),
  long: z.array(treeSchema),
  short: z.array(treeSchema),
});

const boostSchema = z.strictObject({ base: z.number(), rate: z.number(), trees: z.array(treeSchema) });
/** log odds = base + rate · Σ trees. */
const boostedSchema = z.strictObject({ kind: z.literal('boosted'), long: boostSchema, short: boostSchema });

export const sideModelSchema = z.discriminatedUnion('kind', [linearSchema, forestSchema, boostedSchema]);
/** One learner of the ensemble: for each planned trade, the chance that it nets above zero. */
export type SideModel = z.output<typeof sideModelSchema>;

/** A recurrent network of one layer. Gates in the order input, forget, cell, output (Keras). */
const networkSchema = z.strictObject({
  units: z.number().int().positive(),
  /** features × 4·units, units × 4·units, 4·units. */
  kernel: matrix,
  recurrent: matrix,
  bias: numbers,
  /** units × 3 and 3: logits of short, neutral, long. */
  dense: matrix,
  denseBias: numbers,
});
export type Network = z.output<typeof networkSchema>;

const calibrationMapSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('platt'), a: z.number(), b: z.number() }),
  z.strictObject({ kind: z.literal('beta'), a: z.number(), b: z.number(), c: z.number() }),
  z.strictObject({ kind: z.literal('isotonic'), x: numbers, y: numbers }),
]);

const common = {
  format: z.literal('kelly-desk-model'),
  schema: z.literal(1),
  features: z.strictObject({
    schema: z.string(),
    names: z.array(z.string()).min(1),
    rows: z.number().int().positive(),
  }),
  /** Each value becomes (value − center) / scale, cut at ±clip. */
  standardise: z.strictObject({ center: numbers, scale: numbers, clip: z.number().positive() }),
  /** From raw chances to frequencies, fitted on time that was held back. */
  calibration: z.strictObject({ long: calibrationMapSchema, short: calibrationMapSchema }),
  /** Close of the last bar that taught it anything, labels and calibration included; it answers from `from` on. */
  learnedTo: epochMsSchema,
  from: epochMsSchema,
};

export const trainedModelSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('lstm'), ...common, network: networkSchema }),
  z.strictObject({
    kind: z.literal('ensemble'),
    ...common,
    members: z
      .array(z.strictObject({ name: z.string(), weight: z.number().positive(), model: sideModelSchema }))
      .min(1),
  }),
]);
export type TrainedModel = z.output<typeof trainedModelSchema>;
export type ModelKind = TrainedModel['kind'];
