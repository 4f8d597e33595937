import { z } from 'zod';
import { barSchema, quoteSchema } from '#shared/domain/market.ts';
import { orderSchema, positionSchema } from '#shared/domain/order.ts';
import { planChangeSchema, recommendationSchema, traderReasonSchema } from '#shared/domain/recommendation.ts';
import { sizingSnapshotSchema } from '#shared/domain/sizing.ts';
import {
  activitySchema,
  connectionSchema,
  noticeSchema,
  riskMetricsSchema,
  startupSchema,
} from '#shared/domain/status.ts';
import { decisionSchema } from '#shared/domain/decision.ts';
import { differenceChoiceSchema, executionViewSchema, latchCodeSchema } from '#shared/domain/risk.ts';
import { epochMsSchema, ticksSchema } from '#shared/units.ts';
import { connectionsOperations } from './connections-operations.ts';
import { command, keyedTopic, query, topic } from './define.ts';
import type { Command, Entry, Query, Topic } from './define.ts';
import { backupOperations } from './backup-operations.ts';
import { backtestOperations } from './backtest-operations.ts';
import { instrumentOperations } from './instrument-operations.ts';
import { journalOperations } from './journal-operations.ts';
import { modelVersionOperations } from './model-version-operations.ts';
import { recoveryOperations } from './recovery-operations.ts';
import { modelsOperations } from './models-operations.ts';
import { settingsOperations } from './settings-operations.ts';
import { performanceOperations } from './performance-operations.ts';
import {
  approvalSchema,
  assumptionsSchema,
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
  ...performanceOperations,
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
  /** The sizing of a recommendation with its plan moved or its inputs assumed otherwise. Nothing is sent or journaled. */
  'recommendation.preview': query({
    input: z.strictObject({ id, plan: planChangeSchema.optional(), assume: assumptionsSchema.optional() }),
    output: previewSchema,
  }),
  /** A scenario in, a decision with its ladder out. Nothing is journaled. */
  'sizing.decide': query({ input: z.strictObject({ snapshot: sizingSnapshotSchema }), output: decisionSchema }),
  'execution.state': query({ input: nothing, output: executionViewSchema }),

  'recommendation.approve': command({
    input: z.strictObject({
      id,
      contracts: z.number().int().min(1).max(10_000),
      /** Prices the trader moved; absent: as shown. */
      plan: planChangeSchema.optional(),
      /** Needed when `contracts` differs from the recommendation, or the plan was moved. */
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

  ...connectionsOperations,
  ...journalOperations,
  ...modelVersionOperations,
  ...recoveryOperations,
  ...backupOperations,
  ...backtestOperations,
  ...modelsOperations,
  ...settingsOperations,
  ...instrumentOperations,
  'trading.arm': command({ input: z.strictObject({ account: id }), output: deskIdentitySchema }),

  'desk.startup': topic(startupSchema),
  'desk.identity': topic(deskIdentitySchema),
  'desk.pulse': topic(pulseSchema),
  'recommendation.changed': keyedTopic(recommendationSchema, 'symbol'),
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
