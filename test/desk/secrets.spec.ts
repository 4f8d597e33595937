import { EventEmitter } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { run } from '#shells/cli/main.ts';
import { failureText, guardProcess } from '#shells/electron/crash-guard.ts';
import { startHttpShell } from '#shells/http/server.ts';
import { openLog } from '#shells/log.ts';
import type { Desk } from '#desk/desk.ts';
import { ACCOUNT } from '#test/desk/stage.ts';
import { PROTOCOLS, type ModelServer, startModelServer } from '#test/support/model-servers.ts';
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

/** Secrets that a careless server repeats in whatever it says. */
const LSTM = 'canary-bearer-token-7d1f';
const ENSEMBLE = 'canary-user:canary-basic-password-93';
const DTC = 'canary-dtc-pass-0815';
const KEY = 'canary-key-id-55aa';
const SECRET_KEY = 'canary-secret-key-66bb';
const basic = (text: string): string => Buffer.from(text).toString('base64');
/** What must be found nowhere: each secret, the forms it was sent in, and enough of its beginning to know it by. */
const TRACES = ['canary-', basic(ENSEMBLE), basic(ENSEMBLE).slice(0, 12)];

const tracesIn = (text: string | Buffer): readonly string[] => TRACES.filter((trace) => text.includes(trace));
const filesWithTraces = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => tracesIn(readFileSync(file)).length > 0);

/** Everything a page is told over its socket, and everything the REST door answers. */
async function watched(desk: Desk) {
  const shell = await startHttpShell({ desk, staticFolder: '/nowhere' });
  const frames: string[] = [];
  const socket = new WebSocket(`${shell.origin.replace('http', 'ws')}/ws`, {
    headers: { authorization: `Bearer ${shell.token}`, origin: shell.origin },
  });
  socket.on('message', (data: Buffer) => frames.push(data.toString()));
  await new Promise((resolve) => socket.once('open', resolve));
  socket.send(JSON.stringify({ kind: 'subscribe', after: null }));
  onTestFinished(async () => {
    socket.terminate();
    await shell.close();
  });
  let id = 0;
  const call = (op: string, input: unknown = {}): void =>
    socket.send(JSON.stringify({ kind: 'call', id: (id += 1), op, input }));
  const rest = async (): Promise<string> => {
    const headers = { authorization: `Bearer ${shell.token}` };
    return (await fetch(`${shell.origin}/api/kelly/risk-metrics`, { headers })).text();
  };
  return { frames, call, rest };
}

async function command(...argv: readonly string[]): Promise<{ exit: number; text: string }> {
  let text = '';
  const take = (line: string): void => void (text += `${line}\n`);
  return { exit: await run(argv, { out: take, err: take, isTerminal: true }), text };
}

/** A model service that repeats the header it was sent in its version, and, once it fails, in its errors. */
async function parrots() {
  const header = { lstm: `Bearer ${LSTM}`, ensemble: `Basic ${basic(ENSEMBLE)}` };
  const probs = [0.1, 0.05, 0.85];
  const lstm = await startModelServer('desk', { token: header.lstm, version: `3 (${header.lstm})`, probs });
  const ensemble = await startModelServer('open-inference', {
    ...{ token: header.ensemble, version: `3 ${header.ensemble}`, probs, shape: [-1, 4, 2] },
  });
  const fail = (server: ModelServer, sent: string, length: number): void => {
    server.state.answer = () => ({
      status: 500,
      body: JSON.stringify({ error: { message: `${'x'.repeat(length)} you sent ${sent}; ${ENSEMBLE}` } }),
    });
  };
  const models = {
    lstm: { ...PROTOCOLS.desk.connection, url: lstm.url, tokenSecret: 'lstm-token' },
    ensemble: {
      ...{ ...PROTOCOLS['open-inference'].connection, url: ensemble.url },
      ...{ tokenSecret: 'ensemble-login', tokenAs: 'basic' },
    },
  };
  vi.stubEnv('KELLY_DESK_SECRET_LSTM_TOKEN', LSTM);
  vi.stubEnv('KELLY_DESK_SECRET_ENSEMBLE_LOGIN', ENSEMBLE);
  return {
    models,
    // The second is cut in the middle of the header where the text is cut to be shown.
    failAll: () => {
      fail(lstm, header.lstm, 0);
      fail(ensemble, header.ensemble, 180);
    },
    answerWell: () => {
      lstm.state.answer = null;
      ensemble.state.answer = null;
    },
    answerNonsense: () => {
      lstm.state.answer = () => ({ body: `<p>${header.lstm}</p>` });
      ensemble.state.answer = () => ({ body: JSON.stringify({ id: header.ensemble, outputs: [] }) });
    },
  };
}

/** What the log and the trader are told of an error nobody caught, of a library that says what it was told. */
async function crashText(log: Logger): Promise<string> {
  const fake = new EventEmitter();
  const told = new Promise<string>((resolve) => {
    guardProcess({
      ...{ log, close: () => Promise.resolve(), exit: () => undefined, process: fake as NodeJS.Process },
      tell: (error) => resolve(failureText(error)),
    });
  });
  fake.emit('uncaughtException', new Error(`sent ${DTC}`, { cause: new Error(`and ${basic(ENSEMBLE)}, ${LSTM}`) }));
  const text = await told;
  expect(text).toBe('sent [secret]');
  return text;
}

/** Exports, archive, printed report, and the doctor, each beside the profile, and everything they say. */
async function everyReport(dataFolder: string): Promise<string> {
  const of = ['--profile', 'paper', '--data', dataFolder];
  const out = (name: string): string => join(dataFolder, name);
  const exports = ['trades', 'fills', 'decisions', 'archive'].map((what) => [
    ...['journal', 'export', ...of, '--what', what, '--out', out(`${what}.out`)],
  ]);
  const journal = join(dataFolder, 'profiles', 'paper', 'journal.db');
  const texts: string[] = [];
  for (const argv of [
    ...exports,
    ['journal', 'backup', journal, out('copy.db')],
    ['journal', 'stats', journal],
    ['backtest', '--journal', journal, '--policies', 'fixed,kelly', '--report', out('report.html')],
  ]) {
    const { exit, text } = await command(...argv);
    expect([argv.join(' '), exit, text]).toEqual([argv.join(' '), 0, text]);
    texts.push(text);
  }
  texts.push((await command('doctor', ...of, '--connections', '--json')).text);
  expect(readdirSync(dataFolder)).toEqual(
    expect.arrayContaining(['trades.out', 'fills.out', 'decisions.out', 'archive.out', 'copy.db', 'report.html']),
  );
  return texts.join('\n');
}

describe('secrets that the other side repeats', () => {
  it(
    'reach no log, no journal, no page and no report: model services and a DTC server',
    { timeout: 180_000 },
    async () => {
      const parrot = await parrots();
      const server = await startDtc(ACCOUNT, { password: DTC });
      vi.stubEnv('KELLY_DESK_SECRET_DTC_PASSWORD', DTC);
      const broker = { kind: 'dtc', port: server.port, username: 'trader', passwordSecret: 'dtc-password' };
      const marketData = [{ ...broker, clientName: 'Kelly Desk prices', historyPort: null }];
      const { models } = parrot;
      const { dataFolder, folder, config } = await writeProfile(
        { profile: 'paper', account: ACCOUNT },
        { broker, marketData, models },
      );
      const log = openLog(dataFolder, 'paper');
      const all: string[] = [];
      // What models say wrongly is asked for at the first price of a start.
      for (const [spoil, sign] of [
        [parrot.failAll, 'HTTP 500'],
        [parrot.answerNonsense, 'is not JSON'],
      ] as const) {
        spoil();
        const desk = await openVenueDesk(dataFolder, 'paper', log);
        const { frames, call, rest } = await watched(desk);
        await desk.ready();
        server.quote(NQ.symbol, PRICE, PRICE + 0.25);
        await eventually(async () => {
          const { connections } = await ask(desk, 'desk.snapshot', {});
          expect(connections.find(({ id }) => id === 'model:lstm')?.detail).toContain(sign);
        });
        call('models.report');
        call('desk.snapshot');
        await eventually(() => expect(frames.filter((frame) => frame.includes('"reply"'))).toHaveLength(2));
        all.push(await rest(), ...frames);
        await desk.close();
      }
      parrot.answerWell();
      const desk = await openVenueDesk(dataFolder, 'paper', log);
      const { frames, call, rest } = await watched(desk);
      await desk.ready();

      // An answer is sized although its version repeats the token; the order it leads to is refused with the password.
      server.faults.refuseOrders = 'with-client-id';
      server.faults.refuseText = `no margin for ${DTC}`;
      server.quote(NQ.symbol, PRICE, PRICE + 0.25);
      const { id, decision } = await proposal(desk);
      await ask(desk, 'recommendation.approve', { id, contracts: decision.contracts });
      await eventually(async () => {
        const { orders } = await ask(desk, 'desk.snapshot', {});
        expect(orders.map(({ life, reason }) => [life, reason])).toContainEqual([
          'rejected',
          expect.stringContaining('no margin for [secret]'),
        ]);
      });
      server.send({ Type: 700, UserMessage: `you are ${DTC}` });
      server.send({ Type: 5, Reason: `goodbye ${DTC}` });
      for (const op of ['desk.snapshot', 'risk.metrics', 'connections.list', 'models.report']) call(op);
      call('connections.test', { config });
      call('secret.set', { name: 'a b', secret: LSTM });
      call('secret.set', { name: 'ok', secret: LSTM, place: 'nowhere' });
      call('secret.set', { name: 'ok', secret: LSTM, place: 'file' });
      await eventually(() => expect(frames.join()).toContain('"reports"'));

      const answer = await rest();
      // What is written of the journal while the desk runs, and what it writes of itself when it dies.
      await ask(desk, 'backups.create', {});
      expect(readdirSync(join(folder, 'backups'))).not.toEqual([]);
      all.push(await crashText(log));
      await desk.close();
      all.push(await everyReport(dataFolder));
      parrot.failAll();
      const rude = await startDtc(ACCOUNT, { logon: { Result: 2, ResultText: `who is trader with ${DTC}?` } });
      const line = { ...broker, port: rude.port };
      const path = join(dataFolder, 'rude.json');
      writeFileSync(path, JSON.stringify({ ...config, broker: line, marketData: [{ ...line, historyPort: null }] }));
      const tested = await command('connections', 'test', '--config', path, '--json');
      expect(tested.exit).toBe(1);
      expect(tested.text).toContain('[secret]');
      log.flush();
      expect(tracesIn(tested.text)).toEqual([]);
      expect(tracesIn(answer)).toEqual([]);
      expect([...all, ...frames].filter((frame) => tracesIn(frame).length > 0)).toEqual([]);
      expect(filesWithTraces(dataFolder)).toEqual([]);
      expect(readdirSync(folder)).toEqual(expect.arrayContaining(['desk.log', 'journal.db']));
    },
  );

  it('reach nothing from an Alpaca that answers with the headers it was sent', async () => {
    const server = createServer((request, response) => {
      const message = `unknown: ${JSON.stringify(request.headers)} ${'y'.repeat(250)} ${SECRET_KEY}`;
      response.writeHead(401, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ code: 40110000, message }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    vi.stubEnv('KELLY_DESK_SECRET_ALPACA_KEY_ID', KEY);
    vi.stubEnv('KELLY_DESK_SECRET_ALPACA_SECRET_KEY', SECRET_KEY);
    const { port } = server.address() as AddressInfo;
    const [rest, stream] = [`http://127.0.0.1:${port}`, `ws://127.0.0.1:${port}`];
    const parrot = await parrots();
    const { dataFolder, folder } = await writeProfile(
      { profile: 'paper', account: ACCOUNT },
      {
        ...{ instruments: [{ contract: 'QQQ', market: 'share' }], models: parrot.models },
        broker: { kind: 'alpaca', tradingUrl: rest, streamUrl: `${stream}/stream` },
        marketData: [{ kind: 'alpaca', dataUrl: rest, streamUrl: stream }],
      },
    );
    const log = openLog(dataFolder, 'paper');
    const desk = await openVenueDesk(dataFolder, 'paper', log);
    const door = await watched(desk);
    await desk.ready();
    door.call('desk.snapshot');
    await eventually(() => expect(door.frames.join()).toContain('does not know these keys'));
    const tested = await command('connections', 'test', '--config', join(folder, 'connections.json'));
    const answer = await door.rest();
    await desk.close();
    log.flush();
    expect(tested.exit).toBe(1);
    expect(tested.text).toContain('[secret]');
    expect([tested.text, answer, ...door.frames].filter((text) => tracesIn(text).length > 0)).toEqual([]);
    expect(filesWithTraces(dataFolder)).toEqual([]);
  });
});
