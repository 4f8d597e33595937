import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/** What the first event links to. */
export const GENESIS_HASH = '0'.repeat(64);

/** Only a lone surrogate leaves JSON.stringify as an escape in this range. */
const SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/;

/** Every half of a surrogate pair that stands alone. */
const LONE_SURROGATE = /\p{Surrogate}/gu;
const wellFormedText = (text: string): string => text.replace(LONE_SURROGATE, '\uFFFD');

const wellFormed = (value: unknown): unknown => {
  if (typeof value === 'string') return wellFormedText(value);
  if (Array.isArray(value)) return value.map(wellFormed);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [wellFormedText(key), wellFormed(field)]));
};

/**
 * Returns the one spelling of a value as JSON (RFC 8785): keys sorted, shortest numbers, no spaces.
 * Half a surrogate pair in a text, which UTF-8 cannot hold, becomes U+FFFD: a vendor's broken text must not cost the
 * record it is in. Throws on NaN, infinities and undefined: those are bugs of the caller.
 */
export function canonicalJson(value: unknown): string {
  const isWellFormed = !SURROGATE_ESCAPE.test(JSON.stringify(value));
  const text = canonicalize(isWellFormed ? value : wellFormed(value));
  if (text === undefined) throw new TypeError('only JSON values can be journaled');
  return text;
}

export type ChainRow = { readonly seq: number; readonly at: number; readonly kind: string };

/**
 * Returns the hash (hex) of an event: sha256(prevHash + canonical JSON of {at, body, kind, seq}).
 * `body` is already canonical and goes in as the bytes it is stored as, so that no flipped bit can hide in decoding.
 */
export function linkHash(prevHash: string, row: ChainRow, body: string | Uint8Array): string {
  const hash = createHash('sha256');
  hash.update(`${prevHash}{"at":${row.at},"body":`);
  hash.update(body);
  hash.update(`,"kind":${JSON.stringify(row.kind)},"seq":${row.seq}}`);
  return hash.digest('hex');
}
