import { epochMs } from '#shared/units.ts';
import { logLossOf } from '#desk/engine/calibration-scores.ts';
import { COMPARISON_TOLERANCE, meanOf, sampleVariance } from '#desk/engine/numerics.ts';
import type { Case } from '#desk/engine/learning/cases.ts';
import type { Outcome } from '#desk/engine/learning/label.ts';
import { calibrated, predictTrained, rawAnswer, standardised } from '#desk/engine/learning/predict.ts';
import { logit } from '#desk/engine/probability.ts';
import { climatologyOf, type Chances } from '#desk/engine/learning/skill.ts';
import type { Fold } from '#desk/engine/learning/splits.ts';
import type { ModelKind, TrainedModel } from '#desk/engine/learning/trained-model.ts';
import { ensembleLearners, type EnsembleData, type Sample, type TreeEffort } from './learners.ts';
import type { Libraries } from './libraries.ts';
import { learnNetwork, type Window } from './lstm-learner.ts';

/** How the models are made; the same numbers, the same files. */
export type LearnSpec = TreeEffort & {
  readonly features: { readonly schema: string; readonly names: readonly string[] };
  /** Rows of the window the LSTM reads; the ensemble reads the last one. */
  readonly rows: number;
  readonly units: number;
  readonly maxEpochs: number;
  readonly seed: number;
};

/** A model with what it said of the cases it is judged on, none of which it saw. */
export type LearntFold = {
  readonly model: TrainedModel;
  readonly forecasts: readonly { readonly index: number; readonly chances: Chances }[];
};

const CLIP = 5;

const partOf = (cases: readonly Case[], indices: readonly number[]): readonly Case[] =>
  indices.flatMap((i) => cases[i] ?? []);

/** Center and scale of each feature over the last rows of what is learned from: no other part has a say. */
function standardOf(train: readonly Case[], width: number): TrainedModel['standardise'] {
  const columns = Array.from({ length: width }, (_, i) => train.map(({ rows }) => rows.at(-1)?.[i] ?? 0));
  return {
    center: columns.map((column) => meanOf(column) ?? 0),
    // A feature that never varied says nothing: it becomes 0 everywhere.
    scale: columns.map((column) => Math.sqrt(sampleVariance(column) ?? 0) || 1),
    clip: CLIP,
  };
}

const TARGETS = { short: 0, neither: 1, long: 2 } as const satisfies Record<Outcome, 0 | 1 | 2>;

type Shape = Pick<TrainedModel, 'standardise'>;

const windowsOf = (cases: readonly Case[], { standardise }: Shape): readonly Window[] =>
  cases.map(({ rows, outcome }) => ({
    rows: rows.map((row) => standardised(row, standardise)),
    target: TARGETS[outcome],
  }));

function sidesOf(train: readonly Case[], stop: readonly Case[], { standardise }: Shape): EnsembleData {
  const samples = (cases: readonly Case[], side: Outcome): readonly Sample[] =>
    cases.map(({ rows, outcome }) => ({
      row: standardised(rows.at(-1) ?? [], standardise),
      won: outcome === side ? 1 : 0,
    }));
  const data = (side: Outcome) => ({ train: samples(train, side), stop: samples(stop, side) });
  return { long: data('long'), short: data('short') };
}

/** Trust in what was learned is tried in so many steps, from none to all of it. */
const TRUST_STEPS = 20;

/** The map that takes a chance a share of the way from a frequency to itself, in log odds. */
const towards = (frequency: number, trust: number): TrainedModel['calibration']['long'] => ({
  ...{ kind: 'beta', a: trust, b: trust },
  c: (1 - trust) * logit(frequency),
});

/**
 * Fits the calibration on the held-back time: how far the model is to be trusted, between the frequencies known by then
 * and its own word. One number for both sides: neighbours share the bars their labels live on, so that a hundred held-back
 * cases are few, and maps of more numbers than this sharpened by chance. Nothing is ever sharpened or turned round.
 */
function trusted(raw: readonly Chances[], held: readonly Case[], known: readonly Case[]): TrainedModel['calibration'] {
  const frequencies = climatologyOf(known.map(({ outcome }) => outcome));
  const tries = Array.from({ length: TRUST_STEPS + 1 }, (_, i) => {
    const trust = i / TRUST_STEPS;
    const maps = { long: towards(frequencies.long, trust), short: towards(frequencies.short, trust) };
    const losses = held.map(({ outcome }, at) => {
      const chances = raw[at] === undefined ? null : calibrated(raw[at], maps);
      return chances === null ? 0 : logLossOf(chances[outcome === 'neither' ? 'neutral' : outcome], 1);
    });
    return { maps, loss: meanOf(losses) ?? 0 };
  });
  return tries.reduce((best, one) => (one.loss < best.loss - COMPARISON_TOLERANCE ? one : best)).maps;
}

type Task = {
  readonly kind: ModelKind;
  readonly cases: readonly Case[];
  readonly fold: Fold;
  readonly spec: LearnSpec;
};

const NO_MAPS = { long: { kind: 'none' }, short: { kind: 'none' } } as const;

/** Fits the model itself on `train`, stopping by `stop`. */
async function fitted(task: Task, libraries: Libraries, onShare: (share: number) => void): Promise<TrainedModel> {
  const { kind, cases, fold, spec } = task;
  const train = partOf(cases, fold.train);
  const stop = partOf(cases, fold.stop);
  const standardise = standardOf(train, spec.features.names.length);
  const learnedTo = Math.max(
    ...partOf(cases, [...fold.train, ...fold.stop, ...fold.calibrate]).map((c) => c.settledAt),
  );
  const common = {
    ...({ format: 'kelly-desk-model', schema: 1, standardise, calibration: NO_MAPS } as const),
    ...{ learnedTo: epochMs(learnedTo), from: fold.from },
  };
  const features = { schema: spec.features.schema, names: [...spec.features.names] };
  if (kind === 'lstm') {
    const network = await learnNetwork(
      libraries,
      { train: windowsOf(train, { standardise }), stop: windowsOf(stop, { standardise }) },
      { ...spec, onEpoch: (done) => onShare(done / spec.maxEpochs) },
    );
    return { ...common, kind, features: { ...features, rows: spec.rows }, network };
  }
  const data = sidesOf(train, stop, { standardise });
  const learners = ensembleLearners(libraries, spec);
  const members = learners.map(({ name, learn }, i) => ({
    name,
    weight: 1,
    model: learn(data, spec.seed + i, (share) => onShare((i + share) / learners.length)),
  }));
  return { ...common, kind, features: { ...features, rows: 1 }, members };
}

/** Learns one fold: the model, calibrated on what was held back, and its forecasts of the cases after all of that. */
export async function learnFold(
  task: Task,
  libraries: Libraries,
  onShare: (share: number) => void,
): Promise<LearntFold> {
  const { cases, fold } = task;
  const model = await fitted(task, libraries, onShare);
  const held = partOf(cases, fold.calibrate);
  const raw = held.map(({ rows }) => rawAnswer(model, rows).chances);
  const known = [...partOf(cases, [...fold.train, ...fold.stop]), ...held];
  const calibration = trusted(raw, held, known);
  const whole: TrainedModel = { ...model, calibration };
  const forecasts = fold.test.flatMap((index) => {
    const one = cases[index];
    return one === undefined ? [] : [{ index, chances: predictTrained(whole, one.rows).chances }];
  });
  return { model: whole, forecasts };
}
