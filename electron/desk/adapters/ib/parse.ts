import { EventName, type IBApi } from './library.ts';
import type { z } from 'zod';
import {
  type WireBar,
  type WireCommission,
  type WireDetails,
  type WireExecution,
  type WireOrder,
  type WirePosition,
  type WireRule,
  type WireStatus,
  type WireSummary,
  wireBarSchema,
  wireCommissionSchema,
  wireCompletedSchema,
  wireDetailsSchema,
  wireExecutionSchema,
  wireOrderSchema,
  wirePositionSchema,
  wireRuleSchema,
  wireStatusSchema,
  wireSummarySchema,
} from './wire.ts';

/** Lists that TWS answers message by message and then ends. */
export type IbList = 'orders' | 'completed' | 'executions' | 'positions' | 'details' | 'rule' | 'summary' | 'history';

/** What TWS tells, read and checked. `reqId` is −1 where nobody asked. */
export type IbEvent =
  | { readonly kind: 'order'; readonly order: WireOrder }
  | { readonly kind: 'status'; readonly status: WireStatus }
  | { readonly kind: 'execution'; readonly reqId: number; readonly execution: WireExecution }
  | { readonly kind: 'commission'; readonly commission: WireCommission }
  | { readonly kind: 'completed'; readonly order: WireOrder }
  | { readonly kind: 'position'; readonly position: WirePosition }
  | { readonly kind: 'details'; readonly reqId: number; readonly details: WireDetails }
  | { readonly kind: 'rule'; readonly reqId: number; readonly rule: WireRule }
  | { readonly kind: 'summary'; readonly reqId: number; readonly summary: WireSummary }
  | { readonly kind: 'bar'; readonly reqId: number; readonly bar: WireBar; readonly isUpdate: boolean }
  | { readonly kind: 'tick'; readonly reqId: number; readonly field: number; readonly value: number }
  | { readonly kind: 'size'; readonly reqId: number; readonly field: number; readonly value: number }
  | { readonly kind: 'tick-text'; readonly reqId: number; readonly field: number; readonly value: string }
  | { readonly kind: 'data-type'; readonly reqId: number; readonly type: number }
  | { readonly kind: 'end'; readonly of: IbList; readonly reqId: number | null }
  /** A message whose content is not what it must be: a list it belongs to is not whole. */
  | { readonly kind: 'unreadable'; readonly of: IbList | 'status' | 'commission'; readonly reqId: number | null };

/** The library marks the end of historical bars with a bar whose time begins with this. */
const HISTORY_END = 'finished';

/** Reads everything the desk listens to from the library, and hands it on checked. */
export function readEvents(api: IBApi, deliver: (event: IbEvent) => void): void {
  const checked = <S extends z.ZodType>(
    schema: S,
    raw: unknown,
    as: { of: Extract<IbEvent, { kind: 'unreadable' }>['of']; reqId: number | null },
    make: (value: z.output<S>) => IbEvent,
  ): void => {
    const read = schema.safeParse(raw);
    deliver(read.success ? make(read.data) : { kind: 'unreadable', ...as });
  };
  readOrders(api, deliver, checked);
  readLists(api, deliver, checked);
  readPrices(api, deliver, checked);
}

type Checked = <S extends z.ZodType>(
  schema: S,
  raw: unknown,
  as: { of: Extract<IbEvent, { kind: 'unreadable' }>['of']; reqId: number | null },
  make: (value: z.output<S>) => IbEvent,
) => void;
type Deliver = (event: IbEvent) => void;

function readOrders(api: IBApi, deliver: Deliver, checked: Checked): void {
  api.on(EventName.openOrder, (orderId, contract, order, state) =>
    checked(wireOrderSchema, { orderId, contract, order, state }, { of: 'orders', reqId: null }, (read) => ({
      ...{ kind: 'order', order: read },
    })),
  );
  api.on(EventName.openOrderEnd, () => deliver({ kind: 'end', of: 'orders', reqId: null }));
  api.on(
    EventName.orderStatus,
    (orderId, status, filled, _remaining, averagePrice, permId, _parentId, _last, clientId, whyHeld) =>
      checked(
        wireStatusSchema,
        { orderId, status, filled, averagePrice, permId, clientId, whyHeld },
        { of: 'status', reqId: null },
        (read) => ({ kind: 'status', status: read }),
      ),
  );
  api.on(EventName.completedOrder, (contract, order, state) =>
    checked(wireCompletedSchema, { contract, order, state }, { of: 'completed', reqId: null }, (read) => ({
      ...{ kind: 'completed', order: read },
    })),
  );
  api.on(EventName.completedOrdersEnd, () => deliver({ kind: 'end', of: 'completed', reqId: null }));
  api.on(EventName.execDetails, (reqId, contract, execution) =>
    checked(wireExecutionSchema, { contract, execution }, { of: 'executions', reqId }, (read) => ({
      ...{ kind: 'execution', reqId, execution: read },
    })),
  );
  api.on(EventName.execDetailsEnd, (reqId) => deliver({ kind: 'end', of: 'executions', reqId }));
  api.on(EventName.commissionReport, (report) =>
    checked(wireCommissionSchema, report, { of: 'commission', reqId: null }, (commission) => ({
      ...{ kind: 'commission', commission },
    })),
  );
}

function readLists(api: IBApi, deliver: Deliver, checked: Checked): void {
  api.on(EventName.position, (account, contract, quantity, averageCost) =>
    checked(
      wirePositionSchema,
      { account, contract, quantity, averageCost },
      { of: 'positions', reqId: null },
      (position) => ({ kind: 'position', position }),
    ),
  );
  api.on(EventName.positionEnd, () => deliver({ kind: 'end', of: 'positions', reqId: null }));
  api.on(EventName.contractDetails, (reqId, raw) =>
    checked(wireDetailsSchema, raw, { of: 'details', reqId }, (details) => ({ kind: 'details', reqId, details })),
  );
  api.on(EventName.contractDetailsEnd, (reqId) => deliver({ kind: 'end', of: 'details', reqId }));
  api.on(EventName.marketRule, (ruleId, increments) => {
    checked(wireRuleSchema, increments, { of: 'rule', reqId: ruleId }, (rule) => ({
      ...{ kind: 'rule', reqId: ruleId, rule },
    }));
    // One message is the whole of it.
    deliver({ kind: 'end', of: 'rule', reqId: ruleId });
  });
  api.on(EventName.accountSummary, (reqId, account, tag, value, currency) =>
    checked(wireSummarySchema, { account, tag, value, currency }, { of: 'summary', reqId }, (summary) => ({
      ...{ kind: 'summary', reqId, summary },
    })),
  );
  api.on(EventName.accountSummaryEnd, (reqId) => deliver({ kind: 'end', of: 'summary', reqId }));
}

function readPrices(api: IBApi, deliver: Deliver, checked: Checked): void {
  const bar =
    (isUpdate: boolean) =>
    (reqId: number, time: string, open: number, high: number, low: number, close: number, volume: number): void =>
      checked(wireBarSchema, { time, open, high, low, close, volume }, { of: 'history', reqId }, (read) => ({
        kind: 'bar',
        reqId,
        bar: read,
        isUpdate,
      }));
  api.on(EventName.historicalData, (reqId, time, ...values) => {
    if (time.startsWith(HISTORY_END)) deliver({ kind: 'end', of: 'history', reqId });
    else bar(false)(reqId, time, values[0], values[1], values[2], values[3], values[4]);
  });
  api.on(EventName.historicalDataUpdate, (reqId, time, ...values) =>
    bar(true)(reqId, time, values[0], values[1], values[2], values[3], values[4]),
  );
  api.on(EventName.tickPrice, (reqId, field, value) => {
    if (Number.isFinite(value)) deliver({ kind: 'tick', reqId, field: field, value });
  });
  api.on(EventName.tickSize, (reqId, field, value) => {
    if (field !== undefined && value !== undefined) deliver({ kind: 'size', reqId, field, value });
  });
  api.on(EventName.tickString, (reqId, field, value) => deliver({ kind: 'tick-text', reqId, field: field, value }));
  api.on(EventName.marketDataType, (reqId, type) => deliver({ kind: 'data-type', reqId, type: type }));
}
