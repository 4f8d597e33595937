import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Connection } from '#shared/domain/status.ts';
import type { Desk } from '#desk/desk.ts';
import { KEYS, NUMBER, startAlpaca } from '#test/support/alpaca-server/server.ts';
import { DtcServer, type ServerOptions } from '#test/support/dtc-server/server.ts';
import {
  ask,
  DTC_CONTRACT,
  eventually,
  NQ,
  openVenueDesk,
  PRICE,
  startFrontTws,
  venueNow,
  writeProfile,
} from '#test/support/venue-desk.ts';

/** What goes wrong with one connection, what the desk must show meanwhile, and how it is mended. */
type Fault = {
  readonly name: string;
  readonly id: string;
  readonly spoil: () => unknown;
  /** As `connection.changed` tells it, and, where `isLasting`, as the snapshot and `risk-metrics` have it. */
  readonly shows: { readonly state: Connection['state']; readonly detail: RegExp };
  /** Raised beside it, with what the trader can do. */
  readonly notice?: { readonly id: string; readonly title: RegExp; readonly remedy: RegExp };
  /** Left out where the desk is back by itself at once. */
  readonly mend?: () => unknown;
  /** It is told, and the desk tries again at once: what is shown then is the next attempt. */
  readonly isBrief?: boolean;
};

const BROKER = { id: 'broker-connection', title: /cannot be reached; no entries/, remedy: /goes on trying/ };

function recorded(desk: Desk): Connection[] {
  const told: Connection[] = [];
  desk.stream.subscribe(null, (event) => {
    if (event.topic === 'connection.changed') told.push(event.payload);
  });
  return told;
}
const standing = async (desk: Desk, id: string): Promise<Connection | undefined> => {
  const { connections } = await ask(desk, 'risk.metrics', {});
  return connections.find((one) => one.id === id);
};

async function suffer(desk: Desk, told: Connection[], fault: Fault): Promise<void> {
  const { id, shows, notice, mend } = fault;
  const isShown = (one: Connection | undefined): boolean =>
    one?.id === id && one.state === shows.state && shows.detail.test(one.detail ?? '');
  told.length = 0;
  await fault.spoil();
  await eventually(async () => {
    expect([...told, await standing(desk, id)].filter(isShown)).not.toEqual([]);
  });
  if (mend !== undefined && fault.isBrief !== true)
    await eventually(async () => {
      const { connections, notices } = await ask(desk, 'desk.snapshot', {});
      expect(connections.find((one) => one.id === id)).toSatisfy(isShown);
      expect(await standing(desk, id)).toSatisfy(isShown);
      const raised = notices.find((one) => one.id === notice?.id);
      if (notice === undefined) return;
      expect(raised?.title).toMatch(notice.title);
      expect(raised?.detail).toMatch(shows.detail);
      expect(raised?.remedy).toMatch(notice.remedy);
    });
  await mend?.();
  await eventually(async () => {
    expect(await standing(desk, id)).toMatchObject({ state: 'live' });
    const { notices } = await ask(desk, 'desk.snapshot', {});
    if (notice !== undefined) expect(notices.map((one) => one.id)).not.toContain(notice.id);
  });
}
const sufferAll = async (desk: Desk, faults: readonly Fault[]): Promise<void> => {
  const told = recorded(desk);
  for (const fault of faults)
    await suffer(desk, told, fault).catch((cause: unknown) => {
      throw new Error(`${fault.name}: ${cause instanceof Error ? cause.message : ''}`, { cause });
    });
};

/** A model service that is well until it is asked for an opinion. */
async function spoiltModel(answer: (response: ServerResponse) => void): Promise<{ kind: 'desk'; url: string }> {
  const server = createServer((request, response) => {
    request.resume();
    if (request.method === 'POST') answer(response);
    else response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { kind: 'desk', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
/** Once a price is there, both models are asked, and what they are is shown; nothing is proposed on their word. */
async function showsModels(desk: Desk, expected: Readonly<Record<string, readonly [string, RegExp]>>): Promise<void> {
  await eventually(async () => {
    for (const [id, [state, detail]] of Object.entries(expected)) {
      const connection = await standing(desk, id);
      expect([id, connection?.state, connection?.detail]).toEqual([id, state, expect.stringMatching(detail)]);
    }
  });
  const { recommendations } = await ask(desk, 'desk.snapshot', {});
  expect(recommendations.filter(({ state }) => state === 'proposed')).toEqual([]);
}

describe('what is wrong with a connection is on the screen and in risk-metrics, with what to do', () => {
  it('Sierra Chart, and models that talk nonsense or too much', async () => {
    const account = 'Sim1';
    const start = async (options: Partial<ServerOptions> = {}): Promise<DtcServer> => {
      const made = await DtcServer.start({
        account,
        contracts: [DTC_CONTRACT],
        now: () => venueNow() + ahead,
        ...options,
      });
      close = async () => {
        close = () => Promise.resolve();
        await made.close();
      };
      return made;
    };
    let ahead = 0;
    let close = (): Promise<void> => Promise.resolve();
    let server = await start();
    onTestFinished(() => close());
    const { port } = server;
    const line = { kind: 'dtc', port, heartbeatSeconds: 5 };
    const { dataFolder } = await writeProfile(
      { profile: 'paper', account },
      {
        ...{ broker: line, marketData: [{ ...line, clientName: 'prices', historyPort: null }] },
        models: {
          lstm: await spoiltModel((response) => response.end('<html>')),
          ensemble: await spoiltModel((response) => response.end(`"${'x'.repeat(2_000_000)}"`)),
        },
      },
    );
    const desk = await openVenueDesk(dataFolder, 'paper');
    await desk.ready();
    server.quote(NQ.symbol, PRICE, PRICE + 0.25);
    await showsModels(desk, {
      'model:lstm': ['degraded', /not JSON/],
      'model:ensemble': ['degraded', /larger than/],
    });
    const said = { Type: 600, RequestID: 0, Unsolicited: 1, TradeAccount: account, CashBalance: 100 };
    const broker = { id: 'broker:dtc' } as const;
    await sufferAll(desk, [
      {
        ...{ ...broker, name: 'garbage', spoil: () => server.raw(Buffer.from('GET / HTTP/1.1\r\n\0')) },
        shows: { state: 'disconnected', detail: /not understood/ },
      },
      {
        ...{ ...broker, name: 'the account is restricted' },
        spoil: () => server.send({ ...said, DailyNetLossLimitReached: 1 }),
        shows: { state: 'degraded', detail: /daily loss limit/ },
        mend: () => server.send(said),
      },
      {
        ...{ ...broker, name: 'half open', spoil: () => (server.faults.halfOpen = true), isBrief: true },
        shows: { state: 'disconnected', detail: /nothing was heard from the server for \d+ s/ },
        mend: () => (server.faults.halfOpen = false),
      },
      {
        ...{ ...broker, name: 'gone, and back as another version', spoil: () => close() },
        shows: { state: 'disconnected', detail: /nothing listens there: is the DTC server on/ },
        notice: BROKER,
        mend: async () => {
          server = await start({ port, encodingAnswer: 'json', logon: { ProtocolVersion: 9, ServerName: 'Another' } });
        },
      },
    ]);
    // A clock apart is no fault of the connection: it is told beside it.
    ahead = 300_000;
    await eventually(async () => {
      const { notices } = await ask(desk, 'desk.snapshot', {});
      expect(notices.find(({ id }) => id === 'clock-skew')).toMatchObject({
        title: 'The clock of this computer is wrong; no entries',
        remedy: 'Set the clock, or let the system set it from the network.',
      });
    });
  }, 90_000);

  it('Interactive Brokers, and models that are not there or never answer', async () => {
    const account = 'DU1234567';
    const { tws, contract } = await startFrontTws({ accounts: [account] });
    const line = { kind: 'ib', port: tws.port };
    const { dataFolder } = await writeProfile(
      { profile: 'paper', account },
      {
        ...{ broker: line, marketData: [line] },
        models: {
          lstm: { kind: 'desk', url: 'http://127.0.0.1:9' },
          ensemble: await spoiltModel((response) => {
            const drip = setInterval(() => response.write(' '), 50);
            response.on('close', () => clearInterval(drip));
          }),
        },
      },
    );
    const desk = await openVenueDesk(dataFolder, 'paper');
    await desk.ready();
    await eventually(() => expect(tws.subscriptions()).not.toEqual([]));
    tws.move(contract, { bid: PRICE, ask: PRICE + 0.25, last: PRICE });
    await showsModels(desk, {
      'model:lstm': ['disconnected', /start the service or correct its address/],
      'model:ensemble': ['disconnected', /slow or stuck; check it, or raise the timeout/],
    });
    const broker = { id: 'broker:ib' } as const;
    await sufferAll(desk, [
      {
        ...{ ...broker, name: 'TWS is cut off from IB', spoil: () => tws.say(1100, 'Connectivity has been lost.') },
        shows: { state: 'degraded', detail: /TWS has lost the connection to IB/ },
        mend: () => tws.say(1102, 'Connectivity has been restored - data maintained.'),
      },
      {
        ...{ ...broker, name: 'bytes that are no frame', spoil: () => tws.raw(Buffer.from([0x80, 0, 0, 1, 1])) },
        shows: { state: 'disconnected', detail: /./ },
      },
      {
        ...{ ...broker, name: 'another program under the number' },
        spoil: () => {
          tws.faults.garbage = Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n');
          tws.drop();
        },
        shows: { state: 'disconnected', detail: /./ },
        notice: BROKER,
        mend: () => (tws.faults.garbage = null),
      },
    ]);
  }, 90_000);

  it('Alpaca', async () => {
    const alpaca = await startAlpaca();
    alpaca.exchange.now = venueNow;
    onTestFinished(() => alpaca.stop());
    vi.stubEnv('KELLY_DESK_SECRET_ALPACA_KEY_ID', KEYS.keyId);
    vi.stubEnv('KELLY_DESK_SECRET_ALPACA_SECRET_KEY', KEYS.secretKey);
    const { dataFolder } = await writeProfile(
      { profile: 'paper', account: NUMBER },
      {
        ...{ instruments: [{ contract: 'QQQ', market: 'share' }] },
        broker: { kind: 'alpaca', tradingUrl: alpaca.rest, streamUrl: alpaca.stream },
        marketData: [{ kind: 'alpaca', dataUrl: alpaca.rest, streamUrl: alpaca.stream.replace('/stream', '') }],
      },
    );
    const desk = await openVenueDesk(dataFolder, 'paper');
    await desk.ready();
    const broker = { id: 'broker:alpaca' } as const;
    const { faults, account } = alpaca;
    const set = (changes: Partial<typeof faults>) => () => {
      Object.assign(faults, changes);
      alpaca.drop();
    };
    await sufferAll(desk, [
      {
        ...{ ...broker, name: 'garbage', spoil: () => alpaca.sendRaw('}{') },
        shows: { state: 'disconnected', detail: /no JSON/ },
      },
      {
        ...{ ...broker, name: 'the stream refuses the keys', spoil: set({ unauthorized: true }) },
        shows: { state: 'disconnected', detail: /refuses these keys; paper and live have keys of their own/ },
        ...{ notice: BROKER, mend: () => (faults.unauthorized = false) },
      },
      {
        ...{ ...broker, name: 'the account may not trade' },
        spoil: () => {
          account.blocked = true;
          alpaca.drop();
        },
        shows: { state: 'degraded', detail: /blocked/ },
        mend: () => {
          account.blocked = false;
          alpaca.drop();
        },
      },
    ]);
  }, 90_000);
});
