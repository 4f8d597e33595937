import { describe, expect, it, onTestFinished } from 'vitest';
import { epochMs } from '#shared/units.ts';
import { dtcMarketSchema } from '#desk/adapters/dtc/config.ts';
import { createDtcMarketData } from '#desk/adapters/dtc/market.ts';
import type { FeedEvent } from '#desk/ports/market-data.ts';
import { createVirtualClock, START } from '#test/adapters/virtual-clock.ts';
import { until } from '#test/support/broker-contract.ts';
import { ACCOUNT, CONTRACT, noSecrets, NQ, SYMBOL } from '#test/support/dtc-server/rig.ts';
import { DtcServer, type ServerOptions } from '#test/support/dtc-server/server.ts';
import type { Message } from '#test/support/dtc-server/wire.ts';

async function setUp(given: { readonly server?: Partial<ServerOptions>; readonly config?: object } = {}) {
  const clock = createVirtualClock(START);
  const server = await DtcServer.start({
    ...{ account: ACCOUNT, contracts: [CONTRACT], now: () => clock.now() },
    ...given.server,
  });
  const config = dtcMarketSchema.parse({ kind: 'dtc', port: server.port, historyPort: server.port, ...given.config });
  const market = createDtcMarketData(config, {
    ...{ id: 'market:dtc', name: 'Sierra Chart', clock, secrets: noSecrets },
    instruments: [{ instrument: NQ, venueSymbol: null }],
  });
  const events: FeedEvent[] = [];
  market.onEvent((event) => void events.push(event));
  onTestFinished(async () => {
    await market.close();
    await server.close();
  });
  return { clock, server, market, events };
}
const quotes = (events: readonly FeedEvent[]) =>
  events.flatMap((event) => (event.kind === 'quote' ? [event.quote] : []));

describe.each(['json', 'json-compact'])('prices of a DTC server in %s', (encoding) => {
  it('begin with a picture and go on with what changes', async () => {
    const { server, market, events } = await setUp({ config: { encoding } });
    server.quote(SYMBOL, 250, 250.25);
    await market.start();
    await until(() => events.length === 1, 'the picture');
    expect(quotes(events)).toMatchObject([{ symbol: SYMBOL, bid: 1000, ask: 1001, last: 1000, asOf: START }]);
    server.quote(SYMBOL, 250.25, 250.75);
    await until(() => events.length === 4, 'the change');
    expect(events.slice(1)).toMatchObject([
      { kind: 'quote', quote: { bid: 1001, ask: 1003, last: 1000 } },
      { kind: 'trade', trade: { price: 1001, quantity: 2, asOf: START, receivedAt: START } },
      { kind: 'quote', quote: { bid: 1001, ask: 1003, last: 1001 } },
    ]);
    expect(server.complaints).toEqual([]);
  });
});

/** Says something in the packet of the answer to the logon, right behind it. */
const behindLogon = (...more: readonly Message[]) => ({
  vary: (message: Message) => (message.Type === 2 ? [message, ...more] : [message]),
  isJoined: true,
});

describe('what comes in one packet with the answer to the logon', () => {
  it('is heard: a feed that is down, and quotes in their order', async () => {
    const quote = (bid: number) => ({
      ...{ Type: 108, SymbolID: 1, BidPrice: bid, AskPrice: bid + 0.25, BidQuantity: 1, AskQuantity: 1 },
      DateTime: START / 1_000,
    });
    const trade = { Type: 107, SymbolID: 1, AtBidOrAsk: 1, Price: 250, Volume: 1, DateTime: START / 1_000 };
    const { server, market, events } = await setUp({ server: behindLogon(trade, quote(250), quote(251)) });
    await market.start();
    await until(() => quotes(events).length === 2, 'both quotes');
    expect(quotes(events)).toMatchObject([{ bid: 1000 }, { bid: 1004 }]);
    expect(server.complaints).toEqual([]);
    const down = await setUp({ server: behindLogon({ Type: 100, Status: 1 }) });
    await down.market.start();
    expect(down.market.connection()).toMatchObject({
      state: 'degraded',
      detail: expect.stringContaining('no market data') as unknown,
    });
  });
});

describe('prices that are not there', () => {
  it('are none until bid, ask and last are known', async () => {
    const { server, market, events } = await setUp();
    await market.start();
    await until(() => server.countOf(101) > 0, 'the subscription');
    server.send({ Type: 108, SymbolID: 1, BidPrice: 250, AskPrice: 250.25, DateTime: START / 1_000 });
    server.send({ Type: 143, SymbolID: 1, BidPrice: 1.7976931348623157e308, AskPrice: null });
    server.send({ Type: 107, SymbolID: 7, Price: 1, Volume: 1 });
    server.send({ Type: 147, SymbolID: 1, Price: 250, Volume: 3, DateTime: START * 1_000 });
    await until(() => quotes(events).length > 0);
    expect(quotes(events)).toMatchObject([{ bid: 1000, ask: 1001, last: 1000, asOf: START }]);
  });

  it('of trades are the bid where the server says that it tells no trades', async () => {
    const contracts = [{ ...CONTRACT, isBidAskOnly: true }];
    const { server, market, events } = await setUp({ server: { contracts } });
    await market.start();
    await until(() => server.countOf(101) > 0);
    server.quote(SYMBOL, 250, 250.25);
    server.quote(SYMBOL, 251, 251.25);
    await until(() => quotes(events).length > 1);
    expect(quotes(events).map(({ bid, last }) => [bid, last])).toEqual([
      [1000, 1000],
      [1004, 1004],
    ]);
    expect(events.filter(({ kind }) => kind === 'trade')).toEqual([]);
  });

  it('are refused by name, with the way round it', async () => {
    const rejectMarketData = 'CME data is not allowed to be accessed through the DTC protocol server';
    const { market } = await setUp({ server: { faults: { rejectMarketData } } });
    await market.start();
    await until(() => market.connection().state === 'degraded', 'the refusal');
    expect(market.connection().detail).toContain(SYMBOL);
    expect(market.connection().detail).toContain('scid');
  });

  it('are gone while the feed is down, and asked for again when it is back', async () => {
    const { server, market, events } = await setUp();
    server.quote(SYMBOL, 250, 250.25);
    await market.start();
    await until(() => events.length === 1);
    server.send({ Type: 100, Status: 1 });
    await until(() => market.connection().state === 'degraded');
    server.send({ Type: 107, SymbolID: 1, Price: 251, Volume: 1 });
    server.send({ Type: 100, Status: 2 });
    await until(() => server.countOf(101) === 2, 'the second subscription');
    await until(() => market.connection().state === 'live');
    expect(quotes(events).every((quote) => quote.last === 1000)).toBe(true);
  });

  it('are never younger than the moment they came', async () => {
    const { server, market, events } = await setUp();
    await market.start();
    const ahead = (START + 3_600_000) / 1_000;
    server.send({ Type: 108, SymbolID: 1, BidPrice: 250, AskPrice: 250.25, DateTime: ahead });
    server.send({ Type: 107, SymbolID: 1, Price: 250, Volume: 1, DateTime: ahead });
    await until(() => quotes(events).length > 0);
    expect(quotes(events)[0]!.asOf).toBe(START);
  });

  it('end with the line, and begin again with the next start', async () => {
    const { server, market, events } = await setUp();
    server.quote(SYMBOL, 250, 250.25);
    await market.start();
    await until(() => events.length === 1);
    server.cut();
    await until(() => market.connection().state === 'disconnected');
    await market.start();
    await until(() => quotes(events).length === 2);
    expect(market.connection().state).toBe('live');
  });
});

describe('past prices of a DTC server', () => {
  const minute = Math.floor(START / 60_000) * 60_000;
  const ask = (market: Awaited<ReturnType<typeof setUp>>['market']) =>
    market.history!(
      { symbol: SYMBOL, timeframe: '1m', from: epochMs(minute), to: epochMs(minute + 180_000) },
      new AbortController().signal,
    );
  const record = (openAt: number, over: object = {}) => ({
    ...{ StartDateTime: openAt * 1_000, OpenPrice: 250, HighPrice: 251, LowPrice: 249, LastPrice: 250.5, Volume: 9 },
    ...over,
  });
  const bar = { open: 1000, high: 1004, low: 996, close: 1002, volume: 9 };

  it.each(['json', 'json-compact'])('come as bars, on a connection of their own, in %s', async (encoding) => {
    const { market, server } = await setUp({ config: { encoding } });
    // Microseconds, seconds, one outside what was asked for, and an empty one to end with.
    server.history = [
      record(minute),
      record(minute, { StartDateTime: minute / 1_000 + 60 }),
      record(minute + 600_000),
      { StartDateTime: 0, IsFinalRecord: 1 },
    ];
    expect(await ask(market)).toMatchObject([
      { ...bar, openAt: minute },
      { ...bar, openAt: minute + 60_000 },
    ]);
    expect(server.received.at(-1)?.Type === 800 || server.countOf(800) === 1).toBe(true);
    expect(server.complaints).toEqual([]);
  });

  it('are none where the server has none, and an error where it fails', async () => {
    const { market, server } = await setUp();
    server.history = [];
    expect(await ask(market)).toEqual([]);
    server.history = { RejectReasonCode: 2, RejectText: 'no such symbol' };
    expect(await ask(market)).toBeNull();
    server.history = { RejectReasonCode: 4, RejectText: 'busy' };
    await expect(ask(market)).rejects.toThrow('busy');
    server.history = null;
    await expect(ask(market)).rejects.toThrow();
  });
});
