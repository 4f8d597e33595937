import type { Quote } from '#shared/domain/market.ts';
import { type EpochMs, epochMs, moneyFromUsd } from '#shared/units.ts';
import type { FaultPlan } from '#desk/adapters/brokers/fault-plan.ts';
import { createFaultyLink, type TraceLine } from '#desk/adapters/brokers/faulty-link.ts';
import { createPaperExchange } from '#desk/adapters/brokers/paper-exchange.ts';
import type { VenueAnswer, VenueFrame, VenueRequest, Wire } from '#desk/adapters/brokers/paper-wire.ts';
import { createPrng } from '#desk/engine/prng.ts';
import type { Clock } from '#desk/ports/clock.ts';
import { createClock, createIds } from '#desk/profiles/clocks.ts';
import { instrumentsOf, START } from './soak-world.ts';
import {
  type Answer,
  type FromVenue,
  type Step,
  tellQuotes,
  type ToVenue,
  type VenueRecords,
  type VenueStart,
} from './venue-wire.ts';

/**
 * The venue of the soaks, with the line of faults before it: an exchange that forgets nothing. Its time passes as the
 * desk's does, step by step.
 */

const PLAN: Partial<FaultPlan> = {
  ...{ toVenueMs: [1, 60], fromVenueMs: [1, 60], reorder: 0.02, duplicate: 0.02, loseAnswer: 0.01, survive: 0.5 },
  ...{ rejectLate: 0.01, lateFill: 0.02, restate: 0.5, cannotTell: 0.02, halfOpen: 0.0002, outageMs: [0, 60_000] },
};
const NO_FAULTS: Partial<FaultPlan> = {
  ...{ reorder: 0, duplicate: 0, loseAnswer: 0, halfOpen: 0, rejectLate: 0, lateFill: 0, cannotTell: 0 },
  outageMs: [0, 0],
};

export type SoakVenue = {
  /** Lets time come to that of a step, and does what the step says. */
  readonly turn: (step: Step) => Answer;
  /** When something falls due at it by itself; infinite when nothing. */
  readonly due: () => number;
};

/** A clock that knows what waits for its time, so that the desk need not ask before it. */
function waitedClock() {
  const time = createClock(epochMs(START));
  const waiting = new Set<{ readonly at: number }>();
  const clock: Clock = {
    ...time,
    after: (delayMs, task) => {
      const one = { at: time.now() + delayMs };
      waiting.add(one);
      const cancel = time.after(delayMs, () => {
        waiting.delete(one);
        task();
      });
      return () => {
        waiting.delete(one);
        cancel();
      };
    },
    every: () => {
      throw new Error('a venue with a period of its own is due at times the desk is not told');
    },
  };
  const due = (): number => {
    let next = Number.POSITIVE_INFINITY;
    for (const { at } of waiting) next = Math.min(next, at);
    return next;
  };
  return { clock, due, advanceTo: (at: EpochMs) => time.advanceTo(at) };
}

/** The exchange, and the orders that reached it. */
function countingExchange({ account, symbols, seed }: VenueStart, clock: Clock) {
  const prng = createPrng(seed + 1);
  const exchange = createPaperExchange({
    ...{ account, clock, ids: createIds(clock, () => prng.nextDouble()), instruments: instrumentsOf(symbols) },
    ...{ fillFrom: 'quotes', startingCash: moneyFromUsd(5_000_000) },
  });
  const arrived = new Map<string, number>();
  /** The line may copy a message: a copy of it is no second order. */
  const copies = new WeakSet<VenueRequest>();
  const handle = (request: VenueRequest): VenueAnswer => {
    if (request.kind === 'submit' && !copies.has(request)) {
      copies.add(request);
      const id = request.group.entry.clientOrderId;
      arrived.set(id, (arrived.get(id) ?? 0) + 1);
    }
    return exchange.handle(request);
  };
  return { exchange: { ...exchange, handle }, arrived };
}

function recordsOf({ exchange, arrived }: ReturnType<typeof countingExchange>, clock: Clock): VenueRecords {
  const held = exchange.handle({ kind: 'snapshot', since: clock.now() });
  return {
    executions: exchange.executions().map(({ execKey }) => execKey),
    positions: held.kind === 'holdings' ? held.snapshot.positions : [],
    ...{ arrived, audit: exchange.audit() },
  };
}

export function createSoakVenue(start: VenueStart): SoakVenue {
  const { clock, due, advanceTo } = waitedClock();
  const counting = countingExchange(start, clock);
  const { exchange } = counting;
  const symbols = exchange.instruments.map(({ symbol }) => symbol);
  const link = createFaultyLink({ clock, seed: start.seed + 2, plan: PLAN, exchange });
  const wires = new Map<number, Wire>();
  const told: FromVenue[] = [];
  const open = (line: number): void => {
    const onFrame = (frame: VenueFrame): void => void told.push({ line, frame });
    const onDown = (down: string): void => void told.push({ line, down });
    wires.set(line, link.open({ onFrame, onDown }));
  };
  const show = (quote: Quote): void => exchange.onMarket({ kind: 'quote', quote });
  const take = (op: ToVenue): void => {
    switch (op.op) {
      case 'open':
        open(op.line);
        return;
      case 'send':
        wires.get(op.line)?.send(op.frame);
        return;
      case 'close':
        wires.get(op.line)?.close();
        wires.delete(op.line);
        return;
      case 'quotes':
        tellQuotes(op.rows, symbols, show);
        return;
      case 'drop':
        link.drop();
        return;
      case 'calm':
        link.setPlan(NO_FAULTS);
        link.refuseUntil(0);
        return;
    }
  };
  const turn = ({ at, ops, asks }: Step): Answer => {
    advanceTo(at);
    ops.forEach(take);
    // The trace is kept for tests of minutes, not of hours.
    (link.trace() as TraceLine[]).length = 0;
    return { news: told.splice(0), records: asks === 'records' ? recordsOf(counting, clock) : null };
  };
  return { turn, due };
}
