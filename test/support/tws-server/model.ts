/** What the server knows: contracts, orders, executions. */

export type TwsContract = {
  readonly conId: number;
  readonly symbol: string;
  readonly localSymbol: string;
  readonly tradingClass: string;
  /** `yyyymmdd`. */
  readonly lastTradeDate: string;
  /** `yyyymm`. */
  readonly contractMonth: string;
  readonly exchange: string;
  readonly multiplier: number;
  readonly minTick: number;
  readonly priceMagnifier?: number;
  readonly ruleId?: number;
  readonly increment?: number;
  readonly secType?: string;
};

export type TwsStatus = 'ApiPending' | 'PreSubmitted' | 'Submitted' | 'Filled' | 'Cancelled' | 'Inactive';

export type TwsOrder = {
  readonly orderId: number;
  readonly clientId: number;
  readonly permId: number;
  readonly contract: TwsContract;
  readonly action: 'BUY' | 'SELL';
  quantity: number;
  readonly type: string;
  lmtPrice: string;
  auxPrice: string;
  readonly tif: string;
  readonly ocaGroup: string;
  readonly ocaType: number;
  readonly account: string;
  readonly orderRef: string;
  transmit: boolean;
  readonly parentId: number;
  readonly outsideRth: boolean;
  filled: number;
  cost: number;
  status: TwsStatus;
  whyHeld: string;
  reason: string;
};

export type TwsExecution = {
  readonly execId: string;
  readonly order: TwsOrder;
  readonly side: 'BOT' | 'SLD';
  readonly shares: number;
  readonly price: number;
  readonly at: number;
  readonly cumQty: number;
  readonly avgPrice: number;
  readonly commission: number;
};

export const isOpen = (order: TwsOrder): boolean =>
  order.status !== 'Filled' && order.status !== 'Cancelled' && order.status !== 'Inactive';

export const sideOf = (order: TwsOrder): 1 | -1 => (order.action === 'BUY' ? 1 : -1);

export const averageOf = (order: TwsOrder): number => (order.filled === 0 ? 0 : order.cost / order.filled);

const future = (
  conId: number,
  [symbol, localSymbol, exchange]: [string, string, string],
  [multiplier, minTick, magnifier]: [number, number, number?],
): TwsContract => ({
  ...{ conId, symbol, localSymbol, exchange, multiplier, minTick, ruleId: conId % 1_000, increment: minTick },
  tradingClass: localSymbol.replace(/(Z6|\s+DEC 26)$/, ''),
  ...{ lastTradeDate: '20261218', contractMonth: '202612' },
  ...(magnifier === undefined ? {} : { priceMagnifier: magnifier }),
});

/** December 2026 as IB lists it. */
export const CONTRACTS: readonly TwsContract[] = [
  future(711_280_067, ['NQ', 'NQZ6', 'CME'], [20, 0.25]),
  future(711_280_073, ['ES', 'ESZ6', 'CME'], [50, 0.25]),
  future(711_280_081, ['EUR', '6EZ6', 'CME'], [125_000, 0.00005]),
  future(711_280_099, ['ZN', 'ZN   DEC 26', 'CBOT'], [1_000, 0.015625]),
  future(711_280_103, ['ZC', 'ZC   DEC 26', 'CBOT'], [5_000, 0.25, 100]),
  future(711_280_111, ['SI', 'SIZ6', 'COMEX'], [5_000, 0.005]),
  future(711_280_117, ['SI', 'SILZ6', 'COMEX'], [1_000, 0.005]),
];

/** A future of a month nobody here trades, and a stock: an account may hold more than the desk knows. */
export const NQ_MARCH: TwsContract = {
  ...{ conId: 730_283_085, symbol: 'NQ', localSymbol: 'NQH7', tradingClass: 'NQ', exchange: 'CME' },
  ...{ lastTradeDate: '20270319', contractMonth: '202703', multiplier: 20, minTick: 0.25 },
};
export const STOCK: TwsContract = {
  ...{ conId: 265_598, symbol: 'AAPL', localSymbol: 'AAPL', tradingClass: 'NMS', exchange: 'SMART', secType: 'STK' },
  ...{ lastTradeDate: '', contractMonth: '', multiplier: 1, minTick: 0.01 },
};
