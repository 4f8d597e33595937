import { readFileSync } from 'node:fs';
import { DeskError } from '#shared/contract/errors.ts';
import type { FeatureSpec } from '#shared/domain/feature.ts';
import type { Bar, Timeframe } from '#shared/domain/market.ts';
import { epochMs, type EpochMs } from '#shared/units.ts';
import { readBars } from '#desk/adapters/market/csv.ts';
import { resolveFeatures } from '#desk/engine/features/catalogue.ts';
import { casesOf, mergeCases, type Case, type CaseSpec, type Series } from '#desk/engine/learning/cases.ts';
import { walkForwardFolds, type Fold } from '#desk/engine/learning/splits.ts';
import type { Planning } from '#desk/engine/plan.ts';
import { continuousInstrument, knownRoots } from '#desk/profiles/instruments.ts';
import { spacingFault } from '#desk/profiles/recording.ts';
import type { LearnSpec } from './learn-fold.ts';

const DAY_MS = 86_400_000;

/** What is learned by default: a planned trade as the desk plans it on such bars, and how long it has. */
const DEFAULTS = {
  '1d': { planning: { stopAtr: 1, targetAtr: 1.5, minStopTicks: 4 }, horizonBars: 20 },
  '1m': { planning: { stopAtr: 2, targetAtr: 3, minStopTicks: 4 }, horizonBars: 120 },
} as const;

/** The time of day says nothing of a bar that is a whole day. */
const LEFT_OUT: Readonly<Record<Timeframe, readonly string[]>> = { '1m': [], '1d': ['daySin', 'dayCos'] };

const FEATURES = 'fs-2';
/** Minutes of two cores for 5,000 bars. */
const EFFORT: Effort = { rows: 32, units: 16, maxEpochs: 30, plots: 12, rounds: 60 };
const EMBARGO_BARS = 5;
const SHARES = { stopShare: 0.15, calibrateShare: 0.2 } as const;
/** Where nothing else is said, this share of the cases comes before the first that is judged. */
const FIRST_SHARE = 0.5;

/** How much is put into learning: the rows the LSTM reads, its size, and the trees. */
export type Effort = Pick<LearnSpec, 'rows' | 'units' | 'maxEpochs' | 'plots' | 'rounds'>;

export type TrainOptions = {
  /** Bars, one file a symbol. */
  readonly files: readonly { readonly file: string; readonly symbol: string }[];
  readonly timeframe: Timeframe;
  /** Days; null: all there is. The last day named is part of the range. */
  readonly from: string | null;
  readonly to: string | null;
  /** Last day before the first forecast that is judged; null: half of the cases. */
  readonly trainTo: string | null;
  readonly folds: number;
  readonly stopAtr: number | null;
  readonly targetAtr: number | null;
  readonly horizonBars: number | null;
  readonly seed: number;
  /** Less than usual, for a quick look. */
  readonly effort?: Effort;
};

/** Everything a thread needs to learn one fold, as plain data. */
export type TrainingPlan = {
  readonly series: readonly Series[];
  readonly caseSpec: CaseSpec;
  readonly folds: readonly Fold[];
  readonly learn: LearnSpec;
};

/** A plan with what the card says of it. */
export type PreparedTraining = {
  readonly plan: TrainingPlan;
  readonly cases: readonly Case[];
  readonly planning: Planning;
  readonly horizonBars: number;
  readonly data: readonly {
    readonly file: string;
    readonly symbol: string;
    readonly bars: number;
    readonly from: EpochMs;
    readonly to: EpochMs;
    readonly rejectedRows: number;
    readonly assumptions: readonly string[];
  }[];
};

const refuse = (field: string, value: string, message: string, remedy: string): DeskError =>
  new DeskError({ code: 'invalid-input', field, value, message, remedy });

type Read = { readonly series: Series; readonly data: PreparedTraining['data'][number] };

function readSeries(
  { file, symbol }: TrainOptions['files'][number],
  options: TrainOptions,
  plan: { readonly planning: Planning; readonly horizonBars: number },
): Read {
  const instrument = continuousInstrument(symbol);
  if (instrument === null)
    throw refuse('--symbol', symbol, 'the desk does not know this symbol', `choose one of ${knownRoots()}`);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw refuse('--bars', file, 'the file cannot be read', 'name a CSV file of bars');
  }
  const range = {
    ...(options.from === null ? {} : { from: epochMs(Date.parse(options.from)) }),
    ...(options.to === null ? {} : { to: epochMs(Date.parse(options.to) + DAY_MS) }),
  };
  const { tickSize } = instrument;
  const read = readBars(text, { symbol, tickSize, timeframe: options.timeframe, file, ...range });
  if (!read.ok) throw refuse('--bars', file, read.error.message, read.error.remedy);
  const { bars, rejected, assumptions } = read.value;
  const fault = spacingFault(bars, options.timeframe);
  if (fault !== null) throw refuse('--timeframe', options.timeframe, fault, 'give the timeframe of the bars');
  return {
    series: { bars, tickSize, label: { ...plan, instrument } },
    data: {
      // The folder it lay in says nothing of what was learned.
      ...{ file: file.split(/[\\/]/).at(-1) ?? file, symbol, bars: bars.length, rejectedRows: rejected.length },
      ...{ from: openOf(bars[0]), to: openOf(bars.at(-1)), assumptions },
    },
  };
}

const openOf = (bar: Bar | undefined): EpochMs => bar?.openAt ?? epochMs(0);

function featuresOf(timeframe: Timeframe, rows: number): FeatureSpec {
  const all = resolveFeatures({ schema: FEATURES, rows });
  if (!all.ok) throw new Error(all.error);
  const features = all.value.features.filter(({ name }) => !LEFT_OUT[timeframe].includes(name));
  return { ...all.value, features };
}

/** The first forecast that is judged comes at or after this time. */
function testFrom(cases: readonly Case[], trainTo: string | null): EpochMs {
  if (trainTo !== null) return epochMs(Date.parse(trainTo) + DAY_MS);
  return cases[Math.floor(cases.length * FIRST_SHARE)]?.asOf ?? epochMs(0);
}

/** Returns the cases of a plan, oldest first: the same in every thread. */
export const planCases = ({ series, caseSpec }: Pick<TrainingPlan, 'series' | 'caseSpec'>): readonly Case[] =>
  mergeCases(series.map((one) => casesOf(one, caseSpec)));

/** Reads the bars, labels them and cuts them into folds. Throws DeskError naming the option, its value and the remedy. */
export function prepareTraining(options: TrainOptions): PreparedTraining {
  const defaults = DEFAULTS[options.timeframe];
  const planning = {
    ...defaults.planning,
    ...(options.stopAtr === null ? {} : { stopAtr: options.stopAtr }),
    ...(options.targetAtr === null ? {} : { targetAtr: options.targetAtr }),
  };
  const horizonBars = options.horizonBars ?? defaults.horizonBars;
  const reads = options.files.map((one) => readSeries(one, options, { planning, horizonBars }));
  const effort = options.effort ?? EFFORT;
  const features = featuresOf(options.timeframe, effort.rows);
  const caseSpec: CaseSpec = { ...features, embargoBars: EMBARGO_BARS };
  const series = reads.map((read) => read.series);
  const cases = planCases({ series, caseSpec });
  const folds = walkForwardFolds(cases, {
    testFrom: testFrom(cases, options.trainTo),
    folds: options.folds,
    ...SHARES,
  });
  if (!folds.ok) {
    const { part, got, needed } = folds.error;
    const message = `one part of the walk forward (${part}) has ${got} cases, ${needed} are needed`;
    throw refuse('--bars', String(cases.length), message, 'give more bars, fewer --folds, or another --train-to');
  }
  const names = features.features.map(({ name }) => name);
  const learn = {
    features: { schema: features.schema, names },
    ...effort,
    seed: options.seed,
  };
  const plan: TrainingPlan = { series, caseSpec, folds: folds.value, learn };
  return { plan, cases, planning, horizonBars, data: reads.map((read) => read.data) };
}
