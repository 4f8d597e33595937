import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Publish } from '#shared/contract/index.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import type { ModelId, Prediction } from '#shared/domain/prediction.ts';
import type { RiskLimits } from '#shared/domain/risk.ts';
import type { SizingConfig } from '#shared/domain/sizing.ts';
import type { Money } from '#shared/units.ts';
import { assemble, type Assembly } from '#desk/assembly.ts';
import { PRESETS } from '#desk/engine/config.ts';
import { DEFAULT_RISK_LIMITS } from '#desk/engine/risk-limits.ts';
import { type SqliteJournal, openJournal } from '#desk/journal/open-journal.ts';
import type { Broker, OrderGroup } from '#desk/ports/broker.ts';
import type { Clock } from '#desk/ports/clock.ts';
import type { ForecastSource } from '#desk/ports/forecast-source.ts';
import type { MarketEvent } from '#desk/ports/market-data.ts';
import { DEFAULT_PLANNING } from '#desk/profiles/settings.ts';
import { createNotices, type Notices } from '#desk/records/notices.ts';
import type { NearEnd, VenueRig } from './rig.ts';

/** What both models say of a symbol; nothing: no signal. */
export type Opinions = Map<string, { readonly direction: 1 | -1; readonly confidence: number }>;

export type RigDeskOptions = {
  /** Where its broker, clock and ids come from, and its prices. */
  readonly rig: Pick<VenueRig, 'newNearEnd'> & { readonly feed: Pick<VenueRig['feed'], 'onEvent'> };
  /** The desk's journal: it is there already, with the evidence that a size needs. */
  readonly path: string;
  readonly instruments: ReadonlyMap<string, Instrument>;
  readonly initialEquity: Money;
  readonly opinions: Opinions;
  readonly config?: Partial<SizingConfig>;
  readonly limits?: Partial<RiskLimits>;
  /** Told of every group at the moment in which the desk hands it to its broker. */
  readonly onSubmit: (group: OrderGroup, desk: RigDesk) => void;
  /** Puts something in the broker's place: a broken one, to see that it is found out. */
  readonly broker?: (broker: Broker) => Broker;
  /** Told of everything the desk publishes. */
  readonly publish?: Publish;
  /** Puts something in the place of the journal that the desk writes to. */
  readonly journal?: (journal: SqliteJournal) => SqliteJournal;
};

/** One life of a desk on the rig's venue: from its start to its stop or its crash. */
export type RigDesk = {
  readonly journal: SqliteJournal;
  readonly assembly: Assembly;
  readonly notices: Notices;
  readonly end: NearEnd;
  readonly sizing: SizingConfig;
  /** Resolves when the desk has connected, or has failed to at first. Let the clock run meanwhile. */
  readonly started: Promise<void>;
  /** The process dies between two instructions: no timer runs any more, nothing is told, its file is let go. */
  readonly crash: () => void;
};

/** How often the breakers are read, as in a running desk. */
const BREAKERS_MS = 1_000;

function scripted(model: ModelId, clock: Clock, opinions: Opinions): ForecastSource {
  const identity = { id: `model:${model}`, kind: 'model', name: model, state: 'live' } as const;
  const connection = { ...identity, lastAt: null, latencyMs: null, uptime: 1, detail: null };
  return {
    model,
    predict: ({ symbol, asOf }) => {
      const opinion = opinions.get(symbol);
      const prediction: Prediction = {
        ...{ model, symbol, state: opinion === undefined ? 'unavailable' : 'ok', asOf, receivedAt: clock.now() },
        ...{
          direction: opinion?.direction ?? null,
          confidence: opinion?.confidence ?? null,
          latencyMs: 1,
          detail: null,
        },
        modelVersion: { name: model, version: '1', featureSchema: null, sha256: null },
      };
      return Promise.resolve(prediction);
    },
    connection: () => connection,
    onConnection: () => () => undefined,
    close: () => Promise.resolve(),
  };
}

/** Copies a journal that is closed into a folder, for a run of its own. */
export function copyJournal(template: string, folder: string, name: string): string {
  const path = join(folder, name);
  copyFileSync(template, path);
  return path;
}

/** Starts a desk: real journal, real assembly, a broker of the rig. */
export function startRigDesk(options: RigDeskOptions): RigDesk {
  const { rig, instruments, opinions } = options;
  const opened = openJournal({ path: options.path });
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  const file = opened.value;
  const journal = options.journal?.(file) ?? file;
  const end = rig.newNearEnd();
  const { clock, ids } = end;
  const sizing: SizingConfig = { ...PRESETS.conservative, ...options.config };
  const inner = options.broker?.(end.broker) ?? end.broker;
  const broker: Broker = {
    ...inner,
    submit: (group) => {
      options.onSubmit(group, desk);
      return inner.submit(group);
    },
  };
  const notices = createNotices(clock, () => undefined);
  const assembly = assemble({
    ...{ journal, clock, ids, broker, instruments, initialEquity: options.initialEquity, notices },
    publish: options.publish ?? (() => undefined),
    models: { lstm: scripted('lstm', clock, opinions), ensemble: scripted('ensemble', clock, opinions) },
    settings: () => ({ sizing, planning: DEFAULT_PLANNING, risk: { ...DEFAULT_RISK_LIMITS, ...options.limits } }),
    ...{ entries: () => 'limit' as const, timeframe: '1m', maxShadowBars: 1_440, entryBlock: () => null },
  });
  let isDead = false;
  const onMarket = (event: MarketEvent): void => {
    if (!isDead) assembly.pipeline.onMarket(event);
  };
  rig.feed.onEvent(onMarket);
  const crash = (): void => {
    if (isDead) return;
    isDead = true;
    end.kill();
    file.close();
  };
  const started = assembly.execution.start(new AbortController().signal).then(() => {
    if (isDead) return;
    assembly.execution.watch();
    clock.every(BREAKERS_MS, () => assembly.execution.guard.check());
  });
  const desk: RigDesk = { journal, assembly, notices, end, sizing, started, crash };
  return desk;
}
