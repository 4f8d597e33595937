import {
  type CalendarDay,
  type TradeRow,
  type TradeSummary,
  calendarDaySchema,
  tradeSummarySchema,
} from '#shared/contract/journal-views.ts';
import type { Trade } from '#shared/domain/order.ts';
import { money } from '#shared/units.ts';
import type { Journal, TradeFilter } from '#desk/ports/journal.ts';
import { annotationOfRow } from './annotation-rows.ts';
import { isImported, tradeOfRow } from './derived-rows.ts';
import type { DerivedRow } from './derived-tables.ts';
import { excursion } from './excursion.ts';
import { type Prepare, sliceOf, whereOf } from './statements.ts';
import {
  type TradeConditions,
  exitConditions,
  keysSql,
  originCondition,
  tradeConditions,
  tradesFrom,
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
  if (conditions.written.length === 0) return `trade_days ${whereOf([...origin, ...conditions.daily])}`;
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

const summaryOfRow = (row: DerivedRow): TradeSummary =>
  tradeSummarySchema.parse({
    count: row['count'],
    wins: row['wins'],
    losses: row['losses'],
    flats: row['flats'],
    gross: row['gross'],
    fees: row['fees'],
    net: row['net'],
    sumR: row['sum_r'],
    countR: row['count_r'],
    bestNet: row['best_net'],
    worstNet: row['worst_net'],
    sumWins: row['sum_wins'],
    sumLosses: row['sum_losses'],
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

const calendarDayOfRow = (row: DerivedRow): CalendarDay =>
  calendarDaySchema.parse({
    day: row['session_day'],
    net: row['net'],
    trades: row['trades'],
    wins: row['wins'],
    sumR: row['sum_r'],
  });

/** One row of a page, found by its key, with what was written on it. */
export const PAGE_ROW = `SELECT t.*, i.tick_value, a.at AS written_at, a.body AS written
  FROM trades t LEFT JOIN instruments i ON i.symbol = t.symbol
  LEFT JOIN annotations a ON a.subject_kind = 'trade' AND a.subject_id = t.id WHERE t.rowid = @k`;

function pageRow(prepare: Prepare, key: DerivedRow): TradeRow {
  const row = prepare(PAGE_ROW).get({ k: key['k'] ?? null });
  if (row === undefined) throw new Error('a trade is indexed and not in the journal');
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

function tradePage(prepare: Prepare, page: Parameters<Journal['tradePage']>[0]): ReturnType<Journal['tradePage']> {
  const conditions = tradeConditions(page.filter);
  if (conditions === null) return { total: 0, trades: [] };
  const { values } = conditions;
  const total = Number(prepare(sumsSql(conditions).count).get(values)?.['n']);
  const slice = sliceOf(total, page);
  if (slice === null) return { total, trades: [] };
  const { isBackwards, ...bounds } = slice;
  const keys = prepare(keysSql(conditions, { sort: page.sort, isBackwards })).all({ ...values, ...bounds });
  return { total, trades: (isBackwards ? keys.reverse() : keys).map((key) => pageRow(prepare, key)) };
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

export function tradeReads(prepare: Prepare): TradeReads {
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
    tradePage: (page) => tradePage(prepare, page),
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
