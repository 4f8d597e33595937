import SqliteDatabase from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { identify, schemaVersion } from '#desk/journal/migrate.ts';
import { MIGRATIONS } from '#desk/journal/migrations/index.ts';
import { epochMs } from '#shared/units.ts';
import { aRoundTrip, at, events, NOON } from '#test/support/journal-events.ts';
import { journalOfSchema } from '#test/support/older-journal.ts';
import { mustOpen } from '#test/support/temp-journal.ts';

const journalOfSchema2 = (): string =>
  journalOfSchema(2, [at(NOON, events.opened()), at(NOON, events.instrument()), ...aRoundTrip(1)]);

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
