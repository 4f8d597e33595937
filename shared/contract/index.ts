import { z } from 'zod';
import { barSchema, quoteSchema } from '#shared/domain/market.ts';
import { orderSchema, positionSchema } from '#shared/domain/order.ts';
import { performanceHistorySchema } from '#shared/domain/performance.ts';
import { recommendationSchema, traderReasonSchema } from '#shared/domain/recommendation.ts';
import { sizingSnapshotSchema } from '#shared/domain/sizing.ts';
import {
  activitySchema,
  connectionSchema,
  noticeSchema,
  riskMetricsSchema,
  startupSchema,
} from '#shared/domain/status.ts';
import { decisionSchema } from '#shared/domain/decision.ts';
import { annotationBodySchema, annotationSchema, attachmentSchema, subjectSchema } from '#shared/domain/annotation.ts';
import {
  importMappingSchema,
  importOptionsSchema,
  importPreviewSchema,
  importReportSchema,
} from '#shared/domain/import.ts';
import { differenceChoiceSchema, executionViewSchema, latchCodeSchema } from '#shared/domain/risk.ts';
import { epochMsSchema, ticksSchema } from '#shared/units.ts';
import { command, query, topic } from './define.ts';
import type { Command, Entry, Query, Topic } from './define.ts';
import {
  calendarDaySchema,
  decisionPageInputSchema,
  decisionPageSchema,
  exportFormatSchema,
  exportKindSchema,
  importRecordSchema,
  labelsSchema,
  searchHitSchema,
  tradePageInputSchema,
  tradePageSchema,
  tradeQuerySchema,
  tradeSummaryViewSchema,
} from './journal-views.ts';
import {
  approvalSchema,
  chartSchema,
  deskIdentitySchema,
  deskSnapshotSchema,
  equityAddedSchema,
  journalStatusSchema,
  kellyPositionSchema,
  previewSchema,
  pulseSchema,
} from './views.ts';

const nothing = z.strictObject({});
const id = z.string().min(1).max(64);
const id500 = z.string().min(1).max(500);
const reasonText = z.string().trim().min(1).max(500);
const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

/** The largest file that can be handed to the desk, and the largest part of one in a message (a frame holds 64 KiB). */
export const MAX_UPLOAD_BYTES = 64 * 1024 * 1024;
export const UPLOAD_PART_BYTES = 45 * 1024;
const MAX_PART_CHARS = (UPLOAD_PART_BYTES / 3) * 4;

/**
 * The contract: every query, command and topic of the desk, once. Handlers, clients, REST routes, the OpenAPI document
 * and the conformance tests are derived from this table.
 */
export const contract = {
  'desk.snapshot': query({ input: nothing, output: deskSnapshotSchema }),
  'positions.current': query({
    input: nothing,
    output: z.array(kellyPositionSchema),
    rest: '/api/kelly/current-positions',
  }),
  'performance.history': query({
    input: z.strictObject({ from: z.coerce.number().int().optional(), to: z.coerce.number().int().optional() }),
    output: performanceHistorySchema,
    rest: '/api/kelly/performance-history',
  }),
  'risk.metrics': query({
    input: nothing,
    output: z.strictObject({ risk: riskMetricsSchema, connections: z.array(connectionSchema) }),
    rest: '/api/kelly/risk-metrics',
  }),
  'chart.bars': query({
    input: z.strictObject({
      symbol: id,
      limit: z.number().int().min(1).max(10_000),
      /** The newest bars that closed at or before this time; absent: the newest of all. */
      until: epochMsSchema.optional(),
    }),
    output: chartSchema,
  }),
  'recommendation.get': query({ input: z.strictObject({ id }), output: recommendationSchema }),
  'recommendation.preview': query({
    input: z.strictObject({
      id,
      /** Distances in ticks; absent means as planned. */
      stopDistance: z.number().int().positive().optional(),
      targetDistance: z.number().int().positive().optional(),
    }),
    output: previewSchema,
  }),
  /** A scenario in, a decision with its ladder out. Nothing is journaled. */
  'sizing.decide': query({ input: z.strictObject({ snapshot: sizingSnapshotSchema }), output: decisionSchema }),
  'journal.trades': query({ input: tradePageInputSchema, output: tradePageSchema }),
  'journal.summary': query({
    input: z.strictObject({ filter: tradeQuerySchema.optional() }),
    output: tradeSummaryViewSchema,
  }),
  'journal.calendar': query({
    input: z.strictObject({ filter: tradeQuerySchema.optional() }),
    output: z.array(calendarDaySchema),
  }),
  'journal.decisions': query({ input: decisionPageInputSchema, output: decisionPageSchema }),
  'journal.labels': query({ input: nothing, output: labelsSchema }),
  'journal.search': query({
    input: z.strictObject({ text: z.string().trim().min(1).max(200), limit: z.number().int().min(1).max(200) }),
    output: z.array(searchHitSchema),
  }),
  'journal.annotation': query({
    input: z.strictObject({ subject: subjectSchema }),
    output: annotationSchema.nullable(),
  }),
  'journal.accounts': query({ input: nothing, output: z.array(z.string()) }),
  'journal.imports': query({ input: nothing, output: z.array(importRecordSchema) }),
  'journal.mappings': query({
    input: nothing,
    output: z.array(z.strictObject({ name: z.string(), mapping: importMappingSchema })),
  }),
  /** What importing an uploaded file would do. Writes nothing. */
  'journal.importPreview': query({
    input: z.strictObject({ uploadId: id, options: importOptionsSchema }),
    output: importPreviewSchema,
  }),
  /** A picture of an annotation, whole. */
  'journal.attachment': query({
    input: z.strictObject({ sha256: sha256Schema }),
    output: z.strictObject({ attachment: attachmentSchema, base64: z.string() }),
  }),
  /** A part of a prepared export. */
  'download.read': query({
    input: z.strictObject({ downloadId: id, offset: z.number().int().min(0) }),
    output: z.strictObject({ base64: z.string(), nextOffset: z.number().int().min(0), isLast: z.boolean() }),
  }),
  'execution.state': query({ input: nothing, output: executionViewSchema }),

  'recommendation.approve': command({
    input: z.strictObject({
      id,
      contracts: z.number().int().min(1).max(10_000),
      /** Needed when `contracts` differs from the recommendation. */
      reason: traderReasonSchema.optional(),
    }),
    output: approvalSchema,
  }),
  'recommendation.reject': command({
    input: z.strictObject({ id, reason: traderReasonSchema }),
    output: recommendationSchema,
  }),
  'order.cancel': command({ input: z.strictObject({ clientOrderId: id }), output: orderSchema }),
  /** Asks the broker about an order in doubt now. */
  'order.query': command({ input: z.strictObject({ clientOrderId: id }), output: orderSchema }),
  /** The trader says what became of an order the broker cannot tell about. */
  'order.settle': command({
    input: z.strictObject({ clientOrderId: id, as: z.enum(['never-arrived', 'canceled']), reason: reasonText }),
    output: orderSchema,
  }),
  /** Moves a stop or target, or resizes a working order downwards. */
  'order.replace': command({
    input: z.strictObject({
      clientOrderId: id,
      price: ticksSchema.optional(),
      quantity: z.number().int().positive().optional(),
    }),
    output: orderSchema,
  }),
  'order.cancelExternal': command({ input: z.strictObject({ venueOrderId: id }), output: executionViewSchema }),
  /** Puts a stop under a position that has none for all of it. */
  'position.protect': command({
    input: z.strictObject({ symbol: id, stop: ticksSchema }),
    output: z.strictObject({ orders: z.array(orderSchema) }),
  }),
  'position.flatten': command({
    input: z.strictObject({ symbol: id }),
    output: z.strictObject({ orders: z.array(orderSchema) }),
  }),
  'trading.halt': command({ input: z.strictObject({ reason: reasonText }), output: riskMetricsSchema }),
  'trading.resume': command({ input: z.strictObject({ reason: reasonText }), output: riskMetricsSchema }),
  /** Second step of the kill switch: closes every position at the market, once nothing works any more. */
  'trading.flattenAll': command({ input: z.strictObject({ reason: reasonText }), output: executionViewSchema }),
  'breaker.rearm': command({
    input: z.strictObject({ code: latchCodeSchema, reason: reasonText }),
    output: executionViewSchema,
  }),
  'reconciliation.run': command({ input: nothing, output: executionViewSchema }),
  'reconciliation.resolve': command({
    input: z.strictObject({ differenceId: id500, choice: differenceChoiceSchema, reason: reasonText }),
    output: executionViewSchema,
  }),

  'journal.annotate': command({
    input: z.strictObject({ subject: subjectSchema, body: annotationBodySchema }),
    output: annotationSchema,
  }),
  /** Keeps an uploaded picture beside the journal. */
  'journal.attach': command({ input: z.strictObject({ uploadId: id }), output: attachmentSchema }),
  'journal.import': command({
    input: z.strictObject({ uploadId: id, options: importOptionsSchema }),
    output: importReportSchema,
  }),
  /** Keeps a column mapping under a name; null forgets it. */
  'journal.saveMapping': command({
    input: z.strictObject({ name: z.string().trim().min(1).max(60), mapping: importMappingSchema.nullable() }),
    output: nothing,
  }),
  /** Files come in parts, so that no single message is large. */
  'upload.begin': command({
    input: z.strictObject({
      fileName: z.string().trim().min(1).max(200),
      size: z.number().int().min(0).max(MAX_UPLOAD_BYTES),
    }),
    output: z.strictObject({ uploadId: z.string() }),
  }),
  'upload.append': command({
    input: z.strictObject({ uploadId: id, offset: z.number().int().min(0), base64: z.base64().max(MAX_PART_CHARS) }),
    output: z.strictObject({ received: z.number().int().min(0) }),
  }),
  'download.begin': command({
    input: z.strictObject({
      what: exportKindSchema,
      format: exportFormatSchema,
      filter: tradeQuerySchema.optional(),
    }),
    output: z.strictObject({
      downloadId: z.string(),
      fileName: z.string(),
      mediaType: z.string(),
      size: z.number().int().min(0),
    }),
  }),
  'trading.arm': command({ input: z.strictObject({ account: id }), output: deskIdentitySchema }),

  'desk.startup': topic(startupSchema),
  'desk.identity': topic(deskIdentitySchema),
  'desk.pulse': topic(pulseSchema),
  'recommendation.changed': topic(recommendationSchema),
  'quote.changed': topic(quoteSchema),
  'bar.closed': topic(barSchema),
  'order.changed': topic(orderSchema),
  /** All open positions: few, and a closed one must disappear. */
  'positions.changed': topic(z.array(positionSchema)),
  'connection.changed': topic(connectionSchema),
  'execution.changed': topic(executionViewSchema),
  'activity.added': topic(activitySchema),
  'notice.raised': topic(noticeSchema),
  'notice.cleared': topic(z.strictObject({ id: z.string(), at: epochMsSchema })),
  'equity.added': topic(equityAddedSchema),
  'journal.changed': topic(journalStatusSchema),
} as const satisfies Readonly<Record<string, Entry>>;

export type Contract = typeof contract;
type KeysOf<K extends Entry> = { [N in keyof Contract]: Contract[N] extends K ? N : never }[keyof Contract];
export type QueryName = KeysOf<Query>;
export type CommandName = KeysOf<Command>;
export type OperationName = QueryName | CommandName;
export type TopicName = KeysOf<Topic>;

/** What a caller passes, before parsing. */
export type InputOf<N extends OperationName> = z.input<Contract[N]['input']>;
/** What a handler gets, after parsing. */
export type ParsedInputOf<N extends OperationName> = z.output<Contract[N]['input']>;
export type OutputOf<N extends OperationName> = z.output<Contract[N]['output']>;
export type PayloadOf<N extends TopicName> = z.output<Contract[N]['payload']>;

/** One function per operation: forgetting one, or returning another shape, does not compile. */
export type Handlers = {
  readonly [N in OperationName]: (input: ParsedInputOf<N>) => OutputOf<N> | Promise<OutputOf<N>>;
};

/** Publishes one event to whoever listens. */
export type Publish = <N extends TopicName>(name: N, payload: PayloadOf<N>) => void;

/** Says whether a name of the contract is a query or command. */
export function isOperation(name: string): name is OperationName {
  return Object.hasOwn(contract, name) && contract[name as keyof Contract].kind !== 'topic';
}

/** Says whether a name of the contract is a topic. */
export function isTopic(name: string): name is TopicName {
  return Object.hasOwn(contract, name) && contract[name as keyof Contract].kind === 'topic';
}
