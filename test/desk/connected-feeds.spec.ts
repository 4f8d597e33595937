import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { frontInstrument } from '#desk/profiles/instruments.ts';
import { KEYS, startAlpaca } from '#test/support/alpaca-server/server.ts';
import { SCID_HEADER, scidTrade } from '#test/support/scid/records.ts';
import { temporaryFolder } from '#test/support/temp-journal.ts';
import {
  ask,
  eventually,
  NQ,
  openVenueDesk,
  startDtc,
  startFrontTws,
  STARTS_AT,
  venueNow,
  writeProfile,
} from '#test/support/venue-desk.ts';

const ES = frontInstrument('ES', STARTS_AT, 3, 'cme');

/** A desk that has each of its markets from another source: files, DTC, TWS and Alpaca. */
it('has each market from the source that is named for it, and knows which of them is silent', async () => {
  const files = temporaryFolder();
  const file = join(files, `${NQ.symbol}.scid`);
  writeFileSync(file, Buffer.concat([SCID_HEADER, scidTrade(venueNow() - 60_000, 20_000)]));
  const dtc = await startDtc('Sim1', { contracts: [{ symbol: ES.symbol, tickSize: 0.25, tickValue: 12.5 }] });
  const alpaca = await startAlpaca();
  onTestFinished(() => alpaca.stop());
  vi.stubEnv('KELLY_DESK_SECRET_ALPACA_KEY_ID', KEYS.keyId);
  vi.stubEnv('KELLY_DESK_SECRET_ALPACA_SECRET_KEY', KEYS.secretKey);
  const { dataFolder, config } = await writeProfile(
    { profile: 'paper', account: 'PAPER-1' },
    {
      instruments: [{ contract: 'NQ' }, { contract: 'ES' }, { contract: 'QQQ', market: 'share' }],
      broker: { kind: 'paper' },
      marketData: [
        { kind: 'scid', folder: files, pollMs: 50 },
        { kind: 'dtc', port: dtc.port, historyPort: null, for: ['ES'] },
        { kind: 'alpaca', dataUrl: alpaca.rest, streamUrl: `ws://127.0.0.1:${alpaca.port}`, for: ['QQQ'] },
      ],
    },
  );
  const desk = await openVenueDesk(dataFolder, 'paper');
  await desk.ready();
  const quoted = async () => {
    const { quotes } = await ask(desk, 'desk.snapshot', {});
    return Object.fromEntries(quotes.map(({ symbol, bid, ask: offer, last }) => [symbol, [bid, offer, last]]));
  };
  dtc.quote(ES.symbol, 6_000, 6_000.25);
  const t = new Date(venueNow()).toISOString();
  alpaca.market.send([
    { T: 't', S: 'QQQ', i: 1, x: 'D', p: 480.1, s: 100, t, c: ['@'], z: 'C' },
    { T: 'q', S: 'QQQ', bx: 'U', bp: 480.09, bs: 1, ax: 'Q', ap: 480.11, as: 4, t, c: ['R'], z: 'C' },
  ]);
  appendFileSync(file, scidTrade(venueNow(), 20_001));
  await eventually(async () =>
    expect(await quoted()).toEqual({
      [NQ.symbol]: [80_004, 80_005, 80_004],
      [ES.symbol]: [24_000, 24_001, 24_000],
      QQQ: [48_009, 48_011, 48_010],
    }),
  );
  const { connections } = await ask(desk, 'risk.metrics', {});
  expect(connections.filter(({ kind }) => kind === 'market').map(({ id, state }) => [id, state])).toEqual([
    ['market:scid', 'live'],
    ['market:dtc', 'live'],
    ['market:alpaca', 'live'],
  ]);
  // One that goes takes nothing along.
  dtc.cut();
  await eventually(async () => {
    const { connections: now } = await ask(desk, 'risk.metrics', {});
    expect(now.find(({ id }) => id === 'market:dtc')?.state).toBe('live');
    expect(dtc.accepted).toBeGreaterThan(1);
  });
  expect(await ask(desk, 'connections.list', {})).toMatchObject({ problem: null, isRestartNeeded: false });
  const { reports } = await ask(desk, 'connections.test', { config: config as never });
  expect(reports.filter(({ kind }) => kind === 'market').map(({ id }) => id)).toEqual([
    'market:scid',
    'market:dtc',
    'market:alpaca',
  ]);
});

it('has prices of Interactive Brokers while the paper broker has the orders', async () => {
  const { tws, contract } = await startFrontTws({ accounts: ['DU1'] });
  const { dataFolder } = await writeProfile(
    { profile: 'paper', account: 'PAPER-1' },
    { broker: { kind: 'paper' }, marketData: [{ kind: 'ib', port: tws.port }] },
  );
  const desk = await openVenueDesk(dataFolder, 'paper');
  await desk.ready();
  await eventually(() => expect(tws.subscriptions()).not.toEqual([]));
  tws.move(contract, { bid: 20_000, ask: 20_000.25, last: 20_000 });
  await eventually(async () => {
    const { quotes } = await ask(desk, 'desk.snapshot', {});
    expect(quotes).toMatchObject([{ symbol: NQ.symbol, bid: 80_000, ask: 80_001, last: 80_000 }]);
  });
});
