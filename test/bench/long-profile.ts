import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { openDesk } from '#desk/desk.ts';
import type { Trade } from '#shared/domain/order.ts';
import { epochMs, money } from '#shared/units.ts';
import { events } from '#test/support/journal-events.ts';
import { DAY_MS, mustOpen, NOW, putTrades, someTrades } from './fixtures.ts';

const SLICES = 20;
const SEED = 1;
const YEARS_MS = 1_095 * DAY_MS;

/** A moment of the day after the last trade, in the session. */
export const START_AT = epochMs(NOW + DAY_MS);

/** A profile of the simulation whose market has no past yet: what a desk opens that was never used. */
export async function emptyProfile(folder: string): Promise<void> {
  const options = { profile: 'simulation', seed: SEED, startAt: START_AT, warmUpSessions: 0 } as const;
  const desk = await openDesk({ dataFolder: folder, ...options });
  await desk.ready();
  await desk.close();
}

export const journalOf = (folder: string): string => join(folder, 'profiles/simulation/journal.db');

/** Every second trade loses what the one before it won: a million of them leave the account where it was. */
function evened(trades: readonly Trade[], slice: number): readonly Trade[] {
  return trades.map((trade, i) => {
    const id = `${slice}|${trade.id}`;
    const before = trades[i - 1];
    if (i % 2 === 0 || before === undefined) return { ...trade, id };
    const net = money(0 - before.net);
    return { ...trade, id, net, gross: money(net + trade.fees), r: net / (trade.plannedRisk ?? NaN) };
  });
}

/** A market that is traded now and then. */
export const RARE = { symbol: 'SIZ26-COMEX', root: 'SI' } as const;
const RARE_TRADES = 60;

function fill(path: string, size: number): void {
  const database = new SqliteDatabase(path);
  database.pragma('cache_size = -600000');
  const from = NOW - YEARS_MS;
  const length = YEARS_MS / SLICES;
  for (let n = 0; n < SLICES; n += 1) {
    const trades = someTrades(size / SLICES, from + n * length, epochMs(from + (n + 1) * length));
    putTrades(database, evened(trades, n));
  }
  const rare = someTrades(RARE_TRADES, from, NOW);
  putTrades(
    database,
    rare.map((trade) => ({ ...trade, ...RARE, id: `rare|${trade.id}`, net: money(0), gross: trade.fees, r: 0 })),
  );
  const some = database.prepare<[], string>('SELECT id FROM trades WHERE rowid % 2000 = 1').pluck().all();
  database.close();
  const journal = mustOpen(path);
  journal.append(
    some.map((id, i) => ({
      at: NOW,
      event: events.annotation(
        { kind: 'trade', id },
        { tags: [i % 2 === 0 ? 'A+' : 'FOMO'], note: `waited for retest ${i}`, rating: 1 + (i % 5) },
      ),
    })),
  );
  journal.checkpoint();
  journal.close();
}

/**
 * A profile whose journal holds so many closed trades of three years, some hundreds of them tagged and written on. It is
 * made once for all benches of a run. The trades stand in the tables that are derived, with no fills behind them: this
 * serves to read and to start. Whoever changes it takes a copy.
 */
export async function longProfile(shared: string, size: number): Promise<string> {
  const folder = join(shared, `profile-${size}`);
  if (existsSync(folder)) return folder;
  const made = `${folder}-unfinished`;
  // A run that was broken off left it half filled.
  rmSync(made, { recursive: true, force: true });
  mkdirSync(made, { recursive: true });
  await emptyProfile(made);
  fill(journalOf(made), size);
  renameSync(made, folder);
  return folder;
}
