import { describe, expect, it } from 'vitest';
import { epochMs, ticks } from '#shared/units.ts';
import { bracketGroup, contractTerms, foldOf, soleOrder, until } from '#test/support/broker-contract.ts';
import { ACCOUNT, dtcRig, SYMBOL } from '#test/support/dtc-server/rig.ts';
import type { Message } from '#test/support/dtc-server/wire.ts';

/**
 * Servers of DTC that are not Sierra Chart: each says the same trade in a way the header allows, or that servers in the
 * field are known for. Whatever the way, the desk has the executions of the server, each once.
 */

const signal = new AbortController().signal;
const isFill = ({ Type, OrderUpdateReason: reason }: Message): boolean =>
  Type === 301 && (reason === 4 || reason === 5);
const without = (message: Message, ...names: readonly string[]): Message =>
  Object.fromEntries(Object.entries(message).filter(([name]) => !names.includes(name))) as Message;

/** What a server says in the place of its messages; made anew for each server. */
type Habit = () => (message: Message) => readonly Message[];
const one =
  (change: (message: Message) => Message): Habit =>
  () =>
  (message) => [change(message)];

/** Texts in fields of a fixed length, with what is left of it. */
const padded = one((message) => {
  const wide = (value: unknown): unknown => (typeof value === 'string' && value !== '' ? `${value}\0\0  ` : value);
  return Object.fromEntries(Object.entries(message).map(([name, value]) => [name, wide(value)])) as Message;
});
/** A struct with zeros where nothing changed. */
const zeroed = one((message) =>
  message.Type === 301 && Number(message['OrderUpdateReason']) > 2
    ? {
        ...message,
        ...{ Price1: 0, Price2: 0, OrderQuantity: 0, OrderType: 0, BuySell: 0, TimeInForce: 0, AverageFillPrice: 0 },
        ...{ Symbol: '', FreeFormText: '', PreviousServerOrderID: '', GoodTillDateTime: 0 },
        ...(isFill(message) ? {} : { FilledQuantity: 0, LastFillPrice: 0, LastFillQuantity: 0 }),
      }
    : message,
);
/** How much is left, and not how much was filled. */
const remaining = one((message) => (message.Type === 301 ? without(message, 'FilledQuantity') : message));
/** Neither how much is left nor what was filled with each execution: the list of executions has it. */
const terse = one((message) =>
  isFill(message) ? without(message, 'LastFillQuantity', 'LastFillPrice', 'RemainingQuantity') : message,
);
/** Nothing names the request it answers. */
const unnumbered = one((message) =>
  [301, 304, 306, 401, 507, 600].includes(message.Type) ? without(message, 'RequestID') : message,
);
/** … and what is open is not said to be an answer. */
const unreasoned = one((message) =>
  message.Type === 301 && message['OrderUpdateReason'] === 1 && message['NoOrders'] !== 1
    ? without(message, 'RequestID', 'OrderUpdateReason')
    : message,
);
/** Positions are told unasked, in the middle of an answer, and do not say so. */
const pushed: Habit = () => (message) =>
  message.Type === 306 && message['Unsolicited'] !== 1
    ? [without({ ...message, Symbol: 'ES', Quantity: 1 }, 'RequestID', 'NoPositions'), message]
    : [without(message, 'Unsolicited')];
/** The newest execution is listed first. */
const newestFirst: Habit = () => {
  let held: Message[] = [];
  return (message) => {
    if (message.Type !== 304 || message['NoOrderFills'] === 1) return [message];
    held.push(message);
    if (held.length < Number(message['TotalNumberMessages'])) return [];
    const list = held.reverse().map((each, n) => ({ ...each, MessageNumber: n + 1 }));
    held = [];
    return list;
  };
};
/** Every execution of an order goes by one id, which is the order's. */
const sameIds = one((message) =>
  isFill(message)
    ? { ...message, LastFillExecutionID: `X${String(message['ServerOrderID'])}` }
    : message.Type === 304
      ? { ...message, UniqueExecutionID: `X${String(message['ServerOrderID'])}` }
      : message,
);
/** … or by a zero. */
const zeroIds = one((message) =>
  isFill(message)
    ? { ...message, LastFillExecutionID: '0' }
    : message.Type === 304
      ? { ...message, UniqueExecutionID: '0' }
      : message,
);
/** What was sold is listed below zero. */
const signed = one((message) =>
  message.Type === 304 && message['BuySell'] === 2 ? { ...message, Quantity: -Number(message['Quantity']) } : message,
);
/** Reasons tell what happened; the status says nothing. */
const statusless = one((message) =>
  message.Type === 301 && Number(message['OrderUpdateReason']) >= 4 && Number(message['OrderUpdateReason']) <= 6
    ? { ...message, OrderStatus: 0 }
    : message,
);
/** An order is confirmed after what it has done. */
const lateAcks: Habit = () => {
  const held: Message[] = [];
  return (message) => {
    if (message.Type === 301 && message['OrderUpdateReason'] === 2 && message['ParentServerOrderID'] === undefined) {
      held.push(message);
      return [];
    }
    return message.Type === 301 ? [message, ...held.splice(0)] : [message];
  };
};

async function trade(habit: Habit, over: { readonly hasIds?: boolean } = {}) {
  const execPrefix = over.hasIds === false ? null : 'E';
  const rig = await dtcRig({ server: { vary: habit(), execPrefix } });
  const { server, broker, clock } = rig;
  const fold = foldOf(broker);
  const settled = async <T>(work: Promise<T>): Promise<T> => {
    const end = { isThere: false };
    void work.finally(() => (end.isThere = true)).catch(() => undefined);
    for (let n = 0; !end.isThere; n += 1) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (n > 20) clock.advanceTo(clock.now() + 100);
    }
    return work;
  };
  await settled(broker.connect(signal));
  const { exchange } = server;
  const quote = (bid: number): void => server.quote(SYMBOL, bid * 0.25, (bid + 1) * 0.25);
  const inStep = async (what: string): Promise<void> => {
    const isSo = (): boolean => fold.position() === exchange.position(SYMBOL);
    for (let n = 0; !isSo() && n < 3_000; n += 1) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (n > 20) clock.advanceTo(clock.now() + 100);
    }
    expect(fold.position(), what).toBe(exchange.position(SYMBOL));
  };
  const group = bracketGroup(
    contractTerms(SYMBOL, ACCOUNT, { type: 'limit', price: ticks(990), quantity: 3 }),
    980,
    1010,
  );
  quote(1000);
  exchange.offered = 1;
  const sent = await settled(fold.submit(group));
  for (let n = 1; n <= 3; n += 1) {
    quote(990 - n);
    await inStep(`part ${n} of the entry`);
  }
  for (let n = 1; n <= 3; n += 1) {
    quote(980 - n);
    await inStep(`part ${n} of the stop`);
  }
  return { ...rig, fold, group, sent, settled, execPrefix };
}
type Traded = Awaited<ReturnType<typeof trade>>;
const moneyOf = (fills: readonly { direction: number; quantity: number; price: number }[]): number =>
  fills.reduce((sum, { direction, quantity, price }) => sum + direction * quantity * price, 0);
const moneyAt = ({ server }: Traded): number =>
  server.exchange.executions.reduce(
    (sum, { side, quantity, price }) => sum + ((side === 1 ? 1 : -1) * quantity * price) / 0.25,
    0,
  );

describe('a bracket at a server that writes otherwise', () => {
  it.each<[string, Habit, boolean?]>([
    ['pads its texts', padded],
    ['sends zeros for what is not set', zeroed],
    ['counts what is left', remaining],
    ['tells executions in the list alone', terse],
    ['answers without numbers', unnumbered],
    ['answers without numbers or reasons', unreasoned],
    ['tells positions unasked in the middle of an answer', pushed],
    ['lists the newest execution first', newestFirst],
    ['lists the newest execution first, without ids', newestFirst, false],
    ['has one id for all executions of an order', sameIds],
    ['has a zero for an id of executions', zeroIds],
    ['lists what was sold below zero', signed],
    ['tells no status', statusless],
    ['confirms orders after what they have done', lateAcks],
  ])('%s', async (_, habit, hasIds = true) => {
    const traded = await trade(habit, { hasIds });
    const { fold, group, broker, server, settled, sent, execPrefix } = traded;
    expect(broker.connection()).toMatchObject({ state: 'live', detail: null });
    expect(sent).toEqual({ kind: 'accepted' });
    const held = await settled(broker.snapshot(epochMs(0), signal));
    expect(held).toMatchObject({ isComplete: true, orders: [], positions: [] });
    for (const fill of held.fills) fold.takeFill(fill);
    expect(fold.fills.size).toBe(6);
    expect(moneyOf([...fold.fills.values()])).toBe(moneyAt(traded));
    expect(fold.order(group.entry)).toMatchObject({ life: 'filled', filled: 3, price: 990 });
    expect(fold.order(group.stop)).toMatchObject({ life: 'filled', filled: 3, price: 980 });
    expect(fold.order(group.target)).toMatchObject({ life: 'canceled', filled: 0, price: 1010 });
    expect(fold.external).toEqual([]);
    expect(server.complaints).toEqual([]);
    // After a restart the list says nothing new.
    const journal = {
      orders: () => [...fold.orders.values()],
      fills: () => [...fold.fills.values()],
      ...{ fill: () => null, events: () => [] },
    };
    await broker.close();
    const next = await dtcRig({ server: { exchange: server.exchange, vary: habit(), execPrefix }, parts: { journal } });
    await settled(next.broker.connect(signal));
    const again = await settled(next.broker.snapshot(epochMs(0), signal));
    expect(again.fills.map(({ execKey }) => execKey).sort()).toEqual([...fold.fills.keys()].sort());
  });
});

describe('what is not quite JSON', () => {
  it.each([
    [
      'a price that is no number',
      '{"Type":301,"ServerOrderID":"X1","ClientOrderID":"c","Price2":nan,"Price1":-1.#IND}',
    ],
    ['the largest number in words', '{"Type":306,"Symbol":"X","Quantity":0,"QuantityLimit":inf,"Unsolicited":1}'],
    ['a line end in a text', '{"Type":701,"MessageText":"one\nand\ttwo\u0001"}'],
    ['a path in a text', String.raw`{"Type":700,"UserMessage":"C:\SierraChart\Data\q.scid"}`],
  ])('%s does not end the session', async (_, text) => {
    const { server, broker } = await dtcRig();
    await broker.connect(signal);
    const fold = foldOf(broker);
    server.raw(Buffer.from(`${text}\0`, 'latin1'));
    const entry = contractTerms(SYMBOL, ACCOUNT, { type: 'limit', price: ticks(900) });
    expect(await fold.submit(soleOrder(entry))).toEqual({ kind: 'accepted' });
    expect(broker.connection().state).toBe('live');
  });
});

describe('an order that is changed', () => {
  it('is known by the id the server gives it, and by what it was before', async () => {
    const renamed = one((message) =>
      message.Type === 301 && message['OrderUpdateReason'] === 7
        ? { ...message, ClientOrderID: 'srv-1', PreviousClientOrderID: message['ClientOrderID'] }
        : message,
    );
    const { broker } = await dtcRig({ server: { vary: renamed() } });
    await broker.connect(signal);
    const fold = foldOf(broker);
    const entry = contractTerms(SYMBOL, ACCOUNT, { type: 'limit', price: ticks(900) });
    await fold.submit(soleOrder(entry));
    expect(await broker.replace(fold.order(entry), { quantity: 2, price: ticks(901) })).toEqual({ kind: 'accepted' });
    await until(() => fold.order(entry).price === 901);
    expect(fold.external).toEqual([]);
  });
});

it('a list that leaves out what was executed is no list', async () => {
  const halved = one((message) => (message.Type === 304 ? { ...message, Quantity: 0.5 } : message));
  const { broker, server } = await dtcRig({ server: { vary: halved() } });
  await broker.connect(signal);
  server.quote(SYMBOL, 250, 250.25);
  await foldOf(broker).submit(soleOrder(contractTerms(SYMBOL, ACCOUNT)));
  await expect(broker.snapshot(epochMs(0), signal)).rejects.toThrow(/0\.5 .*no whole number of contracts/);
});
