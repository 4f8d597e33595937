import type { Fill, FillCorrection } from '#shared/domain/order.ts';
import { money, moneyFromUsd, type EpochMs, type Money } from '#shared/units.ts';
import type { Clock } from '#desk/ports/clock.ts';
import type { IbContract } from './contracts.ts';
import type { WireCommission, WireExecution } from './wire.ts';

/** An execution as read: of a contract of the desk, in ticks. */
export type ReadExecution = Omit<Fill, 'fee'> & { readonly version: number; readonly fullId: string };

/** The commission of an execution has to be told within this time; after it, what is usual stands for it. */
export const COMMISSION_WAIT_MS = 250;

/**
 * Divides IB's execution id: what it is and which version of it. `….01.02` corrects `….01.01`.
 * @source protocols.md 2.3
 */
export function splitExecId(execId: string): { readonly key: string; readonly version: number } {
  const at = execId.lastIndexOf('.');
  const suffix = at > 0 ? execId.slice(at + 1) : '';
  return /^\d{1,6}$/.test(suffix) ? { key: execId.slice(0, at), version: Number(suffix) } : { key: execId, version: 1 };
}

/**
 * The number of a correction here: IB's version, and beside it whether it only brings the commission. Later words
 * have higher numbers.
 */
const correctionNumber = (version: number, isCommission: boolean): number => 2 * version + (isCommission ? 1 : 0);

/** What the book tells of an execution. */
export type ExecutionNews =
  | { readonly kind: 'fill'; readonly fill: Fill }
  | { readonly kind: 'fill-correction'; readonly correction: FillCorrection };

/** All executions of an account that were told, each once, with what was said of them later. */
export interface ExecutionBook {
  /** Takes an execution that nobody asked for, or that a question brought up and is `news`: it is told once. */
  readonly take: (execution: ReadExecution, contract: IbContract) => void;
  readonly commission: (report: WireCommission) => void;
  /** What a snapshot says of executions: each once, in its newest version; they count as told from then on. */
  readonly list: (read: readonly { execution: ReadExecution; contract: IbContract }[]) => {
    readonly fills: readonly Fill[];
    readonly corrections: readonly FillCorrection[];
  };
  /** Contracts of an order that were told as executed. */
  readonly filledOf: (clientOrderId: string) => number;
  /** Waits for nothing any more: what is held back is told now. */
  readonly flush: () => void;
}

type Entry = {
  execution: ReadExecution;
  readonly contract: IbContract;
  isTold: boolean;
  /** The fee it was told with was assumed. */
  isAssumed: boolean;
  stopTimer: () => void;
};

const usualFee = ({ instrument }: IbContract, quantity: number): Money =>
  money(Math.ceil(instrument.roundTurnFee / 2) * quantity);

const fillOf = (execution: ReadExecution, fee: Money): Fill => {
  const { execKey, venue, account, clientOrderId, symbol, direction, quantity, price, at, receivedAt } = execution;
  return { execKey, venue, account, clientOrderId, symbol, direction, quantity, price, fee, at, receivedAt };
};

export type ExecutionBookParts = {
  readonly clock: Clock;
  /**
   * Tells in order: a fill that waits for its commission holds back what comes after it. `ready` says whether the head
   * of the line may go; `Outbox.flush` is called when that has changed.
   */
  readonly outbox: Outbox;
};

/** A line of things to tell, in the order they happened. */
export interface Outbox {
  readonly put: (entry: { readonly isReady: () => boolean; readonly tell: () => void }) => void;
  readonly flush: () => void;
}

/** Makes a line in which nothing overtakes what waits. */
export function createOutbox(): Outbox {
  const line: { readonly isReady: () => boolean; readonly tell: () => void }[] = [];
  return {
    put: (entry) => void line.push(entry),
    flush: () => {
      for (let [head] = line; head?.isReady() === true; [head] = line) {
        line.shift();
        head.tell();
      }
    },
  };
}

/** Makes an empty book that tells through `tell`. It outlives connections, so that nothing is told twice. */
export function createExecutionBook(
  { clock, outbox }: ExecutionBookParts,
  tell: (news: ExecutionNews) => void,
): ExecutionBook {
  const entries = new Map<string, Entry>();
  const commissions = new Map<string, Money>();
  /** Fees in another currency than the account's figures here are in. */
  const isUsd = (currency: string): boolean => currency === '' || currency === 'USD';

  const feeOf = ({ execution, contract }: Entry): { fee: Money; isAssumed: boolean } => {
    const told = commissions.get(execution.fullId);
    return told === undefined
      ? { fee: usualFee(contract, execution.quantity), isAssumed: true }
      : { fee: told, isAssumed: false };
  };
  const correctionOf = (entry: Entry, isCommission: boolean): FillCorrection => {
    const { execution } = entry;
    const { venue, account, execKey, version, direction, quantity, price, at } = execution;
    return {
      ...{ venue, account, execKey, version: correctionNumber(version, isCommission) },
      corrected: quantity === 0 ? null : { direction, quantity, price, fee: feeOf(entry).fee, at },
      reason: isCommission ? 'IB told the commission later' : `IB corrected the execution (${execution.fullId})`,
    };
  };
  const tellFill = (entry: Entry): void => {
    if (entry.isTold) return;
    entry.stopTimer();
    entry.isTold = true;
    const { fee, isAssumed } = feeOf(entry);
    entry.isAssumed = isAssumed;
    // Taken back before it was told: there is nothing to tell.
    if (entry.execution.quantity > 0) tell({ kind: 'fill', fill: fillOf(entry.execution, fee) });
  };
  const first = (execution: ReadExecution, contract: IbContract): void => {
    const entry: Entry = { execution, contract, isTold: false, isAssumed: false, stopTimer: () => undefined };
    entries.set(execution.execKey, entry);
    let isOver = false;
    entry.stopTimer = clock.after(COMMISSION_WAIT_MS, () => {
      isOver = true;
      outbox.flush();
    });
    outbox.put({
      isReady: () => isOver || entry.isTold || commissions.has(entry.execution.fullId),
      tell: () => tellFill(entry),
    });
    outbox.flush();
  };
  const correct = (entry: Entry, execution: ReadExecution): void => {
    entry.execution = execution;
    // What was not told yet is told right at once.
    if (!entry.isTold) return;
    entry.isAssumed = feeOf(entry).isAssumed;
    const correction = correctionOf(entry, false);
    outbox.put({ isReady: () => true, tell: () => tell({ kind: 'fill-correction', correction }) });
    outbox.flush();
  };
  const take: ExecutionBook['take'] = (execution, contract) => {
    const known = entries.get(execution.execKey);
    if (known === undefined) first(execution, contract);
    else if (execution.version > known.execution.version) correct(known, execution);
  };

  return {
    take,
    commission: ({ execId, commission, currency }) => {
      if (!Number.isFinite(commission) || !isUsd(currency)) return;
      commissions.set(execId, moneyFromUsd(commission));
      const entry = entries.get(splitExecId(execId).key);
      if (entry?.execution.fullId !== execId) return;
      if (!entry.isTold) {
        outbox.flush();
        return;
      }
      if (!entry.isAssumed) return;
      entry.isAssumed = false;
      const correction = correctionOf(entry, true);
      outbox.put({ isReady: () => true, tell: () => tell({ kind: 'fill-correction', correction }) });
      outbox.flush();
    },
    list: (read) => {
      const keys = new Set<string>();
      for (const { execution, contract } of read) {
        keys.add(execution.execKey);
        const known = entries.get(execution.execKey);
        if (known === undefined) {
          const entry: Entry = { execution, contract, isTold: true, isAssumed: false, stopTimer: () => undefined };
          entries.set(execution.execKey, entry);
        } else if (execution.version > known.execution.version) known.execution = execution;
      }
      const listed = [...entries.values()].filter(({ execution }) => keys.has(execution.execKey));
      // Told before with the usual fee, when the line was lost before IB told the true one.
      const feesLater = listed.filter((entry) => entry.isTold && entry.isAssumed && !feeOf(entry).isAssumed);
      for (const entry of listed) {
        entry.stopTimer();
        entry.isTold = true;
        entry.isAssumed = feeOf(entry).isAssumed;
      }
      outbox.flush();
      return {
        fills: listed
          .filter(({ execution }) => execution.quantity > 0)
          .map((entry) => fillOf(entry.execution, feeOf(entry).fee)),
        corrections: [
          ...listed.filter(({ execution }) => execution.version > 1).map((entry) => correctionOf(entry, false)),
          ...feesLater.map((entry) => correctionOf(entry, true)),
        ],
      };
    },
    filledOf: (clientOrderId) =>
      [...entries.values()].reduce(
        (sum, { execution }) => (execution.clientOrderId === clientOrderId ? sum + execution.quantity : sum),
        0,
      ),
    flush: () => {
      for (const entry of entries.values()) if (!entry.isTold) entry.stopTimer();
      for (const entry of entries.values()) tellFill(entry);
      outbox.flush();
    },
  };
}

/** Reads an execution of a contract of the desk; null when its price is off the tick grid. */
export function readExecution(
  { execution }: WireExecution,
  parts: {
    readonly contract: IbContract;
    readonly account: string;
    readonly clientOrderId: string | null;
    readonly at: EpochMs | null;
    readonly receivedAt: EpochMs;
    readonly price: Fill['price'];
  },
): ReadExecution {
  const { key, version } = splitExecId(execution.execId);
  return {
    ...{ execKey: key, version, fullId: execution.execId, venue: 'ib', account: parts.account },
    clientOrderId: parts.clientOrderId,
    symbol: parts.contract.instrument.symbol,
    direction: execution.side,
    quantity: execution.shares,
    price: parts.price,
    at: parts.at ?? parts.receivedAt,
    receivedAt: parts.receivedAt,
  };
}
