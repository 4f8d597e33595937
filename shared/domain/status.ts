import { z } from 'zod';
import { epochMsSchema, moneySchema } from '#shared/units.ts';
import { tradingStateSchema, watchSchema } from './sizing.ts';

export const profileModeSchema = z.enum(['simulation', 'replay', 'paper', 'live']);
export type ProfileMode = z.output<typeof profileModeSchema>;

export const connectionStateSchema = z.enum(['disconnected', 'connecting', 'syncing', 'live', 'degraded']);
export type ConnectionState = z.output<typeof connectionStateSchema>;

/** One connection as the top bar shows it. Uptime is the share of time since it was first tried. */
export const connectionSchema = z.strictObject({
  id: z.string(),
  kind: z.enum(['model', 'market', 'broker']),
  name: z.string(),
  state: connectionStateSchema,
  /** Time of the last message; null before the first. */
  lastAt: epochMsSchema.nullable(),
  latencyMs: z.number().min(0).nullable(),
  uptime: z.number().min(0).max(1).nullable(),
  detail: z.string().nullable(),
});
export type Connection = z.output<typeof connectionSchema>;

/** One breaker line: what it measures against its warn and halt levels. */
export const breakerSchema = z.strictObject({
  code: z.enum(['day-loss', 'drawdown', 'drift', 'brier', 'calibration-error']),
  unit: z.enum(['fraction', 'number']),
  /** Null where there is nothing to measure yet. */
  value: z.number().nullable(),
  warn: z.number().nullable(),
  halt: z.number().nullable(),
  level: z.enum(['clear', 'warn', 'halt']),
});
export type Breaker = z.output<typeof breakerSchema>;

/** The account and what it is exposed to, now. */
export const riskMetricsSchema = z.strictObject({
  asOf: epochMsSchema,
  equity: moneySchema,
  /** Equity the sizing uses: realised plus the smaller of 0 and open P&L. */
  sizingEquity: moneySchema,
  realisedEquity: moneySchema,
  openPnl: moneySchema,
  dayPnl: moneySchema,
  peakEquity: moneySchema,
  heat: z.number().min(0),
  heatLimit: z.number(),
  heatRisk: moneySchema,
  /** Risk of recommendations approved and not yet filled; part of `heat`. */
  reservedRisk: moneySchema,
  /** Largest correlated exposure; null when no correlated pair exists. */
  cluster: z.number().min(0).nullable(),
  clusterLimit: z.number(),
  clusterRoots: z.array(z.string()),
  tradingState: tradingStateSchema,
  tradingStateReason: z.string().nullable(),
  tradingStateSince: epochMsSchema.nullable(),
  watch: watchSchema,
  breakers: z.array(breakerSchema),
});
export type RiskMetrics = z.output<typeof riskMetricsSchema>;

/** A line of the activity feed: a journaled event in a few words. */
export const activitySchema = z.strictObject({
  /** Number of the line in this run of the desk: one event can make several. */
  seq: z.number().int().min(0),
  at: epochMsSchema,
  kind: z.enum([
    'recommended',
    'vetoed',
    'approved',
    'overridden',
    'rejected',
    'expired',
    'superseded',
    'sent',
    'filled',
    'canceled',
    'denied',
    'order-rejected',
    'in-doubt',
    'closed',
    'halted',
    'reducing',
    'resumed',
    'started',
    'notice',
  ]),
  symbol: z.string().nullable(),
  text: z.string(),
  pnl: moneySchema.nullable(),
});
export type Activity = z.output<typeof activitySchema>;

/** Something the trader should know about the desk itself: a bad settings file, a model that answers garbage. */
export const noticeSchema = z.strictObject({
  id: z.string(),
  level: z.enum(['info', 'warn', 'error']),
  at: epochMsSchema,
  title: z.string(),
  detail: z.string(),
  remedy: z.string().nullable(),
});
export type Notice = z.output<typeof noticeSchema>;

/** What the desk is doing before it is ready. */
export const startupSchema = z.strictObject({
  phase: z.enum(['opening', 'warm-up', 'syncing', 'ready']),
  done: z.number().int().min(0),
  total: z.number().int().min(0),
  text: z.string(),
});
export type Startup = z.output<typeof startupSchema>;
