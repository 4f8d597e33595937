/**
 * What the desk uses of the library, each from its own file: the whole of it loads a second interface built on rxjs, two
 * hundred files that every start would read.
 */
export { IBApi } from '@stoqey/ib/dist/api/api.js';
export type { Contract } from '@stoqey/ib/dist/api/contract/contract.js';
export { EventName } from '@stoqey/ib/dist/api/data/enum/event-name.js';
export { SecType } from '@stoqey/ib/dist/api/data/enum/sec-type.js';
export { BarSizeSetting } from '@stoqey/ib/dist/api/historical/bar-size-setting.js';
export { WhatToShow } from '@stoqey/ib/dist/api/historical/what-to-show.js';
export { MarketDataType } from '@stoqey/ib/dist/api-next/market/market-data-type.js';
export { OrderAction } from '@stoqey/ib/dist/api/order/enum/order-action.js';
export { OrderType } from '@stoqey/ib/dist/api/order/enum/orderType.js';
export { TimeInForce } from '@stoqey/ib/dist/api/order/enum/tif.js';
export type { Order } from '@stoqey/ib/dist/api/order/order.js';
