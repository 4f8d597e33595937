import { z } from 'zod';
import { versionText } from '#desk/adapters/models/wire-read.ts';

/** Version of the JSON contract. */
export const WIRE_SCHEMA = 1;

/** POST /predict, as the desk sends it. `data` is row-major, oldest row first, `shape` = [rows, names]. */
export const predictRequestSchema = z.object({
  schema: z.literal(WIRE_SCHEMA),
  requestId: z.string().min(1),
  symbol: z.string().min(1),
  timeframe: z.string(),
  asOf: z.iso.datetime({ offset: true }),
  features: z.object({
    schema: z.string(),
    names: z.array(z.string()).min(1),
    shape: z.tuple([z.number().int().positive(), z.number().int().positive()]),
    data: z.array(z.number()),
  }),
});
export type PredictRequest = z.output<typeof predictRequestSchema>;

/** The numbers of three classes, by name, so that no order can be mistaken. */
const classesSchema = z.looseObject({ short: z.number(), neutral: z.number(), long: z.number() });

/** A field that may be left out; many services write null where they have nothing to say. */
const told = <S extends z.ZodType>(schema: S) => schema.nullish().transform((value) => value ?? undefined);

/** Where the opinion of a model or of a member may stand. */
const outputFields = {
  probabilities: told(classesSchema),
  logits: told(classesSchema),
  pUp: told(z.number()),
  logitUp: told(z.number()),
  direction: told(z.string()),
  confidence: told(z.number()),
};
export type OutputFields = Pick<PredictAnswer, keyof typeof outputFields>;

/** One member of an ensemble; with `error` it could not answer. */
export const memberSchema = z.looseObject({
  name: z.string().min(1).max(120),
  weight: z.number().min(0),
  error: z.unknown().optional(),
  ...outputFields,
});

/**
 * The answer of a model service, read leniently: unknown fields are the service's own business.
 * Which of the output fields must be there is decided by the configured output kind, never by what happens to be sent.
 */
export const predictResponseSchema = z.looseObject({
  schema: z.literal(WIRE_SCHEMA),
  requestId: z.string(),
  symbol: z.string(),
  asOf: z.iso.datetime({ offset: true }),
  generatedAt: told(z.unknown()),
  horizonBars: told(z.number().positive()),
  model: z.looseObject({
    name: z.string().min(1).max(120),
    version: versionText.pipe(z.string().min(1).max(120)),
    sha256: z.string().max(128).nullish(),
    featureSchema: z.string().max(120).nullish(),
  }),
  ...outputFields,
  /** Of an ensemble: each is read on its own, so that one that failed does not take the others along. */
  members: z.array(z.unknown()).max(1_000).nullish(),
});
/** The answer as it came: what is left out may also be null, and a version a number. */
export type PredictAnswer = z.input<typeof predictResponseSchema>;

/** GET /healthz: any body will do; these fields are shown. */
export const healthSchema = z.looseObject({ status: told(z.string()), model: told(z.string()) });
