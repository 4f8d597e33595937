import { z } from 'zod';
import { moneySchema } from '#shared/units.ts';
import { sampleScopeSchema, sizingBasisSchema } from './sizing.ts';

/** Vetoes: the signal itself does not stand. */
const VETO_STATUSES = [
  'model-missing',
  'prediction-invalid',
  'prediction-stale',
  'flat',
  'disagree',
  'low-confidence',
] as const;

/** Blocked: the desk may not trade this now. */
const BLOCKED_STATUSES = [
  'halted',
  'reducing',
  'locked',
  'session-closed',
  'roll-guard',
  'quote-stale',
  'no-plan',
  'breaker',
  'position-open',
  // an order in the symbol may still change what is held
  'order-working',
  // the signal points against what is held: that is closed first, never turned round by one order
  'exit-first',
  'order-rate',
] as const;

/**
 * How a decision ended. `sized` and `evaluation` propose contracts; all others are zero and name why.
 */
export const decisionStatusSchema = z.enum([
  'sized',
  'evaluation',
  ...VETO_STATUSES,
  ...BLOCKED_STATUSES,
  // zero size: the signal stands, the arithmetic says nothing
  'no-equity',
  // what is held is the size already, or more
  'at-target',
  'no-edge',
  'below-minimum',
  'too-small',
  'risk-ceiling',
  'buying-power',
  'heat',
  'cluster',
]);
export type DecisionStatus = z.output<typeof decisionStatusSchema>;

const VETOES: ReadonlySet<DecisionStatus> = new Set(VETO_STATUSES);
const BLOCKS: ReadonlySet<DecisionStatus> = new Set(BLOCKED_STATUSES);

/** Says whether a status means that the signal itself did not stand. */
export const isVeto = (status: DecisionStatus): boolean => VETOES.has(status);

/** Says whether a status means that the desk may not trade this now, whatever the signal. */
export const isBlocked = (status: DecisionStatus): boolean => BLOCKS.has(status);

const probability = z.number().min(0).max(1);
const stepState = z.enum(['pass', 'fail']);

/** The fraction half of the ladder, in order. The first step whose state is `fail` is the last one present. */
export const ladderStepSchema = z.discriminatedUnion('code', [
  z.strictObject({
    code: z.literal('probability'),
    state: stepState,
    weights: z.strictObject({ lstm: probability, ensemble: probability }),
    lstm: probability.nullable(),
    ensemble: probability.nullable(),
    threshold: probability,
    /** Weighted mean; null when the models could not be combined. */
    combined: probability.nullable(),
    /** Null when no calibrator is in force. */
    calibrated: probability.nullable(),
    /** The lower of the two. */
    used: probability.nullable(),
  }),
  z.strictObject({
    code: z.literal('payoff'),
    state: stepState,
    scope: sampleScopeSchema.nullable(),
    lookBackDays: z.number().int(),
    wins: z.number().int(),
    losses: z.number().int(),
    scratches: z.number().int(),
    /** Null without wins and losses. */
    raw: z.number().nullable(),
    shrunk: z.number().nullable(),
    used: z.number().nullable(),
  }),
  z.strictObject({ code: z.literal('full-kelly'), state: stepState, fraction: z.number() }),
  z.strictObject({
    code: z.literal('evidence'),
    state: stepState,
    factor: z.number(),
    effectiveTrades: z.number(),
    priorTrades: z.number(),
    fraction: z.number(),
  }),
  z.strictObject({
    code: z.literal('multiplier'),
    state: stepState,
    mode: z.enum(['fixed', 'dial']),
    factor: z.number(),
    alpha: z.number().nullable(),
    beta: z.number().nullable(),
    /** 0.5 while a breaker warns, else 1; already inside `factor`. */
    breakerFactor: z.number(),
    fraction: z.number(),
  }),
  z.strictObject({
    code: z.literal('cap'),
    state: stepState,
    cap: z.number(),
    isCapped: z.boolean(),
    fraction: z.number(),
  }),
  z.strictObject({ code: z.literal('minimum'), state: stepState, minimum: z.number(), fraction: z.number() }),
  z.strictObject({
    code: z.literal('capital'),
    state: stepState,
    basis: sizingBasisSchema,
    perContract: moneySchema,
    stopTicks: z.number().int(),
    slippageTicks: z.number().int(),
    tickValue: moneySchema,
    fees: moneySchema,
    averageLoss: moneySchema.nullable(),
  }),
]);
export type LadderStep = z.output<typeof ladderStepSchema>;

export const wallCodeSchema = z.enum([
  'kelly',
  'evaluation',
  'risk-ceiling',
  'max-contracts',
  'buying-power',
  'heat',
  'cluster',
]);
export type WallCode = z.output<typeof wallCodeSchema>;

/**
 * The contracts half of the ladder: what each limit allows, and what it would read at one contract more. Where contracts
 * are held already, readings and limits are those of the whole (held and added), and `allowed` is what may be added.
 */
export const wallSchema = z.strictObject({
  code: wallCodeSchema,
  /** Whole contracts this limit alone allows, on top of what is held. */
  allowed: z.number().int().min(0),
  /** The same before rounding down; null where the limit is itself a count. */
  unrounded: z.number().min(0).nullable(),
  /** The limit, and what it reads at the decided size and at one more: shares of equity, or contracts. */
  unit: z.enum(['fraction', 'contracts']),
  limit: z.number(),
  atSize: z.number(),
  atOneMore: z.number(),
  /** True for every limit that stops the next contract at this size (ties mark all of them). */
  binds: z.boolean(),
  /** For `cluster`: the market whose correlated exposure is nearest its limit, and the partner's root. */
  detail: z.string().nullable(),
});
export type Wall = z.output<typeof wallSchema>;

/** Why a decision proposes nothing: the status again, with the numbers it compared. */
export const zeroReasonSchema = z.strictObject({
  code: decisionStatusSchema,
  value: z.number().nullable(),
  limit: z.number().nullable(),
  /** A name the numbers belong to: a model, a breaker, a date, the micro contract to use instead. */
  subject: z.string().nullable(),
});
export type ZeroReason = z.output<typeof zeroReasonSchema>;

/** The answer of the engine for one signal, complete enough to explain itself. */
export const decisionSchema = z.strictObject({
  status: decisionStatusSchema,
  direction: z.union([z.literal(-1), z.literal(0), z.literal(1)]),
  /** To be added to what is held; the size of the position when nothing is. */
  contracts: z.number().int().min(0),
  /** Contracts held already on the side of the signal, in the very symbol; absent when there are none. */
  held: z.number().int().positive().optional(),
  /** The larger of the two models' confidences; null when neither could be read. */
  confidence: probability.nullable(),
  winProbability: probability.nullable(),
  winLossRatio: z.number().nullable(),
  fullKelly: z.number().nullable(),
  /** After evidence, λ and cap; 0 below the minimum; null when the signal never got that far. */
  kellyFraction: z.number().nullable(),
  /** What one contract loses at its stop, slippage and fees included; null without a plan. */
  riskPerContract: moneySchema.nullable(),
  /** `contracts × riskPerContract`. */
  risk: moneySchema,
  /** Share of equity these contracts put at risk, after all limits; what is held is in `heatBefore`. */
  riskFraction: z.number().min(0),
  heatBefore: z.number().min(0),
  heatAfter: z.number().min(0),
  /** Largest correlated exposure; null when no correlated pair exists. */
  clusterBefore: z.number().min(0).nullable(),
  clusterAfter: z.number().min(0).nullable(),
  /** True when a limit below Kelly set the size. */
  isRiskAdjusted: z.boolean(),
  ladder: z.array(ladderStepSchema),
  walls: z.array(wallSchema),
  zero: zeroReasonSchema.nullable(),
  /** Names of breakers at warn level (halve λ and the ceiling). */
  warnings: z.array(z.string()),
});
export type Decision = z.output<typeof decisionSchema>;
