import { z } from 'zod';
import { epochMsSchema, moneySchema } from '#shared/units.ts';
import { decisionStatusSchema } from './decision.ts';
import { modelIdSchema } from './prediction.ts';
import { connectionSchema } from './status.ts';

const count = z.number().int().min(0);
const probability = z.number().min(0).max(1);

/** A mean with its 90 % interval. */
export const meanIntervalSchema = z.strictObject({ mean: z.number(), lower: z.number(), upper: z.number() });
export type MeanInterval = z.output<typeof meanIntervalSchema>;

/** One bin of the reliability diagram: what was said and what came of it, with a Wilson 90 % interval. */
export const reliabilityBinSchema = z.strictObject({
  from: probability,
  to: probability,
  count,
  said: probability,
  won: probability,
  lower: probability,
  upper: probability,
});
export type ReliabilityBin = z.output<typeof reliabilityBinSchema>;

/** brier = reliability − resolution + uncertainty + withinBinVariance − withinBinCovariance. */
export const probabilityScoresSchema = z.strictObject({
  brier: z.number().min(0),
  reliability: z.number().min(0),
  resolution: z.number().min(0),
  uncertainty: z.number().min(0),
  withinBinVariance: z.number(),
  withinBinCovariance: z.number(),
  logLoss: z.number().min(0),
  calibrationError: z.number().min(0),
  maxCalibrationError: z.number().min(0),
  /** 1 − brier/uncertainty, with a bootstrap 90 % interval; null when every outcome is the same. */
  skill: z.strictObject({ value: z.number(), lower: z.number().nullable(), upper: z.number().nullable() }).nullable(),
});
export type ProbabilityScores = z.output<typeof probabilityScoresSchema>;

export const scoredSubjectSchema = z.enum(['pooled', 'lstm', 'ensemble']);
export type ScoredSubject = z.output<typeof scoredSubjectSchema>;

const hitsSchema = z.strictObject({ count, wins: count });

/** How the probabilities of one model, or of both pooled, turned out. Unknown is null, never 0. */
export const scoredModelSchema = z.strictObject({
  subject: scoredSubjectSchema,
  /** Version in force; null before the first answer, and for the pool. */
  version: z.string().nullable(),
  /** Weight in the pool; null for the pool itself. */
  weight: probability.nullable(),
  resolved: count,
  said: probability.nullable(),
  won: probability.nullable(),
  hits: z.strictObject({ long: hitsSchema, short: hitsSchema }),
  scores: probabilityScoresSchema.nullable(),
  bins: z.array(reliabilityBinSchema),
  /** Counts of what was said, in 20 equal bins of [0, 1]. */
  histogram: z.array(count).length(20),
});
export type ScoredModel = z.output<typeof scoredModelSchema>;

/** Risk-adjusted CUSUM of the probability in force, over time. It restarts at 0 when a human acknowledges it. */
export const driftSchema = z.strictObject({
  points: z.array(z.strictObject({ at: epochMsSchema, value: z.number().min(0) })),
  resets: z.array(epochMsSchema),
  warn: z.number(),
  halt: z.number(),
  /** Null before the first outcome. */
  now: z.number().nullable(),
  predictions: count,
});
export type Drift = z.output<typeof driftSchema>;

/** How often the two models said the same. Rows: LSTM long, flat, short; columns: the ensemble's. */
export const agreementSchema = z.strictObject({
  days: count,
  pairs: count,
  matrix: z.array(z.array(count).length(3)).length(3),
  /** Answers of which at least one could not be read. */
  unread: count,
});
export type Agreement = z.output<typeof agreementSchema>;

/** What the signals that one status stopped would have made, at one contract each. */
export const stoppedSignalsSchema = z.strictObject({
  status: decisionStatusSchema,
  kind: z.enum(['veto', 'block', 'zero']),
  count,
  /** Those whose planned trade was followed to its end; a signal without a direction has none. */
  resolved: count,
  wins: count,
  /** Sum over one contract each; null under 30 resolved. */
  value: moneySchema.nullable(),
  /** Mean R; null under 30 resolved. */
  meanR: meanIntervalSchema.nullable(),
});
export type StoppedSignals = z.output<typeof stoppedSignalsSchema>;

export const latencySchema = z.strictObject({
  model: modelIdSchema,
  count,
  p50: z.number().nullable(),
  p95: z.number().nullable(),
  p99: z.number().nullable(),
  /** The newest at most 240, ms. */
  samples: z.array(z.number().min(0)),
});
export type Latency = z.output<typeof latencySchema>;

/** One connection over the last day: a letter per 20 minutes, u up, d lost contact, - not watched. Oldest first. */
export const uptimeSchema = connectionSchema
  .pick({ id: true, kind: true, name: true, state: true, uptime: true })
  .extend({
    marks: z.string().regex(/^[ud-]{72}$/),
  });
export type Uptime = z.output<typeof uptimeSchema>;

export const versionChangeSchema = z.strictObject({
  at: epochMsSchema,
  model: modelIdSchema,
  name: z.string(),
  version: z.string(),
  resolved: count,
});
export type VersionChange = z.output<typeof versionChangeSchema>;

const weightPairSchema = z.strictObject({ lstm: probability, ensemble: probability });

/** Weights that learn from log loss. Advice only: what sizes are the weights in force. */
export const weightAdviceSchema = z.strictObject({
  inForce: weightPairSchema,
  advised: weightPairSchema.nullable(),
  resolved: count,
  needed: count,
  /** Log loss saved per prediction by the advised weights against those in force, 90 % interval; null under 30. */
  gain: meanIntervalSchema.nullable(),
  isProven: z.boolean(),
  path: z.array(z.strictObject({ at: epochMsSchema, lstm: probability })),
});
export type WeightAdvice = z.output<typeof weightAdviceSchema>;

export const calibratorKindSchema = z.enum(['none', 'platt', 'beta', 'isotonic']);
export type CalibratorKind = z.output<typeof calibratorKindSchema>;

/** The calibrator in force and whether a new fit is worth looking at. */
export const calibrationStateSchema = z.strictObject({
  kind: calibratorKindSchema,
  version: z.string(),
  /** Outcomes it was fitted on. */
  fittedOn: count,
  resolved: count,
  /** False: the profile sizes from the raw pooled confidence. */
  isUsed: z.boolean(),
  /** Enough has resolved since the last fit that a new one may differ. */
  isDue: z.boolean(),
  /** The method the next step of the record brings; null at the last one. */
  next: z.strictObject({ at: count, kind: calibratorKindSchema }).nullable(),
});
export type CalibrationState = z.output<typeof calibrationStateSchema>;

/** How a map scores on predictions that were made after everything it was fitted on had resolved. */
const laterScoreSchema = z.strictObject({ brier: z.number().min(0), logLoss: z.number().min(0) });

/** What putting a new fit in force would change. Probabilities `before` and `after` are one-sided: min(raw, calibrated). */
export const calibrationPreviewSchema = z.strictObject({
  inForce: z.strictObject({ kind: calibratorKindSchema, version: z.string(), fittedOn: count }),
  candidate: z.strictObject({ kind: calibratorKindSchema, version: z.string(), fittedOn: count }),
  curve: z.array(
    z.strictObject({
      raw: probability,
      before: probability,
      after: probability,
      /** The map itself, which may lie above the raw probability: never sized from. */
      estimate: probability,
    }),
  ),
  /** Newest first: the size today's rules give the recorded signal with the old calibrator and with the new one. */
  sizes: z.array(
    z.strictObject({
      recommendationId: z.string(),
      at: epochMsSchema,
      symbol: z.string(),
      raw: probability,
      before: z.strictObject({ probability: probability.nullable(), contracts: count }),
      after: z.strictObject({ probability: probability.nullable(), contracts: count }),
    }),
  ),
  /**
   * A trial fit on the older part of the record, scored on the newer part, which it has not seen; null while either is
   * too small. `saved`: log loss saved per prediction against the raw probability.
   */
  later: z
    .strictObject({
      trainedOn: count,
      scoredOn: count,
      kind: calibratorKindSchema,
      raw: laterScoreSchema,
      trial: laterScoreSchema,
      saved: meanIntervalSchema.nullable(),
    })
    .nullable(),
});
export type CalibrationPreview = z.output<typeof calibrationPreviewSchema>;

/** The models under watch: how their probabilities turned out on every signal, whoever took it. */
export const modelsReportSchema = z.strictObject({
  asOf: epochMsSchema,
  /** Pooled confidence below which a signal is vetoed. */
  gate: probability,
  limits: z.strictObject({ brierWarn: z.number(), calibrationErrorWarn: z.number() }),
  models: z.array(scoredModelSchema).length(3),
  /** Of the probability in force, by which the breaker halts. */
  drift: driftSchema,
  /** The same of what each model said alone: it tells which of them drifts, and halts nothing. */
  modelDrift: z.strictObject({ lstm: driftSchema, ensemble: driftSchema }),
  agreement: agreementSchema,
  stopped: z.array(stoppedSignalsSchema),
  latency: z.array(latencySchema),
  uptime: z.array(uptimeSchema),
  versions: z.array(versionChangeSchema),
  weights: weightAdviceSchema,
  calibration: calibrationStateSchema,
});
export type ModelsReport = z.output<typeof modelsReportSchema>;
