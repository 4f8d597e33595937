import type { Clock } from '#desk/ports/clock.ts';
import type { FeedEvent } from '#desk/ports/market-data.ts';
import { type EpochMs, epochMs, type Ticks } from '#shared/units.ts';
import { type Frame, readFrame } from './codec.ts';
import type { MessageDef } from './fields.ts';
import { MARKET_DATA_UPDATE_BID_ASK_DOUBLE_WITH_MICROSECONDS, MARKET_DATA_UPDATE_TRADE_V2 } from './later-messages.ts';
import {
  MARKET_DATA_SNAPSHOT,
  MARKET_DATA_UPDATE_BID_ASK,
  MARKET_DATA_UPDATE_BID_ASK_COMPACT,
  MARKET_DATA_UPDATE_BID_ASK_FLOAT_WITH_MICROSECONDS,
  MARKET_DATA_UPDATE_BID_ASK_NO_TIMESTAMP,
  MARKET_DATA_UPDATE_LAST_TRADE_SNAPSHOT,
  MARKET_DATA_UPDATE_TRADE,
  MARKET_DATA_UPDATE_TRADE_COMPACT,
  MARKET_DATA_UPDATE_TRADE_NO_TIMESTAMP,
  MARKET_DATA_UPDATE_TRADE_WITH_UNBUNDLED_INDICATOR,
  MARKET_DATA_UPDATE_TRADE_WITH_UNBUNDLED_INDICATOR_2,
} from './messages/market-data.ts';
import type { Listed } from './symbols.ts';
import { timeOf } from './times.ts';

/** What one message says of one market; undefined where it says nothing. */
type Word = {
  readonly symbolId: number | undefined;
  readonly bid?: number | undefined;
  readonly ask?: number | undefined;
  readonly last?: number | undefined;
  readonly at: EpochMs | null;
  /** Contracts of a trade that was made now; undefined for a picture of an earlier one. */
  readonly traded?: number | undefined;
};

type Reader = { readonly type: number; readonly read: (frame: Frame) => Word };
const reader = <D extends MessageDef>(def: D, word: (body: ReturnType<D['schema']['parse']>) => Word): Reader => ({
  type: def.type,
  // What is read by a definition has the shape of it.
  read: (frame) => word(readFrame(def, frame) as ReturnType<D['schema']['parse']>),
});

type Sides = {
  readonly SymbolID: number | undefined;
  readonly BidPrice: number | undefined;
  readonly AskPrice: number | undefined;
  readonly DateTime?: number | undefined;
};
const sides = ({ SymbolID, BidPrice, AskPrice, DateTime }: Sides): Word => ({
  ...{ symbolId: SymbolID, bid: BidPrice, ask: AskPrice, at: timeOf(DateTime) },
});
type Trade = {
  readonly SymbolID: number | undefined;
  readonly Price: number | undefined;
  readonly Volume: number | undefined;
  readonly DateTime?: number | undefined;
};
const trade = ({ SymbolID, Price, Volume, DateTime }: Trade): Word => ({
  ...{ symbolId: SymbolID, last: Price, traded: Volume ?? 0, at: timeOf(DateTime) },
});

/** Every message that moves a quote. */
const READERS: ReadonlyMap<number, Reader> = new Map(
  [
    reader(MARKET_DATA_SNAPSHOT, (body) => ({
      ...{ symbolId: body.SymbolID, bid: body.BidPrice, ask: body.AskPrice, last: body.LastTradePrice },
      at: timeOf(Math.max(body.BidAskDateTime ?? 0, body.LastTradeDateTime ?? 0)),
    })),
    reader(MARKET_DATA_UPDATE_LAST_TRADE_SNAPSHOT, (body) => ({
      ...{ symbolId: body.SymbolID, last: body.LastTradePrice, at: timeOf(body.LastTradeDateTime) },
    })),
    reader(MARKET_DATA_UPDATE_BID_ASK, sides),
    reader(MARKET_DATA_UPDATE_BID_ASK_COMPACT, sides),
    reader(MARKET_DATA_UPDATE_BID_ASK_NO_TIMESTAMP, sides),
    reader(MARKET_DATA_UPDATE_BID_ASK_FLOAT_WITH_MICROSECONDS, sides),
    reader(MARKET_DATA_UPDATE_BID_ASK_DOUBLE_WITH_MICROSECONDS, sides),
    reader(MARKET_DATA_UPDATE_TRADE, trade),
    reader(MARKET_DATA_UPDATE_TRADE_COMPACT, trade),
    reader(MARKET_DATA_UPDATE_TRADE_NO_TIMESTAMP, trade),
    reader(MARKET_DATA_UPDATE_TRADE_WITH_UNBUNDLED_INDICATOR, trade),
    reader(MARKET_DATA_UPDATE_TRADE_WITH_UNBUNDLED_INDICATOR_2, trade),
    reader(MARKET_DATA_UPDATE_TRADE_V2, trade),
  ].map((one) => [one.type, one]),
);

/** Returns which market a message is about and what it says; null when it is no message of prices. */
export const wordOf = (frame: Frame): Word | null => READERS.get(frame.type)?.read(frame) ?? null;

/** The book of one market, as far as the server has told it. */
export interface QuoteBook {
  /** What a message changes: a trade where there was one, a quote where bid, ask and last are known. */
  readonly take: (word: Word) => readonly FeedEvent[];
  /** What was known is known no longer. */
  readonly clear: () => void;
}

/** Makes the book of one instrument. What a message leaves out stays as it was; nothing unknown is made up. */
export function createQuoteBook(listed: Listed, clock: Clock): QuoteBook {
  const { symbol } = listed;
  let bid: Ticks | null = null;
  let ask: Ticks | null = null;
  let last: Ticks | null = null;
  let asOf = 0;
  const priceOf = (price: number | undefined): Ticks | null =>
    price === undefined || price === 0 ? null : listed.scale().toTicks(price);

  return {
    take: (word) => {
      const receivedAt = clock.now();
      // A server whose clock is ahead does not make a price younger than it is.
      asOf = Math.max(asOf, Math.min(word.at ?? receivedAt, receivedAt));
      const price = priceOf(word.last);
      bid = priceOf(word.bid) ?? bid;
      ask = priceOf(word.ask) ?? ask;
      // Where the server says that it tells no trades, the bid is what could be had last.
      last = price ?? (listed.definition()?.isBidAskOnly === true ? bid : last);
      const times = { asOf: epochMs(asOf), receivedAt };
      const events: FeedEvent[] = [];
      if (word.traded !== undefined && word.traded > 0 && price !== null)
        events.push({ kind: 'trade', trade: { symbol, price, quantity: word.traded, ...times } });
      if (bid !== null && ask !== null && last !== null && bid <= ask)
        events.push({ kind: 'quote', quote: { symbol, bid, ask, last, ...times } });
      return events;
    },
    clear: () => {
      bid = null;
      ask = null;
    },
  };
}
