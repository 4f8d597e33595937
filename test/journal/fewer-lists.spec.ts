import fc from 'fast-check';
import SqliteDatabase from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { GENESIS_HASH } from '#desk/journal/canonical.ts';
import { identify, schemaVersion } from '#desk/journal/migrate.ts';
import { MIGRATIONS } from '#desk/journal/migrations/index.ts';
import { epochMs } from '#shared/units.ts';
import {
  NOON,
  aCorrection,
  aDecision,
  aFill,
  aRoundTrip,
  anInstrument,
  at,
  events,
} from '#test/support/journal-events.ts';
import { journalOfSchema } from '#test/support/older-journal.ts';
import { mustOpen, temporaryJournal } from '#test/support/temp-journal.ts';

const ACCOUNTS = ['SIM1', 'imported:A', 'imported:B'] as const;
const SYMBOLS = ['NQZ26-CME', 'ESZ26-CME'] as const;

/** Round trips of every account in both contracts, at two venues; the exits of a pair fall on one moment. */
const fills = ACCOUNTS.flatMap((account, a) =>
  SYMBOLS.flatMap((symbol, s) =>
    Array.from({ length: 8 }, (_, n) =>
      aFill(`${a}${s}-${(n * 5) % 8}`, {
        ...{ account, symbol, venue: n % 3 === 0 ? 'other' : 'sim', direction: n % 2 === 0 ? 1 : -1 },
        at: epochMs(NOON + 1_000 * Math.floor(n / 2)),
      }),
    ),
  ),
);
const written = [
  ...[at(NOON, events.opened()), ...SYMBOLS.map((symbol) => at(NOON, events.instrument(anInstrument({ symbol }))))],
  ...aRoundTrip(1),
  ...fills.map((fill) => at(NOON, events.fill(fill))),
  at(NOON, events.correction(aCorrection(fills[20]!, 1, null))),
];

describe('a journal of schema 6', () => {
  it('keeps every row, and the desk of schema 6 refuses it', () => {
    const path = journalOfSchema(6, written);
    const rowsOf = (database: SqliteDatabase.Database) =>
      ['events', 'fills', 'trades', 'lots', 'orders', 'decisions', 'trade_days'].map((table) =>
        database.prepare(`SELECT * FROM ${table}`).raw().all(),
      );
    const raw = new SqliteDatabase(path);
    const before = rowsOf(raw);
    raw.close();
    mustOpen(path).close();
    const database = new SqliteDatabase(path, { readonly: true });
    expect(schemaVersion(database)).toBe(MIGRATIONS.length);
    expect(rowsOf(database)).toEqual(before);
    expect(identify(database, path, MIGRATIONS.slice(0, 6))).toMatchObject({ error: { code: 'newer-schema' } });
    database.close();
  });

  it('tells of accounts and of the fills of a contract as they are in the table', () => {
    const journal = mustOpen(journalOfSchema(6, written));
    expect(journal.accounts()).toEqual([...ACCOUNTS]);
    const all = journal.fills({ origin: 'all' });
    expect(all.length).toBeGreaterThan(40);
    for (const symbol of SYMBOLS) {
      for (const origin of ['own', 'imported', 'all'] as const) {
        for (const from of [epochMs(0), epochMs(NOON + 2_000)]) {
          const expected = journal.fills({ origin, from }).filter((fill) => fill.symbol === symbol);
          expect(expected.length).toBeGreaterThan(0);
          expect(journal.fills({ origin, symbol, from })).toEqual(expected);
        }
      }
    }
    expect(journal.fills({ symbol: 'unknown' })).toEqual([]);
  });
});

describe('accounts', () => {
  it('are none in an empty journal, and one with nothing but a busted fill is one', () => {
    const journal = temporaryJournal();
    expect(journal.accounts()).toEqual([]);
    const [fill] = [aFill('x', { account: 'SIM9' })];
    journal.append([at(NOON, events.fill(fill)), at(NOON, events.correction(aCorrection(fill, 1, null)))]);
    expect(journal.accounts()).toEqual(['SIM9']);
  });

  it('have their books derived again, each with its own trades, when a contract is made known or changes', () => {
    const journal = temporaryJournal();
    const known = (tickValue?: number) =>
      SYMBOLS.map((symbol) =>
        at(NOON, events.instrument(anInstrument({ symbol, ...(tickValue !== undefined && { tickValue }) } as never))),
      );
    journal.append(fills.map((fill) => at(NOON, events.fill(fill))));
    expect(journal.tradeCount({ origin: 'all' })).toBe(0);
    journal.append(known());
    const first = journal.tradeCount({ origin: 'all' });
    expect(first).toBeGreaterThan(20);
    expect(journal.verify(() => aDecision()).findings).toEqual([]);
    journal.append(known(10_000));
    expect(journal.tradeCount({ origin: 'all' })).toBe(first);
    expect(journal.verify(() => aDecision()).findings).toEqual([]);
  });
});

describe('the trigger that links events', () => {
  const HASHES = [GENESIS_HASH, ...Array.from({ length: 4 }, (_, n) => String(n + 1).repeat(64))];
  const row = fc.record({
    seq: fc.oneof(fc.integer({ min: -1, max: 6 }), fc.constantFrom(null, 1.5, '2', 'x')),
    prevHash: fc.constantFrom(...HASHES, ''),
    hash: fc.constantFrom(...HASHES),
  });
  const verb = fc.constantFrom('INSERT', 'INSERT OR REPLACE', 'INSERT OR IGNORE', 'INSERT OR FAIL');
  /** Most of them fit: a number is the next, and the hash that of the one before. */
  const step = fc.record({ verb, fits: fc.integer({ min: 0, max: 3 }), row });

  it('refuses what it refused in schema 6, and takes what it took', () => {
    const take = (database: SqliteDatabase.Database, sql: string, values: readonly unknown[]): string => {
      try {
        return `took ${database.prepare(sql).run(...values).changes}`;
      } catch (error) {
        return String(error);
      }
    };
    const both = [6, MIGRATIONS.length].map((version) => {
      const database = new SqliteDatabase(':memory:');
      for (const migration of MIGRATIONS.slice(0, version)) migration.up(database);
      return database;
    });
    const all = () => both.map((database) => database.prepare('SELECT * FROM events').raw().all());
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), fc.boolean(), (steps, isRecursive) => {
        for (const database of both) database.exec(`PRAGMA recursive_triggers = ${isRecursive ? 'ON' : 'OFF'}; BEGIN`);
        for (const { verb, fits, row } of steps) {
          const [last] = all()[0]!.slice(-1) as [number, ...unknown[]][];
          const next = { seq: (last?.[0] ?? 0) + 1, prevHash: (last?.[6] as string | undefined) ?? GENESIS_HASH };
          const { seq, prevHash, hash } = { ...row, ...(fits > 0 && next), ...(fits === 1 && { seq: row.seq }) };
          const sql = `${verb} INTO events (seq, at, kind, body, prev_hash, hash) VALUES (?, 1, 'x', '', ?, ?)`;
          const [before, after] = both.map((database) => take(database, sql, [seq, prevHash, hash]));
          expect(after).toBe(before);
          expect(all()[1]).toEqual(all()[0]);
        }
        for (const database of both) database.exec('ROLLBACK');
      }),
      { numRuns: 100 },
    );
    for (const database of both) database.close();
  });
});
