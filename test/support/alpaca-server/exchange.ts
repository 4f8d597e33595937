import { randomUUID } from 'node:crypto';

/** Orders, executions and positions of one account, as protocols.md section 3 has them. Knows nothing of the desk. */
export type Side = 'buy' | 'sell';
export type ExchangeOrder = {
  readonly id: string;
  clientOrderId: string;
  readonly symbol: string;
  qty: number;
  filled: number;
  cost: number;
  readonly side: Side;
  readonly type: 'market' | 'limit' | 'stop' | 'stop_limit';
  readonly tif: string;
  readonly orderClass: '' | 'bracket' | 'oco' | 'oto';
  limit: string | null;
  stop: string | null;
  status: string;
  legs: ExchangeOrder[];
  readonly parent: ExchangeOrder | null;
  replaces: string | null;
  replacedBy: string | null;
  readonly submittedAt: number;
  updatedAt: number;
};
export type Execution = {
  readonly executionId: string;
  readonly activityId: string;
  readonly order: ExchangeOrder;
  readonly qty: number;
  readonly price: string;
  readonly at: number;
  readonly cum: number;
  readonly type: 'fill' | 'partial_fill';
  /** What it is after later words on it; null: it never happened. */
  standing: { readonly qty: number; readonly price: string } | null;
};
/** A later word on an execution. */
export type Amendment = {
  readonly executionId: string;
  readonly activityId: string;
  readonly of: Execution;
  readonly values: Execution['standing'];
  /** What is told with it: of a bust what is taken back. */
  readonly qty: number;
  readonly price: string;
  readonly at: number;
};
export type ExchangeEvent = {
  readonly event: string;
  readonly order: ExchangeOrder;
  readonly execution: Execution | null;
  readonly at: number;
  readonly amendment?: Amendment;
  readonly reason?: string;
};
export type NewOrder = Pick<ExchangeOrder, 'symbol' | 'qty' | 'side' | 'type' | 'tif' | 'limit' | 'stop'> & {
  readonly clientOrderId: string | null;
  readonly orderClass: ExchangeOrder['orderClass'];
  readonly takeProfit: string | null;
  readonly stopLoss: { readonly stop: string; readonly limit: string | null } | null;
};
export type Quote = { readonly bid: string; readonly ask: string };

const ENDED: ReadonlySet<string> = new Set(['filled', 'canceled', 'expired', 'rejected', 'replaced']);
export const isOpen = ({ status }: ExchangeOrder): boolean => !ENDED.has(status);
const round = (value: number): number => Number(value.toFixed(9));

export class Exchange {
  readonly orders: ExchangeOrder[] = [];
  readonly executions: Execution[] = [];
  readonly amendments: Amendment[] = [];
  readonly quotes = new Map<string, Quote>();
  now: () => number = () => Date.now();
  onEvent: (event: ExchangeEvent) => void = () => undefined;
  #offer = Infinity;
  #last = 0;

  /** Shares a quote offers from now on. */
  setOffer(shares: number): void {
    this.#offer = shares;
  }
  position(symbol: string): number {
    return round(
      this.executions
        .filter(({ order }) => order.symbol === symbol)
        .reduce((sum, { order, standing }) => sum + (order.side === 'buy' ? 1 : -1) * (standing?.qty ?? 0), 0),
    );
  }
  byId(id: string): ExchangeOrder | undefined {
    return this.orders.find((order) => order.id === id);
  }
  /** Times never stand still: lists are sorted by them. */
  #tick(): number {
    this.#last = Math.max(this.now(), this.#last + 1);
    return this.#last;
  }
  #tell(event: string, order: ExchangeOrder, execution: Execution | null = null): void {
    order.updatedAt = this.#tick();
    this.onEvent({ event, order, execution, at: order.updatedAt });
  }
  #make(
    of: Pick<ExchangeOrder, 'symbol' | 'qty' | 'side' | 'type' | 'tif' | 'limit' | 'stop' | 'orderClass'>,
    more: Partial<ExchangeOrder>,
  ) {
    const at = this.#tick();
    const order: ExchangeOrder = {
      ...of,
      ...{ id: randomUUID(), clientOrderId: randomUUID(), filled: 0, cost: 0, status: 'new', legs: [], parent: null },
      ...{ replaces: null, replacedBy: null, submittedAt: at, updatedAt: at },
      ...more,
    };
    this.orders.push(order);
    return order;
  }
  /** Takes an order; what becomes of it is told after the answer to it has been made. */
  place(given: NewOrder): ExchangeOrder {
    const { takeProfit, stopLoss, clientOrderId, ...terms } = given;
    const order = this.#make(terms, { clientOrderId: clientOrderId ?? randomUUID() });
    const exit = { ...terms, side: terms.side === 'buy' ? ('sell' as const) : ('buy' as const) };
    const leg = { parent: order, status: 'held' };
    if (takeProfit !== null)
      order.legs.push(this.#make({ ...exit, type: 'limit', limit: takeProfit, stop: null }, leg));
    if (stopLoss !== null) {
      const type = stopLoss.limit === null ? ('stop' as const) : ('stop_limit' as const);
      order.legs.push(this.#make({ ...exit, type, limit: stopLoss.limit, stop: stopLoss.stop }, leg));
    }
    return order;
  }
  /** The order has been acknowledged: it is told as new, and meets the market. */
  open(order: ExchangeOrder): void {
    this.#tell('new', order);
    const quote = this.quotes.get(order.symbol);
    if (quote !== undefined) this.#meet(order, quote);
  }
  move(symbol: string, quote: Quote): void {
    this.quotes.set(symbol, quote);
    for (const order of [...this.orders]) if (order.symbol === symbol) this.#meet(order, quote);
  }
  #meet(order: ExchangeOrder, { bid, ask }: Quote): void {
    if (!isOpen(order) || order.status === 'held') return;
    const isBuy = order.side === 'buy';
    const price = isBuy ? ask : bid;
    const beyond = (a: string, b: string): boolean => (isBuy ? Number(a) >= Number(b) : Number(a) <= Number(b));
    if (order.type === 'limit' && !beyond(order.limit ?? '0', price)) return;
    if (order.stop !== null && !beyond(price, order.stop)) return;
    if (order.type === 'stop_limit' && !beyond(order.limit ?? '0', price)) return;
    this.fill(order, Math.min(round(order.qty - order.filled), this.#offer), price);
  }
  fill(order: ExchangeOrder, qty: number, price: string): void {
    if (qty <= 0) return;
    order.filled = round(order.filled + qty);
    order.cost += qty * Number(price);
    const isDone = order.filled >= order.qty;
    order.status = isDone ? 'filled' : 'partially_filled';
    const at = this.#tick();
    const type = isDone ? ('fill' as const) : ('partial_fill' as const);
    const stamp = new Date(at).toISOString().replaceAll(/\D/gu, '');
    const execution: Execution = {
      ...{ executionId: randomUUID(), activityId: `${stamp}::${randomUUID()}`, order, qty, price, at },
      ...{ cum: order.filled, type, standing: { qty, price } },
    };
    this.executions.push(execution);
    this.#tell(type, order, execution);
    const { parent } = order;
    for (const leg of order.legs) {
      if (!isDone || leg.status !== 'held') continue;
      leg.status = 'new';
      this.#tell('new', leg);
    }
    if (parent === null) return;
    for (const other of parent.legs) {
      if (other === order || !isOpen(other)) continue;
      if (isDone) this.#end(other, 'canceled');
      else other.qty = round(other.qty - qty);
    }
  }
  /** The exchange takes an execution back (`values` null), or says what it was instead. What it reopens works again. */
  amend(execution: Execution, values: Execution['standing'], status: string | null = null): void {
    const { order, standing } = execution;
    const before = standing ?? { qty: 0, price: '0' };
    const after = values ?? { qty: 0, price: '0' };
    order.filled = round(order.filled - before.qty + after.qty);
    order.cost += after.qty * Number(after.price) - before.qty * Number(before.price);
    execution.standing = values;
    if (order.status === 'filled' && order.filled < order.qty)
      order.status = status ?? (order.filled === 0 ? 'new' : 'partially_filled');
    const at = this.#tick();
    const stamp = new Date(at).toISOString().replaceAll(/\D/gu, '');
    const { qty, price } = values ?? before;
    const amendment = {
      ...{ executionId: randomUUID(), activityId: `${stamp}::${randomUUID()}`, of: execution, values, qty, price, at },
    };
    this.amendments.push(amendment);
    order.updatedAt = at;
    const event = values === null ? 'trade_bust' : 'trade_correct';
    const reason = values === null ? { reason: 'TRADE_BUST' } : {};
    this.onEvent({ event, order, execution: null, at, amendment, ...reason });
  }
  #end(order: ExchangeOrder, status: string): void {
    if (!isOpen(order)) return;
    order.status = status;
    this.#tell(status, order);
    for (const leg of order.legs) if (order.filled < order.qty) this.#end(leg, status);
  }
  /** False: it has ended. */
  cancel(order: ExchangeOrder): boolean {
    if (!isOpen(order)) return false;
    this.#end(order, 'canceled');
    const others = order.parent?.legs ?? [];
    for (const other of others) this.#end(other, 'canceled');
    return true;
  }
  /** A change gives another order; the one before it is replaced. */
  replace(order: ExchangeOrder, change: { qty?: number; limit?: string; stop?: string; clientOrderId?: string }) {
    const { symbol, side, type, tif, orderClass } = order;
    const next = this.#make(
      {
        symbol,
        side,
        type,
        tif,
        orderClass,
        qty: change.qty ?? order.qty,
        limit: change.limit ?? order.limit,
        stop: change.stop ?? order.stop,
      },
      {
        replaces: order.id,
        parent: order.parent,
        legs: order.legs,
        status: order.status,
        filled: order.filled,
        cost: order.cost,
      },
    );
    if (change.clientOrderId !== undefined) next.clientOrderId = change.clientOrderId;
    order.status = 'replaced';
    order.replacedBy = next.id;
    const family = order.parent?.legs;
    if (family !== undefined) family[family.indexOf(order)] = next;
    return next;
  }
  tellReplaced(next: ExchangeOrder): void {
    this.#tell('replaced', next);
    const quote = this.quotes.get(next.symbol);
    if (quote !== undefined) this.#meet(next, quote);
  }
}
