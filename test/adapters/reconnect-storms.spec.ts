import { describe, expect, it, onTestFinished } from 'vitest';
import { epochMs, ticks } from '#shared/units.ts';
import { alpacaMarketSchema } from '#desk/adapters/alpaca/config.ts';
import { createAlpacaMarketData } from '#desk/adapters/alpaca/market-data.ts';
import { dtcMarketSchema } from '#desk/adapters/dtc/config.ts';
import { createDtcMarketData } from '#desk/adapters/dtc/market.ts';
import { ibMarketDataSchema } from '#desk/adapters/ib/config.ts';
import { createIbMarketData } from '#desk/adapters/ib/market-data.ts';
import { keepConnected, type Link } from '#desk/connections/keep-connected.ts';
import { createPrng } from '#desk/engine/prng.ts';
import type { Broker } from '#desk/ports/broker.ts';
import type { MarketData } from '#desk/ports/market-data.ts';
import { createIds } from '#desk/profiles/clocks.ts';
import * as alpacaSide from '#test/support/alpaca/desk-side.ts';
import { contractTerms, soleOrder, until } from '#test/support/broker-contract.ts';
import { dtcRig, noSecrets, NQ } from '#test/support/dtc-server/rig.ts';
import * as ibSide from '#test/support/ib/desk-side.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';

/** The storm is known of the connector alone (test/desk/reconnect-storm.spec.ts); here each adapter lives through it. */
const ROUNDS = 8;
const SHORTEST_MS = 250;
const LONGEST_MS = 30_000;
const signal = new AbortController().signal;

/** One line to a server, and the hand that cuts it. */
type Line = {
  readonly link: Link;
  /** The connector's clock, which is moved by hand; the sockets are real. */
  readonly clock: VirtualClock;
  readonly cut: () => void;
  /** Cuts the next attempt too, in the middle of the logon; left out where a server has no such moment. */
  readonly spoilLogon?: () => void;
  /** Lets the attempt after that through, where it is not by itself. */
  readonly heal?: () => void;
};

/** Cuts the line again and again, each second time in the next logon too; tells how long it was waited each time. */
async function storm({ link, clock, cut, spoilLogon, heal }: Line): Promise<readonly number[]> {
  const prng = createPrng(7);
  let attempts = 0;
  let underWay = 0;
  const counted: Link = {
    connection: () => link.connection(),
    onConnection: (listener) => link.onConnection(listener),
    connect: async (given) => {
      attempts += 1;
      underWay += 1;
      try {
        await link.connect(given);
      } finally {
        underWay -= 1;
      }
    },
  };
  const connector = keepConnected({
    ...{ link: counted, clock, ids: createIds(clock, () => prng.nextDouble()) },
    notices: { raise: () => undefined, clear: () => undefined },
    notice: { id: 'x', title: 'x', remedy: 'x' },
  });
  onTestFinished(() => connector.stop());
  expect(await connector.connect(signal)).toBe(true);
  const waits: number[] = [];
  const attempt = async (): Promise<void> => {
    const [before, from] = [attempts, clock.now()];
    while (attempts === before && clock.now() - from <= LONGEST_MS) {
      clock.advanceTo(clock.now() + 25);
      await new Promise((resolve) => setImmediate(resolve));
    }
    waits.push(clock.now() - from);
    expect(attempts).toBe(before + 1);
    await until(() => underWay === 0, 'the end of the attempt');
    // What follows an attempt is done.
    await new Promise((resolve) => setImmediate(resolve));
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    cut();
    await until(() => link.connection().state === 'disconnected', 'the cut');
    const isSpoilt = round % 2 === 1 && spoilLogon !== undefined;
    if (isSpoilt) spoilLogon();
    await attempt();
    if (isSpoilt) {
      expect(link.connection()).toMatchObject({ state: 'disconnected', detail: expect.stringMatching(/./) as unknown });
      heal?.();
      await attempt();
    }
    expect(link.connection().state).toBe('live');
  }
  expect(attempts).toBe(1 + waits.length);
  return waits;
}
function expectSpread(waits: readonly number[]): void {
  for (const wait of waits) {
    expect(wait).toBeGreaterThanOrEqual(SHORTEST_MS);
    expect(wait).toBeLessThanOrEqual(LONGEST_MS + 25);
  }
  // They grow, and chance keeps them apart.
  expect(Math.max(...waits.slice(-4))).toBeGreaterThan(Math.max(...waits.slice(0, 2)));
  expect(new Set(waits).size).toBeGreaterThan(waits.length / 2);
}

type BrokerLine = Omit<Line, 'link'> & {
  readonly broker: Broker;
  readonly order: ReturnType<typeof contractTerms>;
  /** How often the server was asked for an order of this id. */
  readonly taken: (clientOrderId: string) => number;
};
const dtcBroker = async (encoding: 'json' | 'json-compact'): Promise<BrokerLine> => {
  const { server, broker, clock } = await dtcRig({ config: { encoding } });
  return {
    ...{ broker, clock, cut: () => server.cut() },
    spoilLogon: () => (server.faults.dropOn = { type: 1, when: 'before' }),
    order: contractTerms(NQ.symbol, broker.account, { type: 'limit', price: ticks(900) }),
    taken: (id) => server.received.filter((message) => message['ClientOrderID'] === id && message.Type === 208).length,
  };
};
const BROKERS: Readonly<Record<string, () => Promise<BrokerLine>>> = {
  'DTC in JSON': () => dtcBroker('json'),
  'DTC in JSON Compact': () => dtcBroker('json-compact'),
  'Interactive Brokers': async () => {
    const { tws, broker } = await ibSide.deskSide();
    return {
      ...{ broker, clock: createVirtualClock(), cut: tws.drop, spoilLogon: () => (tws.faults.dropAfter = 1) },
      order: ibSide.terms({ price: ticks(40_000) }),
      taken: (id) => tws.placed(id),
    };
  },
  Alpaca: async () => {
    const { server, broker } = await alpacaSide.deskSide();
    return {
      ...{
        broker,
        clock: createVirtualClock(),
        cut: server.drop,
        spoilLogon: () => (server.faults.unauthorized = true),
        heal: () => (server.faults.unauthorized = false),
      },
      order: contractTerms('QQQ', alpacaSide.ACCOUNT, { type: 'limit', price: ticks(40_000) }),
      taken: (id) => server.posted(id),
    };
  },
};

describe('a broker that is cut off again and again, and in the middle of logons', () => {
  it.each(Object.keys(BROKERS))('%s: one attempt at a time, ever later, and no order twice', async (name) => {
    const made = await BROKERS[name]!();
    const { broker, order, taken } = made;
    await broker.connect(signal);
    expect(await broker.submit(soleOrder(order))).toEqual({ kind: 'accepted' });
    expectSpread(await storm({ ...made, link: broker }));
    expect(taken(order.clientOrderId)).toBe(1);
    const { orders, positions, isComplete } = await broker.snapshot(epochMs(0), signal);
    expect({ isComplete, positions }).toEqual({ isComplete: true, positions: [] });
    expect(orders.map(({ clientOrderId }) => clientOrderId)).toEqual([order.clientOrderId]);
  });
});

type MarketLine = Omit<Line, 'link'> & { readonly market: MarketData; readonly subscribed: () => number };
const MARKETS: Readonly<Record<string, () => Promise<MarketLine>>> = {
  DTC: async () => {
    const { server, clock } = await dtcRig();
    const config = dtcMarketSchema.parse({ kind: 'dtc', port: server.port, historyPort: null });
    const instruments = [{ instrument: NQ, venueSymbol: null }];
    const market = createDtcMarketData(config, {
      id: 'market:dtc',
      name: 'DTC',
      clock,
      secrets: noSecrets,
      instruments,
    });
    return {
      ...{ market, clock, cut: () => server.cut() },
      spoilLogon: () => (server.faults.dropOn = { type: 1, when: 'before' }),
      subscribed: () => [...server.clients].reduce((sum, { symbols }) => sum + symbols.size, 0),
    };
  },
  'Interactive Brokers': async () => {
    const { tws, clock: machine } = await ibSide.deskSide();
    const config = ibMarketDataSchema.parse({ kind: 'ib', port: tws.port });
    const { instruments, secrets } = ibSide.brokerParts(machine, ['NQ']);
    const market = createIbMarketData(config, { id: 'market:ib', name: 'IB', clock: machine, instruments, secrets });
    return {
      ...{ market, clock: createVirtualClock(), cut: tws.drop, spoilLogon: () => (tws.faults.dropAfter = 1) },
      subscribed: () => tws.clients().length,
    };
  },
  Alpaca: async () => {
    const { server, parts } = await alpacaSide.deskSide();
    const config = alpacaMarketSchema.parse({
      ...{ kind: 'alpaca', dataUrl: server.rest, streamUrl: server.stream.replace('/stream', '') },
    });
    const market = createAlpacaMarketData(config, parts);
    return {
      market,
      clock: createVirtualClock(),
      cut: server.drop,
      subscribed: () => server.market.subscribed().length,
    };
  },
};

describe('prices that are cut off again and again', () => {
  it.each(Object.keys(MARKETS))('%s: one attempt at a time, ever later, and one subscription', async (name) => {
    const made = await MARKETS[name]!();
    const { market, subscribed } = made;
    onTestFinished(() => market.close());
    const link: Link = {
      connect: (given) => market.start(given),
      connection: () => market.connection(),
      onConnection: (listener) => market.onConnection(listener),
    };
    expectSpread(await storm({ ...made, link }));
    await until(() => subscribed() === 1, 'the subscription');
  });
});
