import type { JournalOpenError } from '#desk/journal/errors.ts';

/** Says in one sentence why a journal could not be opened. What to do about it is the error's own `remedy`. */
export function openErrorText(error: JournalOpenError): string {
  switch (error.code) {
    case 'journal-in-use':
      return `another desk has the journal ${error.path} open`;
    case 'missing':
      return `there is no journal at ${error.path}`;
    case 'newer-schema':
      return `the journal ${error.path} was written by a newer desk (schema ${error.found}; this one knows ${error.supported})`;
    case 'older-schema':
      return `the journal ${error.path} is of an older desk (schema ${error.found}; this one reads ${error.supported})`;
    case 'not-a-journal':
      return `${error.path} is not a journal: ${error.detail}`;
    case 'corrupt':
      return `the journal ${error.path} is damaged: ${error.detail}`;
    case 'cannot-open':
      return `the journal ${error.path} cannot be opened: ${error.detail} (${error.cause})`;
    case 'setting-refused':
      return `the journal ${error.path} did not take the setting ${error.setting}: ${error.found} instead of ${error.expected}`;
    case 'migration-failed':
      return `the journal ${error.path} could not be brought to schema ${error.version}: ${error.detail}`;
  }
}
