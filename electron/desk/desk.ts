import { join } from 'node:path';
import envPaths from 'env-paths';
import { pino, type Logger } from 'pino';
import { DeskError } from '#shared/contract/errors.ts';
import type { Handlers } from '#shared/contract/index.ts';
import type { DeskSnapshot } from '#shared/contract/views.ts';
import type { Startup } from '#shared/domain/status.ts';
import { epochMs, type EpochMs } from '#shared/units.ts';
import packageJson from '#package.json' with { type: 'json' };
import { createConnectionHandlers } from './connections/connection-handlers.ts';
import { createSecretStores, type SecretVault } from './connections/secrets.ts';
import { createEventStream, type EventStream } from './door/event-stream.ts';
import { createHandlers } from './handlers.ts';
import { createBacktestHandlers } from './proof/backtest-handlers.ts';
import { createJournalHandlers } from './records/journal-handlers.ts';
import { createIds } from './profiles/clocks.ts';
import { createJournalCare, type JournalCare, pageCheckOf } from './records/journal-care.ts';
import { createNotices } from './records/notices.ts';
import { createBackupHandlers } from './records/backup-handlers.ts';
import { createRecoveryHandlers } from './records/recovery.ts';
import { keepSettings } from './records/settings-copies.ts';
import { openRecoverableDesk as openRecoverable } from './recoverable-desk.ts';
import { adoptErrorText, standbyNotices } from './records/profile-journal.ts';
import { defaultSettings, readSettings, settingsSentence, type Settings } from './profiles/settings.ts';
import type { Clock } from './ports/clock.ts';
import { ARMING_NOTICE, createArming } from './profiles/arming.ts';
import {
  configPathOf,
  openPlannedJournal,
  ownedJournal,
  planProfile,
  type ProfileName,
  type ProfilePlan,
} from './profiles/profile-plan.ts';
import type { RunningProfile } from './profiles/running.ts';
import { agesOfDays } from './profiles/recorded-bars.ts';
import { createReplayDesk } from './profiles/replay-desk.ts';
import { createSimulation } from './profiles/simulation.ts';
import { createInstrumentHandlers } from './settings/instrument-handlers.ts';
import { newestSignals } from './settings/limits-view.ts';
import { createSettingsHandlers } from './settings/settings-handlers.ts';
import { createModelsHandlers } from './watch/models-handlers.ts';
import { createReportThread } from './watch/report-thread.ts';

export { isRefused, runReplay } from './profiles/replay.ts';
export type { ReplayOptions, ReplaySummary, ReplayError } from './profiles/replay.ts';
export {
  adoptJournalStandbys,
  backupJournal,
  exportJournal,
  importArchive,
  importIntoJournal,
  journalMapping,
  journalStatistics,
  profileJournal,
  restoreJournal,
  saveJournalMapping,
  verifyJournal,
} from './records/journal-tools.ts';
export type { FileImport } from './records/journal-tools.ts';
export { parsePolicies, parsePolicy, policyNames, runOverJournal } from './proof/backtest-tools.ts';
export {
  connectionsSchema,
  manageSecrets,
  profileOfConfig,
  testConnectionsFile,
} from './connections/connection-tools.ts';
export type { SecretTool } from './connections/connection-tools.ts';
export { hideKnownSecrets } from './adapters/secret-screen.ts';
export { openReplayProfile } from './learning/replay-profile.ts';
export { describeModels } from './learning/model-folder.ts';
export { serveModelFolder } from './learning/serve-folder.ts';
export { defaultThreads, isUntrusted, trainModels, UNTRUSTED } from './learning/train-models.ts';
export type { ModelCard, Trained, TrainRequest } from './learning/train-models.ts';
export { sizeScenario } from './decisions/size-scenario.ts';
export { inspectProfile } from './records/inspect-profile.ts';
export type { Finding } from './records/inspect-profile.ts';

export type DeskIdentity = DeskSnapshot['identity'];
export type { ProfileName } from './profiles/profile-plan.ts';
export type { SecretVault } from './connections/secrets.ts';

export type DeskOptions = {
  /** Folder that holds `profiles/<name>/`. */
  readonly dataFolder: string;
  readonly profile: ProfileName;
  /** Seed of the simulated market and models. */
  readonly seed?: number;
  /** The time the desk's clock starts at, so that a run can be repeated. Default: now. */
  readonly startAt?: EpochMs;
  /** Sessions of history made at a first start. */
  readonly warmUpSessions?: number;
  readonly logger?: Logger;
  /** Where events go, where that outlives this desk; a stream of its own otherwise. */
  readonly stream?: EventStream;
  /** A connections file elsewhere than in the profile's folder; it says which profile is opened. */
  readonly configPath?: string | null;
  /** The key store of the system, where the shell has one. */
  readonly vault?: SecretVault | null;
};

/** A running desk. Shells reach it through `handlers` and `stream` only. */
export interface Desk {
  readonly handlers: Handlers;
  readonly stream: EventStream;
  identity(): DeskIdentity;
  /** Why the settings file could not be read, in one sentence; null while it can. */
  settingsProblem(): string | null;
  /** Why the journal has to be restored before anything else; null once the desk stands on it. */
  damage(): string | null;
  /** Resolves when warm-up is done and live signals come; rejects when it failed. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

const DEFAULT_SESSIONS = 90;

/** The version of this desk. */
export const VERSION: string = packageJson.version;

/** Where profiles live on this platform, unless told otherwise (`--data`, KELLY_DESK_DATA). */
export const defaultDataFolder = (): string =>
  process.env['KELLY_DESK_DATA'] ?? envPaths('kelly-desk', { suffix: '' }).data;

/**
 * Opens a desk. It resolves as soon as its operations can be served; what is still to be made (history, connections)
 * goes on and is told on the topic `desk.startup`.
 * Throws DeskError 'journal-in-use' when another desk has the profile open, 'refused' or 'invalid-input' for a real
 * profile without connections, or with an error in them.
 */
export async function openDesk(options: DeskOptions): Promise<Desk> {
  const logger = options.logger ?? pino({ level: 'silent' });
  const startedAt = options.startAt ?? epochMs(Date.now());
  const plan = planProfile({ ...options, now: startedAt });
  const { folder, seed } = plan;
  const profile = openPlannedJournal(plan);
  const { journal } = profile;
  const journalPath = journal.path;
  const closing = new AbortController();
  // Before anything else: a thread does it while this one opens the desk.
  const pages = pageCheckOf(journal, closing.signal);
  const stream = options.stream ?? createEventStream();
  const read = readSettings(join(folder, 'settings.json'));
  /** Settings as this profile reads them: a day's bar is a signal for a day. */
  const adapted = (given: Settings): Settings => (plan.recording?.timeframe === '1d' ? agesOfDays(given) : given);
  let settings = adapted(read.ok ? read.value : defaultSettings());
  if (read.ok) keepSettings(folder, epochMs(Date.now()));
  const secretsOf = createSecretStores(options.dataFolder, options.vault ?? null);
  let startup: Startup = { phase: 'opening', done: 0, total: 0, text: 'Opening the journal' };
  const tell = (next: Startup): void => {
    startup = next;
    stream.publish('desk.startup', next);
  };

  const arming = createArming(plan);
  const identity = (): DeskIdentity => ({
    profile: plan.profile,
    mode: plan.mode,
    account: plan.account,
    version: VERSION,
    startedAt,
    seed: plan.connections === null ? seed : null,
    journalPath,
    isAutoApproved: plan.recording?.autoApprove ?? false,
    isArmed: arming.isArmed(),
  });

  let care: JournalCare | null = null;
  let running: RunningProfile;
  try {
    const shared = {
      journal,
      settings: () => settings,
      publish: stream.publish,
      notices: (clock: Clock) => createNotices(clock, stream.publish),
      // A journal that cannot be written, or soon cannot: what is done could not be remembered.
      isHalting: () => care?.isHalting() ?? false,
      entryBlock: () => {
        const block = care?.block() ?? null;
        if (block !== null) return block;
        if (profile.problem !== null) return `A standby journal was not taken over: ${adoptErrorText(profile.problem)}`;
        if (!read.ok) return `The settings file has an error: ${settingsSentence(read.error)}`;
        return arming.block();
      },
      ...ownedJournal(journal, plan),
      seed,
      startAt: options.startAt ?? null,
      version: VERSION,
      logger,
      onProgress: tell,
      signal: closing.signal,
    };
    running = await runningOf(
      plan,
      { ...shared, account: plan.account },
      {
        warmUpSessions: options.warmUpSessions ?? DEFAULT_SESSIONS,
        secretsOf,
      },
    );
  } catch (error) {
    closing.abort();
    journal.close();
    throw error;
  }
  const { assembly, clock, notices, instruments, connections } = running;
  if (!read.ok) {
    notices.raise({
      id: 'settings',
      level: 'error',
      title: 'The settings file has an error; new entries are blocked',
      detail: settingsSentence(read.error),
      remedy: 'Restore an earlier version, or correct the file and start the desk again. Nothing in it was changed.',
    });
  }
  for (const notice of standbyNotices(profile)) notices.raise(notice);
  if (!arming.isArmed()) notices.raise(ARMING_NOTICE);
  const keeper = createJournalCare({ journal, folder, notices, logger, pages });
  care = keeper;
  void keeper.checkPages();
  const started = running.run().then(() => {
    tell({ phase: 'ready', done: 1, total: 1, text: 'Ready' });
    if (!closing.signal.aborted) keeper.start();
  });
  // A failure is told to whoever waits on ready(), and to the screens.
  started.catch((error: unknown) => {
    if (closing.signal.aborted) return;
    logger.error({ event: 'startup-failed', err: error });
    const detail = error instanceof Error ? error.message : 'unknown error';
    notices.raise({
      id: 'startup',
      level: 'error',
      title: 'The desk could not start',
      detail,
      remedy: 'Start it again; the journal keeps what was finished.',
    });
  });

  /** History in the making has a stand-in for the trader; the trader's own decisions begin when the desk is live. */
  const mustBeReady = (): void => {
    if (startup.phase === 'ready') return;
    throw new DeskError({
      code: 'not-ready',
      message: `the desk is not ready: ${startup.text}`,
      remedy: 'wait until it says Ready',
    });
  };
  const journalRoom = createJournalHandlers({
    ...{
      journal,
      clock,
      ids: createIds(clock),
      publish: stream.publish,
      profile: plan.profile,
      mode: plan.mode,
      mustBeReady,
    },
  });
  const backtestRoom = createBacktestHandlers({
    ...{ journal, clock, ids: createIds(clock), publish: stream.publish, downloads: journalRoom.downloads },
    ...{ version: VERSION, mustBeReady },
    onFailure: (error) => logger.error({ event: 'backtest-failed', err: error }),
  });
  const reports = createReportThread(journal.path);
  const modelsRoom = createModelsHandlers({
    ...{
      reports,
      clock,
      stream,
      connections,
      watch: assembly.watch,
      recorder: assembly.recorder,
      mustBeReady,
      config: () => settings.sizing,
    },
  });
  const settingsParts = {
    ...{ folder, mustBeReady, recorder: assembly.recorder, settings: () => settings },
    adopt: (next: Settings): void => {
      settings = adapted(next);
    },
    problem: () => (read.ok ? null : settingsSentence(read.error)),
  };
  const handlers = createHandlers({
    assembly,
    journal,
    clock,
    stream,
    instruments,
    config: () => settings.sizing,
    identity,
    startup: () => startup,
    connections,
    notices: () => notices.all(),
    arm: (account) => {
      if (arming.arm(account)) {
        assembly.recorder.record([{ kind: 'notice', level: 'warn', title: 'Live trading was armed', detail: account }]);
        notices.clear(ARMING_NOTICE.id);
        stream.publish('desk.identity', identity());
      }
      return identity();
    },
    mustBeReady,
    journalHandlers: {
      ...journalRoom.handlers,
      ...createRecoveryHandlers({
        folder,
        journalError: () => null,
        settingsProblem: () => (read.ok ? null : settingsSentence(read.error)),
        reopen: null,
      }),
      ...createBackupHandlers({ journalPath, care: () => keeper, publish: stream.publish, mustBeReady }),
    },
    backtestHandlers: backtestRoom.handlers,
    modelsHandlers: modelsRoom.handlers,
    reports,
    settingsHandlers: {
      ...createSettingsHandlers({
        ...settingsParts,
        publish: stream.publish,
        equity: () => {
          const { sizingEquity, peakEquity } = assembly.pipeline.risk();
          return { sizing: sizingEquity, day: assembly.ledger.dayOpening(), peak: peakEquity };
        },
        signals: () => newestSignals(journal, instruments),
      }),
      ...createInstrumentHandlers({
        ...settingsParts,
        ...assembly.sources,
        instruments,
        clock,
        broker: running.broker,
      }),
    },
    connectionHandlers: createConnectionHandlers({
      profile: plan.profile,
      running: plan.connections?.config ?? null,
      pathOf: (name) => configPathOf(plan, options.dataFolder, name),
      secretsOf,
      ...{ connections, clock, publish: stream.publish, signal: closing.signal },
      broker: running.broker,
      testSimulation: (asked) => running.test?.(asked) ?? Promise.resolve({ ok: false, reports: [] }),
    }),
  });
  let isClosed = false;
  return {
    handlers,
    stream,
    identity,
    settingsProblem: () => (read.ok ? null : settingsSentence(read.error)),
    damage: () => null,
    ready: () => started,
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      closing.abort();
      await started.catch(() => undefined);
      await backtestRoom.close();
      journalRoom.close();
      modelsRoom.close();
      await reports.close();
      await keeper.stop();
      await running.close();
      // A journal that can no longer be written is closed as it is.
      if (!journal.isSuspect()) assembly.recorder.record([{ kind: 'stopped' }]);
      journal.close();
    },
  };
}

/** Builds what a plan says: recorded bars, real connections, or the simulation. */
async function runningOf(
  { recording, connections }: ProfilePlan,
  shared: Omit<Parameters<typeof createSimulation>[0], 'warmUpSessions'>,
  own: { readonly warmUpSessions: number; readonly secretsOf: ReturnType<typeof createSecretStores> },
): Promise<RunningProfile> {
  if (recording !== null) return createReplayDesk({ ...shared, recording });
  if (connections === null) return createSimulation({ ...shared, warmUpSessions: own.warmUpSessions });
  const { config } = connections;
  // Every seventh file of the desk speaks to a venue: a simulation starts without them.
  const { createConnected } = await import('./profiles/connected.ts');
  return createConnected({ ...shared, config, secrets: own.secretsOf(config.profile) });
}

/**
 * Opens a desk for a shell: under a damaged journal or settings file it comes up as well, with what restores them.
 * Throws what `openDesk` throws for anything else.
 */
export const openRecoverableDesk = (options: DeskOptions): Promise<Desk> => openRecoverable(openDesk, options);
