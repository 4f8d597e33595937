import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appearanceOf, roomFor, rowHeight, SCALES } from '#renderer/src/store/appearance.ts';

describe('the scale a window has room for', () => {
  it.each([
    [1440, 900, 105],
    [1024, 768, 100],
    [1280, 820, 100],
    [1920, 1080, 130],
    [3840, 2160, 260],
    [800, 600, 90],
  ])('at %i×%i is %i %%', (width, height, expected) => {
    expect(roomFor(width, height)).toBe(expected);
  });

  it('never grows with a smaller window of the same size class', () => {
    const size = fc.tuple(fc.integer({ min: 1_280, max: 4_000 }), fc.integer({ min: 820, max: 3_000 }));
    fc.assert(
      fc.property(size, fc.nat(500), ([width, height], more) => {
        expect(roomFor(width + more, height + more)).toBeGreaterThanOrEqual(roomFor(width, height));
      }),
    );
  });
});

describe('the appearance remembered', () => {
  const STANDARD = { scale: 100, density: null, hasKeyHints: true, isStill: false };

  it('is read back, and only what can be chosen of it', () => {
    const chosen = { scale: 125, density: 'compact', hasKeyHints: false, isStill: true };
    expect(appearanceOf(JSON.stringify(chosen))).toEqual(chosen);
    expect(appearanceOf(JSON.stringify({ ...chosen, scale: 101, density: 'tight' }))).toEqual({
      ...chosen,
      ...{ scale: 100, density: null },
    });
  });

  it.each([null, '', '{', '7', 'null'])('is as it came when the memory holds %s', (text) => {
    expect(appearanceOf(text)).toEqual(STANDARD);
  });

  it('has scales from 90 to 150 percent and rows of three heights', () => {
    expect([SCALES[0], SCALES.at(-1)]).toEqual([90, 150]);
    expect([rowHeight('compact'), rowHeight('regular'), rowHeight('comfortable'), rowHeight(null)]).toEqual([
      ...[24, 26, 32],
      null,
    ]);
  });
});
