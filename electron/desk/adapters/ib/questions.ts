import { type BarSizeSetting, type Contract, type IBApi, WhatToShow } from './library.ts';
import { type Result, err, ok } from '#shared/result.ts';
import type { Clock } from '#desk/ports/clock.ts';
import { classOf, sentenceOf } from './error.ts';
import type { IbEvent, IbList } from './parse.ts';
import type { IbNote, IbSession } from './session.ts';
import type {
  WireBar,
  WireDetails,
  WireExecution,
  WireOrder,
  WirePosition,
  WireRule,
  WireStatus,
  WireSummary,
} from './wire.ts';

/** A whole list, or the reason why it is not: part of it is never given out. */
export type Answer<T> = Result<readonly T[], string>;

/** An open order with the status told beside it, where one was. */
export type StatedOrder = { readonly order: WireOrder; readonly status: WireStatus | null };

export type HistoryAsk = {
  readonly contract: Contract;
  /** `yyyymmdd-hh:mm:ss` in UTC, or empty for now. */
  readonly end: string;
  /** As TWS writes it: `1800 S`, `2 D`, `1 Y`. */
  readonly duration: string;
  readonly barSize: BarSizeSetting;
};

/** Asks TWS, and waits for the end that closes each list. Nothing rejects. */
export interface Questions {
  /** Takes what TWS tells; what belongs to no question is not lost: others are told of it too. */
  readonly take: (event: IbEvent) => void;
  readonly takeNote: (note: IbNote) => void;
  /** True while the open orders are being told. */
  readonly isListingOrders: () => boolean;
  /** The connection has ended: what was not answered will not be. */
  readonly end: (why: string) => void;
  readonly openOrders: () => Promise<Answer<StatedOrder>>;
  readonly completedOrders: () => Promise<Answer<WireOrder>>;
  readonly executions: (account: string) => Promise<Answer<WireExecution>>;
  readonly positions: () => Promise<Answer<WirePosition>>;
  readonly details: (contract: Contract) => Promise<Answer<WireDetails>>;
  readonly marketRule: (ruleId: number) => Promise<Answer<WireRule[number]>>;
  readonly summary: () => Promise<Answer<WireSummary>>;
  readonly history: (ask: HistoryAsk) => Promise<Answer<WireBar>>;
}

/** A list that has not ended by then is not whole. */
const LIST_TIMEOUT_MS = 8_000;
/** The library's own code for a message it cannot read. */
const UNREADABLE = 505;
const HISTORY_TIMEOUT_MS = 60_000;
/** Times of bars as seconds since 1970, in no zone. */
export const EPOCH_SECONDS = 2;
const SUMMARY_TAGS =
  'NetLiquidation,TotalCashValue,AvailableFunds,BuyingPower,InitMarginReq,MaintMarginReq,UnrealizedPnL,RealizedPnL';

/** Shown when it takes too long. */
const NAMES: Readonly<Record<IbList, string>> = {
  orders: 'open orders',
  completed: 'completed orders',
  executions: 'executions',
  positions: 'positions',
  details: 'contract',
  rule: 'price steps',
  summary: 'account values',
  history: 'historical bars',
};

type Open = {
  readonly of: IbList;
  /** Null: a list without a number, of which there is one at a time. */
  readonly reqId: number | null;
  readonly take: (event: IbEvent) => void;
  readonly settle: (fault: string | null) => void;
};

type Ask<T> = {
  readonly of: IbList;
  readonly reqId: number | null;
  readonly send: (api: IBApi) => void;
  readonly pick: (event: IbEvent, got: T[]) => void;
  readonly after?: (api: IBApi) => void;
  readonly timeoutMs?: number;
};

/** Makes the questions of one session. */
export function createQuestions(session: IbSession, clock: Clock): Questions {
  const open = new Set<Open>();
  /** Lists without a number: the next one is asked for when the one before has ended. */
  const turns = new Map<IbList, Promise<unknown>>();
  let over: string | null = null;

  const once = <T>({ of, reqId, send, pick, after, timeoutMs = LIST_TIMEOUT_MS }: Ask<T>): Promise<Answer<T>> => {
    if (over !== null) return Promise.resolve(err(over));
    return new Promise((resolve) => {
      const got: T[] = [];
      const settle = (fault: string | null): void => {
        if (!open.delete(question)) return;
        stopTimer();
        if (after !== undefined) session.send(() => after(session.api), { messages: 1, isUrgent: false });
        resolve(fault === null ? ok(got) : err(fault));
      };
      const question: Open = { of, reqId, take: (event) => pick(event, got), settle };
      open.add(question);
      const stopTimer = clock.after(timeoutMs, () =>
        settle(`TWS did not finish telling the ${NAMES[of]} within ${timeoutMs / 1_000} s`),
      );
      session.send(() => send(session.api), { messages: 1, isUrgent: of !== 'history' && of !== 'details' });
    });
  };
  const inTurn = async <T>(ask: Ask<T>): Promise<Answer<T>> => {
    const before = turns.get(ask.of) ?? Promise.resolve();
    const mine = before.then(() => once(ask));
    turns.set(ask.of, mine);
    return mine;
  };
  const numbered = <T>(make: (reqId: number) => Ask<T>): Promise<Answer<T>> => once(make(session.nextRequestId()));

  return {
    take: (event) => {
      for (const question of [...open]) {
        const isMine = 'reqId' in event ? event.reqId === question.reqId : question.reqId === null;
        if (event.kind === 'unreadable') {
          if (event.of === question.of && isMine)
            question.settle(`a message of the ${NAMES[question.of]} is unreadable`);
        } else if (event.kind === 'end') {
          if (event.of === question.of && isMine) question.settle(null);
        } else if (isMine || (event.kind === 'execution' && question.of === 'executions')) question.take(event);
      }
    },
    takeNote: ({ id, code, text }) => {
      // A message that broke off was dropped by the library: whatever list it belonged to is not whole.
      if (code === UNREADABLE && /underrun/i.test(text)) {
        for (const question of [...open]) question.settle('a message of TWS could not be read');
        return;
      }
      const kind = classOf(code, text);
      if (id < 0 || kind === 'information' || kind === 'data-delayed') return;
      for (const question of [...open]) if (question.reqId === id) question.settle(sentenceOf(code, text));
    },
    isListingOrders: () => [...open].some(({ of }) => of === 'orders'),
    end: (why) => {
      over = why;
      for (const question of [...open]) question.settle(why);
    },
    openOrders: async () => {
      const early: WireStatus[] = [];
      return inTurn<StatedOrder>({
        ...{ of: 'orders', reqId: null },
        send: (api) => void api.reqAllOpenOrders(),
        pick: (event, got) => {
          if (event.kind === 'order') noteOrder(event.order, early, got);
          else if (event.kind === 'status') noteStatus(event.status, early, got);
        },
      });
    },
    completedOrders: () =>
      inTurn<WireOrder>({
        ...{ of: 'completed', reqId: null },
        send: (api) => void api.reqCompletedOrders(false),
        pick: (event, got) => {
          if (event.kind === 'completed') got.push(event.order);
        },
      }),
    executions: (account) =>
      numbered<WireExecution>((reqId) => ({
        ...{ of: 'executions', reqId },
        send: (api) => void api.reqExecutions(reqId, { acctCode: account }),
        pick: (event, got) => {
          if (event.kind === 'execution') got.push(event.execution);
        },
      })),
    positions: () =>
      inTurn<WirePosition>({
        ...{ of: 'positions', reqId: null },
        send: (api) => void api.reqPositions(),
        after: (api) => void api.cancelPositions(),
        pick: (event, got) => {
          if (event.kind === 'position') got.push(event.position);
        },
      }),
    details: (contract) =>
      numbered<WireDetails>((reqId) => ({
        ...{ of: 'details', reqId },
        send: (api) => void api.reqContractDetails(reqId, contract),
        pick: (event, got) => {
          if (event.kind === 'details') got.push(event.details);
        },
      })),
    marketRule: (ruleId) =>
      once<WireRule[number]>({
        // The smallest tick stands for it where it does not come.
        ...{ of: 'rule', reqId: ruleId, timeoutMs: 3_000 },
        send: (api) => void api.reqMarketRule(ruleId),
        pick: (event, got) => {
          if (event.kind === 'rule') got.push(...event.rule);
        },
      }),
    summary: () =>
      numbered<WireSummary>((reqId) => ({
        ...{ of: 'summary', reqId },
        send: (api) => void api.reqAccountSummary(reqId, 'All', SUMMARY_TAGS),
        after: (api) => void api.cancelAccountSummary(reqId),
        pick: (event, got) => {
          if (event.kind === 'summary') got.push(event.summary);
        },
      })),
    history: ({ contract, end, duration, barSize }) =>
      numbered<WireBar>((reqId) => ({
        ...{ of: 'history', reqId, timeoutMs: HISTORY_TIMEOUT_MS },
        send: (api) =>
          void api.reqHistoricalData(
            reqId,
            contract,
            end,
            duration,
            barSize,
            WhatToShow.TRADES,
            0,
            EPOCH_SECONDS,
            false,
          ),
        pick: (event, got) => {
          if (event.kind === 'bar' && !event.isUpdate) got.push(event.bar);
        },
      })),
  };
}

type Ids = { readonly orderId: number; readonly clientId: number; readonly permId: number };

/** One order: by IB's id for the account, or by the client's; an order typed into TWS has none at a client. */
const isSame = (a: Ids, b: Ids): boolean =>
  a.permId > 0 && b.permId > 0
    ? a.permId === b.permId
    : a.orderId !== 0 && a.orderId === b.orderId && a.clientId === b.clientId;
const idsOf = ({ orderId, order }: WireOrder): Ids => ({ orderId, clientId: order.clientId, permId: order.permId });

/** Takes an order of the list. Told again meanwhile, its newest terms count; its status may have come before it. */
function noteOrder(order: WireOrder, early: readonly WireStatus[], got: StatedOrder[]): void {
  const at = got.findLastIndex((one) => isSame(idsOf(one.order), idsOf(order)));
  const status = got[at]?.status ?? early.findLast((one) => isSame(one, idsOf(order))) ?? null;
  if (at >= 0) got[at] = { order, status };
  else got.push({ order, status });
}

function noteStatus(status: WireStatus, early: WireStatus[], got: StatedOrder[]): void {
  const at = got.findLastIndex(({ order }) => isSame(status, idsOf(order)));
  const stated = got[at];
  if (stated === undefined) early.push(status);
  else got[at] = { ...stated, status };
}
