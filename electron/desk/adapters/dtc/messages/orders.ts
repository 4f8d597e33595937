// Made by build/make-dtc-messages.mjs from build/dtc-schema.json. Do not edit.
import { define, number, numberOr, text } from '#desk/adapters/dtc/fields.ts';

export const SUBMIT_NEW_SINGLE_ORDER = define(208, 'SUBMIT_NEW_SINGLE_ORDER', {
  Symbol: text(64),
  Exchange: text(16),
  TradeAccount: text(32),
  ClientOrderID: text(32),
  OrderType: number,
  BuySell: number,
  Price1: number,
  Price2: number,
  Quantity: number,
  TimeInForce: number,
  GoodTillDateTime: number,
  IsAutomatedOrder: number,
  IsParentOrder: number,
  FreeFormText: text(48),
  OpenOrClose: number,
  MaxShowQuantity: number,
  Price1AsString: text(16),
  Price2AsString: text(16),
});

export const SUBMIT_FLATTEN_POSITION_ORDER = define(209, 'SUBMIT_FLATTEN_POSITION_ORDER', {
  Symbol: text(64),
  Exchange: text(16),
  TradeAccount: text(32),
  ClientOrderID: text(32),
  FreeFormText: text(48),
  IsAutomatedOrder: number,
});

export const CANCEL_REPLACE_ORDER = define(204, 'CANCEL_REPLACE_ORDER', {
  ServerOrderID: text(32),
  ClientOrderID: text(32),
  Price1: number,
  Price2: number,
  Quantity: number,
  Price1IsSet: numberOr(1),
  Price2IsSet: numberOr(1),
  Unused: number,
  TimeInForce: number,
  GoodTillDateTime: number,
  UpdatePrice1OffsetToParent: number,
  TradeAccount: text(32),
  Price1AsString: text(16),
  Price2AsString: text(16),
});

export const CANCEL_ORDER = define(203, 'CANCEL_ORDER', {
  ServerOrderID: text(32),
  ClientOrderID: text(32),
  TradeAccount: text(32),
});

export const SUBMIT_NEW_OCO_ORDER = define(201, 'SUBMIT_NEW_OCO_ORDER', {
  Symbol: text(64),
  Exchange: text(16),
  ClientOrderID_1: text(32),
  OrderType_1: number,
  BuySell_1: number,
  Price1_1: number,
  Price2_1: number,
  Quantity_1: number,
  ClientOrderID_2: text(32),
  OrderType_2: number,
  BuySell_2: number,
  Price1_2: number,
  Price2_2: number,
  Quantity_2: number,
  TimeInForce: number,
  GoodTillDateTime: number,
  TradeAccount: text(32),
  IsAutomatedOrder: number,
  ParentTriggerClientOrderID: text(32),
  FreeFormText: text(48),
  OpenOrClose: number,
  PartialFillHandling: number,
  UseOffsets: number,
  OffsetFromParent1: number,
  OffsetFromParent2: number,
  MaintainSamePricesOnParentFill: number,
  Price1_1AsString: text(16),
  Price2_1AsString: text(16),
  Price1_2AsString: text(16),
  Price2_2AsString: text(16),
});

export const OPEN_ORDERS_REQUEST = define(300, 'OPEN_ORDERS_REQUEST', {
  RequestID: number,
  RequestAllOrders: numberOr(1),
  ServerOrderID: text(32),
  TradeAccount: text(32),
});

export const HISTORICAL_ORDER_FILLS_REQUEST = define(303, 'HISTORICAL_ORDER_FILLS_REQUEST', {
  RequestID: number,
  ServerOrderID: text(32),
  NumberOfDays: number,
  TradeAccount: text(32),
  StartDateTime: number,
});

export const HISTORICAL_ORDER_FILLS_REJECT = define(308, 'HISTORICAL_ORDER_FILLS_REJECT', {
  RequestID: number,
  RejectText: text(96),
});

export const CURRENT_POSITIONS_REQUEST = define(305, 'CURRENT_POSITIONS_REQUEST', {
  RequestID: number,
  TradeAccount: text(32),
});

export const CURRENT_POSITIONS_REJECT = define(307, 'CURRENT_POSITIONS_REJECT', {
  RequestID: number,
  RejectText: text(96),
});

export const ORDER_UPDATE = define(301, 'ORDER_UPDATE', {
  RequestID: number,
  TotalNumMessages: number,
  MessageNumber: number,
  Symbol: text(64),
  Exchange: text(16),
  PreviousServerOrderID: text(32),
  ServerOrderID: text(32),
  ClientOrderID: text(32),
  ExchangeOrderID: text(32),
  OrderStatus: number,
  OrderUpdateReason: number,
  OrderType: number,
  BuySell: number,
  Price1: number,
  Price2: number,
  TimeInForce: number,
  GoodTillDateTime: number,
  OrderQuantity: number,
  FilledQuantity: number,
  RemainingQuantity: number,
  AverageFillPrice: number,
  LastFillPrice: number,
  LastFillDateTime: number,
  LastFillQuantity: number,
  LastFillExecutionID: text(64),
  TradeAccount: text(32),
  InfoText: text(96),
  NoOrders: number,
  ParentServerOrderID: text(32),
  OCOLinkedOrderServerOrderID: text(32),
  OpenOrClose: number,
  PreviousClientOrderID: text(32),
  FreeFormText: text(48),
  OrderReceivedDateTime: number,
  LatestTransactionDateTime: number,
  Username: text(32),
});

export const OPEN_ORDERS_REJECT = define(302, 'OPEN_ORDERS_REJECT', {
  RequestID: number,
  RejectText: text(96),
});

export const HISTORICAL_ORDER_FILL_RESPONSE = define(304, 'HISTORICAL_ORDER_FILL_RESPONSE', {
  RequestID: number,
  TotalNumberMessages: number,
  MessageNumber: number,
  Symbol: text(64),
  Exchange: text(16),
  ServerOrderID: text(32),
  BuySell: number,
  Price: number,
  DateTime: number,
  Quantity: number,
  UniqueExecutionID: text(64),
  TradeAccount: text(32),
  OpenClose: number,
  NoOrderFills: number,
  InfoText: text(96),
  HighPriceDuringPosition: number,
  LowPriceDuringPosition: number,
  PositionQuantity: number,
});

export const POSITION_UPDATE = define(306, 'POSITION_UPDATE', {
  RequestID: number,
  TotalNumberMessages: number,
  MessageNumber: number,
  Symbol: text(64),
  Exchange: text(16),
  Quantity: number,
  AveragePrice: number,
  PositionIdentifier: text(32),
  TradeAccount: text(32),
  NoPositions: number,
  Unsolicited: number,
  MarginRequirement: number,
  EntryDateTime: number,
  OpenProfitLoss: number,
  HighPriceDuringPosition: number,
  LowPriceDuringPosition: number,
  QuantityLimit: number,
  MaxPotentialPostionQuantity: number,
});

export const ADD_CORRECTING_ORDER_FILL = define(309, 'ADD_CORRECTING_ORDER_FILL', {
  Symbol: text(64),
  Exchange: text(16),
  TradeAccount: text(32),
  ClientOrderID: text(32),
  BuySell: number,
  FillPrice: number,
  FillQuantity: number,
  FreeFormText: text(48),
});

export const CORRECTING_ORDER_FILL_RESPONSE = define(310, 'CORRECTING_ORDER_FILL_RESPONSE', {
  ClientOrderID: text(32),
  ResultText: text(256),
  IsError: number,
});
