import type { Publish } from '#shared/contract/index.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import type { Timeframe } from '#shared/domain/market.ts';
import type { ModelId } from '#shared/domain/prediction.ts';
import type { Money } from '#shared/units.ts';
import { createBook, type Book } from './account/book.ts';
import { createDailyCloses } from './account/daily-closes.ts';
import { CONTRACTS, underlyingRoot } from './engine/futures/contract-table.ts';
import { createExecution, type Execution } from './execution.ts';
import { definitionLock } from './profiles/instruments.ts';
import { createLedger, type Ledger } from './account/ledger.ts';
import { createPipeline, type Pipeline } from './pipeline.ts';
import type { Broker } from './ports/broker.ts';
import type { Clock, Ids } from './ports/clock.ts';
import type { ForecastSource } from './ports/forecast-source.ts';
import type { Journal } from './ports/journal.ts';
import { createRecommendations, type Recommendations } from './decisions/recommendations.ts';
import { createRecorder, type Recorder } from './records/recorder.ts';
import type { RootFamilies } from './account/samples.ts';
import type { Settings } from './profiles/settings.ts';
import { createShadows } from './decisions/shadows.ts';
import { restoreShadows } from './decisions/restore.ts';
import { createWatchKeeper } from './account/watch-keeper.ts';

/** Which roots are one market, and which are of one group, by the contract table. */
export const families: RootFamilies = {
  sameMarket: (root) => {
    const underlying = underlyingRoot(root);
    return [root, ...CONTRACTS.filter((c) => underlyingRoot(c.root) === underlying).map((c) => c.root)];
  },
  sameGroup: (group) => CONTRACTS.filter((c) => c.group === group).map((c) => c.root),
};

export type AssemblyParts = {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly broker: Broker;
  readonly models: Readonly<Record<ModelId, ForecastSource>>;
  readonly instruments: ReadonlyMap<string, Instrument>;
  readonly initialEquity: Money;
  readonly settings: () => Settings;
  readonly publish: Publish;
  readonly entries: () => 'limit' | 'market';
  readonly timeframe: Timeframe;
  readonly maxShadowBars: number;
  readonly entryBlock: () => string | null;
};

/** The rooms of one desk, joined. */
export type Assembly = {
  readonly book: Book;
  readonly ledger: Ledger;
  readonly recorder: Recorder;
  readonly recommendations: Recommendations;
  readonly execution: Execution;
  readonly pipeline: Pipeline;
};

/** Joins journal, broker, models and engine into one pipeline, restored to where the journal left off. */
export function assemble(parts: AssemblyParts): Assembly {
  const { journal, clock, ids, broker, instruments, publish } = parts;
  const instrument = (symbol: string): Instrument => {
    const found = instruments.get(symbol);
    if (found === undefined) throw new Error(`instrument ${symbol} is not on this desk`);
    return found;
  };
  const book = createBook({ journal, instrument, initialEquity: parts.initialEquity });
  book.setMargin((symbol) => broker.initialMargin(symbol));
  for (const { event } of journal.events({ kinds: ['intent'] })) {
    if (event.plannedRiskPerContract !== null)
      book.setPlannedRisk(event.terms.clientOrderId, event.plannedRiskPerContract);
  }
  book.refresh();
  const calendar = [...instruments.values()][0]?.calendar ?? 'always';
  const ledger = createLedger(journal, parts.initialEquity, calendar);
  // The two know each other: closing a recommendation is recorded, and a record names its symbol.
  const recorderRef: { current: Recorder | null } = { current: null };
  const recorderNow = (): Recorder => {
    if (recorderRef.current === null) throw new Error('the recorder is not there yet');
    return recorderRef.current;
  };
  const recommendations = createRecommendations({
    journal,
    clock,
    ids,
    publish,
    recorder: recorderNow,
    marginOf: (symbol) => broker.initialMargin(symbol),
  });
  const recorder = createRecorder({
    journal,
    book,
    clock,
    publish,
    instrument,
    symbolOf: (id) => recommendations.symbolOf(id),
  });
  recorderRef.current = recorder;
  const execution = createExecution({ broker, book, clock, ids, recorder });
  const watch = createWatchKeeper(journal, ledger.lastResumeSeq());
  const shadows = createShadows(instrument, { maxBars: parts.maxShadowBars });
  restoreShadows(journal, shadows, instruments);
  const closes = createDailyCloses(journal, [...instruments.values()]);
  const pipeline = createPipeline({
    clock,
    journal,
    book,
    ledger,
    recorder,
    recommendations,
    execution,
    shadows,
    closes,
    watch,
    models: parts.models,
    instruments,
    snapshots: {
      journal,
      book,
      families,
      config: () => parts.settings().sizing,
      planning: () => parts.settings().planning,
      lock: (symbol) => definitionLock(instrument(symbol), broker),
      calibrator: () => watch.calibrator(),
      correlations: (roots) => closes.correlations(roots),
    },
    publish,
    entries: parts.entries,
    timeframe: parts.timeframe,
    entryBlock: parts.entryBlock,
  });
  broker.onEvent((event) => pipeline.onBroker(event));
  return { book, ledger, recorder, recommendations, execution, pipeline };
}
