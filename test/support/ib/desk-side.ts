import { onTestFinished } from 'vitest';
import type { Instrument } from '#shared/domain/instrument.ts';
import { openOrder } from '#shared/domain/order-life.ts';
import type { Order, OrderTerms } from '#shared/domain/order.ts';
import { epochMs, ticks } from '#shared/units.ts';
import type { BrokerParts } from '#desk/adapters/connection-parts.ts';
import { createIbBroker } from '#desk/adapters/ib/broker.ts';
import { ibConnectionSchema, type IbConnection } from '#desk/adapters/ib/config.ts';
import { contractInstrument } from '#desk/engine/futures/contract-instrument.ts';
import { contractSpec } from '#desk/engine/futures/contract-table.ts';
import type { Broker, BrokerEvent, OrderGroup } from '#desk/ports/broker.ts';
import type { Clock } from '#desk/ports/clock.ts';
import { createClock, createIds, type DeskClock } from '#desk/profiles/clocks.ts';
import { startTws, type TwsOptions, type TwsServer } from '#test/support/tws-server/server.ts';

export const ACCOUNT = 'DU1234567';
export const SYMBOL = 'NQZ26-CME';

export function future(root: string, month = 'Z26'): Instrument {
  const spec = contractSpec(root);
  if (spec === null) throw new Error(`no contract ${root}`);
  const symbol = `${root}${month}-${spec.exchange}`;
  return contractInstrument(spec, { symbol, lastTrade: '2026-12-18', firstNotice: null, calendar: 'always' });
}

/** The machine's clock, until the test is over. */
export function machineClock(): DeskClock {
  const clock = createClock(epochMs(Date.now()));
  clock.goLive();
  onTestFinished(() => clock.stop());
  return clock;
}

/** Waits for something that comes over a socket. */
export async function until(what: () => unknown, name = 'what was waited for'): Promise<void> {
  for (let n = 0; n < 2_000; n += 1) {
    if (Boolean(what())) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`${name} did not come`);
}

let made = 0;
export function terms(over: Partial<OrderTerms> = {}): OrderTerms {
  made += 1;
  return {
    clientOrderId: `D1-${String(made).padStart(26, '0')}`,
    ...{ recommendationId: null, parentId: null, account: ACCOUNT, symbol: SYMBOL, role: 'entry', direction: 1 },
    ...{ type: 'limit', quantity: 2, price: ticks(80_000), timeInForce: 'day' },
    ...over,
  };
}
export const alone = (over: Partial<OrderTerms> = {}): OrderGroup => ({ entry: terms(over), stop: null, target: null });

export type Bracket = OrderGroup & { readonly stop: OrderTerms; readonly target: OrderTerms };
/** A limit entry at 20,000.00 with a stop ten points below and a target twenty above. */
export function bracket(over: Partial<OrderTerms> = {}): Bracket {
  const entry = terms(over);
  const child = {
    ...{
      symbol: entry.symbol,
      parentId: entry.clientOrderId,
      direction: entry.direction === 1 ? (-1 as const) : (1 as const),
    },
    ...{ quantity: entry.quantity, timeInForce: 'gtc' as const },
  };
  const { clientOrderId: id, direction } = entry;
  return {
    entry,
    stop: terms({
      ...child,
      clientOrderId: `${id}S`,
      role: 'stop',
      type: 'stop',
      price: ticks(80_000 - 40 * direction),
    }),
    target: terms({ ...child, clientOrderId: `${id}T`, role: 'target', price: ticks(80_000 + 80 * direction) }),
  };
}
export const orderOf = (of: OrderTerms): Order => ({ ...openOrder(of, epochMs(Date.now())), life: 'working' });

export type DeskSide = {
  readonly tws: TwsServer;
  readonly broker: Broker;
  readonly clock: Clock;
  readonly events: BrokerEvent[];
  readonly connect: () => Promise<void>;
  /** What was told of an order: its events and fills, in words. */
  readonly told: (clientOrderId: string) => readonly string[];
  readonly config: IbConnection;
};

export type DeskSideOptions = {
  readonly tws?: TwsOptions;
  readonly config?: Partial<IbConnection>;
  readonly roots?: readonly string[];
  readonly parts?: Partial<BrokerParts>;
  /** A TWS that runs already, and the port by which it is reached. */
  readonly behind?: { readonly tws: TwsServer; readonly port: number };
};

/** A TWS and a broker connection to it, not connected yet. */
export async function deskSide({
  tws: options,
  config: given,
  roots = ['NQ'],
  parts,
  behind,
}: DeskSideOptions = {}): Promise<DeskSide> {
  const tws = behind?.tws ?? (await startTws(options));
  onTestFinished(() => tws.stop());
  const own = machineClock();
  const clock = parts?.clock ?? own;
  const config = ibConnectionSchema.parse({ kind: 'ib', port: behind?.port ?? tws.port, ...given });
  const broker = createIbBroker(config, brokerParts(clock, roots, parts));
  onTestFinished(() => broker.close());
  const events: BrokerEvent[] = [];
  broker.onEvent((event) => events.push(event));
  const told = (id: string): readonly string[] =>
    events.flatMap((event) => {
      if (event.kind === 'order' && event.clientOrderId === id) return [event.event.kind];
      if (event.kind === 'fill' && event.fill.clientOrderId === id)
        return [`filled ${event.fill.quantity}@${event.fill.price}`];
      return [];
    });
  return { tws, broker, clock, events, told, config, connect: () => broker.connect(new AbortController().signal) };
}

export const brokerParts = (clock: Clock, roots: readonly string[], over: Partial<BrokerParts> = {}): BrokerParts => ({
  ...{ id: 'broker:ib', name: 'Interactive Brokers', clock, account: ACCOUNT, mode: 'paper', ids: createIds(clock) },
  instruments: roots.map((root) => ({ instrument: future(root), venueSymbol: null })),
  secrets: { get: () => Promise.resolve(null) },
  ...over,
});
