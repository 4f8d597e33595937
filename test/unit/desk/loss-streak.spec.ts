import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLossStreak, lossStreakOf } from '#desk/account/loss-streak.ts';
import { createTradeChanges } from '#desk/journal/trade-changes.ts';
import type { Trade } from '#shared/domain/order.ts';
import { epochMs, money, moneyFromUsd, ticks, type EpochMs } from '#shared/units.ts';
import { aFill, at, events, NOON, someTerms } from '#test/support/journal-events.ts';
import { temporaryJournal } from '#test/support/temp-journal.ts';

const SCRATCH = 0.05;
const MINUTE_MS = 60_000;

/** The nth trade, closed in the nth minute, with its result as a multiple of a risk of $400. */
const trade = (n: number, r: number, overrides: Partial<Trade> = {}): Trade => ({
  id: `T${n}`,
  account: 'SIM1',
  symbol: 'NQZ26-CME',
  root: 'NQ',
  direction: 1,
  quantity: 1,
  entryAt: epochMs(NOON + n * MINUTE_MS - 1000),
  exitAt: epochMs(NOON + n * MINUTE_MS),
  entryPrice: ticks(84_000),
  exitPrice: ticks(84_000),
  gross: moneyFromUsd(400 * r),
  fees: money(0),
  net: moneyFromUsd(400 * r),
  plannedRisk: moneyFromUsd(400),
  r,
  recommendationId: `R${n}`,
  sessionDay: '2026-06-03',
  ...overrides,
});

describe('losses in a row', () => {
  const of = (...rs: number[]): number =>
    lossStreakOf(
      rs.map((r, n) => trade(n, r)),
      SCRATCH,
    );

  it('are those at the end; a win starts the count again', () => {
    expect(of()).toBe(0);
    expect(of(-1, -1, -0.4)).toBe(3);
    expect(of(-1, -1, 2)).toBe(0);
    expect(of(-1, 2, -1, -1)).toBe(2);
  });

  it('are neither added to nor ended by a scratch', () => {
    expect(of(-1, 0.05, -1, -0.05, 0)).toBe(2);
    expect(lossStreakOf([trade(0, -1), trade(1, 0, { plannedRisk: null })], SCRATCH)).toBe(1);
    expect(lossStreakOf([trade(0, -1), trade(1, -0.01, { plannedRisk: null })], SCRATCH)).toBe(2);
  });

  it('count an exit in several fills once, by its sum', () => {
    const inThree = [1, 2, 3].map((n) => trade(n, -1, { id: `T1.${n}`, recommendationId: 'R1' }));
    expect(lossStreakOf(inThree, SCRATCH)).toBe(1);
    const halfWon = [trade(1, 1.5, { recommendationId: 'R1' }), trade(2, -1, { recommendationId: 'R1' })];
    expect(lossStreakOf([trade(0, -1), ...halfWon], SCRATCH)).toBe(0);
    const unplanned = [1, 2].map((n) => trade(n, -1, { recommendationId: null, entryAt: NOON }));
    expect(lossStreakOf(unplanned, SCRATCH)).toBe(1);
  });

  it('follow the order of exits, whatever the order of the list', () => {
    expect(lossStreakOf([trade(2, -1), trade(0, 1), trade(1, -1)], SCRATCH)).toBe(2);
  });
});

describe('the streak of an account', () => {
  const buyAndSell = (n: number, time: EpochMs, exit: { price: number; quantity?: number; account?: string }) => {
    const terms = someTerms(n, { recommendationId: `R${n}`, quantity: 2 });
    const { price, quantity = 2, account = 'SIM1' } = exit;
    return [
      at(time, events.intent(terms)),
      at(
        time,
        events.fill(
          aFill(`E${n}`, { account, clientOrderId: terms.clientOrderId, quantity: 2, price: ticks(84_000), at: time }),
        ),
      ),
      at(
        epochMs(time + 1000),
        events.fill(
          aFill(`X${n}`, { account, direction: -1, quantity, price: ticks(price), at: epochMs(time + 1000) }),
        ),
      ),
    ];
  };
  /** One that has read before says what one that reads all says. */
  const counting = (journal: ReturnType<typeof temporaryJournal>) => {
    const held = createLossStreak(journal);
    return (now: EpochMs): number => {
      const parts = { calendar: 'cme', scratchR: SCRATCH, now } as const;
      const streak = held(parts);
      expect(createLossStreak(journal)(parts)).toBe(streak);
      return streak;
    };
  };

  it('starts with the session day, counts own trades only and waits until a trade is closed whole', () => {
    const journal = temporaryJournal();
    const day = counting(journal);
    const yesterday = epochMs(NOON - 24 * 3_600_000);
    journal.append([
      at(yesterday, events.opened()),
      at(yesterday, events.instrument()),
      ...buyAndSell(1, yesterday, { price: 83_900 }),
      ...buyAndSell(2, NOON, { price: 83_900 }),
      ...buyAndSell(3, epochMs(NOON + MINUTE_MS), { price: 83_900, account: 'imported:elsewhere' }),
    ]);
    expect(day(epochMs(NOON + 5 * MINUTE_MS))).toBe(1);
    journal.append(buyAndSell(4, epochMs(NOON + 10 * MINUTE_MS), { price: 83_900, quantity: 1 }));
    expect(day(epochMs(NOON + 15 * MINUTE_MS))).toBe(1);
    const rest = epochMs(NOON + 20 * MINUTE_MS);
    journal.append([at(rest, events.fill(aFill('X4b', { direction: -1, price: ticks(83_900), at: rest })))]);
    expect(day(rest)).toBe(2);
    // A venue's later word makes a gain of the third: the row begins again after it.
    journal.append([
      at(
        rest,
        events.correction({
          ...{ venue: 'paper', account: 'SIM1', execKey: 'X4', version: 1, reason: 'restated' },
          corrected: {
            direction: -1,
            quantity: 1,
            price: ticks(85_000),
            fee: money(0),
            at: epochMs(NOON + 10 * MINUTE_MS + 1_000),
          },
        }),
      ),
    ]);
    expect(day(rest)).toBe(0);
    expect(day(epochMs(NOON + 24 * 3_600_000))).toBe(0);
  });
});

/** What happens next: a round trip closes, at the same moment as one before or later, or an old one is corrected. */
const step = fc.record({
  what: fc.constantFrom('closes', 'closes', 'closes', 'closes late', 'is corrected', 'opens or ends'),
  recommendation: fc.integer({ min: 0, max: 7 }),
  r: fc.constantFrom(-1, -1, 0.01, 1.5),
  later: fc.constantFrom(0, 1, 1, 3),
});

describe('a count that is asked for again and again', () => {
  it('is what reading the whole day counts, whatever closes, is corrected or opens again', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const changes = createTradeChanges();
        const open = new Set<string>();
        let trades: Trade[] = [];
        const journal: Parameters<typeof createLossStreak>[0] = {
          trades: ({ exitFrom = 0 }) =>
            trades
              .filter(({ exitAt }) => exitAt >= exitFrom)
              .sort((a, b) => a.exitAt - b.exitAt || (a.id < b.id ? -1 : 1)),
          openLots: () =>
            [...open].map((recommendationId) => ({
              ...{ account: 'SIM1', symbol: recommendationId, direction: 1 },
              lots: [
                {
                  quantity: 1,
                  price: ticks(1),
                  at: NOON,
                  fee: money(0),
                  plannedRiskPerContract: null,
                  recommendationId,
                },
              ],
            })),
          tradeChanges: (since) => changes.since(since),
        };
        const held = createLossStreak(journal);
        const parts = { calendar: 'cme', scratchR: SCRATCH, now: NOON } as const;
        let minute = 0;
        for (const [n, { what, recommendation, r, later }] of steps.entries()) {
          const recommendationId = recommendation === 7 ? null : `R${recommendation}`;
          if (what === 'opens or ends') {
            if (!open.delete(String(recommendationId))) open.add(String(recommendationId));
          } else if (what === 'is corrected') {
            trades = trades.map((one, i) =>
              i === recommendation ? trade(n, r, { ...one, net: moneyFromUsd(400 * r) }) : one,
            );
            changes.note(epochMs(0));
          } else {
            minute += what === 'closes' ? later : 0;
            const exitAt = epochMs(NOON + (what === 'closes' ? minute : Math.max(0, minute - later)) * MINUTE_MS);
            trades.push(trade(n, r, { exitAt, recommendationId, entryAt: epochMs(exitAt - MINUTE_MS) }));
            changes.note(exitAt);
          }
          expect(held(parts)).toBe(createLossStreak(journal)(parts));
        }
      }),
      { numRuns: 3000 },
    );
  });
});
