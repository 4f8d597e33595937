import { err, ok } from '#shared/result.ts';
import type { TensorflowServingConnection } from '#desk/adapters/models/config.ts';
import type { ServiceCard } from '#desk/adapters/models/model-client.ts';
import { type Opinion, type Read, badField } from '#desk/adapters/models/output.ts';
import { type Declared, checkTensors, readLoose, shapeText } from '#desk/adapters/models/tensor.ts';
import { oneAnswer, parseWire } from '#desk/adapters/models/wire-read.ts';
import { type TensorInfo, metadataSchema, predictSchema, statusSchema } from './wire.ts';

/** Reads which version answers: the one that was asked for, or the newest that is available. */
export function readStatus(text: string, config: TensorflowServingConnection): Read<ServiceCard> {
  const parsed = parseWire(statusSchema, text);
  if (!parsed.ok) return parsed;
  const all = parsed.value.model_version_status;
  const wanted = all.filter(({ version }) => config.modelVersion === null || version === config.modelVersion);
  const available = wanted.filter(({ state }) => state === 'AVAILABLE').map(({ version }) => version);
  // Unless told otherwise the server answers with the largest number.
  const [version] = available.sort((a, b) => Number(b) - Number(a));
  if (version !== undefined) return ok({ summary: `version ${version} is available`, version });
  const states = all.map((one) => `${one.version} ${one.state}`).join(', ') || 'no version';
  return err({ code: 'not-ready', what: `the service has ${states}` });
}

const declared = (tensors: Readonly<Record<string, TensorInfo>> | null | undefined): readonly Declared[] =>
  Object.entries(tensors ?? {}).map(([name, { tensor_shape: shape }]) => ({
    name,
    // Without dimensions it is a scalar, or, with unknown rank, anything.
    shape:
      shape?.dim === undefined || shape.unknown_rank === true ? undefined : shape.dim.map(({ size }) => size ?? -1),
  }));

/** Holds the signature of a model against the connection and the shape the desk builds. */
export function readMetadata(
  text: string,
  config: TensorflowServingConnection,
  built: readonly number[],
): Read<ServiceCard> {
  const parsed = parseWire(metadataSchema, text);
  if (!parsed.ok) return parsed;
  const signatures = parsed.value.metadata.signature_def.signature_def;
  const signature = Object.hasOwn(signatures, config.signature) ? signatures[config.signature] : undefined;
  if (signature === undefined) {
    const what = `The model has no signature "${config.signature}": it has ${Object.keys(signatures).join(', ')}`;
    return err({ code: 'differs', what, remedy: 'Correct the signature of the connection.' });
  }
  const inputs = declared(signature.inputs);
  const outputs = declared(signature.outputs);
  const { input, output } = config;
  const wrong = checkTensors({ inputs, outputs }, { input: input.tensor, built, output });
  if (wrong !== null) return err(wrong);
  return ok({ summary: `signature ${config.signature} takes ${shapeText(built)}`, version: null });
}

/** Reads an answer. With one output the server leaves its name out. */
export function readAnswer(
  text: string,
  config: TensorflowServingConnection,
): Read<{ readonly opinion: Opinion; readonly version: null }> {
  const parsed = parseWire(predictSchema, text);
  if (!parsed.ok) return parsed;
  const found = answerOf(parsed.value, config);
  if (!found.ok) return found;
  const opinion = readLoose(config.output, found.value, config.format === 'row' ? 'predictions' : 'outputs');
  return opinion.ok ? ok({ opinion: opinion.value, version: null }) : opinion;
}

function answerOf(
  { predictions, outputs }: { readonly predictions?: readonly unknown[] | undefined; readonly outputs?: unknown },
  { format, output }: TensorflowServingConnection,
): Read<unknown> {
  // Some servers answer in the other form than they were asked in: of one question both say the same.
  const isColumn = outputs !== undefined && (format === 'column' || predictions === undefined);
  if (isColumn) return ok(outputs);
  if (predictions !== undefined) return oneAnswer('predictions', predictions, output);
  return format === 'column'
    ? badField('outputs', undefined, 'the outputs')
    : badField('predictions', undefined, 'a list');
}
