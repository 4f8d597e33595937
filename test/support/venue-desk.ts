import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { expect, onTestFinished, vi } from 'vitest';
import { DeskError } from '#shared/contract/errors.ts';
import type { InputOf, OperationName, OutputOf } from '#shared/contract/index.ts';
import type { Bar } from '#shared/domain/market.ts';
import type { Recommendation } from '#shared/domain/recommendation.ts';
import { epochMs, moneyFromUsd, ticks } from '#shared/units.ts';
import { serveModel } from '#desk/adapters/models/simulated/service.ts';
import { type Desk, openDesk } from '#desk/desk.ts';
import { openJournal } from '#desk/journal/open-journal.ts';
import { frontInstrument } from '#desk/profiles/instruments.ts';
import { serve } from '#desk/serve.ts';
import { MINUTE, roundTrip, START } from '#test/desk/stage.ts';
import { DtcServer, type ServerOptions } from './dtc-server/server.ts';
import { startTws, type TwsOptions } from './tws-server/server.ts';
import { temporaryFolder } from './temp-journal.ts';

/** Half a minute into a minute of an open session. */
export const STARTS_AT = epochMs(START + 30_000);
export const NQ = frontInstrument('NQ', STARTS_AT, 3, 'cme');
export const PRICE = 20_000;

export type Mode = 'paper' | 'live';
type Owner = { readonly profile: Mode; readonly account: string };

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
function writeJournal(folder: string, { profile, account }: Owner): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const opened = openJournal({ path: join(folder, 'journal.db') });
  if (!opened.ok) throw new Error(opened.error.code);
  const journal = opened.value;
  const at = epochMs(START - 86_400_000);
  const head = { profile, mode: profile, account, initialEquity: moneyFromUsd(250_000), seed: null };
  journal.append([
    { at, event: { kind: 'opened', ...head } },
    { at, event: { kind: 'instrument', instrument: NQ } },
  ]);
  for (let n = 0; n < 40; n += 1) {
    const time = epochMs(at + n * MINUTE);
    const events = roundTrip(n, NQ, { time, isWin: n >= 16 }).map((event) => {
      if (event.kind === 'intent') return { ...event, terms: { ...event.terms, account } };
      return event.kind === 'fill' ? { ...event, fill: { ...event.fill, account } } : event;
    });
    journal.append(events.map((event) => ({ at: time, event })));
  }
  journal.appendBars(bars());
  journal.close();
}

/** A model service that is sure the market rises. */
export async function sureModel(name: string): Promise<{ readonly kind: 'desk'; readonly url: string }> {
  const service = await serveModel({
    version: { name, version: '1', featureSchema: 'fs-1', sha256: null },
    horizonBars: 15,
    answer: () => ({ ok: true, chances: { short: 0.1, neutral: 0.05, long: 0.85 } }),
  });
  onTestFinished(service.close);
  return { kind: 'desk', url: service.url };
}

let offset = STARTS_AT - Date.now();
/** The time of the venue, which is the desk's. */
export const venueNow = (): number => Date.now() + offset;

export const DTC_CONTRACT = { symbol: NQ.symbol, tickSize: 0.25, tickValue: 5, margin: 30_000 };

export async function startDtc(account: string, options: Partial<ServerOptions> = {}): Promise<DtcServer> {
  const server = await DtcServer.start({ account, contracts: [DTC_CONTRACT], now: venueNow, ...options });
  onTestFinished(() => server.close());
  return server;
}

/** A TWS that lists the month that is traded at the start. */
export async function startFrontTws(options: TwsOptions) {
  const contract = {
    ...{ conId: 711_280_001, symbol: 'NQ', localSymbol: 'NQH6', tradingClass: 'NQ', exchange: 'CME' },
    ...{ lastTradeDate: '20260320', contractMonth: '202603', multiplier: 20, minTick: 0.25, ruleId: 67 },
    increment: 0.25,
  };
  const tws = await startTws({ contracts: [contract], ...options });
  tws.setNow(venueNow);
  onTestFinished(() => tws.stop());
  return { tws, contract };
}

/** A profile on disk that has traded before: its journal, its settings and its connections file. */
export async function writeProfile(
  owner: Owner,
  connections: Readonly<Record<string, unknown>>,
): Promise<{ readonly dataFolder: string; readonly folder: string; readonly config: Record<string, unknown> }> {
  const dataFolder = temporaryFolder();
  const folder = join(dataFolder, 'profiles', owner.profile);
  // Its minutes end at the start: a file whose earlier tests took long would open it on prices that are too old.
  offset = STARTS_AT - Date.now();
  writeJournal(folder, owner);
  const config = {
    ...{ ...owner, equityUsd: 250_000, instruments: [{ contract: 'NQ' }] },
    models: { lstm: await sureModel('lstm-nq'), ensemble: await sureModel('ensemble-nq') },
    ...connections,
  };
  writeFileSync(join(folder, 'connections.json'), JSON.stringify(config));
  // Sizes by the specification's own preset: there are no resolved signals to weigh as evidence yet.
  writeFileSync(join(folder, 'settings.json'), JSON.stringify({ preset: 'specification' }));
  return { dataFolder, folder, config };
}

/** Opens the desk of a profile at the start. It is closed with the test, where it was not before. */
export async function openVenueDesk(dataFolder: string, profile: Mode, logger?: Logger): Promise<Desk> {
  const log = logger === undefined ? {} : { logger };
  const desk = await openDesk({ dataFolder, profile, startAt: epochMs(venueNow()), ...log });
  // Opening takes time in which the desk's clock does not run yet: the venue keeps to it from here.
  offset = (await ask(desk, 'risk.metrics', {})).risk.asOf - Date.now();
  let isClosed = false;
  const close = async (): Promise<void> => {
    if (isClosed) return;
    isClosed = true;
    await desk.close();
  };
  onTestFinished(close);
  return { ...desk, close };
}

/** Asks through the door every shell uses. Throws the DeskError it answers with. */
export async function ask<N extends OperationName>(desk: Desk, op: N, input: InputOf<N>): Promise<OutputOf<N>> {
  const reply = await serve(desk.handlers, op, input);
  if (!reply.ok) throw new DeskError(reply.error);
  return reply.output as OutputOf<N>;
}

export const eventually = (check: () => Promise<void> | void): Promise<void> =>
  vi.waitFor(check, { timeout: 30_000, interval: 50 });

/** What the desk proposes, once it does. */
export async function proposal(desk: Desk): Promise<Recommendation> {
  const proposed = async (): Promise<Recommendation | undefined> => {
    const { recommendations } = await ask(desk, 'desk.snapshot', {});
    return recommendations.find(({ state }) => state === 'proposed');
  };
  await eventually(async () => expect(await proposed()).toBeDefined());
  const found = await proposed();
  if (found === undefined) throw new Error('what was proposed is gone');
  return found;
}
