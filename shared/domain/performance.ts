import { z } from 'zod';
import { epochMsSchema, moneySchema } from '#shared/units.ts';

/** actual = the trader as executed, model = as recommended, fixed = constant fraction equal to the model's mean. */
export const bookIdSchema = z.enum(['actual', 'model', 'fixed']);
export type BookId = z.output<typeof bookIdSchema>;

/** Equity of the three books at one time, net of costs. */
export const equityPointSchema = z.strictObject({
  at: epochMsSchema,
  actual: moneySchema,
  model: moneySchema,
  fixed: moneySchema,
});
export type EquityPoint = z.output<typeof equityPointSchema>;

/** A statistic that may be undefined: then `value` is null and `reason` says why, in words. */
export const statisticSchema = z.strictObject({ value: z.number().nullable(), reason: z.string().nullable() });
export type Statistic = z.output<typeof statisticSchema>;

export const bookStatisticsSchema = z.strictObject({
  book: bookIdSchema,
  endEquity: moneySchema,
  totalReturn: z.number(),
  maxDrawdown: z.number().min(0),
  sharpe: statisticSchema,
  sortino: statisticSchema,
  calmar: statisticSchema,
});
export type BookStatistics = z.output<typeof bookStatisticsSchema>;

export const tradeStatisticsSchema = z.strictObject({
  trades: z.number().int().min(0),
  wins: z.number().int().min(0),
  losses: z.number().int().min(0),
  scratches: z.number().int().min(0),
  winRate: statisticSchema,
  payoff: statisticSchema,
  profitFactor: statisticSchema,
  /** Mean R. */
  expectancy: statisticSchema,
  sqn: statisticSchema,
});
export type TradeStatistics = z.output<typeof tradeStatisticsSchema>;

/** Kelly against fixed sizing on the same decisions. Never a bare winner. */
export const verdictSchema = z.strictObject({
  code: z.enum(['insufficient', 'kelly-better', 'fixed-better', 'inconclusive']),
  decisions: z.number().int().min(0),
  days: z.number().int().min(0),
  /** Mean daily log-growth difference, and its 90 % interval; null while insufficient. */
  meanDifference: z.number().nullable(),
  lower: z.number().nullable(),
  upper: z.number().nullable(),
  sharpeDifferenceLower: z.number().nullable(),
  deflatedSharpe: z.number().nullable(),
  drawdownRatio: z.number().nullable(),
  /** Days still needed at 80 % power; null when unknown. */
  daysStillNeeded: z.number().int().min(0).nullable(),
  /** Mean fraction at risk of the model book, at which the fixed book bets. */
  fixedFraction: z.number().min(0),
});
export type Verdict = z.output<typeof verdictSchema>;

export const overrideKindSchema = z.enum(['rejected', 'expired', 'increased', 'decreased']);
export const overrideValueSchema = z.strictObject({
  kind: overrideKindSchema,
  count: z.number().int().min(0),
  /** Money gained (+) or given up (−) against the recommendation. */
  value: moneySchema,
});

export const performanceHistorySchema = z.strictObject({
  from: epochMsSchema.nullable(),
  to: epochMsSchema.nullable(),
  points: z.array(equityPointSchema),
  books: z.array(bookStatisticsSchema),
  trades: tradeStatisticsSchema,
  /** R of every closed trade, oldest first. */
  r: z.array(z.number()),
  verdict: verdictSchema,
  overrides: z.array(overrideValueSchema),
});
export type PerformanceHistory = z.output<typeof performanceHistorySchema>;
