import { ok } from '#shared/result.ts';
import type { Output } from '#desk/adapters/models/config.ts';
import type { Opinion, Read } from '#desk/adapters/models/output.ts';
import { readLoose } from '#desk/adapters/models/tensor.ts';
import { oneAnswer, parseWire } from '#desk/adapters/models/wire-read.ts';
import { predictSchema } from './wire.ts';

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
