import { z } from 'zod';

/**
 * What is read of the messages of TWS, as the library decodes them: lenient in what else they carry, strict in what
 * money hangs on. The library leaves a field undefined where TWS sent none.
 */
const text = z.string().default('');
const contractSchema = z.object({
  conId: z.number().int().default(0),
  symbol: text,
  secType: text,
  lastTradeDateOrContractMonth: text,
  multiplier: z.number().catch(0).default(0),
  exchange: text,
  currency: text,
  localSymbol: text,
  tradingClass: text,
});
export type WireContract = z.output<typeof contractSchema>;

/** Sells have several names (short, from a long position). */
const sideSchema = z.string().transform((action) => (action === 'BUY' ? (1 as const) : (-1 as const)));

export const wireOrderSchema = z.object({
  orderId: z.number().int(),
  contract: contractSchema,
  order: z.object({
    action: sideSchema,
    // Orders of other hands may be for an amount of money, and have none.
    totalQuantity: z.number().min(0).default(0),
    orderType: z.string(),
    lmtPrice: z.number().optional(),
    auxPrice: z.number().optional(),
    account: text,
    orderRef: text,
    clientId: z.number().int().default(0),
    permId: z.number().int().default(0),
    parentId: z.number().int().default(0),
    whatIf: z.boolean().default(false),
    filledQuantity: z.number().optional(),
  }),
  state: z.object({
    status: z.string(),
    initMarginChange: z.number().optional(),
    initMarginAfter: z.number().optional(),
    warningText: text,
    completedStatus: text,
    completedTime: text,
  }),
});
export type WireOrder = z.output<typeof wireOrderSchema>;

/** An order that ended has no order id any more, and often no quantity. */
export const wireCompletedSchema = wireOrderSchema.extend({ orderId: z.number().int().default(0) });

export const wireStatusSchema = z.object({
  orderId: z.number().int(),
  status: z.string(),
  filled: z.number().min(0).default(0),
  averagePrice: z.number().default(0),
  permId: z.number().int().default(0),
  clientId: z.number().int().default(0),
  whyHeld: text,
});
export type WireStatus = z.output<typeof wireStatusSchema>;

export const wireExecutionSchema = z.object({
  contract: contractSchema,
  execution: z.object({
    orderId: z.number().int().default(0),
    execId: z.string().min(1),
    time: text,
    acctNumber: text,
    side: z.enum(['BOT', 'SLD']).transform((side) => (side === 'BOT' ? (1 as const) : (-1 as const))),
    /** Stocks trade in parts of one; futures never do. A later word of none says that it never happened. */
    shares: z.number().min(0),
    price: z.number(),
    permId: z.number().int().default(0),
    clientId: z.number().int().default(0),
    cumQty: z.number().default(0),
    avgPrice: z.number().default(0),
    orderRef: text,
  }),
});
export type WireExecution = z.output<typeof wireExecutionSchema>;

export const wireCommissionSchema = z.object({
  execId: z.string().min(1),
  // The largest number there is stands for one that is not known yet.
  commission: z.number().min(-1e9).max(1e9),
  currency: text,
});
export type WireCommission = z.output<typeof wireCommissionSchema>;

export const wirePositionSchema = z.object({
  account: z.string(),
  contract: contractSchema,
  /** Stocks are held in parts of one; futures never are. */
  quantity: z.number(),
  averageCost: z.number().default(0),
});
export type WirePosition = z.output<typeof wirePositionSchema>;

export const wireDetailsSchema = z.object({
  contract: contractSchema,
  minTick: z.number().positive(),
  /** Grains are quoted in cents: their multiplier is per 1/100 of the quoted price's unit. */
  priceMagnifier: z
    .number()
    .int()
    .default(1)
    .transform((magnifier) => Math.max(1, magnifier)),
  validExchanges: text,
  marketRuleIds: text,
  contractMonth: text,
  realExpirationDate: text,
  longName: text,
  timeZoneId: text,
});
export type WireDetails = z.output<typeof wireDetailsSchema>;

export const wireRuleSchema = z.array(z.object({ lowEdge: z.number(), increment: z.number().positive() }));
export type WireRule = z.output<typeof wireRuleSchema>;

export const wireSummarySchema = z.object({ account: z.string(), tag: z.string(), value: text, currency: text });
export type WireSummary = z.output<typeof wireSummarySchema>;

export const wireBarSchema = z.object({
  time: z.string(),
  open: z.number(),
  high: z.number(),
  low: z.number(),
  close: z.number(),
  volume: z.number().default(0),
});
export type WireBar = z.output<typeof wireBarSchema>;
