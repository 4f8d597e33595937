import { writeSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { openJournal, type SqliteJournal } from '#desk/journal/open-journal.ts';
import { epochMs } from '#shared/units.ts';
import { NOON, aRoundTrip, at, events } from '../journal-events.ts';

/**
 * A process whose disk calls are recorded: it makes a journal in a new folder, appends whole trades and single events,
 * and tells each append on stdout as soon as it returned. Arguments: folder, number of trades, trades between two
 * checkpoints (0: only the journal's own), synchronous level of the control run (empty: the journal's own), and when
 * what the desk appends `soon` is told, proposals, words of the venue on an order, readings of equity: `at-once`, or
 * `with-next`, as soon as something else is on disk after them (empty: all is appended `now`).
 */
const [folder = '', trades = '0', checkpointEvery = '0', synchronous = '', soon = ''] = process.argv.slice(2);
const path = join(folder, 'profiles', 'simulation', 'journal.db');

/** Little room in the log, so that some commits write over it and some beyond. */
const LOG_ROOM = 64 * 1024;

/** Every connection on the journal: only the control run looks for one, to spoil its settings. */
const connections = new Set<SqliteDatabase.Database>();
const pragma = Reflect.get(SqliteDatabase.prototype, 'pragma');
Reflect.set(SqliteDatabase.prototype, 'pragma', function (this: SqliteDatabase.Database, ...args: [string]) {
  if (this.name === path) connections.add(this);
  return Reflect.apply(pragma, this, args);
});

function open(): SqliteJournal {
  const opened = openJournal({ path, logRoom: LOG_ROOM });
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  if (synchronous !== '') {
    for (const connection of connections) if (connection.open) connection.pragma(`synchronous = ${synchronous}`);
  }
  return opened.value;
}

const tell = (text: string): void => void writeSync(1, `${text}\n`);

let journal = open();
tell('opened');
const untold: string[] = [];
const isAskedAgain = ({ event }: Parameters<SqliteJournal['append']>[0][number]): boolean =>
  event.kind === 'decision' || event.kind === 'equity' || (event.kind === 'order' && event.event.kind === 'working');
const append = (list: Parameters<SqliteJournal['append']>[0]): void => {
  const isSoon = soon !== '' && list.every(isAskedAgain);
  const stored = journal.append(list, isSoon ? 'soon' : 'now');
  untold.push(...stored.map(({ seq, hash }) => `${seq} ${hash}`));
  if (!isSoon || soon === 'at-once') untold.splice(0).forEach(tell);
};
append([at(NOON, events.opened()), at(NOON, events.instrument())]);
for (let n = 1; n <= Number(trades); n += 1) {
  const trade = aRoundTrip(n, epochMs(NOON + n * 100_000));
  for (const call of n % 2 === 0 ? [trade] : trade.map((event) => [event])) append(call);
  if (Number(checkpointEvery) > 0 && n % Number(checkpointEvery) === 0) journal.checkpoint();
  if (Number(checkpointEvery) > 0 && n === Number(trades) / 2) {
    journal.close();
    journal = open();
  }
}
if (synchronous === '') {
  journal.settle();
  await journal.backup(join(folder, 'backups', 'journal.db'));
  tell('backed-up');
}
