import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Desk } from '#desk/desk.ts';
import {
  ask,
  eventually,
  NQ,
  openVenueDesk,
  PRICE,
  proposal,
  startFrontTws,
  writeProfile,
} from '#test/support/venue-desk.ts';

const ACCOUNT = 'DU1234567';
const QUOTE = { bid: PRICE, ask: PRICE + 0.25, last: PRICE };

async function atTws() {
  const { tws, contract } = await startFrontTws({ accounts: [ACCOUNT] });
  const line = { kind: 'ib', port: tws.port };
  const broker = { ...line, whatIfMargin: true };
  const owner = { profile: 'paper', account: ACCOUNT } as const;
  const made = await writeProfile(owner, { broker, marketData: [line] });
  return { ...made, tws, contract };
}
/** Prices come; what is proposed is approved. Returns the order's id and its size. */
async function entered(desk: Desk, { tws, contract }: Awaited<ReturnType<typeof atTws>>) {
  await eventually(() => expect(tws.subscriptions()).not.toEqual([]));
  tws.move(contract, QUOTE);
  const { id, decision } = await proposal(desk);
  const { contracts } = decision;
  const { clientOrderId } = await ask(desk, 'recommendation.approve', { id, contracts });
  const entry = clientOrderId ?? '';
  await eventually(() => expect(tws.exchange.orders.some(({ orderRef }) => orderRef === entry)).toBe(true));
  return { entry, contracts };
}
/** The first order id that is not on disk as used. */
const reserved = (folder: string): number => {
  const name = readdirSync(folder).find((file) => file.startsWith('ib-order-ids-'));
  const kept: unknown = JSON.parse(readFileSync(join(folder, name ?? 'no order ids are kept'), 'utf8'));
  return (kept as { readonly next: number }).next;
};

describe('a paper profile at Interactive Brokers, from its connections file', () => {
  it('goes from connect to a closed trade in the journal', async () => {
    const at = await atTws();
    const { tws, contract, dataFolder } = at;
    const desk = await openVenueDesk(dataFolder, 'paper');
    await desk.ready();
    tws.exchange.setOffer(1);
    const { entry, contracts } = await entered(desk, at);
    expect(contracts).toBeGreaterThan(1);
    const { connections } = await ask(desk, 'risk.metrics', {});
    expect(connections.map(({ id, state }) => [id, state])).toEqual([
      ['model:lstm', 'live'],
      ['model:ensemble', 'live'],
      ['market:ib', 'live'],
      ['broker:ib', 'live'],
    ]);
    // One contract is offered at a time: the entry fills in parts.
    for (let n = 0; n < 20 && tws.order(entry).filled < contracts; n += 1) tws.move(contract, QUOTE);
    await eventually(async () => {
      const { positions, orders } = await ask(desk, 'desk.snapshot', {});
      expect(positions.map(({ quantity }) => quantity)).toEqual([contracts]);
      expect(orders.find((order) => order.clientOrderId === entry)).toMatchObject({ life: 'filled' });
    });
    const parts = tws.exchange.executions.filter(({ order }) => order.orderRef === entry);
    expect(parts).toHaveLength(contracts);

    tws.exchange.setOffer(Infinity);
    const hit = ((await ask(desk, 'desk.snapshot', {})).positions[0]?.stop ?? 0) * 0.25 - 0.25;
    tws.move(contract, { bid: hit, ask: hit + 0.25, last: hit });
    await eventually(async () => expect((await ask(desk, 'desk.snapshot', {})).positions).toEqual([]));
    const { trades, total } = await ask(desk, 'journal.trades', { limit: 20, offset: 0 });
    const closed = trades.slice(0, total - 40);
    expect(closed.reduce((sum, { quantity }) => sum + quantity, 0)).toBe(contracts);
    for (const trade of closed) {
      expect(trade).toMatchObject({ symbol: NQ.symbol, account: ACCOUNT, direction: 1 });
      expect(trade.net).toBeLessThan(0);
    }
    for (const id of [entry, `${entry}S`, `${entry}T`]) expect(tws.placed(id)).toBe(1);
    expect(tws.exchange.orders).toHaveLength(3);
  });

  it('gives no order id a second time, though TWS counts anew and the desk starts again', async () => {
    const at = await atTws();
    const { tws, dataFolder, folder } = at;
    tws.exchange.setOffer(0);
    const first = await openVenueDesk(dataFolder, 'paper');
    await first.ready();
    const { entry } = await entered(first, at);
    const used = tws.exchange.orders.map(({ orderId }) => orderId);
    expect(used).toHaveLength(3);
    const kept = reserved(folder);
    expect(kept).toBeGreaterThan(Math.max(...used));
    await first.close();

    // What was placed is forgotten there, so that TWS offers the same ids again.
    tws.exchange.orders.splice(0);
    const sent = tws.received.length;
    const second = await openVenueDesk(dataFolder, 'paper');
    await second.ready();
    const placed = (): number[] => tws.received.slice(sent).flatMap((f) => (f[0] === '3' ? [Number(f[1])] : []));
    // The first thing placed is the question for the margin, which takes an id as any order does.
    await eventually(() => expect(placed()).not.toEqual([]));
    expect(Math.min(...placed())).toBeGreaterThanOrEqual(kept);
    expect(tws.placed(entry)).toBe(1);
    expect(reserved(folder)).toBeGreaterThan(kept);
  });
});
