import { moneyFromUsd, type EpochMs } from '#shared/units.ts';
import type { BrokerBalance, BrokerSnapshot, FindAnswer, VenueOrder } from '#desk/ports/broker.ts';
import type { Clock } from '#desk/ports/clock.ts';
import { isOfAccount } from './config.ts';
import { type IbContracts, symbolOf } from './contracts.ts';
import type { ExecutionBook, ReadExecution } from './executions.ts';
import type { IbContract } from './contracts.ts';
import type { Line } from './orders.ts';
import type { StatedOrder } from './questions.ts';
import type { Tracker } from './tracker.ts';
import type { WireExecution, WireOrder, WirePosition, WireSummary } from './wire.ts';
import { clientOrderIdOf, completedOrderOf, tickSizeOf, venueOrderOf } from './venue-orders.ts';

export type HoldingsParts = {
  readonly clock: Clock;
  readonly account: string;
  readonly tracker: Tracker;
  readonly book: ExecutionBook;
  /** Reads an execution of a contract of the desk; null for any other. */
  readonly read: (
    wire: WireExecution,
    contracts: IbContracts,
  ) => { execution: ReadExecution; contract: IbContract } | null;
  readonly adopt: (orders: readonly StatedOrder[], contracts: IbContracts) => void;
};

/** What the account holds, asked of TWS: whole, or not at all. */
export interface Holdings {
  /** Rejects with a sentence when a part of it could not be had. */
  readonly snapshot: (line: Line, since: EpochMs) => Promise<BrokerSnapshot>;
  readonly find: (line: Line, clientOrderId: string) => Promise<FindAnswer>;
  readonly balance: () => BrokerBalance | null;
}

/** Makes the reader of one account's holdings. */
export function createHoldings(parts: HoldingsParts): Holdings {
  const { clock, account, book } = parts;
  let balance: BrokerBalance | null = null;

  const isOurs = (wire: WireOrder): boolean => isOfAccount(wire.order.account, account);
  const lists = async ({ questions }: Line) => {
    const [orders, completed, executions] = await Promise.all([
      questions.openOrders(),
      questions.completedOrders(),
      questions.executions(account),
    ]);
    return { orders, completed, executions };
  };
  const fillsOf = (executions: readonly WireExecution[], contracts: IbContracts) =>
    book.list(
      executions
        .filter(({ execution }) => isOfAccount(execution.acctNumber, account))
        .map((wire) => parts.read(wire, contracts))
        .filter((read) => read !== null),
    );
  const openOf = (orders: readonly StatedOrder[], contracts: IbContracts): readonly VenueOrder[] =>
    orders
      .filter(({ order }) => isOurs(order) && !order.order.whatIf)
      .map(({ order, status }) => venueOrderOf(order, status, contracts))
      .filter((order) => order !== null);
  const completedOf = (orders: readonly WireOrder[], contracts: IbContracts): readonly VenueOrder[] =>
    orders
      .filter(isOurs)
      .map((wire) => completedOrderOf(wire, contracts))
      .filter((order) => order !== null);
  const noteBalance = (rows: readonly WireSummary[]): void => {
    const of = (tag: string) => {
      const row = rows.find((one) => one.account === account && one.tag === tag && one.currency === 'USD');
      const value = Number(row?.value ?? '');
      return row === undefined || row.value === '' || !Number.isFinite(value) ? null : moneyFromUsd(value);
    };
    balance = { equity: of('NetLiquidation'), cash: of('TotalCashValue'), at: clock.now() };
  };

  return {
    balance: () => balance,
    snapshot: async (line, since) => {
      const { questions, contracts } = line;
      // Account values are asked for beside it: they decide nothing, and their absence is no gap.
      void questions.summary().then((answer) => {
        if (answer.ok) noteBalance(answer.value);
      });
      const [{ orders, completed, executions }, positions] = await Promise.all([lists(line), questions.positions()]);
      for (const answer of [orders, completed, executions, positions]) if (!answer.ok) throw new Error(answer.error);
      if (!orders.ok || !completed.ok || !executions.ok || !positions.ok) throw new Error('unreachable');
      parts.adopt(orders.value, contracts);
      const { fills, corrections } = fillsOf(executions.value, contracts);
      const open = openOf(orders.value, contracts);
      return {
        isComplete: true,
        at: clock.now(),
        orders: open.filter(({ state }) => state === 'working'),
        completed: [...open.filter(({ state }) => state !== 'working'), ...completedOf(completed.value, contracts)],
        fills: fills.filter(({ at, receivedAt }) => Math.max(at, receivedAt) >= since),
        corrections,
        positions: positionsOf(positions.value, { account, contracts }),
      };
    },
    find: async (line, clientOrderId) => {
      const { orders, completed, executions } = await lists(line);
      const failed = [orders, completed, executions].find((answer) => !answer.ok);
      if (!orders.ok || !completed.ok || !executions.ok)
        return { kind: 'cannot-tell', why: failed?.ok === false ? failed.error : 'TWS did not answer' };
      const { contracts } = line;
      parts.adopt(orders.value, contracts);
      const { fills } = fillsOf(executions.value, contracts);
      const own = fills.filter((fill) => fill.clientOrderId === clientOrderId);
      const isIt = ({ order }: WireOrder): boolean => clientOrderIdOf(order.orderRef) === clientOrderId;
      const open = openOf(orders.value, contracts).find((order) => order.clientOrderId === clientOrderId);
      const ended = completedOf(completed.value.filter(isIt), contracts)[0];
      const found = open ?? ended;
      if (found !== undefined) return { kind: 'found', order: found, fills: own };
      if (orders.value.some(({ order }) => isIt(order)))
        return { kind: 'cannot-tell', why: 'TWS holds the order as inactive and does not say why' };
      return own.length === 0 ? { kind: 'absent' } : executedOnly(own, parts.tracker);
    },
  };
}

/** Only its executions are told of the order: that it is filled whole is known where its quantity is. */
function executedOnly(fills: Extract<FindAnswer, { kind: 'found' }>['fills'], tracker: Tracker): FindAnswer {
  const [fill] = fills;
  const order = tracker.get(fill?.clientOrderId ?? '');
  const filled = fills.reduce((sum, { quantity }) => sum + quantity, 0);
  if (fill === undefined || order === undefined || filled < order.quantity)
    return { kind: 'cannot-tell', why: 'TWS tells executions of the order, and not the order itself' };
  const { symbol, direction } = fill;
  return {
    kind: 'found',
    order: {
      ...{ clientOrderId: order.clientOrderId, venueOrderId: String(order.permId), symbol, direction },
      ...{ type: 'market', price: order.price, quantity: order.quantity, filled, averagePrice: null },
      ...{ state: 'filled', reason: null },
    },
    fills,
  };
}

/** What the account holds of futures. A future the desk does not trade goes by IB's name, and so is seen. */
function positionsOf(
  positions: readonly WirePosition[],
  { account, contracts }: { readonly account: string; readonly contracts: IbContracts },
): BrokerSnapshot['positions'] {
  return positions
    .filter((position) => position.account === account && position.quantity !== 0)
    .flatMap(({ contract, quantity, averageCost }) => {
      const symbol = symbolOf(contracts, contract);
      if (symbol === null || !Number.isInteger(quantity)) return [];
      const known = contracts.byConId.get(contract.conId);
      // For futures IB's mean cost is of the whole contract: the price times what a point is worth.
      const averagePrice =
        known === undefined || known.pointValue <= 0 ? null : averageCost / known.pointValue / tickSizeOf(known);
      return [{ symbol, quantity, averagePrice }];
    });
}
