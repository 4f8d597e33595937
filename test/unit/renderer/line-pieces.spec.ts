import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { piecesOf } from '#renderer/src/features/performance/line-pieces.ts';
import { pathOf } from '#renderer/src/features/performance/scene.ts';

type Point = readonly [x: number, y: number];

const pointsOf = (d: string): readonly Point[] =>
  [...d.matchAll(/[ML]([\d.-]+) ([\d.-]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);

const lineOf = (points: readonly Point[]): string =>
  pathOf(
    points.map(([x]) => x),
    points.map(([, y]) => y),
  );

const zigzag = (count: number): string =>
  lineOf(Array.from({ length: count }, (_, i): Point => [i / 4, (i * 37) % 101]));

describe('a line in pieces', () => {
  it('leaves a short line, an area and a line with gaps as they are', () => {
    for (const d of [zigzag(2), zigzag(200), `${zigzag(900)}L0 9Z`, zigzag(300) + zigzag(300), '']) {
      expect(piecesOf(d, true)).toEqual([{ d, from: 0 }]);
    }
  });

  it('draws every stretch and every corner of a long line, and nothing else', () => {
    fc.assert(
      fc.property(fc.integer({ min: 256, max: 1_500 }), (count) => {
        const d = zigzag(count);
        const pieces = piecesOf(d, false).map((piece) => pointsOf(piece.d));
        expect(pieces.length).toBeGreaterThan(1);
        const named = (points: readonly Point[]): string => points.map(String).join(' ');
        const of = (all: readonly Point[], size: number): readonly string[] =>
          all.slice(0, 1 - size).map((_, i) => named(all.slice(i, i + size)));
        for (const size of [2, 3]) {
          const drawn = new Set(pieces.flatMap((points) => (points.length < size ? [] : of(points, size))));
          expect(drawn).toEqual(new Set(of(pointsOf(d), size)));
        }
      }),
      { numRuns: 30 },
    );
  });

  it('lets the dashes of a piece go on where they were', () => {
    const d = zigzag(700);
    const all = pointsOf(d);
    for (const piece of piecesOf(d, true)) {
      const begins = all.findIndex((point) => String(point) === String(pointsOf(piece.d)[0]));
      let length = 0;
      all.slice(0, begins).forEach(([x, y], i) => {
        const [toX, toY] = all[i + 1] ?? [x, y];
        length += Math.hypot(toX - x, toY - y);
      });
      expect(piece.from).toBeCloseTo(length, 6);
    }
  });
});
