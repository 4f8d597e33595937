import { JournalBackupError, backupJournal } from '#desk/journal/backup.ts';
import { rotateBackups } from '#desk/journal/backup-rotation.ts';
import { errorText } from '#desk/journal/errors.ts';
import { checkWholeJournal } from '#desk/journal/full-check.ts';
import type { JournalAnswer, JournalJob } from './journal-jobs.ts';
import { checkedCopy } from './recovery.ts';

type Job = Exclude<JournalJob, { readonly kind: 'check-pages' }>;
type Say = (answer: JournalAnswer) => void;

async function done(job: Job, say: Say): Promise<JournalAnswer> {
  if (job.kind === 'check') return { kind: 'checked', found: checkWholeJournal(job.path) };
  if (job.kind === 'look') return { kind: 'looked', copy: await checkedCopy(job.copy, job.journalPath) };
  const { path, folder, now } = job;
  const journal = {
    path,
    backup: (target: string, onProgress?: (done: number, total: number) => void) =>
      backupJournal(path, target, onProgress),
  };
  const onProgress = (done: number, total: number): void => say({ kind: 'progress', done, total });
  return { kind: 'backed-up', rotation: await rotateBackups(journal, { folder, now, onProgress }) };
}

/** Does a job of the thread that goes through journals, and returns its answer; `say` is told how far it is. */
export async function journalWork(job: Job, say: Say): Promise<JournalAnswer> {
  try {
    return await done(job, say);
  } catch (error) {
    if (!(error instanceof JournalBackupError)) throw error;
    // Errors lose their class on the way to another thread.
    const { code, target, cause } = error;
    return { kind: 'backup-failed', code, target, detail: cause === undefined ? null : errorText(cause) };
  }
}
