import type { Publish } from '#shared/contract/index.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import type { Timeframe } from '#shared/domain/market.ts';
import type { ModelId } from '#shared/domain/prediction.ts';
import type { Actor } from '#shared/domain/recommendation.ts';
import type { Money } from '#shared/units.ts';
import { createBook, type Book } from './account/book.ts';
import { createDailyCloses, type DailyCloses } from './account/daily-closes.ts';
import { createLatches } from './account/latches.ts';
import { createLedger, type Ledger } from './account/ledger.ts';
import type { RootFamilies } from './account/samples.ts';
import { createWatchKeeper, type WatchKeeper } from './account/watch-keeper.ts';
import { createModelVersions, type ModelVersionGuard } from './decisions/model-versions.ts';
import { createRecommendations, type Recommendations } from './decisions/recommendations.ts';
import { restoreShadows } from './decisions/restore.ts';
import { createShadows } from './decisions/shadows.ts';
import type { SnapshotSources } from './decisions/signals.ts';
import { CONTRACTS, underlyingRoot } from './engine/futures/contract-table.ts';
import { createExecution, type Execution } from './execution/execution.ts';
import { createTrading, type Trading } from './execution/trading.ts';
import { createPipeline, type Pipeline } from './pipeline.ts';
import type { Broker } from './ports/broker.ts';
import type { Clock, Ids } from './ports/clock.ts';
import type { ForecastSource } from './ports/forecast-source.ts';
import type { Journal } from './ports/journal.ts';
import { definitionLock, journaledInstruments } from './profiles/instruments.ts';
import type { Settings } from './profiles/settings.ts';
import { createBarKeeper } from './records/bar-keeper.ts';
import type { Notices } from './records/notices.ts';
import { createRecorder, type Recorder } from './records/recorder.ts';

/** Works out each answer once: the contract table is what it is. */
function once<K, V>(make: (key: K) => V): (key: K) => V {
  const made = new Map<K, V>();
  return (key) => {
    const known = made.get(key) ?? make(key);
    made.set(key, known);
    return known;
  };
}

/** Which roots are one market, and which are of one group, by the contract table. */
export const families: RootFamilies = {
  sameMarket: once((root) => {
    const underlying = underlyingRoot(root);
    return [root, ...CONTRACTS.filter((c) => underlyingRoot(c.root) === underlying).map((c) => c.root)];
  }),
  sameGroup: once((group) => CONTRACTS.filter((c) => c.group === group).map((c) => c.root)),
};

export type AssemblyParts = {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly broker: Broker;
  readonly models: Readonly<Record<ModelId, ForecastSource>>;
  readonly instruments: ReadonlyMap<string, Instrument>;
  readonly initialEquity: Money;
  /** The paper broker's own behaviour is none of the desk's business. */
  readonly settings: () => Omit<Settings, 'paper' | 'costs'>;
  readonly publish: Publish;
  readonly notices: Pick<Notices, 'raise' | 'clear'>;
  readonly entries: () => 'limit' | 'market';
  /** Absent: nobody, the trader accepts a calibrator. */
  readonly refitsBy?: () => Actor | null;
  readonly timeframe: Timeframe;
  readonly maxShadowBars: number;
  /** Set while entries are blocked for a reason of the desk itself: a settings file with an error, live not armed. */
  readonly entryBlock: () => string | null;
  /** True while that block is that nothing can be journaled. */
  readonly isHalting?: () => boolean;
  /** Waits until a new connection may be made; left out: at once. */
  readonly admit?: (signal: AbortSignal) => Promise<void>;
};

/** The rooms of one desk, joined. */
export type Assembly = {
  readonly book: Book;
  readonly ledger: Ledger;
  readonly recorder: Recorder;
  readonly recommendations: Recommendations;
  readonly execution: Execution;
  readonly pipeline: Pipeline;
  readonly versions: ModelVersionGuard;
  readonly watch: WatchKeeper;
  readonly sources: Pick<SnapshotSources, 'lock' | 'correlations'>;
};

/** A reference that is set once the thing it stands for exists: two rooms that know each other. */
function later<T>(name: string): { readonly get: () => T; readonly set: (value: T) => void } {
  let held: { readonly value: T } | null = null;
  return {
    get: () => {
      if (held === null) throw new Error(`${name} is not there yet`);
      return held.value;
    },
    set: (value) => {
      held = { value };
    },
  };
}

/** The account as the journal left it. */
function restoredBook(parts: AssemblyParts, instrument: (symbol: string) => Instrument): Book {
  const { journal, broker } = parts;
  const book = createBook({ journal, instrument, initialEquity: parts.initialEquity });
  book.setMargin((symbol) => broker.initialMargin(symbol));
  // Orders first: the plans of those that are open are kept, however old they are.
  book.refresh();
  for (const { event } of journal.events({ kinds: ['intent'] })) {
    if (event.plannedRiskPerContract !== null)
      book.setPlannedRisk(event.terms.clientOrderId, event.plannedRiskPerContract);
  }
  // Without it a day that begins before the first price would open at an equity that leaves out what is open.
  for (const { symbol } of book.positions()) {
    const [last] = [parts.timeframe, '1d' as const]
      .flatMap((timeframe) => journal.bars({ symbol, timeframe, limit: 1 }))
      .sort((a, b) => b.closeAt - a.closeAt);
    if (last !== undefined) book.setMark(symbol, { last: last.close, asOf: last.closeAt });
  }
  return book;
}

type Rooms = {
  readonly book: Book;
  readonly ledger: Ledger;
  readonly recorder: Recorder;
  readonly watch: WatchKeeper;
  readonly trading: Trading;
  readonly closes: DailyCloses;
  readonly instrument: (symbol: string) => Instrument;
};

/** Execution with its breakers, over the account's rooms. */
function joinExecution(parts: AssemblyParts, rooms: Rooms): Execution {
  const { journal, clock, ids, broker, instruments, publish, notices } = parts;
  const { book, ledger, recorder, watch, trading, closes, instrument } = rooms;
  const latches = createLatches({
    journal,
    record: (events) => recorder.record(events),
    limits: () => parts.settings().risk,
    breakers: () => parts.settings().sizing.breakers,
  });
  // Nothing is told while it is being joined: the view is not there yet.
  let joined: Execution | null = null;
  const execution = createExecution(
    {
      ...{ broker, book, journal, clock, ids, recorder, trading, notices, instrument },
      knows: (symbol) => instruments.has(symbol),
      limits: () => parts.settings().risk,
      config: () => parts.settings().sizing,
      correlations: (roots) => closes.correlations(roots),
      admit: parts.admit,
      changed: () => {
        if (joined !== null) publish('execution.changed', joined.view());
      },
    },
    { latches, ledger, keeper: watch, calendar: [...instruments.values()][0]?.calendar ?? 'always' },
  );
  joined = execution;
  broker.onEvent((event) => execution.onBroker(event));
  return execution;
}

/** What a decision reads of the desk, each call the newest. */
function snapshotSources(parts: AssemblyParts, rooms: Rooms & { readonly execution: Execution }): SnapshotSources {
  const { book, watch, trading, execution, closes, instrument } = rooms;
  return {
    journal: parts.journal,
    book,
    families,
    config: () => parts.settings().sizing,
    planning: () => parts.settings().planning,
    tradingState: () => trading.state().state,
    lock: (symbol) => definitionLock(instrument(symbol), parts.broker) ?? execution.lock(symbol),
    watch: () => execution.guard.watch(),
    calibrator: () => watch.calibrator(),
    correlations: (roots) => closes.correlations(roots),
    guards: () => execution.gate.guards(),
  };
}

/** Joins journal, broker, models and engine into one pipeline, restored to where the journal left off. */
export function assemble(parts: AssemblyParts): Assembly {
  const { journal, clock, ids, broker, instruments, publish } = parts;
  // What was traded before is still spoken of, after a roll or a change of the configuration.
  const past = journaledInstruments(journal);
  const instrument = (symbol: string): Instrument => {
    const found = instruments.get(symbol) ?? past.get(symbol);
    if (found === undefined) throw new Error(`instrument ${symbol} is not known to this desk`);
    return found;
  };
  const book = restoredBook(parts, instrument);
  const ledger = createLedger(journal, parts.initialEquity, [...instruments.values()][0]?.calendar ?? 'always');
  // The two know each other: closing a recommendation is recorded, and a record names its symbol.
  const recorderRef = later<Recorder>('the recorder');
  const recommendations = createRecommendations({
    ...{ journal, clock, ids, publish, recorder: recorderRef.get },
    marginOf: (symbol) => broker.initialMargin(symbol),
  });
  const symbolOf = (id: string): string | null => recommendations.symbolOf(id);
  const recorder = createRecorder({ journal, book, clock, publish, instrument, symbolOf });
  recorderRef.set(recorder);
  const watch = createWatchKeeper(journal, ledger.lastResumeSeq());
  const pipelineRef = later<Pipeline>('the pipeline');
  const trading = createTrading({
    ...{ ledger, recorder, watch, clock, entryBlock: parts.entryBlock, isHalting: parts.isHalting },
    onChange: () => publish('desk.pulse', { now: clock.now(), risk: pipelineRef.get().risk() }),
  });
  const closes = createDailyCloses(journal, [...instruments.values()]);
  const rooms: Rooms = { book, ledger, recorder, watch, trading, closes, instrument };
  const execution = joinExecution(parts, rooms);
  const shadows = createShadows(instrument, { maxBars: parts.maxShadowBars });
  restoreShadows(journal, shadows, instruments);
  const versions = createModelVersions({
    ...{ journal, notices: parts.notices, record: (events) => recorder.record(events) },
    changed: (all) => publish('models.versionsChanged', [...all]),
  });
  const sources = snapshotSources(parts, { ...rooms, execution });
  const pipeline = createPipeline({
    ...{ clock, book, ledger, recorder, recommendations, execution, trading, shadows, watch, instruments },
    bars: createBarKeeper(journal, closes, parts.timeframe),
    sources,
    ...{ models: parts.models, versions, publish, entries: parts.entries, refitsBy: parts.refitsBy ?? (() => null) },
  });
  pipelineRef.set(pipeline);
  return { book, ledger, recorder, recommendations, execution, pipeline, versions, watch, sources };
}
