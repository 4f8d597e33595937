// Made by build/make-dtc-messages.mjs from build/dtc-schema.json. Do not edit.
import { count, define, number, numberOr, text } from '#desk/adapters/dtc/fields.ts';

export const MARKET_DATA_FEED_STATUS = define(100, 'MARKET_DATA_FEED_STATUS', {
  Status: number,
});

export const MARKET_DATA_FEED_SYMBOL_STATUS = define(116, 'MARKET_DATA_FEED_SYMBOL_STATUS', {
  SymbolID: number,
  Status: number,
});

export const TRADING_SYMBOL_STATUS = define(138, 'TRADING_SYMBOL_STATUS', {
  SymbolID: number,
  Status: number,
});

export const MARKET_DATA_REQUEST = define(101, 'MARKET_DATA_REQUEST', {
  RequestAction: numberOr(1),
  SymbolID: number,
  Symbol: text(64),
  Exchange: text(16),
  IntervalForSnapshotUpdatesInMilliseconds: number,
});

export const MARKET_DATA_REJECT = define(103, 'MARKET_DATA_REJECT', {
  SymbolID: number,
  RejectText: text(96),
});

export const MARKET_DATA_SNAPSHOT = define(
  104,
  'MARKET_DATA_SNAPSHOT',
  {
    SymbolID: number,
    SessionSettlementPrice: number,
    SessionOpenPrice: number,
    SessionHighPrice: number,
    SessionLowPrice: number,
    SessionVolume: number,
    SessionNumTrades: count,
    OpenInterest: count,
    BidPrice: number,
    AskPrice: number,
    AskQuantity: number,
    BidQuantity: number,
    LastTradePrice: number,
    LastTradeVolume: number,
    LastTradeDateTime: number,
    BidAskDateTime: number,
    SessionSettlementDateTime: number,
    TradingSessionDate: number,
    TradingStatus: number,
    MarketDepthUpdateDateTime: number,
  },
  'compact',
);

export const MARKET_DATA_UPDATE_TRADE_NO_TIMESTAMP = define(142, 'MARKET_DATA_UPDATE_TRADE_NO_TIMESTAMP', {
  SymbolID: number,
  Price: number,
  Volume: number,
  AtBidOrAsk: number,
  UnbundledTradeIndicator: number,
  TradeCondition: number,
});

export const MARKET_DATA_UPDATE_SESSION_SETTLEMENT = define(
  119,
  'MARKET_DATA_UPDATE_SESSION_SETTLEMENT',
  {
    SymbolID: number,
    Price: number,
    DateTime: number,
  },
  'compact',
);

export const MARKET_DATA_UPDATE_SESSION_OPEN = define(
  120,
  'MARKET_DATA_UPDATE_SESSION_OPEN',
  {
    SymbolID: number,
    Price: number,
    TradingSessionDate: number,
  },
  'compact',
);

export const MARKET_DATA_UPDATE_SESSION_NUM_TRADES = define(135, 'MARKET_DATA_UPDATE_SESSION_NUM_TRADES', {
  SymbolID: number,
  NumTrades: number,
  TradingSessionDate: number,
});

export const MARKET_DATA_UPDATE_TRADING_SESSION_DATE = define(136, 'MARKET_DATA_UPDATE_TRADING_SESSION_DATE', {
  SymbolID: number,
  Date: number,
});

export const MARKET_DATA_UPDATE_TRADE = define(
  107,
  'MARKET_DATA_UPDATE_TRADE',
  {
    SymbolID: number,
    AtBidOrAsk: number,
    Price: number,
    Volume: number,
    DateTime: number,
  },
  'compact',
);

export const MARKET_DATA_UPDATE_TRADE_WITH_UNBUNDLED_INDICATOR = define(
  137,
  'MARKET_DATA_UPDATE_TRADE_WITH_UNBUNDLED_INDICATOR',
  {
    SymbolID: number,
    AtBidOrAsk: number,
    UnbundledTradeIndicator: number,
    TradeCondition: number,
    Reserve_1: number,
    Reserve_2: number,
    Price: number,
    Volume: number,
    Reserve_3: number,
    DateTime: number,
  },
);

export const MARKET_DATA_UPDATE_TRADE_WITH_UNBUNDLED_INDICATOR_2 = define(
  146,
  'MARKET_DATA_UPDATE_TRADE_WITH_UNBUNDLED_INDICATOR_2',
  {
    SymbolID: number,
    Price: number,
    Volume: number,
    DateTime: number,
    AtBidOrAsk: number,
    UnbundledTradeIndicator: number,
    TradeCondition: number,
  },
);

export const MARKET_DATA_UPDATE_BID_ASK = define(
  108,
  'MARKET_DATA_UPDATE_BID_ASK',
  {
    SymbolID: number,
    BidPrice: number,
    BidQuantity: number,
    AskPrice: number,
    AskQuantity: number,
    DateTime: number,
  },
  'compact',
);

export const MARKET_DATA_UPDATE_BID_ASK_COMPACT = define(
  117,
  'MARKET_DATA_UPDATE_BID_ASK_COMPACT',
  {
    BidPrice: number,
    BidQuantity: number,
    AskPrice: number,
    AskQuantity: number,
    DateTime: number,
    SymbolID: number,
  },
  'compact',
);

export const MARKET_DATA_UPDATE_BID_ASK_FLOAT_WITH_MICROSECONDS = define(
  144,
  'MARKET_DATA_UPDATE_BID_ASK_FLOAT_WITH_MICROSECONDS',
  {
    SymbolID: number,
    BidPrice: number,
    BidQuantity: number,
    AskPrice: number,
    AskQuantity: number,
    DateTime: number,
  },
);

export const MARKET_DATA_UPDATE_BID_ASK_NO_TIMESTAMP = define(143, 'MARKET_DATA_UPDATE_BID_ASK_NO_TIMESTAMP', {
  SymbolID: number,
  BidPrice: number,
  BidQuantity: number,
  AskPrice: number,
  AskQuantity: number,
});

export const MARKET_DATA_UPDATE_TRADE_COMPACT = define(
  112,
  'MARKET_DATA_UPDATE_TRADE_COMPACT',
  {
    Price: number,
    Volume: number,
    DateTime: number,
    SymbolID: number,
    AtBidOrAsk: number,
  },
  'compact',
);

export const MARKET_DATA_UPDATE_SESSION_VOLUME = define(
  113,
  'MARKET_DATA_UPDATE_SESSION_VOLUME',
  {
    SymbolID: number,
    Volume: number,
    TradingSessionDate: number,
    IsFinalSessionVolume: number,
  },
  'compact',
);

export const MARKET_DATA_UPDATE_OPEN_INTEREST = define(
  124,
  'MARKET_DATA_UPDATE_OPEN_INTEREST',
  {
    SymbolID: number,
    OpenInterest: number,
    TradingSessionDate: number,
  },
  'compact',
);

export const MARKET_DATA_UPDATE_SESSION_HIGH = define(
  114,
  'MARKET_DATA_UPDATE_SESSION_HIGH',
  {
    SymbolID: number,
    Price: number,
    TradingSessionDate: number,
  },
  'compact',
);

export const MARKET_DATA_UPDATE_SESSION_LOW = define(
  115,
  'MARKET_DATA_UPDATE_SESSION_LOW',
  {
    SymbolID: number,
    Price: number,
    TradingSessionDate: number,
  },
  'compact',
);

export const MARKET_DATA_UPDATE_LAST_TRADE_SNAPSHOT = define(
  134,
  'MARKET_DATA_UPDATE_LAST_TRADE_SNAPSHOT',
  {
    SymbolID: number,
    LastTradePrice: number,
    LastTradeVolume: number,
    LastTradeDateTime: number,
  },
  'compact',
);
