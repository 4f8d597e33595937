import fc from 'fast-check';
import { expect, test } from 'vitest';

import { measureBook, measureJoined } from '#desk/engine/book-exposure.ts';
import type { Book } from '#desk/engine/book-exposure.ts';
import { correlatedExposure } from '#desk/engine/exposure.ts';
import { memberRisk, relationsOf } from '#desk/engine/members.ts';
import type { Correlations } from '#shared/domain/sizing.ts';
import { freezeWhole } from '#shared/frozen.ts';
import type { Direction } from '#shared/units.ts';

const share = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 0.1, noNaN: true }));
const rho = fc.double({ min: -1, max: 1, noNaN: true });

type Side = { readonly root: string; readonly direction: Direction };

function bookOf(sides: readonly Side[], correlations: Correlations): Book {
  const relations = relationsOf(correlations, 0.5);
  const members = sides.map(({ root, direction }) =>
    memberRisk({ symbol: `${root}Z26`, root, direction }, relations, 0),
  );
  return { members, relations };
}

/** Up to a dozen markets on either side, some without risk, and any correlations of them. */
const books = fc
  .array(fc.record({ share, direction: fc.constantFrom<Direction[]>(1, -1), row: fc.array(rho, { minLength: 12 }) }), {
    maxLength: 12,
  })
  .map((rows) => {
    const rhoOf = (i: number, j: number): number => (i === j ? 1 : (rows[Math.max(i, j)]?.row[Math.min(i, j)] ?? 0));
    const matrix = rows.map((_, i) => rows.map((__, j) => rhoOf(i, j)));
    const correlations = { roots: rows.map((_, i) => `R${i}`), rho: matrix };
    const sides = rows.map(({ direction }, i): Side => ({ root: `R${i}`, direction }));
    const book = bookOf(sides, correlations);
    return { rows, matrix, correlations, sides, book, shares: Float64Array.from(rows, (row) => row.share) };
  });

const stateOf = ({ book, shares }: { readonly book: Book; readonly shares: Float64Array }) => measureBook(shares, book);

test('a book is measured as its matrix is, to the last bit', () => {
  fc.assert(
    fc.property(books, (one) => {
      const positions = one.rows.map(({ direction, share: risk }) => ({ direction, risk }));
      const whole = correlatedExposure(positions, one.matrix, 0.5);
      if (!whole.ok) throw new Error(whole.error.field);
      const { heat, hasPartner, clusterMax } = whole.value;
      const cluster = hasPartner.includes(true) ? clusterMax : null;
      expect(stateOf(one)).toEqual({ heat, cluster });
    }),
    { numRuns: 400 },
  );
});

test('what was measured before changes nothing: another book, a larger one, other risks in the same', () => {
  fc.assert(
    fc.property(books, books, (one, other) => {
      const alone = stateOf(one);
      stateOf({ ...one, shares: one.shares.map((x) => x / 2) });
      expect(stateOf(one)).toEqual(alone);
      stateOf(other);
      expect(stateOf(one)).toEqual(alone);
    }),
    { numRuns: 200 },
  );
});

test('a book that is joined is measured as one that has the member, wherever it stands', () => {
  fc.assert(
    fc.property(books, fc.boolean(), fc.array(fc.nat(11), { maxLength: 4 }), (one, isStanding, places) => {
      const { relations } = bookOf(one.sides, isStanding ? freezeWhole(one.correlations) : one.correlations);
      const members = one.book.members.map((member) => memberRisk(member, relations, 0));
      for (const place of places.filter((each) => each < members.length)) {
        const [member] = members.slice(place);
        if (member === undefined) continue;
        const whole = { book: { members: members.toSpliced(place, 1), relations }, member, place };
        const without = one.shares.map((x, i) => (i === place ? 0 : x));
        const expected = [one.shares, without].map((shares) => measureBook(shares, { members, relations }));
        expect([one.shares, without].map((shares) => measureJoined(shares, whole))).toEqual(expected);
        // The same book joined by another, and measured by itself.
        const alone = one.shares.filter((_, i) => i !== place);
        expect(measureJoined(one.shares, { ...whole })).toEqual(expected[0]);
        expect(measureBook(alone, whole.book)).toEqual(measureBook(alone, { ...whole.book }));
      }
    }),
    { numRuns: 400 },
  );
});

test('pairs of a table that stands are looked up once, whichever side their markets are on', () => {
  const mirrored = ({ root, direction }: Side): Side => ({ root, direction: direction === 1 ? -1 : 1 });
  fc.assert(
    fc.property(books, fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }), (one, turned) => {
      const standing = freezeWhole(structuredClone(one.correlations));
      const sides = one.sides.map((side, i) => (turned[i] === true ? mirrored(side) : side));
      const some = sides.filter((_, i) => i % 3 > 0);
      for (const list of [some, one.sides, sides, some.toReversed()]) {
        const shares = Float64Array.from(list, ({ root }) => one.shares[Number(root.slice(1))] ?? NaN);
        const expected = measureBook(shares, bookOf(list, one.correlations));
        expect(measureBook(shares, bookOf(list, standing))).toEqual(expected);
      }
    }),
    { numRuns: 300 },
  );
});

test('refuses a risk or a correlation that is no number: a size must never be made of it', () => {
  const correlations = { roots: ['A', 'B'], rho: [[1, NaN], [NaN, 1]] }; // prettier-ignore
  const sides = correlations.roots.map((root): Side => ({ root, direction: 1 }));
  for (const known of [correlations, freezeWhole(structuredClone(correlations))]) {
    const book = bookOf(sides, known);
    expect(() => measureBook(Float64Array.of(0.1, NaN), book)).toThrow('risk NaN');
    expect(() => measureBook(Float64Array.of(0.1, 0.1), book)).toThrow('rho NaN');
    expect(() => measureBook(Float64Array.of(0.1, 0.1), bookOf(sides, known))).toThrow('rho NaN');
  }
});

test('a book that was refused halfway leaves nothing behind for the one measured before it', () => {
  const roots = ['A', 'B', 'C'];
  const sides = roots.map((root): Side => ({ root, direction: 1 }));
  const first = bookOf(sides, { roots, rho: [[1, 0.6, 0], [0.6, 1, 0], [0, 0, 1]] }); // prettier-ignore
  const refused = bookOf(sides, { roots, rho: [[1, 0.9, 0.9], [0.9, 1, NaN], [0.9, NaN, 1]] }); // prettier-ignore
  const shares = Float64Array.of(0.1, 0.1, 0.1);
  const alone = measureBook(shares, first);
  expect(() => measureBook(shares, refused)).toThrow('rho NaN');
  expect(measureBook(shares, first)).toEqual(alone);
});
