import { join } from 'node:path';
import { epochMs } from '#shared/units.ts';
import { backUpInThread } from '#desk/records/journal-thread.ts';
import { NOON, aRoundTrip, at, events } from '#test/support/journal-events.ts';
import { DAY_MS, mustOpen } from '#test/bench/fixtures.ts';
import { figure, interleave } from '#test/bench/harness.ts';
import type { Bench, Figures, Side } from '#test/bench/harness.ts';

/** Longest turn of the event loop while `work` runs, beside the time the work took. */
async function watched(name: string, work: () => Promise<unknown>): Promise<Figures> {
  const start = performance.now();
  let [last, longest, isOver] = [start, 0, false];
  const turn = (): void => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  await work();
  isOver = true;
  return {
    [`${name}: longest turn`]: figure(longest, 'ms'),
    [`${name}: time`]: figure(performance.now() - start, 'ms'),
  };
}

/** What a backup costs the thread that trades (R17). */
export const backup: Bench = {
  name: 'backup',
  title: 'Backup of a journal in use',
  run: async ({ rounds, isQuick, folder }) => {
    const trades = isQuick ? 50 : 4_000;
    const journal = mustOpen(join(folder, 'journal.db'));
    journal.append([at(NOON, events.opened()), at(NOON, events.instrument())]);
    await journal.batch(() => {
      for (let n = 1; n <= trades; n += 1) journal.append([...aRoundTrip(n, epochMs(NOON + n * 100_000))]);
      return Promise.resolve();
    });
    journal.checkpoint();
    let made = 0;
    const inUse =
      (name: string, work: () => Promise<unknown>): Side =>
      async () => {
        let isOver = false;
        const load = (): void => {
          if (isOver) return;
          made += 1;
          journal.append([at(NOON, events.notice(`load ${made}`))]);
          setTimeout(load, 5);
        };
        load();
        const figures = await watched(name, work);
        isOver = true;
        return figures;
      };
    let day = 0;
    try {
      const series = await interleave(
        [
          inUse('with a backup', () => {
            day += 1;
            return backUpInThread(journal.path, { folder: join(folder, 'backups'), now: epochMs(NOON + day * DAY_MS) });
          }),
          inUse('alone', () => new Promise((resolve) => void setTimeout(resolve, 1_000))),
        ],
        { rounds: isQuick ? 1 : 2 * rounds },
      );
      return {
        series,
        notes: [
          `The journal holds ${journal.lastSeq().toLocaleString('en')} events and is written to every 5 ms, each time to the disk. The backup copies it, walks every page, hash and link of the copy, and lets go of old ones.`,
        ],
      };
    } finally {
      journal.close();
    }
  },
};
