import type { Logger } from 'pino';
import { epochMs } from '#shared/units.ts';
import { listBackups, rotateBackups } from '#desk/journal/backup-rotation.ts';
import { diskSpace, type DiskState } from '#desk/journal/disk-space.ts';
import type { GuardedJournal } from '#desk/journal/guarded-journal.ts';
import { attachmentsOf, copyAttachments } from './attachments.ts';
import type { Notices } from './notices.ts';
import { journalBlock, troubleNotice } from './profile-journal.ts';

const DAY_MS = 86_400_000;
const DISK_CHECK_MS = 30_000;
const BACKUP_CHECK_MS = 3_600_000;
const CHECKPOINT_MS = 900_000;
const MEBIBYTE = 1_048_576;

export type JournalCareParts = {
  readonly journal: GuardedJournal;
  /** Folder of the journal; backups go below it. */
  readonly folder: string;
  readonly notices: Notices;
  readonly logger: Logger;
};

/** Looks after the file: room on the disk, a verified backup a day, the log folded in while nothing happens. */
export interface JournalCare {
  /** Why no order may be sent; null while the journal can be trusted to keep it. */
  block(): string | null;
  start(): void;
  /** Waits for a backup that is being made. */
  stop(): Promise<void>;
}

/** Returns the care of one journal; it does nothing on its own until it is started. */
export function createJournalCare({ journal, folder, notices, logger }: JournalCareParts): JournalCare {
  const timers: NodeJS.Timeout[] = [];
  let disk: DiskState = 'ok';
  let running: Promise<void> = Promise.resolve();

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
  const backUp = async (): Promise<void> => {
    const backups = `${folder}/backups`;
    const now = epochMs(Date.now());
    // A journal in doubt does not push out the backups it may have to be restored from.
    if (disk === 'refuse' || journal.footing() !== 'main') return;
    if (listBackups(backups)[0]?.day === Math.floor(now / DAY_MS)) return;
    try {
      await rotateBackups(journal, { folder: backups, now });
      // Pictures are named by their content: one copy serves every backup in the folder.
      copyAttachments(attachmentsOf(journal), { from: folder, to: backups });
      notices.clear('backup');
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
  const queueBackup = (): void => {
    running = running.then(backUp);
  };
  const every = (periodMs: number, task: () => void): void => void timers.push(setInterval(task, periodMs).unref());

  return {
    block: () => {
      const suspect = journalBlock(journal);
      if (suspect !== null) return suspect;
      return disk === 'refuse' ? 'The disk is full; nothing is sent until there is room for the journal' : null;
    },
    start: () => {
      lookAtDisk();
      queueBackup();
      every(DISK_CHECK_MS, lookAtDisk);
      every(BACKUP_CHECK_MS, queueBackup);
      every(CHECKPOINT_MS, checkpoint);
    },
    stop: async () => {
      for (const timer of timers) clearInterval(timer);
      await running;
    },
  };
}
