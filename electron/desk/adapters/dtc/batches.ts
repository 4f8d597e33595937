import type { Clock } from '#desk/ports/clock.ts';
import { type Frame, readFrame } from './codec.ts';
import type { Body, Fields, MessageDef, MessageOf } from './fields.ts';
import { ACCOUNT_BALANCE_REJECT, ACCOUNT_BALANCE_UPDATE, TRADE_ACCOUNT_RESPONSE } from './messages/accounts.ts';
import { ORDER_UPDATE_REASON } from './messages/enums.ts';
import {
  CURRENT_POSITIONS_REJECT,
  HISTORICAL_ORDER_FILLS_REJECT,
  HISTORICAL_ORDER_FILL_RESPONSE,
  OPEN_ORDERS_REJECT,
  ORDER_UPDATE,
  POSITION_UPDATE,
} from './messages/orders.ts';
import { SECURITY_DEFINITION_REJECT, SECURITY_DEFINITION_RESPONSE } from './messages/symbols.ts';

/** Some servers leave the last message of a set out: then silence ends it. */
const QUIET_MS = 750;
const ANSWER_MS = 5_000;

/** One kind of question that is answered with several messages. */
export type Kind<D extends MessageDef> = {
  readonly what: string;
  readonly response: D;
  readonly reject: MessageDef | null;
  readonly total: (body: MessageOf<D>) => number;
  readonly number: (body: MessageOf<D>) => number;
  /** The one message that says there is nothing. */
  readonly isNothing: (body: MessageOf<D>) => boolean;
  /** Whether a message without the number of a request can only be an answer. */
  readonly isAnswer: (body: MessageOf<D>) => boolean;
};
const kind = <D extends MessageDef>(spec: Kind<D>): Kind<D> => spec;
const isSet = (flag: number | undefined): boolean => flag === 1;

export const OPEN_ORDERS = kind({
  what: 'open orders',
  response: ORDER_UPDATE,
  reject: OPEN_ORDERS_REJECT,
  total: (body) => body.TotalNumMessages ?? 0,
  number: (body) => body.MessageNumber ?? 0,
  isNothing: (body) => isSet(body.NoOrders),
  isAnswer: (body) =>
    body.OrderUpdateReason === ORDER_UPDATE_REASON.OPEN_ORDERS_REQUEST_RESPONSE || isSet(body.NoOrders),
});
export const FILLS = kind({
  what: 'executions',
  response: HISTORICAL_ORDER_FILL_RESPONSE,
  reject: HISTORICAL_ORDER_FILLS_REJECT,
  total: (body) => body.TotalNumberMessages ?? 0,
  number: (body) => body.MessageNumber ?? 0,
  isNothing: (body) => isSet(body.NoOrderFills),
  isAnswer: () => true,
});
export const POSITIONS = kind({
  what: 'positions',
  response: POSITION_UPDATE,
  reject: CURRENT_POSITIONS_REJECT,
  total: (body) => body.TotalNumberMessages ?? 0,
  number: (body) => body.MessageNumber ?? 0,
  isNothing: (body) => isSet(body.NoPositions),
  isAnswer: (body) => !isSet(body.Unsolicited),
});
export const ACCOUNTS = kind({
  what: 'accounts',
  response: TRADE_ACCOUNT_RESPONSE,
  reject: null,
  total: (body) => body.TotalNumberMessages ?? 0,
  number: (body) => body.MessageNumber ?? 0,
  isNothing: (body) => body.TradeAccount === '',
  isAnswer: () => true,
});
export const BALANCES = kind({
  what: 'balances',
  response: ACCOUNT_BALANCE_UPDATE,
  reject: ACCOUNT_BALANCE_REJECT,
  total: (body) => body.TotalNumberMessages ?? 0,
  number: (body) => body.MessageNumber ?? 0,
  isNothing: (body) => isSet(body.NoAccountBalances),
  isAnswer: (body) => !isSet(body.Unsolicited),
});
export const DEFINITION = kind({
  what: 'the contract',
  response: SECURITY_DEFINITION_RESPONSE,
  reject: SECURITY_DEFINITION_REJECT,
  total: (body) => (isSet(body.IsFinalMessage) ? 1 : 0),
  number: () => 1,
  isNothing: (body) => body.Symbol === '',
  isAnswer: () => false,
});

/** What came in answer. Incomplete: the server announced more than it sent. */
export type Batch<D extends MessageDef> = { readonly messages: readonly MessageOf<D>[]; readonly isComplete: boolean };

export type Question<D extends MessageDef, F extends Fields> = {
  readonly kind: Kind<D>;
  readonly request: MessageDef<F>;
  /** Beside the number of the request. */
  readonly values: Partial<Body<F>>;
  /** Whether a message without the number of a request can only answer this one; left out: as for every of its kind. */
  readonly isAnswer?: (body: MessageOf<D>) => boolean;
};

/** Questions that are answered with several messages, one of a kind at a time. */
export interface Batches {
  /** Rejects when the server refuses, does not answer, or goes. */
  readonly ask: <D extends MessageDef, F extends Fields>(question: Question<D, F>) => Promise<Batch<D>>;
  /** Takes a message that answers a question, or one that was asked before; false when it is none. */
  readonly take: (frame: Frame) => boolean;
  readonly failAll: (why: string) => void;
}

type Pending = {
  readonly id: number;
  readonly kind: Kind<MessageDef>;
  /** False for one that is none of it after all. */
  take(body: unknown, isNumbered: boolean): boolean;
  isAnswer(body: unknown): boolean;
  readonly fail: (why: string) => void;
};

export type BatchParts = {
  readonly clock: Clock;
  readonly send: <F extends Fields>(def: MessageDef<F>, values: Partial<Body<F>>) => boolean;
  readonly onLatency: (ms: number) => void;
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
const idOf = (body: unknown): number => {
  const id = isRecord(body) ? body['RequestID'] : 0;
  return typeof id === 'number' ? id : 0;
};

/** A kind among others: it is given the bodies of its own response only. */
const widened = (kind: unknown): Kind<MessageDef> => kind as Kind<MessageDef>;

/** Makes the questions of one session. */
export function createBatches({ clock, send, onLatency }: BatchParts): Batches {
  const pending = new Map<MessageDef, Pending>();
  const turns = new Map<MessageDef, Promise<unknown>>();
  let lastId = 0;
  let gone: string | null = null;
  /** Whether an answer of this session had the number of its request. */
  let numbersAnswers = false;

  const askNow = <D extends MessageDef, F extends Fields>({ kind, request, values, ...how }: Question<D, F>) =>
    new Promise<Batch<D>>((resolve, reject) => {
      const messages: MessageOf<D>[] = [];
      const numbers = new Set<number>();
      const askedAt = clock.monotonic();
      let cancel: () => void = () => undefined;
      let hasNumbered = false;
      lastId += 1;
      const done = (): void => {
        cancel();
        pending.delete(kind.response);
      };
      const settle = (isComplete: boolean): void => {
        done();
        resolve({ messages, isComplete });
      };
      const fail = (why: string): void => {
        done();
        reject(new Error(why));
      };
      const take = (body: MessageOf<D>, isNumbered: boolean): boolean => {
        // Where the answers carry the number of the request, what carries none is no answer, and was none.
        if (hasNumbered && !isNumbered) return false;
        if (isNumbered && !hasNumbered) {
          messages.length = 0;
          numbers.clear();
        }
        hasNumbered = isNumbered;
        numbersAnswers ||= isNumbered;
        if (messages.length === 0 && numbers.size === 0) onLatency(clock.monotonic() - askedAt);
        cancel();
        if (kind.isNothing(body)) {
          settle(true);
          return true;
        }
        messages.push(body);
        const [total, number] = [kind.total(body), kind.number(body)];
        numbers.add(number > 0 ? number : -messages.length);
        const isWhole = total <= 0 || numbers.size >= total;
        // A server that numbers its answers may have told this one unasked: the answer may still come.
        if (total > 0 && isWhole && (isNumbered || !numbersAnswers)) settle(true);
        else cancel = clock.after(QUIET_MS, () => settle(isWhole));
        return true;
      };
      const isAnswer = how.isAnswer ?? kind.isAnswer;
      // The kind of a pending question is the kind of the body it is given.
      pending.set(kind.response, { id: lastId, kind: widened(kind), take, isAnswer, fail });
      cancel = clock.after(ANSWER_MS, () =>
        fail(`the server did not answer the question for ${kind.what} within ${ANSWER_MS / 1_000} s`),
      );
      const given = { ...values, RequestID: lastId };
      if (!send(request, given as unknown as Partial<Body<F>>)) fail('the server is not connected');
    });
  const ask: Batches['ask'] = async (question) => {
    const { response } = question.kind;
    const before = turns.get(response) ?? Promise.resolve();
    const mine = before
      .catch(() => undefined)
      .then(() => {
        if (gone !== null) throw new Error(gone);
        return askNow(question);
      });
    turns.set(response, mine);
    return mine;
  };
  const takeReject = (frame: Frame): boolean => {
    const found = [...pending.values()].find(({ kind }) => kind.reject?.type === frame.type);
    if (found?.kind.reject == null) return REJECTS.has(frame.type);
    const body: unknown = readFrame(found.kind.reject, frame);
    const id = idOf(body);
    if (id !== 0 && id !== found.id) return true;
    const said = isRecord(body) && typeof body['RejectText'] === 'string' ? body['RejectText'] : '';
    found.fail(`the server refused the question for ${found.kind.what}${said === '' ? '' : `: ${said}`}`);
    return true;
  };

  return {
    ask,
    take: (frame) => {
      const found = [...pending.values()].find(({ kind }) => kind.response.type === frame.type);
      if (found === undefined) return takeReject(frame);
      const body = readFrame(found.kind.response, frame);
      const id = idOf(body);
      if (id !== found.id && !(id === 0 && found.isAnswer(body))) return false;
      return found.take(body, id === found.id);
    },
    failAll: (why) => {
      gone = why;
      for (const { fail } of [...pending.values()]) fail(why);
    },
  };
}

const REJECTS: ReadonlySet<number> = new Set(
  [OPEN_ORDERS_REJECT, HISTORICAL_ORDER_FILLS_REJECT, CURRENT_POSITIONS_REJECT, ACCOUNT_BALANCE_REJECT].map(
    ({ type }) => type,
  ),
);
