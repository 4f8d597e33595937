import { err, ok } from '#shared/result.ts';
import type { Output } from '#desk/adapters/models/config.ts';
import type { ServiceCard } from '#desk/adapters/models/model-client.ts';
import type { Opinion, Read } from '#desk/adapters/models/output.ts';
import { readLoose } from '#desk/adapters/models/tensor.ts';
import { isSaidReady, oneAnswer, parseWire } from '#desk/adapters/models/wire-read.ts';
import { predictSchema, statusSchema } from './wire.ts';

/** Reads whether the model is ready. */
export function readStatus(text: string): Read<ServiceCard> {
  // An empty page says what its status says.
  const parsed = parseWire(statusSchema, text.trim() === '' ? '{}' : text);
  if (!parsed.ok) return parsed;
  return isSaidReady(parsed.value.ready)
    ? ok({ summary: 'the model is ready', version: null })
    : err({ code: 'not-ready', what: 'the service says the model is not ready' });
}

/** Reads the one prediction of an answer. */
export function readAnswer(text: string, output: Output): Read<{ readonly opinion: Opinion; readonly version: null }> {
  const parsed = parseWire(predictSchema, text);
  if (!parsed.ok) return parsed;
  const { predictions } = parsed.value;
  const one = Array.isArray(predictions) ? oneAnswer('predictions', predictions, output) : ok(predictions);
  if (!one.ok) return one;
  const opinion = readLoose(output, one.value, 'predictions');
  return opinion.ok ? ok({ opinion: opinion.value, version: null }) : opinion;
}
