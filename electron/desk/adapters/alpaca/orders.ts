import type { Order, OrderEvent, OrderTerms } from '#shared/domain/order.ts';
import type { Ticks } from '#shared/units.ts';
import type { CancelOutcome, OrderGroup, SubmitOutcome } from '#desk/ports/broker.ts';
import type { Clock } from '#desk/ports/clock.ts';
import { orderByClientId, orderById } from './lists.ts';
import type { Listed, Listing } from './listing.ts';
import type { OrderBook, Tracked } from './order-book.ts';
import { type Answer, limitSentence, refusalSentence, type Rest } from './rest.ts';
import { groupFault, isEnd, orderBody, stageOf } from './venue-orders.ts';
import { orderSchema, type WireOrder } from './wire.ts';

export type OrdersParts = {
  readonly clock: Clock;
  readonly account: string;
  readonly listing: Listing;
  readonly book: OrderBook;
  readonly rest: () => Rest | null;
  readonly block: () => string | null;
  readonly tell: (clientOrderId: string, event: OrderEvent) => void;
};

/** Sending, changing and cancelling orders at Alpaca. Nothing rejects. */
export interface Orders {
  readonly submit: (group: OrderGroup) => Promise<SubmitOutcome>;
  readonly cancel: (order: Order) => Promise<CancelOutcome>;
  readonly replace: (
    order: Order,
    terms: { readonly quantity: number; readonly price: Ticks | null },
  ) => Promise<CancelOutcome>;
  readonly cancelExternal: (venueOrderId: string) => Promise<CancelOutcome>;
  /** The stream says that a change or a cancel was refused, with Alpaca's word for it. */
  readonly refuse: (clientOrderId: string, what: 'replace' | 'cancel', reason: string | null) => void;
}

const NOT_CONNECTED = 'Alpaca is not connected: nothing was sent';
/** A submit that was held off is sent again only if it need not wait longer: an old order is another order. */
const LONGEST_WAIT_MS = { entry: 2_000, exit: 10_000 } as const;
/** Alpaca takes a request at once and does it soon: looks at what became of it. */
const LOOKS_MS = [0, 100, 250, 500, 1_000, 2_000] as const;

const refused = (reason: string): CancelOutcome => ({ kind: 'refused', reason });
const unknown = (why: string): { readonly kind: 'unknown'; readonly why: string } => ({ kind: 'unknown', why });
const isDuplicate = ({ status, code, message }: Extract<Answer, { kind: 'refused' }>): boolean =>
  status === 422 && (code === 40010001 || /unique|duplicate/iu.test(message)) && /client.?order/iu.test(message);

/** Makes the orders of one account. */
export function createOrders({ clock, account, listing, book, tell, ...line }: OrdersParts): Orders {
  /** Cancels that wait for what becomes of them, by order. */
  const cancels = new Map<string, (outcome: CancelOutcome) => void>();
  const wait = (ms: number): Promise<void> =>
    ms === 0 ? Promise.resolve() : new Promise((resolve) => void clock.after(ms, resolve));
  const legsOf = ({ entry, stop, target }: OrderGroup): readonly OrderTerms[] =>
    [entry, stop, target].filter((leg) => leg !== null);

  const take = (order: WireOrder): SubmitOutcome => {
    book.take(order, clock.now());
    return stageOf(order) === 'rejected'
      ? { kind: 'rejected', reason: 'Alpaca has rejected the order' }
      : { kind: 'accepted' };
  };
  /** One look for what a submit without an answer came to; not finding it proves nothing yet. */
  const lookFor = async (rest: Rest, entry: OrderTerms, why: string): Promise<SubmitOutcome> => {
    try {
      const order = await orderByClientId(rest, entry.clientOrderId);
      if (order === null) return unknown(why);
      const listed = listing.ofDesk(entry.symbol);
      const isIt =
        listed !== null &&
        listing.ofVenue(order.symbol) === listed &&
        order.side === (entry.direction === 1 ? 'buy' : 'sell') &&
        listed.contractsOf(order.qty ?? '') === entry.quantity;
      return isIt ? take(order) : unknown(`Alpaca has another order under the id ${entry.clientOrderId}`);
    } catch {
      return unknown(why);
    }
  };
  const post = (rest: Rest, group: OrderGroup, listed: Listed): Promise<Answer> =>
    rest.ask({ method: 'POST', path: '/v2/orders', body: orderBody(group, listed) });

  /** Held off by the rate limit: asked whether it is there after all, and sent once more under the same id. */
  const postAgain = async (rest: Rest, group: OrderGroup, listed: Listed): Promise<Answer> => {
    const first = await post(rest, group, listed);
    if (first.kind !== 'limited') return first;
    const longest = group.entry.role === 'entry' ? LONGEST_WAIT_MS.entry : LONGEST_WAIT_MS.exit;
    if (first.retryMs > longest) return first;
    await wait(first.retryMs);
    const there = await lookFor(rest, group.entry, '');
    if (there.kind !== 'unknown') return { kind: 'unclear', why: 'it was taken all the same' };
    return line.block() === null && line.rest() === rest ? post(rest, group, listed) : first;
  };
  const forgetAll = (group: OrderGroup): void => {
    for (const { clientOrderId } of legsOf(group)) book.forget(clientOrderId);
  };
  const judge = async (rest: Rest, group: OrderGroup, answer: Answer): Promise<SubmitOutcome> => {
    if (answer.kind === 'ok') {
      const order = orderSchema.safeParse(answer.body);
      return order.success ? take(order.data) : lookFor(rest, group.entry, 'Alpaca answered what cannot be read');
    }
    if (answer.kind === 'unclear') return lookFor(rest, group.entry, answer.why);
    if (answer.kind === 'refused' && isDuplicate(answer))
      return lookFor(rest, group.entry, 'Alpaca has an order of this id, and does not show it');
    forgetAll(group);
    if (answer.kind === 'limited') return { kind: 'rejected', reason: limitSentence(answer.retryMs) };
    return { kind: 'rejected', reason: refusalSentence(answer) };
  };
  const fault = (group: OrderGroup): string | null => {
    for (const { account: of, symbol } of legsOf(group)) {
      if (of !== account) return `the order is for account ${of}, and this connection trades ${account}`;
      if (listing.ofDesk(symbol) === null) return listing.faults.get(symbol) ?? `Alpaca has no ${symbol}`;
    }
    const listed = listing.ofDesk(group.entry.symbol);
    return listed === null ? null : groupFault(group, listed);
  };

  /** Waits until the book shows what was asked for; null when it does not. */
  const settled = async (rest: Rest, id: string, isSo: () => CancelOutcome | null): Promise<CancelOutcome | null> => {
    for (const ms of LOOKS_MS) {
      await wait(ms);
      const known = isSo();
      if (known !== null) return known;
      const order = await orderById(rest, id).catch(() => null);
      if (order !== null) book.take(order, clock.now());
      const now = isSo();
      if (now !== null) return now;
    }
    return null;
  };
  const idOf = async (rest: Rest, order: Order): Promise<string | null> => {
    const known = book.get(order.clientOrderId)?.venueOrderId ?? '';
    if (known !== '') return known;
    if (order.venueOrderId !== null) return order.venueOrderId;
    const found = await orderByClientId(rest, order.clientOrderId).catch(() => null);
    if (found !== null) book.take(found, clock.now());
    return found?.id ?? null;
  };
  const endOf = (tracked: Tracked | undefined): CancelOutcome | null => {
    if (tracked === undefined || tracked.stage === 'sent' || !isEnd(tracked.stage)) return null;
    return tracked.stage === 'filled' ? refused('too late: the order is filled') : { kind: 'accepted' };
  };
  const refusal = (answer: Exclude<Answer, { kind: 'ok' }>): CancelOutcome => {
    if (answer.kind === 'unclear') return unknown(answer.why);
    if (answer.kind === 'limited') return refused(limitSentence(answer.retryMs));
    return answer.status === 404 ? unknown('Alpaca does not know the order') : refused(refusalSentence(answer));
  };
  const remove = (rest: Rest, id: string): Promise<Answer> =>
    rest.ask({ method: 'DELETE', path: `/v2/orders/${encodeURIComponent(id)}` });

  return {
    submit: async (group) => {
      const rest = line.rest();
      const block = line.block();
      if (rest === null || block !== null)
        return { kind: 'rejected', reason: rest === null ? NOT_CONNECTED : `${block ?? ''}: nothing was sent` };
      const listed = listing.ofDesk(group.entry.symbol);
      const why = fault(group);
      if (why !== null || listed === null) return { kind: 'rejected', reason: `${why ?? ''}: nothing was sent` };
      const sent = legsOf(group).find(({ clientOrderId }) => book.get(clientOrderId) !== undefined);
      if (sent !== undefined) return unknown(`order ${sent.clientOrderId} was sent before: ask for it`);
      for (const leg of legsOf(group)) book.expect(leg);
      return judge(rest, group, await postAgain(rest, group, listed));
    },
    cancel: async (order) => {
      const rest = line.rest();
      if (rest === null) return unknown(NOT_CONNECTED);
      const ended = endOf(book.get(order.clientOrderId));
      if (ended !== null) return ended.kind === 'accepted' ? refused('too late: the order has ended') : ended;
      const id = await idOf(rest, order);
      if (id === null) return unknown('Alpaca does not say which order it is');
      const answer = await remove(rest, id);
      const trace: { refusal: CancelOutcome | null } = { refusal: null };
      const isSo = (): CancelOutcome | null => endOf(book.get(order.clientOrderId)) ?? trace.refusal;
      if (answer.kind === 'ok') {
        cancels.set(order.clientOrderId, (outcome) => {
          trace.refusal = outcome;
        });
        const outcome = await settled(rest, id, isSo);
        cancels.delete(order.clientOrderId);
        return outcome ?? { kind: 'accepted' };
      }
      if (answer.kind === 'refused') {
        const now = await orderById(rest, id).catch(() => null);
        if (now !== null) book.take(now, clock.now());
      }
      return refusal(answer);
    },
    replace: async (order, terms) => {
      const rest = line.rest();
      const block = line.block();
      if (rest === null || block !== null) return unknown(block ?? NOT_CONNECTED);
      const listed = listing.ofDesk(order.symbol);
      const tracked = book.get(order.clientOrderId);
      if (listed === null || tracked === undefined || endOf(tracked) !== null)
        return refused('Alpaca lists no such open order');
      if (tracked.replace !== null) return refused('another change of it is under way');
      const off = terms.price === null ? null : listed.priceFault(terms.price);
      if (off !== null) return refused(off);
      const id = tracked.venueOrderId;
      const waiting = new Promise<CancelOutcome>((resolve) => {
        tracked.replace = { ...terms, settle: resolve };
      });
      const trace: { outcome: CancelOutcome | null } = { outcome: null };
      void waiting.then((outcome) => {
        trace.outcome = outcome;
      });
      const answer = await rest.ask({
        ...{ method: 'PATCH', path: `/v2/orders/${encodeURIComponent(id)}` },
        body: changeOf(order, terms, listed),
      });
      if (answer.kind !== 'ok') {
        tracked.replace = null;
        return trace.outcome ?? refusal(answer);
      }
      const outcome = await settledReplace(rest, answer.body, () => trace.outcome);
      tracked.replace = null;
      return outcome;
    },
    cancelExternal: async (venueOrderId) => {
      const rest = line.rest();
      if (rest === null) return unknown(NOT_CONNECTED);
      const answer = await remove(rest, venueOrderId);
      return answer.kind === 'ok' ? { kind: 'accepted' } : refusal(answer);
    },
    refuse: (clientOrderId, what, said) => {
      const word = said === null ? '' : `: ${said}`;
      const reason = `Alpaca has refused the ${what === 'replace' ? 'change' : 'cancel'}${word}`;
      const tracked = book.get(clientOrderId);
      const settle = what === 'replace' ? tracked?.replace?.settle : cancels.get(clientOrderId);
      if (what === 'replace' && tracked !== undefined) tracked.replace = null;
      if (settle !== undefined) settle(refused(reason));
      // Nobody waits for it any more: what was asked for is over all the same.
      else tell(clientOrderId, { kind: what === 'replace' ? 'replace-refused' : 'cancel-refused', reason });
    },
  };

  /** A 200 says that the change was taken, not that it was made: the order before it must be called replaced. */
  async function settledReplace(rest: Rest, body: unknown, isSo: () => CancelOutcome | null): Promise<CancelOutcome> {
    const parsed = orderSchema.safeParse(body);
    if (!parsed.success) return unknown('Alpaca answered what cannot be read');
    const next = parsed.data;
    for (const ms of LOOKS_MS) {
      await wait(ms);
      const known = isSo();
      if (known !== null) return known;
      const before = next.replaces === null ? null : await orderById(rest, next.replaces).catch(() => null);
      const now = await orderById(rest, next.id).catch(() => null);
      const isMade = before === null || before.status === 'replaced';
      if (now !== null && isMade && stageOf(now) !== 'rejected') {
        book.take(before === null ? now : { ...now, replaces: before.id }, clock.now());
        await Promise.resolve();
      }
      if (now !== null && stageOf(now) === 'rejected') return refused('Alpaca has refused the change');
    }
    return isSo() ?? unknown('Alpaca does not say what became of the change');
  }
}

/** What a change changes: the trigger of a stop, the limit of a limit order. */
function changeOf(
  order: Order,
  terms: { readonly quantity: number; readonly price: Ticks | null },
  listed: Listed,
): Record<string, string> {
  const body = orderBody({ entry: { ...order, ...terms }, stop: null, target: null }, listed);
  const { qty, limit_price: limit, stop_price: stop } = body;
  return Object.fromEntries(
    Object.entries({ qty, limit_price: limit, stop_price: stop }).filter(([, value]) => typeof value === 'string'),
  ) as Record<string, string>;
}
