// Made by build/make-dtc-messages.mjs from build/dtc-schema.json. Do not edit.
import { define, number, numberOr, text } from '#desk/adapters/dtc/fields.ts';

export const EXCHANGE_LIST_REQUEST = define(500, 'EXCHANGE_LIST_REQUEST', {
  RequestID: number,
});

export const EXCHANGE_LIST_RESPONSE = define(501, 'EXCHANGE_LIST_RESPONSE', {
  RequestID: number,
  Exchange: text(16),
  IsFinalMessage: number,
  Description: text(48),
});

export const SYMBOLS_FOR_EXCHANGE_REQUEST = define(502, 'SYMBOLS_FOR_EXCHANGE_REQUEST', {
  RequestID: number,
  Exchange: text(16),
  SecurityType: number,
  RequestAction: number,
  Symbol: text(64),
});

export const UNDERLYING_SYMBOLS_FOR_EXCHANGE_REQUEST = define(503, 'UNDERLYING_SYMBOLS_FOR_EXCHANGE_REQUEST', {
  RequestID: number,
  Exchange: text(16),
  SecurityType: number,
});

export const SYMBOLS_FOR_UNDERLYING_REQUEST = define(504, 'SYMBOLS_FOR_UNDERLYING_REQUEST', {
  RequestID: number,
  UnderlyingSymbol: text(32),
  Exchange: text(16),
  SecurityType: number,
});

export const SYMBOL_SEARCH_REQUEST = define(508, 'SYMBOL_SEARCH_REQUEST', {
  RequestID: number,
  SearchText: text(64),
  Exchange: text(16),
  SecurityType: number,
  SearchType: number,
});

export const SECURITY_DEFINITION_FOR_SYMBOL_REQUEST = define(506, 'SECURITY_DEFINITION_FOR_SYMBOL_REQUEST', {
  RequestID: number,
  Symbol: text(64),
  Exchange: text(16),
});

export const SECURITY_DEFINITION_RESPONSE = define(507, 'SECURITY_DEFINITION_RESPONSE', {
  RequestID: number,
  Symbol: text(64),
  Exchange: text(16),
  SecurityType: number,
  Description: text(64),
  MinPriceIncrement: number,
  PriceDisplayFormat: number,
  CurrencyValuePerIncrement: number,
  IsFinalMessage: number,
  FloatToIntPriceMultiplier: numberOr(1),
  IntToFloatPriceDivisor: numberOr(1),
  UnderlyingSymbol: text(32),
  UpdatesBidAskOnly: number,
  StrikePrice: number,
  PutOrCall: number,
  ShortInterest: number,
  SecurityExpirationDate: number,
  BuyRolloverInterest: number,
  SellRolloverInterest: number,
  EarningsPerShare: number,
  SharesOutstanding: number,
  IntToFloatQuantityDivisor: number,
  HasMarketDepthData: numberOr(1),
  DisplayPriceMultiplier: numberOr(1),
  ExchangeSymbol: text(64),
  InitialMarginRequirement: number,
  MaintenanceMarginRequirement: number,
  Currency: text(8),
  ContractSize: number,
  OpenInterest: number,
  RolloverDate: number,
  IsDelayed: number,
  SecurityIdentifier: number,
  ProductIdentifier: text(64),
});

export const SECURITY_DEFINITION_REJECT = define(509, 'SECURITY_DEFINITION_REJECT', {
  RequestID: number,
  RejectText: text(96),
});
