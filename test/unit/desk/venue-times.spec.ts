import { describe, expect, it } from 'vitest';
import { epochMs } from '#shared/units.ts';
import { createVenueTimes } from '#desk/adapters/venue-times.ts';

/** A keeper on a count that the test sets. */
function keeper() {
  let count = 0;
  const times = createVenueTimes({ monotonic: () => count });
  return {
    times,
    hear: (at: number, { asked, heard, stepMs }: { asked: number; heard: number; stepMs?: number }) => {
      count = heard;
      times.read({ at: epochMs(at), askedAt: asked, ...(stepMs === undefined ? {} : { stepMs }) });
    },
  };
}

describe('the readings of a venue’s clock', () => {
  it('are none before the venue has said anything', () => {
    expect(keeper().times.current()).toBeNull();
  });

  it('are taken as of half-way between question and answer, and may be off by half of it', () => {
    const { times, hear } = keeper();
    hear(50_000, { asked: 1_000, heard: 1_100 });
    expect(times.current()).toEqual({ at: 50_001, monotonicMs: 1_050, withinMs: 50.5 });
  });

  it('told in whole seconds are taken as of the middle of the second', () => {
    const { times, hear } = keeper();
    hear(50_000, { asked: 1_000, heard: 1_020, stepMs: 1_000 });
    expect(times.current()).toEqual({ at: 50_500, monotonicMs: 1_010, withinMs: 510 });
  });

  it('a loose one does not take the place of a tight one within a minute, and does after it', () => {
    const { times, hear } = keeper();
    hear(50_000, { asked: 1_000, heard: 1_010 });
    const tight = times.current();
    hear(60_000, { asked: 9_000, heard: 12_000 });
    expect(times.current()).toEqual(tight);
    hear(110_000, { asked: 61_000, heard: 64_000 });
    expect(times.current()).toMatchObject({ withinMs: 1_500.5 });
    hear(111_000, { asked: 65_000, heard: 65_002 });
    expect(times.current()).toMatchObject({ withinMs: 1.5 });
    times.forget();
    expect(times.current()).toBeNull();
  });
});
