import { describe, expect, it, onTestFinished } from 'vitest';
import { epochMs, ticks } from '#shared/units.ts';
import { bracketGroup, contractTerms, foldOf, soleOrder, until } from '#test/support/broker-contract.ts';
import { ACCOUNT, bitcoin, deskSide, type DeskSideOptions, share } from '#test/support/alpaca/desk-side.ts';
import { rounds } from '#test/support/scale.ts';
import { createDialect } from '#test/support/alpaca-server/dialect.ts';
import { startAlpaca, type AlpacaServer } from '#test/support/alpaca-server/server.ts';
import { passTime } from './relay-line.ts';
import { createVirtualClock } from './virtual-clock.ts';

const signal = new AbortController().signal;

async function connected(options: DeskSideOptions = {}) {
  const side = await deskSide(options);
  await side.connect();
  const fold = foldOf(side.broker);
  const symbol = side.parts.instruments[0]?.instrument.symbol ?? '';
  const terms = (over = {}) => contractTerms(symbol, ACCOUNT, over);
  const whole = () => side.broker.snapshot(epochMs(0), signal);
  return { ...side, fold, terms, whole };
}
const limit = { type: 'limit', price: ticks(48_000) } as const;
const AT = { bid: '479.99', ask: '480.00' };
const count = (server: AlpacaServer, what: string): number => server.requests.filter((one) => one === what).length;

describe('submits that go wrong', () => {
  it('adopts an order that was taken although the answer was a 503, and sends nothing twice', async () => {
    const { server, broker, fold, terms } = await connected();
    server.faults.afterAccept = 503;
    const entry = terms(limit);
    expect(await fold.submit(soleOrder(entry))).toEqual({ kind: 'accepted' });
    expect(fold.order(entry).life).toBe('working');
    expect(server.posted(entry.clientOrderId)).toBe(1);
    expect((await broker.cancel(fold.order(entry))).kind).toBe('accepted');
  });

  it('cannot tell after a 503 that took nothing, and finds it absent', async () => {
    const { server, broker, fold, terms } = await connected();
    server.faults.beforeAccept = 503;
    const entry = terms(limit);
    expect((await fold.submit(soleOrder(entry))).kind).toBe('unknown');
    const accounts = count(server, 'GET /v2/account');
    expect(await broker.find(entry.clientOrderId)).toEqual({ kind: 'absent' });
    // Only while the account answers.
    expect(count(server, 'GET /v2/account')).toBe(accounts + 1);
    server.faults.brokenPath = '/v2/account';
    expect((await broker.find(entry.clientOrderId)).kind).toBe('cannot-tell');
    expect(server.posted(entry.clientOrderId)).toBe(1);
  });

  /** Two runs of the desk at one account, of which the second hears nothing of what the first sends. */
  const twoRuns = async () => {
    const first = await connected();
    const second = await connected({ server: first.server });
    first.server.faults.mute = true;
    return { first, second };
  };

  it('adopts the order there is when Alpaca calls the id a duplicate', async () => {
    const { first, second } = await twoRuns();
    const entry = first.terms(limit);
    await first.fold.submit(soleOrder(entry));
    expect(await second.fold.submit(soleOrder(entry))).toEqual({ kind: 'accepted' });
    expect(second.fold.order(entry).venueOrderId).toBe(first.fold.order(entry).venueOrderId);
    expect(first.server.exchange.orders).toHaveLength(1);
  });

  it('does not take another order of the same id for its own', async () => {
    const { first, second } = await twoRuns();
    const entry = first.terms(limit);
    await first.fold.submit(soleOrder({ ...entry, quantity: 7 }));
    expect(await second.fold.submit(soleOrder(entry))).toMatchObject({
      ...{ kind: 'unknown', why: expect.stringContaining('another order') as unknown },
    });
  });

  it('asks before it sends again what was held off, and only once', async () => {
    const { server, fold, terms } = await connected();
    server.faults.limited = 1;
    const entry = terms(limit);
    const from = server.requests.length;
    expect(await fold.submit(soleOrder(entry))).toEqual({ kind: 'accepted' });
    expect(server.requests.slice(from, from + 3)).toEqual([
      'POST /v2/orders',
      'GET /v2/orders:by_client_order_id',
      'POST /v2/orders',
    ]);
    expect(server.exchange.orders).toHaveLength(1);
  });

  it('waits for the limit to be set back where nothing says for how long', async () => {
    const { server, fold, terms } = await connected();
    [server.faults.limited, server.faults.retryAfter] = [1, null];
    expect(await fold.submit(soleOrder(terms(limit)))).toEqual({ kind: 'accepted' });
    expect(server.exchange.orders).toHaveLength(1);
  });

  it('tells a long limit as a refusal, and sends nothing later', async () => {
    const { server, fold, terms } = await connected();
    [server.faults.limited, server.faults.retryAfter] = [1, '30'];
    expect(await fold.submit(soleOrder(terms(limit)))).toMatchObject({
      ...{ kind: 'rejected', reason: expect.stringContaining('30 s') as unknown },
    });
    expect(server.exchange.orders).toEqual([]);
  });

  it.each([
    [400, 40010000],
    [403, 40310000],
    [422, 42210000],
  ])('calls %i a refusal', async (status, code) => {
    const { server, fold, terms } = await connected();
    server.faults.refuse = { status, code, message: 'not today' };
    expect(await fold.submit(soleOrder(terms(limit)))).toMatchObject({
      ...{ kind: 'rejected', reason: expect.stringContaining('not today') as unknown },
    });
  });

  it('does not send a price Alpaca has no step for', async () => {
    const { server, fold, terms } = await connected({ instruments: [share('QQQ', { tickSize: 0.001 })] });
    const outcome = await fold.submit(soleOrder(terms({ type: 'limit', price: ticks(480_001) })));
    expect(outcome).toMatchObject({ kind: 'rejected', reason: expect.stringContaining('480.001') as unknown });
    expect(count(server, 'POST /v2/orders')).toBe(0);
  });
});

describe('the stream', () => {
  const fillInParts = async (spoil: (faults: AlpacaServer['faults']) => void) => {
    const side = await connected();
    const { server, fold, terms } = side;
    spoil(server.faults);
    server.exchange.setOffer(1);
    const group = bracketGroup(terms({ ...limit, quantity: 3 }), 47_000, 49_000);
    await fold.submit(group);
    for (let n = 0; n < 3; n += 1) server.exchange.move('QQQ', AT);
    server.exchange.setOffer(Infinity);
    server.exchange.move('QQQ', { bid: '469.50', ask: '469.60' });
    return { ...side, group };
  };
  const settled = async ({ fold, group }: Awaited<ReturnType<typeof fillInParts>>): Promise<void> => {
    await until(() => fold.order(group.stop).life === 'filled', 'the stop');
    await until(() => fold.order(group.target).life === 'canceled', 'the target');
    expect(fold.order(group.entry)).toMatchObject({ life: 'filled', filled: 3 });
    expect(fold.position()).toBe(0);
    expect([...fold.fills.values()].map(({ quantity }) => quantity)).toEqual([1, 1, 1, 3]);
  };

  it('is read when every update comes twice', async () => {
    await settled(await fillInParts((faults) => (faults.duplicate = true)));
  });
  it('is read when messages come a byte a frame, as text or binary', async () => {
    await settled(await fillInParts((faults) => (faults.split = true)));
    await settled(await fillInParts((faults) => (faults.split = faults.text = true)));
  });
  it.each(['array', 'lines', 'glued'] as const)(
    'is read when what is due at once comes in one frame (%s)',
    async (joined) => {
      await settled(await fillInParts((faults) => Object.assign(faults, { joined, duplicate: true })));
    },
  );
  it('is read from a server of a later version', async () => {
    await settled(await fillInParts((faults) => (faults.isNewer = true)));
  });
  it('is read when updates overtake each other', async () => {
    const side = await fillInParts((faults) => (faults.reorder = true));
    const { whole, fold } = side;
    for (const fill of (await whole()).fills) fold.takeFill(fill);
    expect(fold.position()).toBe(0);
    expect(fold.fills.size).toBe(4);
    expect(fold.order(side.group.entry)).toMatchObject({ life: 'filled', filled: 3 });
  });
  it('tells nothing twice when it was mute: REST has the executions, under the same keys', async () => {
    const { server, broker, fold, terms, whole, events } = await connected();
    const entry = terms({ ...limit, quantity: 2 });
    server.exchange.setOffer(1);
    await fold.submit(soleOrder(entry));
    server.exchange.move('QQQ', AT);
    await until(() => fold.fills.size === 1);
    server.faults.mute = true;
    server.exchange.move('QQQ', AT);
    server.drop();
    await until(() => broker.connection().state === 'disconnected');
    server.faults.mute = false;
    await broker.connect(signal);
    const held = await whole();
    expect(held.fills).toHaveLength(2);
    for (const fill of held.fills) fold.takeFill(fill);
    expect(fold.order(entry)).toMatchObject({ life: 'filled', filled: 2 });
    expect(events.filter(({ kind }) => kind === 'fill').length).toBeLessThanOrEqual(2);
  });
  it('ends at garbage, and is whole after the next connection', async () => {
    const { server, broker, whole } = await connected();
    server.sendRaw('}{');
    await until(() => broker.connection().state === 'disconnected');
    expect(broker.connection().detail).toContain('no JSON');
    await broker.connect(signal);
    expect((await whole()).isComplete).toBe(true);
    server.sendRaw(JSON.stringify({ stream: 'trade_updates', data: { event: 'fill' } }));
    await until(() => broker.connection().state === 'disconnected');
    expect(broker.connection().detail).toContain('cannot be read');
  });
});

describe('connecting', () => {
  it('says which keys are wrong', async () => {
    const side = await deskSide({ parts: { secrets: { get: () => Promise.resolve('wrong') } } });
    await expect(side.connect()).rejects.toThrow('does not know these keys');
    expect(side.broker.connection()).toMatchObject({ state: 'disconnected', detail: expect.any(String) as unknown });
    const unset = await deskSide({ parts: { secrets: { get: () => Promise.resolve(null) } } });
    await expect(unset.connect()).rejects.toThrow('connections secret set alpaca-key-id');
    const other = await deskSide();
    other.server.faults.unauthorized = true;
    await expect(other.connect()).rejects.toThrow('refuses these keys');
  });

  it('refuses another account, and degrades for one that may not trade', async () => {
    const other = await deskSide({ parts: { account: 'PA9OTHER' } });
    await expect(other.connect()).rejects.toThrow('PA9OTHER');
    const { server, broker, fold, terms, connect } = { ...(await connected()), connect: null };
    expect(connect).toBeNull();
    server.account.blocked = true;
    await broker.connect(signal);
    expect(broker.connection()).toMatchObject({
      state: 'degraded',
      detail: expect.stringContaining('blocked') as unknown,
    });
    expect((await fold.submit(soleOrder(terms(limit)))).kind).toBe('rejected');
  });

  it('reads nothing into a list that cannot be had', async () => {
    const { server, whole } = await connected();
    server.faults.brokenPath = '/v2/positions';
    await expect(whole()).rejects.toThrow('500');
    server.faults.brokenPath = 'FILL';
    await expect(whole()).rejects.toThrow('500');
  });

  it.each([false, true])('lists all orders, page after page, newest first: %s', async (isNewestFirst) => {
    const dialect = { ...createDialect(1), isNewestFirst };
    const { server, whole } = await connected({ server: await startAlpaca(0, { dialect }) });
    for (let n = 0; n < 1_100; n += 1)
      server.exchange.place({
        ...{ symbol: 'QQQ', qty: 1, side: 'buy', type: 'limit', tif: 'day', limit: '400', stop: null },
        ...{ clientOrderId: null, orderClass: '', takeProfit: null, stopLoss: null },
      });
    expect((await whole()).orders).toHaveLength(1_100);
  });

  it('counts the executions of an order from its first on, where Alpaca does not', async () => {
    const { server, broker, fold, terms } = await connected();
    server.exchange.setOffer(1);
    const entry = terms({ ...limit, quantity: 3 });
    await fold.submit(soleOrder(entry));
    server.exchange.move('QQQ', AT);
    server.exchange.move('QQQ', AT);
    await until(() => fold.fills.size === 2);
    server.faults.uncounted = true;
    const [, second] = server.exchange.executions;
    const { fills } = await broker.snapshot(epochMs((second?.at ?? 0) - 1), signal);
    expect(fills.map(({ execKey }) => execKey)).toEqual([...fold.fills.keys()]);
  });

  it('knows after a restart of both what worked before, changed orders too', async () => {
    const first = await connected();
    const group = bracketGroup(first.terms(limit), 47_000, 49_000);
    await first.fold.submit(group);
    const change = { quantity: 2, price: ticks(47_900) };
    expect(await first.broker.replace(first.fold.order(group.entry), change)).toEqual({ kind: 'accepted' });
    await first.broker.close();
    const second = await connected({ server: first.server });
    const { orders } = await second.whole();
    expect(orders.map(({ clientOrderId }) => clientOrderId).sort()).toEqual(
      [group.entry, group.stop, group.target].map(({ clientOrderId }) => clientOrderId).sort(),
    );
    expect(await second.broker.find(group.stop.clientOrderId)).toMatchObject({
      kind: 'found',
      order: { type: 'stop' },
    });
  });
});

describe('orders', () => {
  it('keeps the old terms when the change is refused after a 200', async () => {
    const { server, broker, fold, terms } = await connected();
    const entry = terms(limit);
    await fold.submit(soleOrder(entry));
    server.faults.refuseReplace = true;
    const outcome = await broker.replace(fold.order(entry), { quantity: 1, price: ticks(47_000) });
    expect(outcome.kind).toBe('refused');
    expect(fold.order(entry)).toMatchObject({ life: 'working', quantity: 2, price: 48_000 });
  });

  it('shows and cancels the order of another hand', async () => {
    const { server, broker, fold, whole } = await connected();
    const other = server.exchange.place({
      ...{ symbol: 'QQQ', qty: 1, side: 'buy', type: 'limit', tif: 'day', limit: '400', stop: null },
      ...{ clientOrderId: null, orderClass: '', takeProfit: null, stopLoss: null },
    });
    server.exchange.open(other);
    await until(() => fold.external.length > 0);
    expect((await whole()).orders).toMatchObject([{ clientOrderId: null, venueOrderId: other.id }]);
    expect(await broker.cancelExternal(other.id)).toEqual({ kind: 'accepted' });
    expect((await broker.cancelExternal(other.id)).kind).toBe('refused');
    expect((await broker.cancelExternal('nothing')).kind).toBe('unknown');
  });

  it('books a price between two ticks at the better one, and the rest as a fee', async () => {
    const { server, fold, terms } = await connected();
    const entry = terms();
    await fold.submit(soleOrder(entry));
    server.exchange.move('QQQ', { bid: '479.99', ask: '480.0025' });
    await until(() => fold.fills.size === 1);
    // 2 × 0.0025 USD.
    expect([...fold.fills.values()]).toMatchObject([{ price: 48_000, fee: 50 }]);
  });

  it('reads nothing into what is no whole number of contracts', async () => {
    const { server, whole } = await connected();
    const other = server.exchange.place({
      ...{ symbol: 'QQQ', qty: 0.5, side: 'buy', type: 'market', tif: 'day', limit: null, stop: null },
      ...{ clientOrderId: null, orderClass: '', takeProfit: null, stopLoss: null },
    });
    server.exchange.move('QQQ', AT);
    expect(other.status).toBe('filled');
    await expect(whole()).rejects.toThrow('whole number of contracts');
  });

  it('trades crypto by the lot, without brackets, and with a limit behind each stop', async () => {
    const { server, broker, fold, terms, whole } = await connected({ instruments: [bitcoin()] });
    expect(broker.capabilities.brackets).toBe('emulated');
    server.exchange.move('BTC/USD', { bid: '60000', ask: '60001' });
    const entry = terms();
    expect(await fold.submit(soleOrder(entry))).toEqual({ kind: 'accepted' });
    await until(() => fold.order(entry).life === 'filled');
    expect(server.exchange.position('BTC/USD')).toBe(0.2);
    expect([...fold.fills.values()]).toMatchObject([{ quantity: 2, price: 60_001 }]);
    expect((await whole()).positions).toMatchObject([{ symbol: 'BTC/USD', quantity: 2 }]);
    const stop = terms({ role: 'stop', type: 'stop', direction: -1, price: ticks(59_000), timeInForce: 'gtc' });
    expect(await fold.submit(soleOrder(stop))).toEqual({ kind: 'accepted' });
    expect(server.exchange.orders.at(-1)).toMatchObject({
      type: 'stop_limit',
      stop: '59000',
      limit: '57820',
      qty: 0.2,
    });
    expect((await fold.submit(bracketGroup(terms(), 59_000, 61_000))).kind).toBe('rejected');
    expect(server.complaints).toEqual([]);
  });
});

describe('answers that are none', () => {
  it.each(['garbage', 'oversize'] as const)(
    '%s: an order is looked for and adopted, a list is not had',
    async (how) => {
      const { server, fold, terms, whole } = await connected();
      server.faults.spoiled = { request: 'POST /v2/orders', how };
      const entry = terms(limit);
      expect(await fold.submit(soleOrder(entry))).toEqual({ kind: 'accepted' });
      expect(server.posted(entry.clientOrderId)).toBe(1);
      server.faults.spoiled = { request: 'GET /v2/positions', how };
      await expect(whole()).rejects.toThrow(how === 'garbage' ? 'no JSON' : 'too large');
    },
  );

  it('a byte now and then: the request is given up in its time, and nothing is known of it', async () => {
    const clock = createVirtualClock(Date.now());
    const { server, fold, terms } = await connected({ parts: { clock } });
    server.faults.spoiled = { request: '', how: 'trickle' };
    passTime(clock);
    expect(await fold.submit(soleOrder(terms(limit)))).toMatchObject({
      ...{ kind: 'unknown', why: expect.stringContaining('10 s') as unknown },
    });
  });

  it('a message without end closes the stream', async () => {
    const { server, broker } = await connected();
    server.sendRaw(`{"stream":"${'x'.repeat(4_100_000)}"}`);
    await until(() => broker.connection().state === 'disconnected');
    expect(broker.connection().detail).not.toBeNull();
  });
});

describe('the line cut at every step of a bracket', () => {
  /** The first step and some of the others in the suite, all of them at a scale of 3. */
  const steps = Array.from({ length: 24 }, (_, n) => n).filter((n) => rounds(1) >= 3 || n === 0 || n % 5 === 1);
  const cuts = steps.flatMap((step) => [false, true].map((isDone) => [step, isDone] as const));
  it.each(cuts)('at step %i, done: %s: no order twice, no fill lost, no ghost', async (step, isDone) => {
    const { server, broker, fold, terms, whole } = await connected();
    const { exchange, faults } = server;
    const group = bracketGroup(terms(limit), 47_000, 49_000);
    const again = async (): Promise<void> => {
      for (let n = 0; n < 5 && broker.connection().state !== 'live'; n += 1)
        await broker.connect(signal).catch(() => undefined);
      const held = await whole();
      for (const fill of held.fills) fold.takeFill(fill);
    };
    exchange.setOffer(1);
    [faults.cutIn, faults.cutIsDone] = [step, isDone];
    const outcome = await fold.submit(group);
    for (const market of [AT, AT, { bid: '469.50', ask: '469.60' }]) {
      await again().catch(() => undefined);
      exchange.move('QQQ', market);
    }
    exchange.setOffer(Infinity);
    exchange.move('QQQ', { bid: '469.50', ask: '469.60' });
    faults.cutIn = null;
    await again();
    expect(server.posted(group.entry.clientOrderId)).toBeLessThanOrEqual(1);
    const made = exchange.executions.map(({ qty, order }) => (order.side === 'buy' ? qty : -qty));
    expect([...fold.fills.values()].map(({ direction, quantity }) => direction * quantity)).toEqual(made);
    expect(fold.position()).toBe(exchange.position('QQQ'));
    if (exchange.orders.length === 0) expect(outcome.kind).not.toBe('accepted');
    else expect(fold.position()).toBe(0);
    expect((await whole()).orders).toEqual([]);
  });
});

it.each([300, -300])('tells no execution of the future, and loses none, from a clock %i s ahead', async (seconds) => {
  const { server, fold, terms, whole } = await connected();
  server.exchange.now = () => Date.now() + seconds * 1_000;
  server.exchange.move('QQQ', AT);
  await fold.submit(soleOrder(terms()));
  await until(() => fold.fills.size === 1);
  for (const { at, receivedAt } of fold.fills.values()) expect(at).toBeLessThanOrEqual(receivedAt);
  expect((await whole()).fills.map(({ execKey }) => execKey)).toEqual([...fold.fills.keys()]);
});

it('comes back to a server that was started anew, as another version', async () => {
  const { server, broker, fold, terms } = await connected();
  await fold.submit(soleOrder(terms(limit)));
  const { port } = server;
  await server.stop();
  await until(() => broker.connection().state === 'disconnected');
  await expect(broker.connect(signal)).rejects.toThrow('could not be reached');
  const again = await startAlpaca(port, { dialect: createDialect(7) });
  onTestFinished(() => again.stop());
  await broker.connect(signal);
  expect(broker.connection().state).toBe('live');
});
