import { describe, expect, it } from 'vitest';
import type { PolicyRun } from '#desk/backtest/policy-run.ts';
import { isWalking, newWalks, noteWalk, writeNext } from '#desk/proof/run-writing.ts';

const aRun = (fixedFraction: number): PolicyRun => ({ fixedFraction }) as PolicyRun;

describe('runs that several threads write', () => {
  it('are each written once, under their own number, by whoever has them first', () => {
    const walks = newWalks(4);
    const written: [string, number, number][] = [];
    const benchOf = (thread: string) => ({
      write: (policy: number, { fixedFraction }: PolicyRun) => void written.push([thread, policy, fixedFraction]),
    });
    const [one, other] = [benchOf('one'), benchOf('other')];
    const own: PolicyRun[] = [];
    own[2] = aRun(0.2);
    const all = [0, 0.1, 0.2, 0.3].map(aRun);
    expect(writeNext(one, walks, own)).toBe(true);
    expect(writeNext(one, walks, own)).toBe(false);
    while (writeNext(other, walks, all));
    expect(writeNext(one, walks, all)).toBe(false);
    expect(written).toEqual([
      ['one', 2, 0.2],
      ['other', 0, 0],
      ['other', 1, 0.1],
      ['other', 3, 0.3],
    ]);
  });

  it('are walked until there are as many as policies', () => {
    const walks = newWalks(2);
    expect(isWalking(walks)).toBe(true);
    noteWalk(walks);
    expect(isWalking(walks)).toBe(true);
    noteWalk(walks);
    expect(isWalking(walks)).toBe(false);
    expect(isWalking(newWalks(0))).toBe(false);
  });
});
