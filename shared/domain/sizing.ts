import { z } from 'zod';
import { epochMsSchema, moneySchema, ticksSchema } from '#shared/units.ts';
import { instrumentSchema } from './instrument.ts';
import { quoteSchema } from './market.ts';
import { predictionSchema } from './prediction.ts';
import { latchCodeSchema } from './risk.ts';

const fraction = z.number().min(0).max(1);
const count = z.number().int().min(0);

/** How much capital one contract stands for when a fraction of equity becomes contracts. */
export const sizingBasisSchema = z.enum(['stopOrAvgLoss', 'stop', 'avgLoss', 'margin', 'notional']);
export type SizingBasis = z.output<typeof sizingBasisSchema>;

/** Kelly multiplier λ: a fixed preset, or the drawdown dial λ = min(max, 2/(1 + ln β/ln α)). */
export const multiplierSchema = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('fixed'), value: z.number().positive().max(1) }),
  z.strictObject({
    mode: z.literal('dial'),
    /** Down to this share of equity … */
    alpha: z.number().gt(0).lt(1),
    /** … with at most this chance, ever. */
    beta: z.number().gt(0).lt(1),
    max: z.number().positive().max(1),
  }),
]);
export type Multiplier = z.output<typeof multiplierSchema>;

/** Everything that turns a signal into a size. A decision carries the configuration it was made under. */
export const sizingConfigSchema = z.strictObject({
  preset: z.string().min(1).max(40),
  weights: z.strictObject({ lstm: fraction, ensemble: fraction }),
  /** Combined confidence below this is a veto (compared with tolerance 1e-9). */
  confidenceThreshold: fraction,
  maxPredictionAgeMs: z.number().int().positive(),
  maxQuoteAgeMs: z.number().int().positive(),
  multiplier: multiplierSchema,
  fractionCap: z.number().positive().max(0.25),
  minFraction: fraction,
  /** Prior strength of the edge in trades; 0 switches the shrink off. */
  evidenceTrades: z.number().min(0),
  /** Prior strength of the payoff ratio, in wins and in losses; 0 switches the shrink off. */
  payoffTrades: z.number().min(0),
  calibrate: z.boolean(),
  sample: z.strictObject({
    lookBackDays: z.number().int().positive(),
    minTrades: count,
    minWins: count,
    minLosses: count,
    /** Trades with |R| at or below this leave both counts. */
    scratchR: z.number().min(0),
  }),
  basis: sizingBasisSchema,
  maxContracts: z.number().int().positive(),
  maxRiskPerTrade: z.number().positive().max(0.25),
  maxHeat: z.number().positive().max(1),
  maxCluster: z.number().positive().max(1),
  rhoMin: fraction,
  /** Share of equity that margin may take. */
  maxMarginShare: z.number().positive().max(1),
  /** Without enough own trades: this many contracts, each within this share of equity. */
  evaluation: z.strictObject({ contracts: z.number().int().positive(), maxRisk: fraction }),
  breakers: z.strictObject({
    dayLossHalt: fraction,
    drawdownWarn: fraction,
    drawdownHalt: fraction,
    cusumWarn: z.number().positive(),
    cusumHalt: z.number().positive(),
    brierWarn: z.number().positive(),
    calibrationErrorWarn: z.number().positive(),
  }),
  rollGuardDays: count,
  expiryMs: z.number().int().positive(),
});
export type SizingConfig = z.output<typeof sizingConfigSchema>;

/** Where the trades behind an estimate come from: the root (mini and micro), its asset group, or all. */
export const sampleScopeSchema = z.enum(['root', 'group', 'all']);

/** The trader's own closed trades in the look-back, net of costs, in R; scratches are outside both counts. */
export const tradeSampleSchema = z.strictObject({
  scope: sampleScopeSchema,
  from: epochMsSchema,
  wins: count,
  losses: count,
  scratches: count,
  /** Sum of winning R, and of |losing R|. */
  sumWinR: z.number().min(0),
  sumLossR: z.number().min(0),
  /** Average net loss per contract; null without a loss. */
  averageLossPerContract: moneySchema.nullable(),
});
export type TradeSample = z.output<typeof tradeSampleSchema>;

/** A fitted calibration map; `none` while there are too few resolved predictions. */
export const calibratorSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none'), version: z.string() }),
  z.strictObject({ kind: z.literal('platt'), version: z.string(), a: z.number(), b: z.number() }),
  z.strictObject({ kind: z.literal('beta'), version: z.string(), a: z.number(), b: z.number(), c: z.number() }),
  z.strictObject({
    kind: z.literal('isotonic'),
    version: z.string(),
    x: z.array(z.number()),
    y: z.array(z.number()),
  }),
]);
export type Calibrator = z.output<typeof calibratorSchema>;

/** Planned trade: distances are positive ticks; the direction comes from the signal. */
export const tradePlanSchema = z.strictObject({
  entry: ticksSchema,
  stopDistance: z.number().int().positive(),
  targetDistance: z.number().int().positive(),
});
export type TradePlan = z.output<typeof tradePlanSchema>;

/** Risk already taken (open position) or reserved (approved, not yet filled) in one market. */
export const exposureSchema = z.strictObject({
  symbol: z.string(),
  root: z.string(),
  direction: z.union([z.literal(1), z.literal(-1)]),
  contracts: count,
  /** What current equity loses if the stop is hit, slippage and fees included. */
  risk: moneySchema,
  /** Margin it holds; null when the broker does not say. */
  margin: moneySchema.nullable(),
});
export type Exposure = z.output<typeof exposureSchema>;

/** Another recommendation open at the same time: it competes for the same heat, cluster and margin budget. */
export const rivalSchema = z.strictObject({
  symbol: z.string(),
  root: z.string(),
  direction: z.union([z.literal(1), z.literal(-1)]),
  contracts: count,
  riskPerContract: moneySchema,
  /** Margin it would hold per contract; null when the broker does not say. */
  marginPerContract: moneySchema.nullable(),
});
export type Rival = z.output<typeof rivalSchema>;

/** Signed correlation of daily price changes between roots; `rho[i][j]`, order of `roots`, shrunk. */
export const correlationsSchema = z.strictObject({
  roots: z.array(z.string()),
  rho: z.array(z.array(z.number().min(-1).max(1))),
});
export type Correlations = z.output<typeof correlationsSchema>;

/** `reducing` lets only risk-reducing orders out, `halted` none that add risk. */
export const tradingStateSchema = z.enum(['active', 'reducing', 'halted']);
export type TradingState = z.output<typeof tradingStateSchema>;

/** Watch values of the breakers; null where there is nothing to measure yet. */
export const watchSchema = z.strictObject({
  cusum: z.number().min(0).nullable(),
  resolved: count,
  brier100: z.number().min(0).nullable(),
  calibrationError100: z.number().min(0).nullable(),
  /** Today's loss, realised and open, as a positive share of the session's opening equity; 0 when up. */
  dayLoss: z.number().min(0),
  /** Drawdown of equity from its peak, as a positive share. */
  drawdown: z.number().min(0),
});
export type Watch = z.output<typeof watchSchema>;

/**
 * What is open in the very contract that is sized. The position is among the exposures too; here stands what a size of
 * the whole needs: the size is a target, and what is proposed is the difference to it.
 */
export const heldSchema = z.strictObject({
  position: z
    .strictObject({
      direction: z.union([z.literal(1), z.literal(-1)]),
      contracts: z.number().int().positive(),
      /** What current equity loses if its stops are hit; null while stops do not cover all of it. */
      risk: moneySchema.nullable(),
    })
    .nullable(),
  /** Contracts of entries, and of orders that close the position, that may still fill. */
  working: count,
  /** Contracts of orders of which it is not known whether the broker has them. */
  inDoubt: count,
});
export type Held = z.output<typeof heldSchema>;

/** Guards on new entries that hold beyond one decision: latched breakers, losses in a row, the rate of entries. */
export const guardsSchema = z.strictObject({
  latches: z.array(z.strictObject({ code: latchCodeSchema, value: z.number(), limit: z.number() })),
  /** Breakers armed again by hand while they still read over their limit: up to this reading they only warn. */
  rearmed: z.array(z.strictObject({ code: latchCodeSchema, value: z.number() })),
  consecutiveLosses: count,
  maxConsecutiveLosses: z.number().int().positive(),
  /** Entries sent in the 60 s before the decision. */
  entriesLastMinute: count,
  maxOrdersPerMinute: z.number().int().positive(),
});
export type Guards = z.output<typeof guardsSchema>;

/** Everything one decision may look at. The decision is a pure function of it. */
export const sizingSnapshotSchema = z.strictObject({
  now: epochMsSchema,
  config: sizingConfigSchema,
  instrument: instrumentSchema,
  opinions: z.strictObject({ lstm: predictionSchema.nullable(), ensemble: predictionSchema.nullable() }),
  /** Null when no stop can be planned (too few bars). */
  plan: tradePlanSchema.nullable(),
  quote: quoteSchema.nullable(),
  /** Realised equity plus the smaller of 0 and open P&L. */
  equity: moneySchema,
  tradingState: tradingStateSchema,
  /** Set when this instrument is locked (unreconciled, venue definition differs …), in words for the trader. */
  lock: z.string().nullable(),
  /** Narrow to wide: root, group, all. The first one large enough is used. */
  samples: z.array(tradeSampleSchema),
  calibrator: calibratorSchema,
  watch: watchSchema,
  exposures: z.array(exposureSchema),
  rivals: z.array(rivalSchema),
  correlations: correlationsSchema,
  /** Absent: whatever is open in the symbol blocks it, as in decisions made before positions could be added to. */
  held: heldSchema.optional(),
  /** Absent: nothing of the kind was watched. */
  guards: guardsSchema.optional(),
});
export type SizingSnapshot = z.output<typeof sizingSnapshotSchema>;
