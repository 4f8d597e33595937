import { describe, expect, test } from 'vitest';
import { epochMs, ticks } from '#shared/units.ts';
import { createBarBuilder } from '#desk/connections/bar-builder.ts';

const START = Date.UTC(2026, 0, 15, 14);
const at = (seconds: number) => epochMs(START + seconds * 1_000);
const trade = (seconds: number, price: number, quantity = 1, symbol = 'NQ') => ({
  ...{ symbol, price: ticks(price), quantity, asOf: at(seconds), receivedAt: at(seconds) },
});
const quote = (seconds: number, last: number) => ({
  ...{
    symbol: 'NQ',
    bid: ticks(last),
    ask: ticks(last + 1),
    last: ticks(last),
    asOf: at(seconds),
    receivedAt: at(seconds),
  },
});
const covered = () => {
  const builder = createBarBuilder();
  builder.cover(['NQ', 'ES'], at(-1));
  return builder;
};

describe('bars from trades and quotes', () => {
  test('a minute of trades is one bar, closed after a grace for the last of them', () => {
    const builder = covered();
    for (const one of [trade(0, 100, 2), trade(30, 104), trade(59.9, 98, 3)]) builder.onTrade(one);
    expect(builder.close(at(60))).toEqual([]);
    expect(builder.close(at(61))).toEqual([
      {
        ...{ symbol: 'NQ', timeframe: '1m', openAt: at(0), closeAt: at(60) },
        ...{ open: 100, high: 104, low: 98, close: 98, volume: 6 },
      },
    ]);
    expect(builder.close(at(200))).toEqual([]);
  });

  test('a trade belongs to the minute it was made in, also when it comes after the next minute began', () => {
    const builder = covered();
    builder.onTrade(trade(59, 100));
    builder.onTrade(trade(60.2, 110));
    builder.onTrade({ ...trade(59.9, 90), receivedAt: at(60.4) });
    expect(builder.close(at(61)).map(({ close, low }) => [close, low])).toEqual([[90, 90]]);
    expect(builder.close(at(121)).map(({ open }) => open)).toEqual([110]);
  });

  test('a trade of a closed minute, or of the future, is counted and not used', () => {
    const builder = covered();
    builder.onTrade(trade(10, 100));
    builder.close(at(61));
    builder.onTrade({ ...trade(20, 999), receivedAt: at(62) });
    builder.onTrade({ ...trade(600, 999), receivedAt: at(62) });
    expect(builder.close(at(1_000))).toEqual([]);
    expect(builder.misfits()).toBe(2);
  });

  test('quotes make bars without volume, until the first trade of the symbol', () => {
    const builder = covered();
    builder.onQuote(quote(5, 100));
    builder.onQuote(quote(50, 105));
    expect(builder.close(at(61)).map(({ open, close, volume }) => [open, close, volume])).toEqual([[100, 105, 0]]);
    builder.onQuote(quote(65, 300));
    builder.onTrade(trade(70, 106, 4));
    builder.onQuote(quote(80, 400));
    expect(builder.close(at(121)).map(({ open, high, volume }) => [open, high, volume])).toEqual([[106, 106, 4]]);
  });

  test('a minute without prices has no bar', () => {
    const builder = covered();
    builder.onTrade(trade(10, 100));
    builder.onTrade(trade(130, 101));
    expect(builder.close(at(300)).map(({ openAt }) => openAt)).toEqual([at(0), at(120)]);
  });

  test('a minute that was not seen from its beginning to its end is a gap, not a bar', () => {
    const builder = createBarBuilder();
    builder.cover(['NQ'], at(20));
    builder.onTrade(trade(25, 100));
    builder.onTrade(trade(65, 101));
    builder.onTrade(trade(125, 102));
    builder.interrupt(['NQ'], at(130));
    builder.cover(['NQ'], at(150));
    builder.onTrade(trade(155, 103));
    builder.onTrade(trade(185, 104));
    expect(builder.close(at(300)).map(({ openAt }) => openAt)).toEqual([at(60), at(180)]);
  });

  test('symbols do not mix, and an interruption of one is none of the other', () => {
    const builder = covered();
    builder.onTrade(trade(1, 100));
    builder.onTrade(trade(2, 500, 1, 'ES'));
    builder.interrupt(['NQ'], at(30));
    expect(builder.close(at(61)).map(({ symbol, open }) => [symbol, open])).toEqual([['ES', 500]]);
  });
});
