import { averageOf, isOpen, sideOf, type TwsContract, type TwsExecution, type TwsOrder } from './model.ts';

/** What the exchange tells the connection about, in order. */
export type ExchangeNews =
  | { readonly kind: 'order'; readonly order: TwsOrder }
  | { readonly kind: 'status'; readonly order: TwsOrder; readonly lastPrice: number }
  | { readonly kind: 'execution'; readonly execution: TwsExecution }
  | { readonly kind: 'canceled'; readonly order: TwsOrder };

export type Quote = { readonly bid: number; readonly ask: number; readonly last: number };

/**
 * One account at an exchange behind TWS: brackets (children wait for their parent and cover what it has filled), OCA
 * groups that reduce each other, partial fills, stops, corrections and commissions.
 */
export function createTwsExchange(first: (news: ExchangeNews) => void, now: () => number) {
  let listener = first;
  const tell = (news: ExchangeNews): void => listener(news);
  const orders: TwsOrder[] = [];
  const executions: TwsExecution[] = [];
  const positions = new Map<string, { account: string; contract: TwsContract; quantity: number; cost: number }>();
  const quotes = new Map<number, Quote>();
  let serial = 0;
  /** Contracts that one quote offers. */
  let offer = Infinity;
  let permId = 1_500_000_000;

  const parentOf = (order: TwsOrder): TwsOrder | undefined =>
    order.parentId === 0
      ? undefined
      : orders.find((one) => one.clientId === order.clientId && one.orderId === order.parentId);
  const childrenOf = (parent: TwsOrder): TwsOrder[] =>
    orders.filter((one) => one.parentId === parent.orderId && one.clientId === parent.clientId && one.parentId !== 0);
  /** What an order may fill now: a child only as far as its parent has filled and its family has not left again. */
  const open = (order: TwsOrder): number => {
    const left = order.quantity - order.filled;
    const parent = parentOf(order);
    if (parent === undefined) return left;
    const exited = childrenOf(parent).reduce((sum, child) => sum + child.filled, 0);
    return Math.max(0, Math.min(left, parent.filled - exited));
  };
  const status = (order: TwsOrder, lastPrice = 0): void => tell({ kind: 'status', order, lastPrice });
  const restate = (order: TwsOrder): void => {
    tell({ kind: 'order', order });
    status(order);
  };

  const end = (order: TwsOrder, reason = ''): void => {
    if (!isOpen(order)) return;
    const wasSent = order.status !== 'ApiPending';
    order.status = 'Cancelled';
    order.whyHeld = '';
    order.reason = reason;
    status(order);
    if (wasSent || reason === '') tell({ kind: 'canceled', order });
  };
  const cancel = (order: TwsOrder, reason = ''): void => {
    if (!isOpen(order)) return;
    end(order, reason);
    for (const child of childrenOf(order)) {
      if (!isOpen(child)) continue;
      // What the parent filled stays protected, and no more than that.
      if (order.filled === 0) end(child);
      else if (child.quantity > order.filled) {
        child.quantity = order.filled;
        restate(child);
      }
    }
  };
  const reduceOthers = (order: TwsOrder, by: number): void => {
    if (order.ocaGroup === '') return;
    for (const other of orders) {
      if (other === order || other.ocaGroup !== order.ocaGroup || !isOpen(other)) continue;
      other.quantity -= by;
      if (other.quantity <= other.filled) {
        other.quantity = Math.max(other.quantity, other.filled, 1);
        end(other);
      } else restate(other);
    }
  };
  const activate = (parent: TwsOrder): void => {
    for (const child of childrenOf(parent)) {
      if (!isOpen(child) || child.whyHeld !== 'child') continue;
      const isStop = child.type === 'STP';
      child.whyHeld = isStop ? 'trigger' : '';
      child.status = isStop ? 'PreSubmitted' : 'Submitted';
      status(child);
    }
  };
  const hold = (order: TwsOrder, signed: number, price: number): void => {
    const key = `${order.account}/${order.contract.conId}`;
    const held = positions.get(key) ?? { account: order.account, contract: order.contract, quantity: 0, cost: 0 };
    const { multiplier, priceMagnifier = 1 } = order.contract;
    const cost = (price * multiplier) / priceMagnifier;
    const isAdding = held.quantity * signed >= 0;
    const total = held.quantity + signed;
    const mean = isAdding
      ? (held.cost * Math.abs(held.quantity) + cost * Math.abs(signed)) / Math.abs(total)
      : Math.abs(signed) > Math.abs(held.quantity)
        ? cost
        : held.cost;
    positions.set(key, { ...held, quantity: total, cost: total === 0 ? 0 : mean });
  };

  /** Fills a part of an order, whatever the market is. */
  const fill = (order: TwsOrder, shares: number, price: number): TwsExecution => {
    order.filled += shares;
    order.cost += shares * price;
    serial += 1;
    const made: TwsExecution = {
      execId: `0000e0d5.${(0x65a1_0000 + serial).toString(16)}.01.01`,
      ...{ order, side: order.action === 'BUY' ? 'BOT' : 'SLD', shares, price, at: now() },
      ...{ cumQty: order.filled, avgPrice: averageOf(order), commission: 2.25 * shares },
    };
    executions.push(made);
    hold(order, sideOf(order) * shares, price);
    order.status = order.filled >= order.quantity ? 'Filled' : 'Submitted';
    order.whyHeld = '';
    tell({ kind: 'execution', execution: made });
    status(order, price);
    activate(order);
    reduceOthers(order, shares);
    return made;
  };
  const priceFor = (order: TwsOrder, { bid, ask, last }: Quote): number | null => {
    const [side, touch] = [sideOf(order), sideOf(order) === 1 ? ask : bid];
    if (order.type === 'MKT') return touch;
    if (order.type === 'LMT') return (Number(order.lmtPrice) - touch) * side >= 0 ? touch : null;
    return (last - Number(order.auxPrice)) * side >= 0 ? touch : null;
  };
  const meet = (order: TwsOrder, quote: Quote, size: number): void => {
    if (!isOpen(order) || order.status === 'ApiPending') return;
    const shares = Math.min(open(order), size, offer);
    const price = priceFor(order, quote);
    if (shares > 0 && price !== null) fill(order, shares, price);
  };

  /** Lets an order go to the exchange. */
  const release = (order: TwsOrder): void => {
    order.transmit = true;
    const parent = parentOf(order);
    const waits = parent !== undefined && isOpen(parent) && parent.filled === 0;
    order.whyHeld = waits ? 'child' : order.type === 'STP' ? 'trigger' : '';
    order.status = order.whyHeld === '' ? 'Submitted' : 'PreSubmitted';
    restate(order);
  };

  return {
    orders,
    executions,
    quotes,
    setOffer: (contracts: number): void => {
      offer = contracts;
    },
    /** Another server takes over: what happens from now on is told there. */
    retell: (to: (news: ExchangeNews) => void): void => {
      listener = to;
    },
    fill,
    cancel,
    isOpen,
    positions: () => [...positions.values()].filter(({ quantity }) => quantity !== 0),
    /** The position as the account statement has it; for what was there before. */
    setPosition: (account: string, contract: TwsContract, quantity: number, cost: number) =>
      void positions.set(`${account}/${contract.conId}`, { account, contract, quantity, cost }),
    nextPermId: () => (permId += 1),
    /** Takes an order in; one that is not to be sent on yet waits, unseen. */
    place: (order: TwsOrder): void => {
      orders.push(order);
      if (!order.transmit) return;
      const family = [
        parentOf(order),
        ...orders.filter((one) => one.parentId !== 0 && one.parentId === order.parentId),
      ];
      const waiting = [...family, order].filter(
        (one, at, all) => one?.status === 'ApiPending' && all.indexOf(one) === at,
      );
      for (const one of waiting) if (one !== undefined) release(one);
      for (const one of waiting) {
        const quote = one === undefined ? undefined : quotes.get(one.contract.conId);
        if (one !== undefined && quote !== undefined) meet(one, quote, Infinity);
      }
    },
    restate,
    reject: (order: TwsOrder, reason: string): void => {
      order.status = 'Inactive';
      order.reason = reason;
      status(order);
    },
    /** Moves the market. `size` contracts at most fill in each order: the rest waits for the next quote. */
    move: (contract: TwsContract, quote: Quote, size = Infinity): void => {
      quotes.set(contract.conId, quote);
      for (const order of orders.filter((one) => one.contract.conId === contract.conId)) meet(order, quote, size);
    },
    /** Corrects the price of an execution, as IB does: the same id with a higher last part. */
    correct: (made: TwsExecution, price: number): TwsExecution => {
      const version = String(Number(made.execId.slice(-2)) + 1).padStart(2, '0');
      const corrected = { ...made, execId: `${made.execId.slice(0, -2)}${version}`, price };
      executions.push(corrected);
      tell({ kind: 'execution', execution: corrected });
      return corrected;
    },
  };
}

export type TwsExchange = ReturnType<typeof createTwsExchange>;
