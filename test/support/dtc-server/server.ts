import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createDialect, type Dialect } from './dialect.ts';
import { Exchange, type ExchangeOptions } from './exchange.ts';
import {
  createReader,
  encodingResponse,
  type Message,
  readEncodingRequest,
  type WireEncoding,
  WireFault,
  writeMessage,
} from './wire.ts';

/** What a server can be told to do wrong. All off by default. */
export type Faults = {
  /** Writes this many bytes at a time, each in a packet of its own. */
  chunk: number | null;
  /** Accepts and refusals of new orders are not told. */
  muteAcks: boolean;
  /** Every fill is told twice. */
  duplicateFills: boolean;
  tradingDisabled: boolean;
  /** Cuts the connection when it has sent this many messages more. */
  dropAfter: number | null;
  /** Cuts the connection when it has received a message of this type, before (or after) acting on it. */
  dropOn: { readonly type: number; readonly when: 'before' | 'after' } | null;
  rejectMarketData: string | null;
  silentHeartbeats: boolean;
  /** Neither reads nor writes, and does not hang up. */
  halfOpen: boolean;
  /** Questions of these types have no answer. */
  mute: readonly number[];
  /** Refuses new orders, and names what of them. */
  refuseOrders: 'with-client-id' | 'without-ids' | null;
  /** Said with each refusal. */
  refuseText: string;
  /** Leaves out how many messages a set has. */
  noTotals: boolean;
  /** The list of executions has other ids than the updates had. */
  otherListIds: boolean;
  /** The list of executions leaves out which side they were on. */
  noSides: boolean;
};

export type ServerOptions = Omit<ExchangeOptions, 'now'> & {
  readonly now?: () => number;
  readonly port?: number;
  /** Goes on with the orders of an exchange that another server had. */
  readonly exchange?: Exchange;
  readonly encodingAnswer?: 'binary' | 'json' | 'none' | number;
  readonly logon?: Readonly<Record<string, unknown>>;
  readonly password?: string;
  /** Said with each refused logon. */
  readonly refusal?: string;
  readonly faults?: Partial<Faults>;
  /** Writes its messages as other servers do, by this seed. */
  readonly dialect?: number;
  /** Says something else in the place of each message, or nothing until another comes. */
  readonly vary?: (message: Message) => readonly Message[];
  /** What is said in the place of one message goes in one packet. */
  readonly isJoined?: boolean;
  /** Heartbeats are sent this often, in real time. */
  readonly heartbeatMs?: number;
};

const NO_FAULTS: Faults = {
  ...{ chunk: null, muteAcks: false, duplicateFills: false, tradingDisabled: false, dropAfter: null, dropOn: null },
  ...{
    rejectMarketData: null,
    silentHeartbeats: false,
    halfOpen: false,
    mute: [],
    refuseOrders: null,
    refuseText: 'no margin',
  },
  ...{ noTotals: false, otherListIds: false, noSides: false },
};

type Client = {
  readonly socket: Socket;
  encoding: WireEncoding;
  isLoggedOn: boolean;
  readonly symbols: Map<number, string>;
  readonly send: (message: Message) => void;
};

type Fieldset = Readonly<Record<string, unknown>>;
const isList = (past: readonly Fieldset[] | Fieldset): past is readonly Fieldset[] => Array.isArray(past);

/** A DTC server over TCP that really trades, for tests. What clients do wrong stands in `complaints`. */
export class DtcServer {
  readonly exchange: Exchange;
  readonly faults: Faults;
  readonly complaints: string[] = [];
  readonly received: Message[] = [];
  readonly clients = new Set<Client>();
  /** Past prices, or why there are none; null: the server goes instead of answering. */
  history: readonly Readonly<Record<string, unknown>>[] | Readonly<Record<string, unknown>> | null = [];
  /** Connections ever accepted. */
  accepted = 0;
  private readonly server: Server;
  private readonly options: ServerOptions;
  private readonly now: () => number;

  private constructor(options: ServerOptions) {
    this.options = options;
    this.now = options.now ?? (() => Date.now());
    this.faults = { ...NO_FAULTS, ...options.faults };
    this.exchange = options.exchange ?? new Exchange({ ...options, now: this.now });
    this.exchange.listeners.add(this.broadcast);
    this.server = createServer((socket) => this.accept(socket));
  }
  static async start(options: ServerOptions): Promise<DtcServer> {
    const made = new DtcServer(options);
    made.server.listen(options.port ?? 0, '127.0.0.1');
    await once(made.server, 'listening');
    return made;
  }
  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }
  async close(): Promise<void> {
    this.exchange.listeners.delete(this.broadcast);
    this.cut();
    this.server.close();
    await once(this.server, 'close');
  }
  /** Cuts every connection. */
  cut(): void {
    for (const client of [...this.clients]) client.socket.destroy();
    this.clients.clear();
  }
  countOf(type: number): number {
    return this.received.filter((message) => message.Type === type).length;
  }
  /** Sends bytes as they are, to everybody. */
  raw(bytes: Buffer): void {
    for (const { socket } of this.clients) socket.write(bytes);
  }
  send(message: Message): void {
    for (const client of this.clients) if (client.isLoggedOn) client.send(message);
  }
  quote(symbol: string, bid: number, ask: number): void {
    this.exchange.quote(symbol, bid, ask);
    for (const client of this.clients) {
      for (const [SymbolID, name] of client.symbols) {
        if (name !== symbol) continue;
        const DateTime = this.now() / 1_000;
        client.send({
          ...{ Type: 108, SymbolID, BidPrice: bid, BidQuantity: 5, AskPrice: ask, AskQuantity: 7 },
          DateTime: Math.floor(DateTime),
        });
        if (this.exchange.contract(name)?.isBidAskOnly === true) continue;
        client.send({ Type: 107, SymbolID, AtBidOrAsk: 1, Price: bid, Volume: 2, DateTime });
      }
    }
  }

  private readonly broadcast = (message: Message): void => {
    const { OrderUpdateReason: reason } = message;
    if (this.faults.muteAcks && message.Type === 301 && (reason === 2 || reason === 8)) return;
    this.send(message);
    const isFill = message.Type === 301 && (reason === 4 || reason === 5);
    if (isFill && this.faults.duplicateFills) this.send(message);
  };

  private accept(socket: Socket): void {
    this.accepted += 1;
    const dialect: Dialect =
      this.options.dialect === undefined ? (message) => [{ message, before: '' }] : createDialect(this.options.dialect);
    let queue: Promise<void> = Promise.resolve();
    const write = (bytes: Buffer): void => {
      const { chunk } = this.faults;
      if (chunk === null) {
        socket.write(bytes);
        return;
      }
      // One packet after the other: only when the first has gone is the next one written.
      for (let at = 0; at < bytes.length; at += chunk) {
        const part = bytes.subarray(at, at + chunk);
        queue = queue.then(
          () =>
            new Promise((resolve) => {
              if (socket.writable) socket.write(part, () => setImmediate(resolve));
              else resolve();
            }),
        );
      }
    };
    const client: Client = {
      ...{ socket, encoding: 2, isLoggedOn: false, symbols: new Map() },
      send: (message) => {
        if (this.faults.halfOpen || socket.destroyed) return;
        const { dropAfter } = this.faults;
        if (dropAfter !== null) {
          if (dropAfter <= 0) {
            this.faults.dropAfter = null;
            socket.destroy();
            return;
          }
          this.faults.dropAfter = dropAfter - 1;
        }
        const said = this.options.vary?.(message) ?? [message];
        const written = said
          .flatMap((one) => dialect(one))
          .map(({ message: one, before }) => Buffer.concat([Buffer.from(before), writeMessage(one, client.encoding)]));
        for (const bytes of this.options.isJoined === true ? [Buffer.concat(written)] : written) write(bytes);
      },
    };
    this.clients.add(client);
    socket.setNoDelay(true);
    const read = createReader(() => client.encoding);
    let first: Buffer | null = Buffer.alloc(0);
    const beat = setInterval(() => {
      if (client.isLoggedOn && !this.faults.silentHeartbeats)
        client.send({ Type: 3, NumDroppedMessages: 0, CurrentDateTime: Math.floor(this.now() / 1_000) });
    }, this.options.heartbeatMs ?? 1_000);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearInterval(beat);
      this.clients.delete(client);
      this.exchange.dropHeld('the client has gone');
    });
    socket.on('data', (data: Buffer) => {
      if (this.faults.halfOpen) return;
      try {
        let bytes = data;
        if (first !== null) {
          first = Buffer.concat([first, data]);
          if (first[0] === 0x10 && first.length < 16) return;
          bytes = first[0] === 0x10 ? this.agree(client, first, write) : first;
          first = null;
        }
        for (const message of read(bytes)) this.take(client, message);
      } catch (error) {
        this.complaints.push(error instanceof WireFault ? error.message : String(error));
        socket.destroy();
      }
    });
  }

  /** The one binary message; returns what came after it. */
  private agree(client: Client, bytes: Buffer, write: (bytes: Buffer) => void): Buffer {
    const request = readEncodingRequest(bytes);
    if (request === null) throw new WireFault('the first 16 bytes are no encoding request');
    if (request.version !== 8) throw new WireFault(`protocol version ${request.version}`);
    const { encodingAnswer = 'binary' } = this.options;
    const code = typeof encodingAnswer === 'number' ? encodingAnswer : request.encoding;
    client.encoding = code === 3 ? 3 : 2;
    if (encodingAnswer === 'json')
      write(Buffer.from(`{"Type":7,"ProtocolVersion":8,"Encoding":${code},"ProtocolType":"DTC"}\0`));
    else if (encodingAnswer !== 'none') write(encodingResponse(code));
    return bytes.subarray(16);
  }

  private take(client: Client, message: Message): void {
    this.received.push(message);
    const { dropOn } = this.faults;
    const isDrop = dropOn?.type === message.Type;
    if (isDrop) this.faults.dropOn = null;
    if (isDrop && dropOn.when === 'before') {
      client.socket.destroy();
      return;
    }
    if (!this.faults.mute.includes(message.Type)) this.act(client, message);
    if (isDrop) client.socket.destroy();
  }

  private act(client: Client, message: Message): void {
    if (message.Type === 1) {
      this.logOn(client, message);
      return;
    }
    if (!client.isLoggedOn) throw new WireFault(`type ${message.Type} before the logon`);
    switch (message.Type) {
      case 3:
      case 5:
        return;
      case 101:
        this.subscribe(client, message);
        return;
      case 201:
      case 208:
        this.submit(client, message);
        return;
      case 203:
        this.exchange.cancel(message, client.send);
        return;
      case 204:
        this.exchange.replace(message, client.send);
        return;
      case 300:
        this.openOrders(client, message);
        return;
      case 303:
        this.fills(client, message);
        return;
      case 305:
        this.positions(client, message);
        return;
      case 400:
        this.set(client, message, [{ Type: 401, TradeAccount: this.exchange.options.account }]);
        return;
      case 506:
        this.define(client, message);
        return;
      case 800:
        this.past(client, message);
        return;
      case 601:
        this.set(client, message, [
          {
            Type: 600,
            CashBalance: 100_000,
            OpenPositionsProfitLoss: 0,
            AccountCurrency: 'USD',
            TradeAccount: this.exchange.options.account,
          },
        ]);
        return;
      default:
        this.complaints.push(`unexpected type ${message.Type}`);
    }
  }

  private logOn(client: Client, message: Message): void {
    const { HeartbeatIntervalInSeconds: seconds, Password } = message;
    if (typeof seconds !== 'number' || seconds < 5 || seconds > 60) this.complaints.push('no heartbeat interval');
    const isIn = this.options.password === undefined || this.options.password === Password;
    client.isLoggedOn = isIn;
    client.send({
      ...{ Type: 2, ProtocolVersion: 8, Result: isIn ? 1 : 2, ServerName: 'Test DTC server' },
      ResultText: isIn ? 'Connected' : (this.options.refusal ?? 'wrong password'),
      ...{ TradingIsSupported: this.faults.tradingDisabled ? 0 : 1, OCOOrdersSupported: 1, BracketOrdersSupported: 1 },
      ...{ OrderCancelReplaceSupported: 1, SecurityDefinitionsSupported: 1, MarketDataSupported: 1 },
      ...{ HistoricalPriceDataSupported: 1, ResubscribeWhenMarketDataFeedAvailable: 1, SymbolExchangeDelimiter: '-' },
      ...this.options.logon,
    });
    const result = this.options.logon?.['Result'];
    if (!isIn || (result !== undefined && result !== 1)) client.socket.end();
  }

  /** Sends a set of answers with the number of the request, counted. */
  private set(client: Client, { RequestID }: Message, messages: readonly Message[]): void {
    if (typeof RequestID !== 'number' || RequestID <= 0) this.complaints.push('a request without a number');
    const total = messages[0]?.Type === 301 ? 'TotalNumMessages' : 'TotalNumberMessages';
    messages.forEach((message, index) => {
      const counted = this.faults.noTotals
        ? { [total]: undefined, MessageNumber: undefined }
        : { [total]: messages.length, MessageNumber: index + 1 };
      client.send({ ...message, RequestID, ...counted });
    });
  }
  private openOrders(client: Client, message: Message): void {
    const extra = Object.keys(message).filter(
      (key) => !['Type', 'RequestID', 'RequestAllOrders', 'ServerOrderID', 'TradeAccount'].includes(key),
    );
    // A request with fields it does not have is ignored.
    if (extra.length > 0) return;
    const orders = this.exchange.working().map((order) => this.exchange.statement(order, 1));
    this.set(client, message, orders.length === 0 ? [{ Type: 301, NoOrders: 1, OrderUpdateReason: 1 }] : orders);
  }
  private fills(client: Client, message: Message): void {
    const from = Number(message['StartDateTime'] ?? 0) * 1_000;
    const found = this.exchange.executions.filter((one) => one.at >= from);
    const list = found.map((one): Message => ({
      ...{ Type: 304, Symbol: one.symbol, ServerOrderID: one.serverId, Price: one.price },
      ...(this.faults.noSides ? {} : { BuySell: one.side }),
      ...{ DateTime: Math.floor(one.at / 1_000), Quantity: one.quantity, TradeAccount: one.account },
      UniqueExecutionID: this.faults.otherListIds && one.execId !== '' ? `L-${one.execId}` : one.execId,
    }));
    this.set(client, message, list.length === 0 ? [{ Type: 304, NoOrderFills: 1 }] : list);
  }
  private positions(client: Client, message: Message): void {
    const held = this.exchange.options.contracts.filter(({ symbol }) => this.exchange.position(symbol) !== 0);
    const list = held.map(({ symbol }) => this.exchange.positionMessage(symbol, {}));
    this.set(client, message, list.length === 0 ? [{ Type: 306, NoPositions: 1 }] : list);
  }
  private define(client: Client, message: Message): void {
    const { RequestID, Symbol: name } = message;
    const contract = this.exchange.contract(name);
    if (contract === undefined) {
      client.send({ Type: 507, RequestID, IsFinalMessage: 1 });
      return;
    }
    client.send({
      ...{ Type: 507, RequestID, Symbol: contract.symbol, Exchange: '', SecurityType: 1, Description: 'a future' },
      // Float32 on the wire.
      ...{ MinPriceIncrement: Math.fround(contract.tickSize), PriceDisplayFormat: 2 },
      CurrencyValuePerIncrement: Math.fround(contract.tickValue),
      ...{ IsFinalMessage: 1, Currency: 'USD', InitialMarginRequirement: contract.margin ?? 0 },
      ...(contract.isBidAskOnly === true ? { UpdatesBidAskOnly: 1 } : {}),
      ...(contract.multiplier === undefined ? {} : { DisplayPriceMultiplier: contract.multiplier }),
      SecurityExpirationDate: Date.UTC(2026, 2, 20) / 1_000,
    });
  }
  private submit(client: Client, message: Message): void {
    if (this.faults.tradingDisabled) return;
    const { refuseOrders, refuseText } = this.faults;
    if (refuseOrders !== null) {
      const ids =
        message.Type === 208 ? [message['ClientOrderID']] : [message['ClientOrderID_1'], message['ClientOrderID_2']];
      for (const id of ids) {
        client.send({
          ...{ Type: 301, Symbol: message['Symbol'], OrderStatus: 9, OrderUpdateReason: 8, InfoText: refuseText },
          ...(refuseOrders === 'with-client-id' ? { ClientOrderID: id } : {}),
        });
      }
      return;
    }
    const tell = (answer: Message): void => {
      if (!this.faults.muteAcks) client.send(answer);
    };
    if (message.Type === 208) this.exchange.submitSingle(message, tell);
    else this.exchange.submitOco(message, tell);
  }

  /** One request a connection, and the server closes it. */
  private past(client: Client, { RequestID, RecordInterval, UseZLibCompression }: Message): void {
    const { history } = this;
    if (UseZLibCompression !== 0) this.complaints.push('compressed history was asked for');
    if (history === null) client.socket.destroy();
    else if (!isList(history)) client.send({ ...history, Type: 802, RequestID });
    else {
      const isNone = history.length === 0;
      client.send({ Type: 801, RequestID, RecordInterval, UseZLibCompression: 0, NoRecordsToReturn: isNone ? 1 : 0 });
      for (const record of history) client.send({ ...record, Type: 803, RequestID });
      client.socket.end();
    }
  }

  private subscribe(client: Client, message: Message): void {
    const { SymbolID, Symbol: name, RequestAction: action } = message;
    if (typeof SymbolID !== 'number' || typeof name !== 'string')
      throw new WireFault('a subscription without a symbol');
    if (action === 2) {
      client.symbols.delete(SymbolID);
      return;
    }
    const used = client.symbols.get(SymbolID);
    if (used !== undefined && used !== name) this.complaints.push(`SymbolID ${SymbolID} stands for two symbols`);
    const { rejectMarketData } = this.faults;
    if (rejectMarketData !== null || this.exchange.contract(name) === undefined) {
      client.send({ Type: 103, SymbolID, RejectText: rejectMarketData ?? 'unknown symbol' });
      return;
    }
    client.symbols.set(SymbolID, name);
    const quote = this.exchange.quotes.get(name);
    const at = this.now() / 1_000;
    client.send({
      ...{ Type: 104, SymbolID, TradingStatus: 2 },
      ...(quote === undefined
        ? {}
        : {
            BidPrice: quote.bid,
            AskPrice: quote.ask,
            LastTradePrice: quote.bid,
            LastTradeDateTime: at,
            BidAskDateTime: at,
          }),
    });
  }
}
