// Made by build/make-dtc-messages.mjs from build/dtc-schema.json. Do not edit.
import { define, number, numberOr, text } from '#desk/adapters/dtc/fields.ts';

export const MARKET_DEPTH_REQUEST = define(102, 'MARKET_DEPTH_REQUEST', {
  RequestAction: numberOr(1),
  SymbolID: number,
  Symbol: text(64),
  Exchange: text(16),
  NumLevels: number,
});

export const MARKET_DEPTH_SNAPSHOT_LEVEL = define(
  122,
  'MARKET_DEPTH_SNAPSHOT_LEVEL',
  {
    SymbolID: number,
    Side: number,
    Price: number,
    Quantity: number,
    Level: number,
    IsFirstMessageInBatch: number,
    IsLastMessageInBatch: number,
    DateTime: number,
    NumOrders: number,
  },
  'compact',
);

export const MARKET_DEPTH_SNAPSHOT_LEVEL_FLOAT = define(145, 'MARKET_DEPTH_SNAPSHOT_LEVEL_FLOAT', {
  SymbolID: number,
  Price: number,
  Quantity: number,
  NumOrders: number,
  Level: number,
  Side: number,
  FinalUpdateInBatch: number,
});

export const MARKET_DEPTH_UPDATE_LEVEL = define(
  106,
  'MARKET_DEPTH_UPDATE_LEVEL',
  {
    SymbolID: number,
    Side: number,
    Price: number,
    Quantity: number,
    UpdateType: number,
    DateTime: number,
    NumOrders: number,
  },
  'compact',
);

export const MARKET_DEPTH_UPDATE_LEVEL_FLOAT_WITH_MILLISECONDS = define(
  140,
  'MARKET_DEPTH_UPDATE_LEVEL_FLOAT_WITH_MILLISECONDS',
  {
    SymbolID: number,
    DateTime: number,
    Price: number,
    Quantity: number,
    Side: number,
    UpdateType: number,
    NumOrders: number,
    FinalUpdateInBatch: number,
  },
);

export const MARKET_DEPTH_UPDATE_LEVEL_NO_TIMESTAMP = define(141, 'MARKET_DEPTH_UPDATE_LEVEL_NO_TIMESTAMP', {
  SymbolID: number,
  Price: number,
  Quantity: number,
  NumOrders: number,
  Side: number,
  UpdateType: number,
  FinalUpdateInBatch: number,
});

export const MARKET_DEPTH_REJECT = define(121, 'MARKET_DEPTH_REJECT', {
  SymbolID: number,
  RejectText: text(96),
});

export const MARKET_ORDERS_REQUEST = define(150, 'MARKET_ORDERS_REQUEST', {
  RequestAction: numberOr(1),
  SymbolID: number,
  Symbol: text(64),
  Exchange: text(16),
  SendQuantitiesGreaterOrEqualTo: number,
});

export const MARKET_ORDERS_REJECT = define(151, 'MARKET_ORDERS_REJECT', {
  SymbolID: number,
  RejectText: text(96),
});

export const MARKET_ORDERS_SNAPSHOT_MESSAGE_BOUNDARY = define(155, 'MARKET_ORDERS_SNAPSHOT_MESSAGE_BOUNDARY', {
  SymbolID: number,
  MessageBoundary: number,
});
