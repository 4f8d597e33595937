// Made by build/make-dtc-messages.mjs from build/dtc-schema.json. Do not edit.
import { define, number, text } from '#desk/adapters/dtc/fields.ts';

export const HISTORICAL_PRICE_DATA_REQUEST = define(800, 'HISTORICAL_PRICE_DATA_REQUEST', {
  RequestID: number,
  Symbol: text(64),
  Exchange: text(16),
  RecordInterval: number,
  StartDateTime: number,
  EndDateTime: number,
  MaxDaysToReturn: number,
  UseZLibCompression: number,
  RequestDividendAdjustedStockData: number,
  Integer_1: number,
});

export const HISTORICAL_PRICE_DATA_RESPONSE_HEADER = define(801, 'HISTORICAL_PRICE_DATA_RESPONSE_HEADER', {
  RequestID: number,
  RecordInterval: number,
  UseZLibCompression: number,
  NoRecordsToReturn: number,
  IntToFloatPriceDivisor: number,
});

export const HISTORICAL_PRICE_DATA_REJECT = define(802, 'HISTORICAL_PRICE_DATA_REJECT', {
  RequestID: number,
  RejectText: text(96),
  RejectReasonCode: number,
  RetryTimeInSeconds: number,
});

export const HISTORICAL_PRICE_DATA_RECORD_RESPONSE = define(
  803,
  'HISTORICAL_PRICE_DATA_RECORD_RESPONSE',
  {
    RequestID: number,
    StartDateTime: number,
    OpenPrice: number,
    HighPrice: number,
    LowPrice: number,
    LastPrice: number,
    Volume: number,
    OpenInterest: number,
    NumTrades: number,
    BidVolume: number,
    AskVolume: number,
    IsFinalRecord: number,
  },
  'compact',
);

export const HISTORICAL_PRICE_DATA_TICK_RECORD_RESPONSE = define(
  804,
  'HISTORICAL_PRICE_DATA_TICK_RECORD_RESPONSE',
  {
    RequestID: number,
    DateTime: number,
    AtBidOrAsk: number,
    Price: number,
    Volume: number,
    IsFinalRecord: number,
  },
  'compact',
);

export const HISTORICAL_PRICE_DATA_RESPONSE_TRAILER = define(807, 'HISTORICAL_PRICE_DATA_RESPONSE_TRAILER', {
  RequestID: number,
  FinalRecordLastDateTime: number,
});

export const HISTORICAL_MARKET_DEPTH_DATA_REQUEST = define(900, 'HISTORICAL_MARKET_DEPTH_DATA_REQUEST', {
  RequestID: number,
  Symbol: text(64),
  Exchange: text(16),
  StartDateTime: number,
  EndDateTime: number,
  UseZLibCompression: number,
  Integer_1: number,
});

export const HISTORICAL_MARKET_DEPTH_DATA_RESPONSE_HEADER = define(
  901,
  'HISTORICAL_MARKET_DEPTH_DATA_RESPONSE_HEADER',
  {
    RequestID: number,
    UseZLibCompression: number,
    NoRecordsToReturn: number,
  },
);

export const HISTORICAL_MARKET_DEPTH_DATA_REJECT = define(902, 'HISTORICAL_MARKET_DEPTH_DATA_REJECT', {
  RequestID: number,
  RejectText: text(96),
  RejectReasonCode: number,
});

export const HISTORICAL_MARKET_DEPTH_DATA_RECORD_RESPONSE = define(
  903,
  'HISTORICAL_MARKET_DEPTH_DATA_RECORD_RESPONSE',
  {
    RequestID: number,
    StartDateTime: number,
    Command: number,
    Flags: number,
    NumOrders: number,
    Price: number,
    Quantity: number,
    IsFinalRecord: number,
  },
);
