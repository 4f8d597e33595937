import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { identify, migrate, schemaVersion } from '#desk/journal/migrate.ts';
import { MIGRATIONS, type Migration } from '#desk/journal/migrations/index.ts';
import { NOON, aRoundTrip, at, events } from '#test/support/journal-events.ts';
import { mustOpen, temporaryFolder, temporaryJournal } from '#test/support/temp-journal.ts';

/** Today's schema. */
const NOW = MIGRATIONS.length;

const addNotes: Migration = {
  version: NOW + 1,
  name: 'notes',
  up: (db) => db.exec('CREATE TABLE notes (seq INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT'),
};
const fillNotes: Migration = {
  version: NOW + 2,
  name: 'fill notes',
  up: (db) => db.exec(`INSERT INTO notes SELECT seq, kind FROM events; SELECT 1 FROM no_such_table;`),
};

/** A closed journal with rows at the newest schema, as raw bytes on disk. */
function closedJournal(): string {
  const journal = temporaryJournal();
  journal.append([at(NOON, events.instrument()), ...aRoundTrip(1)]);
  journal.close();
  return journal.path;
}

describe('migrations', () => {
  it('are numbered 1, 2, 3 without gaps', () => {
    expect(MIGRATIONS.map(({ version }) => version)).toEqual(MIGRATIONS.map((_, i) => i + 1));
  });

  it('take an empty file to the newest schema in one go, without a backup', () => {
    const path = join(temporaryFolder(), 'new.db');
    const database = new Database(path);
    expect(migrate(database, path, [...MIGRATIONS, addNotes])).toEqual({ ok: true, value: { from: 0, to: NOW + 1 } });
    expect(schemaVersion(database)).toBe(NOW + 1);
    database.close();
    expect(readdirSync(dirname(path))).toEqual(['new.db']);
  });

  it('take a journal with rows one version up, after a backup that opens', () => {
    const path = closedJournal();
    const database = new Database(path);
    expect(migrate(database, path, [...MIGRATIONS, addNotes])).toEqual({ ok: true, value: { from: NOW, to: NOW + 1 } });
    expect(database.prepare('SELECT count(*) FROM events').pluck().get()).toBe(11);
    expect(database.prepare('SELECT count(*) FROM notes').pluck().get()).toBe(0);
    database.close();
    expect(mustOpen(`${path}.before-v${NOW + 1}`).tradeCount({})).toBe(1);
  });

  it('leave the file as it was when one of several steps fails', () => {
    const path = closedJournal();
    const before = readFileSync(path);
    const database = new Database(path);
    const failed = migrate(database, path, [...MIGRATIONS, addNotes, fillNotes]);
    database.close();
    expect(failed).toMatchObject({
      ok: false,
      error: { code: 'migration-failed', path, version: NOW + 2, backup: `${path}.before-v${NOW + 2}` },
    });
    expect(readFileSync(path)).toEqual(before);
    expect(existsSync(`${path}.before-v${NOW + 2}.partial`)).toBe(false);
    expect(mustOpen(path).lastSeq()).toBe(11);
  });

  it('do nothing to a journal that is up to date', () => {
    const path = closedJournal();
    const database = new Database(path);
    expect(migrate(database, path, MIGRATIONS)).toEqual({ ok: true, value: { from: NOW, to: NOW } });
    database.close();
    expect(readdirSync(dirname(path)).filter((name) => name.includes('before'))).toEqual([]);
  });

  it('refuse a journal of a newer schema', () => {
    const path = closedJournal();
    const database = new Database(path);
    database.pragma(`user_version = ${NOW + 1}`);
    expect(identify(database, path, MIGRATIONS)).toMatchObject({
      ok: false,
      error: { code: 'newer-schema', found: NOW + 1, supported: NOW },
    });
    expect(identify(database, path, [...MIGRATIONS, addNotes])).toEqual({ ok: true, value: { version: NOW + 1 } });
    database.close();
  });
});
