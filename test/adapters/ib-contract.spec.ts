import { brokerContract, type ContractRig } from '#test/support/broker-contract.ts';
import { ACCOUNT, deskSide, SYMBOL } from '#test/support/ib/desk-side.ts';

/** Prices in ticks of a quarter point, as the contract of all brokers gives them. */
async function rig(): Promise<ContractRig> {
  const { tws, broker } = await deskSide();
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
