import { averageOf, type TwsContract, type TwsExecution, type TwsOrder } from './model.ts';
import type { Field } from './frames.ts';

/** The messages of the server, field by field, as the versions of the protocol have them. */

const blank = (count: number, value: Field = ''): Field[] => Array.from({ length: count }, () => value);

const contractFields = (c: TwsContract): Field[] => [
  ...[c.conId, c.symbol, c.secType ?? 'FUT', c.lastTradeDate, 0, '?', c.multiplier, c.exchange, 'USD'],
  ...[c.localSymbol, c.tradingClass],
];

/** Volatility orders and what follows up to scale orders: nothing of it is used. */
const unusedMiddle = (parent: Field[]): Field[] => [
  ...parent,
  ...['', 0, 'None', '', 0, '', '', '', '?', false, 0, '', 0, 0],
];

/** 5: an open order. @source protocols.md 2.7, index map */
export function openOrder(version: number, order: TwsOrder, whatIf: string | null = null): Field[] {
  const margins: Field[] =
    whatIf === null ? blank(9) : ['10000', '9000', '100000', whatIf, whatIf, '0', '30000', '28000', '100000'];
  return [
    ...[5, order.orderId, ...contractFields(order.contract), order.action, order.quantity, order.type],
    ...[order.lmtPrice, order.auxPrice, order.tif, order.ocaGroup, order.account, '', 0, order.orderRef],
    ...[order.clientId, order.permId, order.outsideRth, 0, 0, '', '', '', '', ''],
    ...(version < 177 ? [''] : []),
    ...['', '', '', '', '', 0, '', -1, 0, '', '', '', '', '', ''],
    ...[false, false, false, '', order.ocaType, false, false, ''],
    ...unusedMiddle([order.parentId, 0]),
    ...['', '', '', '', '', 0, 0, 0, '', '', '', '', false, '', 'IB', false, false, '', false],
    ...[whatIf !== null, whatIf === null ? order.status : 'PreSubmitted', ...margins],
    ...['', '', '', '', '', false, false, 0],
    ...['None', '', '', '', '', '', '', 0],
    ...['', '', '', '', false, false, false],
    ...(version >= 151 ? [false] : []),
    ...(version >= 158 ? [''] : []),
    ...(version >= 160 ? [''] : []),
    ...(version >= 162 ? [false] : []),
    ...(version >= 170 ? blank(5) : []),
    ...(version >= 183 ? [''] : []),
    ...(version >= 184 ? [false] : []),
    ...(version >= 185 ? [''] : []),
    ...(version >= 189 ? [false] : []),
    ...(version >= 193 ? ['', ''] : []),
  ];
}

/** 101: an order that ended. It has no order id, and a cancelled one no quantity. */
export function completedOrder(version: number, order: TwsOrder): Field[] {
  const quantity = order.status === 'Filled' ? order.quantity : 0;
  const words = order.status === 'Filled' ? `Filled Size: ${order.filled}` : order.reason || 'Cancelled by Trader';
  return [
    ...[101, ...contractFields(order.contract), order.action, quantity, order.type],
    ...[order.lmtPrice, order.auxPrice, order.tif, order.ocaGroup, order.account, '', 0, order.orderRef],
    ...[order.permId, order.outsideRth, 0, 0, '', '', '', '', '', '', '', '', ''],
    ...[0, '', -1, '', '', '', '', '', '', false, false, '', order.ocaType],
    ...[0, '', 0, 'None', '', 0, false, 0, '', 0, 0],
    ...['', '', '', 0, 0, 0, '', '', '', '', '', 'IB', false, false, '', false],
    ...[order.status, false, false, 0, '', '', '', false, false],
    ...['', order.filled, 0, false, '', false, false, 0],
    ...['20261129 11:00:00 US/Central', words],
    ...(version >= 170 ? blank(5) : []),
    ...(version >= 183 ? [''] : []),
    ...(version >= 184 ? [false] : []),
  ];
}

/** 3: the status of an order. */
export const orderStatus = (order: TwsOrder, lastPrice = 0): Field[] => [
  ...[3, order.orderId, order.status, order.filled, order.quantity - order.filled, averageOf(order)],
  ...[order.permId, order.parentId, lastPrice, order.clientId, order.whyHeld, 0],
];

/** 11: an execution; `reqId` −1 for one that nobody asked about. */
export const execution = (version: number, reqId: number, exec: TwsExecution, time: string): Field[] => [
  ...[11, reqId, exec.order.orderId, ...contractFields(exec.order.contract), exec.execId, time],
  ...[exec.order.account, exec.order.contract.exchange, exec.side, exec.shares, exec.price, exec.order.permId],
  ...[exec.order.clientId, 0, exec.cumQty, exec.avgPrice, exec.order.orderRef, '', '', '', 1],
  ...(version >= 178 ? [false] : []),
];

/** 59: the commission of an execution. */
export const commission = (exec: TwsExecution): Field[] => [59, 1, exec.execId, exec.commission, 'USD', '', '', ''];

/** 10: a contract. */
export function contractData(version: number, reqId: number, c: TwsContract): Field[] {
  return [
    10,
    ...(version < 164 ? [8] : []),
    ...[reqId, c.symbol, c.secType ?? 'FUT', `${c.lastTradeDate} 15:15 US/Central`],
    ...(version >= 182 ? [c.lastTradeDate] : []),
    ...[0, '?', c.exchange, 'USD', c.localSymbol, c.tradingClass, c.tradingClass, c.conId, c.minTick],
    ...(version < 164 ? [1] : []),
    ...[c.multiplier, 'LMT,MKT,STP', `QBALGO,${c.exchange}`, c.priceMagnifier ?? 1, 0, c.symbol, ''],
    ...[c.contractMonth, '', '', '', 'US/Central', '', '', '', '', 0],
    ...[1, c.symbol, 'IND', `1,${c.ruleId ?? ''}`, c.lastTradeDate, ''],
    ...(version === 163 ? [1] : []),
    ...(version >= 164 ? [1, 1, 1] : []),
    ...(version >= 186 ? [0] : []),
  ];
}

/** 61: a position. */
export const position = (account: string, c: TwsContract, held: { quantity: number; cost: number }): Field[] => [
  ...[61, 3, account, ...contractFields(c).map((field, at) => (at === 7 ? '' : field)), held.quantity, held.cost],
];

/** 4: an error, or a word of the system with the id −1. */
export const errorMessage = (version: number, id: number, [code, text]: [number, string]): Field[] => [
  ...[4, 2, id, code, text],
  ...(version >= 166 ? [''] : []),
];
