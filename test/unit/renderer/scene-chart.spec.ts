import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linesIn } from '#renderer/src/features/backtest/policy-scenes.ts';
import { POINTED_STYLE } from '#renderer/src/features/backtest/line-styles.ts';
import { binReading, binX, histogramScene } from '#renderer/src/features/performance/histogram-scene.ts';
import { evenly, nearestPoint } from '#renderer/src/features/performance/scene-reader.ts';
import type { RBin } from '#shared/domain/performance-history.ts';
import { epochMs, moneyFromUsd } from '#shared/units.ts';

const PLOT = { left: 10, right: 110, top: 5, bottom: 55 };
const BINS: readonly RBin[] = [
  { from: null, to: -2, count: 1 },
  ...Array.from({ length: 16 }, (_, i) => ({ from: -2 + i / 4, to: -1.75 + i / 4, count: i % 5 })),
  { from: 2, to: null, count: 3 },
];

describe('reading a chart at a point', () => {
  it('is the nearest one, and none beside the plot or without points', () => {
    const reader = { last: 4, x: evenly(4) };
    expect(nearestPoint(reader, PLOT, { x: 47, y: 0 })).toBe(1);
    expect(nearestPoint(reader, PLOT, { x: 48, y: 0 })).toBe(2);
    expect(nearestPoint(reader, PLOT, { x: 9, y: 0 })).toBeNull();
    expect(nearestPoint({ last: -1, x: evenly(0) }, PLOT, { x: 50, y: 0 })).toBeNull();
  });

  it('goes by both ways where points stand above each other', () => {
    const cells = { last: 3, x: (i: number) => (i % 2 === 0 ? 30 : 90), y: (i: number) => (i < 2 ? 10 : 50) };
    expect(nearestPoint(cells, PLOT, { x: 80, y: 44 })).toBe(3);
    expect(nearestPoint(cells, PLOT, { x: 80, y: 20 })).toBe(1);
  });

  it('comes back to every bar of the distribution of R from where it is drawn', () => {
    const reader = { last: BINS.length - 1, x: (i: number) => binX(BINS, i, PLOT) };
    BINS.forEach((_, i) => expect(nearestPoint(reader, PLOT, { x: reader.x(i), y: 0 })).toBe(i));
    const shares = BINS.map((_, i) => binReading(BINS, i).figures[0]?.[1]);
    expect(shares).toEqual(BINS.map(({ count }) => String(count)));
  });
});

describe('the distribution of R', () => {
  it('draws every bar and its hatching inside the plot, whatever the size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 120, max: 900 }), fc.integer({ min: 60, max: 500 }), (width, height) => {
        const { shapes, plot } = histogramScene({ bins: BINS, mean: 0.1, size: { width, height } });
        for (const shape of shapes) {
          if (shape.kind !== 'line' || !shape.key.endsWith('hatch')) continue;
          for (const [, x, y] of shape.d.matchAll(/[ML]([\d.-]+) ([\d.-]+)/g)) {
            expect(Number(x)).toBeGreaterThanOrEqual(plot.left - 0.01);
            expect(Number(x)).toBeLessThanOrEqual(plot.right + 0.01);
            expect(Number(y)).toBeGreaterThanOrEqual(plot.top - 0.01);
            expect(Number(y)).toBeLessThanOrEqual(plot.bottom + 0.01);
          }
        }
        const solid = shapes.filter((shape) => shape.kind === 'line' && shape.tone === 'gain');
        expect(solid).toHaveLength(BINS.filter(({ from, count }) => from !== null && from >= 0 && count > 0).length);
      }),
      { numRuns: 40 },
    );
  });
});

describe('a stretch of a backtest', () => {
  const DAY = 86_400_000;
  const line = {
    ...{ key: 'kelly', label: 'Kelly', style: POINTED_STYLE },
    series: {
      key: 'kelly' as const,
      total: 4,
      at: [0, 40, 95, 100].map((day) => epochMs(day * DAY)),
      equity: [100, 110, 105, 120].map(moneyFromUsd),
      drawdown: [0, 0, 0.05, 0],
    },
  };

  it('begins with what the line had then, and ends with its last point', () => {
    const [shown] = linesIn([line], '1M');
    expect(shown?.series.at).toEqual([70 * DAY, 95 * DAY, 100 * DAY]);
    expect(shown?.series.equity).toEqual([110, 105, 120].map(moneyFromUsd));
    expect(shown?.series.drawdown).toEqual([0, 0.05, 0]);
  });
});
