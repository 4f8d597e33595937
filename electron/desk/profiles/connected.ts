import type { Logger } from 'pino';
import { DeskError } from '#shared/contract/errors.ts';
import type { Publish } from '#shared/contract/index.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import type { ModelId } from '#shared/domain/prediction.ts';
import type { Connection, Startup } from '#shared/domain/status.ts';
import { epochMs, type EpochMs, type Money } from '#shared/units.ts';
import { secretScreenOf } from '#desk/adapters/secret-screen.ts';
import { createEquityWatch } from '#desk/account/equity-watch.ts';
import { assemble, type Assembly } from '#desk/assembly.ts';
import { type ConnectionBudget, createConnectionBudget } from '#desk/connections/connection-budget.ts';
import { createFeeds, type Feeds } from '#desk/connections/feeds.ts';
import { networkAddresses } from '#desk/connections/network.ts';
import type { SecretStore } from '#desk/connections/secrets.ts';
import { configChange, expiredByRestart } from '#desk/decisions/restore.ts';
import { isSessionOpen } from '#desk/engine/session.ts';
import type { Broker } from '#desk/ports/broker.ts';
import type { ForecastSource } from '#desk/ports/forecast-source.ts';
import type { Journal } from '#desk/ports/journal.ts';
import type { Notices } from '#desk/records/notices.ts';
import { createClock, createIds, type DeskClock } from './clocks.ts';
import { connectedInstruments, servedBy } from './connected-instruments.ts';
import { createProfileBroker, type ProfileBroker } from './connected-venue.ts';
import { secretNamesOf, type ConnectionsConfig } from './connections-config.ts';
import { isNews, withCosts } from './instrument-costs.ts';
import { journaledInstruments, withMargins } from './instruments.ts';
import { createLiveLoop, type LiveLoop } from './live-loop.ts';
import { createModelSource } from './model-services.ts';
import type { RunningProfile } from './running.ts';
import type { Settings } from './settings.ts';
import { createMarketSource } from './venue-adapters.ts';
import { marketIdentity } from './venues.ts';

/** A planned trade of minute bars is marked out after a day. */
const MAX_SHADOW_BARS = 1_440;
/** Connections are told again this often, so that their latency and uptime are not those of their last change. */
const TELL_EVERY_PULSES = 5;
const COMPARE_EQUITY_EVERY_PULSES = 60;

export type ConnectedParts = {
  readonly journal: Journal;
  readonly config: ConnectionsConfig;
  readonly settings: () => Settings;
  readonly secrets: SecretStore;
  readonly publish: Publish;
  readonly notices: (clock: DeskClock) => Notices;
  readonly entryBlock: () => string | null;
  readonly isHalting: () => boolean;
  readonly initialEquity: Money;
  /** The time the clock starts at; null: now. */
  readonly startAt: EpochMs | null;
  readonly seed: number;
  readonly version: string;
  readonly logger: Logger;
  readonly onProgress: (startup: Startup) => void;
  /** Aborted when the desk closes. */
  readonly signal: AbortSignal;
};

type Base = {
  readonly clock: DeskClock;
  readonly ids: ReturnType<typeof createIds>;
  readonly notices: Notices;
  readonly traded: readonly Instrument[];
  readonly instruments: Map<string, Instrument>;
  readonly venue: ProfileBroker;
  readonly models: Readonly<Record<ModelId, ForecastSource>>;
  readonly budget: ConnectionBudget;
};

function createBase(parts: ConnectedParts): Base {
  const { config, journal, settings, secrets } = parts;
  const start = parts.startAt ?? epochMs(Date.now());
  const clock = createClock(start, start - Date.now());
  clock.goLive();
  const ids = createIds(clock);
  const { rollGuardDays } = settings().sizing;
  const usual = connectedInstruments(config, journal, { now: clock.now(), rollGuardDays });
  const priced = (one: Instrument): Instrument => withCosts(one, settings().costs);
  const [traded, all] = [usual.traded.map(priced), usual.all.map(priced)];
  const venue = createProfileBroker({
    ...{ config, clock, ids, secrets, journal, instruments: all, seed: parts.seed },
    ...{ cash: parts.initialEquity, paper: settings().paper },
  });
  const instruments = new Map(withMargins(new Map(all.map((one) => [one.symbol, one])), venue.broker));
  const modelParts = { clock, secrets, maxAgeMs: settings().sizing.maxPredictionAgeMs };
  const models = {
    lstm: createModelSource(config.models.lstm, { model: 'lstm', ...modelParts }),
    ensemble: createModelSource(config.models.ensemble, { model: 'ensemble', ...modelParts }),
  };
  const budget = createConnectionBudget(clock);
  return { clock, ids, notices: parts.notices(clock), traded, instruments, venue, models, budget };
}

type Rooms = Base & { readonly assembly: Assembly; readonly state: { isLive: boolean } };

function assembleOn(parts: ConnectedParts, base: Base): Rooms {
  const state = { isLive: false };
  const assembly = assemble({
    ...{ journal: parts.journal, clock: base.clock, ids: base.ids, broker: base.venue.broker, models: base.models },
    ...{ instruments: base.instruments, initialEquity: parts.initialEquity, settings: parts.settings },
    ...{ publish: parts.publish, notices: base.notices, timeframe: '1m', maxShadowBars: MAX_SHADOW_BARS },
    entries: () => 'limit',
    entryBlock: () => (state.isLive ? parts.entryBlock() : (parts.entryBlock() ?? 'The desk is still connecting')),
    isHalting: parts.isHalting,
    admit: base.budget.admit,
  });
  base.venue.restore(parts.journal, assembly.book);
  return { ...base, assembly, state };
}

function feedsOf(parts: ConnectedParts, rooms: Rooms, loop: () => LiveLoop): Feeds {
  const { clock, ids, notices, assembly } = rooms;
  const all = [...rooms.instruments.values()];
  const served = servedBy(parts.config, all);
  return createFeeds({
    feeds: parts.config.marketData.map((config, index) => {
      const instruments = served[index] ?? [];
      const { id, name } = marketIdentity(config, parts.config.marketData);
      const source = createMarketSource(config, { id, name, clock, instruments, secrets: parts.secrets });
      return { source, name, instruments: instruments.map(({ instrument }) => instrument) };
    }),
    ...{ clock, ids, notices, admit: rooms.budget.admit },
    known: (symbol) => ({
      minuteUntil: assembly.pipeline.lastBar(symbol)?.closeAt ?? null,
      dayUntil: parts.journal.bars({ symbol, timeframe: '1d', limit: 1 })[0]?.closeAt ?? null,
    }),
    onHistory: (bars) => assembly.pipeline.takeHistory(bars),
    onEvent: (event) => loop().take(event),
    onConnection: (connection) => parts.publish('connection.changed', connection),
  });
}

const EMULATED = 'It holds no brackets: this desk sends stop and target, and they die with this computer.';

/** The connection as the screens see it: a broker is syncing until it has been compared with the journal. */
function brokerStanding(broker: Broker, { assembly, clock }: Rooms): Connection {
  const connection = broker.connection();
  if (connection.state !== 'live') return connection;
  // The paper broker is part of this process: while it is up it was heard this instant.
  const lastAt = broker.venue === 'paper' ? clock.now() : connection.lastAt;
  const isEmulated = broker.capabilities.brackets === 'emulated';
  const detail = connection.detail ?? (isEmulated ? EMULATED : null);
  return { ...connection, state: assembly.execution.brokerState(), lastAt, detail };
}

/** A venue states margins once it is connected, and may change them: the instruments keep up with it. */
function keepMargins({ instruments, venue }: Pick<Base, 'instruments' | 'venue'>): void {
  for (const [symbol, instrument] of withMargins(instruments, venue.broker)) instruments.set(symbol, instrument);
}

/** Says once what the trader must know of how the broker holds stops. */
function warnOfBrackets({ broker }: ProfileBroker, notices: Notices): void {
  if (broker.capabilities.brackets === 'native' && broker.venue !== 'paper') return;
  const isPaper = broker.venue === 'paper';
  notices.raise({
    id: 'brackets',
    level: isPaper ? 'info' : 'warn',
    title: 'Stops and targets die with this computer',
    detail: isPaper
      ? 'The paper broker is part of this program: its orders only see the market while the desk runs.'
      : 'This broker holds no brackets: the desk sends the stop and the target itself after an entry has filled.',
    remedy: isPaper ? null : 'Keep the desk running while a position is open, or put a stop at the broker by hand.',
  });
}

/** Builds a profile of real connections on its journal. Nothing is connected before `run`. */
export function createConnected(parts: ConnectedParts): RunningProfile {
  const rooms = assembleOn(parts, createBase(parts));
  const { assembly, clock, notices, venue, models, traded, state, instruments } = rooms;
  const { broker } = venue;
  const { execution, recorder, pipeline } = assembly;
  const feeds: Feeds = feedsOf(parts, rooms, () => loop);
  const equity = createEquityWatch({ broker, notices, equity: () => assembly.book.account().equity });
  const connections = (): readonly Connection[] => [
    models.lstm.connection(),
    models.ensemble.connection(),
    ...feeds.connections(),
    brokerStanding(broker, rooms),
  ];
  const symbols = new Set(traded.map(({ symbol }) => symbol));
  const background = (what: string, work: Promise<unknown>): void => {
    work.catch((error: unknown) => parts.logger.error({ event: what, err: error }));
  };
  let pulses = 0;
  const loop = createLiveLoop({
    ...{ assembly, clock, notices, logger: parts.logger, publish: parts.publish },
    calendar: traded[0]?.calendar ?? 'cme',
    isLive: () => state.isLive,
    asksAtFirstQuote: true,
    asked: (closed) =>
      [...new Set(closed)].filter((symbol) => {
        const instrument = instruments.get(symbol);
        return symbols.has(symbol) && instrument !== undefined && isSessionOpen(clock.now(), instrument.calendar);
      }),
    showMarket: venue.showMarket,
    onNewDay: venue.onNewDay,
    onPulse: () => {
      if (pulses % TELL_EVERY_PULSES === 0) for (const one of connections()) parts.publish('connection.changed', one);
      if (pulses % TELL_EVERY_PULSES === 0) keepMargins(rooms);
      if (pulses % COMPARE_EQUITY_EVERY_PULSES === 0) equity.check();
      pulses += 1;
    },
    network: networkAddresses,
    onWake: (why) => {
      parts.logger.warn({ event: why });
      feeds.check();
      background('compare-after-wake-failed', execution.reconcile('asked'));
    },
  });
  for (const source of [models.lstm, models.ensemble])
    source.onConnection((connection) => parts.publish('connection.changed', connection));
  broker.onConnection(() => parts.publish('connection.changed', brokerStanding(broker, rooms)));

  const tell = (done: number, total: number, text: string): void =>
    parts.onProgress({ phase: 'syncing', done, total, text });
  const mustBeOpen = (): void => {
    if (parts.signal.aborted)
      throw new DeskError({ code: 'not-ready', message: 'the desk was closed before it was ready' });
  };
  return {
    ...{ assembly, broker, clock, notices, instruments, connections, test: null },
    run: async () => {
      await secretScreenOf(parts.secrets).learn(secretNamesOf(parts.config));
      const known = journaledInstruments(parts.journal);
      const fresh = [...instruments.values()].filter((one) => isNews(known.get(one.symbol), one));
      recorder.record([
        ...fresh.map((instrument) => ({ kind: 'instrument' as const, instrument })),
        ...expiredByRestart(parts.journal),
      ]);
      // The account first: what is held must be known and protected before anything else is waited for.
      tell(0, 1, 'Connecting to the broker and comparing it with the journal');
      await execution.start(parts.signal);
      mustBeOpen();
      keepMargins(rooms);
      warnOfBrackets(venue, notices);
      await feeds.start(parts.signal, tell);
      mustBeOpen();
      recorder.record([
        { kind: 'started', version: parts.version },
        ...configChange(parts.journal, parts.settings().sizing),
      ]);
      state.isLive = true;
      execution.watch();
      loop.begin();
    },
    close: async () => {
      assembly.recommendations.stop();
      execution.stop();
      await feeds.close();
      clock.stop();
      await Promise.all([models.lstm.close(), models.ensemble.close()]);
      await broker.close();
      pipeline.flushBars();
    },
  };
}
