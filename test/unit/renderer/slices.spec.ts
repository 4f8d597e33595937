import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSlices } from '#renderer/src/api/slices.ts';

/** A page whose tasks and frames are run by hand, on a clock that a taken item moves on by its own number of ms. */
function page() {
  let time = 0;
  let asked = 0;
  let next: () => void = () => undefined;
  const taken: number[] = [];
  const slices = createSlices<number>(
    (ms) => {
      taken.push(ms);
      time += ms;
    },
    {
      now: () => time,
      later: (run) => {
        next = run;
        return { ask: () => (asked += 1), close: () => (asked = 0) };
      },
    },
  );
  const task = (): boolean => {
    if (asked === 0) return false;
    asked -= 1;
    next();
    return true;
  };
  const frame = (ms: number): void => {
    time += ms;
  };
  return { slices, taken, task, frame };
}

describe('slices', () => {
  it('take the first item after a calm at once, and those that follow it in the same task later', () => {
    const { slices, taken, task } = page();
    slices.add(0.1);
    expect(taken).toEqual([0.1]);
    slices.add(0.2);
    slices.add(0.3);
    expect(taken).toEqual([0.1]);
    task();
    expect(taken).toEqual([0.1, 0.2, 0.3]);
    while (task());
    slices.add(0.4);
    expect(taken).toEqual([0.1, 0.2, 0.3, 0.4]);
  });

  it('stop after their time, and go on in the next task', () => {
    const { slices, taken, task } = page();
    for (const ms of [1, 1, 1, 5, 1]) slices.add(ms);
    const seen = [taken.length];
    while (task()) seen.push(taken.length);
    expect(seen).toEqual([1, 3, 4, 5, 5]);
  });

  it('take more at a time the longer it has waited', () => {
    const { slices, taken, task, frame } = page();
    for (let n = 0; n < 30; n += 1) slices.add(1);
    task();
    expect(taken).toHaveLength(3);
    frame(17);
    task();
    // The oldest has waited 3 ms of reading and the frame: half of it is read for, and what began in that time.
    expect(taken).toHaveLength(3 + 10);
    while (task());
    expect(taken).toHaveLength(30);
  });

  it('keep up with more than the least they may read between two frames, however long frames take', () => {
    const { slices, taken, task, frame } = page();
    let most = 0;
    for (let n = 0; n < 1_000; n += 1) {
      // Six ms of reading come in a frame of 25.
      for (let k = 0; k < 6; k += 1) slices.add(1);
      frame(25);
      task();
      most = Math.max(most, 6 * (n + 1) - taken.length);
    }
    expect(most).toBeLessThanOrEqual(12);
  });

  it('keep what comes while an item is taken in its place', () => {
    const taken: number[] = [];
    const slices = createSlices<number>((item) => {
      taken.push(item);
      if (item < 3) slices.add(item + 1);
    });
    slices.add(1);
    slices.flush();
    expect(taken).toEqual([1, 2, 3]);
    slices.close();
  });

  it('go on after an item that throws', () => {
    const taken: number[] = [];
    let next = (): void => undefined;
    const slices = createSlices<number>(
      (item) => {
        if (item === 1) throw new Error('no');
        taken.push(item);
      },
      {
        later: (run) => {
          next = run;
          return { ask: () => undefined, close: () => undefined };
        },
      },
    );
    expect(() => slices.add(1)).toThrow('no');
    slices.add(2);
    next();
    expect(taken).toEqual([2]);
  });

  it('take nothing more once closed', () => {
    const { slices, taken, task } = page();
    slices.add(1);
    slices.add(2);
    slices.close();
    expect(task()).toBe(false);
    expect(taken).toEqual([1]);
  });

  it('take every item once and in order, whatever comes when', () => {
    const step = fc.oneof(fc.double({ min: 0, max: 4, noNaN: true }), fc.constant('task'), fc.constant('flush'));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { slices, taken, task } = page();
        const added: number[] = [];
        for (const one of steps) {
          if (typeof one === 'number') {
            added.push(one);
            slices.add(one);
          } else if (one === 'task') task();
          else slices.flush();
        }
        while (task());
        expect(taken).toEqual(added);
      }),
    );
  });
});
