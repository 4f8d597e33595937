import { describe, expect, it } from 'vitest';
import { createBook, type Book } from '#desk/account/book.ts';
import { riskMetricsOf } from '#desk/account/risk-view.ts';
import { PRESETS } from '#desk/engine/config.ts';
import type { SqliteJournal } from '#desk/journal/open-journal.ts';
import type { NewEvent } from '#desk/ports/journal.ts';
import type { OrderEvent, OrderTerms } from '#shared/domain/order.ts';
import { epochMs, money, moneyFromUsd, ticks, type Money } from '#shared/units.ts';
import { aFill, anInstrument, aRoundTrip, at, events, NOON, someTerms } from '#test/support/journal-events.ts';
import { temporaryJournal } from '#test/support/temp-journal.ts';

const usd = moneyFromUsd;
const NQ = 'NQZ26-CME';
const ENTRY = 84_000;
const STOP = 83_920;
/** 80 ticks and 2 of slippage at $5, and $4.60 of fees. */
const RISK = usd(414.6);

type Desk = { readonly journal: SqliteJournal; readonly book: Book };

function desk(margin: Money | null = usd(4_200)): Desk {
  const journal = temporaryJournal();
  journal.append([at(NOON, events.opened()), at(NOON, events.instrument())]);
  const book = createBook({ journal, instrument: () => anInstrument(), initialEquity: usd(100_000) });
  book.setMargin(() => margin);
  book.refresh();
  return { journal, book };
}

const quoted = ({ book }: Desk, last = ENTRY): void =>
  book.setQuote({
    symbol: NQ,
    bid: ticks(last),
    ask: ticks(last),
    last: ticks(last),
    asOf: NOON,
    receivedAt: NOON,
  });

const tell = ({ journal, book }: Desk, ...told: Parameters<typeof at>[1][]): void => {
  journal.append(told.map((event) => at(NOON, event)));
  book.refresh();
};

const order = (terms: OrderTerms, ...kinds: OrderEvent[]) =>
  kinds.map((event) => events.order(terms.clientOrderId, event));

/** An entry of `quantity`, sent with its stop and known to the broker. */
function enter(of: Desk, n: number, quantity: number, overrides: { stop?: number; risk?: Money | null } = {}) {
  const { stop: stopPrice = STOP, risk = RISK } = overrides;
  const entry = someTerms(3 * n, { quantity, price: ticks(ENTRY) });
  const stop = someTerms(3 * n + 1, {
    quantity,
    role: 'stop',
    type: 'stop',
    direction: -1,
    parentId: entry.clientOrderId,
    price: ticks(stopPrice),
  });
  if (risk !== null) of.book.setPlannedRisk(entry.clientOrderId, risk);
  tell(
    of,
    events.intent(entry, risk === null ? null : risk / 10_000),
    events.intent(stop, null),
    ...order(entry, { kind: 'send-attempt' }, { kind: 'working', venueOrderId: `V${n}` }),
    ...order(stop, { kind: 'send-attempt' }, { kind: 'working', venueOrderId: `S${n}` }),
  );
  return { entry, stop };
}

const fill = (of: Desk, terms: OrderTerms, quantity: number, key: string, price = ENTRY): void => {
  const { clientOrderId, direction } = terms;
  tell(of, events.fill(aFill(key, { clientOrderId, direction, quantity, price: ticks(price), fee: money(0) })));
};

describe('a position and its stops', () => {
  it('risks what it loses at its stop', () => {
    const of = desk();
    const { entry } = enter(of, 1, 2);
    fill(of, entry, 2, 'E1');
    quoted(of);
    expect(of.book.positions()).toMatchObject([{ quantity: 2, stop: STOP, riskAtStop: 2 * RISK }]);
    expect(of.book.held(NQ)).toEqual({
      position: { direction: 1, contracts: 2, risk: 2 * RISK },
      working: 0,
      inDoubt: 0,
    });
  });

  it('added to, has a stop for each part, and the market reaches the nearer one first', () => {
    const of = desk();
    fill(of, enter(of, 1, 2).entry, 2, 'E1');
    fill(of, enter(of, 2, 1, { stop: STOP + 40 }).entry, 1, 'E2');
    quoted(of);
    const nearer = 42 * usd(5) + usd(4.6);
    expect(of.book.positions()).toMatchObject([{ quantity: 3, stop: STOP + 40, riskAtStop: 2 * RISK + nearer }]);
  });

  it('is not covered by the stop of an entry that has not filled, nor by one in doubt', () => {
    const of = desk();
    const first = enter(of, 1, 2);
    fill(of, first.entry, 2, 'E1');
    enter(of, 2, 2);
    quoted(of);
    tell(of, ...order(first.stop, { kind: 'canceled', reason: null }));
    expect(of.book.positions()[0]).toMatchObject({ riskAtStop: null, stop: null });

    const other = desk();
    const { entry, stop } = enter(other, 1, 2);
    fill(other, entry, 2, 'E1');
    tell(other, ...order(stop, { kind: 'in-doubt', why: 'timeout' }));
    expect(other.book.held(NQ)).toMatchObject({ position: { contracts: 2, risk: null }, inDoubt: 2 });
  });

  it('without a stop for all of it, counts with its plan, else its margin, else its whole price: never with 0', () => {
    const riskOf = (of: Desk, risk: Money | null): number | undefined => {
      const { entry, stop } = enter(of, 1, 2, { risk });
      fill(of, entry, 2, 'E1');
      tell(of, ...order(stop, { kind: 'canceled', reason: null }));
      return of.book.exposures()[0]?.risk;
    };
    expect(riskOf(desk(), RISK)).toBe(2 * RISK);
    expect(riskOf(desk(), null)).toBe(2 * usd(4_200));
    expect(riskOf(desk(null), null)).toBe(2 * ENTRY * usd(5));
  });
});

describe('orders that may still fill', () => {
  it('reserve the risk of what has not filled', () => {
    const of = desk();
    const { entry } = enter(of, 1, 3);
    fill(of, entry, 1, 'E1');
    quoted(of);
    expect(of.book.reservedRisk()).toBe(2 * RISK);
    expect(of.book.doubtRisk()).toBe(0);
    expect(of.book.exposures().map(({ contracts, risk }) => [contracts, risk])).toEqual([
      [1, RISK],
      [2, 2 * RISK],
    ]);
    expect(of.book.held(NQ)).toMatchObject({ position: { contracts: 1 }, working: 2, inDoubt: 0 });
  });

  it('keep their plan however many orders came and ended since', () => {
    const of = desk();
    enter(of, 1, 2);
    const reserved = of.book.reservedRisk();
    for (let n = 0; n < 2_000; n += 1) of.book.setPlannedRisk(`ended ${n}`, money(1));
    expect(of.book.reservedRisk()).toBe(reserved);
    expect(reserved).toBe(2 * RISK);
  });

  it('count as exposure while it is in doubt whether the broker has them, and their risk is told', () => {
    const of = desk();
    const { entry, stop } = enter(of, 1, 3);
    const doubt = { kind: 'in-doubt', why: 'timeout' } as const;
    tell(of, ...order(entry, doubt), ...order(stop, doubt));
    expect(of.book.doubtRisk()).toBe(3 * RISK);
    expect(of.book.exposures()).toMatchObject([{ contracts: 3, risk: 3 * RISK, direction: 1 }]);
    expect(of.book.held(NQ)).toEqual({ position: null, working: 0, inDoubt: 3 });
  });

  it('a closing order in doubt for more than is held may open the other side', () => {
    const of = desk();
    const { entry } = enter(of, 1, 2);
    fill(of, entry, 2, 'E1');
    quoted(of);
    const flatten = someTerms(90, { role: 'flatten', type: 'market', direction: -1, quantity: 2, price: null });
    tell(of, events.intent(flatten, null), ...order(flatten, { kind: 'send-attempt' }));
    expect(of.book.held(NQ)).toMatchObject({ working: 2, inDoubt: 0 });
    tell(of, ...order(flatten, { kind: 'in-doubt', why: 'timeout' }));
    expect(of.book.doubtRisk()).toBe(0);
    // The stop fills meanwhile: whatever the closing order still does is a new position.
    fill(of, someTerms(4, { direction: -1 }), 2, 'S1', STOP);
    expect(of.book.exposures()).toMatchObject([{ direction: -1, contracts: 2, risk: 2 * usd(4_200) }]);
    expect(of.book.doubtRisk()).toBe(2 * usd(4_200));
  });
});

describe('correlated exposure on the gauges', () => {
  it('does not count a position and what is being added to it as partners', () => {
    const of = desk();
    fill(of, enter(of, 1, 2).entry, 2, 'E1');
    enter(of, 2, 1);
    quoted(of);
    const metrics = riskMetricsOf({
      book: of.book,
      config: PRESETS.conservative,
      watch: { cusum: null, resolved: 0, brier100: null, calibrationError100: null, dayLoss: 0, drawdown: 0 },
      correlations: (roots) => ({ roots: [...roots], rho: roots.map(() => roots.map(() => 1)) }),
      state: { state: 'active', reason: null, since: null },
      dayOpening: usd(100_000),
      peak: usd(100_000),
      now: NOON,
    });
    expect(metrics.cluster).toBeNull();
    expect(metrics.heatRisk).toBe(3 * RISK);
  });
});

describe('accounts read from files', () => {
  it('are no part of the account: neither position, equity nor sample', () => {
    const of = desk();
    const foreign = (key: string, direction: 1 | -1, price: number, minute: number) =>
      events.fill(
        aFill(key, {
          account: 'imported:elsewhere',
          direction,
          price: ticks(price),
          at: epochMs(NOON + minute * 60_000),
        }),
      );
    tell(of, foreign('F1', 1, ENTRY, 0), foreign('F2', -1, ENTRY + 100, 1), foreign('F3', 1, ENTRY, 2));
    expect(of.book.positions()).toEqual([]);
    expect(of.book.exposures()).toEqual([]);
    expect(of.book.account().equity).toBe(usd(100_000));
    expect(of.book.hasInterest(NQ)).toBe(false);
  });
});

/** Events as they are told of another contract. */
const inSymbol = (symbol: string, some: readonly NewEvent[]): readonly NewEvent[] =>
  some.map((one) => {
    const { event } = one;
    if (event.kind === 'intent') return { ...one, event: { ...event, terms: { ...event.terms, symbol } } };
    return event.kind === 'fill' ? { ...one, event: { ...event, fill: { ...event.fill, symbol } } } : one;
  });

describe('a book that is told what changed', () => {
  it('is what one is that reads everything again, event after event', () => {
    const journal = temporaryJournal();
    const specs = [NQ, 'ESZ26-CME', 'RTYZ26-CME'].map((symbol) => anInstrument({ symbol }));
    journal.append([at(NOON, events.opened()), ...specs.map((spec) => at(NOON, events.instrument(spec)))]);
    const instrument = (symbol: string) => specs.find((spec) => spec.symbol === symbol) ?? expect.fail();
    const parts = { journal, instrument, initialEquity: usd(100_000) };
    const told = createBook(parts);
    let price = ENTRY;
    quoted({ journal, book: told }, price);
    // What is open in one contract stands before the others in the list, and in another after them.
    const before = inSymbol('ESZ26-CME', aRoundTrip(3));
    const after = inSymbol('RTYZ26-CME', aRoundTrip(4));
    const trips = [before, after].flatMap((trip) => trip.slice(0, 8));
    const ends = [before, after].flatMap((trip) => trip.slice(8));
    const all = [...trips, ...aRoundTrip(1), ...aRoundTrip(2), ...ends].flatMap((one) => {
      const { event } = one;
      if (event.kind !== 'order' || event.event.kind !== 'working') return [one];
      // Every order is moved as soon as it works.
      const moved = {
        kind: 'restated',
        venueOrderId: event.event.venueOrderId,
        quantity: 1,
        price: ticks(84_123),
      } as const;
      return [one, at(one.at, events.order(event.clientOrderId, moved))];
    });
    const idsOf = (some: typeof all): string[] =>
      some.flatMap(({ event }) => {
        if (event.kind === 'intent') return [event.terms.clientOrderId];
        if (event.kind === 'order') return [event.clientOrderId];
        return event.kind === 'fill' && event.fill.clientOrderId !== null ? [event.fill.clientOrderId] : [];
      });
    const ids = [...new Set(idsOf(all))];
    // The intents of a group are journaled together, before any of it is sent; everything else by itself.
    const appends: (typeof all)[] = [];
    for (const one of all) {
      const group = one.event.kind === 'intent' ? appends.findLast(([first]) => first?.event.kind === 'intent') : null;
      const parentId = one.event.kind === 'intent' ? one.event.terms.parentId : null;
      if (group != null && parentId !== null && idsOf(group).includes(parentId)) group.push(one);
      else appends.push([one]);
    }
    for (const [n, some] of appends.entries()) {
      journal.append(some);
      const changed = idsOf(some);
      const executed = some.flatMap(({ event }) => (event.kind === 'fill' ? [event.fill.symbol] : []));
      if (changed.length > 0) told.refresh({ orders: changed, executed });
      const whole = createBook(parts);
      whole.refresh();
      expect(told.orders()).toEqual(whole.orders());
      for (const { symbol } of specs) expect(told.workingOrders(symbol)).toEqual(whole.workingOrders(symbol));
      // At the price it knows already, and at others.
      quoted({ journal, book: whole }, price);
      expect(told.positions()).toEqual(whole.positions());
      for (price of [ENTRY + n, ENTRY - n]) {
        for (const book of [told, whole]) quoted({ journal, book }, price);
        expect(told.positions()).toEqual(whole.positions());
        expect(whole.positions().every(({ symbol, last }) => symbol !== NQ || last === price)).toBe(true);
      }
      expect(told.exposures()).toEqual(whole.exposures());
      expect(told.account()).toEqual(whole.account());
      expect(told.openLots()).toEqual(journal.openLots());
      for (const id of ids) expect(told.order(id)).toEqual(journal.order(id));
    }
    expect(told.orders().length + told.positions().length).toBe(0);
  });

  it('values positions anew with every price, also while a change of an order is tried', () => {
    const of = desk();
    const { entry, stop } = enter(of, 1, 2);
    fill(of, entry, 2, 'E1');
    quoted(of, ENTRY);
    const before = of.book.exposures();
    quoted(of, ENTRY + 40);
    expect(of.book.positions()[0]?.last).toBe(ENTRY + 40);
    const moved = { ...(of.book.order(stop.clientOrderId) ?? expect.fail()), price: ticks(ENTRY + 20) };
    expect(of.book.exposuresIf(moved)[0]?.risk).toBeLessThan(of.book.exposures()[0]?.risk ?? 0);
    quoted(of, ENTRY);
    expect(of.book.exposures()).toEqual(before);
  });
});
