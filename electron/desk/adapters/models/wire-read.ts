import { z } from 'zod';
import { err, ok } from '#shared/result.ts';
import type { Output } from './config.ts';
import type { ForecastError } from './error.ts';
import { parseJson } from './json.ts';
import { type Read, shown } from './output.ts';

/** A version, which some servers send as a number. */
export const versionText = z.union([z.string(), z.number()]).transform(String);

/** Parses a text as JSON of a vendor's shape. @errors 'not-json'; 'bad-field' naming the field and what was expected */
export function parseWire<S extends z.ZodType>(schema: S, text: string): Read<z.output<S>> {
  const json = parseJson(text);
  if (!json.ok) return json;
  const parsed = schema.safeParse(json.value);
  return parsed.success ? ok(parsed.data) : err(fieldError(parsed.error.issues[0], json.value));
}

/** The first thing a schema found wrong, by the name of its field. */
export function fieldError(
  issue: Pick<z.core.$ZodIssue, 'path' | 'message'> | undefined,
  value: unknown,
): ForecastError {
  const path = issue?.path ?? [];
  const found = path.reduce<unknown>(
    (node, key) =>
      typeof node === 'object' && node !== null ? (node as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
  const field = path.length === 0 ? '(the whole answer)' : path.map(String).join('.');
  return { code: 'bad-field', field, value: shown(found), expected: issue?.message ?? 'another value' };
}

/** Whether a page that may say so says that a model is ready: by a flag, in a word, or by a number. */
export const isSaidReady = (said: unknown): boolean =>
  said == null || /^(?:true|1)$/iu.test(JSON.stringify(said).replaceAll('"', ''));

/** The one prediction of an answer to one question, which may come without its batch. @errors as `onlyOne` */
export function oneAnswer(field: string, list: readonly unknown[], output: Output): Read<unknown> {
  const isClasses = output.kind === 'probs3' || output.kind === 'logits3';
  const isBare = isClasses && list.length === output.labels.length && list.every((one) => typeof one === 'number');
  return isBare ? ok(list) : onlyOne(field, list);
}

/** The one prediction of an answer to one question. @errors 'bad-field' for none or several */
function onlyOne(field: string, list: readonly unknown[]): Read<unknown> {
  if (list.length === 1) return ok(list[0]);
  return err({ code: 'bad-field', field, value: `${list.length} predictions`, expected: 'one prediction' });
}
