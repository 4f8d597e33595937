import { describe, expect, it } from 'vitest';
import { epochMs, moneyFromUsd, ticks } from '#shared/units.ts';
import { foldOf } from '#test/support/broker-contract.ts';
import { alone, bracket, deskSide, orderOf, SYMBOL, until } from '#test/support/ib/desk-side.ts';
import type { TwsOptions } from '#test/support/tws-server/server.ts';

const NOW = epochMs(0);
const signal = new AbortController().signal;

/** Servers of other versions, each with its habits: the session is the same over all of them. */
const SERVERS: readonly (readonly [name: string, options: TwsOptions])[] = [
  ['API 151, times without a zone', { version: 151, habits: ['oldTimes'], hello: '20261129 11:21:14 CST' }],
  ['API 163, every word twice', { version: 163, habits: ['repeats'] }],
  ['API 164, the status before the order', { version: 164, habits: ['statusFirst', 'decimals'] }],
  ['API 176, no status of fills', { version: 176, habits: ['silentOnFills', 'closedPositions'] }],
  ['API 177, commissions before executions', { version: 177, habits: ['commissionFirst', 'unsetAsLargest'] }],
  ['API 182, an empty commission first', { version: 182, habits: ['emptyCommission', 'unsetAsLargest'] }],
  ['API 187, remarks as errors', { version: 187, habits: ['remarks'] }],
  ['API 189, ids later, step by step', { version: 189, habits: ['lateIds', 'steps'] }],
  ['API 192, ends told by an error', { version: 192, habits: ['endsByError', 'manyAccounts'] }],
  ['API 193, ends told by a status', { version: 193, habits: ['endsByStatus', 'steps'] }],
  ['API 193, many messages in one piece', { version: 193, faults: { burst: true } }],
  ['IB Gateway that starts slowly', { version: 193, startsSlowly: true, habits: ['remarks'] }],
];

describe('a session with TWS, whatever its version and its habits', () => {
  it.each(SERVERS)('%s: bracket, fills, stop, whole lists', async (_name, options) => {
    const { tws, broker, connect, events } = await deskSide({ tws: options });
    const fold = foldOf(broker);
    await connect();
    expect(broker.connection()).toMatchObject({ state: 'live', detail: null });
    expect(broker.definition(SYMBOL)).toEqual({ tickSize: 0.25, tickValueUsd: 5 });

    const nq = tws.contract('NQZ6');
    tws.move(nq, { bid: 20_001, ask: 20_001.25, last: 20_001 });
    const group = bracket();
    const { entry, stop, target } = group;
    expect(await fold.submit(group)).toEqual({ kind: 'accepted' });
    expect(fold.order(entry).life).toBe('working');
    expect(fold.order(stop).life).toBe('acked');

    for (let n = 1; n <= 2; n += 1) {
      tws.move(nq, { bid: 19_999.75, ask: 20_000, last: 20_000 }, 1);
      await until(() => fold.order(entry).filled === n);
    }
    expect(fold.order(entry).life).toBe('filled');
    tws.move(nq, { bid: 19_990, ask: 19_990.25, last: 19_990 });
    await until(() => fold.order(target).life === 'canceled');
    await until(() => fold.order(stop).life === 'filled');
    const told = [...fold.fills.values()].map(({ direction, quantity, price }) => [direction, quantity, price]);
    expect(told).toEqual([
      [1, 1, 80_000],
      [1, 1, 80_000],
      [-1, 2, 79_960],
    ]);

    const snapshot = await broker.snapshot(NOW, signal);
    expect(snapshot).toMatchObject({ isComplete: true, orders: [], positions: [] });
    expect(snapshot.fills.map(({ execKey, fee }) => [execKey, fee])).toEqual(
      [2.25, 2.25, 4.5].map((fee, n) => [[...fold.fills.keys()][n], moneyFromUsd(fee)]),
    );
    for (const { at, receivedAt } of snapshot.fills) expect(Math.abs(receivedAt - at)).toBeLessThan(60_000);
    expect(new Map(snapshot.completed.map((o) => [o.clientOrderId, o.state]))).toEqual(
      new Map([
        [entry.clientOrderId, 'filled'],
        [stop.clientOrderId, 'filled'],
        [target.clientOrderId, 'canceled'],
      ]),
    );
    expect(events.filter(({ kind }) => kind === 'fill-correction' || kind === 'external-order')).toEqual([]);
  });
});

describe('orders', () => {
  it('told twice, and their status before them, are listed once with what they have filled', async () => {
    const { tws, broker, connect } = await deskSide({ tws: { habits: ['statusFirst', 'repeats'] } });
    await connect();
    const { entry } = alone();
    await broker.submit({ entry, stop: null, target: null });
    tws.placeExternal({ contract: tws.contract('NQZ6'), lmtPrice: '19900' });
    tws.placeExternal({ contract: tws.contract('NQZ6'), lmtPrice: '19901' });
    tws.move(tws.contract('NQZ6'), { bid: 19_999.75, ask: 20_000, last: 20_000 }, 1);
    const { orders } = await broker.snapshot(NOW, signal);
    expect(orders.map(({ clientOrderId, filled, price }) => [clientOrderId, filled, price])).toEqual([
      [entry.clientOrderId, 1, 80_000],
      [null, 0, 79_600],
      [null, 0, 79_604],
    ]);
  });

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
