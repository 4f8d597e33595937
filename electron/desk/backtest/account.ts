import type { Exposure, Held } from '#shared/domain/sizing.ts';
import { money, type Money } from '#shared/units.ts';
import { statedMargin } from '#desk/engine/capital.ts';
import { bookNext, holdingOf, leftOf, nextEnd, openFeesOf, openPnlOf, workingOf, type Holding } from './holding.ts';
import type { Case, Marks, Tape } from './tape.ts';

/** One policy's own account over a tape. Time only moves forward. */
export interface Account {
  /** Books everything that left strictly before `at`. */
  advance(at: number): void;
  take(index: number, contracts: number): void;
  realised(): number;
  /** Of everything that came in strictly before `at`, at the prices known at `pricedAt`. */
  openPnl(at: number, pricedAt?: number): Money;
  /** Fees of the way in that are paid already on what is open. */
  openFees(at: number): Money;
  exposures(at: number): Exposure[];
  held(symbol: string, at: number): Held;
  holdings(): readonly Holding[];
}

/** Last index whose time is at or before `at`, from a place that only moves forward; −1 before the first. */
function createReader({ at: times, price }: Marks): (at: number) => number | null {
  let place = -1;
  return (at) => {
    if (place >= 0 && (times[place] ?? 0) > at) place = -1;
    while (place + 1 < times.length && (times[place + 1] ?? Infinity) <= at) place += 1;
    return place < 0 ? null : (price[place] ?? null);
  };
}

/** Last known prices of the contracts of a tape; the price of the first entry where none is known. */
function createMarks(tape: Tape): (item: Case, at: number) => number {
  const readers = new Map<string, (at: number) => number | null>();
  return (item, at) => {
    const { symbol } = item.snapshot.instrument;
    let reader = readers.get(symbol);
    if (reader === undefined) {
      const marks = tape.marks.get(symbol);
      reader = marks === undefined ? () => null : createReader(marks);
      readers.set(symbol, reader);
    }
    return reader(at) ?? item.outcome.legs[0]?.entryPrice ?? 0;
  };
}

/** What a contract loses from a mark to its stop, with slippage and fees. */
function riskAt({ snapshot, stop, direction }: Case, mark: number): number {
  const { slippageTicks, tickValue, roundTurnFee } = snapshot.instrument;
  const distance = Math.max(0, Math.ceil((mark - stop) * direction));
  return (distance + slippageTicks) * tickValue + roundTurnFee;
}

function exposureOf({ snapshot, direction }: Case, contracts: number, risk: number): Exposure {
  const { symbol, root, initialMargin } = snapshot.instrument;
  const margin = statedMargin(initialMargin);
  return {
    ...{ symbol, root, direction, contracts, risk: money(contracts * risk) },
    margin: margin === null ? null : money(margin * contracts),
  };
}

const sumOf = (a: Exposure, b: Exposure): Exposure => ({
  ...a,
  contracts: a.contracts + b.contracts,
  risk: money(a.risk + b.risk),
  margin: a.margin === null || b.margin === null ? null : money(a.margin + b.margin),
});

export type AccountHooks = {
  /** Called when nothing of a holding is left or may still come in, in order of time. */
  readonly onClosed: (holding: Holding, at: number) => void;
};

/** Returns an account at the tape's start that holds nothing. */
export function createAccount(tape: Tape, { onClosed }: AccountHooks): Account {
  let realised: number = tape.initialEquity;
  let open: Holding[] = [];
  const markOf = createMarks(tape);
  const settle = (holding: Holding, at: number): void => {
    realised += bookNext(holding);
    if (nextEnd(holding) > at || holding.booked < holding.legs.length) return;
    open = open.filter((one) => one !== holding);
    onClosed(holding, holding.leftAt ?? at);
  };
  /** One entry per position, as the desk's own book has it; what may still fill stands apart. */
  const exposures = (at: number): Exposure[] => {
    const positions = new Map<string, Exposure>();
    const pending: Exposure[] = [];
    for (const holding of open) {
      const { item } = holding;
      const [left, working] = [leftOf(holding, at), workingOf(holding, at)];
      if (working > 0) pending.push(exposureOf(item, working, item.riskPerContract));
      if (left === 0) continue;
      const one = exposureOf(item, left, riskAt(item, markOf(item, at)));
      const there = positions.get(one.symbol);
      positions.set(one.symbol, there === undefined ? one : sumOf(there, one));
    }
    return [...positions.values(), ...pending];
  };
  return {
    advance: (at) => {
      for (;;) {
        let first: Holding | null = null;
        for (const one of open) if (nextEnd(one) < (first === null ? at : nextEnd(first))) first = one;
        if (first === null) return;
        settle(first, nextEnd(first));
      }
    },
    take: (index, contracts) => {
      const item = tape.cases[index];
      if (item === undefined) throw new RangeError(`no case ${index}`);
      open.push(holdingOf(item, index, contracts));
    },
    realised: () => realised,
    openPnl: (at, pricedAt = at) =>
      money(Math.round(open.reduce((sum, one) => sum + openPnlOf(one, at, markOf(one.item, pricedAt)), 0))),
    openFees: (at) => money(Math.ceil(open.reduce((sum, one) => sum + openFeesOf(one, at), 0) - 1e-6)),
    exposures,
    held: (symbol, at) => {
      const own = open.filter(({ item }) => item.snapshot.instrument.symbol === symbol);
      const working = own.reduce((sum, one) => sum + workingOf(one, at), 0);
      const filled = own.filter((one) => leftOf(one, at) > 0);
      const [first] = filled;
      if (first === undefined) return { position: null, working, inDoubt: 0 };
      const contracts = filled.reduce((sum, one) => sum + leftOf(one, at), 0);
      const risk = filled.reduce((sum, one) => sum + leftOf(one, at) * riskAt(one.item, markOf(one.item, at)), 0);
      return {
        position: { direction: first.item.direction, contracts, risk: money(risk) },
        working,
        inDoubt: 0,
      };
    },
    holdings: () => open,
  };
}
