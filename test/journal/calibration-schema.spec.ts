import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { identify, schemaVersion } from '#desk/journal/migrate.ts';
import { MIGRATIONS } from '#desk/journal/migrations/index.ts';
import { epochMs } from '#shared/units.ts';
import { aRoundTrip, at, events, NOON } from '#test/support/journal-events.ts';
import { mustOpen, temporaryFolder } from '#test/support/temp-journal.ts';

/** A journal with rows as the desk of schema 2 left it: the tables are those of schema 3. */
function journalOfSchema2(): string {
  const path = join(temporaryFolder(), 'journal.db');
  const journal = mustOpen(path);
  journal.append([at(NOON, events.opened()), at(NOON, events.instrument()), ...aRoundTrip(1)]);
  journal.close();
  const database = new SqliteDatabase(path);
  database.pragma('user_version = 2');
  database.close();
  return path;
}

describe('a journal of schema 2', () => {
  it('is brought to one that holds calibrators, with all its rows', () => {
    const path = journalOfSchema2();
    const journal = mustOpen(path);
    expect(journal.trades({})).toHaveLength(1);
    const calibrator = { kind: 'platt', version: 'n60', a: -1, b: 0 } as const;
    const event = {
      kind: 'calibration',
      choice: 'accepted',
      calibrator,
      fittedOn: 60,
      reason: null,
      actor: 'trader',
    } as const;
    journal.append([at(epochMs(NOON + 1), event)]);
    expect([...journal.events({ kinds: ['calibration'] })].map((stored) => stored.event)).toEqual([event]);
    journal.close();
    const database = new SqliteDatabase(path, { readonly: true });
    expect(schemaVersion(database)).toBe(MIGRATIONS.length);
    // The desk of schema 2 refuses it: it would not know which calibrator is in force.
    expect(identify(database, path, MIGRATIONS.slice(0, 2))).toMatchObject({
      ok: false,
      error: { code: 'newer-schema' },
    });
    database.close();
  });
});
