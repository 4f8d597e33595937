import { DeskError } from '#shared/contract/errors.ts';
import type { RunHead } from '#shared/domain/backtest.ts';
import type { Tape } from '#desk/backtest/tape.ts';
import { viewJournal } from '#desk/journal/view-only.ts';
import { openErrorText } from '#desk/records/open-error-text.ts';
import { readTogether, type ReadTogether, type Together } from './shared-reading.ts';
import type { RunJob } from './thread-messages.ts';

type Viewed = Extract<ReturnType<typeof viewJournal>, { readonly ok: true }>['value'];

/** Throws DeskError saying why the journal cannot be read, and the remedy. */
function openJobJournal({ journalPath }: Pick<RunJob, 'journalPath'>): Viewed {
  const opened = viewJournal({ path: journalPath });
  if (!opened.ok) {
    const { error } = opened;
    const code = error.code === 'journal-in-use' ? 'journal-in-use' : 'refused';
    const { remedy } = error;
    throw new DeskError({ code, message: openErrorText(error), field: 'journal', value: journalPath, remedy });
  }
  return opened.value;
}

/**
 * Opens a job's journal on a connection of its own, and hands over one committed state: the desk writes on meanwhile.
 * Throws DeskError saying why it cannot be read, and the remedy.
 */
export function withJobJournal<T>(job: Pick<RunJob, 'journalPath'>, work: (journal: Viewed) => T): T {
  const journal = openJobJournal(job);
  try {
    return journal.view(() => work(journal));
  } finally {
    journal.close();
  }
}

/** What a job has read; the books may be asked for until it is closed. Nothing is read after that. */
export type JobTape = ReadTogether & { readonly close: () => void };

type Say = (share: number, phase: string) => void;

/**
 * Reads the range of a job into a tape, as one committed state, together with the helpers. It must be closed.
 * @param say told how much of it is read, from 0 to 1
 */
export async function openJobTape(
  job: Pick<RunJob, 'journalPath' | 'request'>,
  say: Say,
  { helpers, onPacked }: Pick<Together, 'helpers' | 'onPacked'>,
): Promise<JobTape> {
  const range = { from: job.request.from ?? null, to: job.request.to ?? null };
  const journal = openJobJournal(job);
  try {
    journal.hold();
    const read = await readTogether(journal, range, {
      helpers,
      onPacked,
      onProgress: (done, total) => say(done / Math.max(1, total), `Reading the journal, ${done} of ${total} decisions`),
    });
    return { ...read, close: () => journal.close() };
  } catch (error) {
    journal.close();
    throw error;
  }
}

/** Reads the range of a job into a tape in this thread alone, without the books. */
export async function readJobTape(job: Pick<RunJob, 'journalPath' | 'request'>, say: Say): Promise<Tape> {
  const { tape, close } = await openJobTape(job, say, { helpers: [], onPacked: () => undefined });
  close();
  return tape;
}

/** What a run says of the journal it was made from. */
export const journalOf = (tape: Tape): RunHead['journal'] => ({
  profile: tape.profile,
  events: tape.events,
  headHash: tape.headHash,
  configVersions: [...tape.configVersions],
});
