import { describe, expect, it, onTestFinished } from 'vitest';
import type { Quote } from '#shared/domain/market.ts';
import { dtcBrokerSchema, dtcMarketSchema } from '#desk/adapters/dtc/config.ts';
import { createDtcBroker } from '#desk/adapters/dtc/broker.ts';
import { createDtcMarketData } from '#desk/adapters/dtc/market.ts';
import type { Broker } from '#desk/ports/broker.ts';
import { until } from '#test/support/broker-contract.ts';
import { noSecrets } from '#test/support/dtc-server/rig.ts';
import { DtcServer, type ServerOptions } from '#test/support/dtc-server/server.ts';
import { createClock } from '#desk/profiles/clocks.ts';
import { epochMs } from '#shared/units.ts';
import { ACCOUNT, MID, newStage, raiseStage, type Stage, START } from './stage.ts';

const NQ = 'NQ';
const VENUE_SYMBOL = 'NQH26-CME';
const CONTRACT = { symbol: VENUE_SYMBOL, tickSize: 0.25, tickValue: 5, margin: 30_000 };

type Venue = { readonly server: DtcServer; readonly broker: Broker; readonly quotes: Quote[] };

/** A desk on virtual time before a DTC server on a real socket, orders and prices both. */
async function setUp(over: Partial<ServerOptions> = {}, path?: string): Promise<Venue & { readonly stage: Stage }> {
  let now = () => epochMs(START);
  const server = await DtcServer.start({ account: ACCOUNT, contracts: [CONTRACT], now: () => now(), ...over });
  const quotes: Quote[] = [];
  let broker: Broker | null = null;
  const raise = path === undefined ? newStage : (options: Parameters<typeof newStage>[0]) => raiseStage(path, options);
  let parts: Parameters<typeof createDtcMarketData>[1] | null = null;
  const stage = await raise({
    venue: ({ clock: desk, ids, journal, instruments }) => {
      now = () => desk.now();
      // The line is real, and so are its heartbeats; what it tells is of the desk's time.
      const live = createClock(epochMs(START));
      live.goLive();
      onTestFinished(() => live.stop());
      const clock = { ...live, now };
      const listed = instruments.map((instrument) => ({ instrument, venueSymbol: VENUE_SYMBOL }));
      parts = { id: 'market:dtc', name: 'Sierra Chart', clock, secrets: noSecrets, instruments: listed };
      broker = createDtcBroker(dtcBrokerSchema.parse({ kind: 'dtc', port: server.port }), {
        ...{ ...parts, id: 'broker:dtc', ids, journal, account: ACCOUNT, mode: 'paper' as const },
      });
      return broker;
    },
  });
  const market = createDtcMarketData(
    dtcMarketSchema.parse({ kind: 'dtc', port: server.port, encoding: 'json-compact' }),
    parts!,
  );
  market.onEvent((event) => {
    if (event.kind === 'quote') quotes.push(event.quote);
    if (event.kind !== 'trade') stage.assembly.pipeline.onMarket(event);
  });
  await market.start();
  onTestFinished(async () => {
    await broker!.close();
    await market.close();
    await server.close();
  });
  return { stage, server, broker: broker!, quotes };
}
const at = (ticks: number): number => ticks * 0.25;
const move = async ({ server, quotes }: Venue, bid: number): Promise<void> => {
  const before = quotes.length;
  server.quote(VENUE_SYMBOL, at(bid), at(bid + 1));
  await until(() => quotes.length > before, 'the quote');
};

/** From a quote to a bracket at the server, approved by the trader. */
async function approved(venue: Venue & { readonly stage: Stage }): Promise<string> {
  const { stage } = venue;
  await move(venue, MID[NQ]!);
  stage.say(NQ, { direction: 1, confidence: 0.75 });
  const recommendation = await stage.proposal(NQ);
  const { clientOrderId } = await stage.assembly.pipeline.approve(
    { id: recommendation.id, contracts: 3, reason: null },
    'trader',
  );
  return clientOrderId ?? '';
}

describe('a session at a DTC server', () => {
  it('goes from connecting to a trade in the journal', async () => {
    const venue = await setUp();
    const { stage, server, broker, quotes } = venue;
    const { execution, book } = stage.assembly;
    const order = (id: string) => stage.journal.order(id)!;
    expect(execution.brokerState()).toBe('live');
    expect(broker.definition(NQ)).toMatchObject({ tickSize: 0.25, tickValueUsd: 5, expiry: '2026-03-20' });

    server.exchange.offered = 0;
    const id = await approved(venue);
    expect(quotes.at(-1)).toMatchObject({ symbol: NQ, bid: 80_000, ask: 80_001 });
    expect(order(id).life).toBe('working');
    expect([order(`${id}S`).life, order(`${id}T`).life]).toEqual(['acked', 'acked']);
    expect(server.received.find(({ Type }) => Type === 208)).toMatchObject({
      ...{ Symbol: VENUE_SYMBOL, TradeAccount: ACCOUNT, ClientOrderID: id, OrderType: 2, BuySell: 1, Quantity: 3 },
      ...{ IsParentOrder: 1, IsAutomatedOrder: 1, TimeInForce: 1, Price1: at(order(id).price!) },
    });

    // It fills in parts, and its stop and target grow with it.
    server.exchange.offered = 1;
    for (let part = 1; part <= 3; part += 1) {
      await move(venue, order(id).price! - 1);
      await until(() => order(id).filled === part, `part ${part}`);
      await until(() => order(`${id}S`).quantity === part, 'the stop');
    }
    await until(() => order(`${id}S`).life === 'working' && order(`${id}T`).life === 'working');
    expect(book.positions()).toMatchObject([{ symbol: NQ, quantity: 3, stop: order(`${id}S`).price }]);

    server.exchange.offered = Infinity;
    await move(venue, order(`${id}S`).price!);
    await until(() => order(`${id}S`).life === 'filled' && order(`${id}T`).life === 'canceled');
    expect(book.positions()).toEqual([]);
    const trades = stage.journal.trades({}).filter((trade) => trade.exitAt >= START);
    expect(trades.reduce((sum, trade) => sum + trade.quantity, 0)).toBe(3);
    expect(trades.every((trade) => trade.r !== null && trade.r < 0)).toBe(true);

    // Nothing is left to explain.
    await execution.reconcile('asked');
    expect(execution.view()).toMatchObject({ reconciliation: { state: 'clean', differences: [] }, locks: [] });
    expect(server.complaints).toEqual([]);
    expect(server.exchange.position(VENUE_SYMBOL)).toBe(0);
  });

  it('takes up what happened while the desk was cut off, once', async () => {
    const venue = await setUp();
    const { stage, server, broker } = venue;
    const order = (id: string) => stage.journal.order(id)!;
    server.exchange.offered = 0;
    const id = await approved(venue);
    server.exchange.offered = Infinity;
    for (const client of [...server.clients].slice(0, 1)) client.socket.destroy();
    await until(() => broker.connection().state === 'disconnected');
    server.exchange.quote(VENUE_SYMBOL, at(order(id).price! - 1), at(order(id).price!));
    server.exchange.quote(VENUE_SYMBOL, at(order(`${id}S`).price!), at(order(`${id}S`).price! + 1));
    expect(stage.assembly.execution.brokerState()).toBe('disconnected');
    while (stage.assembly.execution.brokerState() !== 'live') {
      await stage.pass(250);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await until(() => order(id).life === 'filled' && order(`${id}S`).life === 'filled', 'the fills');
    await until(() => order(`${id}T`).life === 'canceled', 'the target');
    expect(stage.assembly.book.positions()).toEqual([]);
    expect(stage.journal.fills({}).filter((fill) => fill.venue === 'dtc')).toHaveLength(2);
    expect(stage.assembly.execution.view().locks).toEqual([]);
  });
});
