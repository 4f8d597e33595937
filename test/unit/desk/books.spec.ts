import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dailyReturns, takenByModel, threeBooks, type Opportunity } from '#desk/backtest/books.ts';
import { openProfit } from '#desk/backtest/marked-book.ts';
import { epochMs, money } from '#shared/units.ts';

const usd = (n: number) => money(n * 10_000);
const opportunity = (
  at: number,
  exit: number,
  suggested: number,
  net: number,
  risk = 400,
  symbol = 'NQZ26-CME',
): Opportunity => ({
  symbol,
  decidedAt: epochMs(at),
  exitAt: exit,
  suggested,
  netPerContract: usd(net),
  riskPerContract: usd(risk),
});

describe('three books on the same opportunities', () => {
  it('keeps actual, model and fixed apart, each with its own size', () => {
    const { points, fixedFraction } = threeBooks({
      initialEquity: usd(100_000),
      opportunities: [opportunity(0, 10, 4, 500), opportunity(20, 30, 2, -400)],
      executed: [{ exitAt: epochMs(10), net: usd(1_000) }],
      maxContracts: 5,
    });
    // 4·400/100,000 = 1.6 %, then 2·400/102,000.
    expect(fixedFraction).toBeCloseTo((0.016 + 800 / 102_000) / 2, 12);
    // Fixed: floor(1.192 % of 100,000 / 400) = 2, then floor(1.192 % of 101,000 / 400) = 3.
    expect(points.at(-1)).toEqual({ at: 30, actual: usd(101_000), model: usd(101_200), fixed: usd(99_800) });
  });

  it('does not let a size see an exit at the same instant', () => {
    const huge = opportunity(0, 10, 1, 1_000_000, 400);
    const books = threeBooks({
      initialEquity: usd(100_000),
      opportunities: [huge, opportunity(10, 20, 1, 0, 1_000)],
      executed: [],
      maxContracts: 100,
    });
    // Seen from 100,000 the mean fraction is (0.4 % + 1 %)/2 = 0.7 %: below one contract of 1,000.
    expect(books.fixedFraction).toBeCloseTo(0.007, 12);
  });

  it('returns nothing for nothing', () => {
    expect(threeBooks({ initialEquity: usd(1), opportunities: [], executed: [], maxContracts: 5 })).toMatchObject({
      points: [],
      open: { actual: { contracts: 0, pnl: 0 }, model: { contracts: 0 }, fixed: { contracts: 0 } },
      fixedFraction: 0,
    });
  });

  describe('that still hold something', () => {
    // 5 USD a tick, 2 USD a contract on the way in.
    const contract = { symbol: 'NQZ26-CME', at: 0, direction: 1, quantity: 1, price: 100 } as const;
    const terms = { ...contract, fee: usd(2), tickValue: usd(5) };
    const held: Opportunity = { ...opportunity(0, Infinity, 4, 0), contract: terms };
    const marks = (at: readonly number[], price: readonly number[]) =>
      new Map([['NQZ26-CME', { at: Float64Array.from(at), price: Float64Array.from(price) }]]);
    const booksAt = (ends: readonly number[], known = marks([11, 21], [110, 90])) =>
      threeBooks({
        ...{ initialEquity: usd(100_000), opportunities: [held], maxContracts: 5, marks: known },
        executed: [{ exitAt: Infinity, net: usd(0), position: { ...terms, at: 1, quantity: 2, fee: usd(3) } }],
        ends: ends.map((at) => epochMs(at)),
      });

    it('are worth at the end of each day what it would bring, less the fees paid already', () => {
      // Model: 4·10·5 − 8, then 4·(−10)·5 − 8. Actual: 2·10·5 − 3, then 2·(−10)·5 − 3. Fixed: as many as the model.
      expect(booksAt([15, 25]).points.slice(1)).toEqual([
        { at: 15, actual: usd(100_097), model: usd(100_192), fixed: usd(100_192) },
        { at: 25, actual: usd(99_897), model: usd(99_792), fixed: usd(99_792) },
      ]);
      expect(booksAt([15, 25]).open.actual).toEqual({ contracts: 2, pnl: usd(-103), unpriced: [] });
    });

    it('stand at the entry, and say so, while no price has come since', () => {
      const { points, open } = booksAt([15], marks([-5, 1], [70, 80]));
      expect(points.at(-1)).toMatchObject({ actual: usd(99_997) });
      expect(open.actual).toEqual({ contracts: 2, pnl: usd(-3), unpriced: ['NQZ26-CME'] });
      expect(openProfit(open.actual)).toEqual({ value: null, reason: expect.stringContaining('NQZ26-CME') as string });
      // The model came in at 0: the price of 1 is one since.
      expect(openProfit(open.model)).toEqual({ value: usd(-4 * 20 * 5 - 8), reason: null });
    });

    it('show a fall within a trade that ended well', () => {
      const closed = { ...held, exitAt: 30, netPerContract: usd(50) };
      const { points } = threeBooks({
        ...{ initialEquity: usd(100_000), opportunities: [closed], executed: [], maxContracts: 5 },
        ...{ marks: marks([11], [90]), ends: [epochMs(15), epochMs(35)] },
      });
      expect(points.map(({ model }) => model)).toEqual([usd(100_000), usd(99_792), usd(100_200), usd(100_200)]);
    });
  });

  it('does not depend on the order the opportunities are given in', () => {
    const one = fc.record({
      at: fc.nat(1000),
      length: fc.integer({ min: 1, max: 300 }),
      n: fc.integer({ min: 1, max: 5 }),
      net: fc.integer({ min: -900, max: 900 }),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(one, { selector: (o) => o.at, minLength: 1, maxLength: 15 }),
        fc.infiniteStream(fc.nat()),
        (list, shuffle) => {
          const build = (items: typeof list) =>
            threeBooks({
              initialEquity: usd(50_000),
              opportunities: items.map((o) => opportunity(o.at * 2, o.at * 2 + o.length * 2 + 1, o.n, o.net)),
              executed: [],
              maxContracts: 5,
            });
          const shuffled = [...list].sort(() => (Number(shuffle.next().value) % 2 === 0 ? 1 : -1));
          expect(build(shuffled).points.at(-1)).toEqual(build(list).points.at(-1));
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('what a book that follows every recommendation takes', () => {
  const limits = { initialEquity: usd(100_000), maxHeat: 0.02 };

  it('holds one position a market at a time', () => {
    const list = [
      opportunity(0, 50, 1, 10),
      opportunity(10, 60, 1, 10),
      opportunity(50, 70, 1, 10),
      opportunity(51, 80, 1, 10),
    ];
    expect(takenByModel(list, limits).map((o) => o.decidedAt)).toEqual([0, 51]);
  });

  it('never has more at risk than the heat limit, of the equity it had', () => {
    const list = [
      opportunity(0, 50, 3, 10),
      opportunity(1, 60, 3, 10, 400, 'ESZ26-CME'),
      opportunity(2, 60, 2, 10, 400, 'GCZ26-COMEX'),
    ];
    expect(takenByModel(list, limits).map((o) => o.symbol)).toEqual(['NQZ26-CME', 'GCZ26-COMEX']);
  });
});

describe('daily returns of a book', () => {
  it('counts flat days as zero and compounds from the first point', () => {
    const points = [
      { at: epochMs(0), actual: usd(100), model: usd(100), fixed: usd(100) },
      { at: epochMs(15), actual: usd(110), model: usd(90), fixed: usd(100) },
    ];
    expect(dailyReturns(points, 'actual', [epochMs(10), epochMs(20), epochMs(30)])).toEqual([0, 110 / 100 - 1, 0]);
    expect(dailyReturns(points, 'model', [epochMs(20)])[0]).toBeCloseTo(-0.1, 12);
  });
});
