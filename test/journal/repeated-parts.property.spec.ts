import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '#desk/journal/canonical.ts';
import { createRepeatedParts } from '#desk/journal/repeated-parts.ts';

type Row = { readonly held: Record<string, object>; readonly n: number };

const rowOf = (n: number, a: object, b: object): Row => ({ held: { a, b, z: { n } }, n });
const read = (parts: ReturnType<typeof createRepeatedParts>, text: string): Row => {
  const value = parts.parse(text);
  parts.keep(text, value);
  return value as Row;
};

/** Few, so that they come again; some hold the names that are looked for, also as text. */
const part = fc.constantFrom<object>(
  ...[{}, { x: 1 }, { x: 2 }, { x: [1, { a: 3 }] }, { a: { x: 1 } }, { held: { a: { x: 1 } } }, [], [{ x: 1 }]],
  ...[{ b: { x: 1 } }, { text: '"a":{"x":1}' }, { text: '\u0001 a part that is known' }, { text: 'ü\n"b":{}' }],
);
const holder = fc.record(
  { a: fc.oneof(part, fc.constant(null)), b: fc.oneof(part, fc.constant('"a":{"x":1}')), aa: part, z: part },
  { requiredKeys: [] },
);
const row = fc.record({ a: part, before: part, held: fc.oneof(holder, fc.constant(null), part), n: fc.nat() });

describe('parts that repeat', () => {
  it('are parsed once, and shared, frozen, from then on', () => {
    const parts = createRepeatedParts('held', ['a', 'b']);
    const rows = [1, 2, 3].map((n) => read(parts, canonicalJson(rowOf(n, { x: 1 }, { y: [n < 3 ? 1 : 2] }))));
    expect(rows).toEqual([1, 2, 3].map((n) => rowOf(n, { x: 1 }, { y: [n < 3 ? 1 : 2] })));
    expect(new Set(rows.map(({ held }) => held['a'])).size).toBe(1);
    expect(new Set(rows.map(({ held }) => held['b'])).size).toBe(2);
    expect(new Set(rows.map(({ held }) => held['z'])).size).toBe(3);
    expect(Object.isFrozen(rows[2]?.held['a'])).toBe(true);
  });

  it('are let go of when many others came', () => {
    const parts = createRepeatedParts('held', ['a']);
    const first = read(parts, canonicalJson(rowOf(0, { x: 0 }, {})));
    for (let x = 1; x <= 30; x += 1) read(parts, canonicalJson(rowOf(x, { x }, {})));
    const again = read(parts, canonicalJson(rowOf(31, { x: 0 }, {})));
    expect(again.held['a']).toEqual(first.held['a']);
    expect(again.held['a']).not.toBe(first.held['a']);
  });

  it('change nothing of what a text says, whatever stands in it', () => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 2, maxLength: 12 }), fc.boolean(), (rows, isCanonical) => {
        const parts = createRepeatedParts('held', ['a', 'b']);
        for (const one of rows) {
          const text = isCanonical ? canonicalJson(one) : JSON.stringify(one);
          expect(read(parts, text)).toEqual(JSON.parse(text));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('leave what is no JSON to the parser', () => {
    const parts = createRepeatedParts('held', ['a']);
    read(parts, '{"held":{"a":{"x":1}}}');
    for (const text of ['', '{"held":{"a":{"x":1}', '{"held":{"a":{"x":1}}},', '{"held":{"a":{"x":1}1}}']) {
      expect(() => parts.parse(text)).toThrow(SyntaxError);
    }
  });
});
