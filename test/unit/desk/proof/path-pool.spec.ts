import { describe, expect, it } from 'vitest';

import { CHUNK_PATHS, emptyResults } from '#desk/engine/path-kernel.ts';
import { throughLanes, type Lane } from '#desk/proof/path-pool.ts';

const shape = { paths: 10 * CHUNK_PATHS, marks: 0 };

/** A lane that marks its chunk in the figures; `hold` keeps it busy until it is let go. */
function lane(begun: number[], hold: (chunk: number) => Promise<void> = () => Promise.resolve()): Lane {
  return async ({ chunk, paths }) => {
    begun.push(chunk);
    await hold(chunk);
    const results = emptyResults(paths, 0);
    results.finals.fill(chunk);
    return results;
  };
}

describe('chunks over lanes', () => {
  it('are put together in order, whichever lane is slow', async () => {
    const begun: number[] = [];
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    const slow = lane(begun, (chunk) => (chunk === 0 ? held : Promise.resolve()));
    const done: number[] = [];
    const all = throughLanes([slow, lane(begun)], shape, (paths) => {
      done.push(paths);
      if (done.length === 9) letGo();
    });
    const { finals } = await all;
    expect(Array.from({ length: 10 }, (_, k) => finals[k * CHUNK_PATHS])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(begun).toHaveLength(10);
    expect(done.at(-1)).toBe(10 * CHUNK_PATHS);
  });

  it('begin no more once they are stopped: each lane ends the one it is at', async () => {
    const begun: number[] = [];
    let done = 0;
    const all = throughLanes([lane(begun), lane(begun), lane(begun)], shape, () => {
      done += 1;
      if (done === 2) throw new Error('given up');
    });
    await expect(all).rejects.toThrow('given up');
    await new Promise((resolve) => void setImmediate(resolve));
    expect(begun.length).toBeLessThanOrEqual(2 + 3);
    expect(begun.length).toBeLessThan(10);
  });

  it('end all when one of them fails', async () => {
    const begun: number[] = [];
    const broken: Lane = () => Promise.reject(new Error('broken'));
    await expect(throughLanes([broken, lane(begun)], shape, () => undefined)).rejects.toThrow('broken');
    await new Promise((resolve) => void setImmediate(resolve));
    expect(begun.length).toBeLessThan(10);
  });
});
