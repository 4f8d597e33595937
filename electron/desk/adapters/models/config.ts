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

/** How the numbers of a window are laid out; the batch is always one question. */
export const layoutSchema = z.enum(['batch,time,feature', 'batch,feature,time', 'batch,flat', 'time,feature']);
export type Layout = z.output<typeof layoutSchema>;

const layout = layoutSchema.default('batch,time,feature');
const datatype = z.enum(['FP32', 'FP64']).default('FP32');
/** The input, by name where the protocol or the model wants one. */
const namedInput = z.strictObject({ tensor: name, layout, datatype });
const freeInputSchema = z.strictObject({ tensor: name.nullable().default(null), layout });
const freeInput = freeInputSchema.default({ tensor: null, layout: 'batch,time,feature' });
const layoutOnly = z.strictObject({ layout }).default({ layout: 'batch,time,feature' });

/** Name of the model at the service, and the version that is asked for by name; null: the one it gives. */
const modelName = name.describe('Name of the model at the service');
const modelVersion = name.nullable().default(null);

/** Open Inference Protocol v2: KServe, Triton, MLServer, OpenVINO, TorchServe. */
const openInferenceSchema = z.strictObject({
  kind: z.literal('open-inference'),
  ...remote,
  model: modelName,
  modelVersion,
  input: namedInput,
  output: outputSchema,
});

/** TensorFlow Serving, REST (8501). `row`: instances, `column`: inputs. */
const tensorflowServingSchema = z.strictObject({
  kind: z.literal('tensorflow-serving'),
  ...remote,
  model: modelName,
  modelVersion,
  signature: name.default('serving_default'),
  format: z.enum(['row', 'column']).default('row'),
  input: freeInput,
  output: outputSchema,
});

const kserveV1Schema = z.strictObject({
  kind: z.literal('kserve-v1'),
  ...remote,
  model: modelName,
  input: layoutOnly,
  output: outputSchema,
});

/** An MLflow scoring server: one model, so `model` is what the desk calls it. A data frame is one row of features. */
const mlflowSchema = z
  .strictObject({
    kind: z.literal('mlflow'),
    ...remote,
    model: modelName,
    format: z.enum(['dataframe_split', 'dataframe_records', 'instances', 'inputs']),
    input: freeInput,
    output: outputSchema,
  })
  .refine(({ format, features }) => !format.startsWith('dataframe') || features.rows === 1, {
    message: 'a data frame is one row a question: set rows to 1, or choose instances or inputs',
    path: ['features', 'rows'],
  });

/** TorchServe. `managementUrl` (8081) names the version and tells whether a worker is ready; null: not asked. */
const torchserveSchema = z.strictObject({
  kind: z.literal('torchserve'),
  ...remote,
  model: modelName,
  modelVersion,
  managementUrl: serviceUrlSchema.nullable().default(null),
  managementSecret: secretNameSchema.optional(),
  format: z.enum(['instances', 'data', 'plain']),
  input: layoutOnly,
  output: outputSchema,
});

/** A model file run in this program. Its version is its SHA-256. */
const onnxSchema = z.strictObject({
  kind: z.literal('onnx'),
  ...common,
  file: z.string().min(1).max(1_000).describe('Path of the .onnx file'),
  model: modelName,
  input: namedInput,
  output: outputSchema,
});

/** A connection to one model service. */
export const modelConnectionSchema = z.discriminatedUnion('kind', [
  deskJsonSchema,
  openInferenceSchema,
  tensorflowServingSchema,
  kserveV1Schema,
  mlflowSchema,
  torchserveSchema,
  onnxSchema,
]);
export type ModelConnection = z.output<typeof modelConnectionSchema>;

type Of<K extends ModelConnection['kind']> = Extract<ModelConnection, { readonly kind: K }>;
export type DeskJsonConnection = Of<'desk'>;
export type OpenInferenceConnection = Of<'open-inference'>;
export type TensorflowServingConnection = Of<'tensorflow-serving'>;
export type KserveV1Connection = Of<'kserve-v1'>;
export type MlflowConnection = Of<'mlflow'>;
export type TorchserveConnection = Of<'torchserve'>;
export type OnnxConnection = Of<'onnx'>;
