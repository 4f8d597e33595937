import { describe, expect, it } from 'vitest';
import type { BrokerEvent } from '#desk/ports/broker.ts';
import { openOrder } from '#shared/domain/order-life.ts';
import type { OrderTerms } from '#shared/domain/order.ts';
import { epochMs, ticks } from '#shared/units.ts';
import { NO_FAULTS, type FaultPlan } from '#desk/adapters/brokers/fault-plan.ts';
import { createFaultyLink } from '#desk/adapters/brokers/faulty-link.ts';
import { VENUE_START, type VenueRigOptions, createVenueRig } from '#test/support/venue/rig.ts';
import { SYMBOL, alone, bracket } from './paper-groups.ts';
import { SIX } from './planned-trades.ts';

const live = (): AbortSignal => new AbortController().signal;
const orderOf = (terms: OrderTerms) => openOrder(terms, epochMs(VENUE_START));

/** A connected broker on a link without faults until one is ordered, and a market that stands still. */
async function setUp(over: Partial<VenueRigOptions> = {}) {
  const rig = createVenueRig({ seed: 1, instruments: SIX, ...over });
  const end = rig.newNearEnd();
  const { broker } = end;
  const events: BrokerEvent[] = [];
  broker.onEvent((event) => events.push(event));
  const connect = async (): Promise<void> => {
    const connected = broker.connect(live());
    await rig.advance(1_000);
    await connected;
  };
  await connect();
  rig.feed.move(SYMBOL, 20_000);
  /** What a call comes to, and after how many ms of virtual time. */
  const outcome = async <T>(call: Promise<T>): Promise<{ value: T; afterMs: number }> => {
    const from = rig.clock.now();
    const done: { value: T; afterMs: number }[] = [];
    void call.then((value) => done.push({ value, afterMs: rig.clock.now() - from }));
    for (let step = 0; step < 200 && done.length === 0; step += 1) await rig.advance(100);
    const [first] = done;
    if (first === undefined) throw new Error('no outcome within 20 s');
    return first;
  };
  const kinds = (): string[] => events.splice(0).map((e) => (e.kind === 'order' ? e.event.kind : e.kind));
  return { ...rig, end, broker, events, connect, outcome, kinds };
}

describe('a submit', () => {
  it('that is lost is unknown after the time limit, and nothing happened', async () => {
    const { broker, link, outcome, exchange } = await setUp();
    link.force('lose-submit');
    const group = alone();
    const { value, afterMs } = await outcome(broker.submit(group));
    expect(value).toEqual({ kind: 'unknown', why: 'no answer to "submit" within 5 s' });
    expect(afterMs).toBeGreaterThanOrEqual(5_000);
    expect((await outcome(broker.find(group.entry.clientOrderId))).value).toEqual({ kind: 'absent' });
    expect(exchange.executions()).toEqual([]);
  });

  it('whose answer is lost is unknown, and it happened: the venue says so when it is asked', async () => {
    const { broker, link, outcome, exchange, kinds } = await setUp();
    link.force('lose-answer');
    const group = alone();
    expect((await outcome(broker.submit(group))).value).toMatchObject({ kind: 'unknown' });
    expect(kinds()).toEqual(['working', 'fill']);
    expect((await outcome(broker.find(group.entry.clientOrderId))).value).toMatchObject({
      ...{ kind: 'found', order: { state: 'filled' }, fills: [{ quantity: 2 }] },
    });
    expect(exchange.executions()).toHaveLength(1);
  });

  it('that arrives twice is worked once', async () => {
    const { broker, link, outcome, exchange, advance } = await setUp();
    link.force('duplicate-request');
    expect((await outcome(broker.submit(alone()))).value).toEqual({ kind: 'accepted' });
    await advance(2_000);
    expect(exchange.executions()).toHaveLength(1);
    expect(link.trace().filter((line) => JSON.stringify(line.frame).includes('already here'))).not.toEqual([]);
  });

  it.each([
    ['drop-before' as const, 'absent'],
    ['drop-after' as const, 'found'],
  ])('at which the connection drops (%s) is unknown at once, and afterwards it is %s', async (fault, kind) => {
    const { broker, link, outcome, connect, advance, events } = await setUp();
    link.force(fault);
    const group = alone();
    const { value, afterMs } = await outcome(broker.submit(group));
    expect([value, afterMs]).toEqual([{ kind: 'unknown', why: 'the connection dropped' }, 0]);
    expect(broker.connection()).toMatchObject({ state: 'disconnected', detail: 'the connection dropped' });
    await advance(1_000);
    await connect();
    expect(events).toEqual([]);
    expect((await outcome(broker.find(group.entry.clientOrderId))).value).toMatchObject({ kind });
  });

  it('that is still on its way when the connection drops may arrive after a reconnect', async () => {
    const { broker, link, outcome, connect, clock, exchange } = await setUp();
    link.setPlan({ toVenueMs: [3_000, 3_000], survive: 1 });
    const group = alone();
    const sent = broker.submit(group);
    link.drop();
    expect(await sent).toMatchObject({ kind: 'unknown' });
    link.setPlan({ toVenueMs: [1, 1] });
    await connect();
    expect((await outcome(broker.find(group.entry.clientOrderId))).value).toEqual({ kind: 'absent' });
    await clock.advance(3_000);
    // One look would have been too early: this is why absence takes two, ten seconds apart.
    expect(exchange.executions()).toHaveLength(1);
    expect((await outcome(broker.find(group.entry.clientOrderId))).value).toMatchObject({ kind: 'found' });
    expect(broker.capabilities.absence).toEqual({ looks: 2, apartMs: 10_000 });
  });

  it('may be acknowledged and rejected later', async () => {
    const { broker, link, outcome, advance, kinds, exchange } = await setUp();
    link.force('reject-late');
    expect((await outcome(broker.submit(bracket(19_000, 21_000)))).value).toEqual({ kind: 'accepted' });
    await advance(3_000);
    expect(kinds()).toEqual(['acknowledged', 'acknowledged', 'acknowledged', 'rejected', 'rejected', 'rejected']);
    expect(exchange.executions()).toEqual([]);
  });

  it('without a connection is rejected, since nothing was sent; a cancel is unknown, a find cannot tell', async () => {
    const { broker, link } = await setUp();
    link.drop();
    const group = alone();
    expect(await broker.submit(group)).toEqual({ kind: 'rejected', reason: 'the paper broker is not connected' });
    expect(await broker.cancel(orderOf(group.entry))).toMatchObject({ kind: 'unknown' });
    expect(await broker.find(group.entry.clientOrderId)).toMatchObject({ kind: 'cannot-tell' });
    expect(await broker.snapshot(epochMs(0), live())).toMatchObject({ isComplete: false, positions: [] });
  });
});

describe('a cancel', () => {
  it('whose answer is lost is unknown, and the order has ended', async () => {
    const { broker, link, outcome, kinds } = await setUp();
    const group = alone({ type: 'limit', price: ticks(19_000) });
    await outcome(broker.submit(group));
    link.force('lose-answer');
    expect((await outcome(broker.cancel(orderOf(group.entry)))).value).toMatchObject({ kind: 'unknown' });
    expect(kinds()).toEqual(['working', 'canceled']);
  });

  it('may cross a fill whose report comes after it', async () => {
    const { broker, link, outcome, kinds, feed, advance } = await setUp({
      exchange: { partialFills: { seed: 1, shareOfVolume: 0, quoteSize: 1 } },
    });
    const group = alone({ type: 'limit', price: ticks(20_001) });
    link.force('late-fill');
    await outcome(broker.submit(group));
    await outcome(broker.cancel(orderOf(group.entry)));
    feed.move(SYMBOL, 19_990);
    await advance(10_000);
    expect(kinds()).toEqual(['working', 'canceled', 'fill']);
  });
});

describe('events', () => {
  it('may come twice, with the same key', async () => {
    const { broker, link, outcome, events, advance } = await setUp({ plan: { duplicate: 1 } });
    await outcome(broker.submit(alone()));
    link.setPlan({ duplicate: 0 });
    await advance(2_000);
    const keys = events.flatMap((event) => (event.kind === 'fill' ? [event.fill.execKey] : []));
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
  });

  it('may be missing although the connection stands: the snapshot has them', async () => {
    const { broker, outcome, kinds } = await setUp({ plan: { loseEvent: 1 } });
    expect((await outcome(broker.submit(alone()))).value).toEqual({ kind: 'accepted' });
    expect(kinds()).toEqual([]);
    const { value } = await outcome(broker.snapshot(epochMs(0), live()));
    expect(value).toMatchObject({ isComplete: true, fills: [{ quantity: 2 }], positions: [{ quantity: 2 }] });
  });

  it('of a time without a connection are not told again: the snapshot has them', async () => {
    const { broker, link, outcome, connect, feed, kinds, exchange } = await setUp();
    const group = bracket(19_000, 21_000);
    await outcome(broker.submit(group));
    kinds();
    link.drop();
    feed.move(SYMBOL, 18_990);
    await connect();
    expect(kinds()).toEqual([]);
    expect(exchange.executions()).toHaveLength(2);
    const { value } = await outcome(broker.snapshot(epochMs(0), live()));
    expect(value.positions).toEqual([]);
    expect(value.completed.map((order) => order.state).sort()).toEqual(['canceled', 'filled', 'filled']);
  });

  it('may be stated again after a logon', async () => {
    const { broker, link, outcome, connect, kinds } = await setUp();
    await outcome(broker.submit(bracket(19_000, 21_000)));
    kinds();
    link.drop();
    link.force('restate');
    await connect();
    expect(kinds()).toEqual(['restated', 'restated']);
  });
});

describe('a snapshot', () => {
  it('may fail', async () => {
    const { broker, link, outcome } = await setUp();
    link.force('fail-snapshot');
    const failed = broker.snapshot(epochMs(0), live()).catch((error: unknown) => String(error));
    expect((await outcome(failed)).value).toBe('Error: the venue could not make a snapshot');
  });

  it('may lack a part of what is there, and says so', async () => {
    const { broker, link, outcome } = await setUp();
    await outcome(broker.submit(alone()));
    link.force('partial-snapshot');
    const { value } = await outcome(broker.snapshot(epochMs(0), live()));
    expect(value.isComplete).toBe(false);
    expect(value.completed.length + value.fills.length + value.positions.length).toBeLessThan(3);
  });

  it('that is asked for when the connection drops throws', async () => {
    const { broker, link, outcome } = await setUp();
    link.force('drop-after');
    const failed = broker.snapshot(epochMs(0), live()).catch((error: unknown) => String(error));
    expect((await outcome(failed)).value).toBe('Error: the connection dropped');
  });

  it('and a find may say that they cannot tell', async () => {
    const { broker, link, outcome } = await setUp();
    link.force('cannot-tell');
    expect((await outcome(broker.find('D1-nobody'))).value).toMatchObject({ kind: 'cannot-tell' });
  });
});

describe('a connection', () => {
  it('that goes half-open is noticed by its silence, and what was asked on it is unknown', async () => {
    const { broker, link, outcome, advance, connect } = await setUp();
    link.force('half-open');
    const { value } = await outcome(broker.submit(alone()));
    expect(value).toMatchObject({ kind: 'unknown' });
    await advance(15_000);
    expect(broker.connection().state).toBe('disconnected');
    await connect();
    expect(broker.connection().state).toBe('live');
  });

  it('may be refused, by order and for as long as the outage lasts', async () => {
    const { broker, link, outcome, connect, clock } = await setUp({ plan: { outageMs: [8_000, 8_000] } });
    link.drop();
    const attempt = (): Promise<string> =>
      broker.connect(live()).then(
        () => 'connected',
        (error: unknown) => String(error),
      );
    expect((await outcome(attempt())).value).toMatch(/did not connect: the venue cannot be reached/u);
    await clock.advance(8_000);
    link.force('refuse-connect');
    expect((await outcome(attempt())).value).toMatch(/cannot be reached/u);
    await connect();
    expect(broker.connection().state).toBe('live');
  });

  it('attempt ends when it is given up', async () => {
    const { broker, link, outcome } = await setUp();
    link.drop();
    const giveUp = new AbortController();
    const attempt = broker.connect(giveUp.signal).catch((error: unknown) => String(error));
    giveUp.abort();
    expect((await outcome(attempt)).value).toMatch(/given up/u);
    expect(broker.connection().state).toBe('disconnected');
  });

  it('of a process that dies tells it nothing more, and a new one goes on with the same exchange', async () => {
    const rig = await setUp({ plan: { survive: 1 } });
    const group = bracket(19_000, 21_000);
    let isTold = false;
    void rig.broker.submit(group).then(() => {
      isTold = true;
    });
    rig.end.kill();
    await rig.advance(10_000);
    expect([isTold, rig.events]).toEqual([false, []]);
    const { broker } = rig.newNearEnd();
    const connected = broker.connect(live());
    await rig.advance(1_000);
    await connected;
    expect((await rig.outcome(broker.find(group.entry.clientOrderId))).value).toMatchObject({
      ...{ kind: 'found', order: { state: 'filled' } },
    });
  });
});

describe('a fault plan', () => {
  it.each<[string, Partial<FaultPlan>, RegExp]>([
    ['a chance above 1', { drop: 1.5 }, /drop: 1\.5/u],
    ['a chance that is not a number', { lateFill: Number.NaN }, /lateFill/u],
    ['a span that falls', { toVenueMs: [20, 10] }, /toVenueMs/u],
    ['requests that outlast the proof of absence', { toVenueMs: [1, 9_900] }, /10400 ms/u],
  ])('with %s is refused', async (_, plan, message) => {
    const { exchange, clock } = await setUp();
    expect(() => createFaultyLink({ exchange, clock, seed: 1, plan })).toThrow(message);
  });

  it('without faults loses nothing and keeps the order of messages', async () => {
    const { broker, outcome, link, advance } = await setUp({ plan: { ...NO_FAULTS, fromVenueMs: [1, 400] } });
    const sent: Promise<unknown>[] = [];
    for (let n = 0; n < 20; n += 1) sent.push(broker.submit(alone({ quantity: 1, direction: n % 2 === 0 ? 1 : -1 })));
    expect((await outcome(Promise.all(sent))).value).toEqual(Array(20).fill({ kind: 'accepted' }));
    await advance(1_000);
    const answers = link.trace().flatMap(({ frame }) => (frame !== null && 'to' in frame ? [frame.to] : []));
    expect(answers).toEqual([...answers].sort((a, b) => a - b));
  });
});
