import { describe, expect, it, onTestFinished } from 'vitest';
import { epochMs, moneyFromUsd } from '#shared/units.ts';
import { createIbBroker } from '#desk/adapters/ib/broker.ts';
import type { BrokerEvent } from '#desk/ports/broker.ts';
import { createVirtualClock } from './virtual-clock.ts';
import { NQ_MARCH, STOCK } from '#test/support/tws-server/model.ts';
import { frameOf } from '#test/support/tws-server/frames.ts';
import { startTws } from '#test/support/tws-server/server.ts';
import {
  ACCOUNT,
  alone,
  bracket,
  brokerParts,
  deskSide,
  type DeskSideOptions,
  orderOf,
  SYMBOL,
  until,
} from '#test/support/ib/desk-side.ts';

const signal = new AbortController().signal;
const LOW = { bid: 19_989, ask: 19_989.25, last: 19_989 };
const AT_ENTRY = { bid: 19_999.75, ask: 20_000, last: 20_000 };

/** A desk side on a clock of our own: what waits for time waits for us, the sockets are real. */
async function slow(options: DeskSideOptions = {}) {
  const clock = createVirtualClock(Date.now());
  const side = await deskSide({ ...options, parts: { ...options.parts, clock } });
  const pass = async (ms: number, stepMs = 1_000): Promise<void> => {
    const end = clock.now() + ms;
    while (clock.now() < end) {
      clock.advanceTo(Math.min(end, clock.now() + stepMs));
      await new Promise((resolve) => setTimeout(resolve, 4));
    }
  };
  side.tws.setNow(() => clock.now());
  return { ...side, virtual: clock, pass };
}
const messageOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error('it went well');
};

describe('bytes', () => {
  it('a session whose messages come byte by byte is the same session', async () => {
    const { tws, broker, connect, told } = await deskSide({ tws: { faults: { chunk: 1 } } });
    await connect();
    const group = bracket();
    expect(await broker.submit(group)).toEqual({ kind: 'accepted' });
    tws.move(tws.contract('NQZ6'), AT_ENTRY);
    tws.move(tws.contract('NQZ6'), LOW);
    await until(() => told(group.target.clientOrderId).includes('canceled'));
    expect(told(group.entry.clientOrderId)).toEqual(['working', 'filled 2@80000']);
    expect(told(group.stop.clientOrderId)).toContain('filled 2@79956');
  });

  it.each([
    ['another protocol', Buffer.from('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')],
    ['a negative length', Buffer.from([0xff, 0xff, 0xff, 0xfc, 1, 2, 3])],
    ['an endless length', Buffer.from([0x7f, 0xff, 0xff, 0xff, 65])],
    ['a greeting of garbage', frameOf(['not a number', 'nor a time'])],
    ['a version of the far future', frameOf([999, '20261129 11:21:14 GMT'])],
    ['a version of long ago', frameOf([120, '20261129 11:21:14 GMT'])],
  ])('%s instead of a greeting is told, and the desk goes on', async (_name, garbage) => {
    const { tws, broker, virtual, pass } = await slow({ tws: { faults: { garbage } } });
    const failed = messageOf(broker.connect(signal));
    await pass(11_000, 500);
    expect((await failed).length).toBeGreaterThan(20);
    expect(broker.connection()).toMatchObject({ state: 'disconnected' });
    expect(broker.connection().detail).not.toBeNull();
    tws.faults.garbage = null;
    expect(virtual.now()).toBeGreaterThan(0);
    await broker.connect(signal);
    expect(broker.connection().state).toBe('live');
  });

  it('one who takes the connection and sends a byte now and then is given up', async () => {
    const { broker, pass } = await slow({ tws: { faults: { garbage: Buffer.from([0]) } } });
    const failed = messageOf(broker.connect(signal));
    await pass(11_000, 500);
    expect(await failed).toContain('does not answer as TWS does');
  });

  it.each([
    ['bytes that are no frame', Buffer.from([0x80, 0, 0, 1, 1]), true],
    ['an order message cut short', frameOf([5, 1, 711_280_067, 'NQ']), false],
    ['an error whose details are no JSON', frameOf([4, 2, 1, 201, 'no', '{broken']), true],
    ['an unknown message', frameOf([7_777, 1, 2, 3]), false],
    ['an execution without a name', frameOf([11, -1, 5, 711_280_067, 'NQ']), false],
  ])('%s in the middle never stops the desk', async (_name, bytes, isEnd) => {
    const { tws, broker, connect } = await deskSide();
    await connect();
    tws.raw(bytes);
    tws.raw(frameOf([49, 1, 1]));
    // What is only unreadable is left out; what leaves no way to go on ends the connection, with a reason.
    if (isEnd) {
      await until(() => broker.connection().state === 'disconnected');
      await connect();
    }
    expect(await broker.submit(alone())).toEqual({ kind: 'accepted' });
  });
});

describe('connections that end', () => {
  it('a connection cut at any message can be made again, and no order is there twice or without a word', async () => {
    for (let cut = 0; cut <= 24; cut += 1) {
      const { tws, broker, connect } = await deskSide({ tws: { faults: { dropAfter: cut } } });
      const isUp = await connect().then(
        () => true,
        () => false,
      );
      const group = bracket();
      const outcome = await broker.submit(group);
      if (!isUp) expect(outcome).toMatchObject({ kind: 'rejected' });
      tws.faults.dropAfter = null;
      const ask = async () => {
        if (broker.connection().state === 'disconnected') await connect();
        return broker.snapshot(epochMs(0), signal);
      };
      // The cut may be on its way still.
      const { orders } = await ask().catch(async () => {
        await until(() => broker.connection().state === 'disconnected');
        return ask();
      });
      const ids = [group.entry, group.stop, group.target].map((leg) => leg.clientOrderId);
      for (const id of ids) expect(tws.placed(id)).toBeLessThanOrEqual(1);
      // What was said to be rejected is not there; what is there is not said to be rejected.
      const found = orders.filter((order) => ids.includes(order.clientOrderId ?? ''));
      expect(found.length).toBe(outcome.kind === 'rejected' ? 0 : 3);
    }
  });

  it('an order for which there is no connection never leaves, not even after the next one is made', async () => {
    const { tws, broker, connect } = await deskSide();
    await connect();
    tws.drop();
    await until(() => broker.connection().state === 'disconnected');
    const { entry } = alone();
    expect(await broker.submit({ entry, stop: null, target: null })).toMatchObject({ kind: 'rejected' });
    await connect();
    await broker.snapshot(epochMs(0), signal);
    expect(tws.placed(entry.clientOrderId)).toBe(0);
    expect(await broker.find(entry.clientOrderId)).toEqual({ kind: 'absent' });
  });

  it('a line that stands and says nothing is noticed and given up', async () => {
    const { tws, broker, connect, pass } = await slow();
    await connect();
    await pass(20_000);
    expect(broker.connection().state).toBe('live');
    tws.faults.dead = true;
    const doubt = broker.submit(alone());
    await pass(16_000);
    expect(await doubt).toMatchObject({ kind: 'unknown' });
    expect(broker.connection()).toMatchObject({ state: 'disconnected' });
    expect(broker.connection().detail).toContain('nothing was heard');
  });

  it('nobody at the port, another client under the number, another account: each is a sentence', async () => {
    const side = await deskSide();
    await side.connect();
    const second = createIbBroker(side.config, brokerParts(side.clock, ['NQ']));
    expect(await messageOf(second.connect(signal))).toMatch(/under the same client id.*than 11/);
    await side.broker.close();
    await until(() => side.tws.clients().length === 0);
    await second.connect(signal);
    await second.close();

    const wrong = createIbBroker(side.config, brokerParts(side.clock, ['NQ'], { account: 'DU7' }));
    await until(() => side.tws.clients().length === 0);
    expect(await messageOf(wrong.connect(signal))).toContain(`it manages ${ACCOUNT}`);
    const live = createIbBroker(side.config, brokerParts(side.clock, ['NQ'], { mode: 'live' }));
    await until(() => side.tws.clients().length === 0);
    expect(await messageOf(live.connect(signal))).toContain('is a paper account');
    await side.tws.stop();
    expect(await messageOf(second.connect(signal))).toMatch(/does not answer at .*Is it running/);
    expect(second.connection()).toMatchObject({ state: 'disconnected' });
  });

  it('thirty connections one after the other leave the thirty-first as good as the first', async () => {
    const { tws, broker, connect, told } = await deskSide();
    for (let n = 0; n < 30; n += 1) {
      await connect();
      tws.drop();
      await until(() => broker.connection().state === 'disconnected');
    }
    await connect();
    const { entry } = alone();
    expect(await broker.submit({ entry, stop: null, target: null })).toEqual({ kind: 'accepted' });
    tws.move(tws.contract('NQZ6'), AT_ENTRY);
    await until(() => told(entry.clientOrderId).length === 2);
    expect(told(entry.clientOrderId)).toEqual(['working', 'filled 2@80000']);
  });

  it('TWS that comes back as another version has the orders of before', async () => {
    const { tws, broker, connect, told } = await deskSide({ tws: { version: 176 } });
    await connect();
    const group = bracket();
    await broker.submit(group);
    await tws.stop();
    await until(() => broker.connection().state === 'disconnected');
    tws.move(tws.contract('NQZ6'), AT_ENTRY);
    const next = await startTws({ version: 193, port: tws.port, exchange: tws.exchange });
    onTestFinished(() => next.stop());
    await connect();
    const { fills, orders } = await broker.snapshot(epochMs(0), signal);
    expect(fills).toMatchObject([{ clientOrderId: group.entry.clientOrderId, quantity: 2, price: 80_000 }]);
    expect(orders.map((o) => o.clientOrderId).sort()).toEqual([group.stop.clientOrderId, group.target.clientOrderId]);
    expect(await broker.cancel(orderOf(group.stop))).toEqual({ kind: 'accepted' });
    await until(() => told(group.stop.clientOrderId).includes('canceled'));
    // Order ids go on where they were: none is used twice.
    await broker.submit(alone());
    const ids = next.exchange.orders.map(({ orderId }) => orderId);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('TWS cut off from IB', () => {
  it.each([1100, 2110])('%i: nothing new leaves, and what happened is known when it is back', async (code) => {
    const { tws, broker, connect } = await deskSide();
    await connect();
    const { entry } = alone();
    await broker.submit({ entry, stop: null, target: null });
    tws.say(code, 'Connectivity between IBKR and Trader Workstation has been lost.');
    await until(() => broker.connection().state === 'degraded');
    expect(broker.connection().detail).toContain('lost the connection to IB');
    const late = alone();
    expect(await broker.submit(late)).toMatchObject({ kind: 'rejected' });
    expect(await broker.find(entry.clientOrderId)).toMatchObject({ kind: 'cannot-tell' });
    tws.say(1102, 'Connectivity has been restored - data maintained.');
    await until(() => broker.connection().state === 'live');
    expect(tws.placed(late.entry.clientOrderId)).toBe(0);
    expect(await broker.submit(alone())).toEqual({ kind: 'accepted' });
  });

  it('a TWS that is cut off when it is connected is not taken for a live one', async () => {
    const { tws, broker, connect } = await deskSide({ tws: { faults: { cutOff: true } } });
    await connect();
    expect(broker.connection().state).toBe('degraded');
    expect(await broker.submit(alone())).toMatchObject({ kind: 'rejected' });
    tws.say(1101, 'Connectivity has been restored - data lost.');
    await until(() => broker.connection().state === 'live');
  });

  it('a new port is taken for the next connection', async () => {
    const { tws, broker, connect } = await deskSide();
    const other = await startTws();
    onTestFinished(() => other.stop());
    await connect();
    tws.say(1300, `TWS socket port has been reset. Please reconnect on the new port - ${other.port}`);
    await until(() => broker.connection().state === 'disconnected');
    await connect();
    expect(other.clients()).toEqual([11]);
  });
});

describe('answers', () => {
  it('an order that nobody confirms is in doubt, is found, and is never sent again', async () => {
    const { tws, broker, connect, pass } = await slow();
    await connect();
    tws.faults.muted = new Set([3, 5]);
    const { entry } = alone();
    const outcome = broker.submit({ entry, stop: null, target: null });
    await pass(6_000);
    expect(await outcome).toMatchObject({ kind: 'unknown' });
    tws.faults.muted = new Set();
    expect(await broker.find(entry.clientOrderId)).toMatchObject({ kind: 'found', order: { state: 'working' } });
    expect((await broker.submit({ entry, stop: null, target: null })).kind).toBe('unknown');
    expect(tws.placed(entry.clientOrderId)).toBe(1);
  });

  it.each([
    [201, 'Order rejected - reason:insufficient margin', 0],
    [203, 'The security is not available for trading', 0],
    [321, 'Error validating request', 0],
    [460, 'No trading permissions', 0],
    [110, 'The price does not conform to the minimum price variation', 3_000],
  ])('%i is a refusal, with the words of TWS', async (code, text, afterMs) => {
    const { tws, broker, connect, told, pass } = await slow();
    await connect();
    tws.faults.rejectIf = () => [code, text];
    const { entry } = alone();
    const outcome = broker.submit({ entry, stop: null, target: null });
    await pass(afterMs);
    const got = await outcome;
    expect(got.kind).toBe('rejected');
    expect(JSON.stringify(got)).toContain(text);
    expect(told(entry.clientOrderId)).toEqual(['rejected']);
  });

  it.each([
    [161, 'Cancel attempted when order is not in a cancellable state.  Order permId =1'],
    [10_147, 'OrderId 1 that needs to be cancelled is not found.'],
    [10_148, 'OrderId 1 that needs to be cancelled can not be cancelled, state: PendingCancel.'],
    [135, "Can't find order with id =1"],
  ])('%i refuses the cancel and ends no order', async (code, text) => {
    const { tws, broker, connect, told } = await deskSide();
    await connect();
    const { entry } = alone();
    await broker.submit({ entry, stop: null, target: null });
    tws.faults.muted.add(-4);
    const outcome = broker.cancel(orderOf(entry));
    await until(() => tws.received.some(([kind]) => kind === '4'));
    tws.say(code, text, tws.order(entry.clientOrderId).orderId);
    expect(await outcome).toMatchObject({ kind: 'refused', reason: expect.stringContaining(String(code)) as unknown });
    // It works on, and what it fills is booked.
    tws.move(tws.contract('NQZ6'), AT_ENTRY);
    await until(() => told(entry.clientOrderId).includes('filled 2@80000'));
    expect(told(entry.clientOrderId)).not.toContain('canceled');
  });

  it.each([2104, 2106, 2158, 2108, 399])('%i changes nothing of the connection or of an order', async (code) => {
    const { tws, broker, connect, told } = await deskSide();
    await connect();
    const { entry } = alone();
    await broker.submit({ entry, stop: null, target: null });
    tws.say(code, 'Market data farm connection is OK or inactive but should be available upon demand.');
    tws.say(code, 'A remark.', tws.order(entry.clientOrderId).orderId);
    expect(await broker.submit(alone())).toEqual({ kind: 'accepted' });
    expect(broker.connection()).toMatchObject({ state: 'live', detail: null });
    expect(told(entry.clientOrderId)).toEqual(['working']);
  });

  it('an id TWS has already is doubt, and no reason to send it again', async () => {
    const { tws, broker, connect } = await deskSide();
    await connect();
    tws.faults.rejectIf = () => [103, 'Duplicate order id'];
    const { entry } = alone();
    expect(await broker.submit({ entry, stop: null, target: null })).toMatchObject({ kind: 'unknown' });
    expect(tws.placed(entry.clientOrderId)).toBe(1);
  });

  it('a bracket whose stop is refused does not stand without it', async () => {
    const { tws, broker, connect, told } = await deskSide();
    await connect();
    tws.faults.rejectIf = (asked) => (asked.type === 'STP' ? [201, 'Order rejected - reason:no stop here'] : null);
    const group = bracket();
    await broker.submit(group);
    await until(() => told(group.entry.clientOrderId).includes('canceled'));
    expect(told(group.stop.clientOrderId)).toEqual(['rejected']);
    expect((await broker.snapshot(epochMs(0), signal)).orders).toEqual([]);
    tws.move(tws.contract('NQZ6'), AT_ENTRY);
    expect(tws.exchange.executions).toEqual([]);
  });

  it('a refusal without an id refuses nothing', async () => {
    const { tws, broker, connect, told } = await deskSide();
    await connect();
    const { entry } = alone();
    await broker.submit({ entry, stop: null, target: null });
    tws.say(201, 'Order rejected - reason:somebody’s');
    tws.say(201, 'Order rejected - reason:another’s', 4_711);
    expect(await broker.find(entry.clientOrderId)).toMatchObject({ kind: 'found' });
    expect(told(entry.clientOrderId)).toEqual(['working']);
  });

  it.each([
    ['open orders', 53],
    ['completed orders', 102],
    ['executions', 55],
    ['positions', 62],
  ])('a list of %s without its end is not taken for a whole one', async (name, message) => {
    const { tws, broker, connect, pass } = await slow();
    await connect();
    tws.faults.muted = new Set([message]);
    const snapshot = messageOf(broker.snapshot(epochMs(0), signal));
    await pass(9_000);
    expect(await snapshot).toContain(name);
  });
});

describe('executions', () => {
  it('told twice, late and in the wrong order are told to the desk once each', async () => {
    const { tws, broker, connect, told } = await deskSide({ tws: { faults: { twice: true, holdExecutions: true } } });
    await connect();
    const { entry } = alone({ quantity: 3 });
    await broker.submit({ entry, stop: null, target: null });
    for (let n = 0; n < 3; n += 1) tws.move(tws.contract('NQZ6'), AT_ENTRY, 1);
    await until(() => tws.exchange.executions.length === 3);
    tws.releaseExecutions();
    await until(() => told(entry.clientOrderId).length === 4);
    const { fills } = await broker.snapshot(epochMs(0), signal);
    expect(fills).toHaveLength(3);
    expect(told(entry.clientOrderId)).toEqual(['working', 'filled 1@80000', 'filled 1@80000', 'filled 1@80000']);
  });

  it('that name no account are of the only one there is', async () => {
    const { tws, broker, connect, told } = await deskSide({ tws: { habits: ['namelessExecutions'] } });
    await connect();
    const { entry } = alone({ quantity: 1 });
    await broker.submit({ entry, stop: null, target: null });
    tws.move(tws.contract('NQZ6'), AT_ENTRY, 1);
    await until(() => told(entry.clientOrderId).length === 2);
    expect(told(entry.clientOrderId)).toEqual(['working', 'filled 1@80000']);
    expect((await broker.snapshot(epochMs(0), signal)).fills).toMatchObject([{ account: ACCOUNT, quantity: 1 }]);
  });

  it('that never come are asked for, since TWS says the order is filled', async () => {
    const { tws, broker, connect, told, pass } = await slow();
    await connect();
    tws.faults.muted = new Set([11, 59]);
    const { entry } = alone();
    await broker.submit({ entry, stop: null, target: null });
    tws.move(tws.contract('NQZ6'), AT_ENTRY);
    await until(() => tws.exchange.executions.length === 1);
    tws.faults.muted = new Set();
    await pass(3_000);
    await until(() => told(entry.clientOrderId).length === 2);
    expect(told(entry.clientOrderId)).toEqual(['working', 'filled 2@80000']);
  });

  it('wait a moment for their commission; one that comes later corrects the fee alone', async () => {
    const { tws, broker, connect, events, pass } = await slow({ tws: { faults: { noCommission: true } } });
    await connect();
    const { entry } = alone();
    await broker.submit({ entry, stop: null, target: null });
    tws.move(tws.contract('NQZ6'), AT_ENTRY);
    await pass(1_000, 100);
    await until(() => events.some(({ kind }) => kind === 'fill'));
    const [made] = tws.exchange.executions;
    tws.tellCommission(made!);
    await until(() => events.some(({ kind }) => kind === 'fill-correction'));
    const [fill] = events.flatMap((e) => (e.kind === 'fill' ? [e.fill] : []));
    const [correction] = events.flatMap((e) => (e.kind === 'fill-correction' ? [e.correction] : []));
    // Half a round turn of a mini for each contract, until IB says what it was.
    expect(fill?.fee).toBe(moneyFromUsd(4.6));
    expect(correction).toMatchObject({
      execKey: fill?.execKey,
      corrected: { quantity: 2, price: 80_000, fee: moneyFromUsd(4.5) },
    });
  });

  it('whose commission was told while the line was down are corrected by the next list', async () => {
    const { tws, broker, connect, events, told } = await deskSide({ tws: { faults: { noCommission: true } } });
    await connect();
    const { entry } = alone();
    await broker.submit({ entry, stop: null, target: null });
    tws.move(tws.contract('NQZ6'), AT_ENTRY);
    await until(() => told(entry.clientOrderId).length === 2);
    tws.drop();
    await until(() => broker.connection().state === 'disconnected');
    await connect();
    const { fills, corrections } = await broker.snapshot(epochMs(0), signal);
    expect(fills).toMatchObject([{ fee: moneyFromUsd(4.5) }]);
    // Either with the list or by itself, as IB tells it: once.
    const later = events.flatMap((event) => (event.kind === 'fill-correction' ? [event.correction] : []));
    expect([...(corrections ?? []), ...later]).toMatchObject([{ corrected: { fee: moneyFromUsd(4.5), quantity: 2 } }]);
  });

  it('that IB corrects are corrected here, live and after a restart', async () => {
    const { tws, broker, connect, events, config, clock } = await deskSide();
    await connect();
    const { entry } = alone();
    await broker.submit({ entry, stop: null, target: null });
    tws.move(tws.contract('NQZ6'), AT_ENTRY);
    await until(() => events.some(({ kind }) => kind === 'fill'));
    const [made] = tws.exchange.executions;
    tws.exchange.correct(made!, 19_999.5);
    await until(() => events.some(({ kind }) => kind === 'fill-correction'));
    const fills = events.filter((event): event is Extract<BrokerEvent, { kind: 'fill' }> => event.kind === 'fill');
    expect(fills).toHaveLength(1);
    const [correction] = events.flatMap((e) => (e.kind === 'fill-correction' ? [e.correction] : []));
    expect(correction).toMatchObject({ execKey: fills[0]?.fill.execKey, corrected: { price: 79_998, quantity: 2 } });

    await broker.close();
    await until(() => tws.clients().length === 0);
    const again = createIbBroker(config, brokerParts(clock, ['NQ']));
    onTestFinished(() => again.close());
    await again.connect(signal);
    const snapshot = await again.snapshot(epochMs(0), signal);
    expect(snapshot.fills).toMatchObject([{ execKey: fills[0]?.fill.execKey, price: 79_998 }]);
    expect(snapshot.corrections).toMatchObject([{ version: correction?.version, corrected: { price: 79_998 } }]);
  });

  it.each([300, -300])(
    'are never of the future, and none is lost, though the clock of TWS is %i s ahead',
    async (seconds) => {
      const { tws, broker, connect, events, clock } = await deskSide();
      tws.setNow(() => Date.now() + seconds * 1_000);
      await connect();
      await until(() => broker.venueTime?.() !== null);
      const ahead = (broker.venueTime?.()?.at ?? 0) - clock.now();
      expect(Math.sign(seconds) * ahead).toBeGreaterThan(290_000);
      await broker.submit(alone());
      tws.move(tws.contract('NQZ6'), AT_ENTRY);
      await until(() => events.some(({ kind }) => kind === 'fill'));
      const told = events.flatMap((event) => (event.kind === 'fill' ? [event.fill] : []));
      for (const { at, receivedAt } of told) expect(at).toBeLessThanOrEqual(receivedAt);
      // What was executed by a clock that is behind is listed as well.
      const { fills } = await broker.snapshot(epochMs(clock.now() - 60_000), signal);
      expect(fills.map(({ execKey }) => execKey)).toEqual(told.map(({ execKey }) => execKey));
    },
  );
});

describe('what others do', () => {
  it('orders of other hands are told, and cancelled as far as TWS lets us', async () => {
    const { tws, broker, connect, events } = await deskSide();
    const nq = tws.contract('NQZ6');
    await connect();
    const manual = tws.placeExternal({ contract: nq, lmtPrice: '19900', quantity: 4 });
    const program = tws.placeExternal({ contract: nq, lmtPrice: '19901', clientId: 77, orderRef: 'other' });
    const ours = tws.placeExternal({ contract: nq, lmtPrice: '19902', clientId: 11, orderRef: 'by another desk' });
    await until(() => events.some(({ kind }) => kind === 'external-order'));
    const { orders } = await broker.snapshot(epochMs(0), signal);
    expect(orders.map((o) => [o.clientOrderId, o.venueOrderId, o.price, o.quantity])).toEqual([
      [null, String(manual.permId), 79_600, 4],
      [null, String(program.permId), 79_604, 1],
      [null, String(ours.permId), 79_608, 1],
    ]);
    expect(JSON.stringify(await broker.cancelExternal(String(manual.permId)))).toContain('by hand in TWS');
    expect(JSON.stringify(await broker.cancelExternal(String(program.permId)))).toContain('client id 77');
    expect(await broker.cancelExternal(String(ours.permId))).toEqual({ kind: 'accepted' });
    expect(ours.status).toBe('Cancelled');
  });

  it('a bracket half sent before a crash is taken down at the next connection', async () => {
    const { tws, connect } = await deskSide();
    const { entry } = alone();
    const left = tws.placeExternal({ contract: tws.contract('NQZ6'), clientId: 11, orderRef: entry.clientOrderId });
    Object.assign(left, { transmit: false, status: 'ApiPending' });
    await connect();
    await until(() => left.status === 'Cancelled');
  });

  it('what the desk does not trade is seen where it is a future, and nothing else is', async () => {
    const { tws, broker, connect } = await deskSide();
    await connect();
    tws.exchange.setPosition(ACCOUNT, tws.contract('NQZ6'), -2, 400_010);
    tws.exchange.setPosition(ACCOUNT, NQ_MARCH, 1, 402_000);
    // Parts of a stock, held, ordered and executed, are no reason not to know the rest.
    tws.exchange.setPosition(ACCOUNT, STOCK, 100.5, 190);
    const stock = tws.placeExternal({ contract: STOCK, quantity: 0.5, type: 'MKT', clientId: 77 });
    tws.exchange.fill(stock, 0.25, 190);
    tws.exchange.setPosition('DU999', tws.contract('NQZ6'), 9, 400_010);
    const { positions } = await broker.snapshot(epochMs(0), signal);
    expect(positions).toEqual([
      { symbol: SYMBOL, quantity: -2, averagePrice: 80_002 },
      { symbol: 'NQH7', quantity: 1, averagePrice: null },
    ]);
    await until(() => broker.balance?.() !== null);
    expect(broker.balance?.()).toMatchObject({ equity: moneyFromUsd(100_000.5), cash: moneyFromUsd(99_000.25) });
  });

  it('contracts whose tick or worth is not the desk’s are told as they are', async () => {
    const { broker, connect } = await deskSide({ roots: ['NQ', '6E', 'ZN', 'ZC', 'SIL', 'CL'] });
    await connect();
    expect(broker.definition('6EZ26-CME')).toEqual({ tickSize: 0.00005, tickValueUsd: 6.25 });
    expect(broker.definition('ZNZ26-CBOT')).toEqual({ tickSize: 0.015625, tickValueUsd: 15.625 });
    expect(broker.definition('ZCZ26-CBOT')).toEqual({ tickSize: 0.25, tickValueUsd: 12.5 });
    expect(broker.definition('SILZ26-COMEX')).toEqual({ tickSize: 0.005, tickValueUsd: 5 });
    // One that IB does not have is named, and cannot be traded; the others can.
    expect(broker.connection()).toMatchObject({ state: 'live' });
    expect(broker.connection().detail).toContain('CLZ26-NYMEX');
    expect(await broker.submit(alone({ symbol: 'CLZ26-NYMEX' }))).toMatchObject({ kind: 'rejected' });
  });

  it('the margin of a contract is asked with a what-if order, and nothing is traded by it', async () => {
    const { tws, broker, connect } = await deskSide({ config: { whatIfMargin: true } });
    await connect();
    await until(() => broker.initialMargin(SYMBOL) !== null);
    expect(broker.initialMargin(SYMBOL)).toBe(moneyFromUsd(16_500.5));
    tws.move(tws.contract('NQZ6'), AT_ENTRY);
    expect(tws.exchange.orders).toEqual([]);
  });
});
