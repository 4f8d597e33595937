import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { PayloadOf, Publish, TopicName } from '#shared/contract/index.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import type { Bar, Quote } from '#shared/domain/market.ts';
import type { Fill } from '#shared/domain/order.ts';
import type { ModelId, Prediction } from '#shared/domain/prediction.ts';
import type { Recommendation } from '#shared/domain/recommendation.ts';
import type { RiskLimits } from '#shared/domain/risk.ts';
import type { SizingConfig } from '#shared/domain/sizing.ts';
import { epochMs, money, moneyFromUsd, ticks, type EpochMs, type Money } from '#shared/units.ts';
import type { PaperExchangeOptions } from '#desk/adapters/brokers/paper-exchange.ts';
import { createPaperBroker, type PaperBroker } from '#desk/adapters/brokers/paper.ts';
import { assemble, type Assembly } from '#desk/assembly.ts';
import { createClock, createIds, type DeskClock } from '#desk/profiles/clocks.ts';
import { PRESETS } from '#desk/engine/config.ts';
import { createPrng } from '#desk/engine/prng.ts';
import { continuousInstrument } from '#desk/profiles/instruments.ts';
import { openJournal, type SqliteJournal } from '#desk/journal/open-journal.ts';
import type {
  Broker,
  BrokerEvent,
  BrokerSnapshot,
  CancelOutcome,
  FindAnswer,
  OrderGroup,
  SubmitOutcome,
} from '#desk/ports/broker.ts';
import type { Ids } from '#desk/ports/clock.ts';
import type { JournalEvent } from '#desk/ports/events.ts';
import type { ForecastSource } from '#desk/ports/forecast-source.ts';
import { DEFAULT_RISK_LIMITS } from '#desk/engine/risk-limits.ts';
import { paperStateOf } from '#desk/profiles/paper-state.ts';
import { DEFAULT_PLANNING } from '#desk/profiles/settings.ts';
import { createNotices, type Notices } from '#desk/records/notices.ts';
import { temporaryFolder } from '#test/support/temp-journal.ts';

/** A Thursday, 14:00 UTC. */
export const START = Date.UTC(2026, 0, 15, 14);
export const MINUTE = 60_000;
export const ACCOUNT = 'SIM-TEST';
/** Half the height of every bar, in ticks: stops lie two bars away, so that a contract risks about 15,000 USD of NQ. */
const HALF_RANGE = 750;
export const MID: Readonly<Record<string, number>> = { NQ: 80_000, GC: 40_000, ZN: 7_200, ES: 24_000 };

const mustKnow = (root: string): Instrument => {
  const found = continuousInstrument(root);
  if (found === null) throw new Error(`no contract ${root}`);
  return found;
};

export type Opinion = { readonly direction: -1 | 0 | 1; readonly confidence: number };

/** A model that says what it was told to say. */
export function scripted(model: ModelId, clock: DeskClock, opinions: ReadonlyMap<string, Opinion>): ForecastSource {
  const connection = {
    id: `model:${model}`,
    kind: 'model',
    name: model,
    state: 'live',
    lastAt: null,
    latencyMs: null,
    uptime: 1,
    detail: null,
  } as const;
  return {
    model,
    predict: (request) => {
      const opinion = opinions.get(request.symbol);
      const prediction: Prediction = {
        model,
        symbol: request.symbol,
        state: opinion === undefined ? 'unavailable' : 'ok',
        direction: opinion?.direction ?? null,
        confidence: opinion?.confidence ?? null,
        asOf: request.asOf,
        receivedAt: clock.now(),
        latencyMs: 1,
        modelVersion: { name: model, version: '1', featureSchema: null, sha256: null },
        detail: null,
      };
      return Promise.resolve(prediction);
    },
    connection: () => connection,
    onConnection: () => () => undefined,
    close: () => Promise.resolve(),
  };
}

/** A broker in front of the paper broker that can be told to misbehave, and that remembers what it was sent. */
export type SpyBroker = Broker & {
  readonly submitted: OrderGroup[];
  readonly cancelled: string[];
  /** Runs before a group reaches the paper broker. What it returns, if anything, is the outcome instead. */
  beforeSubmit: (group: OrderGroup) => SubmitOutcome | Promise<SubmitOutcome | null> | null;
  beforeCancel: (clientOrderId: string) => CancelOutcome | Promise<CancelOutcome | null> | null;
  beforeFind: (clientOrderId: string) => FindAnswer | Promise<FindAnswer | null> | null;
  /** What becomes of a snapshot on its way to the desk. */
  onSnapshot: (snapshot: BrokerSnapshot) => BrokerSnapshot | Promise<BrokerSnapshot>;
  /** Drops events of the venue on their way to the desk. */
  hears: (event: BrokerEvent) => boolean;
  snapshots: number;
  /** Reports a fill as if the venue had sent it. */
  report(fill: Fill): void;
  tell(event: BrokerEvent): void;
  /** Loses the connection, or has it again; the venue goes on. */
  setLink(isUp: boolean): void;
};

function spyOn(paper: PaperBroker, capabilities: Partial<Broker['capabilities']>): SpyBroker {
  const listeners = new Set<Parameters<Broker['onEvent']>[0]>();
  const linkListeners = new Set<Parameters<Broker['onConnection']>[0]>();
  let isUp = true;
  const tell = (event: BrokerEvent): void => {
    if (isUp && spy.hears(event)) for (const listener of listeners) listener(event);
  };
  const connection: Broker['connection'] = () =>
    isUp ? paper.connection() : { ...paper.connection(), state: 'disconnected' };
  const spy: SpyBroker = {
    ...paper,
    capabilities: { ...paper.capabilities, ...capabilities },
    submitted: [],
    cancelled: [],
    snapshots: 0,
    beforeSubmit: () => null,
    beforeCancel: () => null,
    beforeFind: () => null,
    onSnapshot: (snapshot) => snapshot,
    hears: () => true,
    connect: (signal) => (isUp ? paper.connect(signal) : Promise.reject(new Error('no route to the venue'))),
    submit: async (group) => {
      spy.submitted.push(group);
      if (!isUp) return { kind: 'unknown', why: 'the link is down' };
      const instead = spy.beforeSubmit(group);
      return (instead instanceof Promise ? await instead : instead) ?? paper.submit(group);
    },
    cancel: async (order) => {
      spy.cancelled.push(order.clientOrderId);
      if (!isUp) return { kind: 'unknown', why: 'the link is down' };
      const instead = spy.beforeCancel(order.clientOrderId);
      return (instead instanceof Promise ? await instead : instead) ?? paper.cancel(order);
    },
    find: async (id) => {
      if (!isUp) return { kind: 'cannot-tell', why: 'the link is down' };
      const instead = spy.beforeFind(id);
      return (instead instanceof Promise ? await instead : instead) ?? paper.find(id);
    },
    snapshot: async (since, signal) => {
      spy.snapshots += 1;
      if (!isUp) throw new Error('the link is down');
      return spy.onSnapshot(await paper.snapshot(since, signal));
    },
    connection,
    onConnection: (listener) => {
      linkListeners.add(listener);
      return () => void linkListeners.delete(listener);
    },
    onEvent: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    report: (fill) => tell({ kind: 'fill', fill }),
    tell,
    setLink: (up) => {
      isUp = up;
      for (const listener of linkListeners) listener(connection());
    },
  };
  paper.onEvent(tell);
  paper.onConnection(() => {
    for (const listener of linkListeners) listener(connection());
  });
  return spy;
}

export type StageOptions = {
  readonly roots?: readonly string[];
  readonly config?: Partial<SizingConfig>;
  /** Wins and losses in the history the payoff is estimated from; none of either: evaluation. */
  readonly history?: { readonly wins: number; readonly losses: number };
  readonly initialEquity?: Money;
  /** How the venue fills; all at once at the price seen by default. */
  readonly fills?: Pick<PaperExchangeOptions, 'partialFills' | 'slippage'>;
  /** What the venue can do, where it is not what the paper venue can. */
  readonly capabilities?: Partial<Broker['capabilities']>;
  readonly limits?: Partial<RiskLimits>;
  /** Called before the desk connects, for a venue that is not as the journal left it. */
  readonly prepare?: (venue: { readonly paper: PaperBroker; readonly broker: SpyBroker }) => void | Promise<void>;
  /** A venue of its own in the place of the paper broker, which then takes no part. */
  readonly venue?: (parts: {
    readonly clock: DeskClock;
    readonly ids: Ids;
    readonly journal: SqliteJournal;
    readonly instruments: readonly Instrument[];
  }) => Broker | Promise<Broker>;
  /** Models other than the scripted ones. */
  readonly models?: (clock: DeskClock) => Readonly<Record<ModelId, ForecastSource>>;
};

/** One desk on virtual time: real journal on disk, real paper broker, scripted models. */
export type Stage = {
  readonly path: string;
  readonly journal: SqliteJournal;
  readonly clock: DeskClock;
  readonly paper: PaperBroker;
  readonly broker: SpyBroker;
  readonly assembly: Assembly;
  readonly instruments: ReadonlyMap<string, Instrument>;
  readonly initialEquity: Money;
  readonly published: readonly { readonly topic: TopicName; readonly payload: unknown }[];
  /** Events the history took. */
  readonly startSeq: number;
  /** Equity the history left. */
  readonly startEquity: Money;
  say(symbol: string, opinion: Opinion): void;
  /** Moves the market to a price now: bid, ask one tick above, last at the bid. */
  quote(symbol: string, bid: number): void;
  /** Closes one minute for every symbol at its price, then asks and sizes. */
  propose(...symbols: readonly string[]): Promise<readonly Recommendation[]>;
  /** One proposal that must be one. */
  proposal(symbol: string): Promise<Recommendation>;
  block(reason: string | null): void;
  readonly notices: Notices;
  /** Lets time pass, and what waits for it go on. */
  pass(ms: number, stepMs?: number): Promise<void>;
};

/** Lets everything that waits for nothing but its turn have it. */
export const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

const idOf = (n: number, suffix = ''): string => `D1-${String(n).padStart(26, '0')}${suffix}`;

/** One closed trade of one contract as journal events: +1.5 R or −1 R of `riskTicks`, fees as the contract has them. */
export function roundTrip(
  n: number,
  instrument: Instrument,
  at: { time: EpochMs; isWin: boolean },
): readonly JournalEvent[] {
  const risk = 1000;
  const price = MID[instrument.root] ?? 10_000;
  const base = { account: ACCOUNT, symbol: instrument.symbol, quantity: 1, recommendationId: null, parentId: null };
  const fill = (key: string, clientOrderId: string, direction: 1 | -1, filled: number): JournalEvent => ({
    kind: 'fill',
    fill: {
      ...{ execKey: key, venue: 'paper', account: ACCOUNT, clientOrderId, symbol: instrument.symbol, direction },
      ...{
        quantity: 1,
        price: ticks(filled),
        fee: money(instrument.roundTurnFee / 2),
        at: at.time,
        receivedAt: at.time,
      },
    },
  });
  const [entry, exit] = [idOf(2 * n), idOf(2 * n + 1)];
  return [
    {
      kind: 'intent',
      terms: {
        ...{
          ...base,
          clientOrderId: entry,
          role: 'entry',
          direction: 1,
          type: 'market',
          price: null,
          timeInForce: 'day',
        },
      },
      plannedRiskPerContract: money(risk * instrument.tickValue),
    },
    fill(`H${n}a`, entry, 1, price),
    {
      kind: 'intent',
      terms: {
        ...{
          ...base,
          clientOrderId: exit,
          role: 'flatten',
          direction: -1,
          type: 'market',
          price: null,
          timeInForce: 'day',
        },
      },
      plannedRiskPerContract: null,
    },
    fill(`H${n}b`, exit, -1, price + (at.isWin ? 1.5 * risk : -risk)),
  ];
}

export function writeHistory(
  journal: SqliteJournal,
  options: Required<Pick<StageOptions, 'roots' | 'config' | 'history' | 'initialEquity'>>,
  listed: readonly Instrument[],
): void {
  const at = epochMs(START - 86_400_000);
  const opened: JournalEvent = {
    kind: 'opened',
    ...{ profile: 'simulation', mode: 'simulation', account: ACCOUNT, initialEquity: options.initialEquity, seed: 1 },
  };
  journal.append(
    [opened, ...listed.map<JournalEvent>((instrument) => ({ kind: 'instrument', instrument }))].map((event) => ({
      at,
      event,
    })),
  );
  const [first] = listed;
  if (first === undefined) return;
  const { wins, losses } = options.history;
  for (let n = 0; n < wins + losses; n += 1) {
    // Losses first, so that the account stands at its peak when the test begins.
    const time = epochMs(at + n * MINUTE);
    journal.append(roundTrip(n, first, { time, isWin: n >= losses }).map((event) => ({ at: time, event })));
  }
}

/** Opens the journal of a stage that was closed, and builds a desk on it again. */
export async function raiseStage(path: string, given: StageOptions = {}, startAt: number = START): Promise<Stage> {
  const options: Required<Pick<StageOptions, 'roots' | 'config' | 'history' | 'initialEquity'>> = {
    roots: given.roots ?? ['NQ'],
    config: given.config ?? {},
    history: given.history ?? { wins: 24, losses: 16 },
    initialEquity: given.initialEquity ?? moneyFromUsd(1_000_000),
  };
  const opened = openJournal({ path });
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  const journal = opened.value;
  onTestFinished(() => journal.close());
  const listed = options.roots.map(mustKnow);
  const instruments = new Map(listed.map((one) => [one.symbol, one]));
  if (journal.lastSeq() === 0) writeHistory(journal, options, listed);
  const clock = createClock(epochMs(startAt));
  const random = createPrng(1);
  const ids = createIds(clock, () => random.nextDouble());
  const paper = createPaperBroker({
    ...{ account: ACCOUNT, clock, ids, instruments: listed, fillFrom: 'quotes', startingCash: options.initialEquity },
    ...given.fills,
  });
  const broker = spyOn(paper, given.capabilities ?? {});
  const venue = (await given.venue?.({ clock, ids, journal, instruments: listed })) ?? broker;
  const opinions = new Map<string, Opinion>();
  const published: { topic: TopicName; payload: unknown }[] = [];
  const publish: Publish = <N extends TopicName>(topic: N, payload: PayloadOf<N>) =>
    void published.push({ topic, payload });
  const sizing: SizingConfig = {
    ...PRESETS.conservative,
    // Kelly says 3 contracts; the limits allow 5. Only trades of the history count as evidence.
    ...{ maxRiskPerTrade: 0.1, calibrate: false, evidenceTrades: 0, multiplier: { mode: 'fixed', value: 0.08 } },
    ...options.config,
  };
  let blocked: string | null = null;
  const notices = createNotices(clock, publish);
  const assembly = assemble({
    ...{ journal, clock, ids, broker: venue, instruments, publish, initialEquity: options.initialEquity },
    models: given.models?.(clock) ?? {
      lstm: scripted('lstm', clock, opinions),
      ensemble: scripted('ensemble', clock, opinions),
    },
    settings: () => ({ sizing, planning: DEFAULT_PLANNING, risk: { ...DEFAULT_RISK_LIMITS, ...given.limits } }),
    notices,
    ...{ entries: () => 'limit' as const, timeframe: '1m', maxShadowBars: 1_440, entryBlock: () => blocked },
  });
  paper.exchange.restore(paperStateOf(journal, assembly.book, () => `P-${ids.next()}`));
  await given.prepare?.({ paper, broker });
  onTestFinished(() => assembly.execution.stop());
  await assembly.execution.start(new AbortController().signal);
  const prices = new Map(listed.map((one) => [one.symbol, MID[one.root] ?? 10_000]));
  const closeMinute = (): void => {
    const openAt = epochMs(Math.floor(clock.now() / MINUTE) * MINUTE);
    clock.advanceTo(epochMs(openAt + MINUTE));
    for (const [symbol, price] of prices) {
      const bar: Bar = {
        ...{ symbol, timeframe: '1m', openAt, closeAt: epochMs(openAt + MINUTE), volume: 1000 },
        ...{ open: ticks(price), high: ticks(price + HALF_RANGE), low: ticks(price - HALF_RANGE), close: ticks(price) },
      };
      assembly.pipeline.onMarket({ kind: 'bar', bar });
    }
  };
  const tell = (symbol: string): void => {
    const bid = prices.get(symbol) ?? 0;
    const now = clock.now();
    const quote: Quote = { symbol, bid: ticks(bid), ask: ticks(bid + 1), last: ticks(bid), asOf: now, receivedAt: now };
    paper.onMarket({ kind: 'quote', quote });
    assembly.pipeline.onMarket({ kind: 'quote', quote });
  };
  for (let minute = 0; minute < (given.models === undefined ? 50 : 120); minute += 1) closeMinute();
  const propose: Stage['propose'] = async (...symbols) => {
    closeMinute();
    for (const symbol of prices.keys()) tell(symbol);
    return assembly.pipeline.evaluate(symbols.length === 0 ? [...instruments.keys()] : symbols);
  };
  const startSeq = journal.lastSeq();
  const startEquity = assembly.book.account().realised;
  return {
    ...{ path, journal, clock, paper, broker, assembly, instruments, published, startSeq, startEquity, propose },
    notices,
    pass: async (ms, stepMs = 250) => {
      const end = clock.now() + ms;
      while (clock.now() < end) {
        clock.advanceTo(epochMs(Math.min(end, clock.now() + stepMs)));
        await settle();
      }
    },
    initialEquity: options.initialEquity,
    say: (symbol, opinion) => void opinions.set(symbol, opinion),
    quote: (symbol, bid) => {
      prices.set(symbol, bid);
      tell(symbol);
    },
    proposal: async (symbol) => {
      const [found] = (await propose(symbol)).filter((r) => r.state === 'proposed');
      if (found === undefined) throw new Error(`nothing was proposed for ${symbol}`);
      return found;
    },
    block: (reason) => {
      blocked = reason;
    },
  };
}

export const newStage = (options: StageOptions = {}): Promise<Stage> =>
  raiseStage(join(temporaryFolder(), 'journal.db'), options);

/** Everything a journal holds, as another process sees it. */
export function readAside<T>(path: string, read: (journal: SqliteJournal) => T): T {
  const opened = openJournal({ path, mode: 'read' });
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  try {
    return read(opened.value);
  } finally {
    opened.value.close();
  }
}

/** The `refused` (or other) error of a promise that must fail. */
export async function errorOf(work: () => unknown): Promise<{ code: string; message: string; remedy: string | null }> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Error && 'data' in error) return error.data as never;
    throw error;
  }
  throw new Error('it was allowed');
}
