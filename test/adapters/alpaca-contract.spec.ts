import { brokerContract, type ContractRig } from '#test/support/broker-contract.ts';
import { deskSide } from '#test/support/alpaca/desk-side.ts';
import { createDialect, type Dialect } from '#test/support/alpaca-server/dialect.ts';
import { startAlpaca } from '#test/support/alpaca-server/server.ts';
import { rounds } from '#test/support/scale.ts';

async function rig({ lean = false, dialect }: { lean?: boolean; dialect?: Dialect } = {}): Promise<ContractRig> {
  const { server, broker } = await deskSide({ server: await startAlpaca(0, dialect === undefined ? {} : { dialect }) });
  server.faults.lean = lean;
  const { exchange, faults } = server;
  const inDollars = (ticks: number): string => (ticks / 100).toFixed(2);
  return {
    broker,
    symbol: 'QQQ',
    quote: (bid, ask) => exchange.move('QQQ', { bid: inDollars(bid), ask: inDollars(ask) }),
    offer: (contracts) => exchange.setOffer(contracts),
    atVenue: () => exchange.position('QQQ'),
    taken: (clientOrderId) => exchange.orders.filter((order) => order.clientOrderId === clientOrderId).length,
    cut: () => server.drop(),
    refuse: (isRefusing) => {
      const word = { status: 403, code: 40310000, message: 'insufficient buying power' };
      faults.refuse = isRefusing ? word : null;
    },
    complaints: () => server.complaints,
  };
}

brokerContract('Alpaca', () => rig());
brokerContract('Alpaca, what has no value left out, numbers as numbers', () => rig({ lean: true }));

for (let seed = 1; seed <= rounds(1); seed += 1)
  brokerContract(`Alpaca as other servers write it, seed ${seed}`, () => rig({ dialect: createDialect(seed) }));
