import { rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openJournal, type SqliteJournal } from '#desk/journal/open-journal.ts';
import { epochMs } from '#shared/units.ts';
import { failureOf, inject } from './disk-faults.ts';
import { NOON, aDecision, aRoundTrip, at, events } from '../journal-events.ts';

/**
 * A process under the recorder whose disk calls are made to fail, round after round. Arguments: folder, kind of call,
 * errno, how many calls fail in a row, rounds, step at which the fault is set (open, append, backup, soon: appends that
 * do not wait for the disk, long: an append so long that the journal makes a checkpoint of its own beside, longest: one
 * to a log that is so long already that it makes it itself). In round n the n-th call fails. It writes one line of JSON for each round.
 */
const [folder = '', call = 'sync', errno = '5', times = '1', roundCount = '1', step = 'append'] = process.argv.slice(2);
/** A journal is used for so many rounds, and then another one is made. */
const ROUNDS_PER_JOURNAL = 10;
const APPENDS_PER_ROUND = step === 'append' ? 220 : 10;

/** Little room in the log, so that some commits write over it and some beyond. */
const LOG_ROOM = 64 * 1024;

const faultAt = (nth: number): boolean => inject(nth === 0 ? null : { call, nth, errno, times });

/** More pages than the log may have before they are moved into the file. */
const LONG = at(NOON, events.notice('x'.repeat(4_500_000)));
/** More than may wait for the thread beside. */
const LONGEST = at(NOON, events.notice('x'.repeat(33_000_000)));

const raise = (error: unknown): never => {
  throw error;
};

let trade = 0;
function* pieces(): Generator<Parameters<SqliteJournal['append']>[0]> {
  for (;;) {
    trade += 1;
    const all = aRoundTrip(trade, epochMs(NOON + trade * 100_000));
    yield all.slice(0, 4);
    yield all.slice(4);
  }
}

/** Makes the log that long: a reader that looks at an older state keeps it from being moved. */
function makeLongest(journal: SqliteJournal, acknowledged: Map<number, string>): void {
  const reader = openJournal({ path: journal.path, mode: 'read' });
  if (!reader.ok) throw new Error(reader.error.code);
  reader.value.hold();
  reader.value.lastSeq();
  for (const { seq, hash } of journal.append([LONGEST])) acknowledged.set(seq, hash);
  journal.settle();
  reader.value.close();
}

/** Appends until a call fails or there were enough; `acknowledged` is filled with what was told. */
function appendUntilFailure(journal: SqliteJournal, acknowledged: Map<number, string>): string | null {
  let appends = 0;
  for (const events of pieces()) {
    const failure = failureOf(() => {
      for (const { seq, hash } of journal.append(events)) acknowledged.set(seq, hash);
      if (appends % 7 === 6) journal.checkpoint();
    });
    appends += 1;
    if (failure !== null || journal.isSuspect() || appends === APPENDS_PER_ROUND) return failure;
  }
  return null;
}

/** Appends without waiting for the disk, until it is known that the disk did not take it. */
async function appendSoonUntilSuspect(journal: SqliteJournal): Promise<void> {
  // On a slow disk one sync does for many of them: then the one that fails comes later.
  for (let appends = 0; appends < 50 * APPENDS_PER_ROUND && !journal.isSuspect(); appends += 1) {
    journal.append([at(NOON, events.notice(`soon ${appends}`))], 'soon');
    // The sync of this one ends, well or not, before the next one is asked for.
    for (let turns = 0; turns < 200 && !journal.isSuspect(); turns += 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

function reopen(path: string, acknowledged: ReadonlyMap<number, string>): Record<string, unknown> {
  const opened = openJournal({ path });
  if (!opened.ok) return { reopened: opened.error };
  const journal = opened.value;
  const kinds = [
    'opened',
    'notice',
    'instrument',
    'decision',
    'recommendation',
    'intent',
    'order',
    'fill',
    'equity',
  ] as const;
  const found = new Map([...journal.events({ kinds })].map(({ seq, hash }) => [seq, hash]));
  const lost = [...acknowledged].filter(([seq, hash]) => found.get(seq) !== hash).length;
  const { findings } = journal.verify(() => aDecision());
  const writes = failureOf(() => journal.append([at(NOON, events.notice('goes on'))]));
  journal.close();
  return { lost, findings, writes };
}

async function failingStep(path: string, nth: number, acknowledged: Map<number, string>) {
  if (step === 'open') faultAt(nth);
  const opened = openJournal({ path, logRoom: LOG_ROOM });
  if (!opened.ok) return { failure: opened.error.code, isSuspect: true, after: null, delivered: faultAt(0) };
  const journal = opened.value;
  if (journal.lastSeq() === 0 && step !== 'open') {
    for (const { seq, hash } of journal.append([at(NOON, events.opened()), at(NOON, events.instrument())]))
      acknowledged.set(seq, hash);
  }
  let failure: string | null = null;
  if (step === 'append') {
    faultAt(nth);
    failure = appendUntilFailure(journal, acknowledged);
  } else if (step === 'long' || step === 'longest') {
    if (step === 'longest') makeLongest(journal, acknowledged);
    faultAt(nth);
    failure = failureOf(() => {
      const [stored] = journal.append([LONG]);
      if (stored !== undefined) acknowledged.set(stored.seq, stored.hash);
    });
    if (step === 'long') journal.settle();
  } else if (step === 'soon') {
    faultAt(nth);
    await appendSoonUntilSuspect(journal);
  } else if (step === 'backup') {
    appendUntilFailure(journal, acknowledged);
    faultAt(nth);
    failure = await journal.backup(`${path}.backup`).then(
      () => null,
      (error: unknown) => failureOf(() => raise(error)),
    );
  }
  const isSuspect = journal.isSuspect();
  const after = failureOf(() => journal.append([at(NOON, events.notice('after'))]));
  const delivered = faultAt(0);
  const closed = failureOf(() => journal.close());
  return { failure, isSuspect, after, delivered, closed };
}

let [path, acknowledged] = ['', new Map<number, string>()];
for (let nth = 1; nth <= Number(roundCount); nth += 1) {
  if ((nth - 1) % (step === 'append' ? ROUNDS_PER_JOURNAL : 1) === 0) {
    if (path !== '') rmSync(dirname(path), { recursive: true, force: true });
    path = join(folder, String(nth), 'journal.db');
    acknowledged = new Map<number, string>();
  }
  const failed = await failingStep(path, nth, acknowledged);
  writeSync(1, `${JSON.stringify({ nth, ...failed, ...reopen(path, acknowledged) })}\n`);
}
