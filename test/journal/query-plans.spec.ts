import Database from 'better-sqlite3';
import { beforeAll, afterAll, describe, expect, it } from 'vitest';
import type { DecisionQuery, TradeQuery, TradeSort } from '#shared/contract/journal-views.ts';
import { SYMBOL_BY_ID, UNRESOLVED, decisionConditions, decisionSql } from '#desk/journal/decision-queries.ts';
import { DECISION_BY_ID } from '#desk/journal/decision-filing.ts';
import { ACCOUNTS_OF_SYMBOL, CLEAR_TRADES, LAST_OF_BOOK } from '#desk/journal/derive-books.ts';
import { EXTREMES } from '#desk/journal/excursion.ts';
import { ACCOUNTS } from '#desk/journal/fill-rows.ts';
import { MIGRATIONS } from '#desk/journal/migrations/index.ts';
import { LABELS, SEARCH } from '#desk/journal/note-queries.ts';
import { FILLS_OF_ORDER, fillsSql, pageSql } from '#desk/journal/queries.ts';
import { PROPOSALS } from '#desk/journal/opinion-queries.ts';
import { type KeyWay, keysSql, tradeConditions, wayTo } from '#desk/journal/trade-filter.ts';
import { PAGE_ROWS, exitSql, sumsSql } from '#desk/journal/trade-queries.ts';
import { plannedOnce } from '#desk/journal/statements.ts';
import type { TradeFilter } from '#desk/ports/journal.ts';
import { NOON } from '#test/support/journal-events.ts';

let database: Database.Database;
beforeAll(() => {
  database = new Database(':memory:');
  for (const migration of MIGRATIONS) migration.up(database);
});
afterAll(() => void database.close());

/** Steps of a plan, in SQLite's words. Values do not matter: nothing is measured, and no statistics are kept. */
function planOf(sql: string): readonly string[] {
  const names = [...sql.matchAll(/@(\w+)/g)].map(([, name = '']): [string, number] => [name, 1]);
  return database
    .prepare<[object], { detail: string }>(`EXPLAIN QUERY PLAN ${plannedOnce(sql)}`)
    .all(Object.fromEntries(names))
    .map(({ detail }) => detail);
}

/** Reads every row of a large table, one after the other. */
const scansOf = (plan: readonly string[]): readonly string[] =>
  plan.filter((step) => /^SCAN (trades|t|events|e|fills|f|decisions|texts|x|annotations|bars)\b/.test(step));
const sortsOf = (plan: readonly string[]): readonly string[] =>
  plan.filter((step) => step.startsWith('USE TEMP B-TREE'));

/** Sorts of more than the trades of one moment. */
const wholeSortsOf = (plan: readonly string[]): readonly string[] =>
  sortsOf(plan).filter((step) => !/ FOR LAST (TERM|2 TERMS) OF ORDER BY$/.test(step));

const BY = ['exit', 'entry', 'symbol', 'quantity', 'net', 'r', 'duration'] as const;
const SORTS: readonly TradeSort[] = BY.flatMap((by) => [true, false].map((isDescending) => ({ by, isDescending })));
const DEFAULT: TradeSort = { by: 'exit', isDescending: true };

const conditionsOf = (filter: TradeQuery) => {
  const conditions = tradeConditions(filter);
  if (conditions === null) throw new Error('nothing to plan');
  return conditions;
};

type Way = { readonly isBackwards?: boolean; readonly way?: KeyWay };

const pagePlan = (filter: TradeQuery, sort: TradeSort, { isBackwards = false, way = 'plain' }: Way = {}) =>
  planOf(keysSql(conditionsOf(filter), { sort, isBackwards, way }));

/** Filters that an index leads to, each with the index. */
const LED: readonly (readonly [filter: TradeQuery, index: string])[] = [
  [{}, 'trades_by_exit'],
  [{ origin: 'imported' }, 'trades_by_exit'],
  [{ origin: 'all' }, 'trades_by_exit'],
  [{ symbol: 'NQZ26-CME' }, 'trades_by_symbol'],
  [{ symbol: 'NQZ26-CME', outcome: 'win', direction: 1 }, 'trades_by_symbol'],
  [{ root: 'NQ' }, 'trades_by_root'],
  [{ root: 'NQ', fromDay: '2026-06-01', toDay: '2026-06-30' }, 'trades_by_root'],
  [{ fromDay: '2026-06-01', toDay: '2026-06-30' }, 'trades_by_exit'],
  [{ outcome: 'loss' }, 'trades_by_outcome'],
  [{ outcome: 'win', origin: 'all' }, 'trades_by_outcome'],
  [{ direction: -1 }, 'trades_by_exit'],
  [{ account: 'SIM1' }, 'trades_by_account'],
  [{ account: 'SIM1', symbol: 'NQZ26-CME' }, 'trades_by_symbol'],
  [{ account: 'imported:A', symbol: 'NQZ26-CME', origin: 'all' }, 'trades_by_symbol'],
];

const WRITTEN: readonly TradeQuery[] = [
  { tag: 'A+' },
  { setup: 'breakout' },
  { mistake: 'late', origin: 'all' },
  { minRating: 4 },
  { text: 'waited retest' },
  { tag: 'A+', symbol: 'NQZ26-CME', minRating: 2, text: 'x' },
];

describe('a page of trades', () => {
  it.each(LED)('%j in its own order is read from %s alone, and nothing is sorted', (filter, index) => {
    for (const isBackwards of [false, true]) {
      for (const isDescending of [true, false]) {
        const plan = pagePlan(filter, { by: 'exit', isDescending }, { isBackwards });
        expect(scansOf(plan)).toEqual([]);
        expect(filter.direction === undefined ? sortsOf(plan) : wholeSortsOf(plan)).toEqual([]);
        const searches = plan.filter((step) => step.startsWith('SEARCH trades'));
        expect(searches.length).toBeGreaterThan(0);
        for (const step of searches) expect(step).toContain(index);
      }
    }
  });

  it.each(SORTS)('by $by (descending: $isDescending) is read in the order of an index, of all origins', (sort) => {
    for (const origin of ['own', 'imported', 'all'] as const) {
      for (const isBackwards of [false, true]) {
        const plan = pagePlan({ origin }, sort, { isBackwards });
        expect(scansOf(plan)).toEqual([]);
        expect(sortsOf(plan)).toEqual([]);
        for (const step of plan.filter((one) => one.includes('trades'))) {
          expect(step).toContain(`USING COVERING INDEX trades_by_${sort.by}`);
        }
      }
    }
  });

  it('of wins or losses by their size or R is read from the end of an index where they are', () => {
    for (const outcome of ['win', 'loss'] as const) {
      for (const by of ['net', 'r'] as const) {
        const plan = pagePlan({ outcome }, { by, isDescending: true }, { way: 'walk' });
        expect(plan.join()).toMatch(new RegExp(`trades_by_${by} \\(is_imported=\\? AND ${by}[<>]\\?\\)`));
        expect(sortsOf(plan)).toEqual([]);
      }
    }
  });

  it.each(LED)('%j is walked to in the order of the list, or gathered by its own index', (filter, index) => {
    for (const by of ['entry', 'quantity', 'net', 'r', 'duration'] as const) {
      const walk = pagePlan(filter, { by, isDescending: true }, { way: 'walk' });
      expect([...scansOf(walk), ...sortsOf(walk)]).toEqual([]);
      expect(walk.join()).toContain(`trades_by_${by}`);
      const gather = pagePlan(filter, { by, isDescending: true }, { way: 'gather' });
      expect(scansOf(gather)).toEqual([]);
      expect(gather.join()).not.toContain('MATERIALIZE');
      const isNarrow = [filter.symbol, filter.root, filter.account, filter.fromDay].some((one) => one !== undefined);
      if (isNarrow) expect(gather.join()).toContain(index);
    }
  });

  it('gathers few trades and walks to many', () => {
    const byNet: TradeSort = { by: 'net', isDescending: true };
    const way = (filter: TradeQuery, total: number, sort = byNet) =>
      wayTo(conditionsOf(filter), sort, { end: 100, total, all: 1_000_000 });
    expect(way({ symbol: 'NQZ26-CME' }, 60)).toBe('gather');
    expect(way({ symbol: 'NQZ26-CME' }, 160_000)).toBe('walk');
    expect(way({ fromDay: '2026-06-01' }, 300_000)).toBe('walk');
    expect(way({ fromDay: '2026-06-01' }, 300_000, { by: 'entry', isDescending: false })).toBe('gather');
    const bySymbol: TradeSort = { by: 'symbol', isDescending: true };
    expect(way({ account: 'SIM1' }, 900_000, bySymbol)).toBe('walk');
    expect(way({ root: 'NQ' }, 160_000, bySymbol)).toBe('gather');
    expect(way({ symbol: 'NQZ26-CME' }, 160_000, bySymbol)).toBe('plain');
    expect(way({ symbol: 'NQZ26-CME' }, 60, DEFAULT)).toBe('plain');
    expect(way({}, 1_000_000)).toBe('plain');
    expect(way({ tag: 'A+', symbol: 'NQZ26-CME' }, 60)).toBe('plain');
  });

  it.each(SORTS)('with any filter, by $by (descending: $isDescending), never reads all trades', (sort) => {
    for (const filter of [...LED.map(([one]) => one), ...WRITTEN]) expect(scansOf(pagePlan(filter, sort))).toEqual([]);
  });

  it.each(WRITTEN)('%j looks up the trades that are written on', (filter) => {
    const plan = pagePlan(filter, DEFAULT);
    expect(scansOf(plan)).toEqual([]);
    expect(plan.join('\n')).toMatch(/SEARCH trades USING INDEX sqlite_autoindex_trades_1 \(id=\?\)/);
  });

  it('reads a row by its key, its note and its bars by theirs', () => {
    const plan = planOf(PAGE_ROWS);
    expect(plan.join('\n')).toContain('SEARCH t USING INTEGER PRIMARY KEY (rowid=?)');
    expect(scansOf(plan)).toEqual([]);
    expect(planOf(EXTREMES)).toEqual([
      expect.stringMatching(
        /^SEARCH bars USING PRIMARY KEY \(symbol=\? AND timeframe=\? AND open_at>\? AND open_at<\?\)/,
      ),
    ]);
  });
});

describe('sums of trades', () => {
  const plans = (filter: TradeQuery): readonly (readonly string[])[] => {
    const conditions = tradeConditions(filter);
    if (conditions === null) throw new Error('nothing to plan');
    const { count, byRoot, byDay } = sumsSql(conditions);
    return [count, byRoot, byDay].map(planOf);
  };

  it.each(LED)('under %j are read from the sums per day', (filter) => {
    for (const plan of plans(filter)) {
      expect(plan.some((step) => /trades(_by|$| )/.test(step))).toBe(false);
      expect(plan.some((step) => step.includes('trade_days'))).toBe(true);
    }
  });

  it('per day come in the order of their key', () => {
    const [, , byDay] = plans({});
    expect(byDay).toEqual(['SEARCH trade_days USING PRIMARY KEY (is_imported=?)']);
  });

  it.each(WRITTEN)('under %j are read from the trades that are written on', (filter) => {
    for (const plan of plans(filter)) {
      expect(scansOf(plan)).toEqual([]);
      expect(plan.join('\n')).toContain('sqlite_autoindex_trades_1 (id=?)');
    }
  });
});

describe('the trades the desk reads for itself', () => {
  const exitFrom = NOON;
  const filters: readonly TradeFilter[] = [
    {},
    { origin: 'all' },
    { order: 'oldest' },
    { symbol: 'NQZ26-CME' },
    { exitFrom },
    { exitBefore: exitFrom, exitFrom },
    { symbol: 'NQZ26-CME', exitFrom, order: 'oldest' },
  ];
  it.each(filters)('under %j are read in the order of an index', (filter) => {
    const { page, count } = exitSql(filter);
    expect(scansOf(planOf(page))).toEqual([]);
    expect(scansOf(planOf(count))).toEqual([]);
    // Trades that closed at one moment are put in the order of their ids.
    expect(wholeSortsOf(planOf(page))).toEqual([]);
  });

  it('of some roots are searched by root', () => {
    expect(scansOf(planOf(exitSql({ roots: ['NQ', 'MNQ'], exitFrom }).page))).toEqual([]);
  });
});

/** The rows in the lists, and those that are not filed yet. */
const halves = (plan: readonly string[]): readonly (readonly string[])[] => {
  const right = plan.indexOf('RIGHT');
  return [plan.slice(plan.indexOf('LEFT') + 1, right), plan.slice(right + 1)];
};

describe('a page of decisions', () => {
  const cases: readonly (readonly [DecisionQuery, string])[] = [
    [{}, 'decisions_by_time'],
    [{ from: NOON, to: NOON }, 'decisions_by_time'],
    [{ symbol: 'NQZ26-CME' }, 'decisions_by_symbol'],
    [{ symbol: 'NQZ26-CME', from: NOON }, 'decisions_by_symbol'],
    [{ state: 'rejected' }, 'decisions_by_state'],
    [{ status: 'heat', to: NOON }, 'decisions_by_status'],
  ];
  it.each(cases)('under %j is read in the order of %s', (filter, index) => {
    const conditions = decisionConditions(filter);
    for (const isBackwards of [false, true]) {
      const plan = planOf(decisionSql(conditions?.parts ?? [], isBackwards).page);
      const [filed = [], unfiled = []] = halves(plan);
      expect(filed.join()).toContain(index);
      expect(sortsOf(filed)).toEqual([]);
      expect(unfiled[0]).toBe('SEARCH decisions USING INTEGER PRIMARY KEY (rowid>?)');
    }
    const plan = planOf(decisionSql(conditions?.parts ?? [], false).count);
    expect(plan.join()).toMatch(/COVERING INDEX decisions_by_\w+.*INTEGER PRIMARY KEY \(rowid>\?\)/);
  });

  it('with words looks up the decisions they were written on', () => {
    const plan = planOf(decisionSql(decisionConditions({ text: 'payrolls' })?.parts ?? [], false).page);
    expect(scansOf(plan)).toEqual([]);
    expect(plan.join()).toContain('decisions_by_id (recommendation_id=?)');
  });

  it('is one row by its id: of the index, or of the few after it', () => {
    for (const sql of [DECISION_BY_ID, SYMBOL_BY_ID]) {
      expect(planOf(sql).filter((step) => step.startsWith('SEARCH'))).toEqual([
        'SEARCH decisions USING INDEX decisions_by_id (recommendation_id=?)',
        'SEARCH decisions USING INTEGER PRIMARY KEY (rowid>?)',
      ]);
    }
  });

  it('without an outcome are a page of the table, beside the outcomes after it', () => {
    expect(planOf(UNRESOLVED).filter((step) => /^(SEARCH|USE TEMP B-TREE)/.test(step))).toEqual([
      'SEARCH o USING INDEX events_by_kind (kind=? AND seq>?)',
      'SEARCH page',
      'SEARCH e USING INTEGER PRIMARY KEY (rowid=?)',
    ]);
  });

  it('that came to a size leaves all others unread', () => {
    const [filed = [], unfiled = []] = halves(planOf(PROPOSALS));
    expect(filed[0]).toBe('SEARCH d USING INDEX decisions_by_status (status=?)');
    expect(unfiled[0]).toBe('SEARCH d USING INTEGER PRIMARY KEY (rowid>?)');
  });
});

describe('other lists', () => {
  it('of events are read by their kind, and decisions and fills by their own tables', () => {
    const plan = planOf(pageSql(['decision', 'order', 'fill']));
    expect(scansOf(plan)).toEqual([]);
    expect(sortsOf(plan)).toEqual([]);
    const ofTable = [
      'SEARCH t USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)',
      'SEARCH e USING INTEGER PRIMARY KEY (rowid=?)',
    ];
    const steps = plan.filter((step) => step.startsWith('SEARCH'));
    expect(steps.toSorted()).toEqual(
      [...ofTable, ...ofTable, 'SEARCH e USING INDEX events_by_kind (kind=? AND seq>? AND seq<?)'].toSorted(),
    );
  });

  it('search by words through the search index', () => {
    const plan = planOf(SEARCH);
    expect(plan[0]).toMatch(/SCAN s VIRTUAL TABLE INDEX/);
    expect(plan[1]).toContain('SEARCH x USING INTEGER PRIMARY KEY');
  });

  it('read labels in the order of their key, and accounts one by one', () => {
    expect(planOf(LABELS)[0]).toMatch(/^SCAN labels/);
    const plan = planOf(ACCOUNTS);
    expect(scansOf(plan)).toEqual([]);
    const [first, next, ofVenue, after] = plan.filter((step) => /^SEARCH (fills|f)\b/.test(step));
    expect(first).toBe('SEARCH fills USING COVERING INDEX sqlite_autoindex_fills_1');
    expect(next).toBe('SEARCH f USING COVERING INDEX sqlite_autoindex_fills_1 (venue>?)');
    expect(ofVenue).toBe('SEARCH f USING COVERING INDEX sqlite_autoindex_fills_1 (venue=?)');
    expect(after).toBe('SEARCH f USING COVERING INDEX sqlite_autoindex_fills_1 (venue=? AND account>?)');
    const ofSymbol = planOf(ACCOUNTS_OF_SYMBOL);
    expect(scansOf(ofSymbol)).toEqual([]);
    expect(ofSymbol.join()).toContain('fills_by_book (account=? AND symbol=?)');
  });

  it('find the newest fill of a book at its end, and its trades among those of the contract', () => {
    expect(planOf(LAST_OF_BOOK)).toEqual([
      'SEARCH fills USING INDEX fills_by_book (account=? AND symbol=?)',
      'USE TEMP B-TREE FOR LAST 2 TERMS OF ORDER BY',
    ]);
    expect(planOf(CLEAR_TRADES)).toEqual(['SEARCH trades USING INDEX trades_by_symbol (is_imported=? AND symbol=?)']);
  });

  it('read fills in the order of time', () => {
    for (const filter of [{}, { from: NOON }, { origin: 'imported' as const }]) {
      const plan = planOf(fillsSql(filter));
      expect(plan).toEqual([expect.stringMatching(/^SEARCH fills USING INDEX fills_by_time \(is_imported=\?/)]);
    }
    for (const from of [undefined, NOON]) {
      const plan = planOf(fillsSql({ symbol: 'NQZ26-CME', ...(from !== undefined && { from }) }));
      expect(scansOf(plan)).toEqual([]);
      expect(plan[0]).toMatch(/^SEARCH fills USING INDEX fills_by_book \(account=\? AND symbol=\?/);
    }
    expect(scansOf(planOf(fillsSql({ origin: 'all' })))).toEqual([]);
    expect(planOf(FILLS_OF_ORDER)[0]).toMatch(/^SEARCH fills USING INDEX fills_by_order/);
  });
});
