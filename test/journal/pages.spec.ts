import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { TradeQuery, TradeRow, TradeSort } from '#shared/contract/journal-views.ts';
import { epochMs, money, moneyFromUsd, ticks } from '#shared/units.ts';
import type { NewEvent } from '#desk/ports/journal.ts';
import {
  NOON,
  aBar,
  aDecision,
  aFill,
  aRoundTrip,
  aSnapshot,
  anInstrument,
  at,
  events,
} from '#test/support/journal-events.ts';
import { generator } from '#test/support/random.ts';
import { mustOpen, temporaryJournal } from '#test/support/temp-journal.ts';

const DAY = 86_400_000;
const SYMBOLS = [
  { symbol: 'NQZ26-CME', root: 'NQ', tickValue: moneyFromUsd(5) },
  { symbol: 'MNQZ26-CME', root: 'MNQ', tickValue: moneyFromUsd(0.5) },
  { symbol: 'ESZ26-CME', root: 'ES', tickValue: moneyFromUsd(12.5) },
] as const;
const ACCOUNTS = ['SIM1', 'SIM1', 'SIM1', 'SIM2', 'imported:main', 'imported:old'] as const;
const BY = ['exit', 'entry', 'symbol', 'quantity', 'net', 'r', 'duration'] as const;

/** A journal of trades of all kinds, and notes on some of them. */
function aJournal(count = 160) {
  const random = generator(5);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const journal = temporaryJournal();
  const list: NewEvent[] = SYMBOLS.map((terms) => at(NOON, { kind: 'instrument', instrument: anInstrument(terms) }));
  for (let n = 0; n < count; n += 1) {
    const [account, { symbol }, direction] = [pick(ACCOUNTS), pick(SYMBOLS), pick([1, -1] as const)];
    const entryAt = NOON + n * (DAY / 5);
    const exitAt = entryAt + 60_000 * (1 + Math.floor(random() * 90));
    const quantity = 1 + Math.floor(random() * 4);
    const terms = { account, symbol, quantity, fee: money(pick([0, 23_000])) };
    const move = pick([-3, -1, 0, 2, 5]);
    list.push(
      at(
        epochMs(entryAt),
        events.fill(aFill(`e${n}`, { ...terms, direction, price: ticks(100), at: epochMs(entryAt) })),
      ),
      at(
        epochMs(exitAt),
        events.fill(
          aFill(`x${n}`, {
            ...terms,
            direction: direction === 1 ? -1 : 1,
            price: ticks(100 + direction * move),
            at: epochMs(exitAt),
          }),
        ),
      ),
    );
  }
  journal.append(list);
  for (const n of [1, 2, 3]) journal.append(aRoundTrip(n, epochMs(NOON + (40 + n) * DAY)));
  journal.trades({ origin: 'all' }).forEach(({ id }, i) => {
    if (i % 4 !== 0) return;
    const body = {
      tags: i % 8 === 0 ? ['A+', 'open drive'] : ['FOMO'],
      setup: i % 12 === 0 ? 'breakout' : null,
      mistakes: i % 16 === 0 ? ['moved stop'] : [],
      rating: 1 + (i % 5),
      note: i % 20 === 0 ? 'held through the news' : '',
    };
    journal.append([at(NOON, events.annotation({ kind: 'trade', id }, body))]);
  });
  return journal;
}

const EXIT: TradeSort = { by: 'exit', isDescending: true };

/** What a filter means, said once more in plain terms. */
function matches(trade: TradeRow, filter: TradeQuery): boolean {
  const origin = filter.origin ?? (filter.account === undefined ? 'own' : 'all');
  const note = trade.annotation;
  const text = [...(note?.tags ?? []), note?.setup ?? '', ...(note?.mistakes ?? []), note?.note ?? ''].join(' ');
  const words = text.toLowerCase().split(/[^\p{L}\p{N}]+/u);
  const isFound = (word: string): boolean => words.some((one) => one.startsWith(word));
  return (
    (origin === 'all' || trade.isImported === (origin === 'imported')) &&
    (filter.account === undefined || trade.account === filter.account) &&
    (filter.symbol === undefined || trade.symbol === filter.symbol) &&
    (filter.root === undefined || trade.root === filter.root) &&
    (filter.direction === undefined || trade.direction === filter.direction) &&
    (filter.outcome === undefined || { win: 1, loss: -1, flat: 0 }[filter.outcome] === Math.sign(trade.net)) &&
    (filter.fromDay === undefined || trade.sessionDay >= filter.fromDay) &&
    (filter.toDay === undefined || trade.sessionDay <= filter.toDay) &&
    (filter.tag === undefined || (note?.tags.includes(filter.tag) ?? false)) &&
    (filter.setup === undefined || note?.setup === filter.setup) &&
    (filter.mistake === undefined || (note?.mistakes.includes(filter.mistake) ?? false)) &&
    (filter.minRating === undefined || (note?.rating ?? 0) >= filter.minRating) &&
    (filter.text === undefined || filter.text.toLowerCase().split(' ').every(isFound))
  );
}

const sortKey = (trade: TradeRow, by: TradeSort['by']): string | number | null =>
  ({
    exit: trade.exitAt,
    entry: trade.entryAt,
    symbol: trade.symbol,
    quantity: trade.quantity,
    net: trade.net,
    r: trade.r,
    duration: trade.exitAt - trade.entryAt,
  })[by];

const option = <T>(...values: readonly T[]) => fc.option(fc.constantFrom(...values), { nil: undefined, freq: 2 });

const filterArbitrary: fc.Arbitrary<TradeQuery> = fc
  .record({
    origin: option('own', 'imported', 'all'),
    account: option(...ACCOUNTS),
    symbol: option(...SYMBOLS.map(({ symbol }) => symbol)),
    root: option('NQ', 'MNQ', 'ES', 'ZN'),
    direction: option(1, -1),
    outcome: option('win', 'loss', 'flat'),
    fromDay: option('2026-06-03', '2026-06-20'),
    toDay: option('2026-06-04', '2026-07-01'),
    tag: option('A+', 'FOMO', 'none'),
    setup: option('breakout'),
    mistake: option('moved stop'),
    minRating: option(1, 3, 5),
    text: option('news', 'fomo', 'DRIVE open', 'held xyz'),
  })
  .map((filter) => Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)));

describe('a page of trades', () => {
  let journal: ReturnType<typeof aJournal>;
  beforeEach(() => {
    journal = aJournal();
  });

  const everything = () => journal.tradePage({ filter: { origin: 'all' }, sort: EXIT, limit: 1000, offset: 0 }).trades;

  it('shows own trades and no imported ones unless asked', () => {
    const own = journal.tradePage({ filter: {}, sort: EXIT, limit: 1000, offset: 0 });
    expect(own.total).toBe(own.trades.length);
    expect(own.trades.every((trade) => !trade.isImported)).toBe(true);
    const imported = journal.tradePage({ filter: { origin: 'imported' }, sort: EXIT, limit: 1000, offset: 0 });
    expect(imported.total).toBeGreaterThan(10);
    expect(everything()).toHaveLength(own.total + imported.total);
    const one = journal.tradePage({ filter: { account: 'imported:main' }, sort: EXIT, limit: 1000, offset: 0 });
    expect(one.total).toBeGreaterThan(5);
    expect(own.total).toBe(journal.tradeCount({}));
    expect(imported.total).toBe(journal.tradeCount({ origin: 'imported' }));
  });

  it('holds what matches the filter, sorted, and the pages of it make up the whole', () => {
    const trades = everything();
    fc.assert(
      fc.property(
        filterArbitrary,
        fc.record({ by: fc.constantFrom(...BY), isDescending: fc.boolean() }),
        fc.integer({ min: 1, max: 60 }),
        (filter, sort, limit) => {
          const expected = trades.filter((trade) => matches(trade, filter));
          const found: TradeRow[] = [];
          for (let offset = 0; offset <= expected.length; offset += limit) {
            const page = journal.tradePage({ filter, sort, limit, offset });
            expect(page.total).toBe(expected.length);
            found.push(...page.trades);
          }
          expect(new Set(found.map(({ id }) => id)).size).toBe(found.length);
          expect(new Set(found.map(({ id }) => id))).toEqual(new Set(expected.map(({ id }) => id)));
          const keys = found.map((trade) => sortKey(trade, sort.by));
          const present = keys.filter((key) => key !== null);
          const order = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0);
          const sorted = present.toSorted((a, b) => (sort.isDescending ? order(b, a) : order(a, b)));
          // Trades without R come last either way.
          expect(keys).toEqual([...sorted, ...keys.filter((key) => key === null)]);
        },
      ),
      { numRuns: 250 },
    );
  });

  it('adds up as its rows do, by root and by day', () => {
    const trades = everything();
    const sum = (rows: readonly TradeRow[], of: (row: TradeRow) => number): number =>
      rows.reduce((total, row) => total + of(row), 0);
    fc.assert(
      fc.property(filterArbitrary, (filter) => {
        const rows = trades.filter((trade) => matches(trade, filter));
        const { all: summary, bySymbol } = journal.tradeSummary(filter);
        const wins = rows.filter((row) => row.net > 0);
        const losses = rows.filter((row) => row.net < 0);
        const { sumR, ...exact } = summary;
        expect(exact).toEqual({
          count: rows.length,
          wins: wins.length,
          losses: losses.length,
          flats: rows.length - wins.length - losses.length,
          gross: sum(rows, (row) => row.gross),
          fees: sum(rows, (row) => row.fees),
          net: sum(rows, (row) => row.net),
          countR: rows.filter((row) => row.r !== null).length,
          bestNet: rows.length === 0 ? null : Math.max(...rows.map((row) => row.net)),
          worstNet: rows.length === 0 ? null : Math.min(...rows.map((row) => row.net)),
          sumWins: sum(wins, (row) => row.net),
          sumLosses: -sum(losses, (row) => row.net) + 0,
        });
        expect(sumR).toBeCloseTo(
          sum(rows, (row) => row.r ?? 0),
          9,
        );
        expect(bySymbol.map(({ root }) => root)).toEqual([...new Set(rows.map(({ root }) => root))].sort());
        expect(sum(rows, (row) => row.net)).toBe(bySymbol.reduce((total, one) => total + one.summary.net, 0));
        const days = journal.calendar(filter);
        expect(days.map(({ day }) => day)).toEqual([...new Set(rows.map((row) => row.sessionDay))].sort());
        for (const { day, net, trades: count, wins: won } of days) {
          const ofDay = rows.filter((row) => row.sessionDay === day);
          expect([net, count, won]).toEqual([
            sum(ofDay, (row) => row.net),
            ofDay.length,
            ofDay.filter((row) => row.net > 0).length,
          ]);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('is empty beyond its end, and for words that are none', () => {
    expect(journal.tradePage({ filter: {}, sort: EXIT, limit: 10, offset: 100_000 }).trades).toEqual([]);
    const none = { filter: { text: '--- !!!' }, sort: EXIT, limit: 10, offset: 0 };
    expect(journal.tradePage(none)).toEqual({ total: 0, trades: [] });
    expect(journal.tradeSummary({ text: '"' }).all.count).toBe(0);
    expect(journal.calendar({ text: '"' })).toEqual([]);
  });

  it('is of one state, also where the desk closes a trade while another process reads it', () => {
    const reader = mustOpen(journal.path, 'read');
    const before = everything();
    let isWritten = false;
    const sort = {
      isDescending: true,
      // The order is looked at between the number of the trades and the trades themselves.
      get by() {
        if (!isWritten) journal.append(aRoundTrip(9, epochMs(NOON + 90 * DAY)));
        isWritten = true;
        return 'exit' as const;
      },
    };
    const page = { filter: { origin: 'all' }, sort, limit: 1000, offset: 0 } as const;
    expect(reader.tradePage(page)).toEqual({ total: before.length, trades: before });
    expect(reader.tradePage(page).total).toBe(before.length + 1);
  });

  it('shows within a batch what the batch has written', async () => {
    const before = everything().length;
    const within = await journal.batch(() => {
      journal.append(aRoundTrip(9, epochMs(NOON + 90 * DAY)));
      return Promise.resolve(everything().length);
    });
    expect([within, everything().length]).toEqual([before + 1, before + 1]);
  });

  it('stays true as trades come, are corrected and are derived again', () => {
    const told = () => [journal.tradeSummary({ origin: 'all' }), journal.calendar({ origin: 'all' })];
    const before = told();
    journal.rebuild();
    expect(told()).toEqual(before);
    expect(journal.verify(() => aDecision()).findings).toEqual([]);
  });
});

describe('how far a trade went', () => {
  const minute = (n: number) => epochMs(NOON + n * 60_000);
  const trade = (direction: 1 | -1, from: number, to: number) => [
    at(NOON, events.instrument()),
    at(NOON, events.fill(aFill('in', { direction, quantity: 2, price: ticks(100), at: epochMs(from) }))),
    at(
      NOON,
      events.fill(
        aFill('out', { direction: direction === 1 ? -1 : 1, quantity: 2, price: ticks(101), at: epochMs(to) }),
      ),
    ),
  ];
  const bar = (n: number, low: number, high: number, more = {}) =>
    aBar(minute(n), { low: ticks(low), high: ticks(high), ...more });
  const excursions = (
    given: readonly NewEvent[],
    bars: Parameters<ReturnType<typeof temporaryJournal>['appendBars']>[0],
  ) => {
    const one = temporaryJournal();
    one.append(given);
    one.appendBars(bars);
    const [row] = one.tradePage({ filter: {}, sort: EXIT, limit: 1, offset: 0 }).trades;
    return [row?.mae, row?.mfe];
  };

  it('is read from the bars it was on in, at two contracts of 5 USD a tick', () => {
    const bars = [bar(0, 1, 900), bar(1, 97, 103), bar(2, 90, 104), bar(3, 99, 120), bar(4, 1, 900)];
    // On from within bar 1 to within bar 3; bars 0 and 4 are before and after.
    const on = [minute(1) + 30_000, minute(3) + 1_000] as const;
    expect(excursions(trade(1, ...on), bars)).toEqual([moneyFromUsd(-100), moneyFromUsd(200)]);
    expect(excursions(trade(-1, ...on), bars)).toEqual([moneyFromUsd(-200), moneyFromUsd(100)]);
    // A bar that closes at the entry, or opens at the exit, is not of it.
    expect(excursions(trade(1, minute(1), minute(3)), bars)).toEqual([moneyFromUsd(-100), moneyFromUsd(40)]);
  });

  it('never says that a trade was better than even against it, nor worse than even for it', () => {
    expect(excursions(trade(1, minute(1), minute(2)), [bar(1, 105, 110)])).toEqual([0, moneyFromUsd(100)]);
    expect(excursions(trade(1, minute(1), minute(2)), [bar(1, 90, 95)])).toEqual([moneyFromUsd(-100), 0]);
  });

  it('is unknown without bars, and daily bars only count for trades of days', () => {
    const daily = [0, 1, 2].map((n) =>
      bar(n * 1440, 95, 130, { timeframe: '1d', closeAt: epochMs(minute(n * 1440) + DAY) }),
    );
    expect(excursions(trade(1, minute(1), minute(2)), [])).toEqual([null, null]);
    expect(excursions(trade(1, minute(1), minute(2)), daily)).toEqual([null, null]);
    expect(excursions(trade(1, minute(1), minute(3000)), daily)).toEqual([moneyFromUsd(-50), moneyFromUsd(300)]);
    expect(excursions(trade(1, minute(1), minute(2)), [bar(1, 90, 95, { symbol: 'ESZ26-CME' })])).toEqual([null, null]);
  });
});

describe('a page of decisions', () => {
  function decided(): ReturnType<typeof temporaryJournal> {
    const one = temporaryJournal();
    for (let n = 1; n <= 30; n += 1) {
      const symbol = n % 3 === 0 ? 'ESZ26-CME' : 'NQZ26-CME';
      const snapshot = aSnapshot({ instrument: anInstrument({ symbol }) });
      const decision = aDecision({ status: n % 5 === 0 ? 'disagree' : 'sized' });
      const time = NOON + n * 1_000;
      one.append([at(epochMs(time), events.decision(n, { snapshot, decision }))]);
      if (n % 2 === 1) continue;
      const reason = n % 4 === 0 ? ({ code: 'news', text: `payrolls at ${n}` } as const) : null;
      const state = n % 4 === 0 ? 'rejected' : 'approved';
      one.append([at(epochMs(time + 1), events.recommendation(n, state, reason))]);
    }
    return one;
  }

  it('is filtered by symbol, state, status, time and words, newest first', () => {
    const one = decided();
    const ids = (filter: Parameters<typeof one.decisionPage>[0]['filter'], limit = 100, offset = 0) => {
      const { total, rows } = one.decisionPage({ filter, limit, offset });
      return [total, rows.map(({ decision }) => Number(decision.event.recommendationId.slice(1)))];
    };
    const numbers = (keep: (n: number) => boolean) => Array.from({ length: 30 }, (_, i) => 30 - i).filter(keep);
    const expected = (keep: (n: number) => boolean) => [numbers(keep).length, numbers(keep)];
    expect(ids({})).toEqual(expected(() => true));
    expect(ids({ symbol: 'ESZ26-CME' })).toEqual(expected((n) => n % 3 === 0));
    expect(ids({ state: 'rejected' })).toEqual(expected((n) => n % 4 === 0));
    expect(ids({ state: 'proposed' })).toEqual(expected((n) => n % 2 === 1));
    expect(ids({ status: 'disagree', symbol: 'NQZ26-CME' })).toEqual(expected((n) => n % 5 === 0 && n % 3 !== 0));
    expect(ids({ from: epochMs(NOON + 5_000), to: epochMs(NOON + 8_000) })).toEqual(expected((n) => n >= 5 && n < 8));
    expect(ids({ text: 'PAYROLL' })).toEqual(expected((n) => n % 4 === 0));
    expect(ids({ text: 'payrolls 12' })).toEqual([1, [12]]);
    expect(ids({ text: '%' })).toEqual([0, []]);
    expect(ids({}, 4, 2)).toEqual([30, [28, 27, 26, 25]]);
    expect(ids({}, 4, 28)).toEqual([30, [2, 1]]);
    expect(ids({}, 4, 30)).toEqual([30, []]);
    const [row] = one.decisionPage({ filter: { state: 'rejected' }, limit: 1, offset: 0 }).rows;
    expect(row).toEqual(one.decision('R28'));
  });
});
