import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { decide } from '#desk/engine/decide.ts';
import { LOG_ROOM_BYTES } from '#desk/journal/log-room.ts';
import type { JournalEvent } from '#desk/ports/events.ts';
import { freezeWhole } from '#shared/frozen.ts';
import { epochMs, ticks } from '#shared/units.ts';
import { exposure, snapshot, SNAPSHOT_NOW } from '#test/support/snapshots.ts';
import { mustOpen } from '#test/bench/fixtures.ts';
import { derived, figure, grownWith, interleave, quantile } from '#test/bench/harness.ts';
import type { Bench, Figures, Series, Side } from '#test/bench/harness.ts';

/** Records that are made at a time where many are wanted. */
const BATCH = 1_000;
const GENESIS = '0'.repeat(64);

/** What stands for many decisions, which the pipeline freezes: it is spelt once. */
const { config, instrument, correlations, calibrator } = snapshot();
const HELD = {
  config: freezeWhole(config),
  instrument: freezeWhole(instrument),
  correlations: freezeWhole(correlations),
  calibrator: freezeWhole(calibrator),
};

/** A sized decision on a small book, as the pipeline journals it. */
function decisionRecord(n: number): JournalEvent {
  const exposures = [exposure(), exposure({ symbol: 'GCZ26-COMEX', root: 'GC' })];
  const seen = { ...snapshot({ exposures }), ...HELD };
  return {
    kind: 'decision',
    recommendationId: `R${n}`,
    snapshot: seen,
    decision: decide(seen),
    entry: ticks(93_945),
    stop: ticks(93_865),
    target: ticks(94_065),
    expiresAt: epochMs(SNAPSHOT_NOW + 60_000),
    engineVersion: 'bench',
    configVersion: 'conservative-0000000000000000',
  };
}

/** Times each of `count` writes alone. */
function each(name: string, count: number, write: (i: number) => void): Figures {
  const times: number[] = [];
  const start = performance.now();
  for (let i = 0; i < count; i += 1) {
    const before = performance.now();
    write(i);
    times.push((performance.now() - before) * 1000);
  }
  const seconds = (performance.now() - start) / 1000;
  return {
    [`${name}, p50`]: figure(quantile(times, 0.5), 'µs'),
    [`${name}, p99`]: figure(quantile(times, 0.99), 'µs'),
    [`${name}, rate`]: figure(count / seconds, '/s'),
  };
}

/** One row per transaction, on disk before it returns, in a table without triggers or second index. */
function bareDatabase(path: string): (body: string) => void {
  const database = new SqliteDatabase(path);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.exec(
    'CREATE TABLE events (seq INTEGER PRIMARY KEY, at INTEGER, kind TEXT, subject TEXT, body TEXT, prev TEXT, hash TEXT)',
  );
  const insert = database.prepare('INSERT INTO events (at, kind, subject, body, prev, hash) VALUES (?, ?, ?, ?, ?, ?)');
  return (body) => void insert.run(SNAPSHOT_NOW, 'decision', 'R1', body, GENESIS, GENESIS);
}

/** The last event of a journal as it is stored. */
function newestBody(path: string): string {
  const database = new SqliteDatabase(path, { readonly: true });
  const body = database.prepare<[], string>('SELECT body FROM events ORDER BY seq DESC LIMIT 1').pluck().get();
  database.close();
  if (body === undefined) throw new Error('the journal is empty');
  return body;
}

/** What the journal computes for a record where so many decisions stand already. */
async function amongMany(folder: string, sizes: readonly number[], count: number): Promise<readonly Series[]> {
  const journals = await Promise.all(
    sizes.map(async (size) => {
      const journal = mustOpen(join(folder, `${size}.db`));
      let made = 0;
      const append = (many: number): Promise<Figures> =>
        journal.batch(() => {
          const ready = Array.from({ length: many }, (_, i) => decisionRecord(made + i));
          made += many;
          const one = (i: number): void => void journal.append([{ at: SNAPSHOT_NOW, event: ready[i]! }]);
          return Promise.resolve(each(`after ${size} decisions`, many, one));
        });
      while (made < size) await append(Math.min(BATCH, size - made));
      return { size, journal, append };
    }),
  );
  try {
    const series = await interleave(
      journals.map(
        ({ append }): Side =>
          () =>
            append(count),
      ),
      { rounds: 12 },
    );
    const grown = sizes.map((x) => ({ x, of: `after ${x} decisions, p50` }));
    const kept = series.filter(({ name }) => name.endsWith(', p50'));
    return [...kept, grownWith(series, 'growth exponent, decisions before', grown)];
  } finally {
    for (const { journal } of journals) journal.close();
  }
}

/** Making a decision durable: the journal, the bare library, and the disk. */
export const append: Bench = {
  name: 'append',
  title: 'Durable append of one decision record',
  run: async ({ rounds, isQuick, folder }) => {
    const count = isQuick ? 10 : 100;
    const journal = mustOpen(join(folder, 'journal.db'), LOG_ROOM_BYTES);
    let made = 0;
    const next = (): JournalEvent => {
      made += 1;
      return decisionRecord(made);
    };
    const records = (): readonly JournalEvent[] => Array.from({ length: count }, next);
    // The parts they share are named from the second on.
    for (const event of [next(), next()]) journal.append([{ at: SNAPSHOT_NOW, event }]);
    const body = newestBody(journal.path);
    const bytes = Buffer.from(body);
    const insertBare = bareDatabase(join(folder, 'bare.db'));
    const file = openSync(join(folder, 'raw'), 'w');
    writeSync(file, bytes);
    try {
      const series = await interleave(
        [
          () => {
            const ready = records();
            return each('journal append', count, (i) => void journal.append([{ at: SNAPSHOT_NOW, event: ready[i]! }]));
          },
          () => {
            const ready = records();
            return each('journal append, synced behind it', count, (i) => {
              journal.append([{ at: SNAPSHOT_NOW, event: ready[i]! }], 'soon');
            });
          },
          async () => {
            const ready = records();
            return journal.batch(() =>
              Promise.resolve(
                each('journal append inside a batch', count, (i) => {
                  journal.append([{ at: SNAPSHOT_NOW, event: ready[i]! }]);
                }),
              ),
            );
          },
          () => each('bare insert', count, () => insertBare(body)),
          () =>
            each('overwrite + fdatasync', count, () => {
              writeSync(file, bytes, 0, bytes.length, 0);
              fdatasyncSync(file);
            }),
        ],
        // Many short rounds: the disk has bad seconds of its own.
        { rounds: isQuick ? 1 : 4 * rounds },
      );
      return {
        series: [
          ...series,
          derived(
            series,
            { name: 'journal append, p99 over p50', unit: '', from: ['journal append, p99', 'journal append, p50'] },
            ([p99 = NaN, p50 = NaN]) => p99 / p50,
          ),
          ...(await amongMany(folder, isQuick ? [10, 20, 40] : [300, 3_000, 30_000], count)),
        ],
        notes: [
          `The record takes ${bytes.length.toLocaleString('en')} bytes as it is stored. The journal is opened as the desk opens it, with room in its log; it checks it against its schema, spells it canonically, hashes it into the chain and indexes it; the bare side inserts ready bytes. As in the pipeline the configuration, the contract, the correlations and the calibrator are the same for all records, and the book is: a record names the one that holds them, but for one in five hundred.`,
          'A proposal is synced behind the append, in a thread beside: what is appended at once waits for no disk, here one after the other as fast as they go.',
          'Inside a batch nothing is synced: what is left is what the journal itself computes for a record.',
          'Targets T1 and T2 were set against a C program; the bare library came to 0.82–1.0 of it.',
        ],
      };
    } finally {
      closeSync(file);
      journal.close();
    }
  },
};
