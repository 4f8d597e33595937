import { join, resolve } from 'node:path';
import { DeskError } from '#shared/contract/errors.ts';
import type { ProfileMode } from '#shared/domain/status.ts';
import { moneyFromUsd, type EpochMs, type Money } from '#shared/units.ts';
import type { Journal } from '#desk/ports/journal.ts';
import { startRefusal } from '#desk/records/damaged-journal.ts';
import { openProfileJournal, type ProfileJournal } from '#desk/records/profile-journal.ts';
import type { JournalEventOf } from '#desk/ports/events.ts';
import { readConnections, type ConnectionsConfig, type ConnectionsError } from './connections-config.ts';
import { firstPlayed, recordedBars, recordingAt, type Recording } from './recording.ts';

export type ProfileName = 'simulation' | 'replay' | 'paper' | 'live';

const SIMULATED = { account: 'SIM-100K', equity: moneyFromUsd(100_000), seed: 7 } as const;
const REPLAYED = { account: 'REPLAY', equity: moneyFromUsd(100_000) } as const;

/** Which profile a start opens, whose account it is, and what it connects to. */
export type ProfilePlan = {
  readonly profile: ProfileName;
  readonly mode: ProfileMode;
  readonly folder: string;
  readonly account: string;
  /** What a new journal begins with. */
  readonly initialEquity: Money;
  readonly seed: number;
  /** Null in the simulation and in a replay, which need none. */
  readonly connections: { readonly path: string; readonly config: ConnectionsConfig } | null;
  /** The recorded bars a replay plays; null in every other profile. */
  readonly recording: Recording | null;
  /** When the first event of a new journal happens: in a replay in the time of its bars. */
  readonly opensAt: EpochMs;
};

export const profileFolder = (dataFolder: string, profile: ProfileName): string =>
  join(dataFolder, 'profiles', profile);
export const connectionsPath = (dataFolder: string, profile: ProfileName): string =>
  join(profileFolder(dataFolder, profile), 'connections.json');

const asDeskError = (error: ConnectionsError): DeskError =>
  new DeskError({
    code: 'invalid-input',
    message: `the connections file has an error in ${error.path}`,
    field: error.field,
    value: error.value,
    remedy: error.remedy,
  });

/** Reads a connections file that must be there. Throws DeskError naming the field, its value and the remedy. */
export function connectionsAt(path: string, now: EpochMs): ConnectionsConfig {
  const read = readConnections(path, new Date(now).getUTCFullYear());
  if (read === null)
    throw new DeskError({
      code: 'refused',
      message: 'there is no connections file',
      field: 'config',
      value: path,
      remedy: 'write one (`connections test --schema` shows its form), or start with --profile simulation',
    });
  if (!read.ok) throw asDeskError(read.error);
  return read.value;
}

export type PlanOptions = {
  readonly dataFolder: string;
  readonly profile: ProfileName;
  /** A connections file elsewhere than in the profile's folder; it says which profile it is of. */
  readonly configPath?: string | null;
  readonly seed?: number;
  readonly now: EpochMs;
};

/** Works out what a start opens. Throws DeskError where a real profile has no connections file, or one with an error. */
export function planProfile(options: PlanOptions): ProfilePlan {
  const { dataFolder, configPath = null, now } = options;
  const seed = options.seed ?? SIMULATED.seed;
  if (options.profile === 'replay') return planReplay(profileFolder(dataFolder, 'replay'), seed);
  if (options.profile === 'simulation' && configPath === null) {
    return {
      ...{ profile: 'simulation', mode: 'simulation', folder: profileFolder(dataFolder, 'simulation') },
      ...{ account: SIMULATED.account, initialEquity: SIMULATED.equity, seed, connections: null },
      ...{ recording: null, opensAt: now },
    };
  }
  const path = resolve(configPath ?? connectionsPath(dataFolder, options.profile));
  const config = connectionsAt(path, now);
  if (configPath === null && config.profile !== options.profile)
    throw asDeskError({
      ...{ code: 'invalid-connections', path, field: 'profile', value: config.profile },
      remedy: `this is the folder of the profile ${options.profile}; data never mixes across profiles`,
    });
  const { profile, account } = config;
  return {
    ...{ profile, mode: profile, folder: profileFolder(dataFolder, profile), account, seed },
    ...{ initialEquity: moneyFromUsd(config.equityUsd), connections: { path, config } },
    ...{ recording: null, opensAt: now },
  };
}

/** A replay has its recording in its folder, and an account of its own. */
function planReplay(folder: string, seed: number): ProfilePlan {
  const recording = recordingAt(folder);
  return {
    ...{ profile: 'replay', mode: 'replay', folder, seed, connections: null, recording },
    ...{ account: REPLAYED.account, initialEquity: REPLAYED.equity },
    opensAt: firstPlayed(recordedBars(recording), recording),
  };
}

/** First event of a new journal of a plan. */
export const openedEvent = (plan: ProfilePlan): JournalEventOf<'opened'> => ({
  kind: 'opened',
  profile: plan.profile,
  mode: plan.mode,
  account: plan.account,
  initialEquity: plan.initialEquity,
  seed: plan.connections === null ? plan.seed : null,
});

/** What the journal began with. Throws DeskError 'refused' when it belongs to another account or profile. */
export function ownedJournal(journal: Journal, plan: ProfilePlan): { readonly initialEquity: Money } {
  for (const { event } of journal.events({ kinds: ['opened'], limit: 1 })) {
    if (event.account === plan.account && event.profile === plan.profile) return { initialEquity: event.initialEquity };
    throw new DeskError({
      code: 'refused',
      message: `the journal in ${plan.folder} belongs to the account ${event.account} (${event.profile})`,
      field: 'account',
      value: plan.account,
      remedy: 'correct the account in the connections file, or use another --data folder: accounts never mix',
    });
  }
  return { initialEquity: plan.initialEquity };
}

/** Opens the journal of a profile, with what a standby remembers. Throws DeskError. */
export function openPlannedJournal(plan: ProfilePlan): ProfileJournal {
  const opened = openProfileJournal(
    plan.folder,
    { at: plan.opensAt, event: openedEvent(plan) },
    // A replay decides the same whenever it is run: nothing in it waits for a thread.
    { isCheckedLater: plan.recording === null },
  );
  if (opened.ok) return opened.value;
  throw startRefusal(opened.error);
}

/** Where the connections of a profile are configured: the file this desk was started with, or the one of its folder. */
export const configPathOf = (plan: ProfilePlan, dataFolder: string, profile: 'paper' | 'live'): string =>
  plan.connections !== null && plan.profile === profile ? plan.connections.path : connectionsPath(dataFolder, profile);
