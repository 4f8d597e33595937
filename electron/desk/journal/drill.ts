import { setImmediate as turn } from 'node:timers/promises';
import { GENESIS_HASH } from './canonical.ts';
import type { Database } from './connection.ts';
import { type RawRow, RAW_EVENTS, linkFault } from './verify.ts';
import type { Head } from './writer.ts';

/** Events checked per turn of the event loop: a few milliseconds. */
const EVENTS_PER_TURN = 1_000;

/** How many rows of each kind the events say there must be. */
type Counts = { readonly decision: number; readonly intent: number; readonly fill: number };
type Walk = {
  readonly head: Head;
  readonly counts: Counts;
  readonly firstAt: number | null;
  readonly lastAt: number | null;
};

const TABLES = [
  ['decision', 'decisions'],
  ['intent', 'orders'],
  ['fill', 'fills'],
] as const;

function countFault(database: Database, counts: Counts): string | null {
  for (const [kind, table] of TABLES) {
    const found = Number(database.prepare(`SELECT count(*) FROM ${table}`).pluck().get());
    if (found !== counts[kind]) return `${table} has ${found} rows, and there are ${counts[kind]} ${kind} events`;
  }
  return null;
}

/** What a walk found: the end of the chain, or what is wrong in words. */
export type Walked = Walk | { readonly fault: string };

/** The walk itself, which stops now and then so that others may have a turn. */
function* steps(database: Database): Generator<void, Walked> {
  const answer = String(database.pragma('quick_check(1)', { simple: true }));
  if (answer !== 'ok') return { fault: answer };
  const page = database.prepare<[number, number], RawRow>(`${RAW_EVENTS} WHERE seq > ? ORDER BY seq LIMIT ?`);
  const counts = { decision: 0, intent: 0, fill: 0 };
  let [seq, hash, firstAt, lastAt]: [number, string, number | null, number | null] = [0, GENESIS_HASH, null, null];
  for (let rows = page.all(0, EVENTS_PER_TURN); rows.length > 0; rows = page.all(seq, EVENTS_PER_TURN)) {
    for (const row of rows) {
      const fault = row.seq === seq + 1 ? linkFault(row, hash) : 'does not follow the event before it';
      if (fault !== null) return { fault: `event ${row.seq} ${fault}` };
      if (row.kind === 'decision' || row.kind === 'intent' || row.kind === 'fill') counts[row.kind] += 1;
      [seq, hash, firstAt, lastAt] = [row.seq, row.hash.toString('latin1'), firstAt ?? row.at, row.at];
    }
    yield;
  }
  const fault = countFault(database, counts);
  if (fault !== null) return { fault };
  return { head: { seq, hash: seq === 0 ? null : hash }, counts, firstAt, lastAt };
}

/**
 * Walks a whole journal as a restore would have to trust it: pages in order, every hash and link, and as many
 * decisions, orders and fills as there are events of each. Gives the event loop a turn now and then.
 * The connection must see one state throughout: a file nobody writes to, or an open read transaction.
 */
export async function drill(database: Database): Promise<Walked> {
  const walk = steps(database);
  for (let step = walk.next(); ; step = walk.next()) {
    if (step.done === true) return step.value;
    await turn();
  }
}

/** The same walk in one go, for when nothing else may happen before its answer is known. */
export function drillNow(database: Database): Walked {
  const walk = steps(database);
  for (let step = walk.next(); ; step = walk.next()) if (step.done === true) return step.value;
}
