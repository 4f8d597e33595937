import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeskError } from '#shared/contract/errors.ts';
import { epochMs } from '#shared/units.ts';
import { type FaultSoakOptions, openWorld, SYMBOLS_PER_SOURCE, type World } from './fault-world.ts';
import { slopeOf } from './slope.ts';
import { LEVEL, measured, quoteOf, SECOND, sizeInMb, type SoakHour } from './soak-world.ts';

/** What a connection says of itself, and what the script that broke it knows. */
export type Uptime = {
  readonly id: string;
  readonly reported: number | null;
  readonly truth: number | null;
  readonly outages: number;
};

export type FaultSoak = {
  readonly ticks: number;
  readonly answers: { readonly ok: number; readonly failed: number };
  readonly approved: number;
  readonly executions: number;
  /** Brackets the venue took. */
  readonly brackets: number;
  readonly uptimes: readonly Uptime[];
  readonly unhandled: readonly string[];
  /** What must never be: an order that arrived twice, an execution that was not booked, positions that differ. */
  readonly faults: readonly string[];
  readonly hours: readonly SoakHour[];
  readonly heapSlopeMbPerHour: number | null;
  readonly journalFault: string | null;
  readonly wallMs: number;
};

/** How often memory is measured: what is open then differs, so that a slope needs many of them. */
const SAMPLE_SECONDS = 600;
/** Without faults for this long, everything is connected, asked and compared. */
const CALM_SECONDS = 300;

/** Lets what waits on promises go on, without any time passing on the desk's clock. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Steps of time by which the desk and the venue go on together. */
const STEP_MS = 50;

/** Lets time pass for the desk and the venue, step by step, and what waits for it go on. */
async function pass({ clock, venue }: World, ms: number): Promise<void> {
  const end = clock.now() + ms;
  while (clock.now() < end) {
    clock.advanceTo(epochMs(Math.min(end, clock.now() + STEP_MS)));
    venue.meet();
    await settled();
  }
}

/** Lets time pass until something is done. */
async function driven<T>(world: World, work: Promise<T>): Promise<T> {
  const state = { isDone: false };
  const mark = (): void => {
    state.isDone = true;
  };
  work.then(mark, mark);
  while (!state.isDone) await pass(world, STEP_MS);
  return work;
}

/** What breaks in one second, each seldom: together something is always broken somewhere. */
function breakSomething({ random, markets, models, venue }: World): void {
  const upTo = (ms: number): number => 1 + random() * ms;
  for (const market of markets) if (random() < 1 / 900) market.fail(upTo(90_000));
  for (const model of Object.values(models)) if (random() < 1 / 1_200) model.fail(upTo(180_000));
  if (random() < 1 / 1_200) venue.drop();
}

type Run = {
  readonly prices: Map<string, number>;
  readonly silent: Map<number, number>;
  ticks: number;
  approved: number;
};

/** The end of a second in every market: some quotes come twice, late, in a burst, or not at all. */
function quoteAll(world: World, run: Run, isCalm: boolean): void {
  const { clock, random, markets, symbols, venue } = world;
  for (const [index, symbol] of symbols.entries()) {
    const price = (run.prices.get(symbol) ?? LEVEL) + Math.round((random() - 0.5) * 12);
    run.prices.set(symbol, price);
    run.ticks += 1;
    const quote = quoteOf(symbol, price, clock.now());
    venue.quote(quote);
    const place = Math.floor(index / SYMBOLS_PER_SOURCE);
    const market = markets[place];
    if (market === undefined || (!isCalm && (run.silent.get(place) ?? 0) > clock.now())) continue;
    market.quote(quote);
    if (isCalm || random() > 0.01) continue;
    market.quote({ ...quote, asOf: epochMs(quote.asOf - 5_000) });
    for (let n = 0; n < 20; n += 1) market.quote(quote);
  }
  if (isCalm) return;
  // Half open: the line stands and says nothing.
  if (random() < 1 / 1_800) run.silent.set(Math.floor(random() * markets.length), clock.now() + random() * 120_000);
  breakSomething(world);
}

/** Approves what is proposed. */
function approveAll({ proposed, assembly }: World, run: Run, onFault: (error: unknown) => void): void {
  for (const id of proposed.splice(0)) {
    const { decision } = assembly.recommendations.get(id);
    assembly.pipeline
      .approve({ id, contracts: decision.contracts, reason: null }, 'trader')
      .then(() => void (run.approved += 1))
      .catch(unlessRefused(onFault));
  }
}

/** What a trader does when the desk has stopped itself: arms again what has tripped, and resumes where it may. */
async function tend({ assembly }: World): Promise<void> {
  const { execution, pipeline } = assembly;
  for (const { code } of execution.view().latches) execution.guard.rearm(code, 'the soak goes on', 'trader');
  if (pipeline.risk().tradingState === 'active' || execution.resumeBlock() !== null) return;
  await pipeline.resume('the soak goes on', 'trader');
}

/** A refusal of the desk is an answer; everything else is a fault. */
const unlessRefused =
  (onFault: (error: unknown) => void) =>
  (error: unknown): void => {
    if (!(error instanceof DeskError)) onFault(error);
  };

/** Orders that arrived twice, executions that were lost or doubled, positions that differ, books that do not agree. */
async function faultsOf(world: World): Promise<readonly string[]> {
  const { assembly, venue, journal } = world;
  await driven(world, assembly.execution.reconcile('asked'));
  const { executions, positions, arrived, audit } = venue.records();
  const made = new Set(executions);
  const booked = journal.fills({}).map(({ execKey }) => execKey);
  const text = (list: readonly { symbol: string; quantity: number }[]): string =>
    list
      .map(({ symbol, quantity }) => `${symbol} ${quantity}`)
      .sort()
      .join(', ');
  const [own, theirs] = [text(assembly.book.positions()), text(positions)];
  const doubtful = assembly.book.orders().filter(({ certainty }) => certainty.kind === 'in-doubt');
  return [
    ...[...arrived].filter(([, times]) => times > 1).map(([id, times]) => `${id} arrived ${times} times`),
    ...[...made].filter((key) => !booked.includes(key)).map((key) => `execution ${key} was lost`),
    ...booked.filter((key) => !made.has(key)).map((key) => `execution ${key} was made up`),
    ...(new Set(booked).size === booked.length ? [] : ['an execution was booked twice']),
    ...(own === theirs ? [] : [`the desk holds ${own}, the venue ${theirs}`]),
    ...doubtful.map(({ clientOrderId }) => `${clientOrderId} is still in doubt`),
    ...audit,
  ];
}

type Watch = { readonly unhandled: string[]; readonly note: (error: unknown) => void; readonly stop: () => void };
function watchRejections(): Watch {
  const unhandled: string[] = [];
  const note = (error: unknown): void =>
    void unhandled.push(error instanceof Error ? (error.stack ?? '') : String(error));
  process.on('unhandledRejection', note);
  return { unhandled, note, stop: () => process.off('unhandledRejection', note) };
}

async function playHours(world: World, options: FaultSoakOptions, watch: Watch) {
  const run: Run = { prices: new Map(), silent: new Map(), ticks: 0, approved: 0 };
  const hours: SoakHour[] = [];
  let walMb = 0;
  const seconds = Math.round(options.hours * 3_600);
  for (let second = 1; second <= seconds + CALM_SECONDS; second += 1) {
    const isCalm = second > seconds;
    if (second === seconds + 1) world.venue.calm();
    await pass(world, SECOND);
    quoteAll(world, run, isCalm);
    if (!isCalm) approveAll(world, run, watch.note);
    if (second % 60 !== 0) continue;
    tend(world).catch(unlessRefused(watch.note));
    walMb = Math.max(walMb, sizeInMb(`${world.journal.path}-wal`));
    if (isCalm || (second % SAMPLE_SECONDS !== 0 && second !== seconds)) continue;
    const seen = { hour: second / 3_600, ...measured(), walMb, events: world.journal.lastSeq() };
    hours.push(seen);
    options.onHour?.(seen);
    walMb = 0;
  }
  return { run, hours };
}

function uptimesOf(world: World): readonly Uptime[] {
  const { clock, markets, models, broker, sources, venue } = world;
  const now = clock.now();
  const truths = [models.lstm.truth, models.ensemble.truth, ...markets.map(({ truth }) => truth), venue.truth];
  return [...sources(), broker.connection()].map(({ id, uptime: reported }, index) => {
    const truth = truths[index];
    return { id, reported, truth: truth?.share(now) ?? null, outages: truth?.outages() ?? 0 };
  });
}

/**
 * Runs a desk before sources, models and a venue that break at random, for some simulated hours on virtual time: the
 * real feeds with their reconnecting, bar building and ageing, the real pipeline, execution and journal.
 */
export async function soakWithFaults(options: FaultSoakOptions): Promise<FaultSoak> {
  const folder = mkdtempSync(join(tmpdir(), 'kelly-desk-faults-'));
  const began = performance.now();
  const watch = watchRejections();
  try {
    const world = await openWorld(folder, options);
    const { signal } = new AbortController();
    await driven(world, world.assembly.execution.start(signal));
    await driven(
      world,
      world.feeds.start(signal, () => undefined),
    );
    world.assembly.execution.watch();
    world.loop.begin();
    const { run, hours } = await playHours(world, options, watch);
    const faults = await faultsOf(world);
    const uptimes = uptimesOf(world);
    const { executions, arrived } = world.venue.records();
    const journalFault = await closed(world);
    const counts = Object.values(world.models).map((model) => model.counts());
    const settledHours = hours.slice(Math.ceil(hours.length / 6));
    return {
      ...{ ticks: run.ticks, approved: run.approved, uptimes, faults, hours, journalFault },
      ...{ executions: executions.length, brackets: arrived.size },
      answers: { ok: sum(counts.map(({ ok }) => ok)), failed: sum(counts.map(({ failed }) => failed)) },
      unhandled: watch.unhandled,
      heapSlopeMbPerHour: slopeOf(settledHours.map(({ hour, heapMb }) => [hour, heapMb])),
      wallMs: performance.now() - began,
    };
  } finally {
    watch.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

async function closed(world: World): Promise<string | null> {
  const { assembly, journal, clock, feeds, venue } = world;
  assembly.recommendations.stop();
  assembly.execution.stop();
  await feeds.close();
  clock.stop();
  const walked = journal.walk();
  journal.close();
  await venue.close();
  return 'fault' in walked ? walked.fault : null;
}
