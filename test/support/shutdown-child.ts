import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { openJournal } from '#desk/journal/open-journal.ts';
import { epochMs } from '#shared/units.ts';
import { NOON, aRoundTrip, at, events } from './journal-events.ts';
import { stateDigest } from './journal-state.ts';

/**
 * A process that appends until it is told to end, as a desk does: on SIGTERM, or on an error nobody caught, it closes
 * the journal and leaves. Arguments: journal; `term` or `throw`; appends after which it says `ready`, and soon after
 * throws; `batch` to be caught with a batch open. Last line on stdout: the digest of its committed state.
 */
const [path = '', how = 'term', appends = '0', work = 'append'] = process.argv.slice(2);
const opened = openJournal({ path });
if (!opened.ok) throw new Error(JSON.stringify(opened.error));
const journal = opened.value;
const tell = (text: string): void => void writeSync(1, `${text}\n`);
if (journal.lastSeq() === 0) journal.append([at(NOON, events.opened()), at(NOON, events.instrument())]);

let committed: string | null = null;
function end(code: number): void {
  tell(committed ?? stateDigest(journal));
  journal.close();
  process.exit(code);
}
process.once('SIGTERM', () => end(0));
process.once('uncaughtException', () => end(1));

let trade = journal.decisionCount();
function* pieces(): Generator<Parameters<typeof journal.append>[0]> {
  for (;;) {
    trade += 1;
    for (const event of aRoundTrip(trade, epochMs(NOON + trade * 100_000))) yield [event];
  }
}
const next = pieces();

let done = 0;
function append(): void {
  const { value } = next.next() as { value: Parameters<typeof journal.append>[0] };
  journal.append(value);
  done += 1;
  if (done === Number(appends)) becomeReady();
}
function appendOn(): void {
  append();
  setImmediate(appendOn);
}

function becomeReady(): void {
  tell('ready');
  if (how !== 'throw') return;
  setTimeout(() => {
    throw new Error('nobody catches this');
  }, 1);
}

if (work === 'batch') {
  committed = stateDigest(journal);
  await journal.batch(async () => {
    for (let n = 0; ; n += 1) {
      append();
      if (n % 5 === 0) await sleep(1);
    }
  });
} else {
  appendOn();
}
