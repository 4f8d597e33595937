import { z } from 'zod';
import { betSchema, tradeSourceSchema } from '#shared/domain/monte-carlo.ts';
import { policySpecSchema } from '#shared/domain/policy.ts';
import { scoreKindSchema, sizingParametersSchema, windowKindSchema } from '#shared/domain/walk-forward.ts';
import { epochMsSchema } from '#shared/units.ts';

/** The most policies in one run. */
export const MOST_POLICIES = 16;

/** The most paths of a simulation, trades of a path, and trades drawn in all. */
export const MOST_PATHS = 50_000;
export const MOST_PATH_TRADES = 10_000;
export const MOST_DRAWS = 200_000_000;

const common = {
  /** Shown in the list of runs; a name is made where none is given. */
  name: z.string().trim().min(1).max(80).optional(),
  /** Decisions (of a simulation's own trades: exits) from this time on, and strictly before that; absent: all. */
  from: epochMsSchema.optional(),
  to: epochMsSchema.optional(),
  seed: z.number().int().min(0).max(2_147_483_647).optional(),
  /** Threads; absent: as many as the machine can spare. The result does not depend on it. */
  workers: z.number().int().min(1).max(16).optional(),
};

/** What a backtest over the profile's journal is asked for. */
export const policiesRequestSchema = z.strictObject({
  kind: z.literal('policies'),
  policies: z.array(policySpecSchema).min(1).max(MOST_POLICIES),
  ...common,
});
export type PoliciesRequest = z.output<typeof policiesRequestSchema>;

/** What a simulation of trades is asked for. */
export const monteCarloRequestSchema = z.strictObject({
  kind: z.literal('monte-carlo'),
  source: tradeSourceSchema,
  bet: betSchema,
  /** Trades of a path. */
  trades: z.number().int().min(1).max(MOST_PATH_TRADES),
  paths: z.number().int().min(100).max(MOST_PATHS),
  /** Expected block in trades, 1 is i.i.d.; null: chosen from the trades. */
  meanBlock: z.number().min(1).max(1000).nullable(),
  /** Shares of the start: which comes first is told. */
  loss: z.number().gt(0).lt(1),
  gain: z.number().positive().max(100),
  /** Wealth at or below this share of the start is ruin. */
  ruinLevel: z.number().gt(0).lt(1),
  ...common,
});
export type MonteCarloRequest = z.output<typeof monteCarloRequestSchema>;

/** The most combinations of parameters in one walk-forward. */
export const MOST_COMBINATIONS = 64;

const values = (value: z.ZodType<number>) => z.array(value).min(1).max(8);
const { multiplier, evidenceTrades, lookBackDays } = sizingParametersSchema.shape;

/** What a walk-forward of the sizing parameters is asked for. */
export const walkForwardRequestSchema = z.strictObject({
  kind: z.literal('walk-forward'),
  /** Every combination of these is tried. */
  multipliers: values(multiplier),
  evidenceTrades: values(evidenceTrades),
  lookBackDays: values(lookBackDays),
  folds: z.number().int().min(2).max(12),
  /** Share of the days the first choice is made on. */
  inSampleShare: z.number().min(0.2).max(0.8),
  window: windowKindSchema,
  score: scoreKindSchema,
  ...common,
});
export type WalkForwardRequest = z.output<typeof walkForwardRequestSchema>;

/** What a walk-forward tries where nothing else is asked for. */
export const DEFAULT_GRID = {
  multipliers: [0.25, 0.5, 1],
  evidenceTrades: [0, 30, 100],
  lookBackDays: [30, 90, 365],
  folds: 4,
  inSampleShare: 0.4,
} as const;

/** Requests by kind of job. */
export const backtestRequestSchema = z.discriminatedUnion('kind', [
  policiesRequestSchema,
  monteCarloRequestSchema,
  walkForwardRequestSchema,
]);
export type BacktestRequest = z.output<typeof backtestRequestSchema>;
