import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import type { TradeQuery, TradeSort } from '#shared/contract/journal-views.ts';
import { EXTREMES } from '#desk/journal/excursion.ts';
import { sliceOf } from '#desk/journal/statements.ts';
import { keysSql, tradeConditions, type TradeConditions, wayTo } from '#desk/journal/trade-filter.ts';
import { ABOUT_ALL, PAGE_ROWS, sumsSql } from '#desk/journal/trade-queries.ts';
import type { SqliteJournal } from '#desk/journal/open-journal.ts';
import { bareTrades, mustOpen } from '#test/bench/fixtures.ts';
import { derived, grownWith, interleave, median, repeated } from '#test/bench/harness.ts';
import type { Bench, Series, Settings, Side } from '#test/bench/harness.ts';
import { journalOf, longProfile, RARE } from '#test/bench/long-profile.ts';

const PAGE = 100;
const MONTH = { fromDay: '2026-10-24', toDay: '2026-11-23' } as const;
const WEEK = { fromDay: '2026-06-01', toDay: '2026-06-07' } as const;
const GOLD = 'GCZ26-COMEX';
const EXIT: TradeSort = { by: 'exit', isDescending: true };

type Case = {
  readonly name: string;
  readonly filter: TradeQuery;
  readonly sort: TradeSort;
  /** Where the page begins, as a share of the trades. */
  readonly at: number;
};

/** Every column a list can be sorted by, and what the plain statement sorts by. */
const COLUMNS: Readonly<Record<TradeSort['by'], string>> = {
  ...{ exit: 'exit_at', entry: 'entry_at', symbol: 'symbol', quantity: 'quantity', net: 'net', r: 'r' },
  duration: 'duration',
};
/** Every filter of single trades, and the same as a condition of one plain table. */
const FILTERS: Readonly<Record<string, readonly [filter: TradeQuery, where: string]>> = {
  'no filter': [{}, 'is_imported = 0'],
  'one symbol': [{ symbol: GOLD }, `is_imported = 0 AND symbol = '${GOLD}'`],
  'one root': [{ root: 'ES' }, `is_imported = 0 AND root = 'ES'`],
  'one account': [{ account: 'SIM' }, `account = 'SIM'`],
  'one side': [{ direction: -1 }, 'is_imported = 0 AND direction = -1'],
  losses: [{ outcome: 'loss' }, 'is_imported = 0 AND net < 0'],
  'one week': [WEEK, `is_imported = 0 AND session_day BETWEEN '${WEEK.fromDay}' AND '${WEEK.toDay}'`],
  'a rare symbol': [{ symbol: RARE.symbol }, `is_imported = 0 AND symbol = '${RARE.symbol}'`],
  'both origins': [{ origin: 'all' }, '1'],
  'losses of one root in a month': [
    { ...MONTH, root: 'ES', outcome: 'loss' },
    `is_imported = 0 AND root = 'ES' AND net < 0 AND session_day BETWEEN '${MONTH.fromDay}' AND '${MONTH.toDay}'`,
  ],
};
const whereOf = ({ filter }: Case): string =>
  Object.values(FILTERS).find(([known]) => known === filter)?.[1] ?? 'is_imported = 0';

const SORTS = Object.keys(COLUMNS) as readonly TradeSort['by'][];
const filterOf = (name: string): TradeQuery => FILTERS[name]?.[0] ?? {};
const CASES: readonly Case[] = [
  ...Object.keys(FILTERS).map((name): Case => ({ name, filter: filterOf(name), sort: EXIT, at: 0 })),
  ...SORTS.flatMap((by): readonly Case[] =>
    [true, false].map((isDescending) => {
      const name = `sorted by ${by}, ${isDescending ? 'down' : 'up'}`;
      return { name, filter: filterOf('no filter'), sort: { by, isDescending }, at: 0 };
    }),
  ),
  ...SORTS.filter((by) => by !== 'exit').flatMap((by): readonly Case[] =>
    ['one symbol', 'a rare symbol', 'one account', 'losses', 'one week'].map((name) => ({
      ...{ name: `${name}, sorted by ${by}`, filter: filterOf(name), sort: { by, isDescending: true }, at: 0 },
    })),
  ),
  ...[0.5, 1].map((at): Case => {
    const name = at === 1 ? 'last page' : 'page in the middle';
    return { name, filter: filterOf('no filter'), sort: EXIT, at };
  }),
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
  const begun = database.transaction((read: () => number) => read());
  /** As the journal reads a page: each statement by itself would take and leave the locks of a reader. */
  const atOnce = (read: () => number): number => begun.deferred(read);
  return { all, atOnce, close: () => database.close() };
}
type Plain = ReturnType<typeof plainly>;

/** What the journal asks SQLite for a page, rows as they come. */
function barePage(plain: Plain, { filter, sort, at }: Case): number {
  const conditions = conditionsOf(filter);
  const { values } = conditions;
  const total = Number(plain.all(sumsSql(conditions).count, values)[0]?.['n']);
  const slice = sliceOf(total, { limit: PAGE, offset: startOf(at, total) });
  if (slice === null) return 0;
  const { isBackwards, ...bounds } = slice;
  const all = Number(plain.all(ABOUT_ALL, {})[0]?.['n']);
  const way = wayTo(conditions, sort, { end: bounds.offset + bounds.limit, total, all });
  const keys = plain.all(keysSql(conditions, { sort, isBackwards, way }), { ...values, ...bounds });
  for (const row of plain.all(PAGE_ROWS, { keys: JSON.stringify(keys.map(({ k }) => k)) })) {
    const { symbol, entry_at: entry, exit_at: exit } = row;
    plain.all(EXTREMES, { symbol, entry, exit, timeframe: '1m', length: 3_600_000 });
  }
  return total + keys.length;
}

const startOf = (at: number, total: number): number => Math.max(0, Math.floor(total * at) - (at === 1 ? PAGE : 0));

/** The total and the page by one statement each, where no index but the key is to be had. */
function unindexedPage(plain: Plain, one: Case): number {
  const [where, { by, isDescending }] = [whereOf(one), one.sort];
  const direction = isDescending ? 'DESC' : 'ASC';
  const order = `${COLUMNS[by]} ${direction}${by === 'r' ? ' NULLS LAST' : ''}, exit_at ${direction}`;
  const total = Number(plain.all(`SELECT count(*) AS n FROM trades WHERE ${where}`, {})[0]?.['n']);
  const offset = startOf(one.at, total);
  const rows = plain.all(`SELECT * FROM trades WHERE ${where} ORDER BY ${order} LIMIT ${PAGE} OFFSET ${offset}`, {});
  return total + rows.length;
}

function journalPage(journal: SqliteJournal, { filter, sort, at }: Case, size: number): number {
  const offset = startOf(at, size);
  const { total, trades } = journal.tradePage({ filter, sort, limit: PAGE, offset });
  return total + trades.length;
}

/** What a screen of statistics asks for. */
const SUMS: Readonly<Record<string, readonly [filter: TradeQuery, where: string]>> = {
  'statistics of all': [{}, 'is_imported = 0'],
  'statistics of the last 30 days': [MONTH, `is_imported = 0 AND session_day >= '${MONTH.fromDay}'`],
  'statistics of a symbol': [{ symbol: GOLD }, `is_imported = 0 AND symbol = '${GOLD}'`],
  'statistics of a root': [{ root: 'ES' }, `is_imported = 0 AND root = 'ES'`],
};

const unindexedSums = (where: string): string => `SELECT root, count(*) AS count, sum(net > 0) AS wins,
  sum(net < 0) AS losses, sum(gross) AS gross, sum(fees) AS fees, sum(net) AS net, sum(r) AS sum_r, count(r) AS count_r,
  max(net) AS best, min(net) AS worst, sum(max(net, 0)) AS sum_wins, sum(max(-net, 0)) AS sum_losses
  FROM trades WHERE ${where} GROUP BY root`;
const unindexedCalendar = (where: string): string => `SELECT session_day, sum(net), count(*), sum(net > 0), sum(r)
  FROM trades WHERE ${where} GROUP BY session_day ORDER BY session_day`;

const conditionsOf = (filter: TradeQuery): TradeConditions => {
  const conditions = tradeConditions(filter);
  if (conditions === null) throw new Error('a case that finds nothing');
  return conditions;
};

type Three = { readonly journal: SqliteJournal; readonly same: Plain; readonly plain: Plain; readonly size: number };
/** The three ways to one answer. */
type Asked = {
  readonly name: string;
  readonly journal: () => unknown;
  readonly bare: () => unknown;
  readonly slow: () => unknown;
};

function pagesOf({ journal, same, plain, size }: Three): readonly Asked[] {
  return CASES.map((one) => {
    const found = journalPage(journal, one, size);
    const mustFind = (other: number): void => {
      if (other !== found) throw new Error(`${one.name}: the journal found ${found}, another side ${other}`);
    };
    mustFind(barePage(same, one));
    return {
      name: one.name,
      journal: () => journalPage(journal, one, size),
      bare: () => same.atOnce(() => barePage(same, one)),
      slow: () => mustFind(unindexedPage(plain, one)),
    };
  });
}

function statisticsOf({ journal, same, plain }: Three): readonly Asked[] {
  return Object.entries(SUMS).flatMap(([name, [filter, where]]): readonly Asked[] => {
    const conditions = conditionsOf(filter);
    const { byRoot, byDay } = sumsSql(conditions);
    const { values } = conditions;
    return [
      {
        name,
        journal: () => journal.tradeSummary(filter),
        bare: () => same.all(byRoot, values),
        slow: () => plain.all(unindexedSums(where), {}),
      },
      {
        name: `${name}, by day`,
        journal: () => journal.calendar(filter),
        bare: () => same.all(byDay, values),
        slow: () => plain.all(unindexedCalendar(where), {}),
      },
    ];
  });
}

/** Each way's time, and how much longer the journal takes than the bare statements, and the plain table than the journal. */
async function compared(
  asked: readonly Asked[],
  { rounds, fastRounds, count }: { readonly rounds: number; readonly fastRounds: number; readonly count: number },
) {
  const fast = asked.flatMap(({ name, journal, bare }): readonly Side[] => [
    () => repeated(`${name}: journal`, journal, { count }),
    () => repeated(`${name}: bare`, bare, { count }),
  ]);
  const slow = asked.map(
    ({ name, slow: work }): Side =>
      () =>
        repeated(`${name}: no index`, work, { count: 1 }),
  );
  const times = [
    ...(await interleave(fast, { rounds: fastRounds })),
    ...(await interleave(slow, { rounds, warmUps: 0 })),
  ];
  return times.filter(({ name }) => name.endsWith(', p50'));
}

/** How many times one side takes the other, question by question. */
const ratiosOf = (
  times: readonly Series[],
  asked: readonly Asked[],
  [over, under]: readonly [string, string],
): readonly Series[] =>
  asked.map(({ name }) =>
    derived(
      times,
      { name, unit: '', from: [`${name}: ${over}, p50`, `${name}: ${under}, p50`] },
      ([a = NaN, b = NaN]) => a / b,
    ),
  );

/**
 * The ratio of the question that `pick` chooses by its median over the rounds. Chosen round by round it would be the
 * question during which something else happened.
 */
const extreme = (ratios: readonly Series[], name: string, pick: (medians: readonly number[]) => number): Series => {
  const medians = ratios.map(({ values }) => median(values));
  const found = ratios[medians.indexOf(pick(medians))];
  return { name, unit: '', values: found?.values ?? [] };
};

/** The middle one of all questions, round by round. */
const middle = (ratios: readonly Series[], name: string): Series =>
  derived(ratios, { name, unit: '', from: ratios.map((one) => one.name) }, median);

const most = (medians: readonly number[]): number => Math.max(...medians);
const least = (medians: readonly number[]): number => Math.min(...medians);

function extremes(times: readonly Series[], what: string, asked: readonly Asked[]): readonly Series[] {
  const overBare = ratiosOf(times, asked, ['journal', 'bare']);
  const overJournal = ratiosOf(times, asked, ['no index', 'journal']);
  return [
    extreme(overBare, `${what}: journal over bare, most`, most),
    middle(overBare, `${what}: journal over bare, median`),
    extreme(overJournal, `${what}: no index over journal, least`, least),
    middle(overJournal, `${what}: no index over journal, median`),
  ];
}

/** The first page and the statistics of journals of other lengths. */
async function atSizes(sizes: readonly number[], settings: Settings): Promise<readonly Series[]> {
  const journals = await Promise.all(
    sizes.map(async (size) => ({ size, journal: mustOpen(journalOf(await longProfile(settings.shared, size))) })),
  );
  try {
    const page = { filter: {}, sort: EXIT, limit: PAGE, offset: 0 };
    return await interleave(
      journals.flatMap(({ size, journal }): readonly Side[] => [
        () => repeated(`first page of ${size} trades`, () => journal.tradePage(page), { count: 9 }),
        () => repeated(`last 30 days of ${size} trades`, () => journal.tradeSummary(MONTH), { count: 9 }),
        () => repeated(`statistics of ${size} trades`, () => journal.tradeSummary({}), { count: 9 }),
        () => repeated(`one symbol of ${size} trades`, () => journal.tradeSummary({ symbol: GOLD }), { count: 9 }),
      ]),
      { rounds: settings.rounds },
    );
  } finally {
    for (const { journal } of journals) journal.close();
  }
}

/** Pages, statistics and searches of a long journal, beside the same statements bare and beside no indexes. */
export const journalMillion: Bench = {
  name: 'journal-million',
  title: 'The Journal screen on 1,000,000 trades',
  run: async (settings) => {
    const { rounds, isQuick, folder, shared } = settings;
    const sizes = isQuick ? [100, 300, 1_000] : [10_000, 100_000, 1_000_000];
    const size = sizes.at(-1) ?? 0;
    const path = journalOf(await longProfile(shared, size));
    const grown = await atSizes(sizes, settings);
    bareTrades(join(folder, 'plain.db'), path, false).close();
    const journal = mustOpen(path);
    const [same, plain] = [plainly(path), plainly(join(folder, 'plain.db'))];
    const three = { journal, same, plain, size };
    try {
      const [lists, statistics] = [pagesOf(three), statisticsOf(three)];
      // Every list without an index is read whole, sixty of them: a third round would take another half minute. Of the
      // others many are had for a few seconds, and the most of sixty ratios is that of the noise where there are few.
      const shape = { rounds: Math.min(2, rounds), fastRounds: isQuick ? 1 : 3 * rounds, count: isQuick ? 1 : 7 };
      const times = await compared([...lists, ...statistics], shape);
      const page = { sort: EXIT, limit: PAGE, offset: 0 };
      const tagged: TradeQuery = { tag: 'A+', minRating: 3 };
      const written = await interleave(
        [
          () => repeated('tagged: journal', () => journal.tradePage({ ...page, filter: tagged }), shape),
          () => repeated('words: journal', () => journal.search('retest wait', 50), shape),
        ],
        { rounds },
      );
      const growth = (name: string) =>
        grownWith(
          grown,
          `growth exponent, ${name}`,
          sizes.map((x) => ({ x, of: `${name} of ${x} trades, p50` })),
        );
      const pages = Number(
        same.all('SELECT page_count * page_size AS n FROM pragma_page_count, pragma_page_size', {})[0]?.['n'],
      );
      return {
        series: [
          ...extremes(times, 'lists', lists),
          ...extremes(times, 'statistics', statistics),
          ...['first page', 'last 30 days', 'statistics', 'one symbol'].map(growth),
          ...[...grown, ...times, ...written],
          { name: 'journal file', unit: 'MB', values: [pages / 1e6] },
        ],
        notes: [
          'The bare side runs the very statements of the journal on a connection of its own, a page in one transaction as there; the journal checks every row.',
          'Lists: the first 100 rows and the total under every filter, in every order, and filters and orders together. Without an index every list is read whole and sorted; a page in the far half is read from its end.',
          'Statistics: of all trades, the last 30 days, a symbol and a root; by root, and by day.',
        ],
      };
    } finally {
      for (const one of [journal, same, plain]) one.close();
    }
  },
};
