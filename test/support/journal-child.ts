import { writeSync } from 'node:fs';
import { openJournal } from '#desk/journal/open-journal.ts';
import { epochMs } from '#shared/units.ts';
import { NOON, aRoundTrip, at, events } from './journal-events.ts';

/**
 * A process that appends to a journal until it is killed or a write fails. It writes one line per append to stdout
 * after `append` returned: `seq hash`. A write error ends it with one line of JSON.
 */
const [path = ''] = process.argv.slice(2);
const STDOUT = 1;

const opened = openJournal({ path });
if (!opened.ok) {
  writeSync(STDOUT, `${JSON.stringify({ open: opened.error })}\n`);
  process.exit(2);
}
const journal = opened.value;
const acknowledge = (): void => void writeSync(STDOUT, `${journal.lastSeq()} ${journal.headHash() ?? ''}\n`);

try {
  if (journal.lastSeq() === 0) journal.append([at(NOON, events.opened()), at(NOON, events.instrument())]);
  acknowledge();
  for (let n = journal.decisionCount() + 1; ; n += 1) {
    // A whole trade at once, then two event by event: both kinds of append are cut short.
    const trade = aRoundTrip(n, epochMs(NOON + n * 100_000));
    for (const call of n % 3 === 0 ? [trade] : trade.map((event) => [event])) {
      journal.append(call);
      acknowledge();
    }
  }
} catch (error) {
  const { name, code, sqliteCode, remedy } = error as Record<string, unknown>;
  let after: unknown = null;
  try {
    journal.append([at(NOON, events.notice('after'))]);
  } catch (again) {
    after = (again as Record<string, unknown>)['code'];
  }
  writeSync(STDOUT, `${JSON.stringify({ name, code, sqliteCode, remedy, isSuspect: journal.isSuspect(), after })}\n`);
}
