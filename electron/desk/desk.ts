import { join } from 'node:path';
import envPaths from 'env-paths';
import { pino, type Logger } from 'pino';
import { DeskError } from '#shared/contract/errors.ts';
import type { Handlers } from '#shared/contract/index.ts';
import type { DeskSnapshot } from '#shared/contract/views.ts';
import type { Startup } from '#shared/domain/status.ts';
import { epochMs, moneyFromUsd, type EpochMs } from '#shared/units.ts';
import packageJson from '#package.json' with { type: 'json' };
import { createEventStream, type EventStream } from './door/event-stream.ts';
import { createHandlers } from './handlers.ts';
import { startRefusal } from './records/damaged-journal.ts';
import { createBacktestHandlers } from './proof/backtest-handlers.ts';
import { createJournalHandlers } from './records/journal-handlers.ts';
import { createIds } from './profiles/clocks.ts';
import { createJournalCare, type JournalCare } from './records/journal-care.ts';
import { createNotices } from './records/notices.ts';
import { createRecoveryHandlers } from './records/recovery.ts';
import { keepSettings } from './records/settings-copies.ts';
import { openRecoverableDesk as openRecoverable } from './recoverable-desk.ts';
import { adoptErrorText, openProfileJournal, standbyNotices, type ProfileJournal } from './records/profile-journal.ts';
import { parseSettings, readSettings, type Settings, type SettingsError } from './profiles/settings.ts';
import { createSimulation, type Simulation } from './profiles/simulation.ts';
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
  journalStatistics,
  profileJournal,
  restoreJournal,
  verifyJournal,
} from './records/journal-tools.ts';
export type { FileImport } from './records/journal-tools.ts';
export { backtestJournal, parsePolicies, policyNames } from './proof/backtest-tools.ts';
export { sizeScenario } from './decisions/size-scenario.ts';
export { inspectProfile } from './records/inspect-profile.ts';
export type { Finding } from './records/inspect-profile.ts';

export type DeskIdentity = DeskSnapshot['identity'];
export type ProfileName = 'simulation' | 'paper' | 'live';

export type DeskOptions = {
  /** Folder that holds `profiles/<name>/`. */
  readonly dataFolder: string;
  readonly profile: ProfileName;
  /** Seed of the simulated market and models. */
  readonly seed?: number;
  /** Simulation only: the time its clock starts at, so that a run can be repeated. Default: now. */
  readonly startAt?: EpochMs;
  /** Sessions of history made at a first start. */
  readonly warmUpSessions?: number;
  readonly logger?: Logger;
  /** Where events go, where that outlives this desk; a stream of its own otherwise. */
  readonly stream?: EventStream;
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

const DEFAULT_SEED = 7;
const DEFAULT_SESSIONS = 90;
const INITIAL_EQUITY = moneyFromUsd(100_000);
const SIMULATED_ACCOUNT = 'SIM-100K';

/** The version of this desk. */
export const VERSION: string = packageJson.version;

/** Where profiles live on this platform, unless told otherwise (`--data`, KELLY_DESK_DATA). */
export const defaultDataFolder = (): string =>
  process.env['KELLY_DESK_DATA'] ?? envPaths('kelly-desk', { suffix: '' }).data;

function defaultSettings(): Settings {
  const parsed = parseSettings('(defaults)', '{}');
  if (!parsed.ok) throw new Error('the default settings do not pass their own check');
  return parsed.value;
}

/** Opens the journal of the simulation, with what a standby remembers. Throws DeskError. */
function openSimulationJournal(folder: string, seed: number, at: EpochMs): ProfileJournal {
  const opened = openProfileJournal(folder, {
    at,
    event: {
      kind: 'opened',
      profile: 'simulation',
      mode: 'simulation',
      account: SIMULATED_ACCOUNT,
      initialEquity: INITIAL_EQUITY,
      seed,
    },
  });
  if (opened.ok) return opened.value;
  throw startRefusal(opened.error);
}

const settingsSentence = (error: SettingsError): string =>
  `${error.field} is ${error.value}: ${error.remedy} (${error.path})`;

/**
 * Opens a desk. It resolves as soon as its operations can be served; what is still to be made (history, connections)
 * goes on and is told on the topic `desk.startup`.
 * Throws DeskError 'journal-in-use' when another desk has the profile open, 'refused' for a profile without connections.
 */
export async function openDesk(options: DeskOptions): Promise<Desk> {
  if (options.profile !== 'simulation') {
    throw new DeskError({
      code: 'refused',
      message: `the profile ${options.profile} has no broker connection yet`,
      field: 'profile',
      value: options.profile,
      remedy: 'start with --profile simulation',
    });
  }
  const logger = options.logger ?? pino({ level: 'silent' });
  const seed = options.seed ?? DEFAULT_SEED;
  const folder = join(options.dataFolder, 'profiles', options.profile);
  const profile = openSimulationJournal(folder, seed, options.startAt ?? epochMs(Date.now()));
  const { journal } = profile;
  const journalPath = journal.path;
  const stream = options.stream ?? createEventStream();
  const read = readSettings(join(folder, 'settings.json'));
  const settings = read.ok ? read.value : defaultSettings();
  if (read.ok) keepSettings(folder, epochMs(Date.now()));
  let startup: Startup = { phase: 'opening', done: 0, total: 0, text: 'Opening the journal' };
  const tell = (next: Startup): void => {
    startup = next;
    stream.publish('desk.startup', next);
  };

  const startedAt = options.startAt ?? epochMs(Date.now());
  const identity = (): DeskIdentity => ({
    profile: options.profile,
    mode: 'simulation',
    account: SIMULATED_ACCOUNT,
    version: VERSION,
    startedAt,
    seed,
    journalPath,
    isAutoApproved: false,
    isArmed: true,
  });

  const closing = new AbortController();
  let care: JournalCare | null = null;
  let simulation: Simulation;
  try {
    simulation = await createSimulation({
      journal,
      settings: () => settings,
      publish: stream.publish,
      notices: (clock) => createNotices(clock, stream.publish),
      // A journal that cannot be written, or soon cannot: what is done could not be remembered.
      isHalting: () => (care?.block() ?? null) !== null,
      entryBlock: () => {
        const block = care?.block() ?? null;
        if (block !== null) return block;
        if (profile.problem !== null) return `A standby journal was not taken over: ${adoptErrorText(profile.problem)}`;
        return read.ok ? null : `The settings file has an error: ${settingsSentence(read.error)}`;
      },
      seed,
      startAt: options.startAt ?? null,
      account: SIMULATED_ACCOUNT,
      initialEquity: INITIAL_EQUITY,
      warmUpSessions: options.warmUpSessions ?? DEFAULT_SESSIONS,
      version: VERSION,
      logger,
      onProgress: tell,
      signal: closing.signal,
    });
  } catch (error) {
    journal.close();
    throw error;
  }
  const { assembly, clock, notices, instruments, connections } = simulation;
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
  const keeper = createJournalCare({ journal, folder, notices, logger });
  care = keeper;
  const running = simulation.run().then(() => {
    tell({ phase: 'ready', done: 1, total: 1, text: 'Ready' });
    if (!closing.signal.aborted) keeper.start();
  });
  // A failure is told to whoever waits on ready(), and to the screens.
  running.catch((error: unknown) => {
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
      profile: options.profile,
      mode: 'simulation',
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
    arm: () => identity(),
    mustBeReady,
    journalHandlers: {
      ...journalRoom.handlers,
      ...createRecoveryHandlers({
        folder,
        journalError: () => null,
        settingsProblem: () => (read.ok ? null : settingsSentence(read.error)),
        reopen: null,
      }),
    },
    backtestHandlers: backtestRoom.handlers,
    modelsHandlers: modelsRoom.handlers,
    reports,
  });
  let isClosed = false;
  return {
    handlers,
    stream,
    identity,
    settingsProblem: () => (read.ok ? null : settingsSentence(read.error)),
    damage: () => null,
    ready: () => running,
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      closing.abort();
      await running.catch(() => undefined);
      await backtestRoom.close();
      journalRoom.close();
      modelsRoom.close();
      await reports.close();
      await keeper.stop();
      await simulation.close();
      // A journal that can no longer be written is closed as it is.
      if (!journal.isSuspect()) assembly.recorder.record([{ kind: 'stopped' }]);
      journal.close();
    },
  };
}

/**
 * Opens a desk for a shell: under a damaged journal or settings file it comes up as well, with what restores them.
 * Throws what `openDesk` throws for anything else.
 */
export const openRecoverableDesk = (options: DeskOptions): Promise<Desk> => openRecoverable(openDesk, options);
