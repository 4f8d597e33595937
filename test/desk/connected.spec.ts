import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { DeskError } from '#shared/contract/errors.ts';
import type { InputOf, OperationName, OutputOf } from '#shared/contract/index.ts';
import { type Desk, openDesk } from '#desk/desk.ts';
import { serve } from '#desk/serve.ts';
import { connectedFiles } from '#test/support/connected-desk.ts';
import { temporaryFolder } from '#test/support/temp-journal.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function files(changes: Readonly<Record<string, unknown>> = {}) {
  const made = await connectedFiles(temporaryFolder(), changes);
  closing.push(made.close);
  return made;
}
async function open(dataFolder: string): Promise<Desk> {
  const desk = await openDesk({ dataFolder, profile: 'paper' });
  closing.push(() => desk.close());
  return desk;
}
async function ask<N extends OperationName>(desk: Desk, op: N, input: InputOf<N>): Promise<OutputOf<N>> {
  const reply = await serve(desk.handlers, op, input);
  if (!reply.ok) throw new DeskError(reply.error);
  return reply.output as OutputOf<N>;
}
const refusalOf = async (work: Promise<unknown>): Promise<DeskError['data']> => {
  const error: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof DeskError)) throw new Error('it was not refused');
  return error.data;
};

describe('a paper profile from its connections file', () => {
  it('connects, loads the past, prices, asks the models and sizes, under its own name', async () => {
    const { dataFolder } = await files();
    const desk = await open(dataFolder);
    const phases: string[] = [];
    desk.stream.subscribe(null, (event) => {
      if (event.topic === 'desk.startup') phases.push(JSON.stringify(event));
    });
    await desk.ready();

    const snapshot = await ask(desk, 'desk.snapshot', {});
    expect(snapshot.identity).toMatchObject({ profile: 'paper', mode: 'paper', account: 'PAPER-1', isArmed: true });
    expect(snapshot.risk.equity).toBe(250_000 * 10_000);
    expect(phases.join()).toContain('Loading bars from Replayed prices');
    await vi.waitFor(
      async () => {
        const { connections } = await ask(desk, 'risk.metrics', {});
        expect(connections.map(({ id, state }) => [id, state])).toEqual([
          ['model:lstm', 'live'],
          ['model:ensemble', 'live'],
          ['market:replay', 'live'],
          ['broker:paper', 'live'],
        ]);
      },
      { timeout: 30_000, interval: 100 },
    );
    const { instruments } = snapshot;
    await vi.waitFor(
      async () => {
        const { quotes, recommendations } = await ask(desk, 'desk.snapshot', {});
        expect(quotes.map(({ symbol }) => symbol)).toEqual(instruments.map(({ symbol }) => symbol));
        expect(recommendations).toHaveLength(1);
      },
      { timeout: 30_000, interval: 100 },
    );
    const [symbol = ''] = instruments.map((one) => one.symbol);
    expect((await ask(desk, 'chart.bars', { symbol, limit: 500 })).bars.length).toBeGreaterThan(400);
  });

  it('refuses a file of another account once its journal has begun', async () => {
    const { dataFolder, configPath, config } = await files();
    const first = await openDesk({ dataFolder, profile: 'paper' });
    await first.close();
    writeFileSync(configPath, JSON.stringify({ ...config, account: 'PAPER-2' }));
    expect(await refusalOf(openDesk({ dataFolder, profile: 'paper' }))).toMatchObject({
      code: 'refused',
      field: 'account',
      value: 'PAPER-2',
    });
  });

  it('refuses a profile without a file, and a file of another profile, and names both', async () => {
    expect(await refusalOf(openDesk({ dataFolder: temporaryFolder(), profile: 'live' }))).toMatchObject({
      code: 'refused',
      field: 'config',
    });
    const { dataFolder, configPath, config } = await files();
    writeFileSync(configPath, JSON.stringify({ ...config, profile: 'live', broker: { kind: 'paper' } }));
    expect(await refusalOf(openDesk({ dataFolder, profile: 'paper' }))).toMatchObject({ field: 'broker.kind' });
  });

  it('starts with everything out of reach, says so, and blocks entries', async () => {
    const gone = { kind: 'desk', url: 'http://127.0.0.1:9' };
    const { dataFolder } = await files({
      models: { lstm: gone, ensemble: gone },
      marketData: [{ kind: 'replay', files: { NQ: '/nowhere/nq.csv' } }],
    });
    const desk = await open(dataFolder);
    await desk.ready();
    const { connections, notices, quotes } = await ask(desk, 'desk.snapshot', {});
    expect(connections.find(({ id }) => id === 'market:replay')?.state).not.toBe('live');
    expect(notices.map(({ title }) => title)).toContain('Replayed prices: no prices');
    expect(quotes).toEqual([]);
  });

  it('saves a checked configuration whole, keeps the one before, and says that a restart is needed', async () => {
    const { dataFolder, configPath, config } = await files();
    const desk = await open(dataFolder);
    const before = readFileSync(configPath, 'utf8');
    expect(await ask(desk, 'connections.list', {})).toMatchObject({
      profile: 'paper',
      isRestartNeeded: false,
      capabilities: { venue: 'paper', brackets: 'native' },
    });
    const saved = await ask(desk, 'connections.save', { config: { ...config, equityUsd: 1_000 } });
    expect(readFileSync(saved.kept ?? '', 'utf8')).toBe(before);
    expect(await ask(desk, 'connections.list', {})).toMatchObject({ isRestartNeeded: true });
    const wrong = ask(desk, 'connections.save', { config: { ...config, equityUsd: -1 } });
    expect(await refusalOf(wrong)).toMatchObject({ code: 'invalid-input', field: 'equityUsd', value: '-1' });
    expect(JSON.parse(readFileSync(configPath, 'utf8'))).toMatchObject({ equityUsd: 1_000 });
  });

  it('tests every connection step by step and tells each as it ends', async () => {
    const { dataFolder, config } = await files();
    const desk = await open(dataFolder);
    const told: string[] = [];
    desk.stream.subscribe(null, (event) => {
      if (event.topic === 'connections.tested') told.push(JSON.stringify(event));
    });
    const { ok, reports } = await ask(desk, 'connections.test', { config: config as never });
    expect(reports.flatMap(({ steps }) => steps.filter((step) => !step.ok))).toEqual([]);
    expect(ok).toBe(true);
    for (const { steps } of reports) for (const { ms } of steps) expect(ms).toBeGreaterThanOrEqual(0);
    expect(reports.map(({ id, steps }) => [id, steps.map(({ name }) => name)])).toEqual([
      ['model:lstm', ['features', 'ready', 'metadata', 'inference', 'mapping']],
      ['model:ensemble', ['features', 'ready', 'metadata', 'inference', 'mapping']],
      ['broker:paper', ['configuration', 'logon', 'accounts', 'positions', 'open orders', 'contracts']],
      ['market:replay', ['configuration', 'connect', 'quote', 'history']],
    ]);
    expect(told).toHaveLength(20);
  });
});
