import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { featureChoiceSchema, type FeatureDefinition, type FeatureSpec } from '#shared/domain/feature.ts';
import type { Bar } from '#shared/domain/market.ts';
import { epochMs, ticks } from '#shared/units.ts';
import { FEATURE_SETS, resolveFeatures } from '#desk/engine/features/catalogue.ts';
import { buildWindow, createFeatureBuilder } from '#desk/engine/features/feature-builder.ts';

const MINUTE = 60_000;
/** Thursday, 15 January 2026, 14:00 UTC: 8:00 in Chicago. */
const START = Date.UTC(2026, 0, 15, 14);

const bar = (i: number, close: number, over: Partial<Bar> = {}): Bar => ({
  symbol: 'NQH26-CME',
  timeframe: '1m',
  openAt: epochMs(START + (i - 1) * MINUTE),
  closeAt: epochMs(START + i * MINUTE),
  open: ticks(close - 2),
  high: ticks(close + 5),
  low: ticks(close - 7),
  close: ticks(close),
  volume: 100 + ((i * 37) % 91),
  ...over,
});

const walk = (closes: readonly number[]): readonly Bar[] => closes.map((close, i) => bar(i, close));

function specOf(choice: unknown): FeatureSpec {
  const resolved = resolveFeatures(featureChoiceSchema.parse(choice));
  if (!resolved.ok) throw new Error(resolved.error);
  return resolved.value;
}

const EVERY_KIND: readonly FeatureDefinition[] = [
  ...(FEATURE_SETS.get('fs-2') ?? []),
  { name: 'utcSin', kind: 'time-of-day', part: 'sin', clock: 'utc' },
  { name: 'scaled', kind: 'log-return', bars: 3, center: 0.001, scale: 0.01 },
];
const EVERY = specOf({ schema: 'mine', rows: 5, definitions: EVERY_KIND });

const closesArb = fc.array(fc.integer({ min: 20_000, max: 90_000 }), { minLength: 90, maxLength: 110 });

/** One feature of the last bar. */
function last(definition: Record<string, unknown>, bars: readonly Bar[], tickSize = 0.25): number {
  const window = buildWindow(
    bars,
    specOf({ schema: 'x', rows: 1, definitions: [{ name: 'f', ...definition }] }),
    tickSize,
  );
  if (!window.ok) throw new Error(JSON.stringify(window.error));
  return window.value.data[0] ?? Number.NaN;
}

describe('a feature', () => {
  // Expected values worked out by hand from the definitions in shared/domain/feature.ts.
  const rising = walk([100, 110, 121, 133]);
  it.each<[string, Record<string, unknown>, readonly Bar[], number]>([
    ['log return', { kind: 'log-return', bars: 2 }, rising, Math.log(133 / 110)],
    [
      'volatility',
      { kind: 'volatility', bars: 2 },
      walk([100, 110, 99]),
      Math.abs(Math.log(1.1) - Math.log(0.9)) / Math.SQRT2,
    ],
    ['rsi', { kind: 'rsi', bars: 3 }, walk([100, 103, 102, 102]), 3 / 4],
    ['rsi where nothing moved', { kind: 'rsi', bars: 3 }, walk([100, 100, 100, 100]), 0.5],
    ['atr', { kind: 'atr', bars: 2 }, walk([100, 100, 120]), (12 + 25) / 2 / 120],
    ['mean distance', { kind: 'mean-distance', bars: 4 }, rising, Math.log(133 / 116)],
    ['range position', { kind: 'range-position', bars: 2 }, walk([100, 110]), (110 - 93) / (115 - 93)],
    ['gap', { kind: 'gap' }, rising, Math.log(131 / 121)],
    ['body', { kind: 'body' }, rising, Math.log(133 / 131)],
    ['upper', { kind: 'upper' }, rising, Math.log(138 / 133)],
    ['lower', { kind: 'lower' }, rising, Math.log(126 / 133)],
    [
      'time of day in Chicago',
      { kind: 'time-of-day', part: 'sin', clock: 'chicago' },
      [bar(0, 100)],
      Math.sin((2 * Math.PI * 8) / 24),
    ],
    [
      'time of day in UTC',
      { kind: 'time-of-day', part: 'cos', clock: 'utc' },
      [bar(0, 100)],
      Math.cos((2 * Math.PI * 14) / 24),
    ],
    ['day of the week', { kind: 'day-of-week', part: 'sin' }, [bar(0, 100)], Math.sin((2 * Math.PI * 3) / 7)],
    [
      'standardised',
      { kind: 'log-return', bars: 1, center: 0.05, scale: 0.5 },
      walk([100, 110]),
      (Math.log(1.1) - 0.05) / 0.5,
    ],
  ])('%s', (_, definition, bars, expected) => {
    expect(last(definition, bars)).toBeCloseTo(expected, 12);
  });

  it('volume z-score counts in sample deviations', () => {
    const bars = [1, 3, 5].map((volume, i) => bar(i, 100, { volume }));
    expect(last({ kind: 'volume-zscore', bars: 3 }, bars)).toBeCloseTo(1, 12);
    expect(last({ kind: 'volume-zscore', bars: 2 }, [bar(0, 9, { volume: 4 }), bar(1, 9, { volume: 4 })])).toBe(0);
  });
});

describe('a window', () => {
  it('does not look ahead: bars after its last one change no bit of it', () => {
    fc.assert(
      fc.property(closesArb, closesArb, (closes, others) => {
        const past = walk(closes);
        const future = others.map((close, i) => bar(closes.length + i, close));
        const builder = createFeatureBuilder();
        const before = builder.build(past, EVERY, 0.25);
        builder.build([...past, ...future], EVERY, 0.25);
        const after = buildWindow([...past, ...future].slice(0, past.length), EVERY, 0.25);
        expect(after).toStrictEqual(before);
        // Every row of a longer window that ends later is the row it was when its own bar was the last.
        const longer = buildWindow([...past, ...future.slice(0, 2)], EVERY, 0.25);
        const width = EVERY_KIND.length;
        if (!before.ok || !longer.ok) throw new Error('no window');
        expect(longer.value.data.slice(0, 3 * width)).toStrictEqual(before.value.data.slice(2 * width));
      }),
      { numRuns: 60 },
    );
  });

  it('is the same bit for bit built bar by bar or at once, also when a bar is corrected', () => {
    fc.assert(
      fc.property(closesArb, fc.nat({ max: 20 }), (closes, steps) => {
        const bars = walk(closes);
        const builder = createFeatureBuilder();
        for (let end = bars.length - steps; end <= bars.length; end += 1) {
          const held = bars.slice(0, end);
          expect(builder.build(held, EVERY, 0.25)).toStrictEqual(buildWindow(held, EVERY, 0.25));
        }
        const corrected = bars.map((b, i) => (i === bars.length - 3 ? { ...b, close: ticks(b.close + 1) } : b));
        expect(builder.build(corrected, EVERY, 0.25)).toStrictEqual(buildWindow(corrected, EVERY, 0.25));
        expect(builder.build(corrected, EVERY, 0.5)).toStrictEqual(buildWindow(corrected, EVERY, 0.5));
      }),
      { numRuns: 60 },
    );
  });

  it('says how much history is missing instead of padding it', () => {
    const bars = walk(Array.from({ length: 24 }, (_, i) => 100 + i));
    expect(buildWindow(bars, specOf({ schema: 'fs-1', rows: 5 }), 1)).toEqual({
      ok: false,
      error: { code: 'too-few-bars', needed: 25, got: 24 },
    });
  });

  it('refuses bars that have no price', () => {
    const bars = walk(Array.from({ length: 30 }, (_, i) => (i === 20 ? 3 : 100)));
    const window = buildWindow(bars, specOf({ schema: 'fs-1', rows: 5 }), 1);
    expect(window).toMatchObject({ ok: false, error: { code: 'bad-bars' } });
  });
});

describe('a choice of features', () => {
  it.each<[Record<string, unknown>, RegExp]>([
    [{ schema: 'fs-9', rows: 5 }, /does not know the feature schema "fs-9": choose fs-1, fs-2/],
    [{ schema: 'fs-1', names: ['ret1', 'rte5'], rows: 5 }, /"fs-1" has no feature "rte5": it has ret1, ret5/],
    [{ schema: 'fs-1', names: ['ret1', 'ret1'], rows: 5 }, /"ret1" is named twice/],
    [{ schema: 'fs-1', definitions: EVERY_KIND, rows: 5 }, /name yours otherwise/],
    [{ schema: 'me', definitions: [EVERY_KIND[0], EVERY_KIND[0]], rows: 5 }, /defined twice/],
  ])('%j is refused with what there is', (choice, words) => {
    const resolved = resolveFeatures(featureChoiceSchema.parse(choice));
    expect(resolved.ok ? null : resolved.error).toMatch(words);
  });

  it('keeps the order it names', () => {
    expect(specOf({ schema: 'fs-1', names: ['atr14', 'ret1'], rows: 2 }).features.map((f) => f.name)).toEqual([
      'atr14',
      'ret1',
    ]);
  });
});
