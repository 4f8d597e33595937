import { describe, expect, it } from 'vitest';
import { soakDesk } from '#test/soak/desk-soak.ts';
import { slopeOf } from '#test/soak/slope.ts';

describe('the slope of a soak', () => {
  it('is that of a line, whatever lies around it evenly, and nothing under three points', () => {
    expect(slopeOf([0, 1, 2, 3].map((x) => [x, 5 + 2 * x] as const))).toBeCloseTo(2, 12);
    expect(slopeOf([0, 1, 2, 3].map((x) => [x, 7] as const))).toBe(0);
    expect(
      slopeOf([
        [0, 1],
        [1, 2],
      ]),
    ).toBeNull();
  });
});

describe('a short soak of the desk', () => {
  it('sizes, trades, keeps its files to itself and its journal in order', async () => {
    const found = await soakDesk({ hours: 1, symbols: 4, seed: 3 });
    expect(found).toMatchObject({ ticks: 14_400, bars: 240, journalFault: null, heapSlopeMbPerHour: null });
    expect(found.decisions).toBeGreaterThan(40);
    expect(found.events).toBeGreaterThan(found.decisions);
    expect(found.maxWalMb).toBeLessThanOrEqual(64);
    expect(found.hours.map(({ hour }) => hour)).toEqual([1]);
  });
});
