import { z } from 'zod';
import { decisionSchema } from '#shared/domain/decision.ts';
import { instrumentSchema } from '#shared/domain/instrument.ts';
import { annotationBodySchema, attachmentSchema, subjectSchema } from '#shared/domain/annotation.ts';
import { importMappingSchema, importOptionsSchema } from '#shared/domain/import.ts';
import { fillCorrectionSchema, fillSchema, orderEventSchema, orderTermsSchema } from '#shared/domain/order.ts';
import { modelIdSchema, modelVersionSchema } from '#shared/domain/prediction.ts';
import { actorSchema, recommendationStateSchema, traderReasonSchema } from '#shared/domain/recommendation.ts';
import {
  differenceChoiceSchema,
  differenceSchema,
  killStateSchema,
  latchSchema,
  latchCodeSchema,
  riskRuleResultSchema,
  riskStageSchema,
} from '#shared/domain/risk.ts';
import {
  calibratorSchema,
  sizingConfigSchema,
  sizingSnapshotSchema,
  tradingStateSchema,
} from '#shared/domain/sizing.ts';
import { epochMsSchema, moneySchema, ticksSchema } from '#shared/units.ts';

/** Everything the engine looked at and everything it answered. */
export const decisionEventSchema = z.strictObject({
  kind: z.literal('decision'),
  recommendationId: z.string(),
  snapshot: sizingSnapshotSchema,
  decision: decisionSchema,
  /** Plan in prices; null without a plan or a direction. */
  entry: ticksSchema.nullable(),
  stop: ticksSchema.nullable(),
  target: ticksSchema.nullable(),
  expiresAt: epochMsSchema,
  engineVersion: z.string(),
  /** Fingerprint of the sizing configuration, which the snapshot carries whole. */
  configVersion: z.string(),
});

/**
 * What the journal records, append-only and hash-chained. State (orders, positions, trades, equity) is derived from
 * these and can be rebuilt from them at any time. A correction is a new event.
 */
export const journalEventSchema = z.discriminatedUnion('kind', [
  /** First event of every journal: whose it is and what it started with. */
  z.strictObject({
    kind: z.literal('opened'),
    profile: z.string(),
    mode: z.string(),
    account: z.string(),
    initialEquity: moneySchema,
    seed: z.number().int().nullable(),
  }),
  z.strictObject({ kind: z.literal('started'), version: z.string() }),
  z.strictObject({ kind: z.literal('stopped') }),
  z.strictObject({ kind: z.literal('instrument'), instrument: instrumentSchema }),
  z.strictObject({ kind: z.literal('config'), config: sizingConfigSchema, actor: actorSchema }),
  /** A model answers with this version: accepted, by whom, or offered and blocked until the trader accepts it. */
  z.strictObject({
    kind: z.literal('model-version'),
    model: modelIdSchema,
    version: modelVersionSchema,
    /** Absent in journals from before versions had to be accepted: accepted. */
    state: z.enum(['accepted', 'offered']).optional(),
    actor: actorSchema.optional(),
  }),
  decisionEventSchema,
  z.strictObject({
    kind: z.literal('recommendation'),
    recommendationId: z.string(),
    state: recommendationStateSchema,
    actor: actorSchema,
    contracts: z.number().int().min(0).nullable(),
    reason: traderReasonSchema.nullable(),
    /** What the re-check at the click said: the size still allowed then, and the risk per contract. */
    allowedContracts: z.number().int().min(0).nullable(),
    /** The plan as the trader moved it, all three prices; absent where it went out as recommended. */
    plan: z.strictObject({ entry: ticksSchema, stop: ticksSchema, target: ticksSchema }).optional(),
  }),
  /** Persisted before any byte leaves the desk. */
  z.strictObject({
    kind: z.literal('intent'),
    terms: orderTermsSchema,
    plannedRiskPerContract: moneySchema.nullable(),
  }),
  z.strictObject({ kind: z.literal('order'), clientOrderId: z.string(), event: orderEventSchema }),
  z.strictObject({ kind: z.literal('fill'), fill: fillSchema }),
  z.strictObject({ kind: z.literal('fill-correction'), correction: fillCorrectionSchema }),
  /** What the risk manager checked before an order, rule by rule; a failed one denies it. */
  z.strictObject({
    kind: z.literal('risk-check'),
    stage: riskStageSchema,
    recommendationId: z.string().nullable(),
    clientOrderId: z.string().nullable(),
    symbol: z.string(),
    contracts: z.number().int().positive(),
    rules: z.array(riskRuleResultSchema),
  }),
  /** A breaker tripped and holds until it is armed again by hand. */
  z.strictObject({ kind: z.literal('breaker-tripped'), latch: latchSchema }),
  z.strictObject({
    kind: z.literal('breaker-rearmed'),
    code: latchCodeSchema,
    reason: z.string(),
    actor: actorSchema,
    /** What it read when it was armed again: it trips anew beyond this, or on another session day than this one. */
    value: z.number().optional(),
    sessionDay: z.string().optional(),
  }),
  /** Broker and journal were compared. Quiet repeats of a clean result are not journaled. */
  z.strictObject({
    kind: z.literal('reconciliation'),
    trigger: z.enum(['start', 'reconnect', 'periodic', 'fills', 'asked']),
    isComplete: z.boolean(),
    orders: z.number().int().min(0),
    fillsAdded: z.number().int().min(0),
    fillsInferred: z.number().int().min(0),
    differences: z.array(differenceSchema),
  }),
  z.strictObject({
    kind: z.literal('difference-resolved'),
    difference: differenceSchema,
    choice: differenceChoiceSchema,
    reason: z.string(),
    actor: actorSchema,
  }),
  /** A step of the kill switch, so that a crash in the middle goes on where it was. */
  z.strictObject({ kind: z.literal('kill'), kill: killStateSchema, actor: actorSchema }),
  /** A file of executions was read in; its fills follow in the same transaction. */
  z.strictObject({
    kind: z.literal('import'),
    importId: z.string(),
    fileName: z.string(),
    sha256: z.string(),
    format: z.string(),
    options: importOptionsSchema,
    added: z.number().int().min(0),
    known: z.number().int().min(0),
    skipped: z.number().int().min(0),
    assumptions: z.array(z.string()),
    actor: actorSchema,
  }),
  z.strictObject({ kind: z.literal('import-mapping'), name: z.string(), mapping: importMappingSchema.nullable() }),
  z.strictObject({
    kind: z.literal('annotation'),
    subject: subjectSchema,
    body: annotationBodySchema,
    actor: actorSchema,
  }),
  z.strictObject({ kind: z.literal('attachment'), attachment: attachmentSchema }),
  /** A fitted calibrator was put in force, or was looked at and declined. */
  z.strictObject({
    kind: z.literal('calibration'),
    choice: z.enum(['accepted', 'declined']),
    calibrator: calibratorSchema,
    /** Outcomes it was fitted on. */
    fittedOn: z.number().int().min(0),
    reason: z.string().nullable(),
    actor: actorSchema,
  }),
  z.strictObject({
    kind: z.literal('trading-state'),
    state: tradingStateSchema,
    reason: z.string(),
    actor: actorSchema,
  }),
  /** What the planned trade of a signal made or would have made, at one contract, whoever took it. */
  z.strictObject({
    kind: z.literal('outcome'),
    recommendationId: z.string(),
    symbol: z.string(),
    decidedAt: epochMsSchema,
    exit: z.enum(['target', 'stop', 'timeout']),
    exitPrice: ticksSchema,
    exitAt: epochMsSchema,
    netPerContract: moneySchema,
    r: z.number(),
    /** Combined confidence before calibration, and the probability the size used; null when it was vetoed before. */
    combined: z.number().nullable(),
    probability: z.number().nullable(),
    /** Contracts recommended (0 when vetoed or too small) and the planned risk of one. */
    suggested: z.number().int().min(0),
    riskPerContract: moneySchema,
  }),
  /** Account equity, marked. */
  z.strictObject({ kind: z.literal('equity'), realised: moneySchema, openPnl: moneySchema }),
  z.strictObject({
    kind: z.literal('notice'),
    level: z.enum(['info', 'warn', 'error']),
    title: z.string(),
    detail: z.string(),
  }),
]);
export type JournalEvent = z.output<typeof journalEventSchema>;
export type JournalEventKind = JournalEvent['kind'];
export type JournalEventOf<K extends JournalEventKind> = Extract<JournalEvent, { kind: K }>;

/** An event as stored: its number, its time and its place in the chain. */
export type StoredEvent<E extends JournalEvent = JournalEvent> = {
  readonly seq: number;
  readonly at: z.output<typeof epochMsSchema>;
  readonly event: E;
  readonly hash: string;
};
