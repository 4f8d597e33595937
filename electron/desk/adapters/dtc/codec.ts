import { z } from 'zod';
import { type Result, err, ok } from '#shared/result.ts';
import type { Body, Fields, MessageDef } from './fields.ts';

export type Encoding = 'json' | 'json-compact';

/** A message as it came in: its number, and its fields by name or, compact, in an array. */
export type Frame = { readonly type: number; readonly body: Readonly<Record<string, unknown>> };

/** A number, which some servers write as a text. */
const typeSchema = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^\d{1,6}$/)
      .transform(Number),
  ])
  .pipe(z.number().int());
const frameSchema = z.looseObject({ Type: typeSchema });
const strictText = new TextDecoder('utf-8', { fatal: true });

/** Characters are 8 bits wide; servers that write UTF-8 are read as they mean it. */
function textOf(bytes: Uint8Array): string {
  try {
    return strictText.decode(bytes);
  } catch {
    return Buffer.from(bytes).toString('latin1');
  }
}

/** Numbers as C prints them that are none. */
const NO_NUMBER = /(?<=[:[,]\s*)[-+]?(?:nan(?:\([^)]*\))?|inf(?:inity)?|\d\.?#\w+)(?=\s*[,}\]])/giu;
/** Line ends and the like, which may not stand in a text. */
const CONTROL = /\p{Cc}/gu;
/** A backslash that begins no escape. */
const BARE_BACKSLASH = /\\(?!["\\/bfnrt]|u[\da-f]{4})/giu;

/** Servers that write their JSON by hand: what stands for no number is absent, and texts are taken as they are. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const repaired = text.replace(CONTROL, ' ').replace(BARE_BACKSLASH, '\\\\').replace(NO_NUMBER, 'null');
    return JSON.parse(repaired) as unknown;
  }
}

/**
 * Reads one message without its closing zero; null for an empty one, which says nothing.
 * @errors a sentence: this is no DTC in JSON
 */
export function decodeFrame(bytes: Uint8Array): Result<Frame | null, string> {
  const text = textOf(bytes).trim();
  if (text === '') return ok(null);
  let json: unknown;
  try {
    json = parsedJson(text);
  } catch {
    return err('it sent something that is not JSON');
  }
  const parsed = frameSchema.safeParse(json);
  return parsed.success ? ok({ type: parsed.data.Type, body: parsed.data }) : err('it sent a message without a type');
}

/** Reads the fields of a message, by name or in order. Fields that are not known are left, missing ones are absent. */
export function readFrame<F extends Fields>(def: MessageDef<F>, { body }: Frame): Body<F> {
  const array = body['F'];
  if (!Array.isArray(array)) return def.schema.parse(body);
  const values: readonly unknown[] = array;
  return def.schema.parse(Object.fromEntries(Object.keys(def.fields).map((key, index) => [key, values[index]])));
}

const PRINTABLE = /^[\x20-\x7e\xa0-\xff]*$/;

/** What a field may not be on the wire; null when it may. */
function fault(name: string, bytes: number | null, value: string | number): string | null {
  if (typeof value === 'number') return Number.isFinite(value) ? null : `${name} is not a number`;
  if (bytes === null) return `${name} is no text`;
  if (value.length >= bytes) return `${name} has ${value.length} characters, ${bytes - 1} are allowed`;
  return PRINTABLE.test(value) ? null : `${name} has characters that cannot be sent`;
}

/**
 * Writes a message: type first, fields in struct order, what is not given left out, closing zero.
 * Throws RangeError when a field does not fit its place in the protocol.
 */
export function encodeFrame<F extends Fields>(
  def: MessageDef<F>,
  values: Partial<Body<F>>,
  encoding: Encoding,
): Buffer {
  const given: Partial<Record<string, unknown>> = values;
  const body: [string, string | number | null][] = [];
  for (const [name, { bytes }] of Object.entries(def.fields)) {
    const value = given[name];
    if (typeof value !== 'string' && typeof value !== 'number') {
      body.push([name, null]);
      continue;
    }
    const problem = fault(name, bytes, value);
    if (problem !== null) throw new RangeError(`${def.name}: ${problem}`);
    body.push([name, value]);
  }
  const isCompact = encoding === 'json-compact' && def.isCompact;
  const message = isCompact
    ? { Type: def.type, F: body.map(([, value]) => value) }
    : { Type: def.type, ...Object.fromEntries(body.filter(([, value]) => value !== null)) };
  return Buffer.from(`${JSON.stringify(message)}\0`, 'utf8');
}
