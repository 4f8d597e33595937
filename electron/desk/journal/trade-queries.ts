import {
  type CalendarDay,
  type TradeRow,
  type TradeSummary,
  tradeSummarySchema,
} from '#shared/contract/journal-views.ts';
import type { Trade } from '#shared/domain/order.ts';
import { type Money, money } from '#shared/units.ts';
import type { Journal, TradeFilter } from '#desk/ports/journal.ts';
import { annotationOfRow } from './annotation-rows.ts';
import { isImported, tradeOfRow } from './derived-rows.ts';
import type { DerivedRow } from './derived-tables.ts';
import { excursion } from './excursion.ts';
import { type AtOnce, type Prepare, sliceOf, whereOf } from './statements.ts';
import {
  type TradeConditions,
  exitConditions,
  keysSql,
  originCondition,
  tradeConditions,
  tradesFrom,
  wayTo,
} from './trade-filter.ts';

export type TradeReads = Pick<
  Journal,
  'trades' | 'tradeCount' | 'hasTrade' | 'netOfTrades' | 'tradePage' | 'tradeSummary' | 'calendar'
>;

/** SQLite reads a negative limit as none. */
const NO_LIMIT = -1;

const NOTHING: TradeSummary = tradeSummarySchema.parse({
  count: 0,
  wins: 0,
  losses: 0,
  flats: 0,
  gross: 0,
  fees: 0,
  net: 0,
  sumR: 0,
  countR: 0,
  bestNet: null,
  worstNet: null,
  sumWins: 0,
  sumLosses: 0,
});

/** Where sums are read: rows of a day when the filter allows it, else single trades in the same shape. */
function sumsSource(conditions: TradeConditions): string {
  const origin = originCondition(conditions.origins);
  // The index of a book leads to its days one by one: of an account with many it is faster to read all days.
  const daily = conditions.daily.map((part) => (part.startsWith('account') ? `+${part}` : part));
  if (conditions.written.length === 0) return `trade_days ${whereOf([...origin, ...daily])}`;
  return `(SELECT root, session_day, outcome, gross, fees, net, 1 AS trades, net AS best_net, net AS worst_net,
    r IS NOT NULL AS r_trades, coalesce(r, 0) AS r_sum ${tradesFrom(conditions, origin)})`;
}

/** SQL of the number of trades, of their sums by root, and of their sums by day. */
export const sumsSql = (conditions: TradeConditions) => {
  const source = sumsSource(conditions);
  return {
    count: `SELECT coalesce(sum(trades), 0) AS n FROM ${source}`,
    byRoot: `SELECT root, sum(trades) AS count, sum(trades * (outcome = 1)) AS wins,
      sum(trades * (outcome = -1)) AS losses, sum(trades * (outcome = 0)) AS flats,
      sum(gross) AS gross, sum(fees) AS fees, sum(net) AS net, sum(r_sum) AS sum_r, sum(r_trades) AS count_r,
      max(best_net) AS best_net, min(worst_net) AS worst_net,
      sum(net * (outcome = 1)) AS sum_wins, -sum(net * (outcome = -1)) AS sum_losses
      FROM ${source} GROUP BY root ORDER BY root`,
    byDay: `SELECT session_day, sum(net) AS net, sum(trades) AS trades, sum(trades * (outcome = 1)) AS wins,
      sum(r_sum) AS sum_r FROM ${source} GROUP BY session_day ORDER BY session_day`,
  };
};

const amount = (value: unknown): Money => money(Number(value));
const extreme = (value: unknown): Money | null => (value === null ? null : amount(value));

// Sums over our own strict tables: the constructors of the units check them, and the door once more.
const summaryOfRow = (row: DerivedRow): TradeSummary => ({
  count: Number(row['count']),
  wins: Number(row['wins']),
  losses: Number(row['losses']),
  flats: Number(row['flats']),
  gross: amount(row['gross']),
  fees: amount(row['fees']),
  net: amount(row['net']),
  sumR: Number(row['sum_r']),
  countR: Number(row['count_r']),
  bestNet: extreme(row['best_net']),
  worstNet: extreme(row['worst_net']),
  sumWins: amount(row['sum_wins']),
  sumLosses: amount(row['sum_losses']),
});

const furthest = (a: number | null, b: number | null, pick: (a: number, b: number) => number) =>
  a === null || b === null ? (a ?? b) : pick(a, b);

function addSummaries(a: TradeSummary, b: TradeSummary): TradeSummary {
  const best = furthest(a.bestNet, b.bestNet, Math.max);
  const worst = furthest(a.worstNet, b.worstNet, Math.min);
  return {
    count: a.count + b.count,
    wins: a.wins + b.wins,
    losses: a.losses + b.losses,
    flats: a.flats + b.flats,
    gross: money(a.gross + b.gross),
    fees: money(a.fees + b.fees),
    net: money(a.net + b.net),
    sumR: a.sumR + b.sumR,
    countR: a.countR + b.countR,
    bestNet: best === null ? null : money(best),
    worstNet: worst === null ? null : money(worst),
    sumWins: money(a.sumWins + b.sumWins),
    sumLosses: money(a.sumLosses + b.sumLosses),
  };
}

const calendarDayOfRow = (row: DerivedRow): CalendarDay => ({
  day: String(row['session_day']),
  net: amount(row['net']),
  trades: Number(row['trades']),
  wins: Number(row['wins']),
  sumR: Number(row['sum_r']),
});

/** The rows of a page by their keys, in any order, with what was written on them. In one go: to begin costs most. */
export const PAGE_ROWS = `SELECT t.rowid AS k, t.*, i.tick_value, a.at AS written_at, a.body AS written
  FROM trades t LEFT JOIN instruments i ON i.symbol = t.symbol
  LEFT JOIN annotations a ON a.subject_kind = 'trade' AND a.subject_id = t.id
  WHERE t.rowid IN (SELECT value FROM json_each(@keys))`;

function pageRow(prepare: Prepare, row: DerivedRow): TradeRow {
  const trade = tradeOfRow(row);
  const written = {
    subject_kind: 'trade',
    subject_id: trade.id,
    at: row['written_at'] ?? null,
    body: row['written'] ?? null,
  };
  return {
    ...trade,
    isImported: isImported(trade.account),
    ...excursion(prepare, trade, money(Number(row['tick_value']))),
    annotation: written.body === null ? null : annotationOfRow(written),
  };
}

/** SQL of the largest key there is, about the number of trades: none is ever let go but by deriving all again. */
export const ABOUT_ALL = 'SELECT coalesce(max(rowid), 0) AS n FROM trades';

function tradePage(prepare: Prepare, page: Parameters<Journal['tradePage']>[0]): ReturnType<Journal['tradePage']> {
  const conditions = tradeConditions(page.filter);
  if (conditions === null) return { total: 0, trades: [] };
  const { values } = conditions;
  const total = Number(prepare(sumsSql(conditions).count).get(values)?.['n']);
  const slice = sliceOf(total, page);
  if (slice === null) return { total, trades: [] };
  const { isBackwards, ...bounds } = slice;
  const all = Number(prepare(ABOUT_ALL).get({})?.['n']);
  const way = wayTo(conditions, page.sort, { end: bounds.offset + bounds.limit, total, all });
  const keys = prepare(keysSql(conditions, { sort: page.sort, isBackwards, way })).all({ ...values, ...bounds });
  const rows = prepare(PAGE_ROWS).all({ keys: JSON.stringify(keys.map(({ k }) => k)) });
  const byKey = new Map(rows.map((row) => [row['k'], row]));
  const trades = (isBackwards ? keys.reverse() : keys).map(({ k }) => {
    const row = byKey.get(k);
    if (row === undefined) throw new Error('a trade is indexed and not in the journal');
    return pageRow(prepare, row);
  });
  return { total, trades };
}

/** SQL of the trades the desk reads for itself, sorted by exit, and of their number. */
export function exitSql(filter: TradeFilter): { readonly page: string; readonly count: string } {
  const { parts, origins } = exitConditions(filter);
  const direction = filter.order === 'oldest' ? 'ASC' : 'DESC';
  const order = ['session_day', 'exit_at', 'entry_at', 'id'].map((column) => `${column} ${direction}`).join(', ');
  const arms = origins.map((one) => `SELECT * FROM trades ${whereOf([`is_imported = ${one}`, ...parts])}`);
  const isWhole = filter.exitFrom === undefined && filter.exitBefore === undefined;
  const where = whereOf([...originCondition(origins), ...parts]);
  return {
    page: `${arms.join(' UNION ALL ')} ORDER BY ${order} LIMIT @limit OFFSET @offset`,
    count: isWhole
      ? `SELECT coalesce(sum(trades), 0) AS n FROM trade_days ${where}`
      : `SELECT count(*) AS n FROM trades ${where}`,
  };
}

export function tradeReads(prepare: Prepare, atOnce: AtOnce): TradeReads {
  return {
    trades: (filter): readonly Trade[] => {
      const { values } = exitConditions(filter);
      const bounds = { limit: filter.limit ?? NO_LIMIT, offset: filter.offset ?? 0 };
      return prepare(exitSql(filter).page)
        .all({ ...values, ...bounds })
        .map(tradeOfRow);
    },
    netOfTrades: () =>
      money(
        Number(prepare('SELECT coalesce(sum(net), 0) AS net FROM trade_days WHERE is_imported = 0').get({})?.['net']),
      ),
    tradeCount: (filter) => Number(prepare(exitSql(filter).count).get(exitConditions(filter).values)?.['n']),
    hasTrade: (id) => prepare('SELECT 1 FROM trades WHERE id = @id').get({ id }) !== undefined,
    tradePage: (page) => atOnce(() => tradePage(prepare, page)),
    tradeSummary: (filter) => {
      const conditions = tradeConditions(filter);
      if (conditions === null) return { all: NOTHING, bySymbol: [] };
      const rows = prepare(sumsSql(conditions).byRoot).all(conditions.values);
      const bySymbol = rows.map((row) => ({ root: String(row['root']), summary: summaryOfRow(row) }));
      return { all: bySymbol.reduce((sum, { summary }) => addSummaries(sum, summary), NOTHING), bySymbol };
    },
    calendar: (filter) => {
      const conditions = tradeConditions(filter);
      if (conditions === null) return [];
      return prepare(sumsSql(conditions).byDay).all(conditions.values).map(calendarDayOfRow);
    },
  };
}
