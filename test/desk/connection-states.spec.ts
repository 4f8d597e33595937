import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Desk } from '#desk/desk.ts';
import { createDialect } from '#test/support/alpaca-server/dialect.ts';
import { BROKER_AWAY, standing, sufferAll } from '#test/support/connection-faults.ts';
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

async function atAlpaca() {
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
  return { alpaca, desk };
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
        notice: BROKER_AWAY,
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
        notice: BROKER_AWAY,
        mend: () => (tws.faults.garbage = null),
      },
    ]);
  }, 90_000);

  it('Alpaca', async () => {
    const { alpaca, desk } = await atAlpaca();
    const broker = { id: 'broker:alpaca' } as const;
    const { account } = alpaca;
    const set = (changes: Partial<typeof alpaca.faults>) => () => {
      Object.assign(alpaca.faults, changes);
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
        ...{ notice: BROKER_AWAY, mend: () => (alpaca.faults.unauthorized = false) },
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

  it('Alpaca that does not answer, or goes', async () => {
    const { alpaca, desk } = await atAlpaca();
    const broker = { id: 'broker:alpaca' } as const;
    const { port } = alpaca;
    const set = (changes: Partial<typeof alpaca.faults>) => () => {
      Object.assign(alpaca.faults, changes);
      alpaca.drop();
    };
    await sufferAll(desk, [
      {
        ...{ ...broker, name: 'Alpaca: a stream that does not answer the logon', spoil: set({ logonWord: '' }) },
        ...{ shows: { state: 'connecting', detail: /^$/ }, mend: set({ logonWord: null }) },
      },
      {
        ...{ ...broker, name: 'Alpaca: gone, and back as another version', spoil: () => alpaca.stop() },
        ...{ shows: { state: 'disconnected', detail: /could not be reached/ }, notice: BROKER_AWAY },
        mend: async () => {
          const again = await startAlpaca(port, { dialect: createDialect(7) });
          onTestFinished(() => again.stop());
          again.exchange.now = () => venueNow() + 300_000;
        },
      },
    ]);
    // Its clock is apart now.
    await eventually(async () => {
      const { notices } = await ask(desk, 'desk.snapshot', {});
      expect(notices.find(({ id }) => id === 'clock-skew')?.title).toMatch(/no entries/);
    });
  }, 90_000);
});
