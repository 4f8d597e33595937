import type { Logger } from 'pino';
import { DeskError } from '#shared/contract/errors.ts';
import { epochMs } from '#shared/units.ts';
import { JournalBackupError } from '#desk/journal/backup.ts';
import { listBackups, type Rotation } from '#desk/journal/backup-rotation.ts';
import { diskSpace, type DiskState } from '#desk/journal/disk-space.ts';
import { type FullCheck, lastFullCheck, rememberCheck } from '#desk/journal/full-check.ts';
import type { GuardedJournal } from '#desk/journal/guarded-journal.ts';
import { attachmentsOf, copyAttachments } from './attachments.ts';
import { backUpInThread, checkInThread, checkPagesInThread } from './journal-thread.ts';
import type { Notices } from './notices.ts';
import { journalBlock, troubleNotice } from './profile-journal.ts';

const DAY_MS = 86_400_000;
const DISK_CHECK_MS = 30_000;
const BACKUP_CHECK_MS = 3_600_000;
const CHECKPOINT_MS = 900_000;
/** The pages are looked at quickly at every start; all of it, with every index and link, once a week. */
const FULL_CHECK_MS = 7 * DAY_MS;
/** After the start, so that opening the desk is not held up by it. */
const FIRST_FULL_CHECK_MS = 600_000;
const MEBIBYTE = 1_048_576;

export type JournalCareParts = {
  readonly journal: GuardedJournal;
  /** Folder of the journal; backups go below it. */
  readonly folder: string;
  readonly notices: Notices;
  readonly logger: Logger;
  /** The look at the pages that was begun before; absent: it is begun when it is asked for. */
  readonly pages?: Promise<FullCheck> | null;
};

/** Looks after the file: room on the disk, a verified backup a day, a check of all of it a week, the log folded in. */
export interface JournalCare {
  /** Why no entry may be sent; null while the journal can be trusted to keep it. */
  block(): string | null;
  /** True while that is because nothing can be trusted to be kept: then nothing at all is sent. */
  isHalting(): boolean;
  start(): void;
  /** Looks at the pages now, where opening the journal left that for later; until it has ended entries wait. */
  checkPages(): Promise<void>;
  /** Why no backup can be made now; null when one can. */
  backupBlock(): string | null;
  /**
   * Makes a verified backup now, after whatever is under way. Throws DeskError 'refused' where none can be made, or the
   * copy fails; then nothing was removed.
   */
  backUpNow(onProgress: (done: number, total: number) => void): Promise<Rotation>;
  /** Checks all of the journal in a thread now, whenever it was last checked; tells and remembers what was found. */
  checkAll(): Promise<void>;
  /** Waits for a backup that is being made, and gives up a check that is under way. */
  stop(): Promise<void>;
}

const FULL_CHECK_NOTICE = 'full-check';

const damageNotice = (path: string, fault: string) => ({
  id: FULL_CHECK_NOTICE,
  level: 'error' as const,
  title: 'The weekly check found damage in the journal; new entries are blocked',
  detail: fault,
  remedy: `Close the desk and restore the newest backup (kelly-desk journal restore). kelly-desk journal verify ${path} names the first bad row.`,
});

const refusedBackup = (message: string, remedy: string): DeskError =>
  new DeskError({ code: 'refused', message, remedy });

/** Due once a week, and as long as the last one found something. A clock that was set back makes it due as well. */
export function isFullCheckDue(path: string, now: number): boolean {
  const last = lastFullCheck(path);
  return last === null || last.fault !== null || now < last.at || now - last.at >= FULL_CHECK_MS;
}

/** Looks at the pages of a journal where opening it left that for later; null where it did not. */
export function pageCheckOf(journal: GuardedJournal, signal: AbortSignal): Promise<FullCheck> | null {
  if (!journal.isUnchecked) return null;
  const found = checkPagesInThread(journal.path, signal);
  // Its failure is for whoever waits for it, and nobody may come to.
  found.catch(() => undefined);
  return found;
}

/** Returns the care of one journal; it does nothing on its own until it is started. */
export function createJournalCare({ journal, folder, notices, logger, pages = null }: JournalCareParts): JournalCare {
  const timers: NodeJS.Timeout[] = [];
  let disk: DiskState = 'ok';
  let running: Promise<void> = Promise.resolve();
  const closing = new AbortController();
  const { path } = journal;
  // What was found stands until a later check says otherwise.
  let fault = lastFullCheck(path)?.fault ?? null;
  let isUnchecked = journal.isUnchecked;
  let begun = pages;

  const lookAtDisk = (): void => {
    const space = diskSpace(folder);
    // A disk that cannot be asked is one that cannot be trusted.
    disk = space.ok ? space.value.state : 'refuse';
    if (disk === 'ok') {
      notices.clear('disk');
      return;
    }
    notices.raise({
      id: 'disk',
      level: disk === 'low' ? 'warn' : 'error',
      title: disk === 'low' ? 'The disk is getting full' : 'The disk is full; new entries are blocked',
      detail: space.ok
        ? `${Math.floor(space.value.freeBytes / MEBIBYTE)} MB are left in ${folder}.`
        : space.error.detail,
      remedy: 'Free some room; the desk goes on by itself.',
    });
  };
  // A journal in doubt does not push out the backups it may have to be restored from.
  const backupBlock = (): string | null => {
    if (disk === 'refuse') return 'The disk is full: there is no room for a backup.';
    if (fault !== null) return `The journal is damaged, and would push out the backups it is restored from: ${fault}`;
    return journal.footing() === 'main' ? null : 'The journal is written to a standby: its own disk has failed.';
  };
  const makeBackup = async (onProgress?: (done: number, total: number) => void): Promise<Rotation> => {
    const backups = `${folder}/backups`;
    const now = epochMs(Date.now());
    const made = await backUpInThread(path, {
      folder: backups,
      now,
      ...(onProgress === undefined ? {} : { onProgress }),
    });
    // Pictures are named by their content: one copy serves every backup in the folder.
    copyAttachments(attachmentsOf(journal), { from: folder, to: backups });
    notices.clear('backup');
    return made;
  };
  const backUp = async (): Promise<void> => {
    if (backupBlock() !== null || listBackups(`${folder}/backups`)[0]?.day === Math.floor(Date.now() / DAY_MS)) return;
    try {
      await makeBackup();
    } catch (error) {
      logger.error({ event: 'backup-failed', err: error });
      const detail = error instanceof Error ? error.message : 'unknown error';
      notices.raise({
        id: 'backup',
        level: 'warn',
        title: 'The daily backup was not made',
        detail,
        remedy: 'Check the disk; the desk tries again within the hour.',
      });
    }
  };
  const learn = (check: FullCheck): void => {
    ({ fault } = check);
    if (fault === null) notices.clear(FULL_CHECK_NOTICE);
    else notices.raise(damageNotice(path, fault));
    // The answer is told in any case; on a full disk it is asked for again within the hour.
    rememberCheck(path, { ...check, at: epochMs(Date.now()) });
  };
  const checkAll = async (): Promise<void> => {
    if (journal.footing() !== 'main') return;
    try {
      learn(await checkInThread(path, closing.signal));
    } catch (error) {
      if (!closing.signal.aborted) logger.error({ event: 'full-check-failed', err: error });
    }
  };
  /** What the start left for later. Where the file could not be looked at, again with the next look at the disk. */
  const checkPages = async (): Promise<void> => {
    if (!isUnchecked || journal.footing() !== 'main') return;
    try {
      const found = begun ?? checkPagesInThread(path, closing.signal);
      begun = null;
      const check = await found;
      if (check.fault !== null) learn(check);
      isUnchecked = false;
    } catch (error) {
      // What was begun before the care of the journal ends with the desk, a little sooner.
      const isGivenUp = closing.signal.aborted || (error instanceof Error && error.name === 'AbortError');
      if (!isGivenUp) logger.error({ event: 'page-check-failed', err: error });
    }
  };
  const checkWhenDue = (): void => {
    if (isFullCheckDue(path, Date.now())) queue(checkAll);
  };
  journal.onTrouble((trouble) => {
    logger.error({ event: 'journal-trouble', ...trouble });
    notices.raise(troubleNotice(trouble));
  });
  const checkpoint = (): void => {
    try {
      journal.checkpoint();
    } catch (error) {
      logger.error({ event: 'checkpoint-failed', err: error });
    }
  };
  const queue = (task: () => Promise<void>): void => void (running = running.then(task));
  const every = (periodMs: number, task: () => void): void => void timers.push(setInterval(task, periodMs).unref());

  const trouble = (): string | null => {
    const suspect = journalBlock(journal);
    if (suspect !== null) return suspect;
    if (fault !== null) return `The journal is damaged: ${fault}`;
    return disk === 'refuse' ? 'The disk is full; nothing is sent until there is room for the journal' : null;
  };

  return {
    block: () => trouble() ?? (isUnchecked ? 'The pages of the journal are being checked' : null),
    isHalting: () => trouble() !== null,
    start: () => {
      lookAtDisk();
      if (fault !== null) {
        notices.raise(damageNotice(path, fault));
        queue(checkAll);
      }
      queue(backUp);
      timers.push(setTimeout(checkWhenDue, FIRST_FULL_CHECK_MS).unref());
      every(DISK_CHECK_MS, lookAtDisk);
      every(DISK_CHECK_MS, () => queue(checkPages));
      every(BACKUP_CHECK_MS, () => queue(backUp));
      every(BACKUP_CHECK_MS, checkWhenDue);
      every(CHECKPOINT_MS, checkpoint);
    },
    backupBlock,
    backUpNow: (onProgress) => {
      const made = running.then(async () => {
        const block = backupBlock();
        if (block !== null) throw refusedBackup(block, 'Put that right, then try again.');
        try {
          return await makeBackup(onProgress);
        } catch (error) {
          if (!(error instanceof JournalBackupError)) throw error;
          throw refusedBackup(error.message, error.remedy);
        }
      });
      running = made.then(
        () => undefined,
        () => undefined,
      );
      return made;
    },
    checkPages: () => {
      queue(checkPages);
      return running;
    },
    checkAll: () => {
      queue(checkAll);
      return running;
    },
    stop: async () => {
      closing.abort();
      for (const timer of timers) clearInterval(timer);
      await running;
    },
  };
}
