import type { Logger } from 'pino';
import type { Publish } from '#shared/contract/index.ts';
import type { ModelId } from '#shared/domain/prediction.ts';
import type { Recommendation } from '#shared/domain/recommendation.ts';
import type { Connection, Startup } from '#shared/domain/status.ts';
import { epochMs, type Money } from '#shared/units.ts';
import { createPaperBroker, type PaperBroker } from '#desk/adapters/brokers/paper.ts';
import { createConnectionLog } from '#desk/adapters/connection-log.ts';
import { createForecastSource, modelConnectionSchema } from '#desk/adapters/models/forecast-sources.ts';
import { assemble } from '#desk/assembly.ts';
import { configChange, expiredByRestart, lastEventTime } from '#desk/decisions/restore.ts';
import { timeless } from '#desk/decisions/signals.ts';
import { createFeatureBuilder } from '#desk/engine/features/feature-builder.ts';
import type { ForecastSource } from '#desk/ports/forecast-source.ts';
import type { Journal } from '#desk/ports/journal.ts';
import type { Notices } from '#desk/records/notices.ts';
import { createClock, createIds, type DeskClock } from './clocks.ts';
import { isNews, withCosts } from './instrument-costs.ts';
import { journaledInstruments, withMargins } from './instruments.ts';
import { paperStateOf } from './paper-state.ts';
import { playBar, REPLAY_SLIPPAGE, type Stage } from './recorded-bars.ts';
import { PAST_BARS, recordedBars, type Recording } from './recording.ts';
import { startReplayModels, type ReplayModels } from './replay-models.ts';
import type { RunningProfile } from './running.ts';
import type { Settings } from './settings.ts';

const PULSE_MS = 1_000;
/** A bar with a proposal waits for the trader, at most so long: then the next one comes, and the proposal expires. */
const HOLD_MS = 60_000;
const LOOK_MS = 100;

export type ReplayDeskParts = {
  readonly journal: Journal;
  readonly recording: Recording;
  readonly account: string;
  readonly initialEquity: Money;
  readonly settings: () => Settings;
  readonly publish: Publish;
  readonly notices: (clock: DeskClock) => Notices;
  readonly entryBlock: () => string | null;
  readonly isHalting: () => boolean;
  readonly version: string;
  readonly logger: Logger;
  readonly onProgress: (startup: Startup) => void;
  /** Aborted when the desk closes. */
  readonly signal: AbortSignal;
};

type Base = ReturnType<typeof createBase> & { readonly services: ReplayModels };

/** Clock, prices and venue of a replay, where its journal left off. */
function createBase(parts: ReplayDeskParts) {
  const { journal, recording, settings } = parts;
  const recorded = recordedBars(recording);
  const { instrument, bars } = recorded;
  const last = journal.bars({ symbol: instrument.symbol, timeframe: recording.timeframe, limit: 1 })[0];
  const from = Math.max(recording.from, last?.closeAt ?? 0);
  const played = bars.filter((bar) => bar.openAt >= from);
  const past = last === undefined ? bars.filter((bar) => bar.openAt < from).slice(-PAST_BARS) : [];
  const start = Math.max(lastEventTime(journal) ?? 0, played[0]?.openAt ?? 0);
  const clock = createClock(epochMs(start));
  const ids = createIds(clock);
  const priced = withCosts(instrument, settings().costs);
  const broker = createPaperBroker({
    ...{ account: parts.account, clock, ids, instruments: [priced], fillFrom: 'bars' },
    ...{ startingCash: parts.initialEquity, slippage: REPLAY_SLIPPAGE },
  });
  const instruments = withMargins(new Map([[priced.symbol, priced]]), broker);
  const { assumptions } = recorded;
  return { clock, ids, broker, instruments, symbol: priced.symbol, played, past, assumptions };
}

function modelsOf(parts: ReplayDeskParts, { clock, services }: Pick<Base, 'clock' | 'services'>) {
  const { timeframe } = parts.recording;
  const asked = { clock, maxAgeMs: parts.settings().sizing.maxPredictionAgeMs, features: createFeatureBuilder() };
  const source = (model: ModelId): ForecastSource => {
    const connection = { kind: 'desk', ...services[model], timeframe, horizonBars: services.horizonBars };
    return timeless(createForecastSource(modelConnectionSchema.parse(connection), { model, ...asked }), () => true);
  };
  return { lstm: source('lstm'), ensemble: source('ensemble') };
}

function assembleOn(parts: ReplayDeskParts, base: Base) {
  const { clock, ids, broker, instruments, services } = base;
  const models = modelsOf(parts, base);
  const notices = parts.notices(clock);
  const assembly = assemble({
    ...{ journal: parts.journal, clock, ids, broker, models, instruments, initialEquity: parts.initialEquity },
    ...{ settings: parts.settings, publish: parts.publish, notices, timeframe: parts.recording.timeframe },
    ...{ maxShadowBars: services.maxShadowBars, entryBlock: parts.entryBlock, isHalting: parts.isHalting },
    // What is approved at the close of a bar fills at the open of the next.
    entries: () => 'market',
    refitsBy: () => (parts.recording.autoApprove ? 'auto' : null),
  });
  broker.exchange.restore(paperStateOf(parts.journal, assembly.book, () => `P-${ids.next()}`));
  return { ...base, models, notices, assembly };
}

/** Resolves after so many milliseconds of the machine's time, or when the desk closes. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}

/** Waits until nothing that was proposed is undecided, at most `HOLD_MS`; and in any case the time of a bar. */
async function rest(
  proposals: readonly Recommendation[],
  isOpen: (id: string) => boolean,
  { secondsPerBar, signal }: { readonly secondsPerBar: number; readonly signal: AbortSignal },
): Promise<void> {
  const until = performance.now() + HOLD_MS;
  await pause(secondsPerBar * 1_000, signal);
  const waits = proposals.filter(({ state }) => state === 'proposed');
  while (!signal.aborted && performance.now() < until && waits.some(({ id }) => isOpen(id)))
    await pause(LOOK_MS, signal);
}

type Rooms = ReturnType<typeof assembleOn>;

/** Plays the bars that are left, one after the other, until the desk closes. Never rejects: what fails is told. */
async function play(
  parts: ReplayDeskParts,
  rooms: Rooms,
  market: ReturnType<typeof createConnectionLog>,
  pulse: () => void,
): Promise<void> {
  const { assembly, broker, clock, notices, played } = rooms;
  const { recording, signal, logger } = parts;
  const stage: Stage = { assembly, broker, clock };
  const isOpen = (id: string): boolean => assembly.recommendations.get(id).state === 'proposed';
  try {
    for (const bar of played) {
      if (signal.aborted) return;
      const proposals = await playBar(bar, stage, recording.autoApprove);
      const quote = assembly.book.quote(bar.symbol);
      if (quote !== null) parts.publish('quote.changed', quote);
      assembly.execution.guard.check();
      market.heard(clock.now(), null);
      pulse();
      await rest(proposals, isOpen, { secondsPerBar: recording.secondsPerBar, signal });
    }
    if (!signal.aborted) market.set('disconnected', 'The recording is at its end.');
  } catch (error) {
    logger.error({ event: 'replay-failed', err: error });
    market.set('disconnected', 'The replay has stopped.');
    notices.raise({
      ...{ id: 'replay', level: 'error', title: 'The replay has stopped' },
      detail: error instanceof Error ? error.message : 'unknown error',
      remedy: 'Start it again; it goes on where its journal ends.',
    });
  }
}

const noted = (title: string, detail: string) => ({ kind: 'notice', level: 'info', title, detail }) as const;

/** Records what a start of a replay has to say before its first bar. */
function recordStart(parts: ReplayDeskParts, rooms: Rooms): void {
  const { assembly, instruments, services, assumptions, past } = rooms;
  const known = journaledInstruments(parts.journal);
  const fresh = [...instruments.values()].filter((one) => isNews(known.get(one.symbol), one));
  const isFirst = known.size === 0;
  assembly.recorder.record([
    ...fresh.map((instrument) => ({ kind: 'instrument' as const, instrument })),
    ...expiredByRestart(parts.journal),
    ...(isFirst ? services.notes.map((detail) => noted('Models of this replay', detail)) : []),
    ...(isFirst ? assumptions.map((detail) => noted('Assumption about the prices', detail)) : []),
    { kind: 'started', version: parts.version },
    ...configChange(parts.journal, parts.settings().sizing),
  ]);
  assembly.pipeline.takeHistory(past);
}

/**
 * Builds a desk on recorded bars: the same playing of them as the command `replay`, at a pace to look at, with a trader
 * who decides. Its time is the time of the bars, so that each day is answered by the model that had been trained by then;
 * between two bars it stands still.
 */
export async function createReplayDesk(parts: ReplayDeskParts): Promise<RunningProfile> {
  const services = await startReplayModels(parts.recording.models, parts.recording.timeframe);
  const rooms = assembleOn(parts, { ...createBase(parts), services });
  const { assembly, broker, clock, notices, instruments, models } = rooms;
  const { execution, pipeline, recorder } = assembly;
  const market = createConnectionLog({ id: 'market:replay', kind: 'market', name: 'Recorded prices' });
  const connections = (): readonly Connection[] => [
    models.lstm.connection(),
    models.ensemble.connection(),
    market.current(),
    brokerStanding(broker, rooms),
  ];
  const tell = (): void => connections().forEach((one) => parts.publish('connection.changed', one));
  for (const source of [models.lstm, models.ensemble, broker]) source.onConnection(tell);
  market.onChange(tell);
  const pulse = (): void => {
    parts.publish('desk.pulse', { now: clock.now(), risk: pipeline.risk() });
    recorder.publishPositions();
    tell();
  };
  let playing: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | null = null;
  return {
    ...{ assembly, broker, clock, notices, instruments, connections, test: null },
    run: async () => {
      parts.onProgress({ phase: 'syncing', done: 0, total: 1, text: 'Reading the recording' });
      await execution.start(parts.signal);
      recordStart(parts, rooms);
      market.set('live', 'Recorded prices, played bar by bar.');
      timer = setInterval(pulse, PULSE_MS);
      playing = play(parts, rooms, market, pulse);
    },
    close: async () => {
      if (timer !== null) clearInterval(timer);
      await playing;
      assembly.recommendations.stop();
      execution.stop();
      clock.stop();
      await Promise.all([models.lstm.close(), models.ensemble.close()]);
      await broker.close();
      await services.close();
      pipeline.flushBars();
    },
  };
}

/** The paper broker is part of this process: while it is up it was heard this instant. */
function brokerStanding(broker: PaperBroker, { assembly, clock }: Rooms): Connection {
  const connection = broker.connection();
  if (connection.state !== 'live') return connection;
  return { ...connection, state: assembly.execution.brokerState(), lastAt: clock.now() };
}
