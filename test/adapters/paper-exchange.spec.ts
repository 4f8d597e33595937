import { describe, expect, it } from 'vitest';
import type { BrokerEvent } from '#desk/ports/broker.ts';
import type { Quote } from '#shared/domain/market.ts';
import { type Fill, type Order, type OrderTerms, fillCorrectionSchema } from '#shared/domain/order.ts';
import { applyFill, applyOrderEvent, openOrder } from '#shared/domain/order-life.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import { epochMs, money, moneyFromUsd, ticks } from '#shared/units.ts';
import { type PaperBrokerOptions, createPaperBroker } from '#desk/adapters/brokers/paper.ts';
import { isSessionOpen } from '#desk/engine/session.ts';
import { ACCOUNT, SYMBOL, alone, bracket, terms } from './paper-groups.ts';
import { SIX } from './planned-trades.ts';
import { START, createCountingIds, createVirtualClock } from './virtual-clock.ts';

const live = (): AbortSignal => new AbortController().signal;
const ORDER = (clientOrderId: string): Order => openOrder({ ...terms(), clientOrderId }, epochMs(START));

/** A paper broker with its exchange, and everything it told. */
async function setUp(over: Partial<PaperBrokerOptions> = {}) {
  const clock = createVirtualClock();
  const broker = createPaperBroker({
    ...{ clock, ids: createCountingIds(), instruments: SIX, account: ACCOUNT, fillFrom: 'quotes' },
    startingCash: moneyFromUsd(1_000_000),
    ...over,
  });
  const events: BrokerEvent[] = [];
  broker.onEvent((event) => events.push(event));
  await broker.connect(live());
  const quote = (bid: number, ask = bid + 1, symbol = SYMBOL): void => {
    const at = clock.now();
    const event: Quote = { symbol, bid: ticks(bid), ask: ticks(ask), last: ticks(bid), asOf: at, receivedAt: at };
    broker.onMarket({ kind: 'quote', quote: event });
  };
  const told = (): string[] => events.splice(0).map(inWords);
  const fills = (): Fill[] => [...broker.exchange.executions()];
  const found = async (id: string) => {
    const answer = await broker.find(id);
    if (answer.kind !== 'found') throw new Error(answer.kind);
    return answer;
  };
  const snapshot = (since = 0) => broker.snapshot(epochMs(since), live());
  return { broker, exchange: broker.exchange, clock, events, quote, told, fills, found, snapshot };
}

function inWords(event: BrokerEvent): string {
  if (event.kind === 'fill') return `filled ${event.fill.quantity}@${event.fill.price}`;
  if (event.kind === 'external-order')
    return `elsewhere ${event.order.state} ${event.order.filled}/${event.order.quantity}`;
  if (event.kind === 'fill-correction') {
    const { corrected, version } = event.correction;
    return `v${version} ${corrected === null ? 'busted' : `${corrected.quantity}@${corrected.price}`}`;
  }
  const role = event.clientOrderId.endsWith('S') ? 'stop' : event.clientOrderId.endsWith('T') ? 'target' : 'entry';
  const { event: what } = event;
  const detail =
    what.kind === 'resized' ? ` ${what.quantity}` : what.kind === 'replaced' ? ` ${what.quantity}@${what.price}` : '';
  return `${role} ${what.kind}${detail}`;
}

describe('replacing', () => {
  it('changes price and quantity of a working order, and the children that wait for it', async () => {
    const { broker, quote, told, found } = await setUp();
    quote(100, 101);
    const group = bracket(80, 120, { type: 'limit', price: ticks(95), quantity: 3 });
    await broker.submit(group);
    told();
    const change = { quantity: 2, price: ticks(96) };
    expect(await broker.replace(ORDER(group.entry.clientOrderId), change)).toEqual({ kind: 'accepted' });
    expect(told()).toEqual(['entry replaced 2@96', 'stop resized 2', 'target resized 2']);
    quote(95, 96);
    expect(told()).toEqual(['filled 2@96', 'stop working', 'target working']);
    expect((await found(group.entry.clientOrderId)).order).toMatchObject({ quantity: 2, filled: 2, price: 96 });
  });

  it('a limit that becomes marketable is filled at once, at the better price', async () => {
    const { broker, quote, told } = await setUp();
    quote(100, 101);
    const group = alone({ type: 'limit', price: ticks(95) });
    await broker.submit(group);
    told();
    await broker.replace(ORDER(group.entry.clientOrderId), { quantity: 2, price: ticks(110) });
    expect(told()).toEqual(['entry replaced 2@110', 'filled 2@101']);
  });

  it('trails a stop, and the new trigger counts', async () => {
    const { broker, quote, told, fills } = await setUp();
    quote(100, 101);
    const group = bracket(80, 150);
    await broker.submit(group);
    quote(110, 111);
    told();
    expect(await broker.replace(ORDER(group.stop.clientOrderId), { quantity: 2, price: ticks(105) })).toEqual({
      kind: 'accepted',
    });
    quote(106, 107);
    // It lies above the entry now: the trade cannot lose any more.
    quote(105, 106);
    expect(fills().at(-1)).toMatchObject({ direction: -1, price: 105 });
  });

  it.each<[string, Partial<{ quantity: number; price: number | null }>, RegExp]>([
    ['an unknown order', { quantity: 2 }, /unknown order/u],
    ['a price off the grid', { price: 95.5 }, /whole number of ticks/u],
    ['no price', { price: null }, /needs a price/u],
    ['a fraction of a contract', { quantity: 1.5 }, /quantity 1\.5/u],
    ['a limit beyond its own stop', { price: 79 }, /not in order/u],
    ['more than the margin carries', { quantity: 100 }, /insufficient margin/u],
  ])('is refused for %s, and the old terms stay', async (what, over, reason) => {
    const { broker, quote, told, found } = await setUp();
    quote(100, 101);
    const group = bracket(80, 120, { type: 'limit', price: ticks(95) });
    await broker.submit(group);
    told();
    const id = what === 'an unknown order' ? 'D1-nobody' : group.entry.clientOrderId;
    const change = { quantity: 2, price: ticks(95), ...over } as { quantity: number; price: OrderTerms['price'] };
    const outcome = await broker.replace(ORDER(id), change);
    expect(outcome).toMatchObject({ kind: 'refused', reason: expect.stringMatching(reason) as string });
    expect(told()).toEqual([]);
    expect((await found(group.entry.clientOrderId)).order).toMatchObject({ quantity: 2, price: 95 });
  });

  it('is refused when the order is filled, ended, or filled beyond the new quantity', async () => {
    const { broker, quote } = await setUp({ partialFills: { seed: 1, shareOfVolume: 0, quoteSize: 1 } });
    quote(100, 101);
    const group = bracket(80, 120, { type: 'limit', price: ticks(101), quantity: 3 });
    await broker.submit(group);
    const entry = ORDER(group.entry.clientOrderId);
    quote(100, 101);
    expect(await broker.replace(entry, { quantity: 2, price: ticks(101) })).toEqual({
      kind: 'refused',
      reason: 'quantity 2: 2 are filled already',
    });
    const stop = ORDER(group.stop.clientOrderId);
    expect(await broker.replace(stop, { quantity: 3, price: ticks(90) })).toMatchObject({
      kind: 'refused',
      reason: "quantity 3: that of a bracket's exit follows its entry, which makes it 2",
    });
    quote(100, 101);
    expect(await broker.replace(entry, { quantity: 4, price: ticks(101) })).toEqual({
      kind: 'refused',
      reason: 'too late: already filled',
    });
    await broker.cancel(stop);
    expect(await broker.replace(stop, { quantity: 3, price: ticks(90) })).toEqual({
      kind: 'refused',
      reason: 'too late: already ended',
    });
  });
});

describe('an exit that is sent alone', () => {
  it('belongs to no bracket at the venue: its quantity is its own, and nothing cancels it', async () => {
    const { broker, quote, told, found } = await setUp();
    quote(100, 101);
    const { entry, stop, target } = bracket(90, 115);
    for (const leg of [entry, stop, target]) await broker.submit({ entry: leg, stop: null, target: null });
    expect(told()).toEqual(['entry working', 'filled 2@101', 'stop working', 'target working']);
    expect(await broker.replace(ORDER(stop.clientOrderId), { quantity: 1, price: ticks(92) })).toEqual({
      kind: 'accepted',
    });
    quote(115, 116);
    expect(told()).toEqual(['stop replaced 1@92', 'filled 2@115']);
    expect((await found(stop.clientOrderId)).order).toMatchObject({ state: 'working', quantity: 1 });
  });
});

describe('orders from elsewhere', () => {
  it('are told as external, their fills have no client order id, and the position is the account’s', async () => {
    const { exchange, quote, told, fills, snapshot, broker } = await setUp();
    quote(100, 101);
    const placed = exchange.placeElsewhere({
      ...{ symbol: SYMBOL, direction: 1, type: 'limit', quantity: 3, price: ticks(98) },
    });
    expect(told()).toEqual(['elsewhere working 0/3']);
    quote(97, 98);
    expect(told()).toEqual(['filled 3@98', 'elsewhere filled 3/3']);
    expect(fills()).toMatchObject([{ clientOrderId: null, quantity: 3 }]);
    const { positions, completed } = await snapshot();
    expect(positions).toEqual([{ symbol: SYMBOL, quantity: 3, averagePrice: 98 }]);
    expect(completed).toMatchObject([{ clientOrderId: null, state: 'filled', filled: 3 }]);
    if ('rejected' in placed) throw new Error(placed.rejected);
    expect(await broker.cancelExternal(placed.order.venueOrderId)).toEqual({
      kind: 'refused',
      reason: 'too late: already filled',
    });
  });

  it('can be cancelled by their venue id, and by nothing else', async () => {
    const { exchange, quote, told, snapshot, broker } = await setUp();
    quote(100, 101);
    const order = { symbol: SYMBOL, direction: -1, type: 'stop', quantity: 1, price: ticks(90) } as const;
    const placed = exchange.placeElsewhere(order);
    if ('rejected' in placed) throw new Error(placed.rejected);
    told();
    const { orders } = await snapshot();
    expect(orders).toMatchObject([{ clientOrderId: null, type: 'stop', price: 90, state: 'working' }]);
    expect(await broker.cancelExternal('P-nobody')).toEqual({ kind: 'refused', reason: 'unknown order' });
    expect(await broker.cancelExternal(placed.order.venueOrderId)).toEqual({ kind: 'accepted' });
    expect(told()).toEqual(['elsewhere canceled 0/1']);
    const own = alone({ type: 'limit', price: ticks(90) });
    await broker.submit(own);
    const [working] = (await snapshot()).orders;
    expect(await broker.cancelExternal(working!.venueOrderId)).toMatchObject({
      kind: 'refused',
      reason: expect.stringMatching(/this desk's own/u) as string,
    });
  });

  it('count for the margin like any other', async () => {
    const { exchange, quote } = await setUp({ startingCash: moneyFromUsd(100_000) });
    quote(100, 101);
    const order = { symbol: SYMBOL, direction: 1, type: 'market', price: null } as const;
    expect(exchange.placeElsewhere({ ...order, quantity: 3 })).toHaveProperty('order');
    expect(exchange.placeElsewhere({ ...order, quantity: 1 })).toMatchObject({
      rejected: expect.stringMatching(/insufficient margin/u) as string,
    });
  });

  it('meets a quote stops first, and orders of one kind as they came, in whatever order they came', async () => {
    const kinds = ['limit', 'stop', 'limit', 'stop'] as const;
    for (const turned of [kinds, kinds.toReversed(), [...kinds].sort(), [...kinds].sort().toReversed()]) {
      const { exchange, quote, fills } = await setUp();
      quote(100);
      // Sales by stop and purchases by limit that the same fall reaches.
      for (const [n, type] of turned.entries()) {
        const order = { symbol: SYMBOL, direction: type === 'stop' ? -1 : 1, type, quantity: n + 1 } as const;
        expect(exchange.placeElsewhere({ ...order, price: ticks(90) })).toHaveProperty('order');
      }
      quote(89, 90);
      const sizes = turned.map((type, n) => ({ type, quantity: n + 1 }));
      const inOrder = [...sizes.filter(({ type }) => type === 'stop'), ...sizes.filter(({ type }) => type === 'limit')];
      expect(fills().map(({ quantity }) => quantity)).toEqual(inOrder.map(({ quantity }) => quantity));
    }
  });
});

describe('corrections', () => {
  it('a bust takes contracts, money and protection back', async () => {
    const { broker, exchange, quote, told, fills, snapshot } = await setUp({
      partialFills: { seed: 1, shareOfVolume: 0, quoteSize: 1 },
    });
    quote(100, 101);
    await broker.submit(bracket(80, 120));
    quote(100, 101);
    told();
    const correction = exchange.bust(fills()[0]!.execKey, 'clearly erroneous');
    expect(fillCorrectionSchema.parse(correction)).toMatchObject({ version: 1, corrected: null });
    expect(told()).toEqual(['v1 busted', 'stop resized 1', 'target resized 1']);
    expect((await snapshot()).positions).toEqual([{ symbol: SYMBOL, quantity: 1, averagePrice: 101 }]);
    expect(broker.equity()).toBe(moneyFromUsd(1_000_000) - fills()[1]!.fee - SIX[0]!.tickValue);
    exchange.bust(fills()[1]!.execKey, 'clearly erroneous');
    // Once by itself, and told again with the snapshot before.
    expect(told()).toEqual(['v1 busted', 'v1 busted', 'stop canceled', 'target canceled']);
    expect((await snapshot()).positions).toEqual([]);
    expect(broker.equity()).toBe(moneyFromUsd(1_000_000));
    expect(exchange.audit()).toEqual([]);
  });

  it('another price and quantity move cost and position by the difference, version by version', async () => {
    const { broker, exchange, quote, told, fills, snapshot } = await setUp();
    quote(100, 101);
    await broker.submit(alone());
    told();
    const [fill] = fills();
    exchange.correct(fill!.execKey, { price: ticks(103) }, 'wrong price');
    exchange.correct(fill!.execKey, { quantity: 1, fee: money(23_000) }, 'wrong quantity');
    expect(told()).toEqual(['v1 2@103', 'v2 1@103']);
    expect((await snapshot()).positions).toEqual([{ symbol: SYMBOL, quantity: 1, averagePrice: 103 }]);
    expect(broker.equity()).toBe(moneyFromUsd(1_000_000) - 3 * SIX[0]!.tickValue - 23_000);
    expect(exchange.correct('nobody', { quantity: 1 }, '')).toBeNull();
    expect(() => exchange.correct(fill!.execKey, { quantity: 0 }, '')).toThrow(RangeError);
    expect(exchange.audit()).toEqual([]);
  });

  it('are told again with a snapshot, whose fills stay as first told', async () => {
    const { broker, exchange, quote, told, fills, snapshot, found } = await setUp();
    quote(100, 101);
    const group = alone();
    await broker.submit(group);
    await broker.close();
    exchange.bust(fills()[0]!.execKey, 'clearly erroneous');
    await broker.connect(live());
    told();
    const seen = await snapshot();
    expect(told()).toEqual(['v1 busted']);
    expect(seen.fills).toMatchObject([{ quantity: 2, price: 101 }]);
    expect(seen.positions).toEqual([]);
    expect(await found(group.entry.clientOrderId)).toMatchObject({ order: { filled: 0 }, fills: [{ quantity: 2 }] });
  });

  it('an entry whose only fill is busted ends with its protection, so that it cannot open a bare position', async () => {
    const { broker, exchange, quote, told, fills } = await setUp({
      partialFills: { seed: 1, shareOfVolume: 0, quoteSize: 1 },
    });
    quote(100, 101);
    await broker.submit(bracket(80, 120, { type: 'limit', price: ticks(101) }));
    told();
    exchange.bust(fills()[0]!.execKey, 'clearly erroneous');
    expect(told()).toEqual(['v1 busted', 'entry resized 1', 'entry canceled', 'stop canceled', 'target canceled']);
    quote(100, 101);
    expect(exchange.executions()).toHaveLength(1);
  });
});

describe('what the venue states', () => {
  it('open orders, ended ones and fills since a time, average prices first in first out', async () => {
    const { broker, quote, clock, snapshot } = await setUp();
    quote(100, 101);
    await broker.submit(alone({ quantity: 2 }));
    clock.advanceTo(START + 60_000);
    quote(110, 111);
    await broker.submit(alone({ quantity: 2 }));
    clock.advanceTo(START + 120_000);
    quote(120, 121);
    await broker.submit(alone({ quantity: 3, direction: -1 }));
    await broker.submit(alone({ type: 'limit', price: ticks(90) }));
    const all = await snapshot();
    expect(all).toMatchObject({ isComplete: true, at: START + 120_000 });
    expect([all.orders.length, all.completed.length, all.fills.length]).toEqual([1, 3, 3]);
    expect(all.positions).toEqual([{ symbol: SYMBOL, quantity: 1, averagePrice: 111 }]);
    const late = await snapshot(START + 60_000);
    expect([late.orders.length, late.completed.length, late.fills.length]).toEqual([1, 2, 2]);
  });

  it('an order with its fills, a rejected one with its reason', async () => {
    const { broker, quote, found } = await setUp({ partialFills: { seed: 1, shareOfVolume: 0, quoteSize: 1 } });
    quote(100, 101);
    const group = alone({ type: 'limit', price: ticks(101) });
    await broker.submit(group);
    expect(await found(group.entry.clientOrderId)).toMatchObject({
      order: { state: 'working', quantity: 2, filled: 1 },
      fills: [{ quantity: 1, price: 101 }],
    });
    const wrong = alone({ type: 'limit', price: ticks(-5) });
    await broker.submit(wrong);
    expect(await found(wrong.entry.clientOrderId)).toMatchObject({
      order: { state: 'rejected', reason: expect.stringMatching(/not above zero/u) as string },
      fills: [],
    });
    expect((await broker.submit(wrong)).kind).toBe('unknown');
  });

  it('after a restart also the fills of before, when it is given them', async () => {
    const first = await setUp();
    first.quote(100, 101);
    const group = alone();
    await first.broker.submit(group);
    const second = await setUp();
    let order = openOrder(group.entry, epochMs(START));
    for (const event of first.events) {
      if (event.kind === 'order') order = applyOrderEvent(order, event.event, event.at);
      if (event.kind === 'fill') order = applyFill(order, event.fill, event.fill.at);
    }
    second.exchange.restore({
      ...{ orders: [order], positions: [{ symbol: SYMBOL, quantity: 2, averagePrice: 101 }], fills: first.fills() },
    });
    expect((await second.found(group.entry.clientOrderId)).fills).toEqual(first.fills());
    const { fills, positions } = await second.snapshot();
    expect(fills).toEqual(first.fills());
    expect(positions).toEqual([{ symbol: SYMBOL, quantity: 2, averagePrice: 101 }]);
    second.quote(100, 101);
    await second.broker.submit(alone());
    expect((await second.snapshot()).positions[0]!.quantity).toBe(4);
    expect(second.exchange.audit()).toEqual([]);
  });
});

describe('practice', () => {
  const NIGHT = Date.UTC(2026, 0, 15, 22, 30);
  const CME = SIX.map((instrument) => ({ ...instrument, calendar: 'cme' as const }));
  const cme = {
    instruments: CME,
    isSessionOpen: (i: { calendar: Instrument['calendar'] }, at: number) => isSessionOpen(epochMs(at), i.calendar),
  };

  it('in a closed session a day order is rejected, and a gtc order works with the first price of the next', async () => {
    const { broker, quote, clock, told } = await setUp(cme);
    quote(100, 101);
    clock.advanceTo(NIGHT);
    expect(await broker.submit(alone())).toMatchObject({
      kind: 'rejected',
      reason: expect.stringMatching(/session of NQZ26 is closed/u) as string,
    });
    expect(await broker.submit(alone({ timeInForce: 'gtc' }))).toEqual({ kind: 'accepted' });
    quote(90, 91);
    expect(told()).toEqual(['entry acknowledged']);
    clock.advanceTo(NIGHT + 3_600_000);
    quote(95, 96);
    expect(told()).toEqual(['entry working', 'filled 2@96']);
  });

  it('a stop is not filled while the market is closed, and at the worse open when it comes back beyond it', async () => {
    const { broker, quote, clock, fills } = await setUp(cme);
    quote(100, 101);
    await broker.submit(bracket(90, 120));
    clock.advanceTo(NIGHT);
    quote(80, 81);
    expect(fills()).toHaveLength(1);
    clock.advanceTo(NIGHT + 3_600_000);
    quote(70, 71);
    expect(fills()[1]).toMatchObject({ direction: -1, price: 70 });
  });

  it('orders on one side share what one price offers', async () => {
    const { broker, quote, fills } = await setUp({ partialFills: { seed: 4, shareOfVolume: 0, quoteSize: 3 } });
    for (let n = 0; n < 4; n += 1) await broker.submit(alone({ type: 'limit', price: ticks(101) }));
    quote(100, 101);
    const bought = fills().reduce((sum, fill) => sum + fill.quantity, 0);
    expect(bought).toBeGreaterThan(0);
    expect(bought).toBeLessThanOrEqual(3);
  });

  it('a stop that was hit while others took all there was is sold at the next price, wherever that is', async () => {
    const { broker, quote, fills } = await setUp({ partialFills: { seed: 4, shareOfVolume: 0, quoteSize: 1 } });
    quote(100, 101);
    await broker.submit(alone({ role: 'stop', type: 'stop', direction: -1, price: ticks(95), quantity: 1 }));
    await broker.submit(alone({ role: 'stop', type: 'stop', direction: -1, price: ticks(95), quantity: 1 }));
    quote(94, 95);
    expect(fills()).toHaveLength(1);
    quote(99, 100);
    expect(fills().map((fill) => fill.price)).toEqual([94, 99]);
  });

  it('refuses a share of groups by seed, the same ones every time', async () => {
    const run = async (): Promise<readonly string[]> => {
      const { broker, quote } = await setUp({ rejects: { seed: 7, share: 0.4 } });
      quote(100, 101);
      const outcomes: string[] = [];
      for (let n = 0; n < 20; n += 1) {
        const outcome = await broker.submit(alone({ quantity: 1, direction: n % 2 === 0 ? 1 : -1 }));
        outcomes.push(outcome.kind === 'rejected' ? outcome.reason : outcome.kind);
      }
      return outcomes;
    };
    const first = await run();
    expect(first.filter((outcome) => outcome !== 'accepted').length).toBeGreaterThan(3);
    expect(first.filter((outcome) => outcome === 'accepted').length).toBeGreaterThan(3);
    expect(await run()).toEqual(first);
  });

  it('with latency an order meets the price at its arrival, and the answer comes after the way back', async () => {
    const { broker, quote, clock, told } = await setUp();
    broker.setLatency({ toVenueMs: 30, fromVenueMs: 20 });
    quote(100, 101);
    clock.advanceTo(START + 100);
    told();
    const sent = broker.submit(alone());
    quote(110, 111);
    clock.advanceTo(START + 130);
    expect(broker.exchange.executions()).toMatchObject([{ price: 111, at: START + 100 }]);
    expect(told()).toEqual([]);
    clock.advanceTo(START + 150);
    expect(await sent).toEqual({ kind: 'accepted' });
    expect(told()).toEqual(['entry working', 'filled 2@111']);
    // A running mean, of which this answer is a fifth.
    expect(broker.connection().latencyMs).toBeCloseTo(10);
  });

  it('an order may be acknowledged and rejected later', async () => {
    const { broker, exchange, quote, told, clock, found } = await setUp();
    quote(100, 101);
    exchange.refuseNext('rejected by the matching engine', 300);
    const group = bracket(80, 120);
    expect(await broker.submit(group)).toEqual({ kind: 'accepted' });
    expect(told()).toEqual(['entry acknowledged', 'stop acknowledged', 'target acknowledged']);
    clock.advanceTo(START + 300);
    expect(told()).toEqual(['target rejected', 'stop rejected', 'entry rejected']);
    expect((await found(group.entry.clientOrderId)).order).toMatchObject({ state: 'rejected' });
    quote(100, 101);
    expect(exchange.executions()).toEqual([]);
  });
});
