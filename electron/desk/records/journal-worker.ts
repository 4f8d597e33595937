import { parentPort, workerData } from 'node:worker_threads';
import { checkPages } from '#desk/journal/page-check.ts';
import { journalJobSchema, type JournalAnswer, type JournalJob } from './journal-jobs.ts';

const say = (answer: JournalAnswer): void => parentPort?.postMessage(answer);

async function answerOf(job: JournalJob): Promise<JournalAnswer> {
  if (job.kind === 'check-pages') return { kind: 'checked', found: checkPages(job.path) };
  // Loaded when it is needed: pages are looked at beside a start, which has no time for the rest.
  const { journalWork } = await import('./journal-work.ts');
  return journalWork(job, say);
}

say(await answerOf(journalJobSchema.parse(workerData)));
