import { z } from 'zod';
import { epochMsSchema, moneySchema } from '#shared/units.ts';
import { equityStatisticsSchema, overrideReportSchema, standingVerdictSchema } from './backtest.ts';
import { bookIdSchema, bookStatisticsSchema, equityPointSchema, tradeStatisticsSchema } from './performance.ts';

/** The most of each in one answer: a frame holds 64 KiB. Points keep the peaks of every book; R are the newest. */
export const HISTORY_LIMITS = { points: 360, r: 1500 } as const;

const count = z.number().int().min(0);

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
  points: z.array(equityPointSchema),
  books: z.array(bookStatisticsSchema),
  /** The whole of quant.md 7 by book. */
  statistics: z.array(equityStatisticsSchema.extend({ book: bookIdSchema })),
  trades: tradeStatisticsSchema,
  longestLosingStreak: count,
  /** R of the newest closed trades, oldest first. */
  r: z.array(z.number()),
  verdict: standingVerdictSchema,
  overrides: overrideHistorySchema,
});
export type PerformanceHistory = z.output<typeof performanceHistorySchema>;
