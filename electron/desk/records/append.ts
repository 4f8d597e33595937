import { DeskError } from '#shared/contract/errors.ts';
import { JournalWriteError } from '#desk/journal/errors.ts';
import type { Journal, NewEvent } from '#desk/ports/journal.ts';

/**
 * Appends in one transaction. A journal that cannot be written is told in its own words: throws DeskError 'refused'
 * that begins with `what` did not happen.
 */
export function appendOrRefuse(journal: Journal, events: readonly NewEvent[], what: string): void {
  try {
    journal.append(events);
  } catch (error) {
    if (!(error instanceof JournalWriteError)) throw error;
    throw new DeskError({ code: 'refused', message: `${what}: ${error.message}`, remedy: error.remedy });
  }
}
