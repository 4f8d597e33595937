import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeskError } from '#shared/contract/errors.ts';
import type { ModelId, Prediction } from '#shared/domain/prediction.ts';
import { epochMs, moneyFromUsd } from '#shared/units.ts';
import { createPaperBroker } from '#desk/adapters/brokers/paper.ts';
import { assemble, type Assembly } from '#desk/assembly.ts';
import { PRESETS } from '#desk/engine/config.ts';
import { createPrng } from '#desk/engine/prng.ts';
import { DEFAULT_RISK_LIMITS } from '#desk/engine/risk-limits.ts';
import { openGuardedJournal, type GuardedJournal } from '#desk/journal/guarded-journal.ts';
import type { Clock } from '#desk/ports/clock.ts';
import type { ForecastSource } from '#desk/ports/forecast-source.ts';
import type { MarketEvent } from '#desk/ports/market-data.ts';
import { createClock, createIds, type DeskClock } from '#desk/profiles/clocks.ts';
import { DEFAULT_PLANNING } from '#desk/profiles/settings.ts';
import { createNotices } from '#desk/records/notices.ts';
import { slopeOf } from './slope.ts';
import {
  barOf,
  historyOf,
  instrumentsOf,
  LEVEL,
  measured,
  MINUTE,
  type OpenBar,
  quoteOf,
  SECOND,
  sizeInMb,
  type SoakHour,
  START,
} from './soak-world.ts';

export type { SoakHour } from './soak-world.ts';

export type DeskSoakOptions = {
  /** Simulated. */
  readonly hours: number;
  readonly symbols: number;
  readonly seed: number;
  /** Told after every simulated hour. */
  readonly onHour?: (hour: SoakHour) => void;
};

export type DeskSoak = {
  readonly ticks: number;
  readonly bars: number;
  readonly decisions: number;
  readonly approved: number;
  readonly trades: number;
  readonly events: number;
  readonly hours: readonly SoakHour[];
  /** Heap after collection over the hours, the first sixth left out while caches fill; null under three hours. */
  readonly heapSlopeMbPerHour: number | null;
  readonly maxWalMb: number;
  /** Null when pages, chain and counts are in order. */
  readonly journalFault: string | null;
  readonly wallMs: number;
};

const CHECKPOINT_MS = 15 * MINUTE;
const ACCOUNT = 'SOAK';

/** A model with an opinion that changes, now and then, and is sure now and then. */
function opinionated(model: ModelId, clock: Clock, random: () => number): ForecastSource {
  const identity = { id: `model:${model}`, kind: 'model', name: model, state: 'live' } as const;
  const connection = { ...identity, lastAt: null, latencyMs: null, uptime: 1, detail: null };
  return {
    model,
    predict: ({ symbol, asOf }) => {
      const prediction: Prediction = {
        ...{ model, symbol, state: 'ok', asOf, receivedAt: clock.now(), latencyMs: 1, detail: null },
        direction: random() < 0.5 ? 1 : -1,
        confidence: 0.5 + random() / 3,
        modelVersion: { name: model, version: '1', featureSchema: null, sha256: null },
      };
      return Promise.resolve(prediction);
    },
    connection: () => connection,
    onConnection: () => () => undefined,
    close: () => Promise.resolve(),
  };
}

type Rig = {
  readonly assembly: Assembly;
  readonly journal: GuardedJournal;
  readonly clock: DeskClock;
  readonly symbols: readonly string[];
  readonly take: (event: MarketEvent) => void;
  readonly random: () => number;
};

async function openRig(folder: string, { symbols, seed }: DeskSoakOptions): Promise<Rig> {
  const clock = createClock(epochMs(START));
  const opened = openGuardedJournal({ path: join(folder, 'journal.db'), now: () => clock.now() });
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  const journal = opened.value;
  const prng = createPrng(seed);
  const random = (): number => prng.nextDouble();
  const ids = createIds(clock, random);
  const listed = instrumentsOf(symbols);
  const initialEquity = moneyFromUsd(5_000_000);
  const broker = createPaperBroker({
    ...{ account: ACCOUNT, clock, ids, instruments: listed, fillFrom: 'quotes', startingCash: initialEquity },
  });
  const opening = { profile: 'simulation', mode: 'simulation', account: ACCOUNT, initialEquity, seed } as const;
  journal.append([
    { at: clock.now(), event: { kind: 'opened', ...opening } },
    ...listed.map((instrument) => ({ at: clock.now(), event: { kind: 'instrument', instrument } as const })),
  ]);
  journal.appendBars(listed.flatMap(({ symbol }) => historyOf(symbol, seed)));
  const publish = (): void => undefined;
  const assembly = assemble({
    ...{ journal, clock, ids, broker, initialEquity, publish, notices: createNotices(clock, publish) },
    instruments: new Map(listed.map((one) => [one.symbol, one])),
    models: { lstm: opinionated('lstm', clock, random), ensemble: opinionated('ensemble', clock, random) },
    settings: () => ({ sizing: PRESETS.conservative, planning: DEFAULT_PLANNING, risk: DEFAULT_RISK_LIMITS }),
    ...{ entries: () => 'market' as const, timeframe: '1m', maxShadowBars: 240, entryBlock: () => null },
  });
  await assembly.execution.start(new AbortController().signal);
  assembly.execution.watch();
  clock.every(CHECKPOINT_MS, () => journal.checkpoint());
  clock.every(SECOND, () => assembly.execution.guard.check());
  const take = (event: MarketEvent): void => {
    broker.onMarket(event);
    assembly.pipeline.onMarket(event);
  };
  return { assembly, journal, clock, symbols: listed.map(({ symbol }) => symbol), take, random };
}

type Counts = { ticks: number; bars: number; decisions: number; approved: number };

/** One minute of every market, second by second, and then its bars. */
function playMinute(rig: Rig, prices: Map<string, number>, counts: Counts): void {
  const openAt = rig.clock.now();
  const open = new Map<string, OpenBar>();
  for (let second = 1; second <= 60; second += 1) {
    rig.clock.advanceTo(epochMs(openAt + second * SECOND));
    for (const symbol of rig.symbols) {
      const price = (prices.get(symbol) ?? LEVEL) + Math.round((rig.random() - 0.5) * 12);
      prices.set(symbol, price);
      rig.take({ kind: 'quote', quote: quoteOf(symbol, price, rig.clock.now()) });
      counts.ticks += 1;
      const bar = open.get(symbol) ?? { open: price, high: price, low: price, close: price, volume: 0 };
      const [high, low] = [Math.max(bar.high, price), Math.min(bar.low, price)];
      open.set(symbol, { open: bar.open, high, low, close: price, volume: bar.volume + 1 });
    }
  }
  for (const [symbol, bar] of open) {
    rig.take({ kind: 'bar', bar: barOf(symbol, bar, openAt) });
    counts.bars += 1;
  }
}

/** A random walk loses often: what has tripped is armed again, so that the day is spent trading. */
function rearm({ assembly }: Rig): void {
  for (const { code } of assembly.execution.view().latches)
    assembly.execution.guard.rearm(code, 'the soak goes on', 'trader');
}

/** Lets the desk size what the minute brought, and approves what it proposes. */
async function decide(rig: Rig, counts: Counts): Promise<void> {
  const proposed = await rig.assembly.pipeline.evaluate(rig.symbols);
  counts.decisions += proposed.length;
  for (const { id, state, decision } of proposed) {
    if (state !== 'proposed') continue;
    try {
      await rig.assembly.pipeline.approve({ id, contracts: decision.contracts, reason: null }, 'trader');
      counts.approved += 1;
    } catch (error) {
      // A proposal that shares a budget may have no room left by its turn.
      if (!(error instanceof DeskError)) throw error;
    }
  }
}

/**
 * Runs the whole desk but its wires for some simulated hours on virtual time: real journal on disk, real assembly,
 * pipeline, risk manager and paper broker; every symbol ticks once a second and is sized once a minute.
 */
export async function soakDesk(options: DeskSoakOptions): Promise<DeskSoak> {
  const folder = mkdtempSync(join(tmpdir(), 'kelly-desk-soak-'));
  const began = performance.now();
  try {
    const rig = await openRig(folder, options);
    const counts: Counts = { ticks: 0, bars: 0, decisions: 0, approved: 0 };
    const prices = new Map<string, number>();
    const hours: SoakHour[] = [];
    let walMb = 0;
    const minutes = Math.round(options.hours * 60);
    for (let minute = 1; minute <= minutes; minute += 1) {
      playMinute(rig, prices, counts);
      rearm(rig);
      await decide(rig, counts);
      walMb = Math.max(walMb, sizeInMb(`${rig.journal.path}-wal`));
      if (minute % 60 !== 0 && minute !== minutes) continue;
      const seen = { ...measured(), walMb, events: rig.journal.lastSeq() };
      hours.push({ hour: minute / 60, ...seen });
      options.onHour?.({ hour: minute / 60, ...seen });
      walMb = 0;
    }
    return summary(rig, { counts, hours, began });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Found = { readonly counts: Counts; readonly hours: readonly SoakHour[]; readonly began: number };

function summary({ assembly, journal, clock }: Rig, { counts, hours, began }: Found): DeskSoak {
  const walked = journal.walk();
  const trades = journal.tradeCount({});
  assembly.recommendations.stop();
  assembly.execution.stop();
  clock.stop();
  const events = journal.lastSeq();
  journal.close();
  const settled = hours.slice(Math.ceil(hours.length / 6));
  return {
    ...counts,
    trades,
    events,
    hours,
    heapSlopeMbPerHour: slopeOf(settled.map(({ hour, heapMb }) => [hour, heapMb])),
    maxWalMb: Math.max(...hours.map(({ walMb }) => walMb)),
    journalFault: 'fault' in walked ? walked.fault : null,
    wallMs: performance.now() - began,
  };
}
