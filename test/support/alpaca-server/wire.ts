import type { Amendment, ExchangeEvent, ExchangeOrder, Execution } from './exchange.ts';

/** What the server writes, by protocols.md section 3. */
const iso = (at: number): string => new Date(at).toISOString().replace('Z', '123456Z');
const average = ({ cost, filled }: { cost: number; filled: number }): string | null =>
  filled === 0 ? null : String(Number((cost / filled).toFixed(6)));

export function orderJson(order: ExchangeOrder, isNested = true): Record<string, unknown> {
  const at = iso(order.updatedAt);
  return {
    ...{ id: order.id, client_order_id: order.clientOrderId, created_at: iso(order.submittedAt), updated_at: at },
    ...{ submitted_at: iso(order.submittedAt), filled_at: order.status === 'filled' ? at : null, expired_at: null },
    ...{ canceled_at: order.status === 'canceled' ? at : null, failed_at: null },
    ...{ replaced_at: order.status === 'replaced' ? at : null, replaced_by: order.replacedBy },
    ...{ replaces: order.replaces, asset_id: 'b0b6dd9d-8b9b-48a9-ba46-b9d54906e415', symbol: order.symbol },
    ...{ asset_class: order.symbol.includes('/') ? 'crypto' : 'us_equity', notional: null, qty: String(order.qty) },
    ...{ filled_qty: String(order.filled), filled_avg_price: average(order), order_class: order.orderClass },
    ...{ order_type: order.type, type: order.type, side: order.side, time_in_force: order.tif },
    ...{ limit_price: order.limit, stop_price: order.stop, status: order.status, extended_hours: false },
    legs: isNested && order.legs.length > 0 ? order.legs.map((leg) => orderJson(leg, false)) : null,
    ...{ trail_percent: null, trail_price: null, hwm: null },
  };
}

export const updateJson = (
  { event, order, execution, at, amendment, reason }: ExchangeEvent,
  { position, isBare = false }: { position: number; isBare?: boolean },
) => ({
  stream: 'trade_updates',
  data: {
    ...{ event, timestamp: iso(at), order: orderJson(order) },
    ...(reason === undefined ? {} : { reason }),
    ...(amendment === undefined || isBare
      ? {}
      : {
          ...{ execution_id: amendment.executionId, previous_execution_id: amendment.of.executionId },
          ...{ price: amendment.price, qty: String(amendment.qty), position_qty: String(position) },
        }),
    ...(execution === null
      ? {}
      : {
          ...{ execution_id: execution.executionId, price: execution.price, qty: String(execution.qty) },
          position_qty: String(position),
        }),
  },
});

export const activityJson = ({ activityId, order, qty, price, at, cum, type }: Execution) => ({
  ...{ id: activityId, activity_type: 'FILL', transaction_time: iso(at), type, price, qty: String(qty) },
  ...{ side: order.side, symbol: order.symbol, leaves_qty: String(order.qty - cum), order_id: order.id },
  ...{ cum_qty: String(cum), order_status: type === 'fill' ? 'filled' : 'partially_filled' },
});

/** A bust or a correction as an activity of its own, in the words of the stream of activities. */
export const amendmentJson = ({ activityId, of, values, qty, price, at }: Amendment) => ({
  ...activityJson(of),
  ...{ id: activityId, transaction_time: iso(at), type: values === null ? 'trade_bust' : 'trade_correct' },
  ...{ qty: String(qty), price, previous_id: of.activityId.split('::')[1] ?? '', cum_qty: String(of.order.filled) },
});

const DECIMALS = new Set(['qty', 'filled_qty', 'limit_price', 'stop_price', 'filled_avg_price', 'price', 'cum_qty']);

/** The same as a server writes it that leaves out what it has no value for, and knows numbers. */
export function lean(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lean);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, one]: [string, unknown]) => {
      if (one === null || one === false || (key === 'filled_qty' && one === '0')) return [];
      const isNumber = DECIMALS.has(key) && typeof one === 'string';
      return [[key, isNumber ? Number(one) : lean(one)]];
    }),
  );
}
