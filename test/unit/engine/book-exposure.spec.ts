import fc from 'fast-check';
import { expect, test } from 'vitest';

import { measureBook } from '#desk/engine/book-exposure.ts';
import type { Book } from '#desk/engine/book-exposure.ts';
import { correlatedExposure } from '#desk/engine/exposure.ts';
import { memberRisk } from '#desk/engine/members.ts';
import type { Direction } from '#shared/units.ts';

const share = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 0.1, noNaN: true }));
const rho = fc.double({ min: -1, max: 1, noNaN: true });

/** Up to a dozen markets on either side, some without risk, and any correlations of them. */
const books = fc
  .array(fc.record({ share, direction: fc.constantFrom<Direction[]>(1, -1), row: fc.array(rho, { minLength: 12 }) }), {
    maxLength: 12,
  })
  .map((rows) => {
    const rhoOf = (i: number, j: number): number => (i === j ? 1 : (rows[Math.max(i, j)]?.row[Math.min(i, j)] ?? 0));
    const matrix = rows.map((_, i) => rows.map((__, j) => rhoOf(i, j)));
    const correlations = { roots: rows.map((_, i) => `R${i}`), rho: matrix };
    const members = rows.map(({ direction }, i) =>
      memberRisk({ symbol: `R${i}Z26`, root: `R${i}`, direction }, correlations, 0),
    );
    const book: Book = { members, relations: { rho: matrix, rhoMin: 0.5 } };
    return { rows, matrix, book, shares: Float64Array.from(rows, (row) => row.share) };
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

test('refuses a risk or a correlation that is no number: a size must never be made of it', () => {
  const correlations = { roots: ['A', 'B'], rho: [[1, NaN], [NaN, 1]] }; // prettier-ignore
  const members = correlations.roots.map((root) => memberRisk({ symbol: root, root, direction: 1 }, correlations, 1));
  const relations = { rho: correlations.rho, rhoMin: 0.5 };
  expect(() => measureBook(Float64Array.of(0.1, NaN), { members, relations })).toThrow('risk NaN');
  expect(() => measureBook(Float64Array.of(0.1, 0.1), { members, relations })).toThrow('rho NaN');
});

test('a book that was refused halfway leaves nothing behind for the one measured before it', () => {
  const roots = ['A', 'B', 'C'];
  const bookOf = (rho: readonly (readonly number[])[]): Book => ({
    members: roots.map((root) =>
      memberRisk({ symbol: root, root, direction: 1 }, { roots, rho: rho.map((row) => [...row]) }, 1),
    ),
    relations: { rho, rhoMin: 0.5 },
  });
  const first = bookOf([[1, 0.6, 0], [0.6, 1, 0], [0, 0, 1]]); // prettier-ignore
  const refused = bookOf([[1, 0.9, 0.9], [0.9, 1, NaN], [0.9, NaN, 1]]); // prettier-ignore
  const shares = Float64Array.of(0.1, 0.1, 0.1);
  const alone = measureBook(shares, first);
  expect(() => measureBook(shares, refused)).toThrow('rho NaN');
  expect(measureBook(shares, first)).toEqual(alone);
});
