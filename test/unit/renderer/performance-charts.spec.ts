import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  deepest,
  equityScene,
  labelWidthFor,
  underwaterScene,
} from '#renderer/src/features/performance/book-scenes.ts';
import { domainOf, linearScale, niceStep, niceTicks, stepDecimals } from '#renderer/src/features/performance/scale.ts';
import type { Scene, Shape } from '#renderer/src/features/performance/scene.ts';
import { spreadLabels } from '#renderer/src/features/performance/spread-labels.ts';
import { pointDay, pointTime, timeTicks } from '#renderer/src/features/performance/time-ticks.ts';
import { momentsIn, pointsIn } from '#renderer/src/features/performance/time-range.ts';
import { columnsOf, momentsOf, nearestMoment, orderedPoints } from '#renderer/src/features/performance/timeline.ts';
import { withDepths } from '#desk/backtest/depths.ts';
import type { EquityPoint } from '#shared/domain/performance.ts';
import { epochMs, moneyFromUsd } from '#shared/units.ts';

const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 5, 15);

const point = (at: number, actual: number, model = actual, fixed = actual): EquityPoint => ({
  at: epochMs(at),
  actual: moneyFromUsd(actual),
  model: moneyFromUsd(model),
  fixed: moneyFromUsd(fixed),
});

describe('round ticks', () => {
  it('divides a span by 1, 2, 2.5 or 5 times a power of ten', () => {
    expect(niceStep(100_000, 5)).toBe(20_000);
    expect(niceStep(9, 4)).toBe(2.5);
    expect(niceStep(0, 4)).toBe(1);
    expect(niceTicks({ min: 84_120, max: 102_400 }, 5)).toEqual([85_000, 90_000, 95_000, 100_000]);
  });

  it('has no noise of floats and no negative zero', () => {
    expect(niceTicks({ min: -0.3, max: 0.3 }, 6)).toEqual([-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3]);
    expect(niceTicks({ min: -0.3, max: 0.3 }, 6).some((tick) => Object.is(tick, -0))).toBe(false);
  });

  it('stays inside any domain and within the number asked for', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
        fc.integer({ min: 1, max: 12 }),
        (min, span, most) => {
          const ticks = niceTicks({ min, max: min + span }, most);
          const slack = span * 1e-6;
          expect(ticks.length).toBeLessThanOrEqual(most + 1);
          for (const tick of ticks) {
            expect(tick).toBeGreaterThanOrEqual(min - slack);
            expect(tick).toBeLessThanOrEqual(min + span + slack);
          }
        },
      ),
    );
  });

  it('knows the decimals of a step', () => {
    expect([5, 2.5, 0.25, 0.1, 20_000].map(stepDecimals)).toEqual([0, 1, 2, 1, 0]);
  });

  it('gives a flat line a domain and maps it to the middle', () => {
    const domain = domainOf([100_000, 100_000], 0.06);
    expect(domain.max).toBeGreaterThan(domain.min);
    expect(linearScale({ min: 5, max: 5 }, 0, 10)(5)).toBe(5);
    expect(domainOf([])).toEqual({ min: 0, max: 1 });
  });
});

describe('time ticks', () => {
  it('marks months, January by its year', () => {
    const ticks = timeTicks(Date.UTC(2025, 10, 20), Date.UTC(2026, 2, 20), 5);
    expect(ticks.map(({ label }) => label)).toEqual(['Dec', '2026', 'Feb', 'Mar']);
  });

  it('puts days at midnight of the exchange, across the change of its clocks', () => {
    // New York leaves summer time on 1 November 2026: midnight moves from 04:00 to 05:00 UTC.
    const ticks = timeTicks(Date.UTC(2026, 9, 30, 12), Date.UTC(2026, 10, 3, 12), 5);
    expect(ticks.map(({ at }) => new Date(at).toISOString())).toEqual([
      '2026-10-31T04:00:00.000Z',
      '2026-11-01T04:00:00.000Z',
      '2026-11-02T05:00:00.000Z',
      '2026-11-03T05:00:00.000Z',
    ]);
    expect(ticks.map(({ label }) => label)).toEqual(['31 Oct', '1 Nov', '2 Nov', '3 Nov']);
  });

  it('marks times of a short span, midnight by its day', () => {
    const ticks = timeTicks(Date.UTC(2026, 0, 6, 2), Date.UTC(2026, 0, 6, 8), 6);
    expect(ticks.map(({ label }) => label)).toEqual(['21:00', '22:00', '23:00', '6 Jan', '01:00', '02:00', '03:00']);
  });

  it('is empty without a span', () => {
    expect(timeTicks(START, START, 5)).toEqual([]);
  });

  it('rises strictly, about as many as asked for', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4e12 }),
        fc.integer({ min: 60_000, max: 4e11 }),
        fc.integer({ min: 2, max: 12 }),
        (from, span, most) => {
          const ticks = timeTicks(from, from + span, most);
          expect(ticks.length).toBeLessThanOrEqual(most * 2 + 2);
          ticks.forEach(({ at }, i) => expect(at).toBeGreaterThan(ticks[i - 1]?.at ?? -1));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('writes a moment in exchange time', () => {
    expect(pointTime(Date.UTC(2026, 8, 1, 14, 42))).toBe('1 Sep 2026, 10:42');
    expect(pointDay(Date.UTC(2026, 8, 1, 2))).toBe('31 Aug 2026');
  });
});

describe('labels at line ends', () => {
  it('leaves labels alone that do not touch', () => {
    expect(spreadLabels([100, 10, 50], 16, { min: 0, max: 200 })).toEqual([100, 10, 50]);
  });

  it('moves touching labels apart around their middle, in their order', () => {
    expect(spreadLabels([50, 51, 52], 16, { min: 0, max: 200 })).toEqual([35, 51, 67]);
  });

  it('keeps the gap, the order and the bounds', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -50, max: 350, noNaN: true }), { minLength: 1, maxLength: 8 }),
        (wanted) => {
          const placed = spreadLabels(wanted, 16, { min: 0, max: 300 });
          const order = wanted.map((_, i) => i).sort((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0) || a - b);
          order.forEach((index, rank) => {
            const y = placed[index] ?? NaN;
            expect(y).toBeGreaterThanOrEqual(-1e-9);
            expect(y).toBeLessThanOrEqual(300 + 1e-9);
            const before = order[rank - 1];
            if (before !== undefined) expect(y - (placed[before] ?? NaN)).toBeGreaterThanOrEqual(16 - 1e-9);
          });
        },
      ),
    );
  });
});

describe('the points of the charts', () => {
  it('keeps the last point of a second and drops one that goes back', () => {
    const points = [point(1_000, 1), point(1_400, 2), point(1_900, 3), point(500, 4), point(2_000, 5)];
    expect(orderedPoints(points).map(({ at }) => at)).toEqual([1_900, 2_000]);
  });

  it('measures how far each book is below its highest equity so far', () => {
    const points = [
      point(0, 100, 100, 0),
      point(DAY, 120, 90, 0),
      point(2 * DAY, 90, 95, 0),
      point(3 * DAY, 120, -10, 0),
    ];
    const moments = momentsOf(withDepths(points));
    expect(withDepths(points).map(({ depth }) => depth.model)).toEqual([0, 0.1, 0.05, 1.1]);
    expect(moments.map(({ depth }) => depth.actual)).toEqual([0, 0, -0.25, 0]);
    expect(moments.map(({ depth }) => Number(depth.model.toFixed(4)))).toEqual([0, -0.1, -0.05, -1]);
    expect(moments.map(({ depth }) => depth.fixed)).toEqual([0, 0, 0, 0]);
    expect(deepest(columnsOf(moments), 'actual')).toBe(2);
  });

  it('starts a range with the equity that stood then, and exports only real points', () => {
    const points = withDepths([0, 20, 80, 100].map((day) => point(START + day * DAY, 100_000 + day)));
    const shown = momentsIn(momentsOf(points), '1M');
    expect(shown.map(({ at }) => (at - START) / DAY)).toEqual([70, 80, 100]);
    expect(shown[0]?.equity.actual).toBe(100_020);
    expect(pointsIn(points, '1M').map(({ at }) => (at - START) / DAY)).toEqual([80, 100]);
    expect(momentsIn(momentsOf(points), '3M')).toHaveLength(4);
    expect(momentsIn(momentsOf(points), 'all')).toHaveLength(4);
    expect(momentsIn([], '1M')).toEqual([]);
  });

  it('finds the moment nearest in time', () => {
    const moments = momentsOf(withDepths([0, 10, 20].map((day) => point(START + day * DAY, 100))));
    expect([-5, 4, 6, 14.9, 99].map((day) => nearestMoment(moments, START + day * DAY))).toEqual([0, 0, 1, 1, 2]);
    expect(nearestMoment([], 0)).toBe(-1);
  });
});

const texts = (scene: Scene) =>
  scene.shapes.filter((shape): shape is Extract<Shape, { kind: 'text' }> => shape.kind === 'text');
const line = (scene: Scene, key: string) =>
  scene.shapes.find((shape): shape is Extract<Shape, { kind: 'line' }> => shape.kind === 'line' && shape.key === key);

const sceneOf = (points: readonly EquityPoint[], draw = equityScene) => {
  const columns = columnsOf(momentsOf(withDepths(points)));
  return draw({ columns, width: 900, height: 300, hasTimes: true, labelWidth: labelWidthFor(columns) });
};

describe('the drawn charts', () => {
  const points = Array.from({ length: 90 }, (_, day) =>
    point(START + day * DAY, 100_000 + day * 10, 100_000 + day * 10.1, 100_000 + day * 9.9),
  );

  it('draws the three books in their styles and labels their ends apart', () => {
    const scene = sceneOf(points);
    expect(line(scene, 'actual')).toMatchObject({ tone: 'text', width: 2, dash: [] });
    expect(line(scene, 'model')).toMatchObject({ tone: 'accent', width: 1.75, dash: [] });
    expect(line(scene, 'fixed')).toMatchObject({ tone: 'text3', width: 1.5, dash: [5, 4] });
    const ends = texts(scene).filter(({ key }) => key.startsWith('end'));
    expect(ends.map(({ text }) => text)).toEqual(['Actual $100,890', 'Kelly $100,899', 'Fixed $100,881']);
    const ys = ends.map(({ y }) => y).sort((a, b) => a - b);
    expect((ys[1] ?? 0) - (ys[0] ?? 0)).toBeGreaterThanOrEqual(16 - 1e-9);
    expect((ys[2] ?? 0) - (ys[1] ?? 0)).toBeGreaterThanOrEqual(16 - 1e-9);
  });

  it('keeps every line inside the plot', () => {
    for (const draw of [equityScene, underwaterScene]) {
      const scene = sceneOf(points, draw);
      for (const key of ['actual', 'model', 'fixed']) {
        const pairs = [...(line(scene, key)?.d ?? '').matchAll(/[ML]([\d.-]+) ([\d.-]+)/g)];
        expect(pairs).toHaveLength(90);
        for (const [, x, y] of pairs) {
          expect(Number(x)).toBeGreaterThanOrEqual(scene.plot.left);
          expect(Number(x)).toBeLessThanOrEqual(scene.plot.right);
          expect(Number(y)).toBeGreaterThanOrEqual(scene.plot.top);
          expect(Number(y)).toBeLessThanOrEqual(scene.plot.bottom);
        }
      }
    }
  });

  it('marks the deepest point of what the trader did, and nothing where there was none', () => {
    const falling = [point(START, 100_000), point(START + DAY, 96_160), point(START + 2 * DAY, 98_000)];
    expect(texts(sceneOf(falling, underwaterScene)).find(({ key }) => key === 'deepest text')?.text).toBe(
      'max −3.84\u202f%',
    );
    expect(sceneOf(points, underwaterScene).shapes.some(({ key }) => key === 'deepest')).toBe(false);
  });

  it('thins a long history to its px and keeps its extremes', () => {
    const many = Array.from({ length: 15_000 }, (_, i) =>
      point(START + i * 60_000, 100_000 + (i === 7_777 ? -9_000 : i % 50)),
    );
    const scene = sceneOf(many, underwaterScene);
    const pairs = [...(line(scene, 'actual')?.d ?? '').matchAll(/[ML]/g)];
    expect(pairs.length).toBeLessThanOrEqual(4 * (scene.plot.right - scene.plot.left + 1));
    expect(texts(scene).some(({ text }) => text.startsWith('max −9.0'))).toBe(true);
  });
});
