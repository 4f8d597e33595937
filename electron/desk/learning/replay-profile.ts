import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DeskError } from '#shared/contract/errors.ts';
import type { Bar } from '#shared/domain/market.ts';
import { epochMs, type EpochMs } from '#shared/units.ts';
import { profileFolder } from '#desk/profiles/profile-plan.ts';
import {
  firstPlayed,
  recordedBars,
  RECORDING_FILE,
  recordingSchema,
  type Recording,
} from '#desk/profiles/recording.ts';
import { DAILY_PLANNING } from '#desk/profiles/replay-models.ts';
import { defaultSettings } from '#desk/profiles/settings.ts';
import { readModelFolder, type ModelFolder } from './model-folder.ts';

/** A desk of its own on recorded bars: where its data lies, and what it plays. */
export type ReplayProfile = { readonly dataFolder: string; readonly recording: Recording };

export type ReplayProfileOptions = {
  readonly prices: string;
  /** Null: the contract the models were trained on. */
  readonly symbol: string | null;
  /** Folder of trained models; null: two models that count, on daily bars. */
  readonly models: string | null;
  /** First day that is played; null: the first on which the models answer. */
  readonly from: string | null;
  readonly secondsPerBar: number;
  readonly autoApprove: boolean;
  readonly dataFolder: string;
};

/** Where signals come from daily bars, own trades of a year count. */
const DAILY_LOOK_BACK_DAYS = 365;
/** Bars a replay has behind its first one, where nothing else is said. */
const LEAST_PAST = 60;

const refuse = (field: string, value: string, message: string, remedy: string): DeskError =>
  new DeskError({ code: 'invalid-input', field, value, message, remedy });

/** A name for a folder, of a file's name. */
const plainName = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');

/** The first time both models answer. */
const answersFrom = ({ models }: ModelFolder): EpochMs =>
  epochMs(Math.max(models.lstm.files[0]?.from ?? 0, models.ensemble.files[0]?.from ?? 0));

/** Opening of the first bar after whose close both models answer; past all bars where none is. */
const firstAnswered = (bars: readonly Bar[], manifest: ModelFolder | null): number => {
  if (manifest === null) return 0;
  const from = answersFrom(manifest);
  return bars.find(({ closeAt }) => closeAt >= from)?.openAt ?? from;
};

function recordingOf(options: ReplayProfileOptions, manifest: ModelFolder | null): Recording {
  const prices = path.resolve(options.prices);
  const symbol = options.symbol ?? manifest?.symbols[0] ?? null;
  if (symbol === null)
    throw refuse('--symbol', '', 'without trained models the contract must be named', 'give one, for example MES');
  const timeframe = manifest?.timeframe ?? '1d';
  const models = options.models === null ? null : path.resolve(options.models);
  const recorded = recordedBars({ prices, symbol, timeframe });
  // A chart and a first forecast look back on some bars, wherever the replay begins.
  const { bars } = recorded;
  const past = bars[Math.min(LEAST_PAST, Math.floor(bars.length / 2))]?.openAt ?? 0;
  const asked = options.from === null ? firstAnswered(bars, manifest) : Date.parse(options.from);
  const { secondsPerBar, autoApprove } = options;
  const recording = { prices, symbol, timeframe, models, secondsPerBar, autoApprove };
  const from = firstPlayed(recorded, { prices, from: epochMs(Math.max(past, asked)) });
  return { ...recording, from };
}

/** What is traded at first: the trade the models were trained for, and own trades counted as long as such bars need. */
function firstSettings({ timeframe }: Recording, manifest: ModelFolder | null): unknown {
  const { sample } = defaultSettings().sizing;
  return {
    planning: manifest?.planning ?? DAILY_PLANNING,
    ...(timeframe === '1d' ? { sizing: { sample: { ...sample, lookBackDays: DAILY_LOOK_BACK_DAYS } } } : {}),
  };
}

/**
 * Prepares a desk that plays recorded bars with the paper broker and the models of a folder. It has a data folder of its
 * own, by the file, the contract and the models: its journal mixes with no other, and a second start goes on where the
 * first one ended. Throws DeskError 'invalid-input' naming the option.
 */
export function openReplayProfile(options: ReplayProfileOptions): ReplayProfile {
  const manifest = options.models === null ? null : readModelFolder(options.models).manifest;
  const recording = recordingOf(options, manifest);
  const file = path.basename(options.prices, path.extname(options.prices));
  const name = plainName([file, recording.symbol, manifest?.version ?? 'counting'].join(' '));
  const dataFolder = path.join(options.dataFolder, 'replays', name);
  const folder = profileFolder(dataFolder, 'replay');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const begun = begunAt(folder);
  if (begun !== null && options.from !== null && begun !== recording.from)
    throw refuse('--from', options.from, 'this replay has begun elsewhere', `move ${dataFolder} away to begin anew`);
  const kept = { ...recording, from: begun ?? recording.from };
  writeFileSync(path.join(folder, RECORDING_FILE), `${JSON.stringify(kept, null, 2)}\n`);
  const settings = path.join(folder, 'settings.json');
  // What the trader changed since stays.
  if (!existsSync(settings))
    writeFileSync(settings, `${JSON.stringify(firstSettings(recording, manifest), null, 2)}\n`);
  return { dataFolder, recording: kept };
}

/** Where a replay that was begun before begins; null where none was. */
function begunAt(folder: string): EpochMs | null {
  const file = path.join(folder, RECORDING_FILE);
  if (!existsSync(file)) return null;
  const read = recordingSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  return read.success ? read.data.from : null;
}
