// Made by build/make-dtc-messages.mjs from build/dtc-schema.json. Do not edit.
import { define, number, numberOr, text } from '#desk/adapters/dtc/fields.ts';

export const ENCODING_REQUEST = define(6, 'ENCODING_REQUEST', {
  ProtocolVersion: numberOr(8),
  Encoding: number,
  ProtocolType: text(4),
});

export const ENCODING_RESPONSE = define(7, 'ENCODING_RESPONSE', {
  ProtocolVersion: numberOr(8),
  Encoding: number,
  ProtocolType: text(4),
});

export const LOGON_REQUEST = define(1, 'LOGON_REQUEST', {
  ProtocolVersion: numberOr(8),
  Username: text(32),
  Password: text(32),
  GeneralTextData: text(64),
  Integer_1: number,
  Integer_2: number,
  HeartbeatIntervalInSeconds: number,
  Unused1: number,
  TradeAccount: text(32),
  HardwareIdentifier: text(64),
  ClientName: text(32),
  MarketDataTransmissionInterval: number,
});

export const LOGON_RESPONSE = define(2, 'LOGON_RESPONSE', {
  ProtocolVersion: numberOr(8),
  Result: number,
  ResultText: text(96),
  ReconnectAddress: text(64),
  Integer_1: number,
  ServerName: text(60),
  MarketDepthUpdatesBestBidAndAsk: number,
  TradingIsSupported: number,
  OCOOrdersSupported: number,
  OrderCancelReplaceSupported: numberOr(1),
  SymbolExchangeDelimiter: text(4),
  SecurityDefinitionsSupported: number,
  HistoricalPriceDataSupported: number,
  ResubscribeWhenMarketDataFeedAvailable: number,
  MarketDepthIsSupported: numberOr(1),
  OneHistoricalPriceDataRequestPerConnection: number,
  BracketOrdersSupported: number,
  Unused_1: number,
  UsesMultiplePositionsPerSymbolAndTradeAccount: number,
  MarketDataSupported: numberOr(1),
});

export const LOGOFF = define(5, 'LOGOFF', {
  Reason: text(96),
  DoNotReconnect: number,
});

export const HEARTBEAT = define(
  3,
  'HEARTBEAT',
  {
    NumDroppedMessages: number,
    CurrentDateTime: number,
  },
  'compact',
);
