import { z } from 'zod';
import { runHeadSchema } from './backtest.ts';
import { statisticSchema } from './performance.ts';
import { policyKeySchema, policySpecSchema } from './policy.ts';

const count = z.number().int().min(0);
const share = z.number().min(0).max(1);

/** Whose trades are drawn: the account's own, those of a policy walked over the journal, or of one in a stored run. */
export const tradeSourceSchema = z.discriminatedUnion('from', [
  z.strictObject({ from: z.literal('journal') }),
  z.strictObject({ from: z.literal('policy'), spec: policySpecSchema }),
  z.strictObject({ from: z.literal('run'), runId: z.string().min(1).max(64), key: policyKeySchema }),
]);
export type TradeSource = z.output<typeof tradeSourceSchema>;

/** How much a drawn trade moves wealth. */
export const betSchema = z.discriminatedUnion('kind', [
  /** By the return on equity it had, whatever was at risk: the policy's own fraction comes with each trade. */
  z.strictObject({ kind: z.literal('as-taken') }),
  /** By a constant share of present equity per 1R: it compounds. */
  z.strictObject({ kind: z.literal('fraction'), fraction: z.number().positive().max(1) }),
  /** By a constant share of the starting equity per 1R: it does not compound. */
  z.strictObject({ kind: z.literal('fixed'), fraction: z.number().positive().max(1) }),
]);
export type Bet = z.output<typeof betSchema>;

/** Quantiles of a figure over the paths (type 7). */
export const bandSchema = z.strictObject({
  p05: z.number(),
  p25: z.number(),
  p50: z.number(),
  p75: z.number(),
  p95: z.number(),
});
export type Band = z.output<typeof bandSchema>;

/** A share of the paths with the 95 % interval of what is left of chance in it (Wilson). */
export const pathShareSchema = z.strictObject({ value: share, lower: share, upper: share });
export type PathShare = z.output<typeof pathShareSchema>;

/** A figure of theory beside what the paths show. */
export const closedFormSchema = z.strictObject({
  key: z.enum([
    'ruin-bound',
    'loss-bound',
    'ruin-lundberg',
    'loss-lundberg',
    'ruin-continuous',
    'loss-before-gain',
    'expected-drawdown',
    'trades-to-double',
  ]),
  /** Null where an assumption does not hold: the reason says which. */
  theory: statisticSchema,
  /** The same among the paths; null where no path can show it. */
  simulated: z.number().nullable(),
});
export type ClosedForm = z.output<typeof closedFormSchema>;

/** A stored Monte Carlo run. Wealth is in units of the starting equity. */
export const monteCarloRunSchema = z.strictObject({
  head: runHeadSchema,
  setup: z.strictObject({
    source: tradeSourceSchema,
    bet: betSchema,
    trades: count,
    paths: count,
    /** Expected block that was drawn with: 1 is i.i.d. */
    meanBlock: z.number().min(1),
    /** The block was chosen from the trades (Politis and White). */
    isBlockAutomatic: z.boolean(),
    loss: share,
    gain: z.number().positive(),
    ruinLevel: share,
    /** Layout of the random streams: with the seed it makes the run again. */
    streams: z.string(),
  }),
  sample: z.strictObject({
    label: z.string(),
    trades: count,
    winRate: statisticSchema,
    meanR: statisticSchema,
    /** Mean growth of log wealth per trade; undefined where one trade takes everything, or nothing compounds. */
    growth: statisticSchema,
    worst: z.number(),
    best: z.number(),
    /** Share of full Kelly: 1 grows fastest, 2 not at all. */
    kellyShare: statisticSchema,
  }),
  fan: z.strictObject({
    trade: z.array(count),
    p05: z.array(z.number()),
    p25: z.array(z.number()),
    p50: z.array(z.number()),
    p75: z.array(z.number()),
    p95: z.array(z.number()),
  }),
  finalWealth: bandSchema,
  /** Ends below the start. */
  endsBelow: pathShareSchema,
  maxDrawdown: bandSchema,
  /** Share of the paths whose deepest drawdown is above `depth`, for depths rising from 0. */
  drawdowns: z.strictObject({ depth: z.array(share), above: z.array(share) }),
  /** Which came first within the horizon. */
  reach: z.strictObject({ loss: pathShareSchema, gain: pathShareSchema, neither: pathShareSchema }),
  /** Fell to the ruin level, and lost everything, within the horizon. */
  ruin: pathShareSchema,
  wiped: pathShareSchema,
  /** Share of a path's trades after which it stood below its peak, and its longest run of them in trades. */
  underWater: bandSchema,
  longestUnderWater: bandSchema,
  closedForms: z.array(closedFormSchema),
  notes: z.array(z.string()),
});
export type MonteCarloRun = z.output<typeof monteCarloRunSchema>;
