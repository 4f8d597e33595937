import { statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { backupOperations, BackupFile } from '#shared/contract/backup-operations.ts';
import { DeskError } from '#shared/contract/errors.ts';
import type { Handlers, OperationName, Publish } from '#shared/contract/index.ts';
import type { DeskSnapshot } from '#shared/contract/views.ts';
import { isTerminal } from '#shared/domain/order-life.ts';
import { epochMs } from '#shared/units.ts';
import type { JournalCare } from './journal-care.ts';
import { restoreJournal } from './journal-tools.ts';
import { lookInThread } from './journal-thread.ts';
import { copiesOf, type JournalCopy } from './recovery.ts';
import { listSettingsCopies } from './settings-copies.ts';

export type BackupOperation = Extract<OperationName, keyof typeof backupOperations>;

export type BackupParts = {
  readonly journalPath: string;
  readonly care: () => JournalCare;
  readonly publish: Publish;
  readonly mustBeReady: () => void;
};

/** A file that was let go of meanwhile is in no list. */
function described({ path, kind }: JournalCopy): readonly BackupFile[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return [];
  return [{ name: basename(path), kind, at: epochMs(Math.floor(found.mtimeMs)), bytes: found.size }];
}

/** A copy by its name. Names are looked up, never joined to a path. Throws DeskError 'not-found'. */
export function knownCopy(journalPath: string, name: string): JournalCopy {
  const copy = copiesOf(journalPath).find(({ path }) => basename(path) === name);
  if (copy !== undefined) return copy;
  throw new DeskError({ code: 'not-found', message: 'there is no such backup', field: 'name', value: name });
}

const NOT_HERE = new DeskError({
  code: 'refused',
  message: 'this desk cannot open its journal again by itself',
  remedy: 'close it and use kelly-desk journal restore',
});

/** Returns the operations on the backups of an open journal; restoring is left to who can open the desk again. */
export function createBackupHandlers(parts: BackupParts): Pick<Handlers, BackupOperation> {
  const { journalPath, publish } = parts;
  return {
    'backups.list': () => ({
      folder: join(dirname(journalPath), 'backups'),
      backups: copiesOf(journalPath).flatMap(described),
      settings: [...listSettingsCopies(dirname(journalPath))],
      problem: parts.care().backupBlock(),
    }),
    'backups.check': ({ name }) => lookInThread(knownCopy(journalPath, name), journalPath),
    'backups.create': async () => {
      parts.mustBeReady();
      const { made } = await parts.care().backUpNow((done, total) => publish('backups.progress', { done, total }));
      return { name: basename(made.path) };
    },
    'backups.restore': () => {
      throw NOT_HERE;
    },
  };
}

/** What holds a restore back: an older journal knows nothing of what is open now. Null when nothing does. */
export function restoreBlock({ positions, orders, startup }: DeskSnapshot): string | null {
  const working = orders.filter((order) => !isTerminal(order)).length;
  if (startup.phase !== 'ready') return 'the desk is not ready';
  if (positions.length > 0) return `${positions.length} positions are open`;
  return working > 0 ? `${working} orders work` : null;
}

/**
 * Restores the journal of a desk that is open: it is closed first, and opened again whatever comes of it.
 * Throws DeskError 'refused' while something is open, 'not-found' for a name that is none, and as restoring does.
 */
export async function restoreOver(parts: {
  readonly name: string;
  readonly journalPath: string;
  readonly snapshot: DeskSnapshot;
  /** Closes the desk, does the work, and opens it again. */
  readonly whileClosed: <T>(work: () => Promise<T>) => Promise<T>;
}): Promise<{ readonly kept: string | null }> {
  const { path } = knownCopy(parts.journalPath, parts.name);
  const block = restoreBlock(parts.snapshot);
  if (block !== null) {
    const remedy = 'close what is open first: an older journal knows nothing of it';
    throw new DeskError({ code: 'refused', message: `the journal is not restored: ${block}`, remedy });
  }
  // Before the desk is closed for nothing.
  await restoreJournal(path, parts.journalPath, false);
  const { kept } = await parts.whileClosed(() => restoreJournal(path, parts.journalPath, true));
  return { kept };
}
