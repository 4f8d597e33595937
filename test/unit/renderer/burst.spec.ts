import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createBurst } from '#renderer/src/store/burst.ts';

describe('burst', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('hands a single change on at once, and those that follow together and in order', () => {
    const taken: (readonly number[])[] = [];
    const burst = createBurst<number>((items) => taken.push(items));
    burst.add(1);
    expect(taken).toEqual([[1]]);
    burst.add(2);
    burst.add(3);
    expect(taken).toHaveLength(1);
    vi.advanceTimersByTime(50);
    expect(taken).toEqual([[1], [2, 3]]);
    burst.add(4);
    expect(taken).toHaveLength(2);
    vi.advanceTimersByTime(200);
    expect(taken).toEqual([[1], [2, 3], [4]]);
    burst.add(5);
    expect(taken.at(-1)).toEqual([5]);
  });

  it('drops what waits when it is told to', () => {
    const taken: (readonly number[])[] = [];
    const burst = createBurst<number>((items) => taken.push(items));
    burst.add(1);
    burst.add(2);
    burst.clear();
    vi.advanceTimersByTime(200);
    expect(taken).toEqual([[1]]);
  });
});
