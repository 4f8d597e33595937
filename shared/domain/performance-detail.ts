import { z } from 'zod';
import { epochMsSchema, moneySchema } from '#shared/units.ts';
import { statisticSchema } from './performance.ts';

const count = z.number().int().min(0);
const isoDay = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);

/** The most of each in one answer: a frame holds 64 KiB. Points keep the peaks of every figure; months are the newest. */
export const DETAIL_LIMITS = { points: 300, months: 252 } as const;

/** Trades of a rolling window: fewer say nothing, more are the whole record of most traders. */
export const WINDOW = { least: 5, most: 1000, usual: 50 } as const;

/** The last `window` trades as they stood when one closed. Null: not defined on them. */
export const rollingPointSchema = z.strictObject({
  at: epochMsSchema,
  /** Its place among all trades with an R, from 1. */
  trade: z.number().int().positive(),
  /** Mean R. */
  expectancy: z.number().nullable(),
  winRate: z.number().nullable(),
  payoff: z.number().nullable(),
  sqn: z.number().nullable(),
});
export type RollingPoint = z.output<typeof rollingPointSchema>;

/** Figures of the newest trades over time. The first point is the trade that fills the window. */
export const rollingSchema = z.strictObject({
  window: z.number().int().positive(),
  /** Trades with an R, and those without one, which no figure here counts. */
  trades: count,
  unrated: count,
  points: z.array(rollingPointSchema),
  /** The newest window, undefined ones with their reason. */
  now: z.strictObject({
    expectancy: statisticSchema,
    winRate: statisticSchema,
    payoff: statisticSchema,
    sqn: statisticSchema,
  }),
  /** All trades, to hold the lines against. */
  whole: z.strictObject({
    expectancy: statisticSchema,
    winRate: statisticSchema,
    payoff: statisticSchema,
    sqn: statisticSchema,
  }),
});
export type Rolling = z.output<typeof rollingSchema>;

/** A stretch of the account: what its closed trades made, net of costs. */
export const periodSchema = z.strictObject({
  net: moneySchema,
  /** Net over the equity the stretch began with. */
  returned: statisticSchema,
  /** Sum of R over the trades that have one. */
  r: z.number(),
  trades: count,
  winRate: statisticSchema,
  /** Deepest fall below the highest equity since the stretch began, at each close. */
  maxDrawdown: z.number().min(0),
});
export type Period = z.output<typeof periodSchema>;

export const monthSchema = periodSchema.extend({ month: z.string().regex(/^\d{4}-\d{2}$/) });
export type Month = z.output<typeof monthSchema>;
export const yearSchema = periodSchema.extend({ year: z.string().regex(/^\d{4}$/) });
export type Year = z.output<typeof yearSchema>;

const dayResultSchema = z.strictObject({ day: isoDay, net: moneySchema, trades: count });
export type DayResult = z.output<typeof dayResultSchema>;
const tradeResultSchema = z.strictObject({
  id: z.string(),
  symbol: z.string(),
  day: isoDay,
  net: moneySchema,
  r: z.number().nullable(),
});
export type TradeResult = z.output<typeof tradeResultSchema>;

/** The account by month and year of session days. A month without a trade between two with one is there, with zeros. */
export const monthsSchema = z.strictObject({
  /** Oldest first, at most the newest 252: 21 years. */
  months: z.array(monthSchema),
  years: z.array(yearSchema),
  total: periodSchema,
  /** Session days with a trade that ended above, below and at zero. */
  days: z.strictObject({ up: count, down: count, flat: count }),
  /** The first of equals; null before the first trade. Best and worst may be the same one. */
  bestDay: dayResultSchema.nullable(),
  worstDay: dayResultSchema.nullable(),
  bestTrade: tradeResultSchema.nullable(),
  worstTrade: tradeResultSchema.nullable(),
});
export type Months = z.output<typeof monthsSchema>;
