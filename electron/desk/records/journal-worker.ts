import { parentPort, workerData } from 'node:worker_threads';
import { JournalBackupError, backupJournal } from '#desk/journal/backup.ts';
import { rotateBackups } from '#desk/journal/backup-rotation.ts';
import { errorText } from '#desk/journal/errors.ts';
import { checkWholeJournal } from '#desk/journal/full-check.ts';
import { journalJobSchema, type JournalAnswer, type JournalJob } from './journal-jobs.ts';
import { checkedCopy } from './recovery.ts';

const say = (answer: JournalAnswer): void => parentPort?.postMessage(answer);

async function run(job: JournalJob): Promise<JournalAnswer> {
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

try {
  say(await run(journalJobSchema.parse(workerData)));
} catch (error) {
  if (!(error instanceof JournalBackupError)) throw error;
  // Errors lose their class on the way to another thread.
  const { code, target, cause } = error;
  say({ kind: 'backup-failed', code, target, detail: cause === undefined ? null : errorText(cause) });
}
