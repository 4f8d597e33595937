import { EventEmitter } from 'node:events';
import { pino } from 'pino';
import { describe, expect, it, vi } from 'vitest';
import { watchPower } from '#shells/electron/power.ts';
import { serve } from '#desk/serve.ts';
import type { Desk } from '#desk/desk.ts';
import { ACCOUNT } from '#test/desk/stage.ts';
import type { DtcServer } from '#test/support/dtc-server/server.ts';
import {
  ask,
  eventually,
  NQ,
  openVenueDesk,
  PRICE,
  proposal,
  startDtc,
  writeProfile,
} from '#test/support/venue-desk.ts';

const CANARY = 'canary-0815-password';

async function atDtc(): Promise<{ server: DtcServer; dataFolder: string; folder: string }> {
  const server = await startDtc(ACCOUNT, { password: CANARY });
  const line = { kind: 'dtc', port: server.port, username: 'trader', passwordSecret: 'dtc-password' };
  const marketData = [{ ...line, clientName: 'Kelly Desk prices', historyPort: null }];
  const made = await writeProfile({ profile: 'paper', account: ACCOUNT }, { broker: line, marketData });
  vi.stubEnv('KELLY_DESK_SECRET_DTC_PASSWORD', CANARY);
  return { server, ...made };
}

/** What is proposed is approved. Returns the order's id and its size, once its bracket is at the server. */
async function entered(desk: Desk, server: DtcServer): Promise<{ entry: string; contracts: number }> {
  server.quote(NQ.symbol, PRICE, PRICE + 0.25);
  const { id, decision } = await proposal(desk);
  const { contracts } = decision;
  const { clientOrderId } = await ask(desk, 'recommendation.approve', { id, contracts });
  const entry = clientOrderId ?? '';
  const family = () => server.exchange.orders.filter(({ clientId }) => clientId.startsWith(entry));
  await eventually(() => expect(family()).toHaveLength(3));
  return { entry, contracts };
}

describe('a paper profile at a venue of its own, over sockets', () => {
  it('goes from connect to a closed trade in the journal', async () => {
    const { server, dataFolder } = await atDtc();
    const desk = await openVenueDesk(dataFolder, 'paper');
    const told: string[] = [];
    desk.stream.subscribe(null, (event) => told.push(JSON.stringify(event)));
    await desk.ready();
    server.exchange.offered = 1;
    server.quote(NQ.symbol, PRICE, PRICE + 0.25);
    await eventually(async () => {
      const { connections } = await ask(desk, 'risk.metrics', {});
      expect(connections.map(({ id, state }) => [id, state])).toEqual([
        ['model:lstm', 'live'],
        ['model:ensemble', 'live'],
        ['market:dtc', 'live'],
        ['broker:dtc', 'live'],
      ]);
    });
    const { entry, contracts } = await entered(desk, server);
    expect(contracts).toBeGreaterThan(1);
    const filled = (): number => server.exchange.position(NQ.symbol);
    for (let i = 0; i < 20 && filled() < contracts; i += 1) server.quote(NQ.symbol, PRICE, PRICE + 0.25);
    await eventually(async () => {
      const { positions, orders } = await ask(desk, 'desk.snapshot', {});
      expect(positions.map(({ quantity }) => quantity)).toEqual([contracts]);
      const own = orders.find(({ clientOrderId }) => clientOrderId === entry);
      expect(own).toMatchObject({ life: 'filled', filled: contracts });
    });

    server.exchange.offered = 1_000;
    const stop = (await ask(desk, 'desk.snapshot', {})).positions[0]?.stop ?? 0;
    server.quote(NQ.symbol, stop * 0.25 - 1, stop * 0.25 - 0.75);
    await eventually(async () => expect((await ask(desk, 'desk.snapshot', {})).positions).toEqual([]));
    // Each part that filled is a trade of its own lot; together they are what was bought.
    const { trades, total } = await ask(desk, 'journal.trades', { limit: 20, offset: 0 });
    const closed = trades.slice(0, total - 40);
    expect(closed.reduce((sum, { quantity }) => sum + quantity, 0)).toBe(contracts);
    for (const trade of closed) expect(trade).toMatchObject({ symbol: NQ.symbol, account: ACCOUNT, direction: 1 });
    for (const { net } of closed) expect(net).toBeLessThan(0);
    const ids = server.exchange.orders.map(({ clientId }) => clientId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(server.complaints).toEqual([]);
    expect(told.join('\n')).not.toContain(CANARY);
    expect(JSON.stringify(await ask(desk, 'connections.list', {}))).not.toContain(CANARY);
  });

  it('knows executions of the time it was down as its own, though the server names no order of the desk', async () => {
    const { server, dataFolder } = await atDtc();
    const first = await openVenueDesk(dataFolder, 'paper');
    await first.ready();
    server.exchange.offered = 1;
    const { entry, contracts } = await entered(first, server);
    const before = server.exchange.position(NQ.symbol);
    expect(before).toBeLessThan(contracts);
    await eventually(async () => {
      const { positions } = await ask(first, 'desk.snapshot', {});
      expect(positions.reduce((sum, { quantity }) => sum + quantity, 0)).toBe(before);
    });
    await first.close();

    // The list of executions tells the server's own order id only, and may use other ids than the updates had.
    server.faults.otherListIds = true;
    server.exchange.offered = 1_000;
    server.exchange.quote(NQ.symbol, PRICE, PRICE + 0.25);
    expect(server.exchange.position(NQ.symbol)).toBe(contracts);
    const second = await openVenueDesk(dataFolder, 'paper');
    await second.ready();
    await eventually(async () => {
      const { positions, orders } = await ask(second, 'desk.snapshot', {});
      expect(positions.map(({ quantity }) => quantity)).toEqual([contracts]);
      const own = orders.find(({ clientOrderId }) => clientOrderId === entry);
      expect(own).toMatchObject({ life: 'filled', filled: contracts });
    });
    const { execution } = await ask(second, 'desk.snapshot', {});
    expect(execution.locks).toEqual([]);
    expect(server.exchange.orders).toHaveLength(3);
  });

  it('opens when the contract it has traded is no longer one of its instruments', async () => {
    const { server } = await atDtc();
    const line = { kind: 'dtc', port: server.port, username: 'trader', passwordSecret: 'dtc-password' };
    const { dataFolder } = await writeProfile(
      { profile: 'paper', account: ACCOUNT },
      { instruments: [{ contract: 'ES' }], broker: line, marketData: [{ ...line, historyPort: null }] },
    );
    const desk = await openVenueDesk(dataFolder, 'paper');
    await desk.ready();
    const { activity } = await ask(desk, 'desk.snapshot', {});
    expect(activity.filter(({ kind }) => kind === 'filled').map(({ symbol }) => symbol)).toContain(NQ.symbol);
    expect((await ask(desk, 'journal.trades', { limit: 5, offset: 0 })).total).toBe(40);
  });

  it('compares itself with the venue when the computer wakes, and when the network comes back', async () => {
    const { server, dataFolder } = await atDtc();
    const desk = await openVenueDesk(dataFolder, 'paper');
    await desk.ready();
    const compared = async () => (await ask(desk, 'desk.snapshot', {})).execution.reconciliation;
    await eventually(async () => expect(await compared()).toMatchObject({ state: 'clean' }));
    const power = new EventEmitter();
    // As the window's shell joins the two.
    watchPower(power as never, pino({ level: 'silent' }), () => serve(desk.handlers, 'reconciliation.run', {}));
    const before = server.countOf(300);
    power.emit('suspend');
    power.emit('resume');
    await eventually(async () => expect(await compared()).toMatchObject({ state: 'clean', trigger: 'asked' }));
    expect(server.countOf(300)).toBeGreaterThan(before);

    const { at } = await compared();
    server.cut();
    await eventually(async () => {
      expect(await compared()).toMatchObject({ state: 'clean', trigger: 'reconnect' });
      expect((await compared()).at).toBeGreaterThan(at ?? Infinity);
    });
    const { connections } = await ask(desk, 'risk.metrics', {});
    expect(connections.find(({ id }) => id === 'broker:dtc')?.state).toBe('live');
  });
});
