import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { DERIVED_TABLES, fillRow, insertSql } from '#desk/journal/derived-rows.ts';
import { canonicalJson } from '#desk/journal/canonical.ts';
import type { NewEvent } from '#desk/ports/journal.ts';
import type { Fill } from '#shared/domain/order.ts';
import { nasdaq } from '#test/support/snapshots.ts';
import { MARKETS, mustOpen, NOW, someFills } from '#test/bench/fixtures.ts';
import { figure, growthExponent, interleave, median } from '#test/bench/harness.ts';
import type { Bench, Figures, Series } from '#test/bench/harness.ts';

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

/** A year of somebody's fills into a new journal: several times a part of them, and all of them once. */
export const importing: Bench = {
  name: 'import',
  title: 'Import of 100,000 fills',
  run: async ({ rounds, isQuick, folder }) => {
    const all = someFills(isQuick ? 2_000 : 100_000);
    const part = all.slice(0, isQuick ? 400 : 20_000);
    const few = all.slice(0, isQuick ? 100 : 5_000);
    const series = await interleave(
      [
        () => importByJournal(folder, part, 'journal'),
        () => importBare(folder, part),
        () => importByJournal(folder, few, 'journal, a quarter'),
      ],
      { rounds, warmUps: 0 },
    );
    const whole = await interleave([() => importByJournal(folder, all, 'journal, all')], { rounds: 1, warmUps: 0 });
    const growth = (name: string, fewer: string, more: string, times: number): Series => {
      const of = (figureName: string): number =>
        median([...series, ...whole].find((one) => one.name === figureName)?.values ?? []);
      const points = [
        { x: 1, y: of(fewer) },
        { x: times, y: of(more) },
      ];
      return { name, unit: '', values: [growthExponent(points)] };
    };
    return {
      series: [
        ...series,
        ...whole,
        growth(
          'growth exponent, a quarter to the part',
          'journal, a quarter, time',
          'journal, time',
          part.length / few.length,
        ),
        growth('growth exponent, the part to all', 'journal, time', 'journal, all, time', all.length / part.length),
      ],
      notes: [
        `The rounds import ${part.length.toLocaleString('en')} fills, "a quarter" of that ${few.length.toLocaleString('en')}, "all" once ${all.length.toLocaleString('en')}: an exponent of 1 says that a fill costs the same however many came before.`,
        'The journal checks, chains and books every fill and derives the round trips; the bare side inserts the record and the fill, a thousand to a transaction.',
      ],
    };
  },
};
