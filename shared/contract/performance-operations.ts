import { z } from 'zod';
import { monthsSchema, rollingSchema, WINDOW } from '#shared/domain/performance-detail.ts';
import { performanceHistorySchema } from '#shared/domain/performance-history.ts';
import { query, type Entry } from './define.ts';

/** Trades that closed and proposals that resolved in a range count; absent: all. Epoch ms, inclusive. */
const range = { from: z.coerce.number().int().optional(), to: z.coerce.number().int().optional() };

/** What the Performance screen reads. */
export const performanceOperations = {
  'performance.history': query({
    input: z.strictObject(range),
    output: performanceHistorySchema,
    rest: '/api/kelly/performance-history',
  }),
  /** Expectancy, win rate, payoff and SQN of the last `window` trades (50), trade by trade. */
  'performance.rolling': query({
    input: z.strictObject({
      ...range,
      window: z.coerce.number().int().min(WINDOW.least).max(WINDOW.most).optional(),
    }),
    output: rollingSchema,
    rest: '/api/kelly/performance-history/rolling',
  }),
  /** Months, years, and the best and worst day and trade. */
  'performance.months': query({
    input: z.strictObject(range),
    output: monthsSchema,
    rest: '/api/kelly/performance-history/months',
  }),
} as const satisfies Readonly<Record<string, Entry>>;
