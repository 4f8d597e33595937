import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createTwsExchange, type ExchangeNews, type Quote } from './exchange.ts';
import { type HabitName, speakerOf } from './dialects.ts';
import { createFrameReader, type Field, frameOf } from './frames.ts';
import { commission, errorMessage, execution, openOrder, orderStatus } from './layouts.ts';
import { answerList, type ListAnswers } from './lists.ts';
import { CONTRACTS, type TwsContract, type TwsExecution, type TwsOrder } from './model.ts';
import { placeOrder, cancelOrder } from './orders.ts';
import { type PlaceRequest, readPlaceOrder } from './requests.ts';

/** What goes wrong, and how. Each may be switched while the server runs. */
export type TwsFaults = {
  /** Bytes of each piece a message is sent in; null: whole. */
  chunk: number | null;
  /** What is said in one go leaves in one piece. */
  burst: boolean;
  /** Closes the connection instead of sending this many more messages; null: never. */
  dropAfter: number | null;
  /** Kinds of messages (their number) that are not sent. */
  muted: Set<number>;
  /** Each execution is told twice. */
  twice: boolean;
  /** Executions wait for `releaseExecutions`, and then come in reverse. */
  holdExecutions: boolean;
  /** No commission is told of a live execution. */
  noCommission: boolean;
  /** Which orders are refused, and with what. */
  rejectIf: (asked: PlaceRequest) => readonly [code: number, text: string] | null;
  /** What it says the connection to IB is. */
  cutOff: boolean;
  /** Takes bytes and answers nothing, not even that the connection is closed. */
  dead: boolean;
  /** Bytes sent instead of the greeting. */
  garbage: Buffer | null;
  readOnly: boolean;
};

export type TwsOptions = {
  readonly version?: number;
  readonly accounts?: readonly string[];
  readonly contracts?: readonly TwsContract[];
  readonly nextId?: number;
  readonly faults?: Partial<TwsFaults>;
  readonly port?: number;
  /** How this version says things. */
  readonly habits?: readonly HabitName[];
  /** At a connection TWS tells the open orders of the client unasked, and the next order id only after a while. */
  readonly startsSlowly?: boolean;
  /** What it says when it is connected: the time, in the words of its zone. */
  readonly hello?: string;
  /** The exchange of a server that was stopped: TWS starts anew, its orders are at IB. */
  readonly exchange?: ReturnType<typeof createTwsExchange>;
};

export type TwsClient = {
  readonly id: number;
  readonly send: (fields: readonly Field[]) => void;
  readonly socket: Socket;
};

/** A Trader Workstation that speaks the wire and keeps an account, for the desk and for its faults. */
export async function startTws(options: TwsOptions = {}) {
  const version = options.version ?? 176;
  const accounts = options.accounts ?? ['DU1234567'];
  const contracts = options.contracts ?? CONTRACTS;
  const faults: TwsFaults = {
    ...{
      chunk: null,
      dropAfter: null,
      muted: new Set<number>(),
      twice: false,
      holdExecutions: false,
      rejectIf: () => null,
    },
    ...{ burst: false, noCommission: false, cutOff: false, dead: false, garbage: null, readOnly: false },
    ...options.faults,
  };
  const sockets = new Set<Socket>();
  const clients = new Map<number, TwsClient>();
  const received: string[][] = [];
  const complaints: string[] = [];
  const heldBack: TwsExecution[] = [];
  const subscriptions = new Map<string, { client: TwsClient; reqId: number; conId: number }>();
  const nextIds = new Map<number, number>();
  let now = (): number => Date.now();

  const write = (socket: Socket, bytes: Buffer): void => {
    if (faults.dead || socket.destroyed) return;
    const { chunk } = faults;
    if (faults.burst) {
      if (socket.writableCorked === 0) process.nextTick(() => socket.uncork());
      if (socket.writableCorked === 0) socket.cork();
    }
    if (chunk === null) socket.write(bytes);
    else for (let at = 0; at < bytes.length; at += chunk) socket.write(bytes.subarray(at, at + chunk));
  };
  const clientOf = (id: number): TwsClient | undefined => clients.get(id);
  const broadcast = (fields: readonly Field[]): void => {
    for (const client of clients.values()) client.send(fields);
  };
  const tellExecution = (made: TwsExecution): void => {
    const owner = clientOf(made.order.clientId);
    const times = faults.twice ? 2 : 1;
    for (let n = 0; n < times; n += 1) owner?.send(execution(version, -1, made, timeText(made.at)));
    if (!faults.noCommission) owner?.send(commission(made));
  };
  const tell = (news: ExchangeNews): void => {
    if (news.kind === 'execution') {
      if (faults.holdExecutions) heldBack.push(news.execution);
      else tellExecution(news.execution);
      return;
    }
    const owner = clientOf(news.order.clientId);
    if (news.kind === 'order') owner?.send(openOrder(version, news.order));
    else if (news.kind === 'status') owner?.send(orderStatus(news.order, news.lastPrice));
    else owner?.send(errorMessage(version, news.order.orderId, [202, `Order Canceled - reason:${news.order.reason}`]));
  };
  const exchange =
    options.exchange ??
    createTwsExchange(
      (news) => tell(news),
      () => now(),
    );
  if (options.exchange !== undefined) exchange.retell(tell);

  const ticks = (sub: { client: TwsClient; reqId: number }, { bid, ask, last }: Quote): void => {
    const { client, reqId } = sub;
    for (const [field, price] of [
      [1, bid],
      [2, ask],
      [4, last],
    ] as const)
      client.send([1, 6, reqId, field, price, 5, 0]);
    client.send([46, 6, reqId, 45, Math.floor(now() / 1_000)]);
  };
  const nextIdOf = (client: number): number =>
    Math.max(
      nextIds.get(client) ?? options.nextId ?? 1,
      ...exchange.orders.filter((order) => order.clientId === client).map(({ orderId }) => orderId + 1),
    );
  const lists: ListAnswers = {
    version,
    accounts,
    contracts,
    exchange,
    timeText,
    now: () => now(),
    complain: (what) => void complaints.push(what),
  };
  const handle = (client: TwsClient, fields: string[]): void => {
    received.push(fields);
    const parts = { version, exchange, contracts, accounts, faults, client };
    switch (Number(fields[0])) {
      case 1: {
        const [reqId, conId] = [Number(fields[2]), Number(fields[3])];
        const sub = { client, reqId, conId };
        client.send([58, 1, reqId, 1]);
        subscriptions.set(`${client.id}/${reqId}`, sub);
        const quote = exchange.quotes.get(conId);
        if (quote !== undefined) ticks(sub, quote);
        return;
      }
      case 2:
        subscriptions.delete(`${client.id}/${fields[2] ?? ''}`);
        return;
      case 3:
        placeOrder(parts, fields);
        return;
      case 4:
        cancelOrder(parts, Number(version < 192 ? fields[2] : fields[1]));
        return;
      case 49:
        client.send([49, 1, Math.floor(now() / 1_000)]);
        return;
      default:
        answerList(lists, client, fields);
    }
  };
  const greet = (client: TwsClient): void => {
    if (clients.has(client.id)) {
      client.send(errorMessage(version, -1, [326, `Unable to connect as the client id is already in use.`]));
      client.socket.end();
      return;
    }
    clients.set(client.id, client);
    client.send([15, 1, accounts.join(',')]);
    if (options.startsSlowly === true) {
      answerList(lists, client, ['5', '1']);
      setTimeout(() => {
        client.send([9, 1, nextIdOf(client.id)]);
        // Told again later, as an answer to nobody.
        client.send([9, 1, 1]);
      }, 30);
    } else client.send([9, 1, nextIdOf(client.id)]);
    client.send(errorMessage(version, -1, [2104, 'Market data farm connection is OK:usfuture']));
    if (faults.cutOff)
      client.send(errorMessage(version, -1, [2110, 'Connectivity between Trader Workstation and server is broken.']));
  };

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    let client: TwsClient | null = null;
    const speaker = speakerOf(options.habits ?? [], version);
    const send = (fields: readonly Field[]): void => {
      for (const said of speaker(fields)) sendOne(said);
    };
    const sendOne = (fields: readonly Field[]): void => {
      if (faults.muted.has(Number(fields[0]))) return;
      if (faults.dropAfter !== null) {
        faults.dropAfter -= 1;
        if (faults.dropAfter < 0) {
          faults.dropAfter = null;
          socket.destroy();
          return;
        }
      }
      write(socket, frameOf(fields));
    };
    socket.on('close', () => {
      sockets.delete(socket);
      if (client !== null && clients.get(client.id) === client) clients.delete(client.id);
    });
    const read = createFrameReader(
      () => {
        if (faults.garbage !== null) socket.write(faults.garbage);
        else send([version, options.hello ?? '20261129 11:21:14 GMT']);
      },
      (fields) => {
        if (faults.dead) return;
        if (client === null && Number(fields[0]) === 71) {
          client = { id: Number(fields[2]), send, socket };
          greet(client);
        } else if (client !== null) handle(client, fields);
      },
    );
    socket.on('data', read);
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  return {
    port,
    version,
    faults,
    exchange,
    /** Every message of clients, as fields. */
    received,
    complaints: (): readonly string[] => complaints,
    clients: () => [...clients.keys()],
    /** Request ids of the subscriptions to prices. */
    subscriptions: (): number[] => [...subscriptions.values()].map(({ reqId }) => reqId),
    /** placeOrder messages with this order reference. */
    placed: (orderRef: string): number =>
      received.filter((f) => f[0] === '3' && readPlaceOrder(version, f).orderRef === orderRef).length,
    contract: (localSymbol: string): TwsContract => {
      const found = contracts.find((one) => one.localSymbol === localSymbol);
      if (found === undefined) throw new Error(`no contract ${localSymbol}`);
      return found;
    },
    order: (orderRef: string): TwsOrder => {
      const found = exchange.orders.find((one) => one.orderRef === orderRef);
      if (found === undefined) throw new Error(`no order ${orderRef}`);
      return found;
    },
    move: (contract: TwsContract, quote: Quote, size?: number): void => {
      exchange.move(contract, quote, size);
      for (const sub of subscriptions.values()) if (sub.conId === contract.conId) ticks(sub, quote);
    },
    /** A word of the system, or about a request. */
    say: (code: number, text: string, id = -1): void => broadcast(errorMessage(version, id, [code, text])),
    send: (fields: readonly Field[]): void => broadcast(fields),
    raw: (bytes: Buffer): void => {
      for (const socket of sockets) socket.write(bytes);
    },
    releaseExecutions: (): void => {
      faults.holdExecutions = false;
      for (const made of heldBack.splice(0).reverse()) tellExecution(made);
    },
    tellCommission: (made: TwsExecution): void => clientOf(made.order.clientId)?.send(commission(made)),
    /** An order of another hand: typed into TWS, or of another program. */
    placeExternal: (given: Partial<PlaceRequest> & { contract: TwsContract; clientId?: number }): TwsOrder => {
      const clientId = given.clientId ?? 0;
      const order: TwsOrder = {
        ...{ orderId: clientId === 0 ? 0 : nextIdOf(clientId), clientId, permId: exchange.nextPermId() },
        ...{ contract: given.contract, action: given.action ?? 'BUY', quantity: given.quantity ?? 1 },
        ...{ type: given.type ?? 'LMT', lmtPrice: given.lmtPrice ?? '1', auxPrice: '', tif: 'DAY', ocaGroup: '' },
        ...{ ocaType: 0, account: given.account ?? accounts[0] ?? '', orderRef: given.orderRef ?? '', transmit: true },
        ...{ parentId: 0, outsideRth: false, filled: 0, cost: 0, status: 'ApiPending', whyHeld: '', reason: '' },
      };
      exchange.place(order);
      return order;
    },
    /** Cuts every connection, without a word. */
    drop: (): void => {
      for (const socket of sockets) socket.destroy();
    },
    setNow: (clock: () => number): void => {
      now = clock;
    },
    stop: (): Promise<void> => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

export type TwsServer = Awaited<ReturnType<typeof startTws>>;

/** As TWS writes times of executions. */
export function timeText(at: number): string {
  const text = new Intl.DateTimeFormat('sv-SE', {
    ...{ timeZone: 'America/Chicago', dateStyle: 'short', timeStyle: 'medium' },
  }).format(at);
  return `${text.replaceAll('-', '')} US/Central`;
}
