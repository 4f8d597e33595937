import { define, number } from './fields.ts';

/** Messages of headers newer than the schema: accepted, never required. @source protocols.md 1.12 */
export const MARKET_DATA_UPDATE_TRADE_V2 = define(147, 'MARKET_DATA_UPDATE_TRADE_V2', {
  SymbolID: number,
  Price: number,
  Volume: number,
  DateTime: number,
  AtBidOrAsk: number,
  UnbundledTradeIndicator: number,
  TradeCondition: number,
});

export const MARKET_DATA_UPDATE_BID_ASK_DOUBLE_WITH_MICROSECONDS = define(
  148,
  'MARKET_DATA_UPDATE_BID_ASK_DOUBLE_WITH_MICROSECONDS',
  {
    SymbolID: number,
    BidPrice: number,
    BidQuantity: number,
    AskPrice: number,
    AskQuantity: number,
    DateTime: number,
  },
);
