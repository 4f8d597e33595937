import { writeSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { applySettings } from '#desk/journal/connection.ts';
import { migrate } from '#desk/journal/migrate.ts';
import { MIGRATIONS } from '#desk/journal/migrations/index.ts';
import { openJournal } from '#desk/journal/open-journal.ts';
import { JournalWriter } from '#desk/journal/writer.ts';
import { epochMs } from '#shared/units.ts';
import { NOON, aRoundTrip, at, events } from '../journal-events.ts';
import { laterMigrations } from './later-migrations.ts';

/**
 * A process that fills a journal of today's schema, takes it two steps further and goes on writing. It tells each
 * append and the end of the migration. Arguments: folder; the statement of the migration at which to kill itself
 * (none: to the end).
 */
const [folder = '', killAt = '0'] = process.argv.slice(2);
const path = join(folder, 'journal.db');
const tell = (text: string): void => void writeSync(1, `${text}\n`);

const opened = openJournal({ path });
if (!opened.ok) throw new Error(JSON.stringify(opened.error));
const first = opened.value.append([at(NOON, events.opened()), at(NOON, events.instrument()), ...aRoundTrip(1)]);
for (const { seq, hash } of first) tell(`${seq} ${hash}`);
opened.value.close();

const database = new SqliteDatabase(path);
const settings = applySettings(database, path, 'write');
if (!settings.ok) throw new Error(JSON.stringify(settings.error));
// The log is in use, so that nothing SQLite does for a new one hides what the migration leaves out.
for (const { seq, hash } of new JournalWriter(database, path, 'write').append([at(NOON, events.equity(0))])) {
  tell(`${seq} ${hash}`);
}
tell('migrating');
let statements = 0;
const migrated = migrate(database, path, [
  ...MIGRATIONS,
  ...laterMigrations(() => {
    statements += 1;
    if (statements === Number(killAt)) process.kill(process.pid, 'SIGKILL');
  }),
]);
if (!migrated.ok) throw new Error(JSON.stringify(migrated.error));
tell('migrated');
const writer = new JournalWriter(database, path, 'write');
for (const event of aRoundTrip(2, epochMs(NOON + 100_000))) {
  for (const { seq, hash } of writer.append([event])) tell(`${seq} ${hash}`);
}
database.close();
