import { describe, expect, it } from 'vitest';
import type { Bar, Quote } from '#shared/domain/market.ts';
import { type Fill, type Order, type OrderTerms, orderEventSchema, fillSchema } from '#shared/domain/order.ts';
import { applyFill, applyOrderEvent, openOrder } from '#shared/domain/order-life.ts';
import { epochMs, money, moneyFromUsd, ticks } from '#shared/units.ts';
import type { OrderGroup } from '#desk/ports/broker.ts';
import { type PaperBroker, type PaperBrokerOptions, createPaperBroker } from '#desk/adapters/brokers/paper.ts';
import { SIX } from './planned-trades.ts';
import { START, createCountingIds, createVirtualClock } from './virtual-clock.ts';

const MINUTE = 60_000;
const [NQ] = SIX;
const SYMBOL = NQ!.symbol;
const ACCOUNT = 'PAPER';

/** A broker, the desk's view of its orders (the fold), and the market's hand. */
async function setUp(over: Partial<PaperBrokerOptions> = {}) {
  const clock = createVirtualClock();
  const options: PaperBrokerOptions = {
    ...{ clock, ids: createCountingIds(), instruments: SIX, account: ACCOUNT, fillFrom: 'quotes' },
    startingCash: moneyFromUsd(1_000_000),
    ...over,
  };
  const broker = createPaperBroker(options);
  await broker.connect(new AbortController().signal);
  const orders = new Map<string, Order>();
  const fills: Fill[] = [];
  const told: string[] = [];
  const listen = (to: PaperBroker): void =>
    void to.onEvent((event) => {
      if (event.kind === 'fill') {
        fills.push(fillSchema.parse(event.fill));
        const order = orders.get(event.fill.clientOrderId ?? '');
        told.push(`${order?.role ?? '?'} filled ${event.fill.quantity}@${event.fill.price}`);
        if (order !== undefined) orders.set(order.clientOrderId, applyFill(order, event.fill, event.fill.at));
        return;
      }
      if (event.kind !== 'order') throw new Error(`nobody traded elsewhere: ${event.kind}`);
      const order = orders.get(event.clientOrderId)!;
      orders.set(order.clientOrderId, applyOrderEvent(order, orderEventSchema.parse(event.event), event.at));
      told.push(`${order.role} ${event.event.kind}${event.event.kind === 'resized' ? ` ${event.event.quantity}` : ''}`);
    });
  listen(broker);
  const submit = async (group: OrderGroup) => {
    for (const terms of [group.entry, group.stop, group.target]) {
      if (terms !== null && !orders.has(terms.clientOrderId))
        orders.set(terms.clientOrderId, openOrder(terms, clock.now()));
    }
    return broker.submit(group);
  };
  const quote = (bid: number, ask = bid + 1, last = bid): void => {
    const at = clock.now();
    const event: Quote = {
      symbol: SYMBOL,
      bid: ticks(bid),
      ask: ticks(ask),
      last: ticks(last),
      asOf: at,
      receivedAt: at,
    };
    broker.onMarket({ kind: 'quote', quote: event });
  };
  let barAt = START;
  const bar = (open: number, high: number, low: number, close: number): Bar => {
    const made = makeBar(barAt, [open, high, low, close]);
    barAt += MINUTE;
    clock.advanceTo(barAt);
    broker.onMarket({ kind: 'bar', bar: made });
    return made;
  };
  const life = (terms: OrderTerms | null): string => orders.get(terms!.clientOrderId)!.life;
  return { broker, clock, orders, fills, told, submit, quote, bar, life, listen, options };
}

function makeBar(openAt: number, [open, high, low, close]: [number, number, number, number]): Bar {
  return {
    ...{ symbol: SYMBOL, timeframe: '1m', openAt: epochMs(openAt), closeAt: epochMs(openAt + MINUTE), volume: 100 },
    ...{ open: ticks(open), high: ticks(high), low: ticks(low), close: ticks(close) },
  };
}

let made = 0;
function terms(over: Partial<OrderTerms> = {}): OrderTerms {
  made += 1;
  return {
    clientOrderId: `D1-${String(made).padStart(26, '0')}`,
    ...{ recommendationId: null, parentId: null, account: ACCOUNT, symbol: SYMBOL, role: 'entry', direction: 1 },
    ...{ type: 'market', quantity: 2, price: null, timeInForce: 'day' },
    ...over,
  };
}
const alone = (over: Partial<OrderTerms> = {}): OrderGroup => ({ entry: terms(over), stop: null, target: null });

/** Entry with a stop and a target at these prices. */
function bracket(
  stop: number,
  target: number,
  over: Partial<OrderTerms> = {},
): OrderGroup & { stop: OrderTerms; target: OrderTerms } {
  const entry = terms(over);
  const child = {
    parentId: entry.clientOrderId,
    direction: -entry.direction as 1 | -1,
    quantity: entry.quantity,
    timeInForce: 'gtc' as const,
  };
  return {
    entry,
    stop: terms({ ...child, clientOrderId: `${entry.clientOrderId}S`, role: 'stop', type: 'stop', price: ticks(stop) }),
    target: terms({
      ...child,
      clientOrderId: `${entry.clientOrderId}T`,
      role: 'target',
      type: 'limit',
      price: ticks(target),
    }),
  };
}

describe('fills from quotes', () => {
  it('a market order pays the other side of the book, plus the slippage set', async () => {
    const { submit, quote, fills } = await setUp({ slippage: { market: 2 } });
    quote(100, 101);
    await submit(alone());
    await submit(alone({ direction: -1 }));
    expect(fills.map((fill) => [fill.direction, fill.quantity, fill.price])).toEqual([
      [1, 2, 103],
      [-1, 2, 98],
    ]);
  });

  it('a market order without a fresh quote waits for the next one', async () => {
    const { submit, quote, fills, clock } = await setUp();
    quote(100);
    clock.advanceTo(START + 6_000);
    await submit(alone());
    expect(fills).toEqual([]);
    quote(200);
    expect(fills.map((fill) => fill.price)).toEqual([201]);
  });

  it('a limit that is marketable on arrival gets the better price, a resting one its own', async () => {
    const { submit, quote, fills } = await setUp();
    quote(100, 101);
    await submit(alone({ type: 'limit', price: ticks(105) }));
    await submit(alone({ type: 'limit', price: ticks(98) }));
    quote(99, 100);
    expect(fills.map((fill) => fill.price)).toEqual([101]);
    quote(95, 96);
    expect(fills.map((fill) => fill.price)).toEqual([101, 98]);
  });

  it('a limit is filled when the other side touches it', async () => {
    const { submit, quote, fills } = await setUp();
    quote(100, 101);
    await submit(alone({ type: 'limit', price: ticks(98), direction: 1 }));
    quote(97, 98);
    expect(fills.length).toBe(1);
  });

  it.each([
    ['the last trade', [99, 100, 95] as const],
    ['its side of the book', [95, 96, 97] as const],
  ])('a stop is triggered by %s and fills at the worse of trigger and market', async (_, [bid, askPrice, last]) => {
    const { submit, quote, fills } = await setUp({ slippage: { stop: 1 } });
    quote(100, 101);
    await submit(alone({ role: 'stop', type: 'stop', direction: -1, price: ticks(95) }));
    quote(97, 98, 98);
    expect(fills).toEqual([]);
    quote(bid, askPrice, last);
    expect(fills.map((fill) => fill.price)).toEqual([Math.min(95, bid - 1)]);
  });

  it('a buy stop is the mirror image', async () => {
    const { submit, quote, fills } = await setUp();
    quote(100, 101);
    await submit(alone({ type: 'stop', price: ticks(105) }));
    quote(103, 104);
    expect(fills).toEqual([]);
    quote(109, 110);
    expect(fills.map((fill) => fill.price)).toEqual([110]);
  });

  it('bars fill nothing while quotes do, and the other way round', async () => {
    const { submit, quote, fills, bar, broker } = await setUp();
    await submit(alone());
    bar(100, 110, 90, 105);
    expect(fills).toEqual([]);
    broker.setFillSource('bars');
    quote(100);
    expect(fills).toEqual([]);
    bar(105, 106, 104, 105);
    expect(fills.map((fill) => fill.price)).toEqual([105]);
  });
});

describe('brackets', () => {
  it('children are held until the entry fills, then work, and one cancels the other', async () => {
    const { submit, quote, told, life, broker } = await setUp();
    quote(100, 101);
    const group = bracket(90, 115, { type: 'limit', price: ticks(98) });
    await submit(group);
    expect(told).toEqual(['entry working', 'stop acknowledged', 'target acknowledged']);
    quote(80, 120);
    expect(life(group.stop)).toBe('acked');
    quote(97, 98);
    expect(told.slice(3)).toEqual(['entry filled 2@98', 'stop working', 'target working']);
    quote(116, 117);
    expect(told.slice(6)).toEqual(['target filled 2@115', 'stop canceled']);
    expect([life(group.entry), life(group.stop), life(group.target)]).toEqual(['filled', 'canceled', 'filled']);
    expect((await broker.snapshot(epochMs(0), new AbortController().signal)).positions).toEqual([]);
  });

  it('a quote that reaches both fills one of them only', async () => {
    const { submit, quote, fills, life } = await setUp();
    quote(100, 101);
    const group = bracket(99, 102);
    await submit(group);
    quote(98, 99, 98);
    quote(105, 106);
    expect(fills.map((fill) => fill.price)).toEqual([101, 98]);
    expect(life(group.target)).toBe('canceled');
  });

  it('a partly filled entry is protected for what is filled, and no more', async () => {
    const { submit, quote, told, orders } = await setUp({ partialFills: { seed: 1, shareOfVolume: 0, quoteSize: 1 } });
    quote(100, 101);
    const group = bracket(90, 115, { quantity: 3 });
    await submit(group);
    expect(told.slice(3)).toEqual([
      'entry filled 1@101',
      'stop resized 1',
      'stop working',
      'target resized 1',
      'target working',
    ]);
    quote(101, 102);
    expect(told.slice(8)).toEqual(['entry filled 1@102', 'stop resized 2', 'target resized 2']);
    quote(115, 116);
    // The exit has begun: no more is bought, and the stop covers what is left.
    expect(told.slice(11)).toEqual([
      'entry filled 1@116',
      'stop resized 3',
      'target resized 3',
      'target filled 1@115',
      'stop resized 2',
    ]);
    quote(115, 116);
    quote(80, 81);
    expect(told.slice(16)).toEqual(['target filled 1@115', 'stop resized 1', 'stop filled 1@80', 'target canceled']);
    expect(orders.get(group.target.clientOrderId)).toMatchObject({ filled: 2, life: 'canceled' });
  });

  it('an exit that begins ends the rest of its entry', async () => {
    const { submit, quote, life, orders } = await setUp({ partialFills: { seed: 1, shareOfVolume: 0, quoteSize: 1 } });
    quote(100, 101);
    const group = bracket(90, 115, { type: 'limit', price: ticks(101), quantity: 3 });
    await submit(group);
    quote(85, 86, 85);
    // The limit is still bought at 101 while the stop of the first contract is hit: both happen, in this order.
    expect(orders.get(group.entry.clientOrderId)!.filled).toBeLessThan(3);
    quote(80, 81, 80);
    quote(79, 80, 79);
    expect(life(group.entry)).toBe('canceled');
    const net = orders.get(group.entry.clientOrderId)!.filled - orders.get(group.stop.clientOrderId)!.filled;
    expect(net).toBe(0);
  });

  it('cancelling an unfilled entry takes its children with it', async () => {
    const { submit, quote, life, broker, orders } = await setUp();
    quote(100, 101);
    const group = bracket(90, 115, { type: 'limit', price: ticks(98) });
    await submit(group);
    const outcome = await broker.cancel(orders.get(group.entry.clientOrderId)!);
    expect(outcome).toEqual({ kind: 'accepted' });
    expect([life(group.entry), life(group.stop), life(group.target)]).toEqual(['canceled', 'canceled', 'canceled']);
    expect(await broker.cancel(orders.get(group.entry.clientOrderId)!)).toMatchObject({ kind: 'refused' });
    quote(50, 51);
    expect(orders.get(group.entry.clientOrderId)!.filled).toBe(0);
  });

  it('cancelling one child leaves the other working', async () => {
    const { submit, quote, life, broker, orders } = await setUp();
    quote(100, 101);
    const group = bracket(90, 115);
    await submit(group);
    await broker.cancel(orders.get(group.target.clientOrderId)!);
    expect(life(group.stop)).toBe('working');
    quote(120, 121);
    quote(80, 81);
    expect(life(group.stop)).toBe('filled');
  });
});

describe('fills from bars', () => {
  const barsSetUp = () => setUp({ fillFrom: 'bars' });

  it('a market order fills at the next open, at the time of that open', async () => {
    const { submit, bar, fills } = await barsSetUp();
    await submit(alone());
    const next = bar(100, 110, 95, 105);
    expect(fills.map((fill) => [fill.price, fill.at])).toEqual([[100, next.openAt]]);
  });

  it('a bar that began before the order fills nothing', async () => {
    const { submit, bar, fills, clock } = await barsSetUp();
    clock.advanceTo(START + 30_000);
    await submit(alone());
    bar(100, 110, 95, 105);
    expect(fills).toEqual([]);
    bar(105, 110, 95, 105);
    expect(fills.length).toBe(1);
  });

  it('the stop comes before the target when a bar reaches both, from the bar of the entry on', async () => {
    const { submit, bar, fills, life } = await barsSetUp();
    const group = bracket(90, 115);
    await submit(group);
    const first = bar(100, 120, 85, 110);
    expect(fills.map((fill) => [fill.price, fill.at])).toEqual([
      [100, first.openAt],
      [90, first.closeAt],
    ]);
    expect(life(group.target)).toBe('canceled');
  });

  it('a target alone inside the bar is filled at its price at the close time', async () => {
    const { submit, bar, fills } = await barsSetUp();
    await submit(bracket(90, 115));
    bar(100, 110, 95, 105);
    const second = bar(105, 130, 100, 120);
    expect(fills.slice(1).map((fill) => [fill.price, fill.at])).toEqual([[115, second.closeAt]]);
  });

  it('a gap through the stop fills at the open', async () => {
    const { submit, bar, fills } = await barsSetUp();
    await submit(bracket(90, 115));
    bar(100, 105, 95, 100);
    bar(70, 80, 60, 75);
    expect(fills.slice(1).map((fill) => fill.price)).toEqual([70]);
  });

  it('short positions are the mirror image', async () => {
    const { submit, bar, fills } = await barsSetUp();
    await submit(bracket(110, 85, { direction: -1 }));
    bar(100, 105, 95, 100);
    bar(100, 111, 80, 90);
    expect(fills.map((fill) => [fill.direction, fill.price])).toEqual([
      [-1, 100],
      [1, 110],
    ]);
    await submit(bracket(110, 85, { direction: -1 }));
    bar(100, 105, 95, 100);
    bar(130, 140, 120, 125);
    expect(fills.at(-1)!.price).toBe(130);
  });

  it('a limit entry inside a bar may be stopped out in it, but gets no target in it', async () => {
    const { submit, bar, fills } = await barsSetUp();
    await submit(bracket(90, 104, { type: 'limit', price: ticks(98) }));
    bar(100, 106, 97, 103);
    expect(fills.map((fill) => fill.price)).toEqual([98]);
    bar(103, 104, 102, 103);
    expect(fills.map((fill) => fill.price)).toEqual([98, 104]);
    await submit(bracket(90, 104, { type: 'limit', price: ticks(98) }));
    bar(100, 106, 89, 103);
    expect(fills.slice(2).map((fill) => fill.price)).toEqual([98, 90]);
  });

  it('a stop entry inside a bar is not stopped out at an open that came before it', async () => {
    const { submit, bar, fills } = await barsSetUp();
    await submit(bracket(103, 115, { type: 'stop', price: ticks(105) }));
    bar(100, 110, 100, 108);
    // The bar had been below the protective stop before: assumed to have come back there, at the stop's own price.
    expect(fills.map((fill) => fill.price)).toEqual([105, 103]);
  });

  it('a limit gets the open when it is better', async () => {
    const { submit, bar, fills } = await barsSetUp();
    await submit(alone({ type: 'limit', price: ticks(105) }));
    bar(100, 110, 95, 105);
    expect(fills.map((fill) => fill.price)).toEqual([100]);
  });
});

describe('money', () => {
  it('half the round turn a side sums exactly, odd units included', async () => {
    const odd = { ...NQ!, roundTurnFee: money(46_001) };
    const { submit, quote, fills, broker } = await setUp({ instruments: [odd] });
    quote(100, 101);
    await submit(alone({ quantity: 3 }));
    await submit(alone({ quantity: 5, direction: -1 }));
    await submit(alone({ quantity: 2, direction: 1 }));
    expect(fills.map((fill) => fill.fee)).toEqual([3 * 23_000, 3 * 23_001 + 2 * 23_000, 2 * 23_001]);
    const fees = fills.reduce((sum, fill) => sum + fill.fee, 0);
    expect(fees).toBe(5 * 46_001);
    // Five round turns of one tick against us, and the fees.
    expect(broker.equity()).toBe(moneyFromUsd(1_000_000) - 5 * odd.tickValue - fees);
  });

  it('states its own margin and refuses what the account cannot carry, with the numbers', async () => {
    const { submit, quote, broker } = await setUp({ startingCash: moneyFromUsd(100_000) });
    quote(100, 101);
    expect(broker.initialMargin(SYMBOL)).toBe(moneyFromUsd(32_000));
    expect(broker.initialMargin('nothing')).toBeNull();
    expect(await submit(alone({ quantity: 4 }))).toEqual({
      kind: 'rejected',
      reason: 'insufficient margin: 128000.00 USD needed, equity is 100000.00 USD',
    });
    expect(await submit(alone({ quantity: 3 }))).toEqual({ kind: 'accepted' });
    expect(await submit(alone({ quantity: 1 }))).toMatchObject({ kind: 'rejected' });
  });

  it('orders that wait count for the margin, orders that reduce are never refused for it', async () => {
    const { submit, quote, broker } = await setUp({ startingCash: moneyFromUsd(100_000) });
    quote(20_000, 20_001);
    await submit(alone({ quantity: 2, type: 'limit', price: ticks(19_900) }));
    expect(await submit(alone({ quantity: 2 }))).toMatchObject({ kind: 'rejected' });
    quote(19_800, 19_801);
    // The account loses almost everything; getting out must still be possible.
    quote(10_500, 10_501);
    expect(broker.equity()).toBeLessThan(moneyFromUsd(10_000));
    expect(await submit(alone({ quantity: 2, direction: -1, role: 'flatten' }))).toEqual({ kind: 'accepted' });
  });
});

describe('refusals', () => {
  it.each<[string, Partial<OrderTerms>, RegExp]>([
    ['an unknown symbol', { symbol: 'XX' }, /unknown symbol "XX"/u],
    ['no quantity', { quantity: 0 }, /quantity 0/u],
    ['a negative quantity', { quantity: -1 }, /quantity -1/u],
    ['a fraction of a contract', { quantity: 1.5 }, /quantity 1\.5/u],
    ['a quantity that is not a number', { quantity: Number.NaN }, /quantity NaN/u],
    [
      'a price off the grid',
      { type: 'limit', price: 100.5 as OrderTerms['price'] },
      /price 100\.5 is not a whole number of ticks/u,
    ],
    ['a price that is not a number', { type: 'stop', price: Number.NaN as OrderTerms['price'] }, /price NaN/u],
    ['no price where one is needed', { type: 'limit' }, /needs a price/u],
    ['a price where none belongs', { price: ticks(100) }, /takes no price/u],
    ['a negative price', { type: 'limit', price: ticks(-5) }, /not above zero/u],
    ['another account', { account: 'LIVE' }, /account "LIVE" is not "PAPER"/u],
  ])('%s', async (_, over, reason) => {
    const { broker, quote, fills } = await setUp();
    quote(100);
    const outcome = await broker.submit(alone(over));
    expect(outcome.kind).toBe('rejected');
    expect(outcome).toMatchObject({ reason: expect.stringMatching(reason) as string });
    quote(100);
    expect(fills).toEqual([]);
  });

  it('a bracket whose prices are the wrong way round', async () => {
    const { broker } = await setUp();
    expect(await broker.submit(bracket(115, 90))).toMatchObject({ kind: 'rejected' });
    expect(await broker.submit(bracket(90, 115, { direction: -1 }))).toMatchObject({ kind: 'rejected' });
    expect(await broker.submit(bracket(90, 115, { type: 'limit', price: ticks(89) }))).toMatchObject({
      kind: 'rejected',
    });
  });

  it('an order sent twice is never worked twice, and is not called rejected', async () => {
    const { submit, quote, fills } = await setUp();
    quote(100);
    const group = alone();
    expect(await submit(group)).toEqual({ kind: 'accepted' });
    expect((await submit(group)).kind).toBe('unknown');
    expect(fills.length).toBe(1);
  });

  it('nothing is accepted before it is connected', async () => {
    const { options } = await setUp();
    const broker = createPaperBroker(options);
    expect(await broker.submit(alone())).toMatchObject({ kind: 'rejected' });
    expect((await broker.snapshot(epochMs(0), new AbortController().signal)).isComplete).toBe(false);
  });

  it('says where an order is', async () => {
    const { broker, quote, orders, submit } = await setUp();
    quote(100);
    const done = alone();
    await submit(done);
    const working = bracket(90, 115, { type: 'limit', price: ticks(95) });
    await submit(working);
    expect(await broker.find(done.entry.clientOrderId)).toMatchObject({ kind: 'found', order: { state: 'filled' } });
    expect(await broker.find(working.entry.clientOrderId)).toMatchObject({
      kind: 'found',
      order: { state: 'working' },
    });
    expect(await broker.find(working.stop.clientOrderId)).toMatchObject({ kind: 'found', order: { state: 'working' } });
    expect(await broker.find('D1-nobody')).toEqual({ kind: 'absent' });
    expect(await broker.cancel({ ...orders.get(done.entry.clientOrderId)!, clientOrderId: 'D1-nobody' })).toMatchObject(
      { kind: 'refused' },
    );
  });
});

describe('restart', () => {
  it('goes on exactly: ids, families, partial fills, cash', async () => {
    const partialFills = { seed: 3, shareOfVolume: 0, quoteSize: 1 };
    const first = await setUp({ partialFills });
    first.quote(100, 101);
    const group = bracket(90, 115, { quantity: 2, type: 'limit', price: ticks(101) });
    const waiting = bracket(70, 95, { quantity: 1, type: 'limit', price: ticks(80) });
    await first.submit(group);
    await first.submit(waiting);
    const held = (await first.broker.snapshot(epochMs(0), new AbortController().signal)).positions;
    expect(held).toEqual([{ symbol: SYMBOL, quantity: 1, averagePrice: 101 }]);

    const second = createPaperBroker({ ...first.options, ids: createCountingIds() });
    const paid = first.fills[0]!;
    second.restore(
      [...first.orders.values()],
      [{ symbol: SYMBOL, quantity: 1, averagePrice: paid.price }],
      money(first.options.startingCash - paid.fee),
    );
    await second.connect(new AbortController().signal);
    const before = await first.broker.snapshot(epochMs(0), new AbortController().signal);
    const after = await second.snapshot(epochMs(0), new AbortController().signal);
    expect(after.orders).toEqual(before.orders);
    expect(after.positions).toEqual(before.positions);
    const quote: Quote = {
      symbol: SYMBOL,
      bid: ticks(99),
      ask: ticks(102),
      last: ticks(100),
      asOf: epochMs(START),
      receivedAt: epochMs(START),
    };
    for (const broker of [first.broker, second]) broker.onMarket({ kind: 'quote', quote });
    expect(second.equity()).toBe(first.broker.equity());

    first.told.length = 0;
    const seen: string[] = [];
    second.onEvent((event) => {
      if (event.kind !== 'fill' && event.kind !== 'order') throw new Error(`nobody traded elsewhere: ${event.kind}`);
      const role =
        first.orders.get(event.kind === 'fill' ? (event.fill.clientOrderId ?? '') : event.clientOrderId)?.role ?? '?';
      if (event.kind === 'fill') seen.push(`${role} filled ${event.fill.quantity}@${event.fill.price}`);
      else seen.push(`${role} ${event.event.kind}${event.event.kind === 'resized' ? ` ${event.event.quantity}` : ''}`);
    });
    for (const [bid, askPrice] of [
      [100, 101],
      [80, 81],
      [79, 80],
      [95, 96],
      [95, 96],
    ] as const) {
      const next: Quote = { ...quote, bid: ticks(bid), ask: ticks(askPrice), last: ticks(bid) };
      for (const broker of [first.broker, second]) broker.onMarket({ kind: 'quote', quote: next });
    }
    expect(seen).toEqual(first.told);
    expect(seen).toContain('target filled 1@95');
    expect(second.equity()).toBe(first.broker.equity());
  });

  it('an order that was never acknowledged is not there', async () => {
    const { options, clock } = await setUp();
    const broker = createPaperBroker(options);
    const lost = terms();
    broker.restore([applyOrderEvent(openOrder(lost, clock.now()), { kind: 'send-attempt' }, clock.now())], []);
    await broker.connect(new AbortController().signal);
    expect(await broker.find(lost.clientOrderId)).toEqual({ kind: 'absent' });
  });

  it('an order that was done stays done and cannot be sent again', async () => {
    const { options, orders, quote, submit } = await setUp();
    quote(100);
    const group = alone();
    await submit(group);
    const again = createPaperBroker(options);
    again.restore([...orders.values()], [{ symbol: SYMBOL, quantity: 2, averagePrice: 101 }]);
    await again.connect(new AbortController().signal);
    expect((await again.submit(group)).kind).toBe('unknown');
    expect(await again.find(group.entry.clientOrderId)).toMatchObject({ kind: 'found', order: { state: 'filled' } });
    expect((await again.snapshot(epochMs(0), new AbortController().signal)).positions).toEqual([
      { symbol: SYMBOL, quantity: 2, averagePrice: 101 },
    ]);
  });
});

describe('day orders', () => {
  it('end with the day; protection stays', async () => {
    const { submit, quote, broker, life } = await setUp();
    quote(100, 101);
    const filled = bracket(90, 115);
    const unfilled = bracket(70, 95, { type: 'limit', price: ticks(80) });
    await submit(filled);
    await submit(unfilled);
    broker.endDay();
    expect([life(filled.stop), life(filled.target)]).toEqual(['working', 'working']);
    expect([life(unfilled.entry), life(unfilled.stop)]).toEqual(['expired', 'canceled']);
  });
});

describe('listeners that act', () => {
  it('a cancel inside an event sees a settled book', async () => {
    const { submit, quote, broker, orders, told } = await setUp();
    quote(100, 101);
    const group = bracket(90, 115, { type: 'limit', price: ticks(99) });
    broker.onEvent((event) => {
      if (event.kind === 'fill') void broker.cancel(orders.get(group.target.clientOrderId)!);
    });
    await submit(group);
    quote(98, 99);
    expect(told.slice(3)).toEqual(['entry filled 2@99', 'stop working', 'target working', 'target canceled']);
  });
});
