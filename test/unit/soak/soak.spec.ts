import { describe, expect, it } from 'vitest';
import { soakDesk } from '#test/soak/desk-soak.ts';
import { soakWithFaults } from '#test/soak/fault-soak.ts';
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
    const found = await soakDesk({ hours: 0.5, symbols: 4, seed: 3 });
    expect(found).toMatchObject({ ticks: 7_200, bars: 120, journalFault: null, heapSlopeMbPerHour: null });
    expect(found.decisions).toBeGreaterThan(40);
    expect(found.events).toBeGreaterThan(found.decisions);
    // It trades: a soak in which nothing happens finds nothing.
    expect(found.trades).toBeGreaterThan(2);
    expect(found.deeds.approved).toBeGreaterThan(4);
    expect(found.told).toBeGreaterThan(found.ticks);
    expect(found.maxWalMb).toBeLessThanOrEqual(64);
    expect(found.hours.map(({ hour }) => hour)).toEqual([0.5]);
  });
});

describe('a soak whose memory is not measured', () => {
  it('lives the same hours as one whose venue has a thread of its own', async () => {
    const options = { hours: 0.25, symbols: 12, seed: 7 };
    const apart = await soakDesk(options);
    const here = await soakDesk({ ...options, isMeasured: false });
    expect(here.fills).toBeGreaterThan(2);
    expect(here.headHash).toMatch(/^[0-9a-f]{64}$/);
    expect(here).toMatchObject({
      headHash: apart.headHash,
      events: apart.events,
      told: apart.told,
      deeds: apart.deeds,
    });
  });
});

describe('a short soak of a desk whose connections break', () => {
  it('loses nothing, does nothing twice, and knows how long each of them was up', async () => {
    const found = await soakWithFaults({ hours: 0.25, symbols: 12, seed: 5 });
    expect(found).toMatchObject({ unhandled: [], faults: [], journalFault: null, ticks: (900 + 300) * 12 });
    expect(found.answers.ok).toBeGreaterThan(100);
    expect(found.answers.failed).toBeGreaterThan(0);
    expect(found.executions).toBeGreaterThan(0);
    expect(found.uptimes.map(({ id }) => id)).toEqual([
      ...['model:lstm', 'model:ensemble', 'market:0', 'market:1', 'broker:paper'],
    ]);
    expect(found.uptimes.some(({ outages }) => outages > 0)).toBe(true);
    expect(found.uptimes.some(({ truth }) => truth !== null && truth < 1)).toBe(true);
    for (const { reported, truth } of found.uptimes) expect(reported).toBeCloseTo(truth ?? -1, 9);
  });
});
