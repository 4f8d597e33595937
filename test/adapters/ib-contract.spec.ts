import { brokerContract, type ContractRig } from '#test/support/broker-contract.ts';
import { ACCOUNT, deskSide, SYMBOL } from '#test/support/ib/desk-side.ts';
import { generator } from '#test/support/random.ts';
import { rounds } from '#test/support/scale.ts';
import { someHabits } from '#test/support/tws-server/dialects.ts';
import type { TwsOptions } from '#test/support/tws-server/server.ts';

/** Prices in ticks of a quarter point, as the contract of all brokers gives them. */
async function rig(options: TwsOptions = {}): Promise<ContractRig> {
  const { tws, broker } = await deskSide({ tws: options });
  const nq = tws.contract('NQZ6');
  const inPoints = (ticks: number): number => ticks / 4;
  return {
    broker,
    symbol: SYMBOL,
    quote: (bid, ask) => tws.move(nq, { bid: inPoints(bid), ask: inPoints(ask), last: inPoints(bid) }),
    offer: (contracts) => tws.exchange.setOffer(contracts),
    atVenue: () =>
      tws.exchange.positions().find((held) => held.account === ACCOUNT && held.contract === nq)?.quantity ?? 0,
    taken: (clientOrderId) => tws.exchange.orders.filter(({ orderRef }) => orderRef === clientOrderId).length,
    cut: () => tws.drop(),
    refuse: (isRefusing) => {
      tws.faults.rejectIf = () => (isRefusing ? [201, 'Order rejected - reason:not today'] : null);
    },
    complaints: () => tws.complaints(),
  };
}

brokerContract('Interactive Brokers', rig);

for (let seed = 1; seed <= rounds(1); seed += 1) {
  const random = generator(seed);
  const version = [151, 163, 164, 176, 182, 187, 192, 193][Math.floor(random() * 8)] ?? 176;
  const habits = someHabits(random);
  brokerContract(`IB, API ${version} that ${habits.join(', ')} (seed ${seed})`, () =>
    rig({ version, habits, startsSlowly: random() < 0.5 }),
  );
}
