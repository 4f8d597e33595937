import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { connectionSchema } from '#shared/domain/status.ts';
import { epochMs } from '#shared/units.ts';
import { frontInstrument } from '#desk/profiles/instruments.ts';
import { run } from '#shells/cli/main.ts';
import { KEYS, startAlpaca } from '#test/support/alpaca-server/server.ts';
import { barsCsv } from '#test/support/connected-desk.ts';
import { DtcServer } from '#test/support/dtc-server/server.ts';
import { ask } from '#test/support/http.ts';
import { PROTOCOLS, type ProtocolName, startModelServer } from '#test/support/model-servers.ts';
import { hasRuntime, linearModel } from '#test/support/onnx-model.ts';
import { rounds } from '#test/support/scale.ts';
import { SCID_HEADER, scidTrade } from '#test/support/scid/records.ts';
import { temporaryFolder } from '#test/support/temp-journal.ts';
import { startTws } from '#test/support/tws-server/server.ts';

/** `desk serve --config` and `connections test --config`, as a user runs them, against servers over real sockets. */

const ROOT = path.resolve(import.meta.dirname, '../../../..');
const NQ = frontInstrument('NQ', epochMs(Date.now()), 3, 'cme');
const SECRETS = {
  KELLY_DESK_SECRET_ALPACA_KEY_ID: KEYS.keyId,
  KELLY_DESK_SECRET_ALPACA_SECRET_KEY: KEYS.secretKey,
};
const FUTURE = [{ contract: 'NQ' }];

type Venue = Readonly<Record<'account' | 'instruments' | 'broker' | 'marketData', unknown>>;

/** Goes on telling a price until the test is over: a source is asked for one. */
function often(tell: () => void): void {
  tell();
  const timer = setInterval(tell, 100);
  onTestFinished(() => clearInterval(timer));
}

async function dtc(): Promise<Venue> {
  const contracts = [{ symbol: NQ.symbol, tickSize: 0.25, tickValue: 5, margin: 30_000 }];
  const server = await DtcServer.start({ account: 'Sim1', contracts, now: () => Date.now() });
  onTestFinished(() => server.close());
  often(() => server.quote(NQ.symbol, 20_000, 20_000.25));
  const line = { kind: 'dtc', port: server.port };
  const marketData = [{ ...line, clientName: 'prices', historyPort: null }];
  return { account: 'Sim1', instruments: FUTURE, broker: line, marketData };
}

async function ib(): Promise<Venue> {
  const [, month = '', year = ''] = /^NQ([A-Z])\d?(\d)-/.exec(NQ.symbol) ?? [];
  const lastTradeDate = (NQ.lastTradeDate ?? '').replaceAll('-', '');
  const contract = {
    ...{
      conId: 7,
      symbol: 'NQ',
      localSymbol: `NQ${month}${year}`,
      tradingClass: 'NQ',
      exchange: 'CME',
      multiplier: 20,
    },
    ...{ lastTradeDate, contractMonth: lastTradeDate.slice(0, 6), minTick: 0.25, ruleId: 67, increment: 0.25 },
  };
  const tws = await startTws({ contracts: [contract] });
  onTestFinished(() => tws.stop());
  often(() => tws.move(contract, { bid: 20_000, ask: 20_000.25, last: 20_000 }));
  const line = { kind: 'ib', port: tws.port };
  return { account: 'DU1234567', instruments: FUTURE, broker: line, marketData: [{ ...line, clientId: 12 }] };
}

async function alpaca(): Promise<Venue> {
  const server = await startAlpaca();
  onTestFinished(() => server.stop());
  const quote = { T: 'q', S: 'QQQ', bx: 'V', bp: 479.99, bs: 1, ax: 'V', ap: 480, as: 1, c: ['R'], z: 'C' };
  const trade = { T: 't', S: 'QQQ', i: 1, x: 'V', p: 480, s: 10, c: ['@'], z: 'C' };
  often(() => server.market.send([trade, quote].map((one) => ({ ...one, t: new Date().toISOString() }))));
  return {
    account: 'PA3TEST',
    instruments: [{ contract: 'QQQ', market: 'share' }],
    broker: { kind: 'alpaca', tradingUrl: server.rest, streamUrl: server.stream },
    marketData: [{ kind: 'alpaca', dataUrl: server.rest, streamUrl: `ws://127.0.0.1:${server.port}` }],
  };
}

/** Prices of files: Sierra's of one future, a recorded day of another. */
function files(): Promise<Venue> {
  const folder = temporaryFolder();
  const now = Date.now();
  const trades = Array.from({ length: 50 }, (_, n) => scidTrade(now - (50 - n) * 1_000, 20_000));
  writeFileSync(path.join(folder, `${NQ.symbol}.scid`), Buffer.concat([SCID_HEADER, ...trades]));
  writeFileSync(path.join(folder, 'es.csv'), barsCsv(700, 6_000));
  return Promise.resolve({
    ...{ account: 'PAPER-1', instruments: [{ contract: 'NQ' }, { contract: 'ES' }], broker: { kind: 'paper' } },
    marketData: [
      { kind: 'scid', folder, for: ['NQ'] },
      { kind: 'replay', files: { ES: path.join(folder, 'es.csv') } },
    ],
  });
}

const served = (name: ProtocolName) => async (): Promise<object> => ({
  ...PROTOCOLS[name].connection,
  url: (await startModelServer(name)).url,
});

function onnx(): Promise<object> {
  const file = path.join(temporaryFolder(), 'model.onnx');
  writeFileSync(file, linearModel({ rows: 4, width: 2, bias: [0.1, 0.2, 0.7] }));
  const { features, output } = PROTOCOLS['kserve-v1'].connection;
  return Promise.resolve({ kind: 'onnx', file, model: 'linear', features, output, input: { tensor: 'x' } });
}

const CASES = [
  ['DTC', dtc, served('open-inference'), served('tensorflow-serving')],
  ['Interactive Brokers', ib, served('kserve-v1'), served('mlflow')],
  ['Alpaca', alpaca, served('torchserve'), served('desk')],
  ['files and a model file', files, onnx, onnx],
] as const;

async function command(...argv: readonly string[]): Promise<{ readonly exit: number; readonly out: string }> {
  let out = '';
  const say = (text: string): void => void (out += `${text}\n`);
  return { exit: await run(argv, { out: say, err: say, isTerminal: false }), out };
}

/** Starts the desk as its own program; resolves with its address once it has said it. */
async function serve(config: string, data: string) {
  const argv = [
    path.join(ROOT, 'electron/shells/cli/bin.mjs'),
    'serve',
    '--config',
    config,
    '--data',
    data,
    '--port',
    '0',
  ];
  const child = spawn(process.execPath, argv, { cwd: data, env: { ...process.env, ...SECRETS } });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  let said = '';
  const url = await new Promise<URL>((resolve, reject) => {
    child.stdout.once('data', (chunk: Buffer) => resolve(new URL(chunk.toString('utf8').trim())));
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
    child.once('close', () => reject(new Error(said)));
  });
  const headers = { authorization: `Bearer ${url.searchParams.get('token') ?? ''}` };
  const states = async (): Promise<readonly string[]> => {
    const { body } = await ask(url.origin, { path: '/api/kelly/risk-metrics', headers });
    const { connections } = JSON.parse(body) as { readonly connections: readonly unknown[] };
    return connections
      .map((one) => connectionSchema.parse(one))
      .map(({ id, state }) => `${id} ${state}`)
      .sort();
  };
  const interrupt = (): Promise<number | null> => {
    child.kill('SIGTERM');
    return ended;
  };
  return { states, interrupt };
}

const tried = CASES.filter(([, , lstm]) => hasRuntime || lstm !== onnx);

// Each kind of broker and of model is served once at a scale of 4.
it.each(tried.slice(0, rounds(1)))(
  '%s: tested, served headless, closed',
  async (_name, venue, lstm, ensemble) => {
    const data = temporaryFolder();
    const config = path.join(data, 'connections.json');
    const models = { lstm: await lstm(), ensemble: await ensemble() };
    const content = { profile: 'paper', equityUsd: 100_000, ...(await venue()), models };
    writeFileSync(config, JSON.stringify(content));
    for (const [name, value] of Object.entries(SECRETS)) vi.stubEnv(name, value);

    const tested = await command('connections', 'test', '--config', config, '--data', data, '--json');
    expect(tested.exit, tested.out).toBe(0);
    const { reports } = JSON.parse(tested.out) as { reports: { id: string; steps: { name: string; ms: number }[] }[] };
    for (const { steps } of reports) expect(steps.every(({ ms }) => ms >= 0)).toBe(true);

    const desk = await serve(config, data);
    const ids = reports.map(({ id }) => id);
    await expect.poll(desk.states, { timeout: 30_000 }).toEqual(ids.map((id) => `${id} live`).sort());
    expect(await desk.interrupt()).toBe(0);
    const journal = path.join(data, 'profiles/paper/journal.db');
    expect((await command('journal', 'verify', journal)).exit).toBe(0);
  },
  60_000,
);
