import { z } from 'zod';
import { type Fill, type Order, type Trade, fillSchema, orderSchema, tradeSchema } from '#shared/domain/order.ts';
import { directionSchema, epochMsSchema, moneySchema, ticksSchema } from '#shared/units.ts';
import { isTerminal } from '#shared/domain/order-life.ts';
import { canonicalJson } from './canonical.ts';
import type { Lot } from './round-trips.ts';

/** Columns of the derived tables. The first `keys` of them identify a row and order the table. */
export const DERIVED_TABLES = {
  instruments: { keys: 1, columns: ['symbol', 'seq', 'root', 'tick_value'] },
  decisions: { keys: 1, columns: ['seq', 'recommendation_id', 'status_seq'] },
  orders: {
    keys: 1,
    columns: ['seq', 'client_order_id', 'is_open', 'recommendation_id', 'planned_risk_per_contract', 'body'],
  },
  fills: {
    keys: 1,
    columns: [
      'seq',
      'venue',
      'account',
      'exec_key',
      'client_order_id',
      'symbol',
      'direction',
      'quantity',
      'price',
      'fee',
      'at',
      'received_at',
    ],
  },
  lots: {
    keys: 3,
    columns: [
      'account',
      'symbol',
      'position',
      'exec_key',
      'direction',
      'quantity',
      'price',
      'at',
      'fill_quantity',
      'fill_fee',
      'used',
      'recommendation_id',
      'planned_risk_per_contract',
    ],
  },
  trades: {
    keys: 1,
    columns: [
      'id',
      'account',
      'symbol',
      'root',
      'direction',
      'quantity',
      'entry_at',
      'exit_at',
      'entry_price',
      'exit_price',
      'gross',
      'fees',
      'net',
      'planned_risk',
      'r',
      'recommendation_id',
      'session_day',
    ],
  },
} as const;

export type DerivedTable = keyof typeof DERIVED_TABLES;
export const DERIVED_TABLE_NAMES: readonly DerivedTable[] = [
  'instruments',
  'decisions',
  'orders',
  'fills',
  'lots',
  'trades',
];

/** A row as bound and as read: one value per column. */
export type DerivedRow = Readonly<Record<string, string | number | null>>;

/** SQL that inserts a full row by named parameters. */
export const insertSql = (table: DerivedTable): string => {
  const { columns } = DERIVED_TABLES[table];
  return `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map((c) => `@${c}`).join(', ')})`;
};

/** An order with the facts of its intent that an order itself does not carry. */
export type OrderRecord = {
  readonly seq: number;
  readonly order: Order;
  readonly plannedRiskPerContract: number | null;
};

export const orderRow = ({ seq, order, plannedRiskPerContract }: OrderRecord): DerivedRow => ({
  seq,
  client_order_id: order.clientOrderId,
  is_open: isTerminal(order) ? 0 : 1,
  recommendation_id: order.recommendationId,
  planned_risk_per_contract: plannedRiskPerContract,
  body: canonicalJson(order),
});

export const orderOfBody = (body: string): Order => orderSchema.parse(JSON.parse(body));

export const fillRow = (seq: number, fill: Fill): DerivedRow => ({
  seq,
  venue: fill.venue,
  account: fill.account,
  exec_key: fill.execKey,
  client_order_id: fill.clientOrderId,
  symbol: fill.symbol,
  direction: fill.direction,
  quantity: fill.quantity,
  price: fill.price,
  fee: fill.fee,
  at: fill.at,
  received_at: fill.receivedAt,
});

export const fillOfRow = (row: DerivedRow): Fill =>
  fillSchema.parse({
    execKey: row['exec_key'],
    venue: row['venue'],
    account: row['account'],
    clientOrderId: row['client_order_id'],
    symbol: row['symbol'],
    direction: row['direction'],
    quantity: row['quantity'],
    price: row['price'],
    fee: row['fee'],
    at: row['at'],
    receivedAt: row['received_at'],
  });

const lotSchema = z.object({
  execKey: z.string(),
  direction: directionSchema,
  quantity: z.number().int().positive(),
  price: ticksSchema,
  at: epochMsSchema,
  fillQuantity: z.number().int().positive(),
  fillFee: moneySchema,
  used: z.number().int().min(0),
  recommendationId: z.string().nullable(),
  plannedRiskPerContract: moneySchema.nullable(),
});

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

export const lotOfRow = (row: DerivedRow): Lot =>
  lotSchema.parse({
    execKey: row['exec_key'],
    direction: row['direction'],
    quantity: row['quantity'],
    price: row['price'],
    at: row['at'],
    fillQuantity: row['fill_quantity'],
    fillFee: row['fill_fee'],
    used: row['used'],
    recommendationId: row['recommendation_id'],
    plannedRiskPerContract: row['planned_risk_per_contract'],
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
});

export const tradeOfRow = (row: DerivedRow): Trade =>
  tradeSchema.parse({
    id: row['id'],
    account: row['account'],
    symbol: row['symbol'],
    root: row['root'],
    direction: row['direction'],
    quantity: row['quantity'],
    entryAt: row['entry_at'],
    exitAt: row['exit_at'],
    entryPrice: row['entry_price'],
    exitPrice: row['exit_price'],
    gross: row['gross'],
    fees: row['fees'],
    net: row['net'],
    plannedRisk: row['planned_risk'],
    r: row['r'],
    recommendationId: row['recommendation_id'],
    sessionDay: row['session_day'],
  });
