import type { Exposure, Held } from '#shared/domain/sizing.ts';
import { money, type Money } from '#shared/units.ts';
import { statedMargin } from '#desk/engine/capital.ts';
import type { Case, Marks, Tape } from './tape.ts';

/** Contracts of one case that this account took. Written by the account only. */
export type Holding = {
  readonly item: Case;
  /** Place of the case on the tape. */
  readonly index: number;
  /** Contracts asked for at the decision, and those that fill. */
  readonly sent: number;
  readonly filled: number;
  leg: number;
  /** Net booked so far, and contracts (in the executed trade's own count) closed so far. */
  booked: number;
  closed: number;
};

/** One policy's own account over a tape. Time only moves forward. */
export interface Account {
  /** Books everything that left strictly before `at`. */
  advance(at: number): void;
  take(index: number, contracts: number): void;
  realised(): number;
  /** At the prices known at `at` (or strictly before it), of everything that has filled. */
  openPnl(at: number): Money;
  /** Fees of the way in that are paid already on what is open. */
  openFees(at: number): number;
  exposures(at: number): Exposure[];
  held(symbol: string, at: number): Held;
  holdings(): readonly Holding[];
}

/**
 * Contracts of a policy that fill where `filled` of `sent` did. A whole fill says the market had them: all fill. A part
 * says it had no more.
 */
export function fillable(
  contracts: number,
  { sent, filled }: { readonly sent: number; readonly filled: number },
): number {
  if (filled === 0) return 0;
  return contracts === sent ? filled : filled < sent ? Math.min(contracts, filled) : contracts;
}

/** What is left of a holding, in its own contracts; a part of a contract still open counts as one. */
const leftOf = ({ item, filled, closed }: Holding): number =>
  item.outcome.filled === 0 ? 0 : Math.ceil((filled * (item.outcome.filled - closed)) / item.outcome.filled - 1e-9);

const isFilledAt = ({ item }: Holding, at: number): boolean => item.outcome.entryAt < at;

/** Last index whose time is at or before `at`, from a place that only moves forward; −1 before the first. */
function createReader({ at: times, price }: Marks): (at: number) => number | null {
  let place = -1;
  return (at) => {
    if (place >= 0 && (times[place] ?? 0) > at) place = -1;
    while (place + 1 < times.length && (times[place + 1] ?? Infinity) <= at) place += 1;
    return place < 0 ? null : (price[place] ?? null);
  };
}

export type AccountHooks = {
  /** Called when the last contract of a holding has left, in order of time. */
  readonly onClosed: (holding: Holding, exitAt: number) => void;
};

/** Returns an account at the tape's start that holds nothing. */
export function createAccount(tape: Tape, { onClosed }: AccountHooks): Account {
  let realised: number = tape.initialEquity;
  let open: Holding[] = [];
  const readers = new Map<string, (at: number) => number | null>();
  const markOf = (item: Case, at: number): number => {
    const { symbol } = item.snapshot.instrument;
    let reader = readers.get(symbol);
    if (reader === undefined) {
      const marks = tape.marks.get(symbol);
      reader = marks === undefined ? () => null : createReader(marks);
      readers.set(symbol, reader);
    }
    return reader(at) ?? item.outcome.entryPrice;
  };
  const nextExit = (holding: Holding): number => {
    const { legs, endsAt } = holding.item.outcome;
    return legs[holding.leg]?.exitAt ?? (leftOf(holding) > 0 ? Infinity : endsAt);
  };
  /** Books the next leg of a holding: its share of the executed net, rounded so that all legs add up exactly. */
  const book = (holding: Holding): void => {
    const { legs, filled } = holding.item.outcome;
    const leg = legs[holding.leg];
    if (leg === undefined) return;
    holding.leg += 1;
    holding.closed += leg.quantity;
    let executed = 0;
    for (let i = 0; i < holding.leg; i += 1) executed += legs[i]?.net ?? 0;
    const due = holding.filled === filled ? executed : Math.round((executed * holding.filled) / filled);
    realised += due - holding.booked;
    holding.booked = due;
  };
  const settle = (holding: Holding, at: number): void => {
    book(holding);
    if (holding.leg < holding.item.outcome.legs.length || leftOf(holding) > 0) return;
    if (nextExit(holding) > at) return;
    open = open.filter((one) => one !== holding);
    onClosed(holding, at);
  };
  const riskOf = (holding: Holding, at: number): number => {
    const { item } = holding;
    const { instrument } = item.snapshot;
    const distance = Math.max(0, Math.ceil((markOf(item, at) - item.stop) * item.direction));
    return (distance + instrument.slippageTicks) * instrument.tickValue + instrument.roundTurnFee;
  };
  const exposureOf = (holding: Holding, at: number): Exposure => {
    const { item } = holding;
    const { instrument } = item.snapshot;
    const isFilled = isFilledAt(holding, at);
    const contracts = isFilled ? leftOf(holding) : holding.sent;
    const margin = statedMargin(instrument.initialMargin);
    return {
      symbol: instrument.symbol,
      root: instrument.root,
      direction: item.direction,
      contracts,
      risk: money(contracts * (isFilled ? riskOf(holding, at) : item.riskPerContract)),
      margin: margin === null ? null : money(margin * contracts),
    };
  };
  /** One entry per position, as the desk's own book has it; what may still fill stands apart. */
  const exposures = (at: number): Exposure[] => {
    const positions = new Map<string, Exposure>();
    const pending: Exposure[] = [];
    for (const holding of open) {
      const one = exposureOf(holding, at);
      const there = positions.get(one.symbol);
      if (!isFilledAt(holding, at)) pending.push(one);
      else positions.set(one.symbol, there === undefined ? one : sumOf(there, one));
    }
    return [...positions.values(), ...pending];
  };
  return {
    advance: (at) => {
      for (;;) {
        let first: Holding | null = null;
        for (const one of open) if (nextExit(one) < (first === null ? at : nextExit(first))) first = one;
        if (first === null) return;
        settle(first, nextExit(first));
      }
    },
    take: (index, contracts) => {
      const item = tape.cases[index];
      if (item === undefined) throw new RangeError(`no case ${index}`);
      const filled = fillable(contracts, item.outcome);
      open.push({ item, index, sent: contracts, filled, leg: 0, booked: 0, closed: 0 });
    },
    realised: () => realised,
    openPnl: (at) => {
      let sum = 0;
      for (const holding of open) {
        if (!isFilledAt(holding, at)) continue;
        const { item } = holding;
        const moved = (markOf(item, at) - item.outcome.entryPrice) * item.direction;
        sum += moved * leftOf(holding) * item.snapshot.instrument.tickValue;
      }
      return money(Math.round(sum));
    },
    openFees: (at) =>
      open.reduce((sum, holding) => {
        if (!isFilledAt(holding, at)) return sum;
        return sum + Math.ceil(holding.item.snapshot.instrument.roundTurnFee / 2) * leftOf(holding);
      }, 0),
    exposures,
    held: (symbol, at) => {
      const own = open.filter(({ item }) => item.snapshot.instrument.symbol === symbol);
      const filled = own.filter((one) => isFilledAt(one, at) && leftOf(one) > 0);
      const [first] = filled;
      const working = own.filter((one) => !isFilledAt(one, at)).reduce((sum, one) => sum + one.sent, 0);
      if (first === undefined) return { position: null, working, inDoubt: 0 };
      const contracts = filled.reduce((sum, one) => sum + leftOf(one), 0);
      const risk = money(filled.reduce((sum, one) => sum + leftOf(one) * riskOf(one, at), 0));
      return { position: { direction: first.item.direction, contracts, risk }, working, inDoubt: 0 };
    },
    holdings: () => open,
  };
}

const sumOf = (a: Exposure, b: Exposure): Exposure => ({
  ...a,
  contracts: a.contracts + b.contracts,
  risk: money(a.risk + b.risk),
  margin: a.margin === null || b.margin === null ? null : money(a.margin + b.margin),
});
