import { z } from 'zod';
import { epochMsSchema, moneySchema } from '#shared/units.ts';

/** actual = the trader as executed, model = as recommended, fixed = constant fraction equal to the model's mean. */
export const bookIdSchema = z.enum(['actual', 'model', 'fixed']);
export type BookId = z.output<typeof bookIdSchema>;
export const BOOK_IDS: readonly BookId[] = bookIdSchema.options;

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

/** Open profit less the fees paid on the way in; null, with its reason, while something held has no price. */
export const openProfitSchema = z.strictObject({ value: moneySchema.nullable(), reason: z.string().nullable() });
export type OpenProfit = z.output<typeof openProfitSchema>;

export const bookStatisticsSchema = z.strictObject({
  book: bookIdSchema,
  /** Marked: realised, and what is held at its last price. */
  endEquity: moneySchema,
  /** Of what is held at the end; absent in runs of before there was one. */
  openPnl: openProfitSchema.optional(),
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
