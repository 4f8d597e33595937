import { z } from 'zod';
import { directionSchema, epochMsSchema, moneySchema, ticksSchema } from '#shared/units.ts';

/** What an order is for. `flatten` closes a position at the market. */
export const orderRoleSchema = z.enum(['entry', 'stop', 'target', 'flatten']);
export type OrderRole = z.output<typeof orderRoleSchema>;

export const orderTypeSchema = z.enum(['market', 'limit', 'stop']);
export type OrderType = z.output<typeof orderTypeSchema>;

/** `denied` is by us (nothing was sent), `rejected` by the broker. */
export const orderLifeSchema = z.enum([
  'created',
  'denied',
  'sent',
  'acked',
  'working',
  'filled',
  'canceled',
  'expired',
  'rejected',
]);
export type OrderLife = z.output<typeof orderLifeSchema>;

export const orderPendingSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('cancel'), since: epochMsSchema }),
  z.strictObject({
    kind: z.literal('replace'),
    since: epochMsSchema,
    quantity: z.number().int().positive(),
    price: ticksSchema.nullable(),
  }),
]);

/** `in-doubt`: we cannot tell whether the broker has it. Resolved by asking, never by sending again. */
export const orderCertaintySchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('known') }),
  z.strictObject({ kind: z.literal('in-doubt'), since: epochMsSchema, why: z.string() }),
]);

/** The terms of an order, fixed when the intent is persisted. */
export const orderTermsSchema = z.strictObject({
  /** `D1-` + ULID, with suffix T or S for bracket children; at most 31 ASCII characters. */
  clientOrderId: z.string().regex(/^D1-[0-9A-HJKMNP-TV-Z]{26}[ST]?$/),
  recommendationId: z.string().nullable(),
  /** Entry order a bracket child belongs to. */
  parentId: z.string().nullable(),
  account: z.string(),
  symbol: z.string(),
  role: orderRoleSchema,
  /** +1 buy, −1 sell. */
  direction: directionSchema,
  type: orderTypeSchema,
  quantity: z.number().int().positive(),
  /** Limit price of a limit order, trigger of a stop order, null for market. */
  price: ticksSchema.nullable(),
  timeInForce: z.enum(['day', 'gtc']),
});
export type OrderTerms = z.output<typeof orderTermsSchema>;

/** An order as the desk knows it: a fold over its journaled events. */
export const orderSchema = z.strictObject({
  ...orderTermsSchema.shape,
  life: orderLifeSchema,
  pending: orderPendingSchema,
  certainty: orderCertaintySchema,
  filled: z.number().int().min(0),
  /** Mean fill price in ticks (float64); null while nothing is filled. */
  averagePrice: z.number().nullable(),
  venueOrderId: z.string().nullable(),
  reason: z.string().nullable(),
  createdAt: epochMsSchema,
  updatedAt: epochMsSchema,
});
export type Order = z.output<typeof orderSchema>;

/** What a venue, or the desk itself, reports about one order. Fills are their own record. */
export const orderEventSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('denied'), reason: z.string() }),
  z.strictObject({ kind: z.literal('send-attempt') }),
  z.strictObject({ kind: z.literal('acknowledged'), venueOrderId: z.string() }),
  z.strictObject({ kind: z.literal('working'), venueOrderId: z.string() }),
  z.strictObject({ kind: z.literal('rejected'), reason: z.string() }),
  z.strictObject({ kind: z.literal('in-doubt'), why: z.string() }),
  z.strictObject({ kind: z.literal('cancel-requested') }),
  z.strictObject({ kind: z.literal('cancel-refused'), reason: z.string() }),
  z.strictObject({ kind: z.literal('canceled'), reason: z.string().nullable() }),
  z.strictObject({ kind: z.literal('expired') }),
  /** The venue changed the open quantity (bracket children after a partial fill). */
  z.strictObject({ kind: z.literal('resized'), quantity: z.number().int().positive() }),
  z.strictObject({
    kind: z.literal('replace-requested'),
    quantity: z.number().int().positive(),
    price: ticksSchema.nullable(),
  }),
  /** New terms are in force; a venue that gives a new id for them names it. */
  z.strictObject({
    kind: z.literal('replaced'),
    venueOrderId: z.string().nullable(),
    quantity: z.number().int().positive(),
    price: ticksSchema.nullable(),
  }),
  z.strictObject({ kind: z.literal('replace-refused'), reason: z.string() }),
  /** The venue states the order again, e.g. after a reconnect. Its filled count is never a fill. */
  z.strictObject({
    kind: z.literal('restated'),
    venueOrderId: z.string(),
    quantity: z.number().int().positive(),
    price: ticksSchema.nullable(),
  }),
]);
export type OrderEvent = z.output<typeof orderEventSchema>;

/** One execution. `execKey` is unique per venue and account: a second one with the same key is dropped. */
export const fillSchema = z.strictObject({
  execKey: z.string().min(1),
  venue: z.string(),
  account: z.string(),
  clientOrderId: z.string().nullable(),
  symbol: z.string(),
  direction: directionSchema,
  quantity: z.number().int().positive(),
  price: ticksSchema,
  fee: moneySchema,
  at: epochMsSchema,
  receivedAt: epochMsSchema,
});
export type Fill = z.output<typeof fillSchema>;

/** A venue's later word on an execution: other values, or none at all (a bust). The highest version counts. */
export const fillCorrectionSchema = z.strictObject({
  venue: z.string(),
  account: z.string(),
  /** Key of the execution that is corrected. */
  execKey: z.string().min(1),
  version: z.number().int().positive(),
  /** Null: the execution was busted and never happened. */
  corrected: z
    .strictObject({
      direction: directionSchema,
      quantity: z.number().int().positive(),
      price: ticksSchema,
      fee: moneySchema,
      at: epochMsSchema,
    })
    .nullable(),
  reason: z.string(),
});
export type FillCorrection = z.output<typeof fillCorrectionSchema>;

/** A round trip, first in first out per account and contract: derived from fills, rebuildable at any time. */
export const tradeSchema = z.strictObject({
  /** `account|symbol|execKey of the opening fill|execKey of the closing fill|ordinal`. */
  id: z.string(),
  account: z.string(),
  symbol: z.string(),
  root: z.string(),
  /** +1 the trade was long, −1 short. */
  direction: directionSchema,
  quantity: z.number().int().positive(),
  entryAt: epochMsSchema,
  exitAt: epochMsSchema,
  entryPrice: ticksSchema,
  exitPrice: ticksSchema,
  gross: moneySchema,
  fees: moneySchema,
  net: moneySchema,
  /** Planned (stop) risk of this quantity; null when the entry had no plan. */
  plannedRisk: moneySchema.nullable(),
  /** net / plannedRisk. */
  r: z.number().nullable(),
  recommendationId: z.string().nullable(),
  sessionDay: z.string(),
});
export type Trade = z.output<typeof tradeSchema>;

/** An open position. Prices and P&L are null while no fresh price is known: unknown is never zero. */
export const positionSchema = z.strictObject({
  symbol: z.string(),
  account: z.string(),
  /** Signed: > 0 long. */
  quantity: z.number().int(),
  averagePrice: z.number(),
  last: ticksSchema.nullable(),
  lastAt: epochMsSchema.nullable(),
  openPnl: moneySchema.nullable(),
  stop: ticksSchema.nullable(),
  target: ticksSchema.nullable(),
  /** What current equity loses if the stop is hit, as a positive amount; null without a working stop. */
  riskAtStop: moneySchema.nullable(),
  plannedRisk: moneySchema.nullable(),
  /** openPnl / plannedRisk. */
  r: z.number().nullable(),
  openedAt: epochMsSchema,
  recommendationId: z.string().nullable(),
});
export type Position = z.output<typeof positionSchema>;
