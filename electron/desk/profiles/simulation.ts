import type { Logger } from 'pino';
import { DeskError } from '#shared/contract/errors.ts';
import type { Connection } from '#shared/domain/status.ts';
import type { ModelId } from '#shared/domain/prediction.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import type { Publish } from '#shared/contract/index.ts';
import type { Startup } from '#shared/domain/status.ts';
import { epochMs, type EpochMs, type Money, type Ticks } from '#shared/units.ts';
import { createPaperBroker } from '#desk/adapters/brokers/paper.ts';
import { createSimulatedMarket } from '#desk/adapters/market/simulated.ts';
import type { ModelConnection } from '#desk/adapters/models/config.ts';
import { createForecastSource, modelConnectionSchema } from '#desk/adapters/models/forecast-sources.ts';
import { startSimulatedModels } from '#desk/adapters/models/simulated/simulated.ts';
import { assemble } from '#desk/assembly.ts';
import { createClock, createIds, type DeskClock } from './clocks.ts';
import { createFeatureBuilder } from '#desk/engine/features/feature-builder.ts';
import { createPrng } from '#desk/engine/prng.ts';
import { frontInstrument, journaledInstruments, withMargins } from './instruments.ts';
import type { Notices } from '#desk/records/notices.ts';
import type { Journal } from '#desk/ports/journal.ts';
import type { ForecastSource } from '#desk/ports/forecast-source.ts';
import { configChange, expiredByRestart, lastEventTime } from '#desk/decisions/restore.ts';
import { createLiveLoop } from './live-loop.ts';
import { paperStateOf } from './paper-state.ts';
import { createSimulationTest } from '#desk/connections/simulation-tests.ts';
import { isNews, withCosts } from './instrument-costs.ts';
import type { RunningProfile } from './running.ts';
import type { Settings } from './settings.ts';
import { timeless } from '#desk/decisions/signals.ts';
import { CATCH_UP_MINUTES, catchUp, sessionStarts, warmUp } from './warm-up.ts';

const ROOTS = ['NQ', 'ES', 'GC', 'CL', 'ZN', '6E'] as const;
const MINUTE_MS = 60_000;
const QUOTE_INTERVAL_MS = 500;
/** A planned trade of minute bars is marked out after a day. */
const MAX_SHADOW_BARS = 1_440;
/** In history every bar offers more than enough: only live quotes fill in parts. */
const AMPLE = 1_000;
/** Ticks a market order and a hit stop lose to the simulated market. */
const SLIPPAGE = { market: 1, stop: 1 } as const;

export type SimulationParts = {
  readonly journal: Journal;
  readonly settings: () => Settings;
  readonly publish: Publish;
  readonly notices: (clock: DeskClock) => Notices;
  readonly entryBlock: () => string | null;
  readonly isHalting: () => boolean;
  readonly seed: number;
  /** The time the simulated clock starts at; null: now. */
  readonly startAt: EpochMs | null;
  readonly account: string;
  readonly initialEquity: Money;
  readonly warmUpSessions: number;
  readonly version: string;
  readonly logger: Logger;
  readonly onProgress: (startup: Startup) => void;
  /** Aborted when the desk closes: history in the making stops after the session it is at. */
  readonly signal: AbortSignal;
};

function instrumentsOf(journal: Journal, now: EpochMs, rollGuardDays: number): ReadonlyMap<string, Instrument> {
  const fronts = ROOTS.map((root) => frontInstrument(root, now, rollGuardDays, 'always'));
  const held = new Set([
    ...journal.openLots().map((l) => l.symbol),
    ...journal.orders({ openOnly: true }).map((o) => o.symbol),
  ]);
  const older = [...journaledInstruments(journal).values()].filter(
    (i) => held.has(i.symbol) && fronts.every((front) => front.symbol !== i.symbol),
  );
  return new Map([...older, ...fronts].map((i) => [i.symbol, i]));
}

function lastPrices(journal: Journal, instruments: Iterable<Instrument>): ReadonlyMap<string, Ticks> {
  const prices = new Map<string, Ticks>();
  for (const { symbol } of instruments) {
    const last =
      journal.bars({ symbol, timeframe: '1m', limit: 1 })[0] ?? journal.bars({ symbol, timeframe: '1d', limit: 1 })[0];
    if (last !== undefined) prices.set(symbol, last.close);
  }
  return prices;
}

function lastBarTime(journal: Journal, instruments: Iterable<Instrument>): EpochMs | null {
  const times = [...instruments].flatMap(({ symbol }) =>
    journal.bars({ symbol, timeframe: '1m', limit: 1 }).map((b) => b.closeAt),
  );
  return times.length === 0 ? null : epochMs(Math.max(...times));
}

/**
 * Sessions of history still to be made: none once the desk has been live, all at a first start, and those after the
 * last one finished where making them was cut short.
 */
function sessionsToMake(journal: Journal, now: EpochMs, count: number): readonly EpochMs[] {
  for (const _ of journal.events({ kinds: ['started'], limit: 1 })) return [];
  const decided = journal.decisions({ limit: 1, offset: 0 })[0]?.decision.at ?? 0;
  return sessionStarts(now, count).filter((start) => start > decided);
}

/** Builds the simulation profile on a journal: restored if it has a past, to be warmed up if it has none. */
export async function createSimulation(parts: SimulationParts): Promise<RunningProfile> {
  const { journal, settings, seed, logger } = parts;
  let isLive = false;
  /** History in the making is not told step by step: screens fetch it whole when the desk is ready. */
  const publish: Publish = (name, payload) => {
    if (isLive) parts.publish(name, payload);
  };
  const offsetMs = parts.startAt === null ? 0 : parts.startAt - Date.now();
  const wallNow = (): EpochMs => epochMs(Date.now() + offsetMs);
  const realNow = wallNow();
  const sessions = sessionsToMake(journal, realNow, parts.warmUpSessions);
  const usual = instrumentsOf(journal, realNow, settings().sizing.rollGuardDays);
  const listed = new Map([...usual].map(([symbol, one]) => [symbol, withCosts(one, settings().costs)]));
  const fronts = [...listed.values()].slice(-ROOTS.length).map((i) => i.symbol);
  const resumedAt = lastBarTime(journal, listed.values());
  const catchUpFrom = epochMs(Math.max(resumedAt ?? 0, realNow - CATCH_UP_MINUTES * MINUTE_MS));
  // Not before what is journaled: time does not run backwards over a restart.
  const before = journal.decisionCount() === 0 ? null : lastEventTime(journal);
  const clock = createClock(sessions[0] ?? epochMs(Math.max(catchUpFrom, before ?? 0)), offsetMs);
  const madeBefore = journal.decisionCount();
  const ids = createIds(clock);
  const notices = parts.notices(clock);

  const services = await startSimulatedModels({ seed });
  const maxAgeMs = settings().sizing.maxPredictionAgeMs;
  const asked = { clock, maxAgeMs, features: createFeatureBuilder() };
  const serviceOf = (model: ModelId): ModelConnection => {
    const { url } = services[model];
    const connection = { kind: 'desk', url, features: services.features, timeframe: '1m', maxAgeBars: 100 };
    return modelConnectionSchema.parse(connection);
  };
  const source = (model: ModelId): ForecastSource =>
    timeless(createForecastSource(serviceOf(model), { model, ...asked }), () => !isLive);
  const models = { lstm: source('lstm'), ensemble: source('ensemble') };
  // A restart goes on from the last prices, with a market of its own: the seed moves with the journal.
  const market = createSimulatedMarket({
    instruments: [...listed.values()],
    seed: seed + journal.lastSeq(),
    clock,
    startPrices: lastPrices(journal, listed.values()),
    quoteIntervalMs: QUOTE_INTERVAL_MS,
  });
  const { offeredPerQuote, latencyMs } = settings().paper;
  const broker = createPaperBroker({
    account: parts.account,
    clock,
    ids,
    instruments: [...listed.values()],
    fillFrom: 'bars',
    startingCash: parts.initialEquity,
    slippage: SLIPPAGE,
    ...(offeredPerQuote === null ? {} : { partialFills: { seed, shareOfVolume: AMPLE, quoteSize: offeredPerQuote } }),
  });
  const instruments = withMargins(listed, broker);
  const assembly = assemble({
    journal,
    clock,
    ids,
    broker,
    models,
    instruments,
    initialEquity: parts.initialEquity,
    settings,
    publish,
    notices,
    entries: () => (isLive ? 'limit' : 'market'),
    refitsBy: () => (isLive ? null : 'warm-up'),
    timeframe: '1m',
    maxShadowBars: MAX_SHADOW_BARS,
    entryBlock: () => (isLive ? parts.entryBlock() : null),
    isHalting: () => isLive && parts.isHalting(),
  });
  const { pipeline, book, recorder, execution } = assembly;
  broker.exchange.restore(paperStateOf(journal, book, () => `P-${ids.next()}`));
  await execution.start(parts.signal);
  const sources = [models.lstm, models.ensemble, market, broker];
  const traded = [...instruments.values()].filter(({ symbol }) => fronts.includes(symbol));
  /** The paper broker is part of this process: while it is up it was heard this instant. */
  const standing = (source: (typeof sources)[number]): Connection => {
    const connection = source.connection();
    if (source !== broker || connection.state !== 'live') return connection;
    return { ...connection, state: execution.brokerState(), lastAt: clock.now() };
  };
  for (const source of sources) source.onConnection(() => publish('connection.changed', standing(source)));

  const loop = createLiveLoop({
    ...{ assembly, clock, notices, logger, publish },
    calendar: 'always',
    isLive: () => isLive,
    asked: () => fronts,
    showMarket: (event) => broker.onMarket(event),
    onNewDay: () => broker.endDay(),
    onPulse: () => publish('connection.changed', standing(broker)),
  });
  market.onEvent((event) => loop.take(event));

  const goLive = async (): Promise<void> => {
    clock.advanceTo(epochMs(Math.max(clock.now(), wallNow())));
    isLive = true;
    clock.goLive();
    broker.setFillSource('quotes');
    broker.setLatency({ toVenueMs: latencyMs, fromVenueMs: latencyMs });
    recorder.record([
      ...expiredByRestart(journal),
      { kind: 'started', version: parts.version },
      ...configChange(journal, settings().sizing),
    ]);
    execution.watch();
    await market.start();
    loop.begin();
    loop.evaluate(fronts);
  };

  return {
    assembly,
    broker,
    clock,
    notices,
    instruments,
    connections: () => sources.map(standing),
    test: createSimulationTest({
      models: { lstm: serviceOf('lstm'), ensemble: serviceOf('ensemble') },
      market,
      broker,
      clock,
      instruments: traded,
    }),
    run: async () => {
      const known = journaledInstruments(journal);
      const fresh = [...instruments.values()].filter((one) => isNews(known.get(one.symbol), one));
      recorder.record(fresh.map((instrument) => ({ kind: 'instrument', instrument })));
      if (sessions.length > 0) {
        await warmUp(sessions, {
          assembly,
          market,
          clock,
          journal,
          symbols: fronts,
          prng: createPrng(seed + madeBefore),
          onProgress: parts.onProgress,
          signal: parts.signal,
        });
      }
      if (parts.signal.aborted)
        throw new DeskError({ code: 'not-ready', message: 'the desk was closed before it was ready' });
      await catchUp(catchUpFrom, wallNow(), {
        assembly,
        market,
        clock,
        journal,
        onProgress: parts.onProgress,
      });
      await goLive();
    },
    close: async () => {
      assembly.recommendations.stop();
      execution.stop();
      clock.stop();
      await market.close();
      await Promise.all([models.lstm.close(), models.ensemble.close()]);
      await broker.close();
      await services.close();
      pipeline.flushBars();
    },
  };
}
