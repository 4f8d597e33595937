import { chmodSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Result, err, ok } from '#shared/result.ts';
import { APPLICATION_ID, type Database } from './connection.ts';
import { type JournalOpenError, errorCode, errorText, leavesSuspect, openErrors, writeErrorCode } from './errors.ts';
import { syncFile, syncFolder } from './folders.ts';
import type { Migration } from './migrations/index.ts';
import { rebuildDerived } from './rebuild.ts';

type Header = { readonly applicationId: number; readonly version: number; readonly tables: number };

/** The schema version of an open file (0 in an empty one). */
export const schemaVersion = (database: Database): number => Number(database.pragma('user_version', { simple: true }));

const header = (database: Database): Header => ({
  applicationId: Number(database.pragma('application_id', { simple: true })),
  version: schemaVersion(database),
  tables: Number(database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get()),
});

const latest = (migrations: readonly Migration[]): number => migrations.at(-1)?.version ?? 0;

/** Looks at the header before anything is written: a foreign or a newer file is left exactly as it is. */
export function identify(
  database: Database,
  path: string,
  migrations: readonly Migration[],
): Result<{ readonly version: number }, JournalOpenError> {
  const { applicationId, version, tables } = header(database);
  const isEmpty = applicationId === 0 && version === 0 && tables === 0;
  if (isEmpty) return ok({ version: 0 });
  if (applicationId !== APPLICATION_ID) {
    return err(openErrors.notAJournal(path, `a SQLite file with application id ${applicationId}`));
  }
  const supported = latest(migrations);
  return version > supported ? err(openErrors.newerSchema(path, version, supported)) : ok({ version });
}

/** Copies the file as it is before a migration touches it; replaces the copy of an earlier attempt. */
function backupBefore(database: Database, path: string, version: number): string {
  const target = `${path}.before-v${version}`;
  rmSync(`${target}.partial`, { force: true });
  database.prepare('VACUUM INTO ?').run(`${target}.partial`);
  chmodSync(`${target}.partial`, 0o600);
  // That VACUUM INTO syncs what it wrote is not promised.
  syncFile(`${target}.partial`);
  renameSync(`${target}.partial`, target);
  syncFolder(dirname(target));
  return target;
}

/** Runs all steps in one transaction, derived tables and header included: the file is at the newest version or what it was. */
function runSteps(database: Database, steps: readonly Migration[], onStep: (version: number) => void): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    for (const step of steps) {
      onStep(step.version);
      step.up(database);
      database.pragma(`user_version = ${step.version}`);
    }
    if (steps.some((step) => step.isDerivedAgain)) rebuildDerived(database);
    database.pragma(`application_id = ${APPLICATION_ID}`);
    database.exec('COMMIT');
  } catch (error) {
    if (database.inTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/**
 * Brings a journal to the newest schema, one numbered step after another. A file with rows is copied first.
 * When a step fails the file is what it was, and the error says which step and where the copy is.
 */
export function migrate(
  database: Database,
  path: string,
  migrations: readonly Migration[],
): Result<{ readonly from: number; readonly to: number }, JournalOpenError> {
  const from = schemaVersion(database);
  const to = latest(migrations);
  const steps = migrations.filter((step) => step.version > from);
  let version = from;
  let backup: string | null = null;
  try {
    if (steps.length > 0 && from > 0) backup = backupBefore(database, path, to);
    if (steps.length > 0) runSteps(database, steps, (step) => (version = step));
    return ok({ from, to });
  } catch (error) {
    const copy = backup === null ? '' : ` A copy is at ${backup}.`;
    const code = writeErrorCode(errorCode(error));
    const isDisk = code !== null && leavesSuspect(code);
    const advice = isDisk
      ? 'Check the disk and its free room, and try again.'
      : 'Report this, and use the version before.';
    const remedy = `The journal is unchanged.${copy} ${advice}`;
    return err({ code: 'migration-failed', path, version, detail: errorText(error), backup, remedy });
  }
}
