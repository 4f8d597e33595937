import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { DeskError } from '#shared/contract/errors.ts';
import type { InputOf, OperationName, OutputOf } from '#shared/contract/index.ts';
import type { Bar } from '#shared/domain/market.ts';
import { epochMs, moneyFromUsd, ticks } from '#shared/units.ts';
import { serveModel } from '#desk/adapters/models/simulated/service.ts';
import { type Desk, openDesk } from '#desk/desk.ts';
import { openJournal } from '#desk/journal/open-journal.ts';
import { frontInstrument } from '#desk/profiles/instruments.ts';
import { serve } from '#desk/serve.ts';
import { ACCOUNT, MINUTE, roundTrip, START } from '#test/desk/stage.ts';
import { DtcServer } from '#test/support/dtc-server/server.ts';
import { temporaryFolder } from '#test/support/temp-journal.ts';

/** Half a minute into a minute of an open session. */
const STARTS_AT = epochMs(START + 30_000);
const NQ = frontInstrument('NQ', STARTS_AT, 3, 'cme');
const PRICE = 20_000;
const CANARY = 'canary-0815-password';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Minutes up to the start, each four points high: a stop lies two of them away. */
function bars(): readonly Bar[] {
  return Array.from({ length: 300 }, (_, i) => {
    const openAt = epochMs(START - (300 - i) * MINUTE);
    const open = PRICE * 4 + (i % 5);
    return {
      ...{ symbol: NQ.symbol, timeframe: '1m', openAt, closeAt: epochMs(openAt + MINUTE), volume: 100 + (i % 7) },
      ...{ open: ticks(open), high: ticks(open + 8), low: ticks(open - 8), close: ticks(open + 1) },
    };
  });
}

/** A journal with forty own trades and five hours of minutes, as a desk of this account would have left it. */
function writeJournal(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const opened = openJournal({ path: join(folder, 'journal.db') });
  if (!opened.ok) throw new Error(opened.error.code);
  const journal = opened.value;
  const at = epochMs(START - 86_400_000);
  const head = { profile: 'paper', mode: 'paper', account: ACCOUNT, initialEquity: moneyFromUsd(250_000), seed: null };
  journal.append([
    { at, event: { kind: 'opened', ...head } },
    { at, event: { kind: 'instrument', instrument: NQ } },
  ]);
  for (let n = 0; n < 40; n += 1) {
    const time = epochMs(at + n * MINUTE);
    journal.append(roundTrip(n, NQ, { time, isWin: n >= 16 }).map((event) => ({ at: time, event })));
  }
  journal.appendBars(bars());
  journal.close();
}

const model = async (name: string) => {
  const service = await serveModel({
    version: { name, version: '1', featureSchema: 'fs-1', sha256: null },
    horizonBars: 15,
    answer: () => ({ ok: true, chances: { short: 0.1, neutral: 0.05, long: 0.85 } }),
  });
  closing.push(service.close);
  return { kind: 'desk', url: service.url };
};

async function open(): Promise<{ desk: Desk; server: DtcServer; folder: string }> {
  const dataFolder = temporaryFolder();
  const folder = join(dataFolder, 'profiles', 'paper');
  writeJournal(folder);
  const offset = STARTS_AT - Date.now();
  const contract = { symbol: NQ.symbol, tickSize: 0.25, tickValue: 5, margin: 30_000 };
  const server = await DtcServer.start({
    ...{ account: ACCOUNT, contracts: [contract], now: () => Date.now() + offset, password: CANARY },
  });
  closing.push(() => server.close());
  const line = { kind: 'dtc', port: server.port, username: 'trader', passwordSecret: 'dtc-password' };
  const config = {
    ...{ profile: 'paper', account: ACCOUNT, equityUsd: 250_000, instruments: [{ contract: 'NQ' }] },
    models: { lstm: await model('lstm-nq'), ensemble: await model('ensemble-nq') },
    broker: line,
    marketData: [{ ...line, clientName: 'Kelly Desk prices', historyPort: null }],
  };
  writeFileSync(join(folder, 'connections.json'), JSON.stringify(config));
  // Sizes by the specification's own preset: there are no resolved signals to weigh as evidence yet.
  writeFileSync(join(folder, 'settings.json'), JSON.stringify({ preset: 'specification' }));
  vi.stubEnv('KELLY_DESK_SECRET_DTC_PASSWORD', CANARY);
  const desk = await openDesk({ dataFolder, profile: 'paper', startAt: STARTS_AT });
  closing.push(() => desk.close());
  return { desk, server, folder };
}
async function ask<N extends OperationName>(desk: Desk, op: N, input: InputOf<N>): Promise<OutputOf<N>> {
  const reply = await serve(desk.handlers, op, input);
  if (!reply.ok) throw new DeskError(reply.error);
  return reply.output as OutputOf<N>;
}
const eventually = (check: () => Promise<void>): Promise<void> => vi.waitFor(check, { timeout: 30_000, interval: 50 });

describe('a paper profile at a venue of its own, over sockets', () => {
  it('goes from connect to a closed trade in the journal', async () => {
    const { desk, server } = await open();
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
    const proposal = async () => {
      const { recommendations } = await ask(desk, 'desk.snapshot', {});
      return recommendations.find(({ state }) => state === 'proposed');
    };
    await eventually(async () => expect(await proposal()).toBeDefined());
    const proposed = await proposal();
    if (proposed === undefined) throw new Error('nothing is proposed');
    const { contracts } = proposed.decision;
    expect(contracts).toBeGreaterThan(1);
    const { clientOrderId } = await ask(desk, 'recommendation.approve', { id: proposed.id, contracts });

    const family = () => server.exchange.orders.filter(({ clientId }) => clientId.startsWith(clientOrderId ?? '?'));
    await vi.waitFor(() => expect(family()).toHaveLength(3), { timeout: 30_000, interval: 50 });
    const filled = (): number => server.exchange.position(NQ.symbol);
    for (let i = 0; i < 20 && filled() < contracts; i += 1) server.quote(NQ.symbol, PRICE, PRICE + 0.25);
    await eventually(async () => {
      const { positions, orders } = await ask(desk, 'desk.snapshot', {});
      expect(positions.map(({ quantity }) => quantity)).toEqual([contracts]);
      expect(orders.find((order) => order.clientOrderId === clientOrderId)).toMatchObject({
        life: 'filled',
        filled: contracts,
      });
    });

    server.exchange.offered = 1_000;
    const stop = (await ask(desk, 'desk.snapshot', {})).positions[0]?.stop ?? 0;
    server.quote(NQ.symbol, stop * 0.25 - 1, stop * 0.25 - 0.75);
    await eventually(async () => {
      const { positions } = await ask(desk, 'desk.snapshot', {});
      expect(positions).toEqual([]);
    });
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
});
