import { describe, expect, it } from 'vitest';
import { epochMs } from '#shared/units.ts';
import { ACCOUNT, alone, bracket, deskSide, type DeskSideOptions, orderOf, until } from '#test/support/ib/desk-side.ts';
import { execution } from '#test/support/tws-server/layouts.ts';
import { timeText } from '#test/support/tws-server/server.ts';
import { createVirtualClock } from './virtual-clock.ts';

/**
 * What TWS and IB Gateway say in other orders, twice, late, or not at all: whatever it is, no order is there twice or
 * without a word, no execution is lost, and none is booked that was not.
 */

const signal = new AbortController().signal;
const AT_ENTRY = { bid: 19_999.75, ask: 20_000, last: 20_000 };

/** A connection on a clock of our own, over a real socket. */
async function slow(options: DeskSideOptions = {}) {
  const clock = createVirtualClock(Date.now());
  const side = await deskSide({ ...options, parts: { ...options.parts, clock } });
  const pass = async (ms: number): Promise<void> => {
    const end = clock.now() + ms;
    while (clock.now() < end) {
      clock.advanceTo(Math.min(end, clock.now() + 500));
      await new Promise((resolve) => setTimeout(resolve, 4));
    }
  };
  side.tws.setNow(() => clock.now());
  await side.connect();
  const nq = side.tws.contract('NQZ6');
  const lists = (): number => side.tws.received.filter(([kind]) => kind === '7').length;
  return { ...side, pass, nq, lists };
}
type Slow = Awaited<ReturnType<typeof slow>>;

async function working(options: DeskSideOptions = {}) {
  const side = await slow(options);
  const { entry } = alone();
  expect(await side.broker.submit({ entry, stop: null, target: null })).toEqual({ kind: 'accepted' });
  return { ...side, entry, order: side.tws.order(entry.clientOrderId) };
}
const corrections = ({ events }: Pick<Slow, 'events'>) =>
  events.flatMap((event) => (event.kind === 'fill-correction' ? [event.correction] : []));

describe('executions TWS counts and does not tell', () => {
  it.each([
    ['all of an order', Infinity, 'filled 2@80000'],
    ['a part of it', 1, 'filled 1@80000'],
  ])('%s: they are asked for until the list has them', async (_, offer, told) => {
    const side = await working();
    const { tws, nq, entry, pass } = side;
    tws.exchange.setOffer(offer);
    tws.faults.muted = new Set([11, 59]);
    tws.move(nq, AT_ENTRY);
    // The first list is as late as the executions themselves.
    await until(() => tws.exchange.executions.length === 1);
    await pass(3_000);
    expect(side.told(entry.clientOrderId)).toEqual(['working']);
    tws.faults.muted = new Set();
    await pass(6_000);
    await until(() => side.told(entry.clientOrderId).length === 2);
    expect(side.told(entry.clientOrderId)).toEqual(['working', told]);
  });

  it('called filled by the order itself, without a status, they are asked for as well', async () => {
    const { tws, nq, entry, order, pass, told } = await working();
    tws.faults.muted = new Set([3, 11, 59]);
    tws.move(nq, AT_ENTRY);
    await until(() => tws.exchange.executions.length === 1);
    tws.exchange.restate(order);
    tws.faults.muted = new Set();
    await pass(3_000);
    await until(() => told(entry.clientOrderId).length === 2);
    expect(told(entry.clientOrderId)).toEqual(['working', 'filled 2@80000']);
  });

  it('a flood of statuses asks for them no more often than one, and tells nothing twice', async () => {
    const { tws, nq, entry, order, pass, told, lists } = await working();
    tws.faults.muted = new Set([11, 59]);
    tws.move(nq, AT_ENTRY);
    for (let n = 0; n < 300; n += 1) tws.exchange.restate(order);
    const before = lists();
    await pass(40_000);
    expect(lists() - before).toBeLessThanOrEqual(4);
    expect(told(entry.clientOrderId)).toEqual(['working']);
  });
});

describe('words in another order', () => {
  it('an execution before any word on its order proves that it works, whatever was doubted', async () => {
    const { tws, broker, nq, pass, told } = await slow();
    tws.faults.muted = new Set([3, 5]);
    const { entry } = alone();
    const outcome = broker.submit({ entry, stop: null, target: null });
    await until(() => tws.placed(entry.clientOrderId) === 1);
    tws.say(110, 'The price does not conform to the minimum price variation', tws.order(entry.clientOrderId).orderId);
    tws.move(nq, AT_ENTRY);
    await until(() => told(entry.clientOrderId).length > 0);
    await pass(3_000);
    expect(await outcome).toEqual({ kind: 'accepted' });
    expect(told(entry.clientOrderId)).toEqual(['working', 'filled 2@80000']);
  });

  it('what is said against an order that goes on working is over when it is said to work', async () => {
    const { tws, broker, entry, order, pass, told } = await working();
    tws.say(201, 'Order rejected - reason:the change is not possible', order.orderId);
    tws.exchange.restate(order);
    await pass(5_000);
    expect(told(entry.clientOrderId)).toEqual(['working']);
    expect(await broker.cancel(orderOf(entry))).toEqual({ kind: 'accepted' });
    // Cancelled, and not refused for what was said long before.
    expect(told(entry.clientOrderId)).toEqual(['working', 'canceled']);
  });

  it('held for shares to be located, or for an hour to come, it is neither rejected nor forgotten', async () => {
    const { tws, entry, order, pass, told, nq } = await working();
    tws.say(404, 'Order held while securities are located.', order.orderId);
    tws.say(399, 'Order Message: your order will not be placed at the exchange until 17:00:00', order.orderId);
    tws.say(10197, 'No market data during competing live session', order.orderId);
    await pass(5_000);
    expect(told(entry.clientOrderId)).toEqual(['working']);
    tws.move(nq, AT_ENTRY);
    await until(() => told(entry.clientOrderId).includes('filled 2@80000'));
  });

  it('the exits of an entry whose id is another order’s are taken down', async () => {
    const { tws, broker } = await slow();
    tws.faults.rejectIf = ({ parentId }) => (parentId === 0 ? [103, 'Duplicate order id'] : null);
    const group = bracket();
    expect(await broker.submit(group)).toMatchObject({ kind: 'unknown' });
    for (const { clientOrderId } of [group.stop, group.target])
      await until(() => tws.order(clientOrderId).status === 'Cancelled', clientOrderId);
  });
});

describe('later words on an execution', () => {
  it('that it was of nothing take it back, live and in the lists', async () => {
    const side = await working();
    const { tws, broker, nq, events } = side;
    tws.move(nq, AT_ENTRY);
    await until(() => events.some(({ kind }) => kind === 'fill'));
    const [made] = tws.exchange.executions;
    const bust = { ...made!, execId: `${made!.execId.slice(0, -2)}02`, shares: 0 };
    tws.exchange.executions.push(bust);
    tws.send(execution(tws.version, -1, bust, timeText(bust.at)));
    await until(() => corrections(side).length === 1);
    expect(corrections(side)).toMatchObject([{ corrected: null }]);
    const { fills, corrections: listed } = await broker.snapshot(epochMs(0), signal);
    expect(fills).toEqual([]);
    expect(listed).toMatchObject([{ execKey: corrections(side)[0]?.execKey, corrected: null }]);
  });

  it('that came before it, and a commission told again and again, tell it once, as it is', async () => {
    const side = await working({ tws: { faults: { holdExecutions: true } } });
    const { tws, nq, events } = side;
    tws.move(nq, AT_ENTRY);
    await until(() => tws.exchange.executions.length === 1);
    tws.exchange.correct(tws.exchange.executions[0]!, 19_999.5);
    // In reverse: the correction, and then what it corrects.
    tws.releaseExecutions();
    await until(() => events.some(({ kind }) => kind === 'fill'));
    for (let n = 0; n < 5; n += 1) for (const made of tws.exchange.executions) tws.tellCommission(made);
    tws.say(2104, 'Market data farm connection is OK:usfuture');
    await side.broker.snapshot(epochMs(0), signal);
    const fills = events.flatMap((event) => (event.kind === 'fill' ? [event.fill] : []));
    expect(fills).toMatchObject([{ quantity: 2, price: 79_998 }]);
    expect(corrections(side)).toEqual([]);
  });
});

describe('what is left out', () => {
  it.each([
    [53, 'open orders'],
    [62, 'positions'],
    [55, 'executions'],
    [102, 'completed orders'],
  ])('a list without its end (%i) is no list: %s', async (kind, what) => {
    const { tws, broker, pass } = await slow();
    tws.exchange.setPosition(ACCOUNT, tws.contract('NQZ6'), 2, 400_010);
    tws.faults.muted = new Set([kind]);
    const asked = broker.snapshot(epochMs(0), signal).then(
      () => 'it was whole',
      (error: unknown) => String(error),
    );
    await pass(9_000);
    expect(await asked).toContain(`did not finish telling the ${what}`);
    tws.faults.muted = new Set();
    expect((await broker.snapshot(epochMs(0), signal)).positions).toMatchObject([{ quantity: 2 }]);
  });

  it('orders are not sent before the list of those that are open has ended', async () => {
    const { tws, broker, pass } = await slow();
    await broker.close();
    await until(() => tws.clients().length === 0);
    tws.faults.muted = new Set([53]);
    const connecting = broker.connect(signal).then(
      () => 'connected',
      (error: unknown) => String(error),
    );
    await until(() => broker.connection().state === 'syncing');
    expect(await broker.submit(alone())).toMatchObject({ kind: 'rejected' });
    await pass(9_000);
    expect(await connecting).toContain('did not finish telling the open orders');
    expect(broker.connection()).toMatchObject({ state: 'disconnected' });
  });

  it('a TWS too old for the list of completed orders is named, and nothing is sent to it', async () => {
    const { broker, connect } = await deskSide({ tws: { version: 149 } });
    await expect(connect()).rejects.toThrow(/too old \(API 149; 150 or later/);
    expect(broker.connection()).toMatchObject({ state: 'disconnected' });
    expect(await broker.submit(alone())).toMatchObject({ kind: 'rejected' });
  });
});

describe('the line of TWS to IB', () => {
  it.each([1101, 1102])(
    'lost and back within the same moment (%i): all is listed again before it is live',
    async (code) => {
      const { tws, broker, entry, nq, told } = await working();
      const states: string[] = [];
      broker.onConnection(({ state }) => void states.push(state));
      const asked = (): number => tws.received.filter(([kind]) => kind === '16').length;
      const before = asked();
      tws.faults.muted = new Set([3, 5, 11, 59]);
      tws.say(1100, 'Connectivity between IBKR and Trader Workstation has been lost.');
      tws.move(nq, AT_ENTRY);
      tws.say(code, 'Connectivity has been restored.');
      tws.faults.muted = new Set();
      await until(() => broker.connection().state === 'live' && states.includes('degraded'));
      expect(states.filter((state, at) => state !== states[at - 1])).toEqual(['degraded', 'syncing', 'live']);
      expect(asked()).toBe(before + 1);
      const { fills, positions } = await broker.snapshot(epochMs(0), signal);
      expect(fills).toMatchObject([{ clientOrderId: entry.clientOrderId, quantity: 2 }]);
      expect(positions).toMatchObject([{ quantity: 2 }]);
      expect(told(entry.clientOrderId)).toEqual(['working']);
    },
  );

  it('the farms of prices say nothing of orders, and a new next id makes none of them twice', async () => {
    const { tws, broker, entry } = await working();
    for (const code of [2103, 2105, 2157, 2104, 2106, 2158, 10182]) tws.say(code, 'a farm');
    for (const id of [1, 500, 2]) tws.send([9, 1, id]);
    expect(await broker.submit(alone())).toEqual({ kind: 'accepted' });
    expect(broker.connection().state).toBe('live');
    expect(tws.placed(entry.clientOrderId)).toBe(1);
    const ids = tws.exchange.orders.map(({ orderId }) => orderId);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
