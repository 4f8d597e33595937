import type { Message } from './wire.ts';

/** What the exchange behind a DTC server trades. Prices are decimals, as on the wire. */
export type Contract = {
  readonly symbol: string;
  readonly tickSize: number;
  readonly tickValue: number;
  readonly margin?: number;
  /** The server tells no trades of it. */
  readonly isBidAskOnly?: boolean;
  /** What prices of the wire are multiplied with to be the ones traders see. */
  readonly multiplier?: number;
};

export type ExchangeOrder = {
  readonly clientId: string;
  readonly account: string;
  readonly symbol: string;
  readonly type: number;
  readonly side: 1 | 2;
  readonly tif: number;
  readonly text: string;
  serverId: string;
  price: number;
  quantity: number;
  filled: number;
  value: number;
  status: number;
  parentId: string;
  ocoId: string;
  isTriggered: boolean;
};

export type Execution = {
  readonly serverId: string;
  readonly execId: string;
  readonly symbol: string;
  readonly side: 1 | 2;
  readonly quantity: number;
  readonly price: number;
  readonly at: number;
  readonly account: string;
};

type Told = (message: Message) => void;
export type ExchangeOptions = {
  readonly account: string;
  readonly contracts: readonly Contract[];
  readonly now: () => number;
  /** First server id: a server of another version may count anew. */
  readonly firstId?: number;
  /** Prefix of execution ids; null: it has none. */
  readonly execPrefix?: string | null;
};

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const LIVE = new Set([2, 3, 4, 5, 6, 10]);

/** An exchange with one account: single, OCO and bracket orders, partial fills, positions. Written from protocols.md. */
export class Exchange {
  readonly orders: ExchangeOrder[] = [];
  readonly executions: Execution[] = [];
  readonly quotes = new Map<string, { bid: number; ask: number }>();
  readonly listeners = new Set<Told>();
  /** Contracts a quote has to offer; more than that fill in parts. */
  offered = Infinity;
  /** Fills happen and are not told. */
  isSilentOnFills = false;
  private nextId: number;
  private nextExec = 1;
  private held: { readonly message: Message; readonly tell: Told } | null = null;
  readonly options: ExchangeOptions;

  constructor(options: ExchangeOptions) {
    this.options = options;
    this.nextId = options.firstId ?? 1001;
  }

  contract(symbol: unknown): Contract | undefined {
    return this.options.contracts.find((one) => one.symbol === symbol);
  }
  working(): readonly ExchangeOrder[] {
    return this.orders.filter((order) => LIVE.has(order.status));
  }
  position(symbol: string): number {
    return this.executions
      .filter((one) => one.symbol === symbol)
      .reduce((sum, one) => sum + (one.side === 1 ? one.quantity : -one.quantity), 0);
  }
  byClientId(clientId: string): ExchangeOrder | undefined {
    return this.orders.findLast((order) => order.clientId === clientId);
  }

  /** The state of an order as a 301. */
  statement(order: ExchangeOrder, reason: number, over: Readonly<Record<string, unknown>> = {}): Message {
    return {
      ...{ Type: 301, TotalNumMessages: 1, MessageNumber: 1, Symbol: order.symbol, ServerOrderID: order.serverId },
      ...{ ClientOrderID: order.clientId, OrderStatus: order.status, OrderUpdateReason: reason, OrderType: order.type },
      ...{ BuySell: order.side, ...(order.type === 1 ? {} : { Price1: order.price }), TimeInForce: order.tif },
      ...{ OrderQuantity: order.quantity, FilledQuantity: order.filled },
      ...{ RemainingQuantity: order.quantity - order.filled, TradeAccount: order.account },
      ...(order.filled > 0 ? { AverageFillPrice: order.value / order.filled } : {}),
      ...(order.parentId === '' ? {} : { ParentServerOrderID: order.parentId }),
      ...(order.ocoId === '' ? {} : { OCOLinkedOrderServerOrderID: order.ocoId }),
      ...(order.text === '' ? {} : { FreeFormText: order.text }),
      ...over,
    };
  }
  tell(message: Message): void {
    for (const listener of this.listeners) listener(message);
  }
  private update(order: ExchangeOrder, reason: number, over: Readonly<Record<string, unknown>> = {}): void {
    this.tell(this.statement(order, reason, over));
  }

  private refusal(clientId: unknown, symbol: unknown, text: string): Message {
    return {
      ...{ Type: 301, TotalNumMessages: 1, MessageNumber: 1, Symbol: symbol, ClientOrderID: clientId },
      ...{ OrderStatus: 9, OrderUpdateReason: 8, InfoText: text },
    };
  }
  private fault(ids: readonly unknown[], { Symbol, TradeAccount }: Message): string | null {
    if (this.contract(Symbol) === undefined) return `unknown symbol ${String(Symbol)}`;
    if (TradeAccount !== this.options.account) return `unknown trade account ${String(TradeAccount)}`;
    const bad = ids.find((id) => typeof id !== 'string' || id === '' || id.length > 31);
    if (bad !== undefined) return 'bad ClientOrderID';
    const used = ids.find((id) => this.orders.some((order) => order.clientId === id));
    return used === undefined ? null : 'ClientOrderID was used before';
  }
  private offGrid(symbol: unknown, price: number): boolean {
    const { tickSize = 1, multiplier = 1 } = this.contract(symbol) ?? {};
    const steps = (price * multiplier) / tickSize;
    return Math.abs(steps - Math.round(steps)) > 1e-6;
  }
  private add(terms: Partial<ExchangeOrder> & Pick<ExchangeOrder, 'clientId' | 'symbol' | 'type' | 'side'>) {
    const order: ExchangeOrder = {
      ...{ account: this.options.account, tif: 1, text: '', serverId: String(this.nextId), price: 0, quantity: 0 },
      ...{ filled: 0, value: 0, status: 4, parentId: '', ocoId: '', isTriggered: false },
      ...terms,
    };
    this.nextId += 1;
    this.orders.push(order);
    return order;
  }
  private fromSingle(message: Message, status: number): ExchangeOrder {
    return this.add({
      ...{ clientId: String(message['ClientOrderID']), symbol: String(message['Symbol']), status },
      ...{ type: Number(message['OrderType']), side: Number(message['BuySell']) as 1 | 2 },
      ...{ price: Number(message['Price1'] ?? 0), quantity: Number(message['Quantity']) },
      ...{ tif: Number(message['TimeInForce'] ?? 1), text: textOf(message['FreeFormText']) },
    });
  }

  /** 208. A parent waits for its exits; `tell` is for what only the client that sent it hears. */
  submitSingle(message: Message, tell: Told): void {
    this.dropHeld('the exits of the parent order did not follow it');
    const problem = this.fault([message['ClientOrderID']], message);
    const price = Number(message['Price1'] ?? 0);
    if (problem !== null || this.offGrid(message['Symbol'], price) || !(Number(message['Quantity']) > 0)) {
      tell(this.refusal(message['ClientOrderID'], message['Symbol'], problem ?? 'bad price or quantity'));
      return;
    }
    if (message['IsParentOrder'] === 1) {
      this.held = { message, tell };
      return;
    }
    const order = this.fromSingle(message, 4);
    this.update(order, 2);
    this.meet(order);
  }
  /** 201, with the parent that came right before it, or alone. */
  submitOco(message: Message, tell: Told): void {
    const parent = this.held;
    const trigger = message['ParentTriggerClientOrderID'];
    const ids = [message['ClientOrderID_1'], message['ClientOrderID_2']];
    const hasParent = typeof trigger === 'string' && trigger !== '';
    const isFor = parent !== null && parent.message['ClientOrderID'] === trigger;
    const problem =
      this.fault(ids, message) ?? (hasParent && !isFor ? `no parent ${trigger} is waiting for its exits` : null);
    if (problem !== null) {
      for (const id of ids) tell(this.refusal(id, message['Symbol'], problem));
      return;
    }
    this.held = null;
    const entry = parent === null || !hasParent ? null : this.fromSingle(parent.message, 4);
    const exit = (n: 1 | 2): ExchangeOrder =>
      this.add({
        ...{ clientId: String(message[`ClientOrderID_${n}`]), symbol: String(message['Symbol']) },
        ...{ type: Number(message[`OrderType_${n}`]), side: Number(message[`BuySell_${n}`]) as 1 | 2 },
        ...{ price: Number(message[`Price1_${n}`]), quantity: Number(message[`Quantity_${n}`]) },
        ...{ tif: Number(message['TimeInForce'] ?? 1), status: entry === null ? 4 : 3 },
        parentId: entry?.serverId ?? '',
      });
    const [one, two] = [exit(1), exit(2)];
    one.ocoId = two.serverId;
    two.ocoId = one.serverId;
    for (const order of entry === null ? [one, two] : [entry, one, two]) this.update(order, 2);
    this.meet(entry ?? one);
  }
  dropHeld(text: string): void {
    const { held } = this;
    this.held = null;
    held?.tell(this.refusal(held.message['ClientOrderID'], held.message['Symbol'], text));
  }

  private find(message: Message): ExchangeOrder | undefined {
    // Without the server's id a cancel does nothing, and nobody says so.
    return this.orders.findLast(
      (order) => order.serverId === message['ServerOrderID'] && order.clientId === message['ClientOrderID'],
    );
  }
  /** 203 */
  cancel(message: Message, tell: Told): void {
    if (message['ServerOrderID'] === undefined || message['TradeAccount'] !== this.options.account) return;
    const order = this.find(message);
    const echo = { ServerOrderID: message['ServerOrderID'], ClientOrderID: message['ClientOrderID'] };
    if (order === undefined) {
      tell({
        ...{ Type: 301, TotalNumMessages: 1, MessageNumber: 1, ClientOrderID: message['ClientOrderID'] },
        ...{ OrderStatus: 9, OrderUpdateReason: 9, InfoText: 'unknown order' },
      });
      return;
    }
    if (!LIVE.has(order.status)) {
      tell({ ...this.statement(order, 9), ...echo, InfoText: 'too late' });
      return;
    }
    order.status = 6;
    this.update(order, 3);
    this.end(order, 8, 6);
  }
  /** 204: the order goes on under a new id. */
  replace(message: Message, tell: Told): void {
    const order = this.find(message);
    if (order === undefined || !LIVE.has(order.status)) {
      tell({
        ...{ Type: 301, TotalNumMessages: 1, MessageNumber: 1, ClientOrderID: message['ClientOrderID'] },
        ...{ OrderStatus: order?.status ?? 9, OrderUpdateReason: 10, InfoText: 'it cannot be changed' },
      });
      return;
    }
    const quantity = Number(message['Quantity'] ?? 0);
    const price = Number(message['Price1'] ?? 0);
    const isPriced = message['Price1IsSet'] !== 0;
    if ((quantity !== 0 && quantity <= order.filled) || (isPriced && this.offGrid(order.symbol, price))) {
      tell(this.statement(order, 10, { InfoText: 'bad price or quantity' }));
      return;
    }
    const before = order.serverId;
    order.serverId = String(this.nextId);
    this.nextId += 1;
    for (const other of this.orders) {
      if (other.ocoId === before) other.ocoId = order.serverId;
      if (other.parentId === before) other.parentId = order.serverId;
    }
    if (quantity !== 0) order.quantity = quantity;
    if (isPriced) order.price = price;
    this.update(order, 7, { PreviousServerOrderID: before });
    this.meet(order);
  }

  /** Ends an order, and what goes with it. */
  private end(order: ExchangeOrder, status: number, reason: number, text?: string): void {
    if (!LIVE.has(order.status)) return;
    order.status = status;
    this.update(order, reason, text === undefined ? {} : { InfoText: text });
    const isGone = status === 8 && order.filled === 0;
    for (const child of this.orders.filter((one) => one.parentId === order.serverId))
      if (isGone) this.end(child, 8, 6, 'its parent was cancelled');
    // A cancelled exit of a bracket leaves the other where it is; of a plain pair it takes it along.
    const other = this.orders.find((one) => one.serverId === order.ocoId);
    if (status === 8 && order.parentId === '' && other !== undefined) this.end(other, 8, 6, 'OCO');
  }

  /** Moves the market, which fills what it reaches. */
  quote(symbol: string, bid: number, ask: number): void {
    this.quotes.set(symbol, { bid, ask });
    let left = this.offered;
    for (const order of [...this.working()]) if (order.symbol === symbol) left -= this.meet(order, left);
  }
  private meet(order: ExchangeOrder, offered = this.offered): number {
    const quote = this.quotes.get(order.symbol);
    if (quote === undefined || (order.status !== 4 && order.status !== 10)) return 0;
    const price = order.side === 1 ? quote.ask : quote.bid;
    const sign = order.side === 1 ? 1 : -1;
    if (order.type === 3 && (price - order.price) * sign >= 0) order.isTriggered = true;
    const isDue = order.type === 1 || order.isTriggered || (order.type === 2 && (order.price - price) * sign >= 0);
    const quantity = Math.min(order.quantity - order.filled, offered);
    if (isDue && quantity > 0) this.fill(order, quantity, price);
    return isDue ? Math.max(0, quantity) : 0;
  }
  fill(order: ExchangeOrder, quantity: number, price: number): void {
    const { execPrefix = 'E' } = this.options;
    const execId = execPrefix === null ? '' : `${execPrefix}${this.nextExec}`;
    this.nextExec += 1;
    const at = this.options.now();
    const { serverId, symbol, side, account } = order;
    this.executions.push({ serverId, execId, symbol, side, quantity, price, at, account });
    order.filled += quantity;
    order.value += quantity * price;
    const isDone = order.filled >= order.quantity;
    order.status = isDone ? 7 : 10;
    if (!this.isSilentOnFills) {
      this.update(order, isDone ? 4 : 5, {
        ...{ LastFillPrice: price, LastFillQuantity: quantity, LastFillDateTime: at },
        ...(execId === '' ? {} : { LastFillExecutionID: execId }),
      });
    }
    this.tell(this.positionMessage(symbol, { RequestID: 0, Unsolicited: 1 }));
    this.follow(order, quantity);
  }
  /** Children grow with their parent, and each is less by what the other has filled. */
  private follow(order: ExchangeOrder, quantity: number): void {
    for (const child of this.orders.filter((one) => one.parentId === order.serverId && LIVE.has(one.status))) {
      child.status = 4;
      child.quantity = order.filled;
      this.update(child, 3);
    }
    const other = this.orders.find((one) => one.serverId === order.ocoId);
    if (other === undefined || !LIVE.has(other.status)) return;
    if (order.status === 7) this.end(other, 8, 6, 'OCO');
    else {
      other.quantity -= quantity;
      this.update(other, 3);
    }
  }
  positionMessage(symbol: string, over: Readonly<Record<string, unknown>>): Message {
    const quantity = this.position(symbol);
    const own = this.executions.filter((one) => one.symbol === symbol);
    return {
      ...{ Type: 306, TotalNumberMessages: 1, MessageNumber: 1, Symbol: symbol, Quantity: quantity },
      ...{ AveragePrice: own.at(-1)?.price ?? 0, TradeAccount: this.options.account },
      ...(quantity === 0 ? { NoPositions: 0 } : {}),
      ...over,
    };
  }
}
