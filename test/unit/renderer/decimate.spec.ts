import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { equityScene, labelWidthFor, underwaterScene } from '#renderer/src/features/performance/book-scenes.ts';
import { columnStarts, decimate } from '#renderer/src/features/performance/decimate.ts';
import { pyramidOf } from '#renderer/src/features/performance/pyramid.ts';
import { linearScale } from '#renderer/src/features/performance/scale.ts';
import { stretchOf } from '#renderer/src/features/performance/stretch.ts';
import { momentsIn, startOf } from '#renderer/src/features/performance/time-range.ts';
import { columnsOf } from '#renderer/src/features/performance/timeline.ts';

const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 1);

/** Values with many equals among them, so that the first of equals is asked for; as many as whole blocks and parts of them. */
const column = fc
  .tuple(fc.integer({ min: 1, max: 700 }), fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 7, maxLength: 60 }))
  .map(([length, pattern]) =>
    Array.from({ length }, (_, i) => (pattern[i % pattern.length] ?? 0) + (i % 13 === 5 ? 1 : 0)),
  );

/** Indices that stay, by reading every point: what the pyramid has to find. */
function scanned(values: readonly number[], pxs: readonly number[]): readonly number[] {
  const kept = new Set<number>();
  for (const px of new Set(pxs)) {
    const of = values.map((value, i) => ({ value, i })).filter(({ i }) => pxs[i] === px);
    const least = Math.min(...of.map(({ value }) => value));
    const most = Math.max(...of.map(({ value }) => value));
    const found = [of[0], of.find(({ value }) => value === least), of.find(({ value }) => value === most), of.at(-1)];
    for (const point of found) if (point !== undefined) kept.add(point.i);
  }
  return [...kept].sort((a, b) => a - b);
}

describe('a pyramid over a column', () => {
  it('finds the lowest and the highest of any stretch, of equals the first, as reading all of it does', () => {
    fc.assert(
      fc.property(column, fc.nat(), fc.nat(), (values, a, b) => {
        const [first, last] = [a % values.length, b % values.length].sort((x, y) => x - y) as [number, number];
        const part = values.slice(first, last + 1);
        expect(pyramidOf(values)(first, last + 1)).toEqual({
          low: first + part.indexOf(Math.min(...part)),
          high: first + part.indexOf(Math.max(...part)),
        });
      }),
      { numRuns: 400 },
    );
  });

  it('is built once for a column', () => {
    const values = Float64Array.from([3, 1, 2]);
    expect(pyramidOf(values)).toBe(pyramidOf(values));
    expect(pyramidOf(values)).not.toBe(pyramidOf(values.slice()));
  });
});

describe('thinning a line', () => {
  it('keeps first, lowest, highest and last of every column', () => {
    expect(decimate(pyramidOf([5, 1, 9, 4, 6, 2, 3]), [0, 5, 7])).toEqual([0, 1, 2, 4, 5, 6]);
    expect(decimate(pyramidOf([]), [0])).toEqual([]);
    expect(decimate(pyramidOf([3, 3, 3]), [0, 3])).toEqual([0, 2]);
  });

  it('keeps of any stretch what reading every point of it keeps', () => {
    fc.assert(
      fc.property(
        column,
        fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 30 }),
        (values, steps) => {
          let at = 0;
          const times = values.map((_, i) => (at += steps[i % steps.length] ?? 1));
          const first = Math.floor(values.length / 3);
          const stretch = { first, end: values.length, span: { min: times[first] ?? 0, max: at } };
          const x = linearScale(stretch.span, 12, 40);
          const starts = columnStarts(times, stretch, x);
          const kept = decimate(pyramidOf(values), starts);
          const pxs = times.slice(first).map((time) => Math.floor(x(time)));
          expect(kept).toEqual(scanned(values.slice(first), pxs).map((i) => first + i));
          expect(kept.length).toBeLessThanOrEqual(4 * new Set(pxs).size);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('draws a million moments as at most four points a px, with their extremes', () => {
    const book = (values: ArrayLike<number>) => ({ actual: values, model: values, fixed: values });
    const equity = (_: unknown, i: number): number =>
      100_000 + 5_000 * Math.sin(i / 9_000) + (i === 654_321 ? 9_000 : 0);
    const length = 1_000_000;
    const at = Float64Array.from({ length }, (_, i) => START + i * 1_000);
    const columns = { at, equity: book(Float64Array.from({ length }, equity)), depth: book([]) };
    const scene = equityScene({ columns, width: 1_200, height: 400, hasTimes: true, labelWidth: 120 });
    const line = scene.shapes.find(({ key }) => key === 'actual');
    if (line?.kind !== 'line') throw new Error('the line is not drawn');
    const points = line.d.slice(1).split('L');
    expect(points.length).toBeLessThanOrEqual(4 * 1_200);
    const ys = points.map((point) => Number(point.split(' ')[1]));
    // The highest moment is one of a million: it is drawn, and alone there.
    expect(ys.filter((y) => y === Math.min(...ys))).toHaveLength(1);
    expect(Math.min(...ys)).toBeGreaterThanOrEqual(scene.plot.top);
    expect(Math.max(...ys)).toBeLessThanOrEqual(scene.plot.bottom);
  });

  it('leaves a thinned line its dashes unless it only goes up and down', () => {
    const dashes = (swing: number): readonly number[] => {
      const of = (value: number) => ({ actual: value, model: value, fixed: value });
      const moments = Array.from({ length: 6_000 }, (_, i) => ({
        ...{ at: START + i * DAY, depth: of(0) },
        equity: of(100_000 + (i === 0 ? 1_000 : 0) + (i % 2) * swing),
      }));
      const scene = equityScene({
        columns: columnsOf(moments),
        width: 900,
        height: 300,
        hasTimes: true,
        labelWidth: 90,
      });
      const fixed = scene.shapes.find(({ key }) => key === 'fixed');
      return fixed?.kind === 'line' ? fixed.dash : [];
    };
    expect(dashes(1)).toEqual([5, 4]);
    expect(dashes(1_000)).toEqual([]);
  });
});

describe('a stretch of the moments', () => {
  const at = [10, 20, 30, 40];

  it('is all of them, or those between two times and the one before, at the left edge', () => {
    expect(stretchOf(at)).toEqual({ first: 0, end: 4, span: { min: 10, max: 40 } });
    expect(stretchOf(at, { min: 20, max: 35 })).toEqual({ first: 1, end: 3, span: { min: 20, max: 30 } });
    expect(stretchOf(at, { min: 25, max: 99 })).toEqual({ first: 1, end: 4, span: { min: 25, max: 40 } });
    expect(stretchOf(at, { min: -5, max: 10 })).toEqual({ first: 0, end: 1, span: { min: 10, max: 10 } });
  });

  it('is drawn as the moments of that range are', () => {
    const of = (value: number) => ({ actual: value, model: value * 1.01, fixed: value * 0.98 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 80 }), fc.integer({ min: -9, max: 9 })), {
          minLength: 2,
          maxLength: 90,
        }),
        fc.constantFrom('1M', '3M', 'all'),
        (steps, range) => {
          let [time, equity] = [START, 100_000];
          const all = steps.map(([hours, gain]) => ({
            at: (time += (hours * DAY) / 24),
            equity: of((equity += gain * 100)),
            depth: of(-Math.abs(gain) / 100),
          }));
          const size = { width: 900, height: 300, hasTimes: true };
          const ranged = columnsOf(momentsIn(all, range));
          const [columns, span] = [columnsOf(all), { min: startOf(time, range), max: time }];
          for (const draw of [equityScene, underwaterScene]) {
            expect(draw({ columns, span, ...size, labelWidth: labelWidthFor(columns, span) })).toEqual(
              draw({ columns: ranged, ...size, labelWidth: labelWidthFor(ranged) }),
            );
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
