import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { epochMs } from '#shared/units.ts';
import { MIN_PART, walkForwardFolds, type Fold, type Timed } from '#desk/engine/learning/splits.ts';
import { generator } from '#test/support/random.ts';

const DAY = 86_400_000;

/** Cases a day apart whose labels live so many days, with an embargo after each. */
const timed = (lives: readonly number[], embargo: number): readonly Timed[] =>
  lives.map((life, i) => ({
    asOf: epochMs(i * DAY),
    settledAt: epochMs((i + life) * DAY),
    clearAt: i + life + embargo < lives.length + 40 ? epochMs((i + life + embargo) * DAY) : null,
  }));

const spec = { folds: 3, stopShare: 0.12, calibrateShare: 0.2 };

/** Every earlier part of a fold with the one that follows it. */
const borders = ({ train, stop, calibrate, test }: Fold) =>
  [
    [train, stop],
    [stop, calibrate],
    [calibrate, test],
  ] as const;

describe('a walk forward', () => {
  it('keeps every label of an earlier part, with its embargo, out of the time of a later one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), fc.integer({ min: 0, max: 20 }), (seed, embargo) => {
        const random = generator(seed);
        const lives = Array.from({ length: 900 + Math.floor(400 * random()) }, () => 1 + Math.floor(30 * random()));
        const cases = timed(lives, embargo);
        const folds = walkForwardFolds(cases, { ...spec, stopShare: 0.2, testFrom: epochMs(700 * DAY) });
        if (!folds.ok) throw new Error(folds.error.part);
        for (const fold of folds.value) {
          for (const [earlier, later] of borders(fold).filter(([, next]) => next.length > 0)) {
            const begins = Math.min(...later.map((i) => cases[i]?.asOf ?? 0));
            for (const i of earlier) expect(cases[i]?.clearAt).toBeLessThanOrEqual(begins);
          }
          if (fold.test.length > 0) expect(cases[fold.test[0] ?? 0]?.asOf).toBe(fold.from);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('judges every case from the first judged day once, in order', () => {
    const cases = timed(new Array<number>(1_000).fill(5), 3);
    const folds = walkForwardFolds(cases, { ...spec, testFrom: epochMs(640 * DAY) });
    expect(folds.ok && folds.value.flatMap(({ test }) => test)).toEqual(Array.from({ length: 360 }, (_, i) => 640 + i));
  });

  it('learns from more at every step, and in the end from everything', () => {
    const cases = timed(new Array<number>(1_000).fill(5), 3);
    const folds = walkForwardFolds(cases, { ...spec, testFrom: epochMs(640 * DAY) });
    if (!folds.ok) throw new Error(folds.error.part);
    const sizes = folds.value.map(({ train }) => train.length);
    expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
    const last = folds.value.at(-1);
    expect(last?.test).toEqual([]);
    expect(last?.calibrate.at(-1)).toBe(999);
    expect(last?.from).toBe(1_004 * DAY);
  });

  it('never tears cases of one time apart', () => {
    const cases = timed(new Array<number>(600).fill(4), 2).flatMap((one) => [one, one, one]);
    const folds = walkForwardFolds(cases, { ...spec, folds: 4, testFrom: epochMs(400 * DAY) });
    if (!folds.ok) throw new Error(folds.error.part);
    for (const fold of folds.value) {
      for (const [earlier, later] of borders(fold)) {
        const times = new Set(later.map((i) => cases[i]?.asOf));
        expect(earlier.some((i) => times.has(cases[i]?.asOf))).toBe(false);
      }
    }
  });

  it('refuses a part that is too small, by name', () => {
    const folds = walkForwardFolds(timed(new Array<number>(200).fill(5), 3), { ...spec, testFrom: epochMs(150 * DAY) });
    expect(folds).toEqual({
      ok: false,
      error: { code: 'too-few-cases', part: 'stop', got: expect.any(Number) as number, needed: MIN_PART },
    });
  });
});
