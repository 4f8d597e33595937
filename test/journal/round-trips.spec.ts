import { describe, expect, it } from 'vitest';
import { epochMs, money, moneyFromUsd, ticks } from '#shared/units.ts';
import {
  type BookFill,
  type BookTerms,
  type Lot,
  OpenLots,
  bookFill,
  deriveBook,
  lotFee,
} from '#desk/journal/round-trips.ts';
import { feeShare } from '#shared/fee-share.ts';
import { NOON } from '#test/support/journal-events.ts';

const NQ: BookTerms = { account: 'SIM1', symbol: 'NQZ26-CME', root: 'NQ', tickValue: moneyFromUsd(5) };

/** A fill `minute` minutes after noon; signed quantity, fee in units of 1e-4 USD. */
function fill(minute: number, quantity: number, price: number, overrides: Partial<BookFill> = {}): BookFill {
  return {
    execKey: `k${minute}`,
    venue: 'paper',
    direction: quantity > 0 ? 1 : -1,
    quantity: Math.abs(quantity),
    price: ticks(price),
    fee: money(0),
    at: epochMs(NOON + minute * 60_000),
    recommendationId: null,
    plannedRiskPerContract: null,
    ...overrides,
  };
}

const brief = (fills: readonly BookFill[]) => {
  const { trades, lots } = deriveBook(fills, NQ);
  return {
    trades: trades.map((t) => [t.direction * t.quantity, t.entryPrice, t.exitPrice, t.gross / 10_000]),
    open: lots.map((lot) => [lot.direction * lot.quantity, lot.price]),
  };
};

describe('round trips', () => {
  it('close first in, first out', () => {
    expect(brief([fill(1, 1, 100), fill(2, 1, 110), fill(3, -1, 120), fill(4, -1, 105)])).toEqual({
      trades: [
        [1, 100, 120, 100],
        [1, 110, 105, -25],
      ],
      open: [],
    });
  });

  it('split a closing fill over the lots it closes and keep the rest of the last lot', () => {
    expect(brief([fill(1, 2, 100), fill(2, 3, 110), fill(3, -4, 120)])).toEqual({
      trades: [
        [2, 100, 120, 200],
        [2, 110, 120, 100],
      ],
      open: [[1, 110]],
    });
  });

  it('split a reversal into what closes and what opens', () => {
    expect(brief([fill(1, -2, 100), fill(2, 5, 90), fill(3, -3, 95)])).toEqual({
      trades: [
        [-2, 100, 90, 100],
        [3, 90, 95, 75],
      ],
      open: [],
    });
  });

  it('give shorts a gain when the price falls and none when it stands', () => {
    expect(brief([fill(1, -1, 100), fill(2, 1, 100)]).trades).toEqual([[-1, 100, 100, 0]]);
    expect(deriveBook([fill(1, -1, 100), fill(2, 1, 100)], NQ).trades[0]?.gross).toBe(0);
  });

  it('take plan and recommendation from the entry, not from what closes it', () => {
    const entry = { recommendationId: 'R1', plannedRiskPerContract: moneyFromUsd(50) };
    const exit = { recommendationId: 'R2', plannedRiskPerContract: moneyFromUsd(70), fee: moneyFromUsd(2) };
    const { trades, lots } = deriveBook([fill(1, 2, 100, entry), fill(2, -3, 120, exit)], NQ);
    expect(trades).toMatchObject([{ recommendationId: 'R1', plannedRisk: moneyFromUsd(100) }]);
    // 20 ticks × 5 USD × 2, less two thirds of 2.00 USD, over 100 USD of planned risk.
    expect(trades[0]?.r).toBe((2_000_000 - 13_333) / 1_000_000);
    expect(lots).toMatchObject([{ recommendationId: 'R2', quantity: 1, used: 2 }]);
  });

  it('have no R without a plan or with a plan that risks nothing', () => {
    expect(deriveBook([fill(1, 1, 100), fill(2, -1, 101)], NQ).trades[0]).toMatchObject({ plannedRisk: null, r: null });
    const free = { plannedRiskPerContract: money(0) };
    expect(deriveBook([fill(1, 1, 100, free), fill(2, -1, 101)], NQ).trades[0]).toMatchObject({
      plannedRisk: 0,
      r: null,
    });
  });

  it('share a fee that does not divide without losing a unit', () => {
    const entry = fill(1, 3, 100, { fee: money(10) });
    const closes = [fill(2, -1, 100), fill(3, -1, 100), fill(4, -1, 100)];
    const { trades } = deriveBook([entry, ...closes], NQ);
    expect(trades.map((t) => t.fees)).toEqual([3, 3, 4]);
    expect(lotFee(deriveBook([entry, fill(2, -1, 100)], NQ).lots[0]!)).toBe(7);
    expect(feeShare({ fee: money(-10), quantity: 3 }, 0, 2)).toBe(-6);
    expect(feeShare({ fee: money(-10), quantity: 3 }, 2, 1)).toBe(-4);
  });

  it('are ordered by time and then by key, however they are given', () => {
    const fills = [fill(1, 1, 100), fill(1, -1, 90, { execKey: 'k0' }), fill(2, 1, 80)];
    expect(brief(fills)).toEqual(brief(fills.toReversed()));
    expect(brief(fills).trades).toEqual([[-1, 90, 100, -50]]);
  });

  it('keep ids apart when two venues use one key', () => {
    const twice = (minute: number, quantity: number) => [
      fill(minute, quantity, 100),
      fill(minute, quantity, 100, { venue: 'other' }),
    ];
    const { trades } = deriveBook([...twice(1, 1), ...twice(2, -1)], NQ);
    expect(trades.map((t) => t.id)).toEqual(['SIM1|NQZ26-CME|k1|k2|0', 'SIM1|NQZ26-CME|k1|k2|1']);
  });

  it('are not made for an instrument nobody described, and the position is still known', () => {
    const { trades, lots } = deriveBook([fill(1, 2, 100), fill(2, -1, 101)], null);
    expect(trades).toEqual([]);
    expect(lots).toMatchObject([{ quantity: 1 }]);
  });
});

describe('a book of many open lots', () => {
  /** Lots of one contract each, and how often the list of them was touched. */
  function countedLots(count: number) {
    const { lots } = deriveBook(
      Array.from({ length: count }, (_, n) => fill(n, 1, 100 + n)),
      NQ,
    );
    const touched = { times: 0 };
    const counting = new Proxy<Lot[]>([...lots], {
      get: (list, key, receiver) => {
        touched.times += 1;
        return Reflect.get(list, key, receiver) as unknown;
      },
      set: (list, key, value, receiver) => {
        touched.times += 1;
        return Reflect.set(list, key, value, receiver);
      },
    });
    return { lots, open: new OpenLots(counting), touched };
  }

  it('is booked on with the work the fill makes, not that of all that is open', () => {
    const work = (count: number): number => {
      const { open, touched } = countedLots(count);
      for (let n = 0; n < 100; n += 1) bookFill(open, fill(count + n, 1, 90));
      for (let n = 0; n < 100; n += 1) bookFill(open, fill(count + 100 + n, -2, 110));
      return touched.times;
    };
    expect(work(20_000)).toBe(work(2_000));
  });

  it('closes and opens them in order, however many were closed before', () => {
    const { lots, open } = countedLots(5_000);
    const closed = Array.from({ length: 4_990 }, (_, n) => bookFill(open, fill(10_000 + n, -1, 110))).flat();
    expect(closed.map(({ lot }) => lot)).toEqual(lots.slice(0, 4_990));
    bookFill(open, fill(20_000, 2, 90));
    expect(open.all().slice(0, 10)).toEqual(lots.slice(4_990));
    expect(open.all().slice(10)).toMatchObject([{ quantity: 2, price: 90 }]);
  });
});
