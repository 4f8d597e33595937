import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { epochMs, moneyFromUsd } from '#shared/units.ts';
import type { FaultPlan } from '#desk/adapters/brokers/fault-plan.ts';
import { createFaultyLink, type TraceLine } from '#desk/adapters/brokers/faulty-link.ts';
import { createPaperExchange } from '#desk/adapters/brokers/paper-exchange.ts';
import type { VenueFrame, VenueRequest, Wire } from '#desk/adapters/brokers/paper-wire.ts';
import { createPrng } from '#desk/engine/prng.ts';
import type { Clock } from '#desk/ports/clock.ts';
import { createClock, createIds } from '#desk/profiles/clocks.ts';
import { instrumentsOf, START } from './soak-world.ts';
import {
  type Answer,
  ANSWERED,
  AS_MESSAGE,
  ASKED,
  AT,
  DUE,
  type FromVenue,
  IS_TOLD,
  quotesIn,
  ROWS,
  type Step,
  type ToVenue,
  type VenueRecords,
  type VenueStart,
} from './venue-wire.ts';

/**
 * The venue of the soak, with the line of faults before it: an exchange that forgets nothing, in a thread of its own,
 * so that the memory that is measured is the desk's. Its time passes as the desk's does, step by step.
 */

const PLAN: Partial<FaultPlan> = {
  ...{ toVenueMs: [1, 60], fromVenueMs: [1, 60], reorder: 0.02, duplicate: 0.02, loseAnswer: 0.01, survive: 0.5 },
  ...{ rejectLate: 0.01, lateFill: 0.02, restate: 0.5, cannotTell: 0.02, halfOpen: 0.0002, outageMs: [0, 60_000] },
};
const NO_FAULTS: Partial<FaultPlan> = {
  ...{ reorder: 0, duplicate: 0, loseAnswer: 0, halfOpen: 0, rejectLate: 0, lateFill: 0, cannotTell: 0 },
  outageMs: [0, 0],
};

const { account, symbols, seed, port, turns } = workerData as VenueStart;
const { steps, figures, blocks } = turns;
const time = createClock(epochMs(START));
/** What waits for its time, so that the desk need not ask before it. */
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
const nextDue = (): number => {
  let next = Number.POSITIVE_INFINITY;
  for (const { at } of waiting) next = Math.min(next, at);
  return next;
};

const prng = createPrng(seed + 1);
const instruments = instrumentsOf(symbols);
const names = instruments.map(({ symbol }) => symbol);
const exchange = createPaperExchange({
  ...{ account, clock, ids: createIds(clock, () => prng.nextDouble()), instruments },
  ...{ fillFrom: 'quotes', startingCash: moneyFromUsd(5_000_000) },
});

/** Orders that reached the exchange. The line may copy a message: a copy of it is no second order. */
const arrived = new Map<string, number>();
const copies = new WeakSet<VenueRequest>();
const count = (request: VenueRequest): void => {
  if (request.kind !== 'submit' || copies.has(request)) return;
  copies.add(request);
  const id = request.group.entry.clientOrderId;
  arrived.set(id, (arrived.get(id) ?? 0) + 1);
};
const link = createFaultyLink({
  ...{ clock, seed: seed + 2, plan: PLAN },
  exchange: {
    ...exchange,
    handle: (request) => {
      count(request);
      return exchange.handle(request);
    },
  },
});

const wires = new Map<number, Wire>();
const told: FromVenue[] = [];
const open = (line: number): void => {
  const onFrame = (frame: VenueFrame): void => void told.push({ line, frame });
  const onDown = (down: string): void => void told.push({ line, down });
  wires.set(line, link.open({ onFrame, onDown }));
};
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
      for (const quote of quotesIn(op.rows, names)) exchange.onMarket({ kind: 'quote', quote });
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
const records = (): VenueRecords => {
  const held = exchange.handle({ kind: 'snapshot', since: clock.now() });
  return {
    executions: exchange.executions().map(({ execKey }) => execKey),
    positions: held.kind === 'holdings' ? held.snapshot.positions : [],
    ...{ arrived, audit: exchange.audit() },
  };
};

/** The step as it was asked: quotes alone stand in the block of their step. */
const stepOf = (step: number): Step => {
  const rows = figures[ROWS] ?? AS_MESSAGE;
  if (rows === AS_MESSAGE) return receiveMessageOnPort(port)?.message as Step;
  const block = step % 2 === 0 ? blocks[0] : blocks[1];
  return { at: epochMs(figures[AT] ?? NaN), ops: [{ op: 'quotes', rows: block.subarray(0, rows) }], asks: 'news' };
};
const turn = (step: number): void => {
  const { at, ops, asks } = stepOf(step);
  time.advanceTo(at);
  ops.forEach(take);
  const isTold = told.length > 0 || asks === 'records';
  if (isTold)
    port.postMessage({ news: told.splice(0), records: asks === 'records' ? records() : null } satisfies Answer);
  figures[DUE] = nextDue();
  figures[IS_TOLD] = isTold ? 1 : 0;
  // The trace is kept for tests of minutes, not of hours.
  (link.trace() as TraceLine[]).length = 0;
  Atomics.store(steps, ANSWERED, step);
  Atomics.notify(steps, ANSWERED);
};

parentPort?.postMessage('ready');
// It has nothing to do but wait for its turn, until it is ended from outside.
for (let step = 1; ; step += 1) {
  while (Atomics.load(steps, ASKED) < step) Atomics.wait(steps, ASKED, step - 1);
  turn(step);
}
