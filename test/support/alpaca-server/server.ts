import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { Exchange, isOpen, type ExchangeEvent, type ExchangeOrder, type NewOrder } from './exchange.ts';
import type { Dialect } from './dialect.ts';
import { type MarketSide, createMarketSide } from './market.ts';
import { activityJson, amendmentJson, lean, orderJson, updateJson } from './wire.ts';

export const KEYS = { keyId: 'PKTEST', secretKey: 'secret-of-the-test' } as const;
export const NUMBER = 'PA3TEST';

/** What the server does wrong, on purpose. */
export type Faults = {
  /** Updates that are never sent. */
  mute: boolean;
  duplicate: boolean;
  /** Each pair of updates comes in the other order. */
  reorder: boolean;
  /** An order is taken, and the answer is this status all the same. */
  afterAccept: number | null;
  /** The next orders are not taken, and answered 5xx. */
  beforeAccept: number | null;
  /** So many requests are held off. */
  limited: number;
  retryAfter: string | null;
  /** Orders are refused, by a word of the venue. */
  refuse: { status: number; code: number; message: string } | null;
  refuseReplace: boolean;
  refuseCancel: boolean;
  /**
   * How the list of executions tells what was busted or corrected, which Alpaca documents for none: as an activity of
   * its own, or as the execution that stands, or it shows what was executed and says no more.
   */
  amended: 'apart' | 'in place' | 'never';
  /** Busts and corrections come without the ids, the quantity and the price. */
  bareAmendments: boolean;
  /** What is due at once comes in one frame: in an array, a line each, or with nothing between. */
  joined: 'array' | 'lines' | 'glued' | null;
  /** Each message comes in frames of one byte. */
  split: boolean;
  text: boolean;
  /** The server speaks of things nobody has heard of. */
  isNewer: boolean;
  /** The server leaves out what it has no value for, and writes numbers as numbers. */
  lean: boolean;
  /** Executions are listed without what their orders had filled with them. */
  uncounted: boolean;
  /** Requests whose path contains it are answered 500. */
  brokenPath: string | null;
  /** Answers to requests whose line (`POST /v2/orders`) begins with it are done, and then spoiled. */
  spoiled: { readonly request: string; readonly how: 'garbage' | 'oversize' | 'trickle' } | null;
  /** After this many more requests and updates the line is cut; a request is done all the same, or was never heard of. */
  cutIn: number | null;
  cutIsDone: boolean;
  /** A wrong answer to the logon of the stream. */
  unauthorized: boolean;
  /** What is said to the logon of the stream instead of an answer to it; an empty text is nothing. */
  logonWord: string | null;
  /** A page of a list has no more than this, whatever is asked for. */
  pageLimit: number;
  /** Orders are not found by their client id by so many looks: lists are behind what was taken. */
  hidden: number;
};

export type AlpacaServer = {
  readonly port: number;
  readonly rest: string;
  readonly stream: string;
  readonly exchange: Exchange;
  readonly market: MarketSide;
  readonly faults: Faults;
  readonly account: { status: string; blocked: boolean };
  /** Requests so far, as `METHOD path`. */
  readonly requests: string[];
  readonly complaints: string[];
  readonly streams: () => number;
  /** Orders with a client id that were ever asked for, taken or not. */
  readonly posted: (clientOrderId: string) => number;
  /** Cuts every connection of the streams. */
  readonly drop: () => void;
  readonly sendRaw: (data: string | Buffer) => void;
  readonly stop: () => Promise<void>;
};

type Reply = { readonly status: number; readonly body?: unknown; readonly after?: () => void };
type Ask = { readonly method: string; readonly url: URL; readonly body: Record<string, unknown> };
const fail = (status: number, code: number, message: string): Reply => ({ status, body: { code, message } });

export type AlpacaOptions = { readonly account?: string; readonly dialect?: Dialect };

export async function startAlpaca(
  at = 0,
  { account: number = NUMBER, dialect }: AlpacaOptions = {},
): Promise<AlpacaServer> {
  const exchange = new Exchange();
  const faults: Faults = {
    ...{ mute: false, duplicate: false, reorder: false, afterAccept: null, beforeAccept: null, limited: 0 },
    ...{
      retryAfter: '0',
      refuse: null,
      refuseReplace: false,
      refuseCancel: false,
      split: false,
      text: false,
      isNewer: false,
      joined: null,
    },
    ...{ lean: false, uncounted: false, amended: 'apart', bareAmendments: false },
    ...{
      brokenPath: null,
      unauthorized: false,
      logonWord: null,
      pageLimit: Infinity,
      hidden: 0,
      spoiled: null,
      cutIn: null,
      cutIsDone: false,
    },
  };
  const account = { status: 'ACTIVE', blocked: false };
  const [requests, complaints, postedIds]: [string[], string[], string[]] = [[], [], []];
  const listening = new Set<WebSocket>();
  const sockets = new WebSocketServer({ noServer: true });
  const market = createMarketSide(faults);
  let late: string | null = null;

  const due: string[] = [];
  const flush = (): void => {
    const texts = due.splice(0);
    if (texts.length === 0) return;
    const joint = faults.joined === 'lines' ? '\n' : '';
    for (const socket of listening)
      sendTo(socket, faults.joined === 'array' ? `[${texts.join(',')}]` : texts.join(joint));
  };
  const send = (text: string): void => {
    if (faults.joined === null) for (const socket of listening) sendTo(socket, text);
    else if (due.push(text) === 1) setImmediate(flush);
  };
  const sendTo = (socket: WebSocket, said: string | Buffer): void => {
    const data = typeof said === 'string' && !faults.text ? Buffer.from(said) : said;
    if (!faults.split) socket.send(data);
    else for (let n = 0; n < data.length; n += 1) socket.send(partOf(data, n), { fin: n === data.length - 1 });
  };
  exchange.onEvent = (event: ExchangeEvent) => {
    const isBare = faults.bareAmendments;
    const update = updateJson(event, { position: exchange.position(event.order.symbol), isBare });
    const newer = faults.isNewer ? { ...update, version: 3, data: { ...update.data, at: 1 } } : update;
    const text = JSON.stringify(faults.lean ? lean(newer) : newer);
    if (faults.mute) return;
    if (isCut()) {
      drop();
      return;
    }
    if (dialect !== undefined) {
      for (const said of dialect.frames(newer)) for (const socket of listening) socket.send(said);
      return;
    }
    if (faults.reorder && late === null) {
      late = text;
      return;
    }
    send(text);
    if (faults.duplicate) send(text);
    if (late !== null) send(late);
    late = null;
  };

  /** Counts down to the cut. */
  const isCut = (): boolean => {
    if (faults.cutIn === null) return false;
    faults.cutIn -= 1;
    if (faults.cutIn >= 0) return false;
    faults.cutIn = null;
    return true;
  };
  const drop = (): void => {
    for (const socket of sockets.clients) socket.terminate();
  };
  const isReversed = (url: URL): boolean =>
    dialect?.isNewestFirst === true || url.searchParams.get('direction') !== 'asc';
  const orders = (url: URL): Reply => {
    const status = url.searchParams.get('status') ?? 'open';
    const limit = Math.min(500, Number(url.searchParams.get('limit') ?? 50));
    const after = Date.parse(url.searchParams.get('after') ?? '1970-01-01T00:00:00Z');
    const until = Date.parse(url.searchParams.get('until') ?? '2100-01-01T00:00:00Z');
    const isNested = url.searchParams.get('nested') === 'true';
    const found = exchange.orders
      .filter((order) => status === 'all' || isOpen(order) === (status === 'open'))
      .filter((order) => order.submittedAt > after && order.submittedAt <= until)
      .filter((order) => !isNested || order.parent === null || isOpen(order) !== isOpen(order.parent))
      .sort((a, b) => a.submittedAt - b.submittedAt);
    if (isReversed(url)) found.reverse();
    return {
      status: 200,
      body: found.slice(0, Math.min(limit, faults.pageLimit)).map((order) => orderJson(order, isNested)),
    };
  };
  const activities = (url: URL): Reply => {
    const after = Date.parse(url.searchParams.get('after') ?? '1970-01-01T00:00:00Z');
    const token = url.searchParams.get('page_token');
    const size = Math.min(Number(url.searchParams.get('page_size') ?? 100), faults.pageLimit);
    const { executions, amendments } = exchange;
    const told =
      faults.amended === 'never'
        ? executions.map(activityJson)
        : faults.amended === 'apart'
          ? [...executions.map(activityJson), ...amendments.map(amendmentJson)]
          : executions.flatMap((one) =>
              one.standing === null ? [] : [{ ...activityJson(one), ...textsOf(one.standing) }],
            );
    const timeOf = ({ transaction_time: at }: { transaction_time: string }): number =>
      Date.parse(at.replace('123456Z', 'Z'));
    const all = told.filter((one) => timeOf(one) > after).sort((a, b) => timeOf(a) - timeOf(b));
    if (isReversed(url)) all.reverse();
    const from = token === null ? 0 : all.findIndex(({ id }) => id === token) + 1;
    const body = all
      .slice(from, from + size)
      .map((one) => ({ ...one, ...(faults.uncounted ? { cum_qty: null } : {}) }));
    return { status: 200, body };
  };
  const place = (body: Record<string, unknown>): Reply => {
    const id = typeof body['client_order_id'] === 'string' ? body['client_order_id'] : null;
    if (id !== null) postedIds.push(id);
    if (faults.refuse !== null) return { status: faults.refuse.status, body: faults.refuse };
    if (faults.beforeAccept !== null) return fail(faults.beforeAccept, 50010000, 'internal server error');
    if (id !== null && exchange.orders.some((order) => order.clientOrderId === id))
      return fail(422, 40010001, 'client_order_id must be unique');
    const given = newOrder(body, id);
    if (typeof given === 'string') {
      complaints.push(given);
      return fail(422, 42210000, given);
    }
    const order = exchange.place(given);
    const answer = orderJson(order);
    const after = (): void => exchange.open(order);
    if (faults.afterAccept !== null) return { ...fail(faults.afterAccept, 50010000, 'internal server error'), after };
    return { status: 200, body: answer, after };
  };
  const change = (order: ExchangeOrder, body: Record<string, unknown>): Reply => {
    if (!isOpen(order)) return fail(422, 42210000, `order is not open: ${order.status}`);
    if (faults.refuseReplace) {
      const ghost = { ...order, id: 'refused', replaces: order.id };
      const at = exchange.now();
      return {
        status: 200,
        body: orderJson(ghost),
        after: () => exchange.onEvent({ event: 'order_replace_rejected', order, execution: null, at }),
      };
    }
    const text = (name: string) => (typeof body[name] === 'string' ? { value: body[name] } : null);
    const next = exchange.replace(order, {
      ...(text('qty') === null ? {} : { qty: Number(text('qty')?.value) }),
      ...(text('limit_price') === null ? {} : { limit: text('limit_price')?.value as string }),
      ...(text('stop_price') === null ? {} : { stop: text('stop_price')?.value as string }),
    });
    return { status: 200, body: orderJson(next), after: () => exchange.tellReplaced(next) };
  };
  const oneOrder = ({ method, url, body }: Ask): Reply => {
    const order = exchange.byId(url.pathname.slice('/v2/orders/'.length));
    if (order === undefined) return fail(404, 40410000, 'order not found');
    if (method === 'GET') return { status: 200, body: orderJson(order, url.searchParams.get('nested') === 'true') };
    if (method === 'PATCH') return change(order, body);
    if (faults.refuseCancel && isOpen(order)) {
      const [event, reason] = ['order_cancel_rejected', 'TOO_LATE_TO_CANCEL'];
      return {
        status: 204,
        after: () => exchange.onEvent({ event, order, execution: null, at: exchange.now(), reason }),
      };
    }
    return isOpen(order)
      ? { status: 204, after: () => void exchange.cancel(order) }
      : fail(422, 42210000, `order is already in "${order.status}" state`);
  };
  const accountJson = () => ({
    ...{ id: '904837e3-3b76-47ec-b432-046db621571b', account_number: number, status: account.status, currency: 'USD' },
    ...{ cash: '100000', equity: '100000', last_equity: '100000', buying_power: '400000', multiplier: '4' },
    ...{ daytrading_buying_power: '400000', regt_buying_power: '200000', initial_margin: '0', daytrade_count: 0 },
    ...{ maintenance_margin: '0', pattern_day_trader: false, trading_blocked: account.blocked, account_blocked: false },
    ...{ trade_suspended_by_user: false, shorting_enabled: true, created_at: '2025-01-02T00:00:00Z' },
  });
  const positions = () =>
    [...new Set(exchange.executions.map(({ order }) => order.symbol))].flatMap((symbol) => {
      const qty = exchange.position(symbol);
      if (qty === 0) return [];
      const opening = exchange.executions.filter(
        ({ order }) => order.symbol === symbol && (order.side === 'buy') === qty > 0,
      );
      const cost = opening.reduce((sum, one) => sum + one.qty * Number(one.price), 0);
      const size = opening.reduce((sum, one) => sum + one.qty, 0);
      return [
        {
          ...{ asset_id: 'x', symbol: symbol.replace('/', ''), qty: String(qty), side: qty > 0 ? 'long' : 'short' },
          avg_entry_price: String(cost / size),
          market_value: '0',
          cost_basis: String(cost),
          current_price: '0',
          unrealized_pl: '0',
        },
      ];
    });
  const route = (ask: Ask): Reply => {
    const { method, url, body } = ask;
    const path = url.pathname;
    if (path === '/v2/account') return { status: 200, body: accountJson() };
    if (path === '/v2/clock') {
      const timestamp = new Date(exchange.now()).toISOString();
      return { status: 200, body: { timestamp, is_open: true, next_open: timestamp, next_close: timestamp } };
    }
    if (path === '/v2/positions') return { status: 200, body: positions() };
    if (path === '/v2/account/activities/FILL') return activities(url);
    if (path === '/v2/orders:by_client_order_id') {
      const id = url.searchParams.get('client_order_id');
      faults.hidden -= 1;
      if (faults.hidden >= 0) return fail(404, 40410000, 'order not found');
      const order = exchange.orders.find((one) => one.clientOrderId === id);
      return order === undefined ? fail(404, 40410000, 'order not found') : { status: 200, body: orderJson(order) };
    }
    if (path === '/v2/orders' && method === 'POST') return place(body);
    if (path === '/v2/orders' && method === 'GET') return orders(url);
    if (path === '/v2/orders' && method === 'DELETE') {
      const open = exchange.orders.filter(isOpen);
      const after = (): void => open.forEach((order) => void exchange.cancel(order));
      return { status: 207, body: open.map(({ id }) => ({ id, status: 200 })), after };
    }
    if (path.startsWith('/v2/orders/')) return oneOrder(ask);
    return market.route(url) ?? fail(404, 40410000, 'endpoint not found');
  };
  const answer = (ask: Ask, request: IncomingMessage): Reply => {
    requests.push(`${ask.method} ${ask.url.pathname}`);
    const { headers } = request;
    if (headers['apca-api-key-id'] !== KEYS.keyId || headers['apca-api-secret-key'] !== KEYS.secretKey)
      return fail(401, 40110000, 'request is not authorized');
    if (faults.limited > 0) {
      faults.limited -= 1;
      return fail(429, 42910000, 'rate limit exceeded');
    }
    if (faults.brokenPath !== null && ask.url.pathname.includes(faults.brokenPath)) return fail(500, 50010000, 'oops');
    return route(ask);
  };
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const body = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
    const isLost = isCut();
    if (isLost) drop();
    if (isLost && !faults.cutIsDone) {
      response.destroy();
      return;
    }
    const reply = answer({ method: request.method ?? 'GET', url, body }, request);
    if (isLost) {
      response.destroy();
      reply.after?.();
      return;
    }
    if (faults.spoiled !== null && `${request.method ?? ''} ${url.pathname}`.startsWith(faults.spoiled.request)) {
      spoil(response, faults.spoiled.how);
      reply.after?.();
      return;
    }
    const reset = { 'x-ratelimit-reset': String(Math.floor(Date.now() / 1_000)) };
    const limit = faults.retryAfter === null ? reset : { 'retry-after': faults.retryAfter };
    response.writeHead(reply.status, { 'content-type': 'application/json', ...(reply.status === 429 ? limit : {}) });
    const written = faults.lean ? lean(reply.body) : dialect === undefined ? reply.body : dialect.body(reply.body);
    response.end(written === undefined ? undefined : JSON.stringify(written));
    reply.after?.();
  };
  const onTrading = (socket: WebSocket): void => {
    const say = (message: unknown): void => sendTo(socket, JSON.stringify(message));
    socket.on('message', (data) => {
      const message = JSON.parse((data as Buffer).toString('utf8')) as Record<string, unknown>;
      const given = (message['data'] ?? {}) as Record<string, unknown>;
      const isLogon = message['action'] === 'authenticate' || message['action'] === 'auth';
      if (isLogon && faults.logonWord !== null) {
        if (faults.logonWord !== '') sendTo(socket, faults.logonWord);
        return;
      }
      if (isLogon) {
        const keyId = given['key_id'] ?? message['key'];
        const secret = given['secret_key'] ?? message['secret'];
        const isRight = keyId === KEYS.keyId && secret === KEYS.secretKey && !faults.unauthorized;
        const status = isRight ? 'authorized' : 'unauthorized';
        say({ stream: 'authorization', data: { status, action: 'authenticate' } });
        return;
      }
      if (message['action'] !== 'listen') return;
      listening.add(socket);
      say({ stream: 'listening', data: { streams: given['streams'] } });
    });
    socket.on('close', () => listening.delete(socket));
  };
  const server: Server = createServer((request, response) => void serve(request, response));
  server.on('upgrade', (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (opened) => {
      if (request.url === '/stream') onTrading(opened);
      else market.onSocket(opened, request.url ?? '');
    });
  });
  await new Promise<void>((resolve) => server.listen(at, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    ...{ port, rest: `http://127.0.0.1:${port}`, stream: `ws://127.0.0.1:${port}/stream`, exchange, market, faults },
    ...{ account, requests, complaints, drop, streams: () => listening.size },
    posted: (id) => postedIds.filter((one) => one === id).length,
    sendRaw: (data) => {
      for (const socket of listening) socket.send(data);
    },
    stop: () => {
      drop();
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** One byte of bytes, or one character of a text. */
const partOf = (data: string | Buffer, at: number): string | Buffer =>
  typeof data === 'string' ? data.charAt(at) : data.subarray(at, at + 1);
const textsOf = ({ qty, price }: { qty: number; price: string }) => ({ qty: String(qty), price });

/** Answers with what nobody can read: not at all, too much of it, or a byte now and then. */
function spoil(response: ServerResponse, how: 'garbage' | 'oversize' | 'trickle'): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  if (how === 'garbage') response.end('<html>');
  else if (how === 'oversize') response.end(`["${'x'.repeat(9_000_000)}"]`);
  else {
    const timer = setInterval(() => response.write(' '), 20);
    response.on('close', () => clearInterval(timer));
  }
}

/** Reads an order as Alpaca does, or says what is wrong with it. */
function newOrder(body: Record<string, unknown>, clientOrderId: string | null): NewOrder | string {
  const text = (name: string, of: Record<string, unknown> = body): string | null =>
    typeof of[name] === 'string' || typeof of[name] === 'number' ? String(of[name]) : null;
  const [symbol, qty, side, type, tif] = ['symbol', 'qty', 'side', 'type', 'time_in_force'].map((name) => text(name));
  if (symbol == null || qty == null || tif == null) return 'symbol, qty and time_in_force are required';
  if (side !== 'buy' && side !== 'sell') return 'invalid side';
  if (type !== 'market' && type !== 'limit' && type !== 'stop' && type !== 'stop_limit') return 'invalid type';
  const isCrypto = symbol.includes('/');
  if (isCrypto && type === 'stop') return 'invalid order type for crypto order';
  if (isCrypto && tif !== 'gtc' && tif !== 'ioc') return 'invalid crypto time_in_force';
  const [limit, stop] = [text('limit_price'), text('stop_price')];
  if ((type === 'limit') !== (limit !== null && stop === null) && type !== 'stop_limit') {
    if (type === 'limit' || limit !== null) return 'limit orders require limit price only';
  }
  if (type.startsWith('stop') && stop === null) return 'stop orders require stop price';
  for (const price of [limit, stop])
    if (!isCrypto && price !== null && (price.split('.')[1] ?? '').length > (Number(price) >= 1 ? 2 : 4))
      return 'invalid price: sub-penny increment does not fulfill minimum pricing criteria';
  const orderClass = text('order_class') ?? '';
  const profit = (body['take_profit'] ?? null) as Record<string, unknown> | null;
  const loss = (body['stop_loss'] ?? null) as Record<string, unknown> | null;
  if (isCrypto && orderClass !== '' && orderClass !== 'simple')
    return 'crypto orders not allowed for advanced order_class';
  if (orderClass === 'bracket' && (profit === null || loss === null))
    return 'bracket orders require take_profit and stop_loss';
  if (orderClass === 'bracket' && tif !== 'day' && tif !== 'gtc') return 'bracket orders must be day or gtc';
  const takeProfit = profit === null ? null : text('limit_price', profit);
  const lossStop = loss === null ? null : text('stop_price', loss);
  if (takeProfit !== null && lossStop !== null && Number(takeProfit) > Number(lossStop) !== (side === 'buy'))
    return 'take_profit must be better than stop_loss';
  return {
    ...{ symbol, qty: Number(qty), side, type, tif, limit, stop, clientOrderId, takeProfit },
    orderClass: orderClass === 'bracket' || orderClass === 'oto' || orderClass === 'oco' ? orderClass : '',
    stopLoss: lossStop === null ? null : { stop: lossStop, limit: loss === null ? null : text('limit_price', loss) },
  };
}
