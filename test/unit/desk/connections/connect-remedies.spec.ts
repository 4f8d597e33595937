import { describe, expect, it } from 'vitest';
import { connectRemedy } from '#desk/connections/connect-remedies.ts';
import { testConnections } from '#desk/connections/connection-tests.ts';
import { connectionsFileSchema } from '#desk/profiles/connections-config.ts';
import { startDtc, sureModel } from '#test/support/venue-desk.ts';

describe('what to do about a connection that cannot be made', () => {
  it.each([
    ['dtc', 'the secret sierra is not set: run connections secret set sierra', /KELLY_DESK_SECRET_/],
    ['dtc', 'the server refused the logon: wrong password', /store the password again/],
    ['dtc', 'the server has no account Sim9: it has Sim1', /under account/],
    ['dtc', '127.0.0.1:9: nothing listens there: is the DTC server on?', /Start Sierra Chart/],
    ['dtc', 'what answers there is no DTC server', /another program/],
    ['ib', 'TWS or IB Gateway does not answer.', /7497 .*4002/],
    ['ib', 'this login of TWS does not manage account DU9; it manages DU1', /under account/],
    ['ib', 'Another program is connected to TWS under the same client id.', /clientId/],
    ['alpaca', 'Alpaca does not know these keys (402, auth failed)', /Make new keys/],
    ['alpaca', 'Alpaca could not be reached (ECONNREFUSED)', /internet connection/],
    ['alpaca', 'Alpaca answered 503', /Try again/],
    ['scid', 'the file /nowhere/NQZ26-CME.scid cannot be read', /Data folder of Sierra Chart/],
    ['replay', 'the file /nowhere.csv for NQ cannot be read', /under files/],
    ['paper', 'something else', /connections file/],
  ] as const)('%s: %s', (kind, detail, words) => {
    expect(connectRemedy(kind, detail)).toMatch(words);
  });
});

it('a broker that is there and may not trade is not well, and the rest of it is looked at all the same', async () => {
  const server = await startDtc('Sim1', { faults: { tradingDisabled: true } });
  const line = { kind: 'dtc', port: server.port };
  const config = connectionsFileSchema.parse({
    ...{ profile: 'paper', account: 'Sim1', equityUsd: 100_000, instruments: [{ contract: 'NQ' }] },
    ...{ models: { lstm: await sureModel('a'), ensemble: await sureModel('b') } },
    ...{ broker: line, marketData: [{ ...line, clientName: 'prices', historyPort: null }] },
  });
  const { signal } = new AbortController();
  const secrets = { get: () => Promise.resolve(null) };
  const tested = await testConnections({ config, secrets, signal, onStep: () => undefined, only: 'broker:dtc' });
  const [report] = tested.reports;
  expect([tested.ok, report?.ok]).toEqual([false, false]);
  const step = report?.steps.find(({ name }) => name === 'trading');
  expect(step).toMatchObject({ ok: false, detail: expect.stringContaining('Allow Trading') as unknown });
  expect(report?.steps.map(({ name }) => name)).toContain('open orders');
});
