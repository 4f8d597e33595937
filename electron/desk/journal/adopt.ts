import { existsSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Result, err, ok } from '#shared/result.ts';
import type { StoredEvent } from '#desk/ports/events.ts';
import type { NewEvent } from '#desk/ports/journal.ts';
import { type JournalOpenError, openErrors } from './errors.ts';
import { syncFolder } from './folders.ts';
import { type SqliteJournal, openJournal } from './open-journal.ts';
import { listStandbys } from './standby.ts';

/** Bars of each kind and symbol that are taken over: two weeks of minutes. */
const BARS_TAKEN = 20_000;
const EVENTS_AT_ONCE = 1_000;

/** A standby whose events the journal now holds as well. */
export type Adopted = {
  readonly standby: string;
  /** Where the standby is kept from now on. */
  readonly kept: string;
  /** Events taken over. */
  readonly events: number;
  /** Executions among them. */
  readonly fills: number;
};

export type AdoptError =
  | JournalOpenError
  | {
      readonly code: 'standby-foreign';
      readonly path: string;
      readonly detail: string;
      readonly remedy: string;
    };

/** The last event two chains share; by binary search, for an equal hash says that all before it is equal. */
function commonSeq(journal: SqliteJournal, standby: SqliteJournal): number {
  let [low, high] = [0, Math.min(journal.lastSeq(), standby.lastSeq())];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (journal.hashOf(middle) === standby.hashOf(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

function* eventsAfter(journal: SqliteJournal, seq: number): Generator<StoredEvent> {
  for (let after = seq; ;) {
    const page = journal.after(after, EVENTS_AT_ONCE);
    const last = page.at(-1);
    if (last === undefined) return;
    yield* page;
    after = last.seq;
  }
}

const markOf = (standby: SqliteJournal): string => `standby ${standby.headHash() ?? ''}`;

/** Whether the journal already says that it has taken this standby over, in its very last words. */
const isAdopted = (journal: SqliteJournal, standby: SqliteJournal): boolean =>
  [...journal.events({ kinds: ['notice'] })].some(({ event }) => event.detail.includes(markOf(standby)));

/**
 * What of a standby the journal does not hold. Where the journal ends in the standby's own chain that is all that comes
 * after; where it has more (a write that reached the disk and was never acknowledged) what is there already is left out.
 */
function missing(journal: SqliteJournal, standby: SqliteJournal, common: number): readonly NewEvent[] {
  const known = new Set([...eventsAfter(journal, common)].map(({ at, event }) => JSON.stringify([at, event])));
  return [...eventsAfter(standby, common)]
    .filter(({ at, event }) => !known.has(JSON.stringify([at, event])))
    .map(({ at, event }) => ({ at, event }));
}

function takeOver(journal: SqliteJournal, standby: SqliteJournal): Result<readonly NewEvent[], AdoptError> {
  const walked = standby.walk();
  if ('fault' in walked) return err(openErrors.corrupt(standby.path, walked.fault));
  const own = journal.walk();
  if ('fault' in own) return err(openErrors.corrupt(journal.path, own.fault));
  if (isAdopted(journal, standby)) return ok([]);
  const common = commonSeq(journal, standby);
  if (common === 0 && journal.lastSeq() > 0) {
    return err({
      code: 'standby-foreign',
      path: standby.path,
      detail: 'it shares no event with the journal',
      remedy: 'It belongs to another journal, or this journal was replaced. Move it away, or put its journal back.',
    });
  }
  const events = missing(journal, standby, common);
  const last = events.at(-1);
  if (last === undefined) return ok([]);
  const detail = `${events.length} events of ${standby.path}, ${markOf(standby)}`;
  const notice = { kind: 'notice', level: 'warn', title: 'A standby journal was taken over', detail } as const;
  // One transaction: a crash leaves all of it to the next start, and its own mark keeps it from being taken twice.
  journal.append([...events, { at: last.at, event: notice }]);
  return ok(events);
}

/** Market data is no part of the chain; bars already there are left as they are. */
function takeBars(journal: SqliteJournal, standby: SqliteJournal): void {
  const symbols = new Set([...standby.events({ kinds: ['instrument'] })].map(({ event }) => event.instrument.symbol));
  for (const symbol of symbols) {
    for (const timeframe of ['1m', '1d'] as const) {
      const bars = standby.bars({ symbol, timeframe, limit: BARS_TAKEN });
      if (bars.length > 0) journal.appendBars(bars);
    }
  }
}

/** Sets a standby aside under a name that says it is done with; nothing of it is deleted. */
function keepAside(path: string): string {
  const kept = path.replace(/\.db$/, '.adopted.db');
  renameSync(path, kept);
  for (const part of ['.head', '.lock']) rmSync(`${path}${part}`, { force: true });
  for (const part of ['-wal', '-shm']) if (existsSync(`${path}${part}`)) renameSync(`${path}${part}`, `${kept}${part}`);
  syncFolder(dirname(path));
  return kept;
}

/**
 * Appends to a journal what one of its standbys holds and it does not, as new events. Doing it again, or again after a
 * crash anywhere in it, adds nothing twice. The standby is then kept as `….adopted.db`.
 * @param journal  open for writing
 * @errors AdoptError: the standby is left as it is
 */
export function adoptStandby(journal: SqliteJournal, path: string): Result<Adopted, AdoptError> {
  const opened = openJournal({ path });
  if (!opened.ok) return opened;
  const standby = opened.value;
  let taken: Result<readonly NewEvent[], AdoptError>;
  try {
    taken = takeOver(journal, standby);
    if (taken.ok) takeBars(journal, standby);
  } finally {
    standby.close();
  }
  if (!taken.ok) return taken;
  const fills = taken.value.filter(({ event }) => event.kind === 'fill').length;
  return ok({ standby: path, kept: keepAside(path), events: taken.value.length, fills });
}

/** Takes over every standby beside a journal, oldest first, and stops at the first that cannot be. */
export function adoptStandbys(journal: SqliteJournal): Result<readonly Adopted[], AdoptError> {
  const done: Adopted[] = [];
  for (const path of listStandbys(journal.path)) {
    const adopted = adoptStandby(journal, path);
    if (!adopted.ok) return adopted;
    done.push(adopted.value);
  }
  return ok(done);
}
