import { z } from 'zod';
import { epochMsSchema, moneySchema } from '#shared/units.ts';
import { decisionStatusSchema } from './decision.ts';
import { bookStatisticsSchema, statisticSchema, tradeStatisticsSchema } from './performance.ts';
import { policyKeySchema, policySpecSchema } from './policy.ts';

const count = z.number().int().min(0);
const share = z.number().min(0);

/** Where one opportunity's result per contract comes from. */
export const outcomeSourceSchema = z.enum([
  /** The trade the trader made: its own fills, per contract. */
  'executed',
  /** Approved, and never filled: no size would have been. */
  'missed',
  /** Not taken by the trader: the planned trade walked over recorded bars. */
  'shadow',
  /** Open, or not yet resolved, at the end of the range. */
  'unresolved',
]);
export type OutcomeSource = z.output<typeof outcomeSourceSchema>;

export const jobKindSchema = z.enum(['policies', 'monte-carlo', 'walk-forward']);
export type JobKind = z.output<typeof jobKindSchema>;

export const jobStateSchema = z.enum(['waiting', 'running', 'done', 'failed', 'cancelled']);
export type JobState = z.output<typeof jobStateSchema>;

/** A computation in worker threads: told while it goes on, kept as a run when it is done. */
export const backtestJobSchema = z.strictObject({
  jobId: z.string(),
  kind: jobKindSchema,
  name: z.string(),
  state: jobStateSchema,
  /** What it is at, in words. */
  phase: z.string(),
  /** Steps done of steps in all; total is 0 while it is not known. */
  done: count,
  total: count,
  startedAt: epochMsSchema,
  endedAt: epochMsSchema.nullable(),
  /** Time left at the present rate; null while it cannot be told. */
  etaMs: z.number().min(0).nullable(),
  workers: z.number().int().positive(),
  /** The run it was stored as. */
  runId: z.string().nullable(),
  /** Why it failed. */
  error: z.string().nullable(),
});
export type BacktestJob = z.output<typeof backtestJobSchema>;

/** What a stored run was made from: enough to make it again, bit by bit. */
export const runHeadSchema = z.strictObject({
  runId: z.string(),
  kind: jobKindSchema,
  name: z.string(),
  at: epochMsSchema,
  /** Version of the desk and of its engine. */
  version: z.string(),
  engineVersion: z.string(),
  seed: z.number().int(),
  journal: z.strictObject({
    profile: z.string(),
    events: count,
    /** Hash of the last event that was read. */
    headHash: z.string().nullable(),
    /** Fingerprints of the configurations the decisions were made under, oldest first. */
    configVersions: z.array(z.string()),
  }),
  /** Of the decisions used; null when there was none. */
  from: epochMsSchema.nullable(),
  to: epochMsSchema.nullable(),
  policies: z.array(z.strictObject({ key: policyKeySchema, label: z.string(), spec: policySpecSchema })),
  decisions: count,
  opportunities: count,
  durationMs: z.number().min(0),
});
export type RunHead = z.output<typeof runHeadSchema>;

const intervalSchema = z.strictObject({
  value: z.number().nullable(),
  lower: z.number().nullable(),
  upper: z.number().nullable(),
});

/** The rule of quant.md 7.1 on one day: its answer and every figure it used. */
export const verdictReadingSchema = z.strictObject({
  code: z.enum(['insufficient', 'kelly-better', 'fixed-better', 'inconclusive']),
  /** The last day that counts. */
  at: epochMsSchema.nullable(),
  decisions: count,
  days: count,
  /** Mean daily log-growth difference to the constant fraction, with its 90 % interval. */
  growth: intervalSchema,
  pOneSided: z.number().nullable(),
  /** The same against a fixed number of contracts; not decided on. */
  growthVsContracts: intervalSchema,
  /** Annual. */
  sharpeDifference: intervalSchema,
  deflatedSharpe: z.number().nullable(),
  drawdownRatio: z.number().nullable(),
  memmelZ: z.number().nullable(),
  correlation: z.number().nullable(),
  /** Days of this mean and spread until the difference is provable, and those still to come. */
  daysNeeded: z.number().nullable(),
  daysStillNeeded: z.number().int().min(0).nullable(),
  conditions: z.strictObject({
    hasEnoughDecisions: z.boolean(),
    hasEnoughDays: z.boolean(),
    growsFaster: z.boolean(),
    sharpeHolds: z.boolean(),
    survivesDeflation: z.boolean(),
    drawdownHolds: z.boolean(),
    growsSlower: z.boolean(),
  }),
  /** Switch to fixed sizing, with this λ; null unless fixed is better. */
  proposedMultiplier: z.number().nullable(),
});
export type VerdictReading = z.output<typeof verdictReadingSchema>;

/** The verdict stands from the end of a month; the reading of today is shown beside it and decides nothing. */
export const standingVerdictSchema = z.strictObject({
  /** Mean share of equity at risk over the same decisions: what the benchmark bets on each. */
  fixedFraction: share,
  /** Contracts of the secondary benchmark: the median of the executed sizes. */
  fixedContracts: count,
  /** At the end of the last whole month; null before the first. */
  standing: verdictReadingSchema.nullable(),
  running: verdictReadingSchema,
});
export type StandingVerdict = z.output<typeof standingVerdictSchema>;

/** Statistics of a daily equity series marked to market (quant.md 7). */
export const equityStatisticsSchema = z.strictObject({
  days: count,
  totalReturn: z.number(),
  cagr: statisticSchema,
  volatility: statisticSchema,
  sharpe: statisticSchema,
  sortino: statisticSchema,
  maxDrawdown: share,
  /** Longest time below a peak, in days. */
  longestUnderwater: count,
  calmar: statisticSchema,
  /** In percent. */
  ulcer: share,
  upi: statisticSchema,
  skew: statisticSchema,
  kurtosis: statisticSchema,
  /** Probability that the true Sharpe ratio is above 0. */
  psr: statisticSchema,
  /** The same after as many trials as the run has policies. */
  deflatedSharpe: statisticSchema,
  /** Days until a Sharpe ratio above 0 is shown at 95 %. */
  minTrackRecord: statisticSchema,
});
export type EquityStatistics = z.output<typeof equityStatisticsSchema>;

/** What one policy made of the opportunities. */
export const policyResultSchema = z.strictObject({
  key: policyKeySchema,
  label: z.string(),
  spec: policySpecSchema,
  /** Realised, at the end of the range. */
  finalEquity: moneySchema,
  /** Of what is still open there, at the last known price, less the fees paid on its way in. */
  openPnl: moneySchema,
  /** The first decision it could no longer take, and why. */
  ruin: z.strictObject({ at: epochMsSchema, reason: z.enum(['no-equity', 'below-margin']) }).nullable(),
  /** Opportunities it took, and contracts in all. */
  taken: count,
  contracts: count,
  /** Taken opportunities by where their result comes from. */
  sources: z.strictObject({ executed: count, missed: count, shadow: count, unresolved: count }),
  /** Sizes above three times the executed one: its fills say little about them. */
  liquidityFlags: count,
  meanRiskFraction: share,
  maxHeat: share,
  maxCluster: share,
  statistics: equityStatisticsSchema,
  trades: tradeStatisticsSchema,
  longestLosingStreak: count,
  verdict: standingVerdictSchema,
});
export type PolicyResult = z.output<typeof policyResultSchema>;

export const overrideTypeSchema = z.enum(['rejected', 'initiated', 'increased', 'decreased']);

/** What the trader's changes made, against the same outcome per contract. */
export const overrideReportSchema = z.strictObject({
  opportunities: count,
  modelPnl: moneySchema,
  actualPnl: moneySchema,
  /** actual − model = size effect + exit effect, exactly. */
  sizeEffect: moneySchema,
  exitEffect: moneySchema,
  byType: z.array(
    z.strictObject({
      type: overrideTypeSchema,
      count,
      value: moneySchema,
      /** 90 % interval of the mean per override, in USD; null below 30 of them. */
      interval: z.strictObject({ mean: z.number(), lower: z.number(), upper: z.number() }).nullable(),
    }),
  ),
});
export type OverrideReport = z.output<typeof overrideReportSchema>;

/** The backtest of the policy that was live, held against the journal's own account. */
export const reproductionSchema = z.strictObject({
  /** Realised equity of the journal at the end of the range. */
  journalEquity: moneySchema,
  /** Of the policy `recommended` without changed parameters; null when it was not run. */
  policyEquity: moneySchema.nullable(),
  /** Proposals whose number of contracts the trader changed, rejected, or let go. */
  overridden: count,
  /** The first decision at which the policy's account was no longer the journal's; null when it always was. */
  leftAt: epochMsSchema.nullable(),
});
export type Reproduction = z.output<typeof reproductionSchema>;

/** A stored run of policies over the journal. Series and decisions are read apart. */
export const policiesRunSchema = z.strictObject({
  head: runHeadSchema,
  initialEquity: moneySchema,
  /** Opportunities by where their result comes from. */
  sources: z.strictObject({ executed: count, missed: count, shadow: count, unresolved: count }),
  policies: z.array(policyResultSchema),
  books: z.array(bookStatisticsSchema),
  overrides: overrideReportSchema,
  reproduction: reproductionSchema,
  /** What the reader of the result should know: open positions, flags, decisions left out. */
  notes: z.array(z.string()),
});
export type PoliciesRun = z.output<typeof policiesRunSchema>;

/** A part of a policy's series, decimated so that the highest and lowest point of every stretch are kept. */
export const policySeriesSchema = z.strictObject({
  key: policyKeySchema,
  /** Points of the whole range before decimation. */
  total: count,
  at: z.array(epochMsSchema),
  equity: z.array(moneySchema),
  /** Share below the running peak, of the same points. */
  drawdown: z.array(z.number().min(0)),
});
export type PolicySeries = z.output<typeof policySeriesSchema>;

/** One decision of one policy. */
export const policyDecisionSchema = z.strictObject({
  recommendationId: z.string(),
  at: epochMsSchema,
  symbol: z.string(),
  direction: z.union([z.literal(1), z.literal(-1)]),
  status: decisionStatusSchema,
  source: outcomeSourceSchema,
  /** What the policy asked for before limits, and what it took. */
  asked: count,
  contracts: count,
  executed: count,
  fraction: z.number().nullable(),
  equity: moneySchema,
  riskFraction: share,
  net: moneySchema.nullable(),
  exitAt: epochMsSchema.nullable(),
  isFlagged: z.boolean(),
});
export type PolicyDecision = z.output<typeof policyDecisionSchema>;
