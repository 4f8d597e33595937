import { z } from 'zod';

/** What the market data streams and lists say. Prices are numbers here. @source protocols.md 3.3 */
const priceSchema = z.number();

export const messagesSchema = z.array(z.looseObject({ T: z.string() }));
export const successSchema = z.object({ T: z.literal('success'), msg: z.string() });
const symbolsSchema = z
  .array(z.string())
  .nullish()
  .transform((symbols) => symbols ?? []);
export const subscriptionSchema = z.object({
  T: z.literal('subscription'),
  trades: symbolsSchema,
  quotes: symbolsSchema,
});
export const streamErrorSchema = z.object({ T: z.literal('error'), code: z.number(), msg: z.string().default('') });
export const quoteSchema = z.object({
  ...{ T: z.literal('q'), S: z.string(), bp: priceSchema, ap: priceSchema, t: z.string() },
});
export const tradeSchema = z.object({
  ...{ T: z.literal('t'), S: z.string(), p: priceSchema, s: z.number().min(0), t: z.string() },
});

const barSchema = z.object({
  ...{ t: z.string(), o: priceSchema, h: priceSchema, l: priceSchema, c: priceSchema, v: z.number().min(0) },
});
export type WireBar = z.output<typeof barSchema>;
export const barsSchema = z.object({
  bars: z
    .record(z.string(), z.array(barSchema))
    .nullish()
    .transform((bars) => bars ?? {}),
  next_page_token: z.string().nullish(),
});
export const latestTradesSchema = z.object({
  trades: z.record(z.string(), z.object({ t: z.string(), p: priceSchema })),
});
