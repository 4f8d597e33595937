import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Desk } from '#desk/desk.ts';
import { BROKER_AWAY, sufferAll } from '#test/support/connection-faults.ts';
import type { DtcServer } from '#test/support/dtc-server/server.ts';
import type { Message } from '#test/support/dtc-server/wire.ts';
import { startTws } from '#test/support/tws-server/server.ts';
import {
  ask,
  eventually,
  NQ,
  openVenueDesk,
  PRICE,
  proposal,
  startDtc,
  startFrontTws,
  venueNow,
  writeProfile,
} from '#test/support/venue-desk.ts';

/**
 * Every fault of a line, seen from the desk: what it is called on the screen, that no entry gets through while it lasts,
 * and that what was executed meanwhile is held once. What each adapter does of it is in `adapters/fault-matrix.spec.ts`.
 */

/** What is proposed stands as long as the faults last, however slow the machine is. */
function patient(folder: string): void {
  const sizing = { expiryMs: 3_600_000, maxPredictionAgeMs: 3_600_000 };
  writeFileSync(join(folder, 'settings.json'), JSON.stringify({ preset: 'specification', sizing }));
}

type Venue = { readonly quote: () => void; /** Orders that came to the venue. */ readonly sent: () => number };
/** Asks for what is proposed, at a price of now. */
async function approve(desk: Desk, { quote }: Venue): Promise<{ readonly entry: string; readonly contracts: number }> {
  quote();
  const { id, decision } = await proposal(desk);
  const { clientOrderId } = await ask(desk, 'recommendation.approve', { id, contracts: decision.contracts });
  return { entry: clientOrderId ?? '', contracts: decision.contracts };
}
/** It is refused, with the reason, and nothing reaches the venue. */
async function refused(desk: Desk, venue: Venue, why: RegExp): Promise<void> {
  const before = venue.sent();
  await eventually(() => expect(approve(desk, venue)).rejects.toThrow(why));
  expect(venue.sent()).toBe(before);
}
const AWAY = /broker connection: the broker connection is \w+, not live/;

/** One entry, approved as soon as its price is here. */
async function entered(desk: Desk, venue: Venue): Promise<{ readonly entry: string; readonly contracts: number }> {
  const made = { entry: '', contracts: 0 };
  await eventually(async () => void Object.assign(made, await approve(desk, venue)));
  return made;
}
/** The desk holds what the venue holds, each execution once, and has nothing to explain. */
async function holds(desk: Desk, { entry, contracts }: { entry: string; contracts: number }): Promise<void> {
  await eventually(async () => {
    const { positions, orders, execution } = await ask(desk, 'desk.snapshot', {});
    expect(positions.map(({ quantity }) => quantity)).toEqual([contracts]);
    expect(orders.find(({ clientOrderId }) => clientOrderId === entry)).toMatchObject({
      ...{ life: 'filled', filled: contracts },
    });
    expect(execution.locks).toEqual([]);
  });
}
const skewed = (desk: Desk): Promise<void> =>
  eventually(async () => {
    const { notices } = await ask(desk, 'desk.snapshot', {});
    expect(notices.find(({ id }) => id === 'clock-skew')?.title).toMatch(/no entries/);
  });

describe('no entry gets through a line that is not good, and what was executed is held once', () => {
  it('Sierra Chart, and its prices by another line', async () => {
    const account = 'Sim1';
    const logon: Record<string, unknown> = {};
    const time = { ahead: 0 };
    const late: { held: Message[] | null } = { held: null };
    const isFill = ({ Type, OrderUpdateReason: reason }: Message): boolean =>
      Type === 301 && (reason === 4 || reason === 5);
    const server = await startDtc(account, {
      ...{ logon, now: () => venueNow() + time.ahead },
      vary: (message) => {
        if (late.held === null || !isFill(message)) return [message];
        late.held.push(message);
        return [];
      },
    });
    let prices: DtcServer = await startDtc(account);
    const line = { kind: 'dtc', heartbeatSeconds: 5 };
    const { dataFolder, folder } = await writeProfile(
      { profile: 'paper', account },
      {
        broker: { ...line, port: server.port },
        marketData: [{ ...line, port: prices.port, clientName: 'prices', historyPort: null }],
      },
    );
    patient(folder);
    const desk = await openVenueDesk(dataFolder, 'paper');
    await desk.ready();
    const venue = {
      quote: () => prices.quote(NQ.symbol, PRICE, PRICE + 0.25),
      sent: () => server.received.filter(({ Type }) => Type === 208 || Type === 201).length,
    };
    const [broker, market] = [{ id: 'broker:dtc' }, { id: 'market:dtc' }];
    const said = { Type: 600, RequestID: 0, Unsolicited: 1, TradeAccount: account, CashBalance: 100 };
    venue.quote();
    await proposal(desk);
    await sufferAll(
      desk,
      [
        {
          ...{ ...broker, name: 'DTC: a message without end', spoil: () => server.raw(Buffer.alloc(1_100_000, 65)) },
          shows: { state: 'disconnected', detail: /a message has no end/ },
        },
        {
          ...{ ...broker, name: 'DTC: a server that does not answer the logon' },
          spoil: () => {
            server.faults.mute = [1];
            server.cut();
          },
          shows: { state: 'connecting', detail: /^$/ },
          mend: () => {
            server.faults.mute = [];
            server.cut();
          },
        },
        {
          ...{ ...broker, name: 'DTC: the wrong password' },
          spoil: () => {
            Object.assign(logon, { Result: 2, ResultText: 'wrong password' });
            server.cut();
          },
          ...{ shows: { state: 'disconnected', detail: /refused the logon: wrong password/ }, notice: BROKER_AWAY },
          mend: () => Object.assign(logon, { Result: 1, ResultText: '' }),
        },
        {
          ...{ ...broker, name: 'DTC: the account is restricted' },
          spoil: () => server.send({ ...said, IsUnderRequiredMargin: 1 }),
          shows: { state: 'degraded', detail: /under the margin its positions require/ },
          mend: () => server.send(said),
        },
      ],
      () => refused(desk, venue, AWAY),
    );
    time.ahead = -300_000;
    await skewed(desk);
    await refused(desk, venue, /clock/);
    time.ahead = 0;

    const { port } = prices;
    await sufferAll(
      desk,
      [
        {
          ...{ ...market, name: 'DTC prices: the server is gone', spoil: () => prices.close() },
          shows: { state: 'disconnected', detail: /nothing listens there/ },
          notice: { id: `feed:${market.id}`, title: /no prices/, remedy: /nothing is sized/ },
          mend: async () => {
            prices = await startDtc(account, { port });
          },
        },
      ],
      async () => {
        const { id } = await proposal(desk);
        // The last price is soon too old.
        await eventually(async () => {
          const { decision } = await ask(desk, 'recommendation.preview', { id });
          expect(decision.contracts).toBe(0);
        });
        await refused(desk, { ...venue, quote: () => undefined }, /quote stale/);
      },
    );

    // In pieces, twice, late, and in reverse.
    Object.assign(server.faults, { chunk: 1, duplicateFills: true });
    server.exchange.offered = 1;
    late.held = [];
    const made = await entered(desk, venue);
    await eventually(() => expect(server.exchange.orders.length).toBe(3));
    while (server.exchange.position(NQ.symbol) < made.contracts) server.quote(NQ.symbol, PRICE, PRICE + 0.25);
    const told = late.held;
    late.held = null;
    for (const message of told.reverse()) server.send(message);
    await holds(desk, made);
  }, 90_000);

  it('Interactive Brokers', async () => {
    const accounts = ['DU1234567'];
    const time = { ahead: 300_000 };
    const first = await startFrontTws({ accounts });
    const { contract } = first;
    let { tws } = first;
    tws.setNow(() => venueNow() + time.ahead);
    const line = { kind: 'ib', port: tws.port };
    const { dataFolder, folder } = await writeProfile(
      { profile: 'paper', account: 'DU1234567' },
      { broker: { ...line, whatIfMargin: true }, marketData: [line] },
    );
    patient(folder);
    const desk = await openVenueDesk(dataFolder, 'paper');
    await desk.ready();
    const venue = {
      quote: () => tws.move(contract, { bid: PRICE, ask: PRICE + 0.25, last: PRICE }),
      sent: () => tws.exchange.orders.length,
    };
    await eventually(() => expect(tws.subscriptions()).not.toEqual([]));
    venue.quote();
    await proposal(desk);
    const broker = { id: 'broker:ib' };
    await skewed(desk);
    await refused(desk, venue, /clock/);
    time.ahead = 0;
    await sufferAll(
      desk,
      [
        {
          ...{
            ...broker,
            name: 'IB: TWS is cut off from IB',
            spoil: () => tws.say(1100, 'Connectivity has been lost.'),
          },
          shows: { state: 'degraded', detail: /TWS has lost the connection to IB/ },
          mend: () => tws.say(1101, 'Connectivity has been restored - data lost.'),
        },
        {
          ...{ ...broker, name: 'IB: a message without end' },
          spoil: () => tws.raw(Buffer.from([0x7f, 0xff, 0xff, 0xff, 65])),
          shows: { state: 'disconnected', detail: /./ },
        },
        {
          ...{ ...broker, name: 'IB: a byte now and then instead of a greeting' },
          spoil: () => {
            tws.faults.garbage = Buffer.from([0]);
            tws.drop();
          },
          shows: { state: 'connecting', detail: /^$/ },
          mend: () => {
            tws.faults.garbage = null;
            tws.drop();
          },
        },
        {
          ...{ ...broker, name: 'IB: back as another version, of another account' },
          spoil: async () => {
            const { port, exchange } = tws;
            await tws.stop();
            accounts.splice(0, 1, 'DU7654321');
            tws = await startTws({ contracts: [contract], accounts, port, exchange, version: 193 });
            onTestFinished(() => tws.stop());
            tws.setNow(venueNow);
          },
          ...{ shows: { state: 'disconnected', detail: /it manages DU7654321/ }, notice: BROKER_AWAY },
          mend: () => accounts.splice(0, 1, 'DU1234567'),
        },
      ],
      () => refused(desk, venue, /broker connection|quote stale/),
    );
    Object.assign(tws.faults, { chunk: 1, twice: true, holdExecutions: true });
    tws.exchange.setOffer(1);
    const made = await entered(desk, venue);
    // A refusal that names no order is of none.
    tws.say(201, 'Order rejected - reason:no margin');
    while (tws.order(made.entry).filled < made.contracts) venue.quote();
    tws.releaseExecutions();
    await holds(desk, made);
  }, 90_000);
});
