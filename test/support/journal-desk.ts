import { DeskError } from '#shared/contract/errors.ts';
import { createTestDesk } from './test-desk.ts';

export type JournalDeskOptions = {
  /** Closed trades in the journal. */
  readonly trades?: number;
  /** Operations that fail, by name: for the states of the screens. */
  readonly failing?: ReadonlySet<string>;
  /** Lines of activity it begins with. */
  readonly activity?: number;
};

/** The test desk with a journal as long as wanted, and operations that fail. For work on the Journal screen. */
export function createJournalDesk({ trades = 486, failing = new Set(), activity }: JournalDeskOptions = {}) {
  const desk = createTestDesk({ stepEveryMs: 1000, trades, ...(activity === undefined ? {} : { activity }) });
  const broken = Object.fromEntries(
    [...failing].map((name) => [
      name,
      () => {
        throw new DeskError({ code: 'internal', message: 'The journal could not be read.', incident: '0f3c91ab' });
      },
    ]),
  );
  return { ...desk, handlers: { ...desk.handlers, ...broken } };
}
