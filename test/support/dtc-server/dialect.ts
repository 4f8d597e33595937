import { generator } from '#test/support/random.ts';
import type { Message } from './wire.ts';

/**
 * How other servers write the same messages, within the protocol: fields that may be left out are, others stand as null
 * or as what the header calls unset, flags are true and false, numbers are texts, fields nobody knows are added, and
 * messages nobody asked for come in between. By a seed, so that a failure can be had again.
 */

const FLAGS: ReadonlySet<string> = new Set([
  ...['NoOrders', 'NoPositions', 'NoOrderFills', 'NoAccountBalances', 'IsFinalMessage', 'Unsolicited'],
  ...['TradingIsSupported', 'OCOOrdersSupported', 'BracketOrdersSupported', 'OrderCancelReplaceSupported'],
  ...['SecurityDefinitionsSupported', 'MarketDataSupported', 'HistoricalPriceDataSupported'],
]);
/** What a message of this type may do without. */
const OPTIONAL: Readonly<Record<number, readonly string[]>> = {
  2: ['ServerName', 'ResultText', 'SymbolExchangeDelimiter', 'MarketDepthIsSupported'],
  301: ['Exchange', 'InfoText', 'AverageFillPrice', 'RemainingQuantity', 'TimeInForce', 'ExchangeOrderID', 'Price2'],
  304: ['Exchange', 'InfoText', 'OpenClose'],
  306: ['Exchange', 'OpenProfitLoss', 'MarginRequirement'],
  507: ['Exchange', 'Description', 'PriceDisplayFormat', 'SecurityType'],
  600: ['AccountCurrency', 'OpenPositionsProfitLoss'],
};
/** Fields a message may have besides, with what stands for "not set" in them. */
const UNSET: Readonly<Record<number, Readonly<Record<string, unknown>>>> = {
  2: { Integer_1: 0, ReconnectAddress: '', Unused_1: null },
  301: {
    GoodTillDateTime: 0,
    Price2: Number.MAX_VALUE,
    OCOLinkedOrderServerOrderID: null,
    Username: 'me',
    OpenOrClose: 0,
  },
  304: { Username: '', ExchangeOrderID: null, HighPriceDuringPosition: 0, PositionQuantity: Number.MAX_VALUE },
  306: { PositionIdentifier: '', EntryDateTime: 0, QuantityLimit: Number.MAX_VALUE, MaxPotentialPostionQuantity: null },
  507: { StrikePrice: 0, PutOrCall: 0, UnderlyingSymbol: null, ExchangeSymbol: '', OpenInterest: 4_294_967_295 },
  600: { IntroducingBroker: 'x', TransactionDateTime: 0, Description: null, TradingIsDisabled: false },
};
/** What servers say unasked: nothing of it concerns the desk. */
const CHATTER: readonly Message[] = [
  { Type: 700, UserMessage: 'the market opens soon', IsPopupMessage: 0 },
  { Type: 701, MessageText: 'a line of the log' },
  { Type: 10_206, Anything: [1, { of: 'another' }] },
  { Type: 138, SymbolID: 1, Status: 2 },
  { Type: 113, SymbolID: 1, Volume: 1_000, TradingSessionDate: 0 },
];

export type Dialect = (message: Message) => readonly { readonly message: Message; readonly before: string }[];

export function createDialect(seed: number): Dialect {
  const random = generator(seed);
  const chance = (probability: number): boolean => random() < probability;
  const spelt = (key: string, value: unknown): unknown => {
    if (typeof value !== 'number') return value;
    if (FLAGS.has(key) && chance(0.5)) return value === 1;
    return chance(0.3) ? String(value) : value;
  };
  const written = (message: Message): Message => {
    const { Type, ...fields } = message;
    const optional = OPTIONAL[Type] ?? [];
    const given = Object.entries(fields).filter(([key]) => !optional.includes(key) || chance(0.5));
    const unset = Object.entries(UNSET[Type] ?? {}).filter(([key]) => !(key in fields) && chance(0.5));
    const unknown: [string, unknown][] = chance(0.3) ? [[`Field${Math.floor(random() * 9)}`, { new: true }]] : [];
    const all = [...given.map(([key, value]) => [key, spelt(key, value)] as const), ...unset, ...unknown];
    const shuffled = all.map((entry) => ({ entry, at: random() })).sort((a, b) => a.at - b.at);
    const body = Object.fromEntries(shuffled.map(({ entry }) => entry));
    return { Type: (chance(0.2) ? String(Type) : Type) as number, ...body };
  };
  return (message) => {
    const before = chance(0.2) ? '\r\n ' : '';
    const chatter = message.Type !== 2 && chance(0.3) ? [CHATTER[Math.floor(random() * CHATTER.length)]] : [];
    const extra = chatter.flatMap((one) => (one === undefined ? [] : [{ message: one, before: '' }]));
    return [...extra, { message: written(message), before }];
  };
}
