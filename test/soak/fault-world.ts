import { join } from 'node:path';
import { pino } from 'pino';
import type { Publish } from '#shared/contract/index.ts';
import type { ModelId } from '#shared/domain/prediction.ts';
import type { Connection } from '#shared/domain/status.ts';
import { epochMs, moneyFromUsd } from '#shared/units.ts';
import { createLinkedBroker } from '#desk/adapters/brokers/paper-broker.ts';
import { createConnectionLog } from '#desk/adapters/connection-log.ts';
import { createSource } from '#desk/adapters/models/source.ts';
import { assemble, type Assembly } from '#desk/assembly.ts';
import { createConnectionBudget } from '#desk/connections/connection-budget.ts';
import { createFeeds, type Feeds } from '#desk/connections/feeds.ts';
import { PRESETS } from '#desk/engine/config.ts';
import { createFeatureBuilder } from '#desk/engine/features/feature-builder.ts';
import { createPrng } from '#desk/engine/prng.ts';
import { DEFAULT_RISK_LIMITS } from '#desk/engine/risk-limits.ts';
import { openGuardedJournal, type GuardedJournal } from '#desk/journal/guarded-journal.ts';
import type { Broker } from '#desk/ports/broker.ts';
import { createClock, createIds, type DeskClock } from '#desk/profiles/clocks.ts';
import { createLiveLoop, type LiveLoop } from '#desk/profiles/live-loop.ts';
import { DEFAULT_PLANNING } from '#desk/profiles/settings.ts';
import { createNotices } from '#desk/records/notices.ts';
import { createFarVenue, type FarVenue } from './far-venue.ts';
import { scriptedMarket, type ScriptedMarket, scriptedModel, type ScriptedModel } from './scripted.ts';
import { historyOf, instrumentsOf, MINUTE, type SoakHour, START } from './soak-world.ts';
import { lineToThread } from './venue-line.ts';

export type FaultSoakOptions = {
  /** Simulated. */
  readonly hours: number;
  readonly symbols: number;
  readonly seed: number;
  readonly onHour?: (hour: SoakHour) => void;
};

export const ACCOUNT = 'SOAK';
export const SYMBOLS_PER_SOURCE = 10;
const CHECKPOINT_MS = 15 * MINUTE;
/** A whole desk but its sockets, its venue, and the script that breaks them. */
export type World = {
  readonly clock: DeskClock;
  readonly journal: GuardedJournal;
  readonly venue: FarVenue;
  readonly broker: Broker;
  readonly assembly: Assembly;
  readonly feeds: Feeds;
  readonly loop: LiveLoop;
  readonly markets: readonly ScriptedMarket[];
  readonly models: Readonly<Record<ModelId, ScriptedModel>>;
  readonly sources: () => readonly Connection[];
  readonly symbols: readonly string[];
  readonly random: () => number;
  readonly proposed: string[];
};

/** The desk's connection to a venue in another thread. */
async function openVenue(
  listed: ReturnType<typeof instrumentsOf>,
  seed: number,
  clock: DeskClock,
): Promise<Pick<World, 'venue' | 'broker'>> {
  const start = { account: ACCOUNT, symbols: listed.length, seed };
  const venue = createFarVenue(await lineToThread(start), { symbols: listed.length, clock });
  const absence = { looks: 2, apartMs: 10_000 };
  const parts = { account: ACCOUNT, instruments: listed, link: venue.link, absence, heartbeatMs: 5_000 };
  return { venue, broker: createLinkedBroker({ clock, ...parts }) };
}

const seeded = (seed: number): (() => number) => {
  const prng = createPrng(seed);
  return () => prng.nextDouble();
};

function sourceOf(model: ModelId, { client }: ScriptedModel, clock: DeskClock) {
  const features = createFeatureBuilder();
  const spec = features.resolve({ schema: 'fs-1', names: ['ret1', 'rsi14'], rows: 4 });
  if (!spec.ok) throw new Error(spec.error);
  const connection = createConnectionLog({ id: `model:${model}`, kind: 'model', name: model }, () => clock.monotonic());
  return createSource({
    ...{ model, clock, client, connection, features, spec: spec.value, timeframe: '1m', maxAgeMs: 72_000 },
    expected: { version: null, sha256: null },
    log: () => undefined,
  });
}

/** Opens a world on a journal of its own; nothing is connected yet. */
export async function openWorld(folder: string, { symbols: count, seed }: FaultSoakOptions): Promise<World> {
  const clock = createClock(epochMs(START));
  const opened = openGuardedJournal({ path: join(folder, 'journal.db'), now: () => clock.now() });
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  const journal = opened.value;
  const [random, listed] = [seeded(seed), instrumentsOf(count)];
  const initialEquity = moneyFromUsd(5_000_000);
  const opening = { profile: 'paper', mode: 'paper', account: ACCOUNT, initialEquity, seed } as const;
  journal.append([
    { at: clock.now(), event: { kind: 'opened', ...opening } },
    ...listed.map((instrument) => ({ at: clock.now(), event: { kind: 'instrument', instrument } as const })),
  ]);
  journal.appendBars(listed.flatMap(({ symbol }) => historyOf(symbol, seed)));
  const venue = await openVenue(listed, seed, clock);
  const models = {
    lstm: scriptedModel('lstm', clock, seeded(seed + 3)),
    ensemble: scriptedModel('ensemble', clock, seeded(seed + 4)),
  };
  const sources = {
    lstm: sourceOf('lstm', models.lstm, clock),
    ensemble: sourceOf('ensemble', models.ensemble, clock),
  };
  const proposed: string[] = [];
  const publish: Publish = (topic, event) => {
    if (topic === 'recommendation.changed' && 'state' in event && event.state === 'proposed') proposed.push(event.id);
  };
  const ids = createIds(clock, random);
  const notices = createNotices(clock, publish);
  const { admit } = createConnectionBudget(clock);
  const assembly = assemble({
    ...{ journal, clock, ids, broker: venue.broker, initialEquity, publish, notices, models: sources, admit },
    instruments: new Map(listed.map((one) => [one.symbol, one])),
    settings: () => ({ sizing: PRESETS.conservative, planning: DEFAULT_PLANNING, risk: DEFAULT_RISK_LIMITS }),
    ...{ entries: () => 'market' as const, timeframe: '1m', maxShadowBars: 240, entryBlock: () => null },
  });
  const loop = createLiveLoop({
    ...{ assembly, clock, notices, publish, logger: pino({ level: 'silent' }), calendar: 'always' },
    ...{ isLive: () => true, asked: (closed) => [...new Set(closed)], showMarket: () => undefined },
    ...{ onNewDay: () => undefined, onPulse: () => undefined },
  });
  const markets = Array.from({ length: Math.ceil(count / SYMBOLS_PER_SOURCE) }, (_, n) =>
    scriptedMarket(`market:${n}`, clock),
  );
  const feeds = createFeeds({
    feeds: markets.map(({ source }, n) => ({
      ...{ source, name: `source ${n}` },
      instruments: listed.slice(n * SYMBOLS_PER_SOURCE, (n + 1) * SYMBOLS_PER_SOURCE),
    })),
    ...{
      clock,
      ids,
      notices,
      admit,
      onEvent: (event) => loop.take(event),
      onConnection: () => undefined,
      onHistory: () => undefined,
    },
    known: (symbol) => ({ minuteUntil: assembly.pipeline.lastBar(symbol)?.closeAt ?? null, dayUntil: null }),
  });
  clock.every(CHECKPOINT_MS, () => journal.checkpoint());
  return {
    ...{ clock, journal, assembly, feeds, loop, markets, models, random, proposed, ...venue },
    sources: () => [sources.lstm.connection(), sources.ensemble.connection(), ...feeds.connections()],
    symbols: listed.map(({ symbol }) => symbol),
  };
}
