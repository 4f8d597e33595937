import { z } from 'zod';

/** What Alpaca says, as far as the desk reads it. Unknown fields are let pass. @source protocols.md 3 */

/** Decimal strings; some servers write numbers. A small one is spelt out: 1e-7 is 0.0000001. */
const decimalSchema = z
  .union([z.string(), z.number().transform(String)])
  .transform((text) => (/^-?[\d.]+e-?\d+$/iu.test(text) ? Number(text).toFixed(9) : text));
const optionalDecimal = decimalSchema
  .nullish()
  .transform((value) => (value === undefined || value === null || value === '' ? null : value));
const optionalText = z
  .string()
  .nullish()
  .transform((value) => (value === undefined || value === null || value === '' ? null : value));

const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false);

const orderFields = {
  id: z.string().min(1),
  client_order_id: optionalText.transform((id) => id ?? ''),
  symbol: z.string(),
  side: z.enum(['buy', 'sell', 'sell_short']).transform((side) => (side === 'buy' ? side : 'sell')),
  type: optionalText,
  order_type: optionalText,
  status: z.string(),
  qty: optionalDecimal,
  filled_qty: optionalDecimal.transform((quantity) => quantity ?? '0'),
  filled_avg_price: optionalDecimal,
  limit_price: optionalDecimal,
  stop_price: optionalDecimal,
  order_class: optionalText,
  replaced_by: optionalText,
  replaces: optionalText,
  submitted_at: optionalText,
  created_at: optionalText,
  updated_at: optionalText,
};
const legSchema = z.object(orderFields);
export const orderSchema = z.object({
  ...orderFields,
  legs: z
    .array(legSchema)
    .nullish()
    .transform((legs) => legs ?? []),
});
export type WireOrder = z.output<typeof legSchema> & { readonly legs?: readonly z.output<typeof legSchema>[] };
/** An order of several options has no symbol and no side of its own: nothing the desk trades. */
const foreignOrderSchema = z
  .object({ id: z.string().min(1), symbol: optionalText, order_class: optionalText, submitted_at: optionalText })
  .refine(({ symbol, order_class: kind }) => symbol === null || kind === 'mleg')
  .transform(({ id, submitted_at: at }) => ({ id, submitted_at: at, isForeign: true as const }));
export type ForeignOrder = z.output<typeof foreignOrderSchema>;
export const ordersSchema = z.array(z.union([orderSchema, foreignOrderSchema]));

export const accountSchema = z.object({
  id: optionalText,
  account_number: z.string(),
  status: z.string(),
  equity: optionalDecimal,
  cash: optionalDecimal,
  trading_blocked: flag,
  account_blocked: flag,
  trade_suspended_by_user: flag,
});
export type WireAccount = z.output<typeof accountSchema>;

export const clockSchema = z.object({ timestamp: z.string() });

export const positionsSchema = z.array(
  z.object({
    symbol: z.string(),
    qty: decimalSchema,
    /** Where it is left out, the sign of the quantity says it. */
    side: z.enum(['long', 'short']).nullish(),
    avg_entry_price: optionalDecimal,
  }),
);

export const activitiesSchema = z.array(
  z.object({
    id: z.string(),
    transaction_time: z.string(),
    price: optionalDecimal,
    qty: optionalDecimal,
    /** `fill` or `partial_fill`; that of a later word on one is not documented for this list, and read as elsewhere. */
    type: optionalText,
    execution_type: optionalText,
    status: optionalText,
    previous_id: optionalText,
    previous_execution_id: optionalText,
    side: z.enum(['buy', 'sell', 'sell_short']),
    symbol: z.string(),
    order_id: z.string(),
    cum_qty: optionalDecimal,
  }),
);
export type WireActivity = z.output<typeof activitiesSchema>[number];

export const tradeUpdateSchema = z.object({
  event: z.string(),
  execution_id: optionalText,
  /** Of `trade_bust` and `trade_correct`: the execution they are about. */
  previous_execution_id: optionalText,
  reason: optionalText,
  price: optionalDecimal,
  qty: optionalDecimal,
  timestamp: optionalText,
  order: orderSchema,
});
export const foreignUpdateSchema = z.object({ order: foreignOrderSchema });
export type WireTradeUpdate = z.output<typeof tradeUpdateSchema>;

export const streamFrameSchema = z.object({ stream: z.string(), data: z.unknown() });
export const authorizationSchema = z.object({ status: z.string() });
export const listeningSchema = z.object({ streams: z.array(z.string()) });

/** A refusal in place of an answer to the logon, in either form Alpaca's streams have for it. */
const refusalFields = { msg: optionalText, message: optionalText, error: optionalText };
export const refusalSchema = z
  .union([
    z.object({ T: z.literal('error'), ...refusalFields }),
    z.object({ stream: z.literal('error'), data: z.object(refusalFields) }).transform(({ data }) => data),
  ])
  .transform(({ msg, message, error }) => msg ?? message ?? error ?? 'it does not say why');

export const errorSchema = z.object({
  code: z.union([z.number(), z.string().transform(Number)]).nullish(),
  message: z
    .string()
    .max(10_000)
    .nullish()
    .transform((message) => message ?? ''),
  existing_order_id: z.string().nullish(),
});

/** Epoch milliseconds of an RFC 3339 time, up to nanoseconds; null when it is none. */
export function timeOf(text: string | null): number | null {
  if (text === null) return null;
  const at = Date.parse(text.replace(/(\.\d{3})\d+/u, '$1'));
  return Number.isSafeInteger(at) ? at : null;
}
