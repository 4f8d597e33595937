import { describe, expect, it } from 'vitest';
import { epochMs, ticks } from '#shared/units.ts';
import { bracketGroup, contractTerms, foldOf, soleOrder, until } from '#test/support/broker-contract.ts';
import { ACCOUNT, bitcoin, deskSide, type DeskSideOptions } from '#test/support/alpaca/desk-side.ts';
import type { Dialect } from '#test/support/alpaca-server/dialect.ts';
import { type AlpacaServer, startAlpaca } from '#test/support/alpaca-server/server.ts';
import { createVirtualClock } from './virtual-clock.ts';
import { passTime } from './relay-line.ts';

/**
 * Alpaca as other servers speak it, and the real one on a bad day: each says the same trade in another way, late, twice,
 * or in parts. Whatever the way, the desk has the executions of the server, each once, and sends nothing twice.
 */

const signal = new AbortController().signal;
const limit = { type: 'limit', price: ticks(48_000), quantity: 3 } as const;
const AT = { bid: '479.99', ask: '480.00' };
const DOWN = { bid: '469.50', ask: '469.60' };

type Data = Readonly<Record<string, unknown>> & {
  readonly event: string;
  readonly order: Readonly<Record<string, unknown>>;
};
type Update = { readonly stream: string; readonly data: Data };
/** What is told in the place of one update; made anew for each server. */
type Habit = () => (update: Update) => readonly Update[];
const isFill = ({ data }: Update): boolean => data.event === 'fill' || data.event === 'partial_fill';
const withData = (update: Update, data: Readonly<Record<string, unknown>>): Update => ({
  ...update,
  data: { ...update.data, ...data },
});
const withOrder = (update: Update, order: Readonly<Record<string, unknown>>): Update =>
  withData(update, { order: { ...update.data.order, ...order } });
const one =
  (change: (update: Update) => Update): Habit =>
  () =>
  (update) => [change(update)];
const told = (update: Update, event: string, status: unknown = update.data.order['status']): Update => ({
  ...update,
  data: { event, timestamp: update.data['timestamp'], order: { ...update.data.order, status } },
});

function spoken(habit: Habit, body: Dialect['body'] = (value) => value): Dialect {
  const say = habit();
  return {
    body,
    isNewestFirst: false,
    frames: (update) => say(update as Update).map((said) => Buffer.from(JSON.stringify(said))),
  };
}

async function connected(options: DeskSideOptions = {}) {
  const side = await deskSide(options);
  await side.connect();
  const fold = foldOf(side.broker);
  const symbol = side.parts.instruments[0]?.instrument.symbol ?? '';
  const terms = (over = {}) => contractTerms(symbol, ACCOUNT, over);
  return { ...side, fold, terms, whole: () => side.broker.snapshot(epochMs(0), signal) };
}

/** Three shares bought in parts, and sold at the stop in parts. */
async function trade(server: AlpacaServer, options: DeskSideOptions = {}) {
  const side = await connected({ ...options, server });
  const { fold, terms, whole, broker } = side;
  const { exchange } = server;
  exchange.setOffer(1);
  const group = bracketGroup(terms(limit), 47_000, 49_000);
  const sent = await fold.submit(group);
  for (const market of [AT, AT, AT, DOWN, DOWN, DOWN]) {
    exchange.move('QQQ', market);
    await until(
      () => fold.position() === exchange.position('QQQ'),
      `${fold.position()} of ${exchange.position('QQQ')}`,
    );
  }
  return { ...side, group, sent, whole, broker };
}
const costOf = ({ exchange }: AlpacaServer): number =>
  Math.round(exchange.orders.reduce((sum, { cost, side }) => sum + (side === 'buy' ? cost : -cost), 0) * 100);

/** Every execution goes without price and quantity: the list has them. */
const bare = one((update) => (isFill(update) ? withData(update, { price: null, qty: null }) : update));
/** Nor does it name the execution. */
const nameless = one((update) => withData(update, { execution_id: undefined, position_qty: undefined }));
/** The mean price of the order is not told. */
const meanless = one((update) => withOrder(update, { filled_avg_price: null }));
/** An order is told as new after what it has done. */
const lateNews: Habit = () => {
  const held: Update[] = [];
  return (update) => {
    if (update.data.event !== 'new') return [update];
    held.push(update);
    return held.length > 3 ? held.splice(0) : [];
  };
};
/** Updates of the past, told again after each one. */
const echoes: Habit = () => {
  const past: Update[] = [];
  return (update) => {
    past.push(update);
    return [update, ...past.slice(-4)];
  };
};
/** Words between two that count: of things nobody has heard of, and of what is on its way. */
const talkative: Habit = () => (update) => [
  ...['pending_new', 'calculated', 'restated', 'order_replace_rejected', 'pending_cancel', 'pending_replace'].map(
    (event) => told(update, event),
  ),
  update,
  ...['stopped', 'suspended', 'trade_reviewed', 'done_for_day'].map((event) => told(update, event)),
];
/** A part is called the whole, and the whole a part: the count says which. */
const misnamed = one((update) =>
  isFill(update) ? withData(update, { event: update.data.event === 'fill' ? 'partial_fill' : 'fill' }) : update,
);
/** Nanoseconds, another zone, or no time at all. */
const odd = one((update) =>
  withData(withOrder(update, { submitted_at: null, updated_at: '2026-11-30T05:00:00.123456789-05:00' }), {
    timestamp: isFill(update) ? null : '2026-11-30T10:00:00.1Z',
  }),
);
/** Orders carry what the desk does not know, and leave out what it can do without. */
const lean = one((update) => {
  const given = Object.entries<unknown>({ ...update.data.order, legs: null }).filter(
    ([name, value]) => name !== 'order_type' && value !== null && value !== '',
  );
  return withData(update, { order: { ...Object.fromEntries(given), x: [] } });
});

describe('a bracket at a server that speaks otherwise', () => {
  it.each<[string, Habit]>([
    ['tells executions in the list alone', bare],
    ['names no execution', nameless],
    ['tells no mean price', meanless],
    ['tells orders as new after what they have done', lateNews],
    ['tells what was told before', echoes],
    ['tells much that changes nothing', talkative],
    ['calls a part the whole', misnamed],
    ['writes times of its own', odd],
    ['leaves out what it can', lean],
  ])('%s', async (_, habit) => {
    const server = await startAlpaca(0, { dialect: spoken(habit) });
    const { fold, group, sent, whole, broker } = await trade(server);
    expect(sent).toEqual({ kind: 'accepted' });
    await until(() => fold.order(group.stop).life === 'filled' && fold.order(group.target).life === 'canceled');
    const held = await whole();
    expect(held).toMatchObject({ isComplete: true, orders: [], positions: [] });
    for (const fill of held.fills) fold.takeFill(fill);
    expect(fold.fills.size).toBe(6);
    const money = [...fold.fills.values()].reduce((sum, f) => sum + f.direction * f.quantity * f.price, 0);
    expect(money).toBe(costOf(server));
    expect(fold.order(group.entry)).toMatchObject({ life: 'filled', filled: 3 });
    expect(fold.corrections.size).toBe(0);
    expect(fold.external).toEqual([]);
    expect(server.complaints).toEqual([]);
    expect(server.posted(group.entry.clientOrderId)).toBe(1);
    expect(broker.connection()).toMatchObject({ state: 'live', detail: null });
  });
});

/** An order of two options, as Alpaca lists it: it has no symbol and no side of its own. */
const SPREAD = {
  ...{ id: 'spread-1', client_order_id: 'by hand', symbol: '', side: '', status: 'new', order_class: 'mleg', qty: '1' },
  ...{ filled_qty: '0', type: 'limit', limit_price: '1.05', submitted_at: '2026-11-30T10:00:00Z', updated_at: null },
  legs: [
    { id: 'leg-1', symbol: 'QQQ261218C00480000', side: 'buy', position_intent: 'buy_to_open', status: 'new', qty: '1' },
    {
      id: 'leg-2',
      symbol: 'QQQ261218C00485000',
      side: 'sell',
      position_intent: 'sell_to_open',
      status: 'new',
      qty: '1',
    },
  ],
};

describe('what the account does beside the desk', () => {
  it.each([
    ['no side', SPREAD],
    ['none at all', { ...SPREAD, symbol: null, side: null }],
  ])('orders of several options, with %s, are no reason not to know the rest', async (_, spread) => {
    const body = (value: unknown): unknown =>
      Array.isArray(value) && (value.length === 0 || 'client_order_id' in (value[0] as object))
        ? [...(value as unknown[]), spread]
        : value;
    const server = await startAlpaca(0, { dialect: spoken(() => (update) => [update], body) });
    const { broker, fold, terms, whole } = await connected({ server });
    const entry = terms(limit);
    expect(await fold.submit(soleOrder(entry))).toEqual({ kind: 'accepted' });
    server.sendRaw(JSON.stringify({ stream: 'trade_updates', data: { event: 'new', order: spread } }));
    server.exchange.move('QQQ', AT);
    await until(() => fold.position() === 3);
    expect(broker.connection().state).toBe('live');
    expect((await whole()).orders).toEqual([]);
    expect(fold.external).toEqual([]);
  });

  it('but an order of a symbol of the desk that does not say its side is not guessed', async () => {
    const body = (value: unknown): unknown =>
      Array.isArray(value) && value.length > 0 && 'client_order_id' in (value[0] as object)
        ? value.map((order: object) => ({ ...order, side: '' }))
        : value;
    const server = await startAlpaca(0, { dialect: spoken(() => (update) => [update], body) });
    const { fold, terms, whole } = await connected({ server });
    await fold.submit(soleOrder(terms(limit)));
    await expect(whole()).rejects.toThrow('/v2/orders');
  });
});

describe('lists', () => {
  it.each([10, 50])('are read to their end where a page has %i at most, whatever was asked for', async (pageLimit) => {
    const server = await startAlpaca();
    server.faults.pageLimit = pageLimit;
    const { fold, terms, whole } = await connected({ server });
    server.exchange.setOffer(1);
    for (let n = 0; n < 26; n += 1) await fold.submit(soleOrder(terms(limit)));
    for (let n = 0; n < 2; n += 1) server.exchange.move('QQQ', AT);
    await until(() => fold.fills.size === 52);
    const held = await whole();
    expect(held.orders).toHaveLength(26);
    expect(held.fills.map(({ execKey }) => execKey).sort()).toEqual([...fold.fills.keys()].sort());
  });
});

describe('a submit whose answer is lost', () => {
  it('is in doubt while the lists are behind, and found when they are not', async () => {
    const { server, broker, fold, terms } = await connected();
    Object.assign(server.faults, { afterAccept: 502, hidden: 2, mute: true });
    const entry = terms(limit);
    expect(await fold.submit(soleOrder(entry))).toMatchObject({ kind: 'unknown' });
    // One look that finds nothing proves nothing: the desk looks twice before it says so.
    expect(await broker.find(entry.clientOrderId)).toEqual({ kind: 'absent' });
    expect(broker.capabilities.absence).toEqual({ looks: 2, apartMs: 10_000 });
    server.exchange.move('QQQ', AT);
    expect(await broker.find(entry.clientOrderId)).toMatchObject({ kind: 'found', fills: [{ quantity: 3 }] });
    expect((await fold.submit(soleOrder(entry))).kind).toBe('unknown');
    expect(server.posted(entry.clientOrderId)).toBe(1);
  });

  it.each([409, 422])('%i for a second order of one id adopts the first', async (status) => {
    const { server, fold, terms } = await connected();
    const entry = terms(limit);
    server.exchange.place({
      ...{ symbol: 'QQQ', qty: 3, side: 'buy', type: 'limit', tif: 'day', limit: '480.00', stop: null },
      ...{ clientOrderId: entry.clientOrderId, orderClass: '', takeProfit: null, stopLoss: null },
    });
    server.faults.refuse = { status, code: 40010001, message: 'client_order_id must be unique' };
    expect(await fold.submit(soleOrder(entry))).toEqual({ kind: 'accepted' });
    server.exchange.move('QQQ', AT);
    await until(() => fold.order(entry).life === 'filled');
    expect(server.exchange.orders).toHaveLength(1);
  });

  it('held off until a date of the calendar is a refusal when that is far, and sent once when it is not', async () => {
    const { server, fold, terms } = await connected();
    Object.assign(server.faults, { limited: 1, retryAfter: new Date(Date.now() + 30_000).toUTCString() });
    const far = terms(limit);
    expect(await fold.submit(soleOrder(far))).toMatchObject({
      ...{ kind: 'rejected', reason: expect.stringMatching(/no more requests for (29|30) s/) as unknown },
    });
    expect(server.requests.filter((one) => one === 'POST /v2/orders')).toHaveLength(1);
    Object.assign(server.faults, { limited: 1, retryAfter: new Date(Date.now() - 5_000).toUTCString() });
    const soon = terms(limit);
    expect(await fold.submit(soleOrder(soon))).toEqual({ kind: 'accepted' });
    expect(server.exchange.orders.map(({ clientOrderId }) => clientOrderId)).toEqual([soon.clientOrderId]);
  });
});

describe('the logon of the stream', () => {
  it.each([
    ['[{"T":"error","code":406,"msg":"connection limit exceeded"}]', 'connection limit exceeded'],
    ['{"stream":"error","data":{"error":"too many sessions","code":406}}', 'too many sessions'],
  ])('refused with a word of its own (%s) is told by it', async (logonWord, word) => {
    const side = await deskSide();
    side.server.faults.logonWord = logonWord;
    await expect(side.connect()).rejects.toThrow(word);
    expect(side.broker.connection()).toMatchObject({
      ...{ state: 'disconnected', detail: expect.stringContaining(word) as unknown },
    });
  });

  it('without an answer is given up in its time, and nothing was sent', async () => {
    const clock = createVirtualClock(Date.now());
    const side = await deskSide({ parts: { clock } });
    side.server.faults.logonWord = '';
    passTime(clock);
    await expect(side.connect()).rejects.toThrow('did not answer the logon');
    expect(await side.broker.submit(soleOrder(contractTerms('QQQ', ACCOUNT, limit)))).toMatchObject({
      kind: 'rejected',
    });
    side.server.faults.logonWord = null;
    await side.connect();
    expect(side.broker.connection().state).toBe('live');
  });
});

describe('a cancel', () => {
  it('that is overtaken by the last execution is too late, and the position is right', async () => {
    const pending: Habit = () => (update) => [told(update, 'pending_cancel', 'pending_cancel'), update];
    const server = await startAlpaca(0, { dialect: spoken(pending) });
    const { broker, fold, terms } = await connected({ server });
    const entry = terms(limit);
    await fold.submit(soleOrder(entry));
    server.faults.refuseCancel = true;
    const outcome = broker.cancel(fold.order(entry));
    server.exchange.move('QQQ', AT);
    expect((await outcome).kind).toBe('refused');
    await until(() => fold.order(entry).life === 'filled');
    expect(fold.position()).toBe(3);
  });

  it('after a part was filled, told before that part, loses nothing', async () => {
    // The end overtakes the execution.
    const late: Habit = () => {
      const held: Update[] = [];
      return (update) => {
        if (isFill(update)) held.push(update);
        return isFill(update) ? [] : [update, ...held.splice(0)];
      };
    };
    const server = await startAlpaca(0, { dialect: spoken(late) });
    const { broker, fold, terms } = await connected({ server });
    const entry = terms(limit);
    await fold.submit(soleOrder(entry));
    server.exchange.setOffer(1);
    server.exchange.move('QQQ', AT);
    expect(await broker.cancel(fold.order(entry))).toEqual({ kind: 'accepted' });
    await until(() => fold.position() === 1);
    expect(fold.order(entry)).toMatchObject({ life: 'canceled', filled: 1 });
  });
});

it('parts of a lot of crypto are booked as the lots they make up, and none of them twice', async () => {
  const { server, fold, terms, whole } = await connected({ instruments: [bitcoin()] });
  const entry = terms({ type: 'limit', price: ticks(60_000), quantity: 2, timeInForce: 'gtc' });
  await fold.submit(soleOrder(entry));
  const [order] = server.exchange.orders;
  for (const part of [0.04, 0.07, 0.000000001, 0.089999999]) server.exchange.fill(order!, part, '60000');
  await until(() => fold.position() === 2);
  expect([...fold.fills.values()].map(({ quantity }) => quantity)).toEqual([1, 1]);
  expect((await whole()).fills.map(({ execKey }) => execKey)).toEqual([...fold.fills.keys()]);
  expect((await whole()).positions).toMatchObject([{ quantity: 2 }]);
});
