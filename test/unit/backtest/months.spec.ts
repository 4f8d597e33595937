import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { months, type ClosedTrade } from '#desk/backtest/months.ts';
import { DETAIL_LIMITS, monthsSchema } from '#shared/domain/performance-detail.ts';
import { daysAfter } from '#shared/session-day.ts';
import { epochMs, moneyFromUsd } from '#shared/units.ts';

const trade = (day: string, usd: number, r: number | null = usd / 100, id = `${day} ${usd}`): ClosedTrade => ({
  ...{ id, symbol: 'NQZ26-CME', exitAt: epochMs(Date.parse(`${day}T15:00:00Z`)), net: moneyFromUsd(usd), r },
  sessionDay: day,
});
const of = (trades: readonly ClosedTrade[], equity = 1_000) =>
  months(trades, { initialEquity: moneyFromUsd(equity), scratchR: 0.05 });

describe('the account by month', () => {
  // 1,000: +200, −300, +100 in January, nothing in February, −100, −90 in March.
  const table = of([
    trade('2026-01-05', 200),
    trade('2026-01-06', -300),
    trade('2026-01-06', 100),
    trade('2026-03-02', -100),
    trade('2026-03-03', -90),
  ]);

  it('adds net, R and trades, and measures each month from what it began with, by hand', () => {
    const [january, february, march] = table.months;
    expect(january).toEqual({
      ...{ month: '2026-01', net: 0, trades: 3, r: 0, returned: { value: 0, reason: null } },
      ...{ winRate: { value: 2 / 3, reason: null }, maxDrawdown: 1 - 900 / 1_200 },
    });
    expect(february).toMatchObject({ month: '2026-02', trades: 0, net: 0, maxDrawdown: 0 });
    expect(february?.winRate).toEqual({ value: null, reason: 'no trade won or lost yet' });
    expect(march).toMatchObject({ month: '2026-03', net: moneyFromUsd(-190), r: -1.9, trades: 2 });
    expect(march?.returned.value).toBeCloseTo(-0.19, 12);
    expect(march?.maxDrawdown).toBeCloseTo(0.19, 12);
    expect(march?.winRate.value).toBe(0);
  });

  it('totals years, whose drawdown goes over the turn of the months', () => {
    expect(table.years).toHaveLength(1);
    expect(table.years[0]).toMatchObject({ year: '2026', net: moneyFromUsd(-190), trades: 5 });
    // From 1,200 down to 810.
    expect(table.years[0]?.maxDrawdown).toBeCloseTo(1 - 810 / 1_200, 12);
    expect(table.total).toMatchObject({ trades: 5, net: moneyFromUsd(-190) });
  });

  it('names the best and the worst day and trade', () => {
    expect(table.bestDay).toEqual({ day: '2026-01-05', net: moneyFromUsd(200), trades: 1 });
    expect(table.worstDay).toEqual({ day: '2026-01-06', net: moneyFromUsd(-200), trades: 2 });
    expect(table.bestTrade).toMatchObject({ day: '2026-01-05', r: 2 });
    expect(table.worstTrade).toMatchObject({ day: '2026-01-06', net: moneyFromUsd(-300), r: -3 });
    expect(table.days).toEqual({ up: 1, down: 3, flat: 0 });
  });

  it('is empty, not zero, without a trade', () => {
    const none = of([]);
    expect(none).toMatchObject({ months: [], years: [], bestDay: null, worstTrade: null });
    expect(none.total.winRate.value).toBeNull();
  });

  it('states no return on an account that has nothing left', () => {
    const broke = of([trade('2026-01-05', -1_500), trade('2026-02-05', 100)]);
    expect(broke.months[1]?.returned).toEqual({ value: null, reason: 'there was no equity to return on' });
    expect(broke.months[0]?.maxDrawdown).toBe(1.5);
  });

  it('counts a trade without a plan in the money and in no win rate', () => {
    const [month] = of([trade('2026-01-05', 100, null), trade('2026-01-06', -50)]).months;
    expect(month).toMatchObject({ net: moneyFromUsd(50), trades: 2, r: -0.5, winRate: { value: 0 } });
  });

  it('adds up: months to years, years to the whole, to the cent, in any order', () => {
    const one = fc.record({ day: fc.integer({ min: 0, max: 900 }), cents: fc.integer({ min: -50_000, max: 50_000 }) });
    fc.assert(
      fc.property(fc.array(one, { minLength: 1, maxLength: 60 }), (list) => {
        const trades = list.map(({ day, cents }, i) =>
          trade(daysAfter('2024-01-01', day), cents / 100, cents / 10_000, `t${i}`),
        );
        const result = of(trades, 1e6);
        const sum = (items: readonly { readonly net: number }[]) => items.reduce((total, { net }) => total + net, 0);
        expect(sum(result.months)).toBe(result.total.net);
        expect(sum(result.years)).toBe(result.total.net);
        expect(of(trades.toReversed(), 1e6)).toEqual(result);
        expect(result.months.map(({ month }) => month)).toEqual(result.months.map(({ month }) => month).toSorted());
      }),
      { numRuns: 100 },
    );
  });

  it('keeps the newest months of an age within a frame', () => {
    const trades = Array.from({ length: 400 }, (_, i) =>
      trade(`${1990 + Math.floor(i / 12)}-${String((i % 12) + 1).padStart(2, '0')}-15`, i % 2 === 0 ? 1.23 : -4.56),
    );
    const result = of(trades);
    expect(result.months).toHaveLength(DETAIL_LIMITS.months);
    expect(result.months.at(-1)?.month).toBe('2023-04');
    expect(JSON.stringify(monthsSchema.parse(result)).length).toBeLessThan(64 * 1024);
  });
});
