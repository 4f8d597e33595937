import { createHash, hash as digest } from 'node:crypto';

/** What the first event links to. */
export const GENESIS_HASH = '0'.repeat(64);

/** Every half of a surrogate pair that stands alone. */
const LONE_SURROGATE = /\p{Surrogate}/gu;
const wellFormed = (text: string): string => text.replace(LONE_SURROGATE, '\uFFFD');

/** Texts without a quote, a backslash, a control character or a surrogate are their own spelling. */
const PLAIN = /^[^"\\\u0000-\u001F\uD800-\uDFFF]*$/;

export const spellText = (text: string): string => (PLAIN.test(text) ? `"${text}"` : JSON.stringify(wellFormed(text)));

/** One set of fields and the order they are written in, each with its spelt name. */
type Shape = {
  readonly fields: readonly string[];
  readonly sorted: readonly (readonly [field: string, name: string])[];
};

/** Shapes are few: records of one kind have the same fields in the same order. Kept by their first field. */
const shapes = new Map<string | undefined, Shape[]>();
const SHAPES_KEPT = 64;

const isShape = ({ fields }: Shape, keys: readonly string[]): boolean => {
  if (fields.length !== keys.length) return false;
  for (let i = 0; i < keys.length; i += 1) if (fields[i] !== keys[i]) return false;
  return true;
};

function shapeOf(keys: readonly string[]): Shape {
  const known = shapes.get(keys[0]);
  const found = known?.find((shape) => isShape(shape, keys));
  if (found !== undefined) return found;
  // By UTF-16 code units of the name as it is written, as RFC 8785 (3.2.3) has it; of two alike the later counts.
  const names = new Map(keys.map((field) => [wellFormed(field), field]));
  const sorted = [...names.keys()].sort().map((name) => [names.get(name) ?? name, `${spellText(name)}:`] as const);
  const shape = { fields: [...keys], sorted };
  if (known === undefined && shapes.size < SHAPES_KEPT) shapes.set(keys[0], [shape]);
  else if (known !== undefined && known.length < SHAPES_KEPT) known.push(shape);
  return shape;
}

const isAbsent = (value: unknown): boolean => value === undefined || typeof value === 'symbol';

function spellObject(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw new TypeError('only JSON values can be journaled');
  let text = '';
  for (const [field, name] of shapeOf(Object.keys(value)).sorted) {
    const member = (value as Readonly<Record<string, unknown>>)[field];
    if (!isAbsent(member)) text += `${text === '' ? '' : ','}${name}${spell(member)}`;
  }
  return `{${text}}`;
}

function spellArray(values: readonly unknown[]): string {
  let text = '';
  for (let i = 0; i < values.length; i += 1) {
    const value = isAbsent(values[i]) ? null : values[i];
    text += `${i === 0 ? '' : ','}${spell(value)}`;
  }
  return `[${text}]`;
}

function spell(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return spellText(value);
    case 'number':
      if (!Number.isFinite(value)) throw new RangeError(`${value} cannot be journaled`);
      // ECMAScript's own spelling of numbers is the one RFC 8785 (3.2.2.3) asks for; −0 is written as 0.
      return String(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? spellArray(value) : spellObject(value);
    default:
      throw new TypeError('only JSON values can be journaled');
  }
}

/**
 * Returns the one spelling of a value as JSON (RFC 8785): keys sorted, shortest numbers, no spaces.
 * Half a surrogate pair in a text, which UTF-8 cannot hold, becomes U+FFFD: a vendor's broken text must not cost the
 * record it is in. Throws on NaN, infinities and undefined: those are bugs of the caller.
 */
export const canonicalJson = (value: unknown): string => spell(value);

export type ChainRow = { readonly seq: number; readonly at: number; readonly kind: string };

/**
 * Returns the hash (hex) of an event: sha256(prevHash + canonical JSON of {at, body, kind, seq}).
 * `body` is already canonical and goes in as the bytes it is stored as, so that no flipped bit can hide in decoding.
 */
export function linkHash(prevHash: string, row: ChainRow, body: string | Uint8Array): string {
  const before = `${prevHash}{"at":${row.at},"body":`;
  const after = `,"kind":${JSON.stringify(row.kind)},"seq":${row.seq}}`;
  if (typeof body === 'string') {
    // A text is put together from pieces. Looking into it joins them once, for the hash and for what stores it.
    body.charCodeAt(0);
    return digest('sha256', before + body + after);
  }
  return createHash('sha256').update(before).update(body).update(after).digest('hex');
}
