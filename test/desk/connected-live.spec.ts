import { describe, expect, it } from 'vitest';
import { DeskError } from '#shared/contract/errors.ts';
import type { Desk } from '#desk/desk.ts';
import {
  ask,
  eventually,
  type Mode,
  NQ,
  openVenueDesk,
  PRICE,
  proposal,
  startDtc,
  startFrontTws,
  writeProfile,
} from '#test/support/venue-desk.ts';

const ACCOUNT = 'Live-4711';

async function liveProfile() {
  const server = await startDtc(ACCOUNT);
  const broker = { kind: 'dtc', port: server.port };
  const marketData = [{ ...broker, clientName: 'Kelly Desk prices', historyPort: null }];
  return { server, ...(await writeProfile({ profile: 'live', account: ACCOUNT }, { broker, marketData })) };
}
async function start(dataFolder: string): Promise<Desk> {
  const desk = await openVenueDesk(dataFolder, 'live');
  await desk.ready();
  return desk;
}
const isArmed = async (desk: Desk): Promise<boolean> => (await ask(desk, 'desk.snapshot', {})).identity.isArmed;
const refusalOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (reason: unknown) => (reason instanceof DeskError ? reason.data.code : reason),
  );

describe('a live profile', () => {
  it('enters nothing before the exact account was typed, in this start, and reduces risk without', async () => {
    const { server, dataFolder } = await liveProfile();
    const first = await start(dataFolder);
    expect(await isArmed(first)).toBe(false);
    for (const typed of ['Live-4712', 'live-4711', 'LIVE-4711', 'Live-4711 ', ' Live-4711', 'Live-471'])
      expect([typed, await refusalOf(ask(first, 'trading.arm', { account: typed }))]).toEqual([typed, 'refused']);
    expect(await isArmed(first)).toBe(false);
    server.quote(NQ.symbol, PRICE, PRICE + 0.25);
    const asked = async () => (await ask(first, 'desk.snapshot', {})).recommendations[0];
    await eventually(async () => expect(await asked()).toBeDefined());
    const blocked = await asked();
    expect(blocked?.state).toBe('blocked');
    expect(blocked?.decision).toMatchObject({ status: 'reducing', contracts: 0, zero: { code: 'reducing' } });
    const { notices } = await ask(first, 'desk.snapshot', {});
    expect(notices.find(({ id }) => id === 'arming')?.detail).toContain('Live trading is not armed');
    const id = blocked?.id ?? '';
    expect(await refusalOf(ask(first, 'recommendation.approve', { id, contracts: 1 }))).not.toBeNull();
    expect(server.exchange.orders).toEqual([]);
    await first.close();

    const second = await start(dataFolder);
    expect(await ask(second, 'trading.arm', { account: ACCOUNT })).toMatchObject({ isArmed: true });
    server.quote(NQ.symbol, PRICE, PRICE + 0.25);
    const { id: proposed } = await proposal(second);
    await ask(second, 'recommendation.approve', {
      id: proposed,
      contracts: 1,
      reason: { code: 'size', text: 'smaller' },
    });
    await eventually(async () => {
      server.quote(NQ.symbol, PRICE, PRICE + 0.25);
      const { positions } = await ask(second, 'desk.snapshot', {});
      expect(positions.map(({ quantity }) => quantity)).toEqual([1]);
    });
    await second.close();

    // Arming is of one start. What makes the account safer never waits for it.
    const third = await start(dataFolder);
    expect(await isArmed(third)).toBe(false);
    const { orders } = await ask(third, 'desk.snapshot', {});
    const target = orders.find(({ role, life }) => role === 'target' && life === 'working');
    await ask(third, 'order.cancel', { clientOrderId: target?.clientOrderId ?? 'no target works' });
    server.quote(NQ.symbol, PRICE, PRICE + 0.25);
    await ask(third, 'trading.halt', { reason: 'the account must be flat' });
    // The second step waits until nothing works any more.
    await eventually(async () => {
      await ask(third, 'trading.flattenAll', { reason: 'the account must be flat' });
    });
    await eventually(async () => {
      server.quote(NQ.symbol, PRICE, PRICE + 0.25);
      expect(server.exchange.position(NQ.symbol)).toBe(0);
      expect((await ask(third, 'desk.snapshot', {})).positions).toEqual([]);
    });
    expect(await isArmed(third)).toBe(false);
  });

  it.each<readonly [Mode, string, string]>([
    ['live', 'DU1234567', 'DU1234567 is a paper account, and this profile is for live trading'],
    ['paper', 'U1234567', 'U1234567 is a live account, and this profile is for paper trading'],
  ])('of %s mode sends nothing to the account %s of the other', async (profile, account, why) => {
    const { tws } = await startFrontTws({ accounts: [account] });
    const line = { kind: 'ib', port: tws.port };
    const { dataFolder } = await writeProfile({ profile, account }, { broker: line, marketData: [line] });
    const desk = await openVenueDesk(dataFolder, profile);
    // What is refused keeps the start waiting or ends it; either way it is told.
    desk.ready().catch(() => undefined);
    await eventually(async () => {
      const { connections } = await ask(desk, 'desk.snapshot', {});
      const broker = connections.find(({ kind }) => kind === 'broker');
      expect(broker?.state).not.toBe('live');
      expect(broker?.detail).toContain(why);
    });
    if (profile === 'live') await ask(desk, 'trading.arm', { account });
    expect(await refusalOf(ask(desk, 'recommendation.approve', { id: 'any', contracts: 1 }))).not.toBeNull();
    expect(tws.exchange.orders).toEqual([]);
    expect(tws.received.filter(([kind]) => kind === '3')).toEqual([]);
  });
});
