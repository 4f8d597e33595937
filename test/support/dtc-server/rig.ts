import { onTestFinished } from 'vitest';
import { dtcBrokerSchema } from '#desk/adapters/dtc/config.ts';
import type { BrokerParts } from '#desk/adapters/connection-parts.ts';
import { createDtcBroker } from '#desk/adapters/dtc/broker.ts';
import { createCountingIds, createVirtualClock, START } from '#test/adapters/virtual-clock.ts';
import { SIX } from '#test/adapters/planned-trades.ts';
import type { ContractRig } from '#test/support/broker-contract.ts';
import { DtcServer, type ServerOptions } from './server.ts';

export const NQ = SIX[0]!;
export const SYMBOL = NQ.symbol;
export const ACCOUNT = 'Sim1';
export const CONTRACT = { symbol: SYMBOL, tickSize: 0.25, tickValue: 5, margin: 30_000 };

export const noSecrets = { get: () => Promise.resolve(null) };

/** A server and a broker before it, on a clock that moves when told. */
export async function dtcRig(
  given: {
    readonly server?: Partial<ServerOptions>;
    readonly config?: object;
    readonly parts?: Partial<BrokerParts>;
  } = {},
) {
  const clock = createVirtualClock(START);
  const server = await DtcServer.start({
    ...{ account: ACCOUNT, contracts: [CONTRACT], now: () => clock.now() },
    ...given.server,
  });
  const config = dtcBrokerSchema.parse({ kind: 'dtc', port: server.port, ...given.config });
  const broker = createDtcBroker(config, {
    ...{ id: 'broker:dtc', name: 'Sierra Chart', clock, ids: createCountingIds(), account: ACCOUNT, mode: 'paper' },
    ...{ instruments: [{ instrument: NQ, venueSymbol: null }], secrets: noSecrets },
    ...given.parts,
  });
  let isClosed = false;
  const close = async (): Promise<void> => {
    if (isClosed) return;
    isClosed = true;
    await server.close();
  };
  onTestFinished(async () => {
    await broker.close();
    await close();
  });
  return { clock, server, broker, config, closeServer: close };
}

/** The rig as the contract of brokers wants it. */
export async function contractRig(given: Parameters<typeof dtcRig>[0] = {}): Promise<ContractRig> {
  const { server, broker } = await dtcRig(given);
  const { exchange } = server;
  const { tickSize, multiplier = 1 } = exchange.contract(SYMBOL)!;
  return {
    ...{ broker, symbol: SYMBOL },
    quote: (bid, ask) => server.quote(SYMBOL, (bid * tickSize) / multiplier, (ask * tickSize) / multiplier),
    offer: (contracts) => {
      exchange.offered = contracts;
    },
    atVenue: () => exchange.position(SYMBOL),
    taken: (id) => exchange.orders.filter((order) => order.clientId === id).length,
    cut: () => server.cut(),
    refuse: (isRefusing) => {
      server.faults.refuseOrders = isRefusing ? 'with-client-id' : null;
    },
    complaints: () => server.complaints,
  };
}
