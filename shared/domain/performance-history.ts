import { z } from 'zod';
import { epochMsSchema, moneySchema } from '#shared/units.ts';
import { equityStatisticsSchema, overrideReportSchema, standingVerdictSchema } from './backtest.ts';
import { bookIdSchema, bookStatisticsSchema, equityPointSchema, tradeStatisticsSchema } from './performance.ts';

/** The most in one answer: a frame holds 64 KiB. Points keep the peaks of every book. */
export const HISTORY_LIMITS = { points: 300 } as const;

const count = z.number().int().min(0);
const depth = z.number().min(0);

/** Equity of the three books at one time, and how far each is below its highest so far, as a share of that. */
export const historyPointSchema = equityPointSchema.extend({
  depth: z.strictObject({ actual: depth, model: depth, fixed: depth }),
});
export type HistoryPoint = z.output<typeof historyPointSchema>;

/** Width of a bar of the R histogram. */
export const R_BIN = 0.25;

/** One bar: trades with `from` ≤ R < `to`; a bar without one of them holds everything beyond. */
export const rBinSchema = z.strictObject({ from: z.number().nullable(), to: z.number().nullable(), count });
export type RBin = z.output<typeof rBinSchema>;

/** Proposals of a size that were not taken, and what they would have made as planned at that size. */
export const foregoneSchema = z.strictObject({
  /** rejected: the trader said no; expired: it ran out, or the next signal replaced it. */
  kind: z.enum(['rejected', 'expired']),
  count,
  /** Opportunity cost: above 0 is money missed, below 0 money spared. */
  value: moneySchema,
  /** 90 % interval of the mean per proposal, in USD; null below 30 of them. */
  interval: z.strictObject({ mean: z.number(), lower: z.number(), upper: z.number() }).nullable(),
});
export type Foregone = z.output<typeof foregoneSchema>;

/** What the trader's changes made, by the code of the backtest, and what was let go. */
export const overrideHistorySchema = overrideReportSchema.extend({
  foregone: z.array(foregoneSchema),
  /** Orders that went out with moved prices, whatever their number of contracts; their effect is in the exit effect. */
  moved: z.strictObject({ count, exitEffect: moneySchema }),
});
export type OverrideHistory = z.output<typeof overrideHistorySchema>;

export const performanceHistorySchema = z.strictObject({
  from: epochMsSchema.nullable(),
  to: epochMsSchema.nullable(),
  points: z.array(historyPointSchema),
  books: z.array(bookStatisticsSchema),
  /** The whole of quant.md 7 by book. */
  statistics: z.array(equityStatisticsSchema.extend({ book: bookIdSchema })),
  trades: tradeStatisticsSchema,
  longestLosingStreak: count,
  /** R of every closed trade, in bars of a quarter, lowest first. */
  histogram: z.array(rBinSchema),
  verdict: standingVerdictSchema,
  overrides: overrideHistorySchema,
});
export type PerformanceHistory = z.output<typeof performanceHistorySchema>;
