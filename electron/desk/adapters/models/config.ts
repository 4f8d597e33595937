import { z } from 'zod';
import { featureChoiceSchema } from '#shared/domain/feature.ts';
import { timeframeSchema } from '#shared/domain/market.ts';
import { secretNameSchema } from '#desk/adapters/connection-parts.ts';

/** What a model service is asked and how its answer is read: all of it is configured, nothing is guessed. */

const name = z.string().trim().min(1).max(120);
const fraction = z.number().min(0).max(1);

/** How the secret is shown to the service. That of `basic` is `user:password`. */
const tokenAsSchema = z.union([
  z.enum(['bearer', 'basic']),
  z.strictObject({ header: z.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/, 'the name of a request header') }),
]);
export type TokenAs = z.output<typeof tokenAsSchema>;

/** An http(s) address without credentials, query or fragment: those would be shown, logged, or lost. */
export const serviceUrlSchema = z
  .string()
  .max(500)
  .refine((text) => {
    const url = URL.parse(text);
    if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return false;
    return url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  }, 'an http:// or https:// address without user, password, query or #');

const direction = z.enum(['short', 'neutral', 'long']);

/** Below these an opinion is flat: confidence of its direction, and lead over the runner-up. */
const thresholds = { minConfidence: fraction.default(0), minMargin: fraction.default(1e-9) };

/**
 * What the classes of a model are, in the order of its output. Two labels are a model without a neutral class.
 */
const labelsSchema = z
  .array(direction)
  .min(2)
  .max(3)
  .refine((labels) => new Set(labels).size === labels.length, 'each label once')
  .refine((labels) => labels.includes('short') && labels.includes('long'), 'both "short" and "long"');

/** What the model itself calls its labels, in the same order; absent: short, neutral, long. */
const labelNamesSchema = z.array(name).min(2).max(3).optional();

/** Name of the output that holds the answer; null where the model has exactly one. */
const outputName = name.nullable().default(null);

/**
 * How the numbers of a model become a direction and the probability that it is right.
 * `probs3`, `logits3`: one number per label. `pUp`, `logitUp`: one number, the probability of a rise or its log odds.
 * `label+conf`: a label (a name, or its place in `labels`) and the probability that it is right.
 */
export const outputSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.enum(['probs3', 'logits3']),
    labels: labelsSchema,
    labelNames: labelNamesSchema,
    tensor: outputName,
    ...thresholds,
  }),
  z.strictObject({ kind: z.enum(['pUp', 'logitUp']), tensor: outputName, ...thresholds }),
  z.strictObject({
    kind: z.literal('label+conf'),
    labels: labelsSchema,
    labelNames: labelNamesSchema,
    /** The output with the label, and the one with the probability. */
    tensor: name,
    confidenceTensor: name,
    ...thresholds,
  }),
]);
export type Output = z.output<typeof outputSchema>;

/** The desk's own contract names its fields, so only the kind is chosen. */
const namedOutputSchema = z.strictObject({
  kind: z.enum(['probs3', 'logits3', 'pUp', 'logitUp', 'label+conf']),
  ...thresholds,
});
export type NamedOutput = z.output<typeof namedOutputSchema>;

/**
 * What every connection to a model says, whatever its protocol. Times in milliseconds.
 * `horizonBars`: how far ahead the model looks; an answer that says otherwise is refused.
 */
const common = {
  timeframe: timeframeSchema.default('1m'),
  horizonBars: z.number().int().positive().nullable().default(null),
  features: featureChoiceSchema.default({ schema: 'fs-1', rows: 32 }),
  /** Age of the last bar behind an answer above which it is stale, in bars. */
  maxAgeBars: z.number().min(1).max(100).default(1.2),
  /** The version and the file an answer must come from; null: the first one seen, until the trader accepts another. */
  expectedVersion: name.nullable().default(null),
  expectedSha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'a SHA-256: 64 lower-case hexadecimal digits')
    .nullable()
    .default(null),
  /** Limit of one attempt; a failed attempt is repeated once. */
  timeoutMs: z.number().int().min(50).max(30_000).default(2_000),
};

const remote = {
  ...common,
  url: serviceUrlSchema.describe('Base address of the service'),
  tokenSecret: secretNameSchema.optional(),
  tokenAs: tokenAsSchema.default('bearer'),
};

/** The desk's own JSON contract: POST /predict, GET /healthz. */
const deskJsonSchema = z.strictObject({
  kind: z.literal('desk'),
  ...remote,
  output: namedOutputSchema.default({ kind: 'probs3', minConfidence: 0, minMargin: 1e-9 }),
});

/** A connection to one model service. */
export const modelConnectionSchema = z.discriminatedUnion('kind', [deskJsonSchema]);
export type ModelConnection = z.output<typeof modelConnectionSchema>;
export type DeskJsonConnection = Extract<ModelConnection, { kind: 'desk' }>;
