import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dailyReturns, takenByModel, threeBooks, type Opportunity } from '#desk/backtest/books.ts';
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
  exitAt: epochMs(exit),
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
    expect(threeBooks({ initialEquity: usd(1), opportunities: [], executed: [], maxContracts: 5 })).toEqual({
      points: [],
      fixedFraction: 0,
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
