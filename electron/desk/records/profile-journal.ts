import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { err, ok, type Result } from '#shared/result.ts';
import { epochMs } from '#shared/units.ts';
import { adoptStandbys, type AdoptError, type Adopted } from '#desk/journal/adopt.ts';
import { openErrors, type JournalOpenError } from '#desk/journal/errors.ts';
import { lastFullCheck } from '#desk/journal/full-check.ts';
import { openGuardedJournal, type GuardedJournal, type JournalTrouble } from '#desk/journal/guarded-journal.ts';
import { LOG_ROOM_BYTES } from '#desk/journal/log-room.ts';
import type { JournalEventOf } from '#desk/ports/events.ts';
import type { NewEvent } from '#desk/ports/journal.ts';
import type { Notice } from '#shared/domain/status.ts';
import { openErrorText } from './open-error-text.ts';

/** A profile's journal as a start finds it. */
export type ProfileJournal = {
  readonly journal: GuardedJournal;
  /** What standbys held and the journal now holds as well. */
  readonly adopted: readonly Adopted[];
  /** Set while a standby lies beside it that could not be taken over: something is remembered that is not here. */
  readonly problem: AdoptError | null;
};

export type FirstEvent = { readonly at: NewEvent['at']; readonly event: JournalEventOf<'opened'> };

/**
 * Opens the journal of a profile and takes over what a standby remembers; a first start writes whose it is. Where the
 * pages of a large one are checked later, that is for the care of the journal to do.
 * @errors JournalOpenError: also where a desk has one of the standbys open
 */
export function openProfileJournal(
  folder: string,
  first: FirstEvent,
  { isCheckedLater = false }: { readonly isCheckedLater?: boolean } = {},
): Result<ProfileJournal, JournalOpenError> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'journal.db');
  const opened = openGuardedJournal({
    path,
    // Where damage was found the last time it is looked for first: what does not open can be restored on the screen.
    isCheckedLater: isCheckedLater && (lastFullCheck(path)?.fault ?? null) === null,
    ballast: true,
    logRoom: LOG_ROOM_BYTES,
    now: () => epochMs(Date.now()),
  });
  if (!opened.ok) return opened;
  const journal = opened.value;
  const adopted = adoptStandbys(journal);
  if (!adopted.ok && isOfTheJournal(adopted.error, journal.path)) {
    journal.close();
    return err(adopted.error.code === 'journal-in-use' ? openErrors.inUse(journal.path) : adopted.error);
  }
  if (journal.lastSeq() === 0) journal.append([first]);
  return ok(
    adopted.ok ? { journal, adopted: adopted.value, problem: null } : { journal, adopted: [], problem: adopted.error },
  );
}

/** A desk on the standby is a desk on this profile; a fault found in the journal itself is the journal's. */
const isOfTheJournal = (error: AdoptError, path: string): error is JournalOpenError =>
  error.code === 'journal-in-use' || (error.code === 'corrupt' && error.path === path);

/** What could not be taken over, in one sentence. */
export const adoptErrorText = (error: AdoptError): string =>
  error.code === 'standby-foreign' ? `${error.path} is not of this journal: ${error.detail}` : openErrorText(error);

type Told = Omit<Notice, 'at'>;

/** What a start found beside the journal, for the screen. */
export function standbyNotices({ adopted, problem }: Omit<ProfileJournal, 'journal'>): readonly Told[] {
  const taken = adopted.map(({ kept, events, fills }, n): Told => ({
    id: `standby-adopted-${n}`,
    level: 'warn',
    title: 'What was recorded beside the journal has been taken over',
    detail: `${events} events, ${fills} of them fills, from a standby the desk wrote after its disk had failed. It is kept as ${kept}.`,
    remedy: 'Compare with the broker, and have the disk checked.',
  }));
  if (problem === null) return taken;
  const blocked: Told = {
    id: 'standby',
    level: 'error',
    title: 'A standby journal could not be taken over; new entries are blocked',
    detail: `${adoptErrorText(problem)}.`,
    remedy: `${problem.remedy} kelly-desk journal adopt-standby tries again.`,
  };
  return [...taken, blocked];
}

const WHERE = {
  reopened: 'The journal was opened again and its whole chain verified from disk; it goes on being written.',
  standby: 'The journal could not be verified and is not written to any more.',
  none: 'Nothing can be recorded any more.',
} as const;

/** What became of the journal when its disk failed, for the screen. */
export function troubleNotice({ footing, path, detail, isWhole }: JournalTrouble): Told {
  const gap = isWhole ? '' : ' A part of what was recorded before is only in the suspect file.';
  const remedy = {
    reopened:
      'Check the disk and start the desk again: entries stay blocked until then. Exits, cancels and fills work.',
    standby: `Close positions if you must, check the disk, and start the desk again: it takes over ${path}. Entries stay blocked; exits, cancels and fills are recorded there.`,
    none: 'Manage open positions at the broker. Free or replace the disk, and start the desk again.',
  } as const;
  return {
    id: 'journal-trouble',
    level: 'error',
    title: footing === 'none' ? 'The journal cannot be written' : 'The disk of the journal failed',
    detail: `${WHERE[footing]}${gap} ${detail}`,
    remedy: remedy[footing],
  };
}

const BLOCKS = {
  main: 'The journal could not be written; nothing is sent until there is room for it',
  reopened: 'The disk of the journal failed; nothing that adds risk is sent until the desk has been started again',
  standby: 'The desk records beside its journal; nothing that adds risk is sent until it has been started again',
  none: 'The journal cannot be written; nothing is sent until the desk has been started again',
} as const;

/** Why no order that adds risk may be sent, by the state of the journal's file; null while it can be trusted. */
export const journalBlock = (journal: GuardedJournal): string | null =>
  journal.isSuspect() ? BLOCKS[journal.footing()] : null;
