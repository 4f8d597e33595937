import { describe, expect, it } from 'vitest';
import { epochMs, ticks } from '#shared/units.ts';
import type { FillCorrection } from '#shared/domain/order.ts';
import type { BrokerSnapshot } from '#desk/ports/broker.ts';
import { foldOf, soleOrder, contractTerms, until } from '#test/support/broker-contract.ts';
import { ACCOUNT, deskSide, type DeskSideOptions } from '#test/support/alpaca/desk-side.ts';
import type { AlpacaServer } from '#test/support/alpaca-server/server.ts';
import { generator } from '#test/support/random.ts';
import { seedsOf } from '#test/support/scale.ts';
import { temporaryJournal } from '#test/support/temp-journal.ts';

const signal = new AbortController().signal;
const limit = { type: 'limit', price: ticks(48_000), quantity: 3 } as const;
const AT = { bid: '479.99', ask: '480.00' };
const LATER = { bid: '479.98', ask: '479.99' };

async function connected(options: DeskSideOptions = {}) {
  const side = await deskSide(options);
  await side.connect();
  const fold = foldOf(side.broker);
  const entry = contractTerms('QQQ', ACCOUNT, limit);
  return { ...side, fold, entry, whole: () => side.broker.snapshot(epochMs(0), signal) };
}
type Side = Awaited<ReturnType<typeof connected>>;

/** Three shares, bought one by one. */
async function filled(options: DeskSideOptions = {}) {
  const side = await connected(options);
  const { server, fold, entry } = side;
  server.exchange.setOffer(1);
  await fold.submit(soleOrder(entry));
  for (let n = 1; n <= 3; n += 1) {
    server.exchange.move('QQQ', AT);
    await until(() => fold.fills.size === n, `part ${n}`);
  }
  expect(fold.order(entry).life).toBe('filled');
  const [first, second, third] = server.exchange.executions;
  if (first === undefined || second === undefined || third === undefined) throw new Error('three were executed');
  return { ...side, first, second, third };
}
const worth = ({ fold }: Pick<Side, 'fold'>): number =>
  fold.standing().reduce((sum, { quantity, price, direction }) => sum + direction * quantity * price, 0);
const costAt = ({ exchange }: AlpacaServer): number =>
  Math.round(exchange.orders.reduce((sum, { cost, side }) => sum + (side === 'buy' ? cost : -cost), 0) * 100);
/** What the desk does with a snapshot: corrections of what it has, then the executions. */
const takeIn = ({ fold }: Pick<Side, 'fold'>, { corrections = [], fills }: BrokerSnapshot): void => {
  for (const correction of corrections) if (fold.fills.has(correction.execKey)) fold.takeCorrection(correction);
  for (const fill of fills) fold.takeFill(fill);
};

describe('an execution that is busted or corrected, told by the stream', () => {
  it('a bust takes it back, and the order works again', async () => {
    const side = await filled();
    const { server, fold, entry, second, broker, whole } = side;
    server.exchange.amend(second, null);
    await until(() => fold.position() === 2, 'the bust');
    const [, key] = [...fold.fills.keys()];
    expect([...fold.corrections.values()]).toMatchObject([
      { execKey: key, version: 1, corrected: null, reason: 'Alpaca has busted the execution: TRADE_BUST' },
    ]);
    expect(await broker.find(entry.clientOrderId)).toMatchObject({
      ...{ kind: 'found', order: { state: 'working', filled: 2 }, fills: [{ quantity: 1 }, { quantity: 1 }] },
    });
    const held = await whole();
    expect(held.orders).toMatchObject([{ clientOrderId: entry.clientOrderId, filled: 2 }]);
    expect(held.positions).toMatchObject([{ quantity: 2 }]);
    // What works again can be cancelled.
    expect(await broker.cancel(fold.order(entry))).toEqual({ kind: 'accepted' });
  });

  // Again and again: the desk's clock and the server's differ by some ms, now and then the wrong way round.
  it(
    'what fills in the place of a busted execution is booked, though the order had filled as much before',
    { repeats: 20 },
    async () => {
      const side = await filled();
      const { server, fold, third, whole } = side;
      server.exchange.amend(third, null);
      server.exchange.move('QQQ', LATER);
      await until(() => fold.fills.size === 4, 'the new execution');
      expect(fold.position()).toBe(3);
      expect(worth(side)).toBe(costAt(server));
      const keys = [...fold.fills.keys()];
      expect(keys[3]).toBe(`${keys[2] ?? ''}|2`);
      const held = await whole();
      expect(held.fills.map(({ execKey }) => execKey)).toEqual([keys[0], keys[1], keys[3]]);
      takeIn(side, held);
      expect([fold.position(), fold.fills.size]).toEqual([3, 4]);
    },
  );

  it('a correction puts other values in its place, and a later one others again', async () => {
    const side = await filled();
    const { server, fold, first, whole } = side;
    server.exchange.amend(first, { qty: 1, price: '479.50' });
    await until(() => worth(side) === costAt(server), 'the price');
    server.exchange.amend(first, { qty: 2, price: '479.75' });
    await until(() => worth(side) === costAt(server), 'the quantity');
    expect(fold.position()).toBe(4);
    expect([...fold.corrections.values()]).toMatchObject([{ version: 2, corrected: { quantity: 2, price: 47_975 } }]);
    takeIn(side, await whole());
    expect([fold.position(), worth(side)]).toEqual([4, costAt(server)]);
    expect([...fold.corrections.values()]).toMatchObject([{ version: 2 }]);
  });

  it('is taken once when it is told twice, and when it is told before the execution itself', async () => {
    const side = await connected();
    const { server, fold, entry } = side;
    server.exchange.setOffer(1);
    await fold.submit(soleOrder(entry));
    server.exchange.move('QQQ', AT);
    await until(() => fold.fills.size === 1);
    // The second execution is told after its own bust.
    server.faults.reorder = true;
    server.exchange.move('QQQ', AT);
    const [, second] = server.exchange.executions;
    server.exchange.amend(second!, null);
    await until(() => fold.corrections.size === 1, 'the bust');
    expect([fold.fills.size, fold.position()]).toEqual([2, 1]);
    server.faults.reorder = false;
    server.faults.duplicate = true;
    server.exchange.amend(server.exchange.executions[0]!, { qty: 1, price: '479.00' });
    await until(() => worth(side) === costAt(server), 'the price');
    expect([...fold.corrections.values()].map(({ version }) => version)).toEqual([1, 1]);
  });

  it.each(['apart', 'in place'] as const)('without ids or values it is looked up in the list (%s)', async (amended) => {
    const side = await filled();
    const { server, fold, second } = side;
    Object.assign(server.faults, { bareAmendments: true, amended });
    server.exchange.amend(second, { qty: 1, price: '479.25' });
    await until(() => worth(side) === costAt(server), 'the correction');
    expect(fold.corrections.size).toBe(1);
  });

  it.each([
    { amended: 'in place', word: 'is the one the list no longer has' },
    { amended: 'never', word: 'is told as one the desk does not know' },
  ] as const)('of which nothing says which execution it is about ($amended) $word', async ({ amended }) => {
    const { server, fold, first, second } = await filled();
    server.exchange.amend(first, { qty: 1, price: '479.00' });
    await until(() => fold.corrections.size === 1);
    Object.assign(server.faults, { bareAmendments: true, amended });
    server.exchange.amend(second, null);
    await until(() => fold.corrections.size === 2, 'the word of it');
    const [, correction] = fold.corrections.values();
    const [, key] = fold.fills.keys();
    expect(correction?.execKey === key).toBe(amended === 'in place');
    if (amended === 'never') expect(correction?.reason).toContain('does not say which');
  });
});

describe('an execution that is busted or corrected while nobody listens', () => {
  it.each(['apart', 'in place'] as const)('is found when the line is back (%s)', async (amended) => {
    const side = await filled();
    const { server, broker, fold, first, third, whole } = side;
    Object.assign(server.faults, { mute: true, amended });
    server.drop();
    await until(() => broker.connection().state === 'disconnected');
    server.exchange.amend(first, { qty: 1, price: '479.50' });
    if (amended === 'apart') server.exchange.amend(third, null);
    await broker.connect(signal);
    takeIn(side, await whole());
    expect(fold.position()).toBe(server.exchange.position('QQQ'));
    expect(worth(side)).toBe(costAt(server));
    const versions = [...fold.corrections.values()].map(({ version }) => version);
    takeIn(side, await whole());
    expect([...fold.corrections.values()].map(({ version }) => version)).toEqual(versions);
  });

  it.each(['apart', 'in place'] as const)('is found after a restart of the desk, once (%s)', async (amended) => {
    const side = await filled();
    const { server, broker, fold, first, third } = side;
    const journal = temporaryJournal();
    const at = epochMs(Date.now());
    // Some time ago: a list may be late, but not by minutes.
    const old = [...fold.fills.values()].map((fill) => ({ ...fill, receivedAt: epochMs(at - 120_000) }));
    journal.append(old.map((fill) => ({ at, event: { kind: 'fill' as const, fill } })));
    await broker.close();
    server.faults.amended = amended;
    server.exchange.amend(first, { qty: 1, price: '479.50' });
    server.exchange.amend(third, null);
    const restarted = async () => {
      const next = await connected({ server, parts: { journal } });
      for (const fill of journal.fills({})) next.fold.takeFill(fill);
      const held = await next.whole();
      const news = (held.corrections ?? []).filter(({ execKey }) => journal.hasFill('alpaca', ACCOUNT, execKey));
      journal.append(news.map((correction) => ({ at, event: { kind: 'fill-correction' as const, correction } })));
      await next.broker.close();
      return { held, news };
    };
    const { held, news } = await restarted();
    expect(news.map(({ version, corrected }) => [version, corrected?.price ?? null])).toEqual([
      ...[[1, 47_950] as const],
      ...[[1, null] as const],
    ]);
    expect(held.positions).toMatchObject([{ quantity: 2 }]);
    expect(journal.fills({}).map(({ price, quantity }) => [price, quantity])).toEqual([
      ...[[47_950, 1] as const],
      ...[[48_000, 1] as const],
    ]);
    // Known now: nothing is told a second time.
    const again = await restarted();
    expect(again.news).toEqual([]);
    expect(again.held.fills.map(({ execKey }) => execKey).sort()).toEqual(
      journal
        .fills({})
        .map(({ execKey }) => execKey)
        .sort(),
    );
    // And what comes next has the next number.
    server.exchange.amend(first, { qty: 1, price: '479.25' });
    expect((await restarted()).news).toMatchObject([{ version: 2, corrected: { price: 47_925 } }]);
  });
});

describe('two executions that came to one count, after a bust and a restart', () => {
  /** The desk goes, something happens, and another desk comes to the same journal. */
  const away = async ({ server, broker, fold }: Side, happens: () => void) => {
    const journal = temporaryJournal();
    const at = epochMs(Date.now());
    const facts = [
      ...[...fold.fills.values()].map((fill) => ({ kind: 'fill' as const, fill })),
      ...fold.told.map((correction) => ({ kind: 'fill-correction' as const, correction })),
    ];
    journal.append(facts.map((event) => ({ at, event })));
    await broker.close();
    happens();
    const next = await connected({ server, parts: { journal } });
    for (const fill of journal.fills({})) next.fold.takeFill(fill);
    takeIn(next, await next.whole());
    return next;
  };

  it('are told apart by when they were made, though the new one costs what the other did before its correction', async () => {
    const side = await filled();
    const { server, fold, second, third } = side;
    server.faults.amended = 'in place';
    server.exchange.amend(second, null);
    server.exchange.amend(third, { qty: 1, price: '479.19' });
    await until(() => fold.corrections.size === 2 && fold.position() === 2);
    const next = await away(side, () => server.exchange.move('QQQ', AT));
    expect(server.exchange.executions.map(({ cum }) => cum)).toEqual([1, 2, 3, 3]);
    expect([next.fold.position(), worth(next)]).toEqual([3, costAt(server)]);
  });

  it('are two, though all is alike: Alpaca counts more as filled than what stands', async () => {
    const side = await filled();
    const { server, third } = side;
    server.faults.amended = 'in place';
    server.exchange.amend(third, null);
    await until(() => side.fold.position() === 2);
    const next = await away(side, () => server.exchange.move('QQQ', AT));
    expect([next.fold.position(), worth(next)]).toEqual([3, costAt(server)]);
    takeIn(next, await next.whole());
    expect([next.fold.position(), next.fold.fills.size]).toEqual([3, 3]);
  });

  it('are one, where Alpaca lists what was busted and counts no more as filled', async () => {
    const side = await filled();
    const { server, third } = side;
    server.faults.amended = 'never';
    server.exchange.amend(third, null);
    await until(() => side.fold.position() === 2);
    const next = await away(side, () => undefined);
    expect([next.fold.position(), worth(next)]).toEqual([2, costAt(server)]);
  });

  it('are two, where the one was busted long before the other was made at its price', async () => {
    const side = await connected();
    const { server, fold, entry } = side;
    const { exchange, faults } = server;
    faults.amended = 'in place';
    exchange.setOffer(1);
    await fold.submit(soleOrder(entry));
    exchange.move('QQQ', AT);
    await until(() => fold.fills.size === 1);
    exchange.amend(exchange.executions[0]!, null);
    await until(() => fold.position() === 0 && fold.corrections.size === 1);
    const later = Date.now() + 300_000;
    exchange.now = () => later;
    const next = await away(side, () => exchange.move('QQQ', AT));
    expect([next.fold.position(), worth(next)]).toEqual([1, costAt(server)]);
  });
});

/** `DURABILITY_SCALE=50` makes four hundred of eight, `SEED=n` is that one alone. */
describe('fills, busts, corrections, cuts and restarts in any order', () => {
  it.each(seedsOf(8))('seed %i: in the end the desk has the position and the money of the venue', async (seed) => {
    const random = generator(seed);
    const below = (n: number): number => Math.floor(random() * n);
    let side = await connected();
    const { server } = side;
    const { exchange, faults } = server;
    faults.amended = seed % 2 === 0 ? 'apart' : 'in place';
    const entry = contractTerms('QQQ', ACCOUNT, { ...limit, quantity: 6 });
    exchange.setOffer(1);
    await side.fold.submit(soleOrder(entry));
    const amend = (mayBust: boolean): void => {
      const standing = exchange.executions.filter((one) => one.standing !== null);
      const one = standing[below(standing.length)];
      if (one === undefined) return;
      const price = `479.${String(10 + below(89))}`;
      if (mayBust && below(2) === 0) exchange.amend(one, null);
      else exchange.amend(one, { qty: 1, price });
    };
    const move = (): void => exchange.move('QQQ', { bid: '470.00', ask: `47${String(below(9))}.50` });
    const away = (): void => {
      for (let n = below(3); n >= 0; n -= 1) {
        if (below(2) === 0) move();
        // What the list shows in place is there no more: that is believed after a minute only.
        else amend(faults.amended === 'apart');
      }
    };
    const inStep = async (): Promise<void> =>
      until(() => side.fold.position() === exchange.position('QQQ') && worth(side) === costAt(server), `seed ${seed}`);
    for (let n = 0; n < 12; n += 1) {
      const act = below(10);
      if (act < 5) move();
      else if (act < 8) amend(true);
      else if (act === 8) {
        await inStep();
        server.drop();
        await until(() => side.broker.connection().state === 'disconnected');
        away();
        await side.broker.connect(signal);
        takeIn(side, await side.whole());
      } else {
        await inStep();
        const { fold, broker } = side;
        await broker.close();
        away();
        const journal = {
          orders: () => [...fold.orders.values()],
          fills: () => [...fold.standing()],
          fill: (_venue: string, _account: string, key: string) => fold.fills.get(key) ?? null,
          // As the journal has them: all there were, of which the fold keeps the last of each.
          events: () => [...fold.told].map((correction, at) => eventOf(correction, at)) as never,
        };
        side = await connected({ server, parts: { journal } });
        for (const [key, fill] of fold.fills) side.fold.fills.set(key, fill);
        for (const correction of fold.told) side.fold.takeCorrection(correction);
        for (const [id, order] of fold.orders) side.fold.orders.set(id, order);
        takeIn(side, await side.whole());
      }
      await inStep();
    }
    const { positions } = await side.whole();
    expect(positions.reduce((sum, { quantity }) => sum + quantity, 0)).toBe(exchange.position('QQQ'));
    // Each was placed: nothing was told of an execution the desk does not know.
    for (const { execKey } of side.fold.told) expect([...side.fold.fills.keys()]).toContain(execKey);
  });
});
const eventOf = (correction: FillCorrection, at: number) => ({
  ...{ seq: at + 1, at: epochMs(at), hash: '', prevHash: '' },
  event: { kind: 'fill-correction', correction },
});

describe('other words of the stream', () => {
  it('a cancel that was taken and then refused is told as refused, with the reason', async () => {
    const { server, broker, fold, entry } = await connected();
    await fold.submit(soleOrder(entry));
    server.faults.refuseCancel = true;
    expect(await broker.cancel(fold.order(entry))).toEqual({
      ...{ kind: 'refused', reason: 'Alpaca has refused the cancel: TOO_LATE_TO_CANCEL' },
    });
    expect(fold.order(entry).life).toBe('working');
    server.faults.refuseCancel = false;
    expect(await broker.cancel(fold.order(entry))).toEqual({ kind: 'accepted' });
  });

  it.each(['calculated', 'done_for_day', 'stopped', 'suspended', 'held', 'pending_cancel', 'something_new'])(
    '%s ends no order that has not filled, and one that has filled is filled',
    async (status) => {
      const { server, fold, entry, whole } = await connected();
      await fold.submit(soleOrder(entry));
      const [order] = server.exchange.orders;
      order!.status = status;
      expect(await whole()).toMatchObject({ orders: [{ state: 'working' }], completed: [] });
      server.exchange.fill(order!, 3, '480.00');
      await until(() => fold.order(entry).life === 'filled');
      order!.status = status;
      expect(await whole()).toMatchObject({ orders: [], completed: [{ filled: 3, state: 'filled' }] });
    },
  );
});
