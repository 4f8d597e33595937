import type { Bar } from '#shared/domain/market.ts';
import type { Order } from '#shared/domain/order.ts';
import type { JournalEventKind, JournalEventOf, StoredEvent } from '#desk/ports/events.ts';
import type { BarFilter, Journal } from '#desk/ports/journal.ts';
import type { Database } from './connection.ts';
import { type DecisionReads, decisionReads } from './decision-queries.ts';
import { barOfRow, fillOfRow, isImported, lotOfRow, orderOfBody, originalFillOfRow } from './derived-rows.ts';
import type { DerivedRow } from './derived-tables.ts';
import { EVENT_COLUMNS, type EventRow, indexedKinds, ofKind } from './event-codec.ts';
import type { EventReader } from './event-reader.ts';
import { ACCOUNTS } from './fill-rows.ts';
import { groupBy } from '#shared/group-by.ts';
import { type NoteReads, noteReads } from './note-queries.ts';
import { lotFee } from './round-trips.ts';
import { type OpinionReads, opinionReads } from './opinion-queries.ts';
import { type Prepare, readsAtOnce, statementCache, whereOf } from './statements.ts';
import { type TradeReads, tradeReads } from './trade-queries.ts';

/** Events are read in pages of this many, so that a long journal is never in memory at once. */
const PAGE = 256;
/** SQLite reads a negative limit as none. */
const NO_LIMIT = -1;

type Reads = Pick<
  Journal,
  | 'events'
  | 'orders'
  | 'order'
  | 'hasFill'
  | 'fill'
  | 'standingFill'
  | 'fillsOf'
  | 'fills'
  | 'openLots'
  | 'accounts'
  | 'bars'
  | keyof DecisionReads
  | keyof TradeReads
  | keyof NoteReads
  | keyof OpinionReads
>;

/** Kinds that the index of events leaves out: each has a table of its own, with a row of the same number. */
const TABLE_OF_KIND: Readonly<Record<string, string>> = { decision: 'decisions', fill: 'fills' };

/** SQL of a page of events of some kinds: each is read through its index and SQLite merges them by number. */
export function pageSql(kinds: readonly string[]): string {
  const parts = kinds.map((kind, i) => {
    const table = TABLE_OF_KIND[kind];
    if (table !== undefined) {
      return `SELECT t.seq, e.at, e.kind, e.body, e.hash FROM ${table} t CROSS JOIN events e ON e.seq = t.seq WHERE t.seq > @after AND t.seq <= @until`;
    }
    return `SELECT ${EVENT_COLUMNS} FROM events e WHERE e.kind = @k${i} AND ${indexedKinds('e')} AND e.seq > @after AND e.seq <= @until`;
  });
  return `${parts.join(' UNION ALL ')} ORDER BY 1 LIMIT @limit`;
}

function eventReads(prepare: Prepare, { read }: EventReader): Reads['events'] {
  return function* <K extends JournalEventKind>(filter: {
    readonly kinds: readonly K[];
    readonly after?: number;
    readonly until?: number;
    readonly limit?: number;
  }): Generator<StoredEvent<JournalEventOf<K>>> {
    const kinds = [...new Set(filter.kinds)];
    if (kinds.length === 0) return;
    const statement = prepare(pageSql(kinds));
    const until = filter.until ?? Number.MAX_SAFE_INTEGER;
    const bound = { ...Object.fromEntries(kinds.map((kind, i) => [`k${i}`, kind])), until };
    let after = filter.after ?? 0;
    let left = filter.limit ?? Number.POSITIVE_INFINITY;
    while (left > 0) {
      const limit = Math.min(PAGE, left);
      const rows = statement.all({ ...bound, after, limit }) as unknown as readonly EventRow[];
      for (const row of rows) yield ofKind(read(row), kinds);
      left -= rows.length;
      after = rows.at(-1)?.seq ?? after;
      if (rows.length < limit) return;
    }
  };
}

function orderReads(prepare: Prepare): Pick<Reads, 'orders' | 'order'> {
  const bodyOf = (row: DerivedRow): Order => orderOfBody(String(row['body']));
  return {
    /** Newest first. */
    orders: ({ openOnly = false, limit = NO_LIMIT }) =>
      prepare(`SELECT body FROM orders ${openOnly ? 'WHERE is_open = 1' : ''} ORDER BY seq DESC LIMIT @limit`)
        .all({ limit })
        .map(bodyOf),
    order: (clientOrderId) => {
      const row = prepare('SELECT body FROM orders WHERE client_order_id = @id').get({ id: clientOrderId });
      return row === undefined ? null : bodyOf(row);
    },
  };
}

/** SQL of executions, oldest first: those of one origin come straight from an index, others are gathered and sorted. */
export function fillsSql({ symbol, from, origin }: Parameters<Journal['fills']>[0]): string {
  const parts = [
    'is_busted = 0',
    origin === 'all' ? 'is_imported IN (0, 1)' : `is_imported = ${origin === 'imported' ? 1 : 0}`,
    ...(symbol === undefined ? [] : [`account IN (${ACCOUNTS})`, 'symbol = @symbol']),
    ...(from === undefined ? [] : ['at >= @from']),
  ];
  // Those of a contract are few, whatever the planner thinks of a list of accounts.
  const way = symbol === undefined ? '' : 'INDEXED BY fills_by_book';
  return `SELECT * FROM fills ${way} ${whereOf(parts)} ORDER BY at, exec_key, venue`;
}

/** SQL of the executions of one order, which are few. */
export const FILLS_OF_ORDER = `SELECT * FROM fills INDEXED BY fills_by_order
  WHERE client_order_id = @id AND is_busted = 0 ORDER BY at, exec_key, venue`;

type FillReads = 'hasFill' | 'fill' | 'standingFill' | 'fillsOf' | 'fills' | 'openLots' | 'accounts';

function fillReads(prepare: Prepare): Pick<Reads, FillReads> {
  const KEY = 'venue = @venue AND account = @account AND exec_key = @key';
  return {
    hasFill: (venue, account, key) =>
      prepare(`SELECT seq FROM fills WHERE ${KEY}`).get({ venue, account, key }) !== undefined,
    fill: (venue, account, key) => {
      const row = prepare(`SELECT * FROM fills WHERE ${KEY}`).get({ venue, account, key });
      return row === undefined ? null : originalFillOfRow(row);
    },
    standingFill: (venue, account, key) => {
      const row = prepare(`SELECT * FROM fills WHERE ${KEY} AND is_busted = 0`).get({ venue, account, key });
      return row === undefined ? null : fillOfRow(row);
    },
    fillsOf: (id) => prepare(FILLS_OF_ORDER).all({ id }).map(fillOfRow),
    /** Oldest first. */
    fills: (filter) => {
      const { symbol, from } = filter;
      return prepare(fillsSql(filter))
        .all({ ...(symbol !== undefined && { symbol }), ...(from !== undefined && { from }) })
        .map(fillOfRow);
    },
    openLots: (symbol) => {
      const where = symbol === undefined ? '' : 'WHERE symbol = @symbol';
      const rows = prepare(`SELECT * FROM lots ${where} ORDER BY account, symbol, position`).all(
        symbol === undefined ? {} : { symbol },
      );
      const own = rows.filter((row) => !isImported(String(row['account'])));
      const books = groupBy(own, (row) => JSON.stringify([row['account'], row['symbol']]));
      return books.map(openBook);
    },
    accounts: () =>
      prepare(ACCOUNTS)
        .all({})
        .map((row) => String(row['account'])),
  };
}

function openBook(rows: readonly [DerivedRow, ...DerivedRow[]]): ReturnType<Reads['openLots']>[number] {
  const lots = rows.map((row) => {
    const lot = lotOfRow(row);
    const { quantity, price, at, recommendationId, plannedRiskPerContract } = lot;
    return { quantity, price, at, fee: lotFee(lot), recommendationId, plannedRiskPerContract };
  });
  const [first] = rows;
  const { direction } = lotOfRow(first);
  return { account: String(first['account']), symbol: String(first['symbol']), direction, lots };
}

function readBars(prepare: Prepare, { symbol, timeframe, limit, until }: BarFilter): readonly Bar[] {
  // A bar opens before it closes: the bound on open_at lets the primary key find the end.
  const bound = until === undefined ? '' : 'AND open_at < @until AND close_at <= @until';
  const rows = prepare(
    `SELECT * FROM bars WHERE symbol = @symbol AND timeframe = @timeframe ${bound}
     ORDER BY open_at DESC LIMIT @limit`,
  ).all({ symbol, timeframe, limit, ...(until !== undefined && { until }) });
  return rows.map(barOfRow).reverse();
}

/** The reading half of the journal, on one connection. */
export function createReads(database: Database, reader: EventReader): Reads {
  const prepare = statementCache(database);
  const atOnce = readsAtOnce(database);
  return {
    events: eventReads(prepare, reader),
    ...decisionReads(prepare, atOnce, reader),
    ...orderReads(prepare),
    ...fillReads(prepare),
    ...tradeReads(prepare, atOnce),
    ...noteReads(prepare),
    ...opinionReads(prepare),
    bars: (filter) => readBars(prepare, filter),
  };
}

/** Returns the statement that stores bars; a bar already stored stays as it is. */
export function barInserter(database: Database): (bars: readonly Bar[]) => void {
  const insert = database.prepare<[Bar]>(
    `INSERT INTO bars (symbol, timeframe, open_at, close_at, open, high, low, close, volume)
     VALUES (@symbol, @timeframe, @openAt, @closeAt, @open, @high, @low, @close, @volume)
     ON CONFLICT (symbol, timeframe, open_at) DO NOTHING`,
  );
  return (bars) => {
    for (const bar of bars) insert.run(bar);
  };
}
