import { basename, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { generator } from '#test/support/random.ts';
import { rounds, timeLimit } from '#test/support/scale.ts';
import { type CutTotals, cutPower, everyInstant, inspectDesk, randomInstants } from '#test/support/power-cut/cuts.ts';
import { type Recording, buildRecorder, recordScript } from '#test/support/power-cut/recording.ts';

const recorder = buildRecorder();
if ('missing' in recorder) process.stderr.write(`power-cut tests are skipped: ${recorder.missing}\n`);
afterAll(() => {
  if ('library' in recorder) recorder.remove();
});

const SCRIPT = join(import.meta.dirname, '..', 'support', 'power-cut', 'writer-child.ts');

/** Records a process that writes a journal. `args`: trades, trades between checkpoints, level of the control run. */
async function record(...args: readonly (string | number)[]): Promise<Recording> {
  if ('missing' in recorder) throw new Error(recorder.missing);
  return recordScript(recorder.library, SCRIPT, args.map(String));
}

/** How often a file of this name was synced. */
function syncsOf({ calls }: Recording, name: string): number {
  const open = new Map<number, string>();
  let syncs = 0;
  for (const call of calls) {
    if (call.type === 'open') open.set(call.descriptor, basename(call.path));
    if (call.type === 'sync' && open.get(call.descriptor) === name) syncs += 1;
  }
  return syncs;
}

function cutAtRandom({ root, calls }: Recording, cuts: number, seed: number): CutTotals {
  const random = generator(seed);
  return cutPower({ calls, root, instants: randomInstants(cuts, calls, random), random, inspect: inspectDesk });
}

const nothingLost = { cutsWithLoss: 0, mostLost: 0, faults: [] };

describe.skipIf('missing' in recorder)('a journal whose power is cut', () => {
  it(
    'while it is made holds what was acknowledged, and opens',
    async () => {
      const recording = await record(1, 0);
      expect(cutAtRandom(recording, rounds(140), 1)).toMatchObject(nothingLost);
    },
    timeLimit(60_000),
  );

  it(
    'between frequent checkpoints holds what was acknowledged, and verifies',
    async () => {
      const recording = await record(16, 2);
      expect(recording.calls.filter(({ type }) => type === 'truncate').length).toBeGreaterThan(4);
      expect(cutAtRandom(recording, rounds(200), 2)).toMatchObject(nothingLost);
    },
    timeLimit(60_000),
  );

  it(
    'around a checkpoint of its own holds what was acknowledged, and verifies',
    async () => {
      const recording = await record(28, 0);
      // Once when it is made, and again by the checkpoint.
      expect(syncsOf(recording, 'journal.db')).toBeGreaterThan(1);
      expect(cutAtRandom(recording, rounds(100), 3)).toMatchObject(nothingLost);
    },
    timeLimit(60_000),
  );

  it(
    'holds every proposal that something was appended after, and opens at any instant of those that came last',
    async () => {
      const recording = await record(16, 2, '', 'with-next');
      expect(cutAtRandom(recording, rounds(200), 6)).toMatchObject(nothingLost);
    },
    timeLimit(60_000),
  );

  it(
    'loses events when each append is not synced: the test can fail',
    async () => {
      const recording = await record(16, 2, 'NORMAL');
      const totals = cutAtRandom(recording, rounds(40), 4);
      expect(totals.cutsWithLoss).toBeGreaterThan(totals.cuts / 3);
      expect(totals.mostLost).toBeGreaterThan(5);
    },
    timeLimit(60_000),
  );
});

describe.skipIf('missing' in recorder)('a journal whose process is killed at any call of its making', () => {
  it.each(['', 'at-once'])(
    'opens for the next one with all that was acknowledged (proposals appended soon and told: "%s")',
    async (soon) => {
      const { root, calls } = await record(1, 1, '', soon);
      const instants = everyInstant(calls);
      const totals = cutPower({ calls, root, instants, random: generator(5), survival: 1, inspect: inspectDesk });
      expect(totals).toMatchObject(nothingLost);
      expect(totals.cuts).toBeGreaterThan(100);
    },
    timeLimit(60_000),
  );
});
