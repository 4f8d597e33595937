import { DeskError } from '#shared/contract/errors.ts';
import type { JournalOpenError } from '#desk/journal/errors.ts';
import { openErrorText } from './open-error-text.ts';

/** The journal of a profile that is there and cannot be read as one: a backup of it has to be restored. */
export class DamagedJournal extends DeskError {
  readonly openError: JournalOpenError;

  constructor(openError: JournalOpenError) {
    const message = openErrorText(openError);
    super({ code: 'needs-recovery', message, field: 'journal', value: openError.path, remedy: openError.remedy });
    this.openError = openError;
  }
}

/** What a start throws for a journal that could not be opened. */
export function startRefusal(error: JournalOpenError): DeskError {
  if (error.code === 'corrupt' || error.code === 'not-a-journal') return new DamagedJournal(error);
  const code = error.code === 'journal-in-use' ? error.code : 'refused';
  return new DeskError({ code, message: openErrorText(error), remedy: error.remedy });
}
