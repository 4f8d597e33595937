import { type AddressInfo, type Socket, createServer } from 'node:net';
import type { Fill } from '#shared/domain/order.ts';
import { epochMs, ticks } from '#shared/units.ts';
import { createPaperExchange } from '#desk/adapters/brokers/paper-exchange.ts';
import type { RequestFrame, VenueFrame } from '#desk/adapters/brokers/paper-wire.ts';
import { createPrng } from '#desk/engine/prng.ts';
import type { BrokerSnapshot } from '#desk/ports/broker.ts';
import { createClock, createIds } from '#desk/profiles/clocks.ts';
import { EQUITY, INSTRUMENTS } from './setup.ts';
import { readFrames, writeFrame } from './tcp-wire.ts';

const QUOTE_MS = 250;

export type VenueSetup = {
  readonly account: string;
  /** What the venue's clock is ahead of the machine's. */
  readonly offsetMs: number;
  /** Bid of each symbol, in ticks. */
  readonly bids: Readonly<Record<string, number>>;
};

export type VenueOrder =
  | { readonly kind: 'look' }
  /** Says goodbye on every line that stands; what still comes in on one is taken, and not answered. */
  | { readonly kind: 'hang-up' }
  | { readonly kind: 'move'; readonly symbol: string; readonly bid: number }
  /** From `bars` nothing is filled: there are none. */
  | { readonly kind: 'fill-from'; readonly source: 'quotes' | 'bars' };

export type VenueReport = Pick<BrokerSnapshot, 'orders' | 'positions'> & {
  /** The entry's id of every submit that reached the venue, in order. */
  readonly arrivals: readonly string[];
  readonly fills: readonly Fill[];
  readonly audit: readonly string[];
};

/** The paper exchange behind a TCP socket, on the machine's time. It quotes every price again four times a second. */
export type TcpVenue = {
  readonly port: number;
  readonly tell: (order: VenueOrder) => VenueReport;
  readonly close: () => void;
};

export async function startTcpVenue({ account, offsetMs, bids: given }: VenueSetup): Promise<TcpVenue> {
  const clock = createClock(epochMs(Date.now() + offsetMs), offsetMs);
  clock.goLive();
  const random = createPrng(99);
  const exchange = createPaperExchange({
    ...{ clock, ids: createIds(clock, () => random.nextDouble()), instruments: [...INSTRUMENTS.values()] },
    ...{ account, startingCash: EQUITY, fillFrom: 'quotes' },
  });
  const bids = new Map(Object.entries(given));
  const arrivals: string[] = [];
  const sockets = new Set<Socket>();
  const quoteAll = (): void => {
    for (const [symbol, bid] of bids) {
      const now = clock.now();
      const [last, ask] = [ticks(bid), ticks(bid + 1)];
      exchange.onMarket({ kind: 'quote', quote: { symbol, bid: last, ask, last, asOf: now, receivedAt: now } });
    }
  };
  quoteAll();
  clock.every(QUOTE_MS, quoteAll);

  const server = createServer((socket) => {
    let stop: (() => void) | null = null;
    const send = (frame: VenueFrame): void => writeFrame(socket, frame);
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      stop?.();
      sockets.delete(socket);
    });
    readFrames(socket, (line) => {
      const { id, request } = JSON.parse(line) as RequestFrame;
      if (request.kind === 'logon') stop ??= exchange.listen((event) => send({ kind: 'event', event }));
      if (request.kind === 'submit') arrivals.push(request.group.entry.clientOrderId);
      send({ kind: 'answer', to: id, answer: exchange.handle(request) });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const report = (): VenueReport => {
    const answer = exchange.handle({ kind: 'snapshot', since: epochMs(0) });
    if (answer.kind !== 'holdings') throw new Error('the exchange did not say what it holds');
    const { orders, positions } = answer.snapshot;
    return { arrivals: [...arrivals], orders, positions, fills: exchange.executions(), audit: exchange.audit() };
  };
  return {
    port: (server.address() as AddressInfo).port,
    tell: (order) => {
      if (order.kind === 'fill-from') exchange.setFillSource(order.source);
      if (order.kind === 'hang-up') for (const socket of sockets) socket.end();
      if (order.kind === 'move') bids.set(order.symbol, order.bid);
      quoteAll();
      return report();
    },
    close: () => {
      clock.stop();
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
