import { z } from 'zod';
import { epochMsSchema, moneySchema } from '#shared/units.ts';
import { equityStatisticsSchema, runHeadSchema } from './backtest.ts';
import { statisticSchema } from './performance.ts';
import { policyKeySchema } from './policy.ts';

const count = z.number().int().min(0);

/** What the desk's own scheme is given in one trial. */
export const sizingParametersSchema = z.strictObject({
  multiplier: z.number().positive().max(1),
  evidenceTrades: z.number().min(0).max(10_000),
  lookBackDays: z.number().int().min(1).max(36_500),
});
export type SizingParameters = z.output<typeof sizingParametersSchema>;

/** By what the parameters are chosen: growth of log equity a year, or the annual Sharpe ratio. */
export const scoreKindSchema = z.enum(['growth', 'sharpe']);
export type ScoreKind = z.output<typeof scoreKindSchema>;

/** What is looked back on to choose: everything before, or as much as at the first choice. */
export const windowKindSchema = z.enum(['anchored', 'rolling']);
export type WindowKind = z.output<typeof windowKindSchema>;

/** One choice and the time it was traded on. Scores are by combination; null where undefined. */
export const foldSchema = z.strictObject({
  from: epochMsSchema,
  split: epochMsSchema,
  to: epochMsSchema,
  inSampleDays: count,
  outOfSampleDays: count,
  /** Which combination was chosen on the in-sample scores. */
  chosen: count,
  inSample: z.array(z.number().nullable()),
  outOfSample: z.array(z.number().nullable()),
  /** Of the account that traded the choices, in this fold. */
  score: z.number().nullable(),
  growth: z.number(),
  /** Place of the chosen one among all out of sample, 1 the best; null where its score is undefined. */
  rank: z.number().positive().nullable(),
});
export type Fold = z.output<typeof foldSchema>;

/** An account over all days out of sample. */
export const walkForwardBookSchema = z.strictObject({
  key: policyKeySchema,
  label: z.string(),
  finalEquity: moneySchema,
  statistics: equityStatisticsSchema,
});
export type WalkForwardBook = z.output<typeof walkForwardBookSchema>;

/** A stored walk-forward. */
export const walkForwardRunSchema = z.strictObject({
  head: runHeadSchema,
  initialEquity: moneySchema,
  setup: z.strictObject({
    multipliers: z.array(z.number()),
    evidenceTrades: z.array(z.number()),
    lookBackDays: z.array(z.number()),
    folds: count,
    inSampleShare: z.number(),
    window: windowKindSchema,
    score: scoreKindSchema,
  }),
  /** Every combination, λ slowest and look-back fastest. */
  combinations: z.array(sizingParametersSchema),
  folds: z.array(foldSchema),
  /** The choices as traded, the scheme as it was live, and the best combination in hindsight. */
  books: z.array(walkForwardBookSchema),
  /** Score out of sample over the score the choice was made on, both means over the folds. */
  efficiency: statisticSchema,
  /** Mean rank correlation between scores in and out of sample: 0 where a choice says nothing of what comes. */
  rankCorrelation: statisticSchema,
  /** Mean place of the chosen among all out of sample, from 0 (best) to 1 (worst). */
  meanRank: statisticSchema,
  /** How often the choice changed from one fold to the next. */
  changes: count,
  /** What the deflated Sharpe ratio of the choices counts: combinations, and how their annual ratios spread. */
  trials: z.strictObject({ count, varSharpeAnn: z.number().min(0) }),
  notes: z.array(z.string()),
});
export type WalkForwardRun = z.output<typeof walkForwardRunSchema>;
