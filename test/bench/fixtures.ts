import SqliteDatabase from 'better-sqlite3';
import { createSampleStore, type SampleRequest } from '#desk/account/samples.ts';
import { createPrng } from '#desk/engine/prng.ts';
import { openJournal } from '#desk/journal/open-journal.ts';
import type { SqliteJournal } from '#desk/journal/open-journal.ts';
import { DERIVED_TABLES, insertSql, tradeRow } from '#desk/journal/derived-rows.ts';
import { dayRow } from '#desk/journal/trade-days.ts';
import type { Journal } from '#desk/ports/journal.ts';
import type { Fill, Trade } from '#shared/domain/order.ts';
import { epochMs, money, ticks } from '#shared/units.ts';
import type { EpochMs } from '#shared/units.ts';

export const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Monday 2026-11-23, 15:00 UTC. */
export const NOW = epochMs(Date.UTC(2026, 10, 23, 15));
export const MARKETS = [
  { symbol: 'NQZ26-CME', root: 'NQ' },
  { symbol: 'ESZ26-CME', root: 'ES' },
  { symbol: 'GCZ26-COMEX', root: 'GC' },
  { symbol: 'CLF27-NYMEX', root: 'CL' },
  { symbol: 'ZNZ26-CBOT', root: 'ZN' },
  { symbol: '6EZ26-CME', root: '6E' },
] as const;

/** Opens a journal that must open. */
export function mustOpen(path: string, logRoom = 0): SqliteJournal {
  const opened = openJournal({ path, logRoom });
  if (!opened.ok) throw new Error(`cannot open the journal: ${JSON.stringify(opened.error)}`);
  return opened.value;
}

/**
 * Closed trades whose exits are spread evenly from `from` to `until`, oldest first: every market in turn, a little over
 * half of them wins of 1.45 R on average, losses of 1 R, and a few scratches.
 */
export function someTrades(count: number, from: number, until: EpochMs): readonly Trade[] {
  const random = createPrng(11);
  return Array.from({ length: count }, (_, i) => {
    const market = MARKETS[i % MARKETS.length]!;
    const exitAt = epochMs(Math.round(from + ((until - from) * (i + 0.5)) / count));
    const luck = random.nextDouble();
    const size = 0.5 + random.nextDouble();
    const r = luck < 0.56 ? 1.45 * size : luck < 0.95 ? -size : 0.01;
    const plannedRisk = 4_000_000;
    const net = Math.round(r * plannedRisk);
    const entryAt = epochMs(exitAt - 1_800_000);
    return {
      id: `SIM|${market.symbol}|E${i}|X${i}|0`,
      account: 'SIM',
      ...market,
      direction: i % 3 === 0 ? -1 : 1,
      quantity: 1,
      entryAt,
      exitAt,
      entryPrice: ticks(93_000 + (i % 500)),
      exitPrice: ticks(93_080 + (i % 500)),
      gross: money(net + 46_000),
      fees: money(46_000),
      net: money(net),
      plannedRisk: money(plannedRisk),
      r: net / plannedRisk,
      recommendationId: null,
      sessionDay: new Date(exitAt).toISOString().slice(0, 10),
    };
  });
}

/**
 * Makes a journal whose table of trades holds these rows. They are put straight into the derived table, so this serves
 * to measure reading only: there are no fills behind them.
 */
export function journalWithTrades(path: string, trades: readonly Trade[]): void {
  mustOpen(path).close();
  const database = new SqliteDatabase(path);
  putTrades(database, trades);
  database.close();
}

/** Adds a trade's row to what is stored, as `mergeDays` does: the sum of R is the same to the last bit. */
const DAY_MERGE = `ON CONFLICT (is_imported, session_day, account, symbol, direction, outcome) DO UPDATE SET
  trades = trades + 1, gross = gross + excluded.gross, fees = fees + excluded.fees, net = net + excluded.net,
  best_net = max(best_net, excluded.best_net), worst_net = min(worst_net, excluded.worst_net),
  r_trades = r_trades + excluded.r_trades, r_sum = r_sum + excluded.r_sum`;

/** Adds trades, and their sums per day, to the tables of an open journal file. */
export function putTrades(database: SqliteDatabase.Database, trades: readonly Trade[]): void {
  const insert = database.prepare(insertSql('trades'));
  const merge = database.prepare(`${insertSql('trade_days')} ${DAY_MERGE}`);
  database.transaction(() => {
    for (const trade of trades) {
      insert.run(tradeRow(trade));
      merge.run(dayRow(trade));
    }
  })();
}

/** The trades table and, if wanted, its indexes in a plain database of its own, with the same rows. */
export function bareTrades(path: string, journalPath: string, isIndexed: boolean): SqliteDatabase.Database {
  const database = new SqliteDatabase(path);
  database.pragma('journal_mode = WAL');
  database.prepare('ATTACH ? AS desk').run(journalPath);
  const kinds = isIndexed ? "('table', 'index')" : "('table')";
  const schema = database
    .prepare(`SELECT sql FROM desk.sqlite_master WHERE tbl_name = 'trades' AND type IN ${kinds} AND sql IS NOT NULL`)
    .pluck()
    .all() as string[];
  for (const sql of schema) database.exec(isIndexed ? sql : sql.replace(', WITHOUT ROWID', ''));
  const columns = DERIVED_TABLES.trades.columns.join(', ');
  database.exec(`INSERT INTO trades (${columns}) SELECT ${columns} FROM desk.trades`);
  database.exec('DETACH desk');
  return database;
}

/** Fills of round trips of one contract, entry and exit in turn over all markets, oldest first. */
export function someFills(count: number): readonly Fill[] {
  return Array.from({ length: count }, (_, i) => {
    const trip = Math.floor(i / 2);
    const isEntry = i % 2 === 0;
    const at = epochMs(NOW - 365 * DAY_MS + i * 60_000);
    return {
      execKey: `${isEntry ? 'E' : 'X'}${trip}`,
      venue: 'import',
      account: 'SIM',
      clientOrderId: null,
      symbol: MARKETS[trip % MARKETS.length]!.symbol,
      direction: isEntry ? 1 : -1,
      quantity: 1,
      price: ticks(93_000 + (isEntry ? 0 : (trip % 41) - 20)),
      fee: money(23_000),
      at,
      receivedAt: at,
    };
  });
}

/** The samples over a journal: as the desk reads them for a prediction, and as it does when a trade has just closed. */
export function sampleReader(journal: Pick<Journal, 'trades'>, request: SampleRequest) {
  let revision = 1;
  let from: EpochMs | null = null;
  const changes = { tradeChanges: () => ({ revision, from }), trades: journal.trades.bind(journal) };
  const store = createSampleStore(changes);
  const kept = () => store.of(request);
  const afterFill = () => {
    [revision, from] = [revision + 1, epochMs(request.now - HOUR_MS)];
    store.forget();
    return kept();
  };
  return { kept, afterFill };
}
