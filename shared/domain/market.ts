import { z } from 'zod';
import { epochMsSchema, ticksSchema } from '#shared/units.ts';

/** Top of book and last trade. `asOf` is when it was true, `receivedAt` when the desk saw it. */
export const quoteSchema = z.strictObject({
  symbol: z.string(),
  bid: ticksSchema,
  ask: ticksSchema,
  last: ticksSchema,
  asOf: epochMsSchema,
  receivedAt: epochMsSchema,
});
export type Quote = z.output<typeof quoteSchema>;

export const timeframeSchema = z.enum(['1m', '1d']);
export type Timeframe = z.output<typeof timeframeSchema>;

/** One completed bar; `openAt` is its start, `closeAt` its end (exclusive). Prices in ticks. */
export const barSchema = z.strictObject({
  symbol: z.string(),
  timeframe: timeframeSchema,
  openAt: epochMsSchema,
  closeAt: epochMsSchema,
  open: ticksSchema,
  high: ticksSchema,
  low: ticksSchema,
  close: ticksSchema,
  volume: z.number().min(0),
});
export type Bar = z.output<typeof barSchema>;
