import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { epochMs, moneyFromUsd } from '#shared/units.ts';
import { createLinkedBroker } from '#desk/adapters/brokers/paper-broker.ts';
import { assemble, type Assembly } from '#desk/assembly.ts';
import { PRESETS } from '#desk/engine/config.ts';
import { createEventStream, type EventStream } from '#desk/door/event-stream.ts';
import { createPrng } from '#desk/engine/prng.ts';
import { DEFAULT_RISK_LIMITS } from '#desk/engine/risk-limits.ts';
import { openGuardedJournal, type GuardedJournal } from '#desk/journal/guarded-journal.ts';
import type { MarketEvent } from '#desk/ports/market-data.ts';
import { createClock, createIds, type DeskClock } from '#desk/profiles/clocks.ts';
import { DEFAULT_PLANNING } from '#desk/profiles/settings.ts';
import { createNotices } from '#desk/records/notices.ts';
import { createFarVenue, type FarVenue } from './far-venue.ts';
import { slopeOf } from './slope.ts';
import { type LeaningMarkets, leaningMarkets, seeingModel } from './soak-market.ts';
import { type Deeds, soakTrader, type Trader } from './soak-trader.ts';
import {
  addTick,
  barOf,
  historyOf,
  instrumentsOf,
  measured,
  MINUTE,
  type OpenBar,
  quoteOf,
  SECOND,
  sizeInMb,
  type SoakHour,
  START,
} from './soak-world.ts';
import { lineHere, lineToThread } from './venue-line.ts';

export type { SoakHour } from './soak-world.ts';

export type DeskSoakOptions = {
  /** Simulated. */
  readonly hours: number;
  readonly symbols: number;
  readonly seed: number;
  /** Told after every simulated hour. */
  readonly onHour?: (hour: SoakHour) => void;
  /**
   * False: memory is not measured. Collecting all of it again and again takes its time, and throws away warm code. The
   * venue, which remembers every order, then needs no thread of its own.
   */
  readonly isMeasured?: boolean;
};

export type DeskSoak = {
  readonly ticks: number;
  readonly bars: number;
  readonly decisions: number;
  /** Events told to whoever listens. */
  readonly told: number;
  readonly deeds: Readonly<Deeds>;
  readonly fills: number;
  /** Round trips. */
  readonly trades: number;
  readonly events: number;
  /** Of the last event: the same seed is the same journal. */
  readonly headHash: string | null;
  /** None where memory is not measured. */
  readonly hours: readonly SoakHour[];
  /** Real milliseconds of each simulated minute: of the life of the desk, without its start, its end and the measuring. */
  readonly minuteMs: readonly number[];
  /**
   * Growth of what the desk holds: heap after collection without compiled code, which grows while code gets warm. The
   * first sixth is left out while caches fill; null under three samples.
   */
  readonly heapSlopeMbPerHour: number | null;
  readonly maxWalMb: number;
  /** Null when pages, chain and counts are in order. */
  readonly journalFault: string | null;
  readonly wallMs: number;
};

const CHECKPOINT_MS = 15 * MINUTE;
/** How often memory is measured: what the last events hold differs by half a megabyte, so that a slope needs many of them. */
const SAMPLE_MINUTES = 20;
const ACCOUNT = 'SOAK';
const EQUITY = moneyFromUsd(5_000_000);

type Rig = {
  readonly assembly: Assembly;
  readonly journal: GuardedJournal;
  readonly clock: DeskClock;
  readonly venue: FarVenue;
  readonly stream: EventStream;
  readonly symbols: readonly string[];
  readonly take: (event: MarketEvent) => void;
  readonly markets: LeaningMarkets;
  readonly trader: Trader;
};

/** A desk of one account in an empty folder, with its markets listed and a day of their bars. */
function openJournal(folder: string, { symbols, seed }: DeskSoakOptions, clock: DeskClock) {
  const opened = openGuardedJournal({ path: join(folder, 'journal.db'), now: () => clock.now() });
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  const journal = opened.value;
  const listed = instrumentsOf(symbols);
  const opening = { profile: 'simulation', mode: 'simulation', account: ACCOUNT, initialEquity: EQUITY, seed } as const;
  journal.append([
    { at: clock.now(), event: { kind: 'opened', ...opening } },
    ...listed.map((instrument) => ({ at: clock.now(), event: { kind: 'instrument', instrument } as const })),
  ]);
  journal.appendBars(listed.flatMap(({ symbol }) => historyOf(symbol, seed)));
  return { journal, listed };
}

async function openRig(folder: string, options: DeskSoakOptions): Promise<Rig> {
  const clock = createClock(epochMs(START));
  const start = { account: ACCOUNT, symbols: options.symbols, seed: options.seed };
  const starting = options.isMeasured === false ? lineHere(start) : lineToThread(start);
  const { journal, listed } = openJournal(folder, options, clock);
  const prng = createPrng(options.seed);
  const random = (): number => prng.nextDouble();
  const ids = createIds(clock, random);
  const markets = leaningMarkets(random);
  const venue = createFarVenue(await starting, { symbols: options.symbols, clock });
  venue.calm();
  const absence = { looks: 2, apartMs: 10_000 };
  const line = { account: ACCOUNT, instruments: listed, link: venue.link, absence, heartbeatMs: 5_000 };
  const broker = createLinkedBroker({ clock, ...line });
  const stream = createEventStream();
  const surroundings = { clock, random, lean: markets.lean };
  const assembly = assemble({
    ...{ journal, clock, ids, broker, initialEquity: EQUITY, publish: stream.publish },
    notices: createNotices(clock, stream.publish),
    instruments: new Map(listed.map((one) => [one.symbol, one])),
    models: { lstm: seeingModel('lstm', surroundings), ensemble: seeingModel('ensemble', surroundings) },
    settings: () => ({ sizing: PRESETS.conservative, planning: DEFAULT_PLANNING, risk: DEFAULT_RISK_LIMITS }),
    ...{ entries: () => 'limit' as const, timeframe: '1m', maxShadowBars: 240, entryBlock: () => null },
  });
  await driven({ clock, venue }, assembly.execution.start(new AbortController().signal));
  assembly.execution.watch();
  clock.every(CHECKPOINT_MS, () => journal.checkpoint());
  clock.every(SECOND, () => assembly.execution.guard.check());
  const take = (event: MarketEvent): void => {
    if (event.kind === 'quote') venue.quote(event.quote);
    assembly.pipeline.onMarket(event);
  };
  const trader = soakTrader(assembly, random, () => clock.now());
  const symbols = listed.map(({ symbol }) => symbol);
  return { assembly, journal, clock, venue, stream, symbols, take, markets, trader };
}

type Counts = { ticks: number; bars: number; decisions: number; told: number };

/** Lets what waits on promises go on, without any time passing on the desk's clock. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Lets time pass until something is done: the venue answers in its own time. */
async function driven<T>({ clock, venue }: Pick<Rig, 'clock' | 'venue'>, work: Promise<T>): Promise<T> {
  const state = { isDone: false };
  const mark = (): void => {
    state.isDone = true;
  };
  work.then(mark, mark);
  while (!state.isDone) {
    clock.advanceTo(epochMs(clock.now() + 10));
    venue.meet();
    await settled();
  }
  return work;
}

/** One minute of every market, second by second, and then its bars. */
async function playMinute({ clock, symbols, markets, take, venue }: Rig, openAt: number, counts: Counts) {
  const bars = new Map<string, OpenBar>();
  for (let second = 1; second <= 60; second += 1) {
    // What the trader did at the end of the minute before has taken a part of this one.
    clock.advanceTo(epochMs(Math.max(clock.now(), openAt + second * SECOND)));
    for (const symbol of symbols) {
      const price = markets.step(symbol);
      take({ kind: 'quote', quote: quoteOf(symbol, price, clock.now()) });
      counts.ticks += 1;
      const bar = bars.get(symbol);
      if (bar === undefined) bars.set(symbol, { open: price, high: price, low: price, close: price, volume: 1 });
      else addTick(bar, price);
    }
    venue.meet();
    await settled();
  }
  for (const [symbol, bar] of bars) {
    take({ kind: 'bar', bar: barOf(symbol, bar, epochMs(openAt)) });
    counts.bars += 1;
  }
}

/** What a screen asks for all the time. */
function look({ assembly }: Rig): void {
  assembly.pipeline.risk();
  assembly.recommendations.current();
  assembly.recorder.activity();
  assembly.execution.view();
}

/** A minute of the markets, and what models, desk and trader make of it. */
async function liveMinute(rig: Rig, openAt: number, counts: Counts): Promise<void> {
  await playMinute(rig, openAt, counts);
  const proposed = await rig.assembly.pipeline.evaluate(rig.symbols);
  counts.decisions += proposed.length;
  await driven(rig, rig.trader.answer(proposed));
  await driven(rig, rig.trader.tend());
  look(rig);
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
    const counts: Counts = { ticks: 0, bars: 0, decisions: 0, told: 0 };
    rig.stream.subscribe(null, () => {
      counts.told += 1;
    });
    const hours: SoakHour[] = [];
    const samples: Sample[] = [];
    const minuteMs: number[] = [];
    let [walMb, maxWalMb] = [0, 0];
    const minutes = Math.round(options.hours * 60);
    for (let minute = 1; minute <= minutes; minute += 1) {
      const start = performance.now();
      await liveMinute(rig, START + (minute - 1) * MINUTE, counts);
      minuteMs.push(performance.now() - start);
      walMb = Math.max(walMb, sizeInMb(`${rig.journal.path}-wal`));
      maxWalMb = Math.max(maxWalMb, walMb);
      if (options.isMeasured === false || (minute % SAMPLE_MINUTES !== 0 && minute !== minutes)) continue;
      const hour = minute / 60;
      const memory = measured();
      samples.push([hour, memory.heapMb - memory.codeMb]);
      if (minute % 60 !== 0 && minute !== minutes) continue;
      const seen = { hour, ...memory, walMb, events: rig.journal.lastSeq() };
      hours.push(seen);
      options.onHour?.(seen);
      walMb = 0;
    }
    return await summary(rig, { counts, hours, minuteMs, samples, maxWalMb, began });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The hour, and MB of the heap without compiled code. */
type Sample = readonly [hour: number, dataMb: number];
type Found = {
  readonly counts: Counts;
  readonly hours: readonly SoakHour[];
  readonly minuteMs: readonly number[];
  readonly samples: readonly Sample[];
  readonly maxWalMb: number;
  readonly began: number;
};

async function summary(
  { assembly, journal, clock, trader, venue }: Rig,
  { counts, hours, minuteMs, samples, maxWalMb, began }: Found,
): Promise<DeskSoak> {
  const walked = journal.walk();
  const trades = journal.tradeCount({});
  const fills = journal.fills({}).length;
  assembly.recommendations.stop();
  assembly.execution.stop();
  clock.stop();
  await venue.close();
  const [events, headHash] = [journal.lastSeq(), journal.headHash()];
  journal.close();
  const settled = samples.slice(Math.ceil(samples.length / 6));
  return {
    ...{ ...counts, deeds: trader.deeds, fills, trades },
    ...{ events, headHash, hours, minuteMs, maxWalMb },
    heapSlopeMbPerHour: slopeOf(settled),
    journalFault: 'fault' in walked ? walked.fault : null,
    wallMs: performance.now() - began,
  };
}
