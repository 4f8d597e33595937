import { once } from 'node:events';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { createSoakVenue } from './soak-venue.ts';
import {
  type Answer,
  ANSWERED,
  AS_MESSAGE,
  ASKED,
  AT,
  blockOf,
  DUE,
  IS_TOLD,
  ROWS,
  sharedTurns,
  type Step,
  type Turns,
  type VenueStart,
  type VenueThread,
} from './venue-wire.ts';

/** How the steps of time reach the venue. */
export type VenueLine = {
  /** When the venue has something to do, once it has answered all it was told; infinite when nothing. */
  readonly due: () => number;
  /** The block that takes the quotes of the next step. */
  readonly block: () => Float64Array;
  /** Tells the venue of a step, with so much of its block used. The one before it must have been answered. */
  readonly begin: (step: Step, used: number) => void;
  /** Waits for the answer to the step that was begun. */
  readonly take: () => Answer;
  readonly close: () => Promise<unknown>;
};

const SCRIPT = new URL('./venue-worker.ts', import.meta.url);
const NO_NEWS: Answer = { news: [], records: null };
/** What was not waited for said nothing, or the same seed would not be the same hours. */
const mustBeSilent = ({ news }: Answer): void => {
  if (news.length > 0) throw new Error('the venue answered at once');
};
const isMessage = ({ ops, asks }: Step): boolean => ops.length > 0 || asks !== 'news';

/**
 * A venue in this thread. It remembers every order, so that what the desk holds cannot be told; but two threads that
 * wake each other thousands of times an hour take longer over it than the venue itself.
 */
export function lineHere(start: VenueStart): VenueLine {
  const venue = createSoakVenue(start);
  const block = blockOf(start.symbols);
  let answer = NO_NEWS;
  let isOwed = false;
  const take = (): Answer => {
    isOwed = false;
    return answer;
  };
  return {
    due: () => {
      if (isOwed) mustBeSilent(take());
      return venue.due();
    },
    block: () => block,
    begin: (step, used) => {
      isOwed = true;
      const quotes = { op: 'quotes', rows: block.subarray(0, used) } as const;
      answer = venue.turn(isMessage(step) ? step : { ...step, ops: [quotes] });
    },
    take,
    close: () => Promise.resolve(),
  };
}

/** A venue in a thread of its own, so that the memory that is measured is the desk's. */
export async function lineToThread(start: VenueStart): Promise<VenueLine> {
  const turns = sharedTurns(start.symbols);
  const { port1: port, port2 } = new MessageChannel();
  const workerData: VenueThread = { ...start, turns, port: port2 };
  const worker = new Worker(SCRIPT, { workerData, transferList: [port2] });
  await once(worker, 'message');
  worker.unref();
  return {
    ...turnsOf(port, turns),
    close: () => {
      port.close();
      return worker.terminate();
    },
  };
}

/** The steps of a venue, which goes on with one while the desk goes on too, until the desk needs its answer. */
function turnsOf(port: MessagePort, { steps, figures, blocks }: Turns): Omit<VenueLine, 'close'> {
  let step = 0;
  let isOwed = false;
  let next = Number.POSITIVE_INFINITY;
  const take = (): Answer => {
    while (Atomics.load(steps, ANSWERED) !== step) Atomics.wait(steps, ANSWERED, step - 1);
    isOwed = false;
    next = figures[DUE] ?? NaN;
    return figures[IS_TOLD] === 1 ? (receiveMessageOnPort(port)?.message as Answer) : NO_NEWS;
  };
  return {
    due: () => {
      if (isOwed) mustBeSilent(take());
      return next;
    },
    block: () => (step % 2 === 0 ? blocks[1] : blocks[0]),
    begin: (asked, used) => {
      const isPosted = isMessage(asked);
      figures[AT] = asked.at;
      figures[ROWS] = isPosted ? AS_MESSAGE : used;
      if (isPosted) port.postMessage(asked);
      step += 1;
      isOwed = true;
      Atomics.store(steps, ASKED, step);
      Atomics.notify(steps, ASKED);
    },
    take,
  };
}
