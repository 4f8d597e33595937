import { err, ok } from '#shared/result.ts';
import type { OpenInferenceConnection, Output } from '#desk/adapters/models/config.ts';
import type { ForecastError } from '#desk/adapters/models/error.ts';
import type { Question, ServiceCard } from '#desk/adapters/models/model-client.ts';
import { type Opinion, type Read, badField, flatten, listOf } from '#desk/adapters/models/output.ts';
import { checkTensors, outputOf, readNamed } from '#desk/adapters/models/tensor.ts';
import { isSaidReady, parseWire } from '#desk/adapters/models/wire-read.ts';
import { metadataSchema, readySchema, responseSchema } from './wire.ts';

/** Reads a page of readiness, which may be empty. */
export function readReady(text: string): Read<ServiceCard> {
  const card = { summary: 'the model is ready', version: null };
  if (text.trim() === '') return ok(card);
  const page = parseWire(readySchema, text);
  // The status said it is ready; a page that cannot be read does not unsay it.
  const isReady = !page.ok || isSaidReady(page.value.ready ?? page.value.live);
  return isReady ? ok(card) : err({ code: 'not-ready', what: 'the service says the model is not ready' });
}

/** Holds the metadata of a model against the connection and the shape the desk builds. */
export function readMetadata(
  text: string,
  config: OpenInferenceConnection,
  built: readonly number[],
): Read<ServiceCard> {
  const parsed = parseWire(metadataSchema, text);
  if (!parsed.ok) return parsed;
  const { inputs, outputs, versions, platform } = parsed.value;
  const { input, output, modelVersion } = config;
  const wrong =
    checkDatatype(inputs?.find(({ name }) => name === input.tensor)?.datatype, input) ??
    checkTensors({ inputs: inputs ?? [], outputs: outputs ?? [] }, { input: input.tensor, built, output });
  if (wrong !== null) return err(wrong);
  if (modelVersion !== null && versions != null && versions.length > 0 && !versions.includes(modelVersion)) {
    const what = `The service has the versions ${versions.join(', ')}; the connection asks for ${modelVersion}`;
    return err({ code: 'differs', what, remedy: 'Correct the model version of the connection.' });
  }
  const version = modelVersion ?? (versions?.length === 1 ? (versions[0] ?? null) : null);
  const summary = `${platform ?? 'model'} ${config.model}${version === null ? '' : ` ${version}`} takes [${built.join(',')}]`;
  return ok({ summary, version });
}

/** Half precision has no numbers in JSON, and a question goes out in the type that was configured. */
function checkDatatype(
  declared: string | null | undefined,
  input: { readonly tensor: string; readonly datatype: string },
): ForecastError | null {
  if (declared == null || declared.toUpperCase().replace(/^TYPE_/u, '') === input.datatype) return null;
  return {
    code: 'differs',
    what: `Input "${input.tensor}" takes ${declared}; the connection sends ${input.datatype}`,
    remedy: `Set input.datatype of the connection to ${declared}, if the desk can send it, or serve the model with ${input.datatype}.`,
  };
}

type Reading = { readonly opinion: Opinion; readonly version: string | null };

/** Reads an answer to a question. @errors 'wrong-echo' for another id or model; 'bad-field' */
export function readAnswer(
  text: string,
  question: Question,
  config: { readonly model: string; readonly output: Output },
): Read<Reading> {
  const parsed = parseWire(responseSchema, text);
  if (!parsed.ok) return parsed;
  const { id, model_name: model, model_version: version, outputs } = parsed.value;
  if (id != null && id !== '' && id !== question.id) {
    return err({ code: 'wrong-echo', field: 'id', sent: question.id, got: id });
  }
  if (model != null && model !== '' && model !== config.model) {
    return err({ code: 'wrong-echo', field: 'model_name', sent: config.model, got: model });
  }
  const opinion = readNamed(config.output, (name) => {
    const named = outputOf(outputs, name);
    if (!named.ok) return named;
    const { name: field, shape, data } = named.value;
    const items = flatten(data);
    const size = shape?.reduce((product, n) => product * n, 1) ?? items.length;
    if (size !== items.length) {
      return badField(`${field}.data`, `${items.length} values`, `${size} values, as its shape says`);
    }
    return ok(listOf(field, items));
  });
  return opinion.ok
    ? ok({ opinion: opinion.value, version: version == null || version === '' ? null : version })
    : opinion;
}
