import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import type { TradeQuery, TradeSort } from '#shared/contract/journal-views.ts';
import { EXTREMES } from '#desk/journal/excursion.ts';
import { sliceOf } from '#desk/journal/statements.ts';
import { keysSql, tradeConditions } from '#desk/journal/trade-filter.ts';
import { PAGE_ROW, sumsSql } from '#desk/journal/trade-queries.ts';
import type { SqliteJournal } from '#desk/journal/open-journal.ts';
import { events } from '#test/support/journal-events.ts';
import { epochMs } from '#shared/units.ts';
import { bareTrades, DAY_MS, mustOpen, NOW, putTrades, someTrades } from '#test/bench/fixtures.ts';
import { derived, figure, interleave, repeated } from '#test/bench/harness.ts';
import type { Bench, Series, Side } from '#test/bench/harness.ts';

const PAGE = 100;
const SLICES = 20;
const EXIT: TradeSort = { by: 'exit', isDescending: true };
const NET: TradeSort = { by: 'net', isDescending: true };
const GOLD = 'GCZ26-COMEX';

type Case = {
  readonly name: string;
  readonly filter: TradeQuery;
  readonly sort: TradeSort;
  /** Where the page begins, as a share of the trades. */
  readonly at: number;
  /** The same list as one plain statement over one plain table. */
  readonly where: string;
  readonly order: string;
};
const BY_EXIT = 'exit_at DESC, entry_at DESC';
const CASES: readonly Case[] = [
  { name: 'first page', filter: {}, sort: EXIT, at: 0, where: '1', order: BY_EXIT },
  { name: 'page in the middle', filter: {}, sort: EXIT, at: 0.5, where: '1', order: BY_EXIT },
  { name: 'last page', filter: {}, sort: EXIT, at: 1, where: '1', order: BY_EXIT },
  { name: 'best trades', filter: {}, sort: NET, at: 0, where: '1', order: 'net DESC' },
  { name: 'one symbol', filter: { symbol: GOLD }, sort: EXIT, at: 0, where: `symbol = '${GOLD}'`, order: BY_EXIT },
  { name: 'losses', filter: { outcome: 'loss' }, sort: EXIT, at: 0, where: 'net < 0', order: BY_EXIT },
  {
    name: 'one week',
    filter: { fromDay: '2026-06-01', toDay: '2026-06-07' },
    sort: EXIT,
    at: 0,
    where: `session_day BETWEEN '2026-06-01' AND '2026-06-07'`,
    order: BY_EXIT,
  },
];

/** Statements on a connection of their own, each prepared once. */
function plainly(path: string) {
  const database = new SqliteDatabase(path, { readonly: true });
  const statements = new Map<string, SqliteDatabase.Statement<[object], Record<string, unknown>>>();
  const all = (sql: string, values: object): readonly Record<string, unknown>[] => {
    const statement = statements.get(sql) ?? database.prepare<[object], Record<string, unknown>>(sql);
    statements.set(sql, statement);
    return statement.all(values);
  };
  return { all, close: () => database.close() };
}
type Plain = ReturnType<typeof plainly>;

/** What the journal asks SQLite for a page, rows as they come. */
function barePage(plain: Plain, { filter, sort, at }: Case): number {
  const conditions = tradeConditions(filter);
  if (conditions === null) throw new Error('a case that finds nothing');
  const { values } = conditions;
  const total = Number(plain.all(sumsSql(conditions).count, values)[0]?.['n']);
  const slice = sliceOf(total, { limit: PAGE, offset: startOf(at, total) });
  if (slice === null) return 0;
  const { isBackwards, ...bounds } = slice;
  const keys = plain.all(keysSql(conditions, { sort, isBackwards }), { ...values, ...bounds });
  for (const key of keys) {
    const [row] = plain.all(PAGE_ROW, key);
    const { symbol, entry_at: entry, exit_at: exit } = row ?? {};
    plain.all(EXTREMES, { symbol, entry, exit, timeframe: '1m', length: 3_600_000 });
  }
  return total + keys.length;
}

const startOf = (at: number, total: number): number => Math.max(0, Math.floor(total * at) - (at === 1 ? PAGE : 0));

/** The total and the page by one statement each, where no index but the key is to be had. */
function unindexedPage(plain: Plain, { where, order, at }: Case): number {
  const total = Number(plain.all(`SELECT count(*) AS n FROM trades WHERE ${where}`, {})[0]?.['n']);
  const offset = startOf(at, total);
  const rows = plain.all(`SELECT * FROM trades WHERE ${where} ORDER BY ${order} LIMIT ${PAGE} OFFSET ${offset}`, {});
  return total + rows.length;
}

function journalPage(journal: SqliteJournal, { filter, sort, at }: Case, size: number): number {
  const offset = startOf(at, size);
  const { total, trades } = journal.tradePage({ filter, sort, limit: PAGE, offset });
  return total + trades.length;
}

const UNINDEXED_SUMS = `SELECT root, count(*) AS count, sum(net > 0) AS wins, sum(net < 0) AS losses, sum(gross) AS gross,
  sum(fees) AS fees, sum(net) AS net, sum(r) AS sum_r, count(r) AS count_r, max(net) AS best, min(net) AS worst,
  sum(max(net, 0)) AS sum_wins, sum(max(-net, 0)) AS sum_losses FROM trades GROUP BY root`;
const UNINDEXED_CALENDAR =
  'SELECT session_day, sum(net), count(*), sum(net > 0), sum(r) FROM trades GROUP BY session_day ORDER BY session_day';

/** A journal of `size` trades over three years, some hundreds of them tagged and written on. */
function fill(path: string, size: number): void {
  const journal = mustOpen(path);
  const database = new SqliteDatabase(path);
  database.pragma('cache_size = -600000');
  const from = NOW - 1_095 * DAY_MS;
  const length = (NOW - from) / SLICES;
  for (let n = 0; n < SLICES; n += 1) {
    const trades = someTrades(size / SLICES, from + n * length, epochMs(from + (n + 1) * length));
    putTrades(
      database,
      trades.map((trade) => ({ ...trade, id: `${n}|${trade.id}` })),
    );
  }
  const some = database.prepare<[], string>('SELECT id FROM trades WHERE rowid % 2000 = 1').pluck().all();
  database.close();
  journal.append([{ at: NOW, event: events.instrument() }]);
  journal.append(
    some.map((id, i) => ({
      at: NOW,
      event: events.annotation(
        { kind: 'trade', id },
        { tags: [i % 2 === 0 ? 'A+' : 'FOMO'], note: `waited for retest ${i}`, rating: 1 + (i % 5) },
      ),
    })),
  );
  journal.close();
}

/** Pages, sums and searches of a long journal, beside the same statements bare and beside no indexes. */
export const journalMillion: Bench = {
  name: 'journal-million',
  title: 'The Journal screen on 1,000,000 trades',
  run: async ({ rounds, isQuick, folder }) => {
    const size = isQuick ? 10_000 : 1_000_000;
    const count = isQuick ? 2 : 9;
    const path = join(folder, 'journal.db');
    fill(path, size);
    bareTrades(join(folder, 'plain.db'), path, false).close();
    const journal = mustOpen(path);
    const [same, plain] = [plainly(path), plainly(join(folder, 'plain.db'))];
    const tagged: TradeQuery = { tag: 'A+', minRating: 3 };
    const sums = (filter: TradeQuery) => {
      const conditions = tradeConditions(filter);
      if (conditions === null) throw new Error('a case that finds nothing');
      return { ...sumsSql(conditions), values: conditions.values };
    };
    try {
      const sides: Side[] = CASES.flatMap((one): Side[] => {
        const found = [journalPage(journal, one, size), barePage(same, one), unindexedPage(plain, one)];
        if (new Set(found).size > 1) throw new Error(`${one.name}: the three sides found ${found.join(', ')}`);
        return [
          () => repeated(`${one.name}: journal`, () => journalPage(journal, one, size), { count }),
          () => repeated(`${one.name}: bare`, () => barePage(same, one), { count }),
          () => repeated(`${one.name}: no index`, () => unindexedPage(plain, one), { count: Math.ceil(count / 4) }),
        ];
      });
      const page = { sort: EXIT, limit: PAGE, offset: 0 };
      const { byRoot, byDay, values } = sums({});
      const slow = { count: Math.ceil(count / 4) };
      const series = await interleave(
        [
          ...sides,
          () => repeated('sums: journal', () => journal.tradeSummary({}), { count }),
          () => repeated('sums: bare', () => same.all(byRoot, values), { count }),
          () => repeated('sums: no index', () => plain.all(UNINDEXED_SUMS, {}), slow),
          () => repeated('calendar: journal', () => journal.calendar({}), { count }),
          () => repeated('calendar: bare', () => same.all(byDay, values), { count }),
          () => repeated('calendar: no index', () => plain.all(UNINDEXED_CALENDAR, {}), slow),
          () => repeated('tagged: journal', () => journal.tradePage({ ...page, filter: tagged }), { count }),
          () => repeated('words: journal', () => journal.search('retest wait', 50), { count }),
        ],
        { rounds },
      );
      const names = [...CASES.map(({ name }) => name), 'sums', 'calendar'];
      const ratios = names.flatMap((name): Series[] => [
        ratio(series, `${name}, journal over bare`, `${name}: journal`, `${name}: bare`),
        ratio(series, `${name}, no index over journal`, `${name}: no index`, `${name}: journal`),
      ]);
      const bytes = figure(
        Number(same.all('SELECT page_count * page_size AS n FROM pragma_page_count, pragma_page_size', {})[0]?.['n']) /
          1e6,
        'MB',
      );
      return {
        series: [...series, ...ratios, { name: 'journal file', unit: bytes.unit, values: [bytes.value] }],
        notes: [
          'The bare side runs the very statements of the journal; the journal parses every row with its schema.',
          'Without an index every list is read whole and sorted; a page in the far half is read from its end.',
        ],
      };
    } finally {
      for (const one of [journal, same, plain]) one.close();
    }
  },
};

const ratio = (series: readonly Series[], name: string, of: string, over: string): Series =>
  derived(series, { name, unit: '', from: [`${of}, p50`, `${over}, p50`] }, ([a = NaN, b = NaN]) => a / b);
