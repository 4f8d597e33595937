import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { APPLICATION_ID } from '#desk/journal/connection.ts';
import { MIGRATIONS } from '#desk/journal/migrations/index.ts';
import { rebuildDerived } from '#desk/journal/rebuild.ts';
import type { NewEvent } from '#desk/ports/journal.ts';
import { mustOpen, temporaryFolder } from './temp-journal.ts';

/** Makes a journal as a desk of an older schema left it: the tables of that schema, with these events in them. */
export function journalOfSchema(version: number, events: readonly NewEvent[]): string {
  const [newer, path] = [join(temporaryFolder(), 'journal.db'), join(temporaryFolder(), 'journal.db')];
  const journal = mustOpen(newer);
  journal.append(events);
  journal.close();
  const database = new SqliteDatabase(path);
  for (const migration of MIGRATIONS.slice(0, version)) migration.up(database);
  database.prepare('ATTACH ? AS newer').run(newer);
  database.exec('INSERT INTO events SELECT * FROM newer.events ORDER BY seq; DETACH newer');
  rebuildDerived(database);
  database.pragma(`application_id = ${APPLICATION_ID}`);
  database.pragma(`user_version = ${version}`);
  database.close();
  return path;
}
