import { basename, dirname, join } from 'node:path';
import { DeskError } from '#shared/contract/errors.ts';
import type { Handlers } from '#shared/contract/index.ts';
import type { RecoveryCopy, RecoveryState } from '#shared/contract/recovery-operations.ts';
import { epochMs } from '#shared/units.ts';
import { anchoredSeq } from '#desk/journal/anchor.ts';
import { listBackups } from '#desk/journal/backup-rotation.ts';
import type { JournalOpenError } from '#desk/journal/errors.ts';
import { restorePreview } from '#desk/journal/restore.ts';
import { listStandbys } from '#desk/journal/standby.ts';
import { restoreJournal } from './journal-tools.ts';
import { openErrorText } from './open-error-text.ts';
import { listSettingsCopies, restoreSettings } from './settings-copies.ts';

export type RecoveryOperation = 'recovery.state' | 'recovery.restoreJournal' | 'recovery.restoreSettings';

export type RecoveryParts = {
  /** Folder of the profile. */
  readonly folder: string;
  /** Why the journal could not be opened; null while it is open. */
  readonly journalError: () => JournalOpenError | null;
  /** Why the settings file could not be read; null while it can. */
  readonly settingsProblem: () => string | null;
  /** Starts the desk again after something was put back; null where that is left to the next start. */
  readonly reopen: (() => Promise<void>) | null;
};

export type JournalCopy = { readonly path: string; readonly kind: RecoveryCopy['kind'] };

/** What a journal can be restored from: standbys, which hold the newest, and then the backups, newest first. */
export const copiesOf = (journalPath: string): readonly JournalCopy[] => [
  ...[...listStandbys(journalPath)].reverse().map((path): JournalCopy => ({ path, kind: 'standby' })),
  ...listBackups(join(dirname(journalPath), 'backups')).map(({ path }): JournalCopy => ({ path, kind: 'backup' })),
];

/** Puts a copy through a restore drill: what it holds, and what the journal is known to hold beyond it. */
export async function checkedCopy({ path, kind }: JournalCopy, journalPath: string): Promise<RecoveryCopy> {
  const preview = await restorePreview(path);
  const name = basename(path);
  if (!preview.ok) {
    const fault = openErrorText(preview.error);
    return { name, kind, lastAt: null, events: 0, decisions: 0, trades: 0, fault, lostEvents: null };
  }
  const { lastAt, events, decisions, trades } = preview.value;
  const known = anchoredSeq(journalPath);
  const lostEvents = known === null ? null : Math.max(0, known - events);
  return { name, kind, lastAt, events, decisions, trades, fault: null, lostEvents };
}

async function stateOf(parts: RecoveryParts): Promise<RecoveryState> {
  const { folder } = parts;
  const error = parts.journalError();
  const problem = parts.settingsProblem();
  const copies: RecoveryCopy[] = [];
  if (error !== null) for (const copy of copiesOf(error.path)) copies.push(await checkedCopy(copy, error.path));
  const { path, remedy } = error ?? { path: '', remedy: '' };
  return {
    folder,
    journal: error === null ? null : { path, problem: openErrorText(error), remedy, copies },
    settings:
      problem === null
        ? null
        : { path: join(folder, 'settings.json'), problem, copies: [...listSettingsCopies(folder)] },
  };
}

const refused = (message: string, remedy: string): DeskError => new DeskError({ code: 'refused', message, remedy });
const noSuchCopy = (name: string): DeskError =>
  new DeskError({ code: 'not-found', message: 'there is no such copy', field: 'name', value: name });

/**
 * Returns what a start under damaged files can do about it. Names of copies are looked up, never joined to a path.
 * Throws DeskError where nothing is damaged, and as restoring a journal does.
 */
export function createRecoveryHandlers(parts: RecoveryParts): Pick<Handlers, RecoveryOperation> {
  return {
    'recovery.state': () => stateOf(parts),
    'recovery.restoreJournal': async ({ name }) => {
      const error = parts.journalError();
      if (error === null) throw refused('the journal is open and in use', 'Nothing has to be restored.');
      const copy = copiesOf(error.path).find(({ path }) => basename(path) === name);
      if (copy === undefined) throw noSuchCopy(name);
      const { kept } = await restoreJournal(copy.path, error.path, true);
      await parts.reopen?.();
      return { kept };
    },
    'recovery.restoreSettings': async ({ name }) => {
      if (parts.settingsProblem() === null) {
        throw refused('the settings file can be read', 'Change it, or put a copy in its place by hand.');
      }
      const kept = restoreSettings(parts.folder, name, epochMs(Date.now()));
      if (kept === undefined) throw noSuchCopy(name);
      await parts.reopen?.();
      return { kept };
    },
  };
}
