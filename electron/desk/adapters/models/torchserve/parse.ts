import { err, ok } from '#shared/result.ts';
import type { Output } from '#desk/adapters/models/config.ts';
import { printable } from '#desk/adapters/models/error.ts';
import { parseJson } from '#desk/adapters/models/json.ts';
import type { ServiceCard } from '#desk/adapters/models/model-client.ts';
import type { Opinion, Read } from '#desk/adapters/models/output.ts';
import { readLoose } from '#desk/adapters/models/tensor.ts';
import { oneAnswer, parseWire } from '#desk/adapters/models/wire-read.ts';
import { modelSchema, pingSchema } from './wire.ts';

/** Reads the state of the server. */
export function readPing(text: string): Read<ServiceCard> {
  // An empty page says what its status says.
  const parsed = parseWire(pingSchema, text.trim() === '' ? '{}' : text);
  if (!parsed.ok) return parsed;
  const { status = 'Healthy' } = parsed.value;
  if (status === 'Healthy') return ok({ summary: 'the server is healthy', version: null });
  if (!/^partial/iu.test(status)) return err({ code: 'not-ready', what: `the server says it is ${status}` });
  // Fewer workers run than were asked for, over all its models: whether one of this model does, its answer says.
  const summary = `the server says it is ${printable(status)}: some of its workers are down`;
  return ok({ summary, version: null, remark: `T${summary.slice(1)}. Its answers are good; see its own log.` });
}

/** Reads which version answers and whether a worker of it is ready. */
export function readModel(text: string, modelVersion: string | null): Read<ServiceCard> {
  const parsed = parseWire(modelSchema, text);
  if (!parsed.ok) return parsed;
  const found = parsed.value.find((one) => modelVersion === null || one.modelVersion === modelVersion);
  if (found === undefined) return err({ code: 'not-ready', what: 'the server does not list this model and version' });
  const { workers, modelVersion: version = null } = found;
  if (workers !== undefined && !workers.some(({ status }) => status === 'READY')) {
    return err({ code: 'not-ready', what: 'no worker of the model is ready' });
  }
  return ok({ summary: `version ${version ?? 'unknown'}, a worker is ready`, version });
}

/** Reads what the handler answers: a list, an object, either in a batch of one, or under `predictions`. */
export function readAnswer(text: string, output: Output): Read<{ readonly opinion: Opinion; readonly version: null }> {
  const json = parseJson(text);
  if (!json.ok) return json;
  const one = unwrap(json.value, output);
  if (!one.ok) return one;
  const opinion = readLoose(output, one.value, 'predictions');
  return opinion.ok ? ok({ opinion: opinion.value, version: null }) : opinion;
}

function unwrap(answer: unknown, output: Output): Read<unknown> {
  if (typeof answer === 'object' && answer !== null && 'predictions' in answer && Array.isArray(answer.predictions)) {
    return oneAnswer('predictions', answer.predictions, output);
  }
  return ok(Array.isArray(answer) && answer.length === 1 && typeof answer[0] === 'object' ? answer[0] : answer);
}
