import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { epochMs, ticks } from '#shared/units.ts';
import { bracketGroup, contractTerms, foldOf, soleOrder, until } from '#test/support/broker-contract.ts';
import { ACCOUNT, CONTRACT, dtcRig, SYMBOL } from '#test/support/dtc-server/rig.ts';
import { DtcServer } from '#test/support/dtc-server/server.ts';
import type { Message } from '#test/support/dtc-server/wire.ts';
import { startFaultRelay } from '#test/support/fault-relay.ts';
import { RELAY_FAULTS, linesOf } from '#test/support/fault-relay-plan.ts';
import { seedsOf } from '#test/support/scale.ts';
import { createVirtualClock, START } from '#test/adapters/virtual-clock.ts';

const signal = (): AbortSignal => new AbortController().signal;
const saying = (text: string): unknown => expect.stringContaining(text);
const price = (n: number): number => n * 0.25;
/** Says whether a promise has come to its end. */
function doneOf(work: Promise<unknown>): () => boolean {
  let isDone = false;
  const mark = (): void => {
    isDone = true;
  };
  work.then(mark, mark);
  return () => isDone;
}
type Given = Parameters<typeof dtcRig>[0];

async function setUp(given: Given = {}) {
  const rig = await dtcRig(given);
  const { server, broker, clock } = rig;
  const snapshot = () => broker.snapshot(epochMs(0), signal());
  const terms = (over: Parameters<typeof contractTerms>[2] = {}) => contractTerms(SYMBOL, ACCOUNT, over);
  const quote = (bid: number): void => server.quote(SYMBOL, price(bid), price(bid + 1));
  /** Lets the desk's clock run while the line is at work. */
  const pass = async (ms: number): Promise<void> => {
    for (let at = 0; at < ms; at += 250) {
      clock.advanceTo(clock.now() + 250);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const settled = async <T>(work: Promise<T>): Promise<T> => {
    const done = doneOf(work);
    while (!done()) {
      clock.advanceTo(clock.now() + 50);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    return work;
  };
  return {
    ...rig,
    fold: foldOf(broker),
    snapshot,
    terms,
    quote,
    pass,
    settled,
    connect: () => broker.connect(signal()),
  };
}

describe('logging on', () => {
  it.each([
    ['binary', 'json-compact', 'json-compact'],
    ['json', 'json-compact', 'json-compact'],
    [2, 'json-compact', 'json'],
    ['none', 'json', 'json'],
  ] as const)('goes by the answer of the server: %s when asked for %s', async (encodingAnswer, encoding, agreed) => {
    // A server that answers nothing is told to be one, and is not asked.
    const config = { encoding, isEncodingFixed: encodingAnswer === 'none' };
    const { broker, server, connect } = await setUp({ server: { encodingAnswer }, config });
    await connect();
    expect(broker.connection()).toMatchObject({ state: 'live', detail: null });
    expect(server.complaints).toEqual([]);
    expect([...server.clients].map((client) => client.encoding)).toEqual([agreed === 'json' ? 2 : 3]);
    expect(server.received[0]).toMatchObject({
      ...{
        Type: 1,
        ProtocolVersion: 8,
        HeartbeatIntervalInSeconds: 10,
        ClientName: 'Kelly Desk',
        TradeAccount: 'Sim1',
      },
    });
  });

  it('says so when the server speaks no JSON', async () => {
    const { broker, connect } = await setUp({ server: { encodingAnswer: 4 } });
    await expect(connect()).rejects.toThrow('protocol buffers');
    expect(broker.connection()).toMatchObject({ state: 'disconnected' });
  });

  it('names the wrong password, sends no secret to the screen, and may try again', async () => {
    const secrets = { get: () => Promise.resolve('tadpole') };
    const config = { username: 'me', passwordSecret: 'sierra' };
    const { broker, connect, server } = await setUp({ server: { password: 'other' }, config, parts: { secrets } });
    await expect(connect()).rejects.toThrow('wrong password');
    expect(JSON.stringify(broker.connection())).not.toContain('tadpole');
    await expect(connect()).rejects.toThrow('wrong password');
    expect(server.accepted).toBe(2);
  });

  it('does not come back to a server that asked not to, by its logon or by its farewell', async () => {
    const { broker, connect, server } = await setUp({ server: { logon: { Result: 3, ResultText: 'go away' } } });
    await expect(connect()).rejects.toThrow('go away');
    await expect(connect()).rejects.toThrow('go away');
    expect(server.accepted).toBe(1);
    expect(broker.connection()).toMatchObject({ state: 'disconnected', detail: saying('go away') });

    const second = await setUp();
    await second.connect();
    second.server.send({ Type: 5, Reason: 'licence', DoNotReconnect: 1 });
    await until(() => second.broker.connection().state === 'disconnected');
    await expect(second.connect()).rejects.toThrow('licence');
    expect(second.server.accepted).toBe(1);
  });

  it('hears what comes in one packet with the answer to the logon: a balance, orders, and that it is over', async () => {
    const behind = (...more: readonly Message[]) => ({
      server: { vary: (said: Message) => (said.Type === 2 ? [said, ...more] : [said]), isJoined: true },
    });
    const rig = await setUp(behind({ Type: 600, CashBalance: 1, TradingIsDisabled: 1, TradeAccount: ACCOUNT }));
    rig.server.faults.mute = [601];
    await rig.settled(rig.connect());
    expect(rig.broker.connection()).toMatchObject({ state: 'degraded', detail: saying('has disabled trading') });
    const other = { Type: 301, OrderUpdateReason: 2, OrderStatus: 4, ServerOrderID: 'X9', TradeAccount: ACCOUNT };
    const second = await setUp(
      behind({ ...other, Symbol: SYMBOL, OrderType: 2, BuySell: 1, OrderQuantity: 1, Price1: 1 }),
    );
    await second.connect();
    expect(second.broker.connection().state).toBe('live');
    expect(second.fold.external).toEqual([]);
    // A farewell behind the welcome leaves no connection that only looks like one.
    const third = await setUp(behind({ Type: 5, Reason: 'closing for the day' }));
    await expect(third.connect()).rejects.toThrow('closing for the day');
    expect(third.broker.connection()).toMatchObject({ state: 'disconnected', detail: saying('closing for the day') });
    const fourth = await setUp(behind({ Type: 5, Reason: 'licence', DoNotReconnect: 1 }));
    await expect(fourth.connect()).rejects.toThrow('licence');
    await expect(fourth.connect()).rejects.toThrow('licence');
    expect(fourth.server.accepted).toBe(1);
  });

  it('goes where the server sends it', async () => {
    const there = await DtcServer.start({ account: ACCOUNT, contracts: [CONTRACT] });
    const { broker, connect } = await setUp({
      server: { logon: { Result: 4, ReconnectAddress: `127.0.0.1:${there.port}` } },
    });
    await connect();
    expect(broker.connection().state).toBe('live');
    expect(there.accepted).toBe(1);
    await broker.close();
    await there.close();
  });

  it('refuses an account the server does not have', async () => {
    const { connect } = await setUp({ parts: { account: 'Sim9' } });
    await expect(connect()).rejects.toThrow('no account Sim9: it has Sim1');
  });

  it('refuses a simulated account in a live profile, and is cautious of one that may be live in a paper profile', async () => {
    const simulated = await setUp({ parts: { mode: 'live' } });
    await expect(simulated.connect()).rejects.toThrow('Sim1 is a simulated account, and this profile is for live');
    expect(simulated.broker.connection().state).toBe('disconnected');
    const unclear = await setUp({ parts: { account: 'F123456' }, server: { account: 'F123456' } });
    await unclear.connect();
    expect(unclear.broker.connection()).toMatchObject({ state: 'live', detail: saying('F123456 is simulated') });
    const live = await setUp({ parts: { account: 'F123456', mode: 'live' }, server: { account: 'F123456' } });
    await live.connect();
    expect(live.broker.connection()).toMatchObject({ state: 'live', detail: null });
  });

  it.each([300, 303, 305, 1, 400, 506, 601])('does not hang on a server that never answers type %i', async (type) => {
    const { broker, connect, settled, snapshot, server } = await setUp({ server: { faults: { mute: [type] } } });
    const outcome = await settled(connect()).then(
      () => 'in',
      () => 'out',
    );
    expect(outcome).toBe(type === 1 ? 'out' : 'in');
    if (outcome === 'out') {
      expect(broker.connection()).toMatchObject({ state: 'disconnected', detail: saying('logon') });
      return;
    }
    const held = await settled(snapshot().catch(() => null));
    // What was not answered is not "nothing".
    expect(held?.isComplete ?? false).toBe(![300, 303, 305].includes(type));
    expect(server.complaints).toEqual([]);
  });

  it.each(['the request for an encoding', 'the logon'] as const)(
    'gives up a server that answers %s with a byte now and then, and comes in when the next one does not',
    async (what) => {
      const { server, broker, connect, pass, clock } = await setUp({
        config: { isEncodingFixed: what === 'the logon' },
      });
      const trickling = createServer((socket) => {
        socket.on('error', () => undefined);
        socket.once('data', () =>
          socket.write(what === 'the logon' ? '{"Type":2,"ResultText":"' : '{"Type":7,"Says":"'),
        );
        drip = () => void socket.write('x');
      });
      let drip = (): void => undefined;
      await new Promise<void>((resolve) => trickling.listen(0, '127.0.0.1', resolve));
      onTestFinished(() => void trickling.close());
      const { port } = trickling.address() as AddressInfo;
      const { broker: there } = await setUp({
        config: { port, isEncodingFixed: what === 'the logon' },
        parts: { clock },
      });
      const attempt = there.connect(signal()).then(
        () => 'in',
        (error: unknown) => String(error),
      );
      await until(() => there.connection().state === 'connecting');
      const isDone = doneOf(attempt);
      for (let n = 0; n < 60 && !isDone(); n += 1) {
        drip();
        await new Promise((resolve) => setTimeout(resolve, 2));
        await pass(500);
      }
      expect(await attempt).toContain('within 20 s');
      expect(there.connection()).toMatchObject({ state: 'disconnected', detail: saying('within 20 s') });
      await connect();
      expect([broker.connection().state, server.complaints]).toEqual(['live', []]);
    },
  );

  it('settles sets that have no totals when they fall silent', async () => {
    const { connect, settled, fold, terms, quote, snapshot } = await setUp({ server: { faults: { noTotals: true } } });
    await settled(connect());
    quote(1000);
    await fold.submit(soleOrder(terms()));
    await fold.submit(soleOrder(terms({ type: 'limit', price: ticks(900) })));
    const held = await settled(snapshot());
    expect(held).toMatchObject({ isComplete: true, orders: [{ state: 'working' }], positions: [{ quantity: 2 }] });
    expect(held.fills).toHaveLength(1);
  });
});

describe('the line', () => {
  it('is kept with heartbeats, and lost after two periods of silence', async () => {
    const { broker, connect, server, pass } = await setUp({ server: { heartbeatMs: 2_000_000 } });
    await connect();
    await pass(11_000);
    await until(() => server.countOf(3) > 0, 'a heartbeat');
    await pass(15_000);
    await until(() => broker.connection().state === 'disconnected', 'the loss');
    expect(broker.connection().detail).toContain('nothing was heard');
  });

  it.each(['', ' '])(
    'is lost when the server says nothing, or a byte now and then, and what was asked is unknown',
    async (bytes) => {
      const { broker, connect, server, fold, terms, pass } = await setUp();
      await connect();
      server.faults.halfOpen = true;
      const sent = fold.submit(soleOrder(terms()));
      await pass(6_000);
      expect(await sent).toMatchObject({ kind: 'unknown' });
      for (let n = 0; n < 20; n += 1) {
        server.raw(Buffer.from(bytes));
        await pass(1_000);
      }
      await until(() => broker.connection().state === 'disconnected', 'the loss');
      expect(server.exchange.orders).toEqual([]);
    },
  );

  it.each(['GET / HTTP/1.1\r\n\0', '{"Type":\0', '[1,2,3]\0', 'x'.repeat(1_100_000)])(
    'is given up when what comes is no DTC: %.12s',
    async (garbage) => {
      const { broker, connect, server } = await setUp();
      await connect();
      server.raw(Buffer.from(garbage));
      await until(() => broker.connection().state === 'disconnected', 'the end');
      expect(broker.connection().detail).toContain('not understood');
      await connect();
      expect(broker.connection().state).toBe('live');
    },
  );

  it('takes messages it does not know, of any age, as nothing', async () => {
    const { broker, connect, server, snapshot } = await setUp();
    await connect();
    server.send({ Type: 10_206, Anything: { deep: [1] } });
    server.send({ Type: 700, UserMessage: 'hello' });
    server.send({ Type: 301, NoOrders: 1, RequestID: 99 });
    server.send({ Type: 306, Unsolicited: 1, Symbol: 'ELSE', Quantity: null });
    expect((await snapshot()).isComplete).toBe(true);
    expect(broker.connection().state).toBe('live');
  });
});

describe('orders in trouble', () => {
  it('sends nothing where trading is not allowed, and says how to allow it', async () => {
    const { broker, connect, fold, terms, server } = await setUp({ server: { faults: { tradingDisabled: true } } });
    await connect();
    expect(broker.connection()).toMatchObject({ state: 'degraded', detail: saying('Allow Trading') });
    expect((await fold.submit(soleOrder(terms()))).kind).toBe('rejected');
    expect(server.countOf(208)).toBe(0);
  });

  it('says no more entries when the account is restricted, and again when it is not', async () => {
    const { broker, connect, server } = await setUp();
    await connect();
    const account = { Type: 600, RequestID: 0, Unsolicited: 1, TradeAccount: ACCOUNT, CashBalance: 100 };
    server.send({ ...account, DailyNetLossLimitReached: 1 });
    await until(() => broker.connection().state === 'degraded');
    expect(broker.connection().detail).toContain('daily loss limit');
    server.send(account);
    await until(() => broker.connection().state === 'live');
    expect(broker.balance?.()).toMatchObject({ cash: 1_000_000, equity: null });
  });

  it('takes a refusal without an id at the server as one', async () => {
    const { connect, fold, terms } = await setUp({ server: { faults: { refuseOrders: 'with-client-id' } } });
    await connect();
    const group = bracketGroup(terms({ type: 'limit', price: ticks(990) }), 980, 1010);
    expect(await fold.submit(group)).toEqual({ kind: 'rejected', reason: 'no margin' });
  });

  it('does not guess what a refusal without any id is about', async () => {
    const { connect, fold, terms, broker } = await setUp({ server: { faults: { refuseOrders: 'without-ids' } } });
    await connect();
    const entry = terms();
    expect(await fold.submit(soleOrder(entry))).toMatchObject({
      ...{ kind: 'unknown', why: saying('no margin') },
    });
    // Its absence proves nothing at this venue, and the broker says that it cannot prove it.
    expect(await broker.find(entry.clientOrderId)).toEqual({ kind: 'absent' });
    expect(broker.capabilities.absence).toBeNull();
  });

  it('does not know of an order that nobody acknowledged, and finds it', async () => {
    const { connect, fold, terms, broker, settled, server } = await setUp({ server: { faults: { muteAcks: true } } });
    await connect();
    const entry = terms({ type: 'limit', price: ticks(900) });
    expect((await settled(fold.submit(soleOrder(entry)))).kind).toBe('unknown');
    expect(await broker.find(entry.clientOrderId)).toMatchObject({ kind: 'found', order: { state: 'working' } });
    // Its id at the server is known from that, and it can be cancelled.
    expect(await broker.cancel(fold.order(entry))).toEqual({ kind: 'accepted' });
    expect(server.countOf(208)).toBe(1);
  });

  it('calls an entry back when one of its exits is refused', async () => {
    const { connect, fold, terms, server, quote } = await setUp();
    await connect();
    quote(1000);
    const group = bracketGroup(terms({ type: 'limit', price: ticks(990) }), 980, 1010);
    const { stop } = group;
    const { exchange } = server;
    // The server takes the bracket, and then the exchange refuses the stop.
    const refuse = (message: { readonly Type: number }): void => {
      const order = exchange.byClientId(stop.clientOrderId);
      if (order === undefined || order.status !== 3 || message.Type !== 301) return;
      order.status = 9;
      server.send(exchange.statement(order, 8, { InfoText: 'stop price too far' }));
    };
    exchange.listeners.add(refuse);
    await fold.submit(group);
    exchange.listeners.delete(refuse);
    await until(() => fold.order(group.entry).life === 'canceled', 'the entry');
    expect(exchange.working().map((order) => order.clientId)).toEqual([]);
  });

  it('a refused cancel or change ends no order', async () => {
    const { broker, connect, fold, terms, server } = await setUp();
    await connect();
    const entry = terms({ type: 'limit', price: ticks(900) });
    await fold.submit(soleOrder(entry));
    const order = server.exchange.byClientId(entry.clientOrderId)!;
    server.faults.mute = [203, 204];
    for (const [reason, status, kind] of [
      [9, 9, 'refused'],
      [9, 4, 'refused'],
      [9, 0, 'unknown'],
    ] as const) {
      const cancel = broker.cancel(fold.order(entry));
      await until(() => server.received.at(-1)?.Type === 203);
      server.send({ Type: 301, ClientOrderID: entry.clientOrderId, OrderStatus: status, OrderUpdateReason: reason });
      expect((await cancel).kind).toBe(kind);
      server.received.length = 0;
    }
    const change = broker.replace(fold.order(entry), { quantity: 2, price: ticks(901) });
    await until(() => server.received.at(-1)?.Type === 204);
    server.send({ Type: 301, ServerOrderID: order.serverId, OrderStatus: 4, OrderUpdateReason: 10, InfoText: 'no' });
    expect(await change).toEqual({ kind: 'refused', reason: 'no' });
    expect(fold.order(entry)).toMatchObject({ life: 'working', price: 900 });
  });

  it('fetches an execution that was counted and not told, and only then ends the order', async () => {
    const { broker, connect, fold, terms, server, quote, pass } = await setUp();
    await connect();
    server.exchange.offered = 1;
    const entry = terms({ type: 'limit', price: ticks(990), quantity: 3 });
    await fold.submit(soleOrder(entry));
    server.exchange.isSilentOnFills = true;
    quote(989);
    const cancel = broker.cancel(fold.order(entry));
    await until(() => server.countOf(203) === 1);
    await pass(2_000);
    await until(() => fold.order(entry).life === 'canceled', 'the end');
    expect(fold.order(entry)).toMatchObject({ filled: 1 });
    expect((await cancel).kind).toBe('accepted');
    expect(fold.position()).toBe(server.exchange.position(SYMBOL));
  });

  it.each([300, -300, 30_000])(
    'books executions once, and none of the future, from a server whose clock is %i s ahead',
    async (seconds) => {
      const offset = seconds * 1_000;
      const clock = createVirtualClock(START);
      const { connect, fold, terms, quote, snapshot } = await setUp({
        ...{ server: { now: () => clock.now() + offset }, parts: { clock } },
      });
      await connect();
      quote(1000);
      const [entry, exit] = [terms(), terms({ direction: -1, quantity: 1 })];
      await fold.submit(soleOrder(entry));
      await fold.submit(soleOrder(exit));
      await until(() => fold.order(entry).life === 'filled' && fold.order(exit).life === 'filled', 'the fills');
      for (const { at, receivedAt } of fold.fills.values()) expect(at).toBeLessThanOrEqual(receivedAt);
      const held = await snapshot();
      expect(held).toMatchObject({ isComplete: true, positions: [{ quantity: 1 }] });
      expect(held.fills.map(({ execKey }) => execKey).sort()).toEqual([...fold.fills.keys()].sort());
      for (const { at, receivedAt } of held.fills) expect(at).toBeLessThanOrEqual(receivedAt);
    },
  );

  it.each([true, false])('books fills that overtake each other, each once (ids of their own: %s)', async (hasIds) => {
    const { connect, fold, terms, server, quote, snapshot } = await setUp();
    await connect();
    const { exchange } = server;
    exchange.offered = 1;
    const entry = terms({ type: 'limit', price: ticks(990), quantity: 3 });
    await fold.submit(soleOrder(entry));
    // The server tells nothing of the fills while they are made, and then all of them, the last one first.
    exchange.isSilentOnFills = true;
    for (let n = 0; n < 3; n += 1) quote(989);
    const order = exchange.byClientId(entry.clientOrderId)!;
    const told = exchange.executions.map(({ execId, quantity, price: at }, n) => {
      const isLast = n === 2;
      const status = { OrderStatus: isLast ? 7 : 4, FilledQuantity: n + 1, RemainingQuantity: 2 - n };
      const fill = { LastFillQuantity: quantity, LastFillPrice: at, LastFillExecutionID: hasIds ? execId : '' };
      return { ...exchange.statement(order, isLast ? 4 : 5), ...status, ...fill };
    });
    for (const update of [...told].reverse()) server.send(update);
    for (const update of told) server.send(update);
    await until(() => fold.order(entry).life === 'filled', 'the fills');
    await snapshot();
    expect(fold.fills.size).toBe(3);
    expect(fold.position()).toBe(exchange.position(SYMBOL));
  });

  it('takes the side of an execution that the list leaves out from its order, and books none without one', async () => {
    const { connect, fold, terms, server, quote, snapshot } = await setUp();
    await connect();
    quote(1000);
    const entry = terms({ direction: -1 });
    server.exchange.isSilentOnFills = true;
    await fold.submit(soleOrder(entry));
    server.faults.noSides = true;
    const { fills } = await snapshot();
    expect(fills).toMatchObject([{ direction: -1, quantity: 2, clientOrderId: entry.clientOrderId }]);
    const other = { ...{ Type: 208, Symbol: SYMBOL, TradeAccount: ACCOUNT, ClientOrderID: 'chart-8', OrderType: 1 } };
    server.exchange.submitSingle({ ...other, BuySell: 2, Quantity: 1 }, () => undefined);
    const second = await setUp({ server: { exchange: server.exchange, faults: { noSides: true } } });
    await second.connect();
    await expect(second.snapshot()).rejects.toThrow('without its side');
  });

  it('shows orders of another hand, and cancels them by their id at the server', async () => {
    const { broker, connect, fold, server, snapshot } = await setUp();
    await connect();
    const other = { ...{ Type: 208, Symbol: SYMBOL, TradeAccount: ACCOUNT, ClientOrderID: 'chart-7', OrderType: 2 } };
    server.exchange.submitSingle({ ...other, BuySell: 2, Price1: 300, Quantity: 1 }, () => undefined);
    await until(() => fold.external.length > 0);
    const [order] = (await snapshot()).orders;
    expect(order).toMatchObject({ clientOrderId: null, direction: -1, price: 1200, quantity: 1 });
    expect(await broker.cancelExternal(order!.venueOrderId)).toEqual({ kind: 'accepted' });
    expect((await snapshot()).orders).toEqual([]);
  });

  it('knows after a restart of the desk whose an execution is, and under which key', async () => {
    const first = await setUp({ server: { faults: { otherListIds: true } } });
    await first.connect();
    first.quote(1000);
    const group = bracketGroup(first.terms({ type: 'limit', price: ticks(1001) }), 980, 1010);
    await first.fold.submit(group);
    await until(() => first.fold.order(group.stop).life === 'working');
    const journal = {
      orders: () => [...first.fold.orders.values()],
      fills: () => [...first.fold.fills.values()],
      ...{ fill: () => null, events: () => [] },
    };
    await first.broker.close();
    first.quote(979);
    const second = await setUp({
      server: { exchange: first.server.exchange, faults: { otherListIds: true } },
      parts: { journal },
    });
    await second.connect();
    const { fills } = await second.snapshot();
    expect(fills.map(({ execKey, clientOrderId }) => [execKey, clientOrderId])).toEqual([
      [[...first.fold.fills.keys()][0], group.entry.clientOrderId],
      ['L-E2', group.stop.clientOrderId],
    ]);
    const found = await second.broker.find(group.target.clientOrderId);
    expect(found).toMatchObject({ kind: 'found', order: { state: 'canceled', reason: 'its counterpart was filled' } });
  });
});

describe('the line cut at every step of a bracket', () => {
  const steps = [1, 400, 601, 506, 208, 201, 203, 204, 300, 303, 305].flatMap((type) =>
    (['before', 'after'] as const).map((when) => [type, when] as const),
  );
  it.each(steps)('at type %i, %s it is acted on: no order twice, no fill lost, no ghost', async (type, when) => {
    const { broker, connect, fold, terms, server, quote, settled, snapshot } = await setUp();
    server.faults.dropOn = { type, when };
    const tryAgain = async (): Promise<void> => {
      for (let n = 0; n < 5 && broker.connection().state !== 'live'; n += 1)
        await settled(connect().catch(() => undefined));
    };
    await tryAgain();
    quote(1000);
    const group = bracketGroup(terms({ type: 'limit', price: ticks(1001) }), 980, 1010);
    const outcome = await settled(fold.submit(group));
    await tryAgain();
    await settled(snapshot().catch(() => null));
    await tryAgain();
    if (outcome.kind !== 'rejected') {
      await settled(broker.replace(fold.order(group.stop), { quantity: 2, price: ticks(981) }));
      await tryAgain();
      await settled(broker.cancel(fold.order(group.target)));
      await tryAgain();
    }
    // The cut may still be on its way.
    let held = await settled(snapshot().catch(() => null));
    await tryAgain();
    held ??= await settled(snapshot());
    for (const fill of held.fills) fold.takeFill(fill);
    expect(held.isComplete).toBe(true);
    expect(fold.position()).toBe(server.exchange.position(SYMBOL));
    expect(server.exchange.orders.filter((order) => order.clientId === group.entry.clientOrderId).length).toBeLessThan(
      2,
    );
    expect(held.orders.every((order) => order.clientOrderId !== null)).toBe(true);
    // A server acts on the first half of a bracket alone only to refuse it.
    if (outcome.kind === 'rejected') expect(server.exchange.position(SYMBOL)).toBe(0);
    expect(server.complaints).toEqual([]);
  });
});

describe('a server that was restarted', () => {
  it('with another version, counting anew: old and new are told apart', async () => {
    const { broker, connect, fold, terms, server, snapshot, quote, closeServer } = await setUp();
    await connect();
    quote(1000);
    const [before, after] = [terms(), terms({ direction: -1 })];
    await fold.submit(soleOrder(before));
    await until(() => fold.order(before).life === 'filled');
    const { port } = server;
    await closeServer();
    await until(() => broker.connection().state === 'disconnected');
    const next = await DtcServer.start({
      ...{ account: ACCOUNT, contracts: [CONTRACT], port, encodingAnswer: 'json' },
      logon: { ProtocolVersion: 9, ServerName: 'Another', BracketOrdersSupported: 0 },
    });
    try {
      await connect();
      expect(broker.capabilities).toMatchObject({ brackets: 'emulated', replace: true });
      next.quote(SYMBOL, price(1000), price(1001));
      // The same ids at the server as before: 1001 and E1.
      await fold.submit(soleOrder(after));
      await until(() => fold.order(after).life === 'filled', 'the second fill');
      expect(fold.fills.size).toBe(2);
      expect(fold.position()).toBe(0);
      expect((await snapshot()).fills.map((fill) => fill.clientOrderId)).toEqual([after.clientOrderId]);
    } finally {
      await broker.close();
      await next.close();
    }
  });
});

describe('a spoilt line', () => {
  // `DURABILITY_SCALE=200` makes two hundred seeds, `SEED=n` is that one alone.
  const cases = RELAY_FAULTS.flatMap((fault) => seedsOf(1).map((seed) => [fault, seed] as const));
  it.each(cases)(
    '%s, seed %i: nothing twice, nothing lost, and in the end everything is known',
    async (fault, seed) => {
      const { server, clock } = await dtcRig();
      const relay = await startFaultRelay({ port: server.port, seed, frames: linesOf(0) });
      const { broker } = await dtcRig({ config: { port: relay.port, isEncodingFixed: true }, parts: { clock } });
      const fold = foldOf(broker);
      const pump = async <T>(work: Promise<T>): Promise<T> => {
        const done = doneOf(work);
        while (!done()) {
          clock.advanceTo(clock.now() + 20);
          await new Promise((resolve) => setTimeout(resolve, 2));
        }
        return work;
      };
      const reconnect = async (): Promise<void> => {
        for (let n = 0; n < 20 && broker.connection().state !== 'live'; n += 1)
          await pump(broker.connect(signal()).catch(() => undefined));
      };
      await reconnect();
      server.quote(SYMBOL, price(1000), price(1001));
      relay.begin(fault);
      const group = bracketGroup(contractTerms(SYMBOL, ACCOUNT, { type: 'limit', price: ticks(1001) }), 980, 1010);
      const outcome = await pump(fold.submit(group));
      relay.calm();
      if (broker.connection().state === 'live') await pump(broker.find(group.entry.clientOrderId));
      relay.reset();
      await until(() => broker.connection().state === 'disconnected', 'the cut');
      await reconnect();
      const held = await pump(broker.snapshot(epochMs(0), signal()));
      for (const fill of held.fills) fold.takeFill(fill);
      const sent = server.exchange.orders.filter((order) => order.clientId === group.entry.clientOrderId);
      expect(held.isComplete).toBe(true);
      expect(sent.length).toBeLessThan(2);
      expect(fold.position()).toBe(server.exchange.position(SYMBOL));
      if (outcome.kind === 'accepted') expect(sent).toHaveLength(1);
      await broker.close();
      await relay.close();
    },
  );
});
