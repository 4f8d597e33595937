import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Bar } from '#shared/domain/market.ts';
import { ticks } from '#shared/units.ts';
import { resolveFeatures } from '#desk/engine/features/catalogue.ts';
import { buildWindow } from '#desk/engine/features/feature-builder.ts';
import { casesOf, type Case, type CaseSpec } from '#desk/engine/learning/cases.ts';
import { continuousInstrument } from '#desk/profiles/instruments.ts';
import { dailyBars } from '#test/support/daily-bars.ts';

/**
 * What a model learns from, and what it is asked, must not know the future: every bar after some day is made another,
 * and everything that was settled by that day stays as it was, bit for bit.
 */
const mes = continuousInstrument('MES');
const features = resolveFeatures({ schema: 'fs-2', rows: 8 });
if (mes === null || !features.ok) throw new Error('MES and fs-2 are known');
const spec: CaseSpec = { ...features.value, embargoBars: 4 };
const label = { planning: { stopAtr: 1, targetAtr: 1.5, minStopTicks: 4 }, horizonBars: 10, instrument: mes };
const cases = (bars: readonly Bar[]): readonly Case[] => casesOf({ bars, tickSize: 0.25, label }, spec);

const BARS = dailyBars(220, { seed: 9 });

const perturbed = (bars: readonly Bar[], from: number, by: number): readonly Bar[] =>
  bars.map((bar, i) =>
    i < from
      ? bar
      : { ...bar, high: ticks(bar.high + 2 * by), low: ticks(bar.low - by), close: ticks(bar.close + by), volume: by },
  );

describe('cases to learn from', () => {
  const whole = cases(BARS);

  it('are bit-identical up to the day from which every bar is another', () => {
    fc.assert(
      fc.property(fc.integer({ min: 90, max: 219 }), fc.integer({ min: 1, max: 900 }), (from, by) => {
        const boundary = BARS[from]?.openAt ?? 0;
        const settled = (list: readonly Case[]) => list.filter((one) => one.settledAt <= boundary);
        const changed = cases(perturbed(BARS, from, by));
        expect(settled(changed)).toEqual(settled(whole));
        // What is asked is known sooner than what became of it: every feature of the very last bar as well.
        const windows = new Map(whole.map(({ asOf, rows }) => [asOf, rows]));
        const asked = changed.filter(({ asOf }) => asOf <= boundary);
        expect(asked.at(-1)?.asOf).toBeGreaterThan(boundary - 30 * 86_400_000);
        for (const { asOf, rows } of asked) expect(rows).toEqual(windows.get(asOf) ?? rows);
      }),
      { numRuns: 25 },
    );
  });

  it('have windows of the desk’s own features, whatever comes after', () => {
    for (const one of whole.filter((_, i) => i % 13 === 0)) {
      const at = BARS.findIndex((bar) => bar.closeAt === one.asOf);
      const window = buildWindow(BARS.slice(0, at + 1), features.value, 0.25);
      expect(window.ok && window.value.data).toEqual(one.rows.flat());
    }
  });

  it('depend on the bars after them in their label: the perturbation does reach what it should', () => {
    const changed = cases(perturbed(BARS, 150, 800));
    const outcomes = (list: readonly Case[]) => list.map(({ outcome }) => outcome).join();
    expect(outcomes(changed)).not.toBe(outcomes(whole));
  });

  it('end their life where the bars say, and not before the bar after', () => {
    for (const one of whole) {
      expect(one.settledAt).toBeGreaterThan(one.asOf);
      if (one.clearAt !== null) expect(one.clearAt - one.settledAt).toBe(4 * 86_400_000);
    }
  });
});
