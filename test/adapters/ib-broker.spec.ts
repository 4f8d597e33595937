import { describe, expect, it } from 'vitest';
import { epochMs, moneyFromUsd, ticks } from '#shared/units.ts';
import { alone, bracket, deskSide, orderOf, SYMBOL, until } from '#test/support/ib/desk-side.ts';

const NOW = epochMs(0);
const signal = new AbortController().signal;

describe('a session with TWS, through every version of its protocol', () => {
  it.each([151, 163, 164, 176, 182, 187, 192, 193])(
    'API version %i: bracket, fills, stop, whole lists',
    async (version) => {
      const { tws, broker, connect, told, events } = await deskSide({ tws: { version } });
      await connect();
      expect(broker.connection()).toMatchObject({ state: 'live', detail: null });
      expect(broker.definition(SYMBOL)).toEqual({ tickSize: 0.25, tickValueUsd: 5 });

      const nq = tws.contract('NQZ6');
      tws.move(nq, { bid: 20_001, ask: 20_001.25, last: 20_001 });
      const { entry, stop, target } = bracket();
      expect(await broker.submit({ entry, stop, target })).toEqual({ kind: 'accepted' });
      expect(told(entry.clientOrderId)).toEqual(['working']);
      expect(told(stop.clientOrderId)).toEqual(['acknowledged']);

      tws.move(nq, { bid: 19_999.75, ask: 20_000, last: 20_000 }, 1);
      await until(() => told(entry.clientOrderId).length === 2);
      tws.move(nq, { bid: 19_999.75, ask: 20_000, last: 20_000 }, 1);
      await until(() => told(entry.clientOrderId).length === 3);
      expect(told(entry.clientOrderId)).toEqual(['working', 'filled 1@80000', 'filled 1@80000']);

      tws.move(nq, { bid: 19_990, ask: 19_990.25, last: 19_990 });
      await until(() => told(target.clientOrderId).includes('canceled'));
      expect(told(stop.clientOrderId)).toEqual(['acknowledged', 'working', 'filled 2@79960']);

      const snapshot = await broker.snapshot(NOW, signal);
      expect(snapshot).toMatchObject({ isComplete: true, orders: [], positions: [] });
      expect(snapshot.fills.map(({ direction, quantity, price, fee }) => [direction, quantity, price, fee])).toEqual([
        [1, 1, 80_000, moneyFromUsd(2.25)],
        [1, 1, 80_000, moneyFromUsd(2.25)],
        [-1, 2, 79_960, moneyFromUsd(4.5)],
      ]);
      expect(new Map(snapshot.completed.map((o) => [o.clientOrderId, o.state]))).toEqual(
        new Map([
          [entry.clientOrderId, 'filled'],
          [stop.clientOrderId, 'filled'],
          [target.clientOrderId, 'canceled'],
        ]),
      );
      expect(events.filter(({ kind }) => kind === 'fill-correction')).toEqual([]);
    },
  );
});

describe('orders', () => {
  it('a working order is changed under its own id, and cancelled', async () => {
    const { tws, broker, connect, told } = await deskSide();
    await connect();
    const { entry } = alone();
    await broker.submit({ entry, stop: null, target: null });
    const order = orderOf(entry);
    expect(await broker.replace(order, { quantity: 1, price: ticks(79_000) })).toEqual({ kind: 'accepted' });
    expect(tws.order(entry.clientOrderId)).toMatchObject({ quantity: 1, lmtPrice: '19750' });
    expect(await broker.cancel(order)).toEqual({ kind: 'accepted' });
    await until(() => told(entry.clientOrderId).length === 3);
    expect(told(entry.clientOrderId)).toEqual(['working', 'replaced', 'canceled']);
    expect(await broker.cancel(order)).toMatchObject({ kind: 'refused' });
    expect(new Set(tws.received.filter((f) => f[0] === '3').map((f) => f[1])).size).toBe(1);
  });
});
