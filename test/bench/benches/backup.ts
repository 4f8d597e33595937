import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { epochMs } from '#shared/units.ts';
import type { SqliteJournal } from '#desk/journal/open-journal.ts';
import { backUpInThread } from '#desk/records/journal-thread.ts';
import { NOON, aRoundTrip, at, events } from '#test/support/journal-events.ts';
import { DAY_MS, mustOpen } from '#test/bench/fixtures.ts';
import { figure, grownWith, interleave, timed } from '#test/bench/harness.ts';
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

/** A journal of so many trades, all of it in its file. */
async function journalOf(folder: string, trades: number): Promise<SqliteJournal> {
  mkdirSync(folder);
  const journal = mustOpen(join(folder, 'journal.db'));
  journal.append([at(NOON, events.opened()), at(NOON, events.instrument())]);
  await journal.batch(() => {
    for (let n = 1; n <= trades; n += 1) journal.append([...aRoundTrip(n, epochMs(NOON + n * 100_000))]);
    return Promise.resolve();
  });
  journal.checkpoint();
  return journal;
}

/** What a backup costs the thread that trades (R17). */
export const backup: Bench = {
  name: 'backup',
  title: 'Backup of a journal in use',
  run: async ({ rounds, isQuick, folder }) => {
    const sizes = isQuick ? [20, 35, 50] : [1_000, 2_000, 4_000];
    const journals = await Promise.all(sizes.map((trades) => journalOf(join(folder, `${trades}`), trades)));
    const journal = journals.at(-1);
    if (journal === undefined) throw new Error('there is no journal');
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
    const backUp = ({ path }: SqliteJournal, to: string): Promise<unknown> => {
      day += 1;
      return backUpInThread(path, { folder: join(folder, to), now: epochMs(NOON + day * DAY_MS) });
    };
    try {
      const series = await interleave(
        [
          inUse('with a backup', () => backUp(journal, 'backups')),
          inUse('alone', () => new Promise((resolve) => void setTimeout(resolve, 1_000))),
          ...journals.map((one, i): Side => async () => ({
            [`${sizes[i]} round trips`]: figure(await timed(() => backUp(one, `backups-${sizes[i]}`)), 'ms'),
          })),
        ],
        { rounds: isQuick ? 1 : 2 * rounds },
      );
      return {
        series: [
          ...series,
          grownWith(
            series,
            'growth exponent, time',
            sizes.map((x) => ({ x, of: `${x} round trips` })),
          ),
        ],
        notes: [
          `The journal holds ${journal.lastSeq().toLocaleString('en')} events and is written to every 5 ms, each time to the disk. The backup copies it, walks every page, hash and link of the copy, and lets go of old ones.`,
        ],
      };
    } finally {
      for (const one of journals) one.close();
    }
  },
};
