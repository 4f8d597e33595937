import { type Bar, timeframeSchema } from '#shared/domain/market.ts';
import { type Fill, type Order, type Trade, fillSchema, orderSchema } from '#shared/domain/order.ts';
import { type Direction, type EpochMs, type Money, epochMs, money, ticks } from '#shared/units.ts';
import { isTerminal } from '#shared/domain/order-life.ts';
import type { JournalEventOf } from '#desk/ports/events.ts';
import { IMPORTED } from '#desk/ports/journal.ts';
import { canonicalJson } from './canonical.ts';
import { compilePart } from './compiled-schema.ts';
import { type FillRecord, effectiveFill } from './corrections.ts';
import type { DerivedRow } from './derived-tables.ts';
import type { Lot } from './round-trips.ts';

export { DERIVED_TABLES, type DerivedRow, insertSql } from './derived-tables.ts';

/** Says whether an account was read from files, and is not the desk's own. */
export const isImported = (account: string): boolean => account.startsWith(IMPORTED);

/** A decision as lists of them are filtered; still open. */
export const decisionRow = (seq: number, at: EpochMs, event: JournalEventOf<'decision'>): DerivedRow => ({
  seq,
  recommendation_id: event.recommendationId,
  at,
  symbol: event.snapshot.instrument.symbol,
  status: event.decision.status,
  state: 'proposed',
  status_seq: null,
});

/** An order with the facts of its intent that an order itself does not carry. */
export type OrderRecord = {
  readonly seq: number;
  readonly order: Order;
  readonly plannedRiskPerContract: number | null;
};

/** An order is read and written again at each of its events. */
const compiledOrder = compilePart(orderSchema);

export const orderRow = ({ seq, order, plannedRiskPerContract }: OrderRecord): DerivedRow => ({
  seq,
  client_order_id: order.clientOrderId,
  is_open: isTerminal(order) ? 0 : 1,
  recommendation_id: order.recommendationId,
  planned_risk_per_contract: plannedRiskPerContract,
  body: compiledOrder.spell(order) ?? canonicalJson(order),
});

/** Throws on what is no order. */
export function orderOfBody(body: string): Order {
  const given: unknown = JSON.parse(body);
  return compiledOrder.takes(given) ? (given as Order) : orderSchema.parse(given);
}

/** A fill with what counts of it; a busted one keeps its own values, and the mark. */
export function fillRow(seq: number, fill: Fill, correction: FillRecord['correction'] = null): DerivedRow {
  const effective = effectiveFill({ fill, correction });
  const { direction, quantity, price, fee, at } = effective ?? fill;
  return {
    seq,
    venue: fill.venue,
    account: fill.account,
    exec_key: fill.execKey,
    client_order_id: fill.clientOrderId,
    symbol: fill.symbol,
    direction,
    quantity,
    price,
    fee,
    at,
    received_at: fill.receivedAt,
    version: correction?.version ?? 0,
    is_busted: effective === null ? 1 : 0,
    original_direction: fill.direction,
    original_quantity: fill.quantity,
    original_price: fill.price,
    original_fee: fill.fee,
    original_at: fill.at,
    is_imported: isImported(fill.account) ? 1 : 0,
  };
}

const fillOf = (row: DerivedRow, prefix: '' | 'original_'): Fill =>
  fillSchema.parse({
    execKey: row['exec_key'],
    venue: row['venue'],
    account: row['account'],
    clientOrderId: row['client_order_id'],
    symbol: row['symbol'],
    direction: row[`${prefix}direction`],
    quantity: row[`${prefix}quantity`],
    price: row[`${prefix}price`],
    fee: row[`${prefix}fee`],
    at: row[`${prefix}at`],
    receivedAt: row['received_at'],
  });

/** The fill as it counts. */
export const fillOfRow = (row: DerivedRow): Fill => fillOf(row, '');

/** The fill as it was first journaled. */
export const originalFillOfRow = (row: DerivedRow): Fill => fillOf(row, 'original_');

export type BookKey = { readonly account: string; readonly symbol: string };

export const lotRow = ({ account, symbol }: BookKey, position: number, lot: Lot): DerivedRow => ({
  account,
  symbol,
  position,
  exec_key: lot.execKey,
  direction: lot.direction,
  quantity: lot.quantity,
  price: lot.price,
  at: lot.at,
  fill_quantity: lot.fillQuantity,
  fill_fee: lot.fillFee,
  used: lot.used,
  recommendation_id: lot.recommendationId,
  planned_risk_per_contract: lot.plannedRiskPerContract,
});

export const tradeRow = (trade: Trade): DerivedRow => ({
  id: trade.id,
  account: trade.account,
  symbol: trade.symbol,
  root: trade.root,
  direction: trade.direction,
  quantity: trade.quantity,
  entry_at: trade.entryAt,
  exit_at: trade.exitAt,
  entry_price: trade.entryPrice,
  exit_price: trade.exitPrice,
  gross: trade.gross,
  fees: trade.fees,
  net: trade.net,
  planned_risk: trade.plannedRisk,
  r: trade.r,
  recommendation_id: trade.recommendationId,
  session_day: trade.sessionDay,
  is_imported: isImported(trade.account) ? 1 : 0,
  outcome: Math.sign(trade.net),
  duration: trade.exitAt - trade.entryAt,
});

const textOf = (value: unknown, name: string): string => {
  if (typeof value !== 'string') throw new TypeError(`a stored ${name} is ${String(value)}`);
  return value;
};
const orNull = <T>(value: unknown, of: (value: unknown) => T): T | null => (value === null ? null : of(value));
const numberOf = (value: unknown): number => {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new TypeError(`a stored row holds ${String(value)}`);
  return value;
};
const amountOf = (value: unknown): Money => money(numberOf(value));

function sideOf(value: unknown): Direction {
  if (value !== 1 && value !== -1) throw new TypeError(`a stored direction is ${String(value)}`);
  return value;
}

function countOf(value: unknown): number {
  const count = numberOf(value);
  if (!Number.isSafeInteger(count) || count <= 0) throw new TypeError(`a stored quantity is ${count}`);
  return count;
}

/**
 * Reads a trade as `tradeSchema` would take it, by hand: pages and samples read many. Throws on what is no trade; the
 * table is strict, so that is damage.
 */
export const tradeOfRow = (row: DerivedRow): Trade => ({
  id: textOf(row['id'], 'id'),
  account: textOf(row['account'], 'account'),
  symbol: textOf(row['symbol'], 'symbol'),
  root: textOf(row['root'], 'root'),
  direction: sideOf(row['direction']),
  quantity: countOf(row['quantity']),
  entryAt: epochMs(numberOf(row['entry_at'])),
  exitAt: epochMs(numberOf(row['exit_at'])),
  entryPrice: ticks(numberOf(row['entry_price'])),
  exitPrice: ticks(numberOf(row['exit_price'])),
  gross: amountOf(row['gross']),
  fees: amountOf(row['fees']),
  net: amountOf(row['net']),
  plannedRisk: orNull(row['planned_risk'], amountOf),
  r: orNull(row['r'], numberOf),
  recommendationId: orNull(row['recommendation_id'], (id) => textOf(id, 'recommendation')),
  sessionDay: textOf(row['session_day'], 'session day'),
});

function usedOf(value: unknown): number {
  const used = numberOf(value);
  if (!Number.isSafeInteger(used) || used < 0) throw new TypeError(`a stored lot has used ${used}`);
  return used;
}

/** Reads an open lot by hand: all of them are read with every fill. Throws on what is no lot. */
export const lotOfRow = (row: DerivedRow): Lot => ({
  execKey: textOf(row['exec_key'], 'execution'),
  direction: sideOf(row['direction']),
  quantity: countOf(row['quantity']),
  price: ticks(numberOf(row['price'])),
  at: epochMs(numberOf(row['at'])),
  fillQuantity: countOf(row['fill_quantity']),
  fillFee: amountOf(row['fill_fee']),
  used: usedOf(row['used']),
  recommendationId: orNull(row['recommendation_id'], (id) => textOf(id, 'recommendation')),
  plannedRiskPerContract: orNull(row['planned_risk_per_contract'], amountOf),
});

const TIMEFRAMES: ReadonlySet<unknown> = new Set(timeframeSchema.options);

function timeframeOf(value: unknown): Bar['timeframe'] {
  if (!TIMEFRAMES.has(value)) throw new TypeError(`a stored bar is of ${String(value)}`);
  return value as Bar['timeframe'];
}

function volumeOf(value: unknown): number {
  const volume = numberOf(value);
  if (volume < 0) throw new TypeError(`a stored bar has a volume of ${volume}`);
  return volume;
}

/** Reads a bar by hand: a start reads tens of thousands. Throws on what is no bar. */
export const barOfRow = (row: DerivedRow): Bar => ({
  symbol: textOf(row['symbol'], 'symbol'),
  timeframe: timeframeOf(row['timeframe']),
  openAt: epochMs(numberOf(row['open_at'])),
  closeAt: epochMs(numberOf(row['close_at'])),
  open: ticks(numberOf(row['open'])),
  high: ticks(numberOf(row['high'])),
  low: ticks(numberOf(row['low'])),
  close: ticks(numberOf(row['close'])),
  volume: volumeOf(row['volume']),
});
