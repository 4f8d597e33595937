import { describe, expect, it } from 'vitest';
import { epochMs, money, moneyFromUsd, ticks } from '#shared/units.ts';
import { NOON, aCorrection, aDecision, aFill, at, events, orderId, someTerms } from '#test/support/journal-events.ts';
import { mustOpen, temporaryJournal } from '#test/support/temp-journal.ts';

const time = (ms: number) => epochMs(NOON + ms);
const bought = aFill('in', { quantity: 2, price: ticks(100), at: time(1), clientOrderId: orderId(1) });
const sold = aFill('out', { direction: -1, quantity: 2, price: ticks(110), at: time(2) });

const expectSound = (journal: ReturnType<typeof temporaryJournal>): void => {
  expect(journal.verify(() => aDecision()).findings).toEqual([]);
};

/** A journal with an order for two contracts, filled and sold again. */
function aTrade() {
  const journal = temporaryJournal();
  journal.append([at(NOON, events.instrument()), at(NOON, events.intent(someTerms(1)))]);
  journal.append([at(time(1), events.fill(bought)), at(time(2), events.fill(sold))]);
  return journal;
}

describe('a corrected fill', () => {
  it('counts with its new values in fills, trades and the order, and keeps the ones it came with', () => {
    const journal = aTrade();
    expect(journal.trades({})[0]).toMatchObject({ entryPrice: 100, gross: moneyFromUsd(100) });
    const correction = aCorrection(bought, 1, { price: ticks(104), fee: money(7) });
    journal.append([at(time(9), events.correction(correction))]);
    expect(journal.trades({})[0]).toMatchObject({ id: 'SIM1|NQZ26-CME|in|out|0', entryPrice: 104 });
    expect(journal.trades({})[0]?.gross).toBe(moneyFromUsd(60));
    expect(journal.fills({})[0]).toEqual({ ...bought, price: 104, fee: 7 });
    expect(journal.fill('paper', 'SIM1', 'in')).toEqual(bought);
    expect(journal.standingFill('paper', 'SIM1', 'in')).toEqual({ ...bought, price: 104, fee: 7 });
    expect(journal.standingFill('paper', 'SIM2', 'in')).toBeNull();
    expect(journal.fillsOf(orderId(1))).toEqual([{ ...bought, price: 104, fee: 7 }]);
    expect(journal.order(orderId(1))).toMatchObject({
      life: 'filled',
      filled: 2,
      averagePrice: 104,
      updatedAt: time(9),
      certainty: { kind: 'known' },
    });
    expectSound(journal);
  });

  it('moves to the place of its new time', () => {
    const journal = temporaryJournal();
    const other = aFill('first', { price: ticks(90), at: time(0) });
    journal.append([at(NOON, events.instrument()), at(NOON, events.fill(other)), at(NOON, events.fill(bought))]);
    journal.append([at(NOON, events.correction(aCorrection(bought, 1, { at: time(-5) })))]);
    expect(journal.fills({}).map((fill) => fill.execKey)).toEqual(['in', 'first']);
    expect(journal.openLots()[0]?.lots.map((lot) => lot.price)).toEqual([100, 90]);
    journal.append([at(NOON, events.fill({ ...sold, quantity: 1 }))]);
    expect(journal.trades({})[0]?.entryPrice).toBe(100);
    expectSound(journal);
  });

  it('counts by the highest version, whatever the order they come in, and a bust can be taken back', () => {
    const journal = aTrade();
    journal.append([at(time(3), events.correction(aCorrection(bought, 3, { price: ticks(107) })))]);
    journal.append([at(time(4), events.correction(aCorrection(bought, 2, null)))]);
    expect(journal.trades({})[0]?.entryPrice).toBe(107);
    journal.append([at(time(5), events.correction(aCorrection(bought, 4, null)))]);
    expect(journal.trades({})).toEqual([]);
    journal.append([at(time(6), events.correction(aCorrection(bought, 5, { price: ticks(99) })))]);
    expect(journal.trades({})[0]?.entryPrice).toBe(99);
    expect(journal.order(orderId(1))).toMatchObject({ life: 'filled', filled: 2, certainty: { kind: 'known' } });
    expectSound(journal);
  });

  it('may be told before its fill', () => {
    const journal = temporaryJournal();
    journal.append([at(NOON, events.instrument()), at(NOON, events.intent(someTerms(1)))]);
    const gone = aFill('gone', { at: time(1) });
    journal.append([
      at(time(0), events.correction(aCorrection(bought, 1, { price: ticks(103) }))),
      at(time(0), events.correction(aCorrection(gone, 1, null))),
    ]);
    expect(journal.fill('paper', 'SIM1', 'in')).toBeNull();
    journal.append([at(time(1), events.fill(bought)), at(time(1), events.fill(gone))]);
    expect(journal.fills({})).toEqual([{ ...bought, price: 103 }]);
    expect(journal.order(orderId(1))).toMatchObject({ filled: 2, averagePrice: 103 });
    expect(journal.hasFill('paper', 'SIM1', 'gone')).toBe(true);
    expectSound(journal);
  });

  it('is journaled once, and belongs to one venue and account', () => {
    const journal = aTrade();
    const correction = events.correction(aCorrection(bought, 1, { price: ticks(101) }));
    expect(journal.append([at(time(3), correction), at(time(4), correction)])).toHaveLength(1);
    expect(journal.append([at(time(5), correction)])).toEqual([]);
    journal.append([at(time(6), events.correction(aCorrection({ ...bought, account: 'SIM2' }, 9, null)))]);
    journal.append([at(time(6), events.correction(aCorrection({ ...bought, venue: 'other' }, 9, null)))]);
    expect(journal.trades({})[0]?.entryPrice).toBe(101);
    expectSound(journal);
  });

  it('is settled the same way when a venue says two things under one version', () => {
    const words = [101, 102].map((price) => events.correction(aCorrection(bought, 1, { price: ticks(price) })));
    const prices = [words, words.toReversed()].map((order) => {
      const journal = aTrade();
      for (const event of order) journal.append([at(time(3), event)]);
      expectSound(journal);
      return journal.trades({})[0]?.entryPrice;
    });
    expect(prices[0]).toBe(prices[1]);
  });
});

describe('a busted fill', () => {
  it('is in no trade, no position and no list, and leaves an order it had filled in doubt', () => {
    const journal = aTrade();
    journal.append([at(time(3), events.correction(aCorrection(bought, 1, null)))]);
    expect(journal.trades({})).toEqual([]);
    expect(journal.netOfTrades()).toBe(0);
    expect(journal.fills({}).map((fill) => fill.execKey)).toEqual(['out']);
    expect(journal.standingFill('paper', 'SIM1', 'in')).toBeNull();
    expect(journal.fillsOf(orderId(1))).toEqual([]);
    expect(journal.openLots()).toMatchObject([{ direction: -1, lots: [{ quantity: 2, price: 110 }] }]);
    expect(journal.order(orderId(1))).toMatchObject({
      life: 'working',
      filled: 0,
      averagePrice: null,
      certainty: { kind: 'in-doubt', since: time(3) },
    });
    expect(journal.orders({ openOnly: true })).toHaveLength(1);
    expect(journal.fill('paper', 'SIM1', 'in')).toEqual(bought);
    expectSound(journal);
  });

  it('is still known: it is not booked again when it is told again', () => {
    const journal = aTrade();
    journal.append([at(time(3), events.correction(aCorrection(bought, 1, null)))]);
    expect(journal.append([at(time(4), events.fill(bought))])).toEqual([]);
    expect(journal.trades({})).toEqual([]);
  });

  it('does not reopen an order the venue had ended', () => {
    const journal = temporaryJournal();
    journal.append([at(NOON, events.intent(someTerms(1, { quantity: 3 })))]);
    journal.append([at(time(1), events.fill(bought))]);
    journal.append([at(time(2), events.order(orderId(1), { kind: 'canceled', reason: null }))]);
    journal.append([at(time(3), events.correction(aCorrection(bought, 1, null)))]);
    expect(journal.order(orderId(1))).toMatchObject({ life: 'canceled', filled: 0, certainty: { kind: 'known' } });
    expectSound(journal);
  });

  it('of an order that was journaled after it is not booked on it', () => {
    const journal = temporaryJournal();
    journal.append([at(time(1), events.fill(bought)), at(time(2), events.correction(aCorrection(bought, 1, null)))]);
    journal.append([at(time(3), events.intent(someTerms(1)))]);
    expect(journal.order(orderId(1))).toMatchObject({ life: 'created', filled: 0 });
    expectSound(journal);
  });
});

describe('a restart', () => {
  it('takes corrections up where they were', () => {
    const journal = aTrade();
    journal.append([at(time(3), events.correction(aCorrection(bought, 1, { price: ticks(104) })))]);
    const told = [journal.trades({}), journal.fills({}), journal.orders({}), journal.tradeSummary({})];
    journal.close();
    const again = mustOpen(journal.path);
    expect([again.trades({}), again.fills({}), again.orders({}), again.tradeSummary({})]).toEqual(told);
    again.rebuild();
    expect([again.trades({}), again.fills({}), again.orders({}), again.tradeSummary({})]).toEqual(told);
  });
});
