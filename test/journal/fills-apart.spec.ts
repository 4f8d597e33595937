import SqliteDatabase from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { identify, schemaVersion } from '#desk/journal/migrate.ts';
import { MIGRATIONS } from '#desk/journal/migrations/index.ts';
import { epochMs } from '#shared/units.ts';
import { NOON, aCorrection, aFill, aRoundTrip, at, events } from '#test/support/journal-events.ts';
import { journalOfSchema } from '#test/support/older-journal.ts';
import { mustOpen } from '#test/support/temp-journal.ts';

const imported = [1, 2, 3].map((n) => aFill(`i${n}`, { account: 'imported:A', at: epochMs(NOON + n) }));

const written = [
  ...[at(NOON, events.opened()), at(NOON, events.instrument()), ...aRoundTrip(1)],
  ...imported.map((fill) => at(NOON, events.fill(fill))),
  ...[at(NOON, events.correction(aCorrection(imported[0]!, 1, null))), at(NOON, events.notice('kept'))],
];

describe('a journal of schema 5', () => {
  it('keeps every row and tells of its fills as before, without them in the index of events', () => {
    const path = journalOfSchema(5, written);
    const raw = new SqliteDatabase(path);
    const rowsOf = (database: SqliteDatabase.Database) =>
      ['events', 'fills', 'trades', 'lots', 'orders', 'decisions'].map((table) =>
        database.prepare(`SELECT * FROM ${table}`).raw().all(),
      );
    const before = rowsOf(raw);
    raw.close();
    const journal = mustOpen(path);
    const fills = written.flatMap(({ event }) => (event.kind === 'fill' ? [event] : []));
    expect(fills).toHaveLength(5);
    expect([...journal.events({ kinds: ['fill'] })].map(({ event }) => event)).toEqual(fills);
    const both = [...journal.events({ kinds: ['notice', 'fill'] })].map(({ event }) => event.kind);
    expect(both).toEqual([...fills.map(() => 'fill'), 'notice']);
    const own = fills.flatMap(({ fill }) => (fill.clientOrderId === null ? [] : [fill]));
    expect(own.length).toBeGreaterThan(0);
    for (const fill of own) expect(journal.fillsOf(fill.clientOrderId ?? '')).toContainEqual(fill);
    journal.close();
    const database = new SqliteDatabase(path, { readonly: true });
    expect(schemaVersion(database)).toBe(MIGRATIONS.length);
    expect(rowsOf(database)).toEqual(before);
    // The desk of schema 5 refuses it: it would read every event to find a fill.
    expect(identify(database, path, MIGRATIONS.slice(0, 5))).toMatchObject({
      ok: false,
      error: { code: 'newer-schema' },
    });
    database.close();
  });

  it('has its fills found by their own table in a page that begins and ends among them', () => {
    const journal = mustOpen(journalOfSchema(5, written));
    const all = [...journal.events({ kinds: ['fill'] })].map(({ seq }) => seq);
    const [first = 0, , third = 0] = all;
    const some = journal.events({ kinds: ['fill'], after: first, until: third });
    expect([...some].map(({ seq }) => seq)).toEqual(all.slice(1, 3));
    expect([...journal.events({ kinds: ['fill'], limit: 2 })].map(({ seq }) => seq)).toEqual(all.slice(0, 2));
  });
});
