import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { DERIVED_TABLES, fillRow, insertSql } from '#desk/journal/derived-rows.ts';
import { canonicalJson } from '#desk/journal/canonical.ts';
import type { NewEvent } from '#desk/ports/journal.ts';
import type { Fill } from '#shared/domain/order.ts';
import { nasdaq } from '#test/support/snapshots.ts';
import { MARKETS, mustOpen, NOW, someFills } from '#test/bench/fixtures.ts';
import { figure, grownWith, interleave } from '#test/bench/harness.ts';
import type { Bench, Figures, Side } from '#test/bench/harness.ts';

const PER_APPEND = 1_000;

const newEvent = (fill: Fill): NewEvent => ({ at: NOW, event: { kind: 'fill', fill } });

function inChunks<T>(all: readonly T[], take: (chunk: readonly T[]) => void): void {
  for (let i = 0; i < all.length; i += PER_APPEND) take(all.slice(i, i + PER_APPEND));
}

function remove(path: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
}

const rates = (name: string, fills: number, ms: number): Figures => ({
  [`${name}, time`]: figure(ms / 1000, 's'),
  [`${name}, rate`]: figure((fills / ms) * 1000, '/s'),
});

/** All fills in one append to a new journal, as the desk imports: nothing is booked unless all is. */
function importByJournal(folder: string, fills: readonly Fill[], name: string): Figures {
  const path = join(folder, 'journal.db');
  const journal = mustOpen(path);
  journal.append(
    MARKETS.map(({ symbol, root }) => ({
      at: NOW,
      event: { kind: 'instrument', instrument: { ...nasdaq, symbol, root } } as const,
    })),
  );
  const start = performance.now();
  journal.append(fills.map(newEvent));
  const ms = performance.now() - start;
  const trades = journal.tradeCount({});
  if (trades !== fills.length / 2) throw new Error(`${fills.length} fills made ${trades} trades`);
  journal.close();
  for (const entry of readdirSync(folder)) if (entry.startsWith('journal.db')) rmSync(join(folder, entry));
  return rates(name, fills.length, ms);
}

/** The same rows and the same record bytes, a thousand to a transaction: no checks, no chain, no trades derived. */
function importBare(folder: string, fills: readonly Fill[]): Figures {
  const path = join(folder, 'bare.db');
  remove(path);
  const database = new SqliteDatabase(path);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.exec(
    `CREATE TABLE events (seq INTEGER PRIMARY KEY, at INTEGER, body TEXT);
     CREATE TABLE fills (${DERIVED_TABLES.fills.columns.join(', ')}, PRIMARY KEY (seq), UNIQUE (venue, account, exec_key))`,
  );
  const event = database.prepare('INSERT INTO events (seq, at, body) VALUES (?, ?, ?)');
  const row = database.prepare(insertSql('fills'));
  const start = performance.now();
  let seq = 0;
  inChunks(fills, (chunk) =>
    database.transaction(() => {
      for (const fill of chunk) {
        seq += 1;
        event.run(seq, NOW, canonicalJson(fill));
        row.run(fillRow(seq, fill));
      }
    })(),
  );
  const ms = performance.now() - start;
  database.close();
  return rates('bare', fills.length, ms);
}

/** Years of somebody's fills into a new journal: all of them, and two parts. */
export const importing: Bench = {
  name: 'import',
  title: 'Import of 200,000 fills',
  run: async ({ rounds, isQuick, folder }) => {
    const sizes = isQuick ? [100, 400, 2_000] : [20_000, 60_000, 200_000];
    const all = someFills(sizes.at(-1) ?? 0);
    const parts = sizes.slice(0, -1).map((size) => ({ size, name: `journal, ${size.toLocaleString('en')}` }));
    const series = await interleave(
      [
        () => importByJournal(folder, all, 'journal'),
        () => importBare(folder, all),
        ...parts.map(
          ({ size, name }): Side =>
            () =>
              importByJournal(folder, all.slice(0, size), name),
        ),
      ],
      { rounds, warmUps: 0 },
    );
    const grown = [...parts, { size: all.length, name: 'journal' }];
    return {
      series: [
        ...series,
        grownWith(
          series,
          'growth exponent, fills',
          grown.map(({ size, name }) => ({ x: size, of: `${name}, time` })),
        ),
      ],
      notes: [
        `Both sides import ${all.length.toLocaleString('en')} fills at once, which make half as many trades.`,
        'The journal checks, chains and books every fill and derives the round trips; the bare side inserts the record and the fill, a thousand to a transaction.',
      ],
    };
  },
};
