import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { DeskError } from '#shared/contract/errors.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import { timeframeSchema, type Bar, type Timeframe } from '#shared/domain/market.ts';
import { epochMsSchema, type EpochMs } from '#shared/units.ts';
import { readBars } from '#desk/adapters/market/csv.ts';
import { continuousInstrument, knownRoots } from './instruments.ts';

/** `replay.json` of a replay profile: which recorded bars are played, by which models, and how fast. */
export const recordingSchema = z.strictObject({
  prices: z.string().min(1),
  symbol: z.string().min(1),
  timeframe: timeframeSchema,
  /** Folder of trained models; null: two models that count. */
  models: z.string().min(1).nullable(),
  /** The first bar that is played opens at or after this time; those before it are the past. */
  from: epochMsSchema,
  secondsPerBar: z.number().min(0).max(3_600),
  /** Proposals are approved as they are: only ever in a replay. */
  autoApprove: z.boolean(),
});
export type Recording = z.output<typeof recordingSchema>;

export const RECORDING_FILE = 'replay.json';

/** Bars before the first one played that are known as the past: what a chart and a forecast look back on. */
export const PAST_BARS = 460;

const refuse = (field: string, value: string, message: string, remedy: string): DeskError =>
  new DeskError({ code: 'invalid-input', field, value, message, remedy });

/** Reads what a replay profile plays. Throws DeskError 'refused' where there is none, or one with an error. */
export function recordingAt(folder: string): Recording {
  const path = join(folder, RECORDING_FILE);
  try {
    return recordingSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    throw new DeskError({
      ...{ code: 'refused', field: 'replay', value: path, message: 'there is no recording to play here' },
      remedy: 'begin a replay with: start --replay <csv>',
    });
  }
}

const HALF_DAY_MS = 43_200_000;

/** Says that bars are not of the length they are read as: a day's bar must never pass for a minute's. Null when they are. */
export function spacingFault(bars: readonly Bar[], timeframe: Timeframe): string | null {
  const gaps = bars.slice(1).map((bar, i) => bar.openAt - (bars[i]?.openAt ?? 0));
  const middle = gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length / 2)];
  if (middle === undefined || middle >= HALF_DAY_MS === (timeframe === '1d')) return null;
  return `its bars are ${Math.round(middle / 60_000)} minutes apart: they are not bars of ${timeframe}`;
}

export type RecordedBars = {
  readonly instrument: Instrument;
  readonly bars: readonly Bar[];
  readonly assumptions: readonly string[];
};

/** Reads recorded bars and what they are traded as. Throws DeskError 'invalid-input' naming the option. */
export function recordedBars(recording: Pick<Recording, 'prices' | 'symbol' | 'timeframe'>): RecordedBars {
  const { prices, symbol, timeframe } = recording;
  const instrument = continuousInstrument(symbol);
  if (instrument === null)
    throw refuse('--symbol', symbol, 'the desk does not know this symbol', `choose one of ${knownRoots()}`);
  let text: string;
  try {
    text = readFileSync(prices, 'utf8');
  } catch {
    throw refuse('--replay', prices, 'the file cannot be read', 'name a CSV file of bars');
  }
  const read = readBars(text, { symbol, tickSize: instrument.tickSize, timeframe, file: prices });
  if (!read.ok) throw refuse('--replay', prices, read.error.message, read.error.remedy);
  const fault = spacingFault(read.value.bars, timeframe);
  if (fault !== null) throw refuse('--replay', prices, fault, `name a file of bars of ${timeframe}, or other models`);
  return { instrument, bars: read.value.bars, assumptions: read.value.assumptions };
}

/** When the first bar that a recording plays opens. Throws DeskError where none is left to play. */
export function firstPlayed({ bars }: RecordedBars, { from, prices }: Pick<Recording, 'from' | 'prices'>): EpochMs {
  const first = bars.find((bar) => bar.openAt >= from);
  if (first !== undefined) return first.openAt;
  const day = new Date(from).toISOString().slice(0, 10);
  throw refuse('--replay', prices, `it holds no bar from ${day} on`, 'name later bars, or another --from');
}
