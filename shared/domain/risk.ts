import { z } from 'zod';
import { epochMsSchema, moneySchema } from '#shared/units.ts';

/** Limits of the risk manager that are not part of a size: they guard the sending of orders. */
export const riskLimitsSchema = z.strictObject({
  /** This many losing trades in a row within one session day, and no entry leaves until the breaker is armed again. */
  maxConsecutiveLosses: z.number().int().positive(),
  /** New entries in any 60 s. */
  maxOrdersPerMinute: z.number().int().positive(),
  /** An entry's limit may be this many ticks beyond the last price, on the side that costs. */
  priceCollarTicks: z.number().int().positive(),
  /** An intent older than this when its turn comes is denied: a queued click never fires late. */
  maxIntentAgeMs: z.number().int().positive(),
  /** The same symbol, side and quantity within this time is one click. */
  duplicateWindowMs: z.number().int().positive(),
  /** Beyond this age of the last quote the order path of a symbol is closed. */
  maxOrderQuoteAgeMs: z.number().int().positive(),
  /** What each breaker does when it trips. */
  breakerEffects: z.strictObject({
    'day-loss': z.enum(['entries', 'flatten']),
    drawdown: z.enum(['entries', 'flatten']),
    'consecutive-losses': z.enum(['entries', 'flatten']),
  }),
});
export type RiskLimits = z.output<typeof riskLimitsSchema>;

/** The pre-trade checks, in the order they are made. */
export const RISK_RULES = [
  'trading-state',
  'breaker',
  'broker-live',
  'clock-skew',
  'instrument-lock',
  'session',
  'roll-guard',
  'quote-age',
  'price-collar',
  'max-contracts',
  'risk-per-trade',
  'heat',
  'cluster',
  'buying-power',
  'day-loss',
  'drawdown',
  'consecutive-losses',
  'orders-per-minute',
  'duplicate',
  'intent-age',
] as const;
export const riskRuleCodeSchema = z.enum(RISK_RULES);
export type RiskRuleCode = z.output<typeof riskRuleCodeSchema>;

/** Subject of an age that cannot be told: what it is the age of is dated ahead of the clock. */
export const AHEAD_OF_CLOCK = 'ahead of the clock';

/** One check with its numbers. `skipped`: it has nothing to measure at this stage. */
export const riskRuleResultSchema = z.strictObject({
  code: riskRuleCodeSchema,
  state: z.enum(['pass', 'fail', 'skipped']),
  unit: z.enum(['fraction', 'contracts', 'ms', 'ticks', 'count', 'none']),
  value: z.number().nullable(),
  limit: z.number().nullable(),
  subject: z.string().nullable(),
});
export type RiskRuleResult = z.output<typeof riskRuleResultSchema>;

export const riskStageSchema = z.enum(['recommended', 'approval', 'send']);
export type RiskStage = z.output<typeof riskStageSchema>;

/** Breakers that latch: once tripped they hold, over restarts too, until a trader re-arms them. */
export const latchCodeSchema = z.enum(['day-loss', 'drawdown', 'consecutive-losses', 'drift']);
export type LatchCode = z.output<typeof latchCodeSchema>;

/** What a tripped breaker does: it stops entries, or also closes what is open. */
export const latchEffectSchema = z.enum(['entries', 'flatten']);
export type LatchEffect = z.output<typeof latchEffectSchema>;

export const latchSchema = z.strictObject({
  code: latchCodeSchema,
  effect: latchEffectSchema,
  value: z.number(),
  limit: z.number(),
  since: epochMsSchema,
  /** Session day it tripped on. */
  sessionDay: z.string(),
});
export type Latch = z.output<typeof latchSchema>;

/** What the kill switch has done so far. Unknown is null, never 0. */
export const killStateSchema = z.strictObject({
  step: z.enum(['idle', 'cancelling', 'cancelled', 'cancel-incomplete', 'flattening', 'flat', 'flatten-incomplete']),
  since: epochMsSchema.nullable(),
  /** Orders the broker still works; null while it cannot be asked. */
  openOrders: z.number().int().min(0).nullable(),
  /** Positions the broker still holds; null while it cannot be asked. */
  openPositions: z.number().int().min(0).nullable(),
  /** What is not known, in words; what is still open, by symbol. */
  unknown: z.array(z.string()),
  remaining: z.array(z.string()),
  detail: z.string(),
});
export type KillState = z.output<typeof killStateSchema>;

/** Something the broker and the journal do not agree on. */
export const differenceSchema = z.strictObject({
  /** The same finding has the same id, run after run. */
  id: z.string(),
  kind: z.enum(['position', 'external-order', 'missing-order', 'missing-stop', 'overfill', 'fill-conflict']),
  severity: z.enum(['lock', 'halt']),
  symbol: z.string(),
  account: z.string(),
  /** Signed contracts at the broker and in the journal; null where the finding is not about a position. */
  brokerQuantity: z.number().int().nullable(),
  journalQuantity: z.number().int().nullable(),
  /** Mean price the broker states, in ticks; null when it does not. */
  brokerPrice: z.number().nullable(),
  /** The order the finding is about. */
  clientOrderId: z.string().nullable(),
  venueOrderId: z.string().nullable(),
  foundAt: epochMsSchema,
  /** What may be done about it: take the broker's truth, send what brings the broker to the journal, or leave it. */
  choices: z.array(z.enum(['adopt', 'balance', 'ignore'])),
});
export type Difference = z.output<typeof differenceSchema>;

export const differenceChoiceSchema = z.enum(['adopt', 'balance', 'ignore']);
export type DifferenceChoice = z.output<typeof differenceChoiceSchema>;

/** An order at the broker that this desk did not send. It may be cancelled, never counted as ours. */
export const externalOrderSchema = z.strictObject({
  venueOrderId: z.string(),
  symbol: z.string(),
  direction: z.union([z.literal(1), z.literal(-1)]),
  type: z.enum(['market', 'limit', 'stop']),
  price: z.number().int().nullable(),
  quantity: z.number().int().positive(),
  filled: z.number().int().min(0),
  seenAt: epochMsSchema,
});
export type ExternalOrder = z.output<typeof externalOrderSchema>;

/** The last comparison of broker and journal. */
export const reconciliationSchema = z.strictObject({
  state: z.enum(['never', 'running', 'clean', 'differences', 'failed']),
  at: epochMsSchema.nullable(),
  trigger: z.enum(['start', 'reconnect', 'periodic', 'fills', 'asked']).nullable(),
  detail: z.string(),
  differences: z.array(differenceSchema),
  externalOrders: z.array(externalOrderSchema),
});
export type Reconciliation = z.output<typeof reconciliationSchema>;

/** Everything about execution that the screens show beside orders and positions. */
export const executionViewSchema = z.strictObject({
  reconciliation: reconciliationSchema,
  kill: killStateSchema,
  latches: z.array(latchSchema),
  limits: riskLimitsSchema,
  /** Symbols that may not be entered, each with its reason. */
  locks: z.array(z.strictObject({ symbol: z.string(), reason: z.string() })),
  /** Orders waiting to be sent. */
  queued: z.number().int().min(0),
  brackets: z.enum(['native', 'emulated']),
  consecutiveLosses: z.number().int().min(0),
  /** Money that orders in doubt may have put at risk; part of the heat. */
  doubtRisk: moneySchema,
});
export type ExecutionView = z.output<typeof executionViewSchema>;
