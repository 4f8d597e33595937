import { type Bar, barSchema } from '#shared/domain/market.ts';
import type { Fill, Order, Trade } from '#shared/domain/order.ts';
import { money } from '#shared/units.ts';
import type { JournalEventKind, JournalEventOf, StoredEvent } from '#desk/ports/events.ts';
import type { BarFilter, Journal, TradeFilter } from '#desk/ports/journal.ts';
import type { Database } from './connection.ts';
import { type DerivedRow, fillOfRow, lotOfRow, orderOfBody, tradeOfRow } from './derived-rows.ts';
import { EVENT_COLUMNS, type EventRow, decodeEvent } from './event-codec.ts';
import { groupBy } from './group-by.ts';
import { lotFee } from './round-trips.ts';

/** Events are read in pages of this many, so that a long journal is never in memory at once. */
const PAGE = 256;
/** SQLite reads a negative limit as none. */
const NO_LIMIT = -1;

type Reads = Pick<
  Journal,
  | 'events'
  | 'decisions'
  | 'decisionCount'
  | 'decision'
  | 'orders'
  | 'order'
  | 'hasFill'
  | 'fills'
  | 'openLots'
  | 'trades'
  | 'tradeCount'
  | 'netOfTrades'
  | 'bars'
> & {
  /** The booked fill with this key, to compare it with one that comes again; null when there is none. */
  readonly fill: (venue: string, account: string, execKey: string) => Fill | null;
};

/** Narrows an event that was selected by its kind. */
const ofKind = <K extends JournalEventKind>(
  stored: StoredEvent,
  kinds: readonly K[],
): StoredEvent<JournalEventOf<K>> => {
  const { event } = stored;
  const isOfKind = (e: typeof event): e is JournalEventOf<K> => (kinds as readonly string[]).includes(e.kind);
  if (!isOfKind(event)) throw new Error(`event ${stored.seq} is a ${event.kind}, not ${kinds.join(' or ')}`);
  return { ...stored, event };
};

type Prepare = (sql: string) => ReturnType<typeof prepared>;
const prepared = (database: Database, sql: string) => database.prepare<[DerivedRow], DerivedRow>(sql);

/** Statements whose text depends on a filter, prepared once each. */
function statementCache(database: Database): Prepare {
  const cache = new Map<string, ReturnType<typeof prepared>>();
  return (sql) => {
    const known = cache.get(sql) ?? prepared(database, sql);
    cache.set(sql, known);
    return known;
  };
}

/** One page of events of some kinds: each kind is read through its index and SQLite merges them by number. */
function pageSql(kinds: readonly string[]): string {
  const parts = kinds.map((_, i) => `SELECT ${EVENT_COLUMNS} FROM events e WHERE e.kind = @k${i} AND e.seq > @after`);
  return `${parts.join(' UNION ALL ')} ORDER BY 1 LIMIT @limit`;
}

function eventReader(prepare: Prepare): Reads['events'] {
  return function* <K extends JournalEventKind>(filter: {
    readonly kinds: readonly K[];
    readonly after?: number;
    readonly limit?: number;
  }): Generator<StoredEvent<JournalEventOf<K>>> {
    const kinds = [...new Set(filter.kinds)];
    if (kinds.length === 0) return;
    const statement = prepare(pageSql(kinds));
    const bound = Object.fromEntries(kinds.map((kind, i) => [`k${i}`, kind]));
    let after = filter.after ?? 0;
    let left = filter.limit ?? Number.POSITIVE_INFINITY;
    while (left > 0) {
      const limit = Math.min(PAGE, left);
      const rows = statement.all({ ...bound, after, limit }) as unknown as readonly EventRow[];
      for (const row of rows) yield ofKind(decodeEvent(row), kinds);
      left -= rows.length;
      after = rows.at(-1)?.seq ?? after;
      if (rows.length < limit) return;
    }
  };
}

function decisionReads(database: Database): Pick<Reads, 'decisions' | 'decisionCount' | 'decision'> {
  const eventBySeq = database.prepare<[number], EventRow>(`SELECT ${EVENT_COLUMNS} FROM events e WHERE e.seq = ?`);
  type Indexed = { readonly seq: number; readonly status_seq: number | null };
  const page = database.prepare<[number, number], Indexed>(
    'SELECT seq, status_seq FROM decisions ORDER BY seq DESC LIMIT ? OFFSET ?',
  );
  const byId = database.prepare<[string], Indexed>('SELECT seq, status_seq FROM decisions WHERE recommendation_id = ?');
  const count = database.prepare<[], number>('SELECT count(*) FROM decisions').pluck();
  const load = (seq: number): StoredEvent => {
    const row = eventBySeq.get(seq);
    if (row === undefined) throw new Error(`event ${seq} is indexed and not in the journal`);
    return decodeEvent(row);
  };
  const entry = (indexed: Indexed) => ({
    decision: ofKind(load(indexed.seq), ['decision']),
    status: indexed.status_seq === null ? null : ofKind(load(indexed.status_seq), ['recommendation']),
  });
  return {
    decisions: ({ limit, offset }) => page.all(limit, offset).map(entry),
    decisionCount: () => count.get() ?? 0,
    decision: (recommendationId) => {
      const indexed = byId.get(recommendationId);
      return indexed === undefined ? null : entry(indexed);
    },
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

function fillReads(prepare: Prepare): Pick<Reads, 'hasFill' | 'fill' | 'fills' | 'openLots'> {
  const find = (venue: string, account: string, execKey: string): Fill | null => {
    const row = prepare('SELECT * FROM fills WHERE venue = @venue AND account = @account AND exec_key = @key').get({
      venue,
      account,
      key: execKey,
    });
    return row === undefined ? null : fillOfRow(row);
  };
  return {
    hasFill: (venue, account, execKey) => find(venue, account, execKey) !== null,
    fill: find,
    /** Oldest first. */
    fills: ({ symbol, from }) => {
      const where = [symbol === undefined ? '' : 'symbol = @symbol', from === undefined ? '' : 'at >= @from'];
      const conditions = where.filter((text) => text !== '').join(' AND ') || '1';
      return prepare(`SELECT * FROM fills WHERE ${conditions} ORDER BY at, exec_key, venue`)
        .all({ ...(symbol !== undefined && { symbol }), ...(from !== undefined && { from }) })
        .map(fillOfRow);
    },
    openLots: () => {
      const rows = prepare('SELECT * FROM lots ORDER BY account, symbol, position').all({});
      const books = groupBy(rows, (row) => JSON.stringify([row['account'], row['symbol']]));
      return books.map(openBook);
    },
  };
}

function openBook(rows: readonly [DerivedRow, ...DerivedRow[]]): ReturnType<Reads['openLots']>[number] {
  const lots = rows.map(lotOfRow).map((lot) => ({ ...lot, fee: lotFee(lot) }));
  const [first] = rows;
  return {
    account: String(first['account']),
    symbol: String(first['symbol']),
    direction: lotOfRow(first).direction,
    lots: lots.map(({ quantity, price, at, fee, recommendationId, plannedRiskPerContract }) => ({
      quantity,
      price,
      at,
      fee,
      recommendationId,
      plannedRiskPerContract,
    })),
  };
}

/** WHERE clause and its values for the fields a trade filter names. */
function tradeConditions(filter: TradeFilter): { readonly where: string; readonly values: DerivedRow } {
  const parts: (readonly [sql: string, values: DerivedRow])[] = [];
  if (filter.symbol !== undefined) parts.push(['symbol = @symbol', { symbol: filter.symbol }]);
  if (filter.roots !== undefined) {
    parts.push(['root IN (SELECT value FROM json_each(@roots))', { roots: JSON.stringify(filter.roots) }]);
  }
  if (filter.exitFrom !== undefined) parts.push(['exit_at >= @exitFrom', { exitFrom: filter.exitFrom }]);
  if (filter.exitBefore !== undefined) parts.push(['exit_at < @exitBefore', { exitBefore: filter.exitBefore }]);
  return {
    where: parts.map(([sql]) => sql).join(' AND ') || '1',
    values: Object.assign({}, ...parts.map(([, values]) => values)) as DerivedRow,
  };
}

function tradeReads(prepare: Prepare): Pick<Reads, 'trades' | 'tradeCount' | 'netOfTrades'> {
  return {
    trades: (filter): readonly Trade[] => {
      const { where, values } = tradeConditions(filter);
      const direction = filter.order === 'oldest' ? 'ASC' : 'DESC';
      const order = ['exit_at', 'entry_at', 'id'].map((column) => `${column} ${direction}`).join(', ');
      return prepare(`SELECT * FROM trades WHERE ${where} ORDER BY ${order} LIMIT @limit OFFSET @offset`)
        .all({ ...values, limit: filter.limit ?? NO_LIMIT, offset: filter.offset ?? 0 })
        .map(tradeOfRow);
    },
    netOfTrades: () => money(Number(prepare('SELECT coalesce(sum(net), 0) AS net FROM trades').get({})?.['net'])),
    tradeCount: (filter) => {
      const { where, values } = tradeConditions(filter);
      return Number(prepare(`SELECT count(*) AS n FROM trades WHERE ${where}`).get(values)?.['n']);
    },
  };
}

const barOfRow = (row: DerivedRow): Bar =>
  barSchema.parse({
    symbol: row['symbol'],
    timeframe: row['timeframe'],
    openAt: row['open_at'],
    closeAt: row['close_at'],
    open: row['open'],
    high: row['high'],
    low: row['low'],
    close: row['close'],
    volume: row['volume'],
  });

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
export function createReads(database: Database): Reads {
  const prepare = statementCache(database);
  return {
    events: eventReader(prepare),
    ...decisionReads(database),
    ...orderReads(prepare),
    ...fillReads(prepare),
    ...tradeReads(prepare),
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
