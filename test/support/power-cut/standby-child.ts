import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openGuardedJournal, type GuardedJournal, type JournalTrouble } from '#desk/journal/guarded-journal.ts';
import type { NewEvent } from '#desk/ports/journal.ts';
import { epochMs } from '#shared/units.ts';
import { NOON, aRoundTrip, at, events } from '../journal-events.ts';
import { failureOf, inject } from './disk-faults.ts';

/**
 * A process under the recorder that writes to a guarded journal until its disk fails, and then what a desk still does:
 * an entry is tried, and the exit of the open position is recorded. Arguments: folder, kind of call, errno, how many
 * fail in a row, the round (which call fails first) or `from-to`, and how: plain, damaged (bytes of the file have
 * changed as well) or the number of appends on the new footing after which the process kills itself.
 * One line of JSON for each acknowledged append and for each round.
 */
const [folder = '', call = 'sync', errno = '5', times = '1', range = '1-1', how = 'plain'] = process.argv.slice(2);
const TRADES_BEFORE = 6;
const DAMAGED_TRADE = 5;

const say = (line: Record<string, unknown>): void => void writeSync(1, `${JSON.stringify(line)}\n`);
const startOf = (n: number) => epochMs(NOON + n * 100_000);

/** Changes one byte of an event that was acknowledged, behind the journal's back. */
function damage(path: string): void {
  const bytes = readFileSync(path);
  const offset = bytes.lastIndexOf(`"recommendationId":"R${DAMAGED_TRADE}"`);
  if (offset < 0) throw new Error('there is nothing to damage');
  const file = openSync(path, 'r+');
  writeSync(file, '#', offset + 5, 'latin1');
  closeSync(file);
}

async function round(nth: number): Promise<void> {
  const path = join(folder, String(nth), 'journal.db');
  const opened = openGuardedJournal({ path, now: () => epochMs(NOON + 10_000_000) });
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  const journal = opened.value;
  let trouble: JournalTrouble | null = null;
  journal.onTrouble((told) => (trouble = told));
  let appendsOnNewFooting = 0;
  const append = (given: readonly NewEvent[]): void => {
    const stored = journal.append(given);
    say({ nth, seq: stored[0]?.seq, hashes: stored.map(({ hash }) => hash) });
    if (journal.footing() === 'main') return;
    appendsOnNewFooting += 1;
    if (how === String(appendsOnNewFooting)) process.kill(process.pid, 'SIGKILL');
  };
  append([at(NOON, events.opened()), at(NOON, events.instrument())]);
  for (let n = 0; n < TRADES_BEFORE; n += 1) {
    append(aRoundTrip(n, startOf(n)));
    if (n === 2) await journal.backup(join(dirname(path), 'backups', 'journal-2026-06-03.db'));
  }
  // What is open when the disk fails: an entry that has filled, with its exit working.
  const open = aRoundTrip(TRADES_BEFORE, startOf(TRADES_BEFORE));
  append(open.slice(0, 5));
  if (how === 'damaged') {
    journal.checkpoint();
    damage(path);
  }
  inject({ call, nth, errno, times });
  const failures = writeUntilTrouble(journal, append);
  const isSuspect = journal.isSuspect();
  const next = aRoundTrip(TRADES_BEFORE + 1, startOf(TRADES_BEFORE + 1));
  const entry = failureOf(() => append(next.slice(0, 4)));
  const exit = failureOf(() => open.slice(5).forEach((event) => append([event])));
  const delivered = inject(null);
  const closed = failureOf(() => journal.close());
  say({ nth, footing: journal.footing(), trouble, failures, isSuspect, entry, exit, delivered, closed });
}

/** Marks the account until something fails, with a checkpoint now and then, as a desk does all day. */
function writeUntilTrouble(journal: GuardedJournal, append: (given: readonly NewEvent[]) => void): readonly string[] {
  const failures: string[] = [];
  for (let n = 0; n < 200 && journal.footing() === 'main'; n += 1) {
    const failure = failureOf(() => append([at(startOf(7), events.equity(100_000 + n))]));
    if (failure !== null) failures.push(failure);
    if (n % 7 === 6) failureOf(() => journal.checkpoint());
  }
  return failures;
}

const [from = 1, to = from] = range.split('-').map(Number);
for (let nth = from; nth <= to; nth += 1) await round(nth);
