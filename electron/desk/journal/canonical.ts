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

/** What is hashed before and after the body of an event. */
const around = (prevHash: string, { seq, at, kind }: ChainRow): readonly [before: string, after: string] => [
  `${prevHash}{"at":${at},"body":`,
  `,"kind":${spellText(kind)},"seq":${seq}}`,
];

/**
 * Returns the hash (hex) of an event: sha256(prevHash + canonical JSON of {at, body, kind, seq}).
 * `body` is already canonical and goes in as the bytes it is stored as, so that no flipped bit can hide in decoding.
 */
export function linkHash(prevHash: string, row: ChainRow, body: Uint8Array): string {
  const [before, after] = around(prevHash, row);
  return createHash('sha256').update(before).update(body).update(after).digest('hex');
}

/**
 * Returns the hash of an event that is to be stored, and its body in one piece: a text is put together from pieces, which
 * are joined to be hashed, and what stores it would join them again.
 */
export function link(prevHash: string, row: ChainRow, body: string): { readonly hash: string; readonly body: string } {
  const [before, after] = around(prevHash, row);
  const whole = before + body + after;
  return { hash: digest('sha256', whole), body: whole.slice(before.length, before.length + body.length) };
}
