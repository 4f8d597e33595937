import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FrameSource } from '#renderer/src/api/next-frame.ts';
import { afterFrames, apartInStream, createBurst } from '#renderer/src/store/burst.ts';

/** Frames drawn by hand. */
function handFrames() {
  const asked = new Set<() => void>();
  const frames: FrameSource = (run) => {
    asked.add(run);
    return () => void asked.delete(run);
  };
  const draw = (): void => {
    for (const run of [...asked]) {
      asked.delete(run);
      run();
    }
  };
  return { frames, draw, waiting: () => asked.size };
}

describe('burst', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  const opened = () => {
    const taken: (readonly number[])[] = [];
    const screen = handFrames();
    return { taken, ...screen, burst: createBurst<number>((items) => taken.push(items), { frames: screen.frames }) };
  };

  it('hands the changes of a frame on together, in order, before it is drawn', () => {
    const { taken, burst, draw, waiting } = opened();
    burst.add(1);
    burst.add(2);
    expect(taken).toEqual([]);
    draw();
    expect(taken).toEqual([[1, 2]]);
    draw();
    vi.advanceTimersByTime(200);
    expect(taken).toHaveLength(1);
    burst.add(3);
    expect(waiting()).toBe(1);
    draw();
    expect(taken).toEqual([[1, 2], [3]]);
  });

  it('hands them on all the same where no frame is drawn', () => {
    const { taken, burst, draw } = opened();
    burst.add(1);
    vi.advanceTimersByTime(30);
    burst.add(2);
    vi.advanceTimersByTime(20);
    expect(taken).toEqual([[1, 2]]);
    draw();
    expect(taken).toHaveLength(1);
  });

  it('hands changes on as soon as they are read while few come, and many or those of a stream in their frame', async () => {
    const { frames, draw, waiting } = handFrames();
    const taken: (readonly number[])[] = [];
    const burst = createBurst<number>((items) => taken.push(items), { frames, atOnce: 2 });
    burst.add(1);
    burst.add(2);
    expect(taken).toEqual([]);
    await Promise.resolve();
    expect(taken).toEqual([[1, 2]]);
    expect(waiting()).toBe(0);
    burst.add(3);
    await Promise.resolve();
    expect(taken).toEqual([[1, 2], [3]]);
    for (const many of [4, 5, 6]) burst.add(many);
    await Promise.resolve();
    expect(taken).toHaveLength(2);
    draw();
    expect(taken.at(-1)).toEqual([4, 5, 6]);
    for (let i = 0; i < 20; i += 1) burst.add(i);
    draw();
    burst.add(7);
    await Promise.resolve();
    expect(waiting()).toBe(1);
    // Many, and it takes a while until they are forgotten.
    vi.advanceTimersByTime(15);
    draw();
    burst.add(8);
    await Promise.resolve();
    expect(waiting()).toBe(1);
    draw();
    vi.advanceTimersByTime(100);
    burst.add(9);
    await Promise.resolve();
    expect(waiting()).toBe(0);
    expect(taken.slice(-3)).toEqual([[7], [8], [9]]);
    burst.add(10);
    burst.clear();
    await Promise.resolve();
    expect(taken.at(-1)).toEqual([9]);
  });

  it('takes in what is added while changes are taken', () => {
    const { frames, draw } = handFrames();
    const taken: (readonly number[])[] = [];
    const burst = createBurst<number>(
      (items) => {
        taken.push(items);
        if (taken.length === 1) burst.add(2);
      },
      { frames },
    );
    burst.add(1);
    draw();
    draw();
    expect(taken).toEqual([[1], [2]]);
  });

  it('drops what waits when it is told to', () => {
    const { taken, burst, draw, waiting } = opened();
    burst.add(1);
    burst.clear();
    expect(waiting()).toBe(0);
    draw();
    vi.advanceTimersByTime(200);
    expect(taken).toEqual([]);
  });

  it('lets what is not read at the pace of frames wait, longer the more there was, and not after a calm', () => {
    const taken: (readonly number[])[] = [];
    const { frames, draw, waiting } = handFrames();
    const apartMs = (count: number): number => (count > 2 ? 1_000 : 250);
    const burst = createBurst<number>((items) => taken.push(items), { frames, apartMs });
    burst.add(1);
    draw();
    expect(taken).toEqual([[1]]);
    for (const one of [2, 3, 4]) burst.add(one);
    vi.advanceTimersByTime(249);
    expect(waiting()).toBe(0);
    vi.advanceTimersByTime(1);
    draw();
    expect(taken.at(-1)).toEqual([2, 3, 4]);
    burst.add(5);
    vi.advanceTimersByTime(999);
    expect(waiting()).toBe(0);
    vi.advanceTimersByTime(1);
    draw();
    expect(taken.at(-1)).toEqual([5]);
    vi.advanceTimersByTime(10_000);
    burst.add(6);
    expect(waiting()).toBe(1);
    burst.clear();
    burst.add(7);
    draw();
    expect(taken.at(-1)).toEqual([7]);
  });

  it('lets frames be drawn first where it is told to, and can be called off at each', () => {
    const { frames, draw, waiting } = handFrames();
    vi.stubGlobal('requestAnimationFrame', (run: () => void) => frames(run));
    vi.stubGlobal('cancelAnimationFrame', (giveUp: () => void) => giveUp());
    try {
      const taken: number[] = [];
      afterFrames(2)(() => taken.push(1));
      draw();
      draw();
      expect(taken).toEqual([]);
      draw();
      expect(taken).toEqual([1]);
      expect(waiting()).toBe(0);
      const giveUp = afterFrames(2)(() => taken.push(2));
      draw();
      giveUp();
      expect(waiting()).toBe(0);
    } finally {
      vi.unstubAllGlobals();
    }
  });
});

describe('time apart in a stream', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('is longer once several have followed on each other, and not after a calm', () => {
    const apartMs = apartInStream({ firstMs: 100, thenMs: 200 });
    const after = (ms: number): number => {
      vi.advanceTimersByTime(ms);
      return apartMs();
    };
    expect([after(0), after(100), after(100), after(100), after(220)]).toEqual([100, 100, 100, 200, 200]);
    expect([after(300), after(299), after(299), after(299)]).toEqual([100, 100, 100, 200]);
  });
});
