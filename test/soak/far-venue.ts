import { once } from 'node:events';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { Quote } from '#shared/domain/market.ts';
import type { WireEnds, VenueLink } from '#desk/adapters/brokers/paper-wire.ts';
import type { Clock } from '#desk/ports/clock.ts';
import { createTruth, type Truth } from './scripted.ts';
import { instrumentsOf } from './soak-world.ts';
import {
  addRow,
  type Answer,
  ANSWERED,
  AS_MESSAGE,
  ASKED,
  AT,
  DUE,
  IS_TOLD,
  ROWS,
  sharedTurns,
  type Step,
  type ToVenue,
  type Turns,
  type VenueRecords,
  type VenueStart,
} from './venue-wire.ts';

/** The venue as the desk's thread sees it: a line to it, and the steps of time by which both go on together. */
export type FarVenue = {
  readonly link: VenueLink;
  /** Since when the line was tried, and when it was up: from the answer to a logon until it was gone. */
  readonly truth: Truth;
  quote(quote: Quote): void;
  /** Drops the line that stands. */
  drop(): void;
  /** No faults from now on. */
  calm(): void;
  /** Lets the venue come to the desk's time, tells it what the desk did, and the desk what came of all that. */
  meet(): void;
  records(): VenueRecords;
  close(): Promise<unknown>;
};

const SCRIPT = new URL('./venue-worker.ts', import.meta.url);

/** Starts the venue in a thread of its own. The threads take turns, so that the same seed is the same hours. */
export async function startFarVenue(
  start: Pick<VenueStart, 'account' | 'symbols' | 'seed'>,
  clock: Clock,
): Promise<FarVenue> {
  const turns = sharedTurns(start.symbols);
  const { port1: port, port2 } = new MessageChannel();
  const workerData: VenueStart = { ...start, turns, port: port2 };
  const worker = new Worker(SCRIPT, { workerData, transferList: [port2] });
  await once(worker, 'message');
  worker.unref();
  const truth = createTruth();
  const lines = new Map<number, { readonly ends: WireEnds; isUp: boolean }>();
  const places = new Map(instrumentsOf(start.symbols).map(({ symbol }, place) => [symbol, place]));
  let ops: ToVenue[] = [];
  /** How much of the block of the next step is used. */
  let used = 0;
  let opened = 0;
  const { due, begin, take, block } = turnsOf(port, turns);
  /** Quotes that came before another word go before it, in the message with it. */
  const gather = (): void => {
    if (used > 0) ops.push({ op: 'quotes', rows: block().slice(0, used) });
    used = 0;
  };
  const tell = (op: ToVenue): void => {
    gather();
    ops.push(op);
  };
  const step = (asks: Step['asks']): void => {
    if (ops.length > 0 || asks !== 'news') gather();
    begin({ at: clock.now(), ops, asks }, used);
    [ops, used] = [[], 0];
  };
  const hangUp = (line: number): void => {
    lines.delete(line);
    truth.set(false, clock.now());
  };
  return {
    truth,
    link: {
      open: (ends) => {
        opened += 1;
        const line = opened;
        lines.set(line, { ends, isUp: false });
        truth.tried(clock.now());
        tell({ op: 'open', line });
        return {
          send: (frame) => tell({ op: 'send', line, frame }),
          close: () => {
            tell({ op: 'close', line });
            hangUp(line);
          },
        };
      },
    },
    quote: (quote) => {
      if (used === block().length) gather();
      used = addRow(block(), used, { place: places.get(quote.symbol) ?? -1, quote });
    },
    drop: () => tell({ op: 'drop' }),
    calm: () => tell({ op: 'calm' }),
    meet: () => {
      // A venue that has nothing to do says nothing of prices before its next turn, nor of what is still on the line.
      const isSilent = due() > clock.now() && ops.every(({ op }) => op === 'send' || op === 'quotes');
      if (isSilent && used === 0 && ops.length === 0) return;
      step('news');
      if (isSilent) return;
      for (const news of take().news) {
        const line = lines.get(news.line);
        if (line === undefined) continue;
        if ('down' in news) {
          hangUp(news.line);
          line.ends.onDown(news.down);
          continue;
        }
        if (!line.isUp && news.frame.kind === 'answer' && news.frame.answer.kind === 'alive') {
          line.isUp = true;
          truth.set(true, clock.now());
        }
        line.ends.onFrame(news.frame);
      }
    },
    records: () => {
      due();
      step('records');
      const { records } = take();
      if (records === null) throw new Error('the venue did not give its records');
      return records;
    },
    close: () => {
      port.close();
      return worker.terminate();
    },
  };
}

type Line = {
  /** When the venue has something to do, once it has answered all it was told; infinite when nothing. */
  readonly due: () => number;
  /** The block that takes the quotes of the next step. */
  readonly block: () => Float64Array;
  /** Tells the venue of a step, with so much of its block used. The one before it must have been answered. */
  readonly begin: (step: Step, used: number) => void;
  /** Waits for the answer to the step that was begun. */
  readonly take: () => Answer;
};

const NO_NEWS: Answer = { news: [], records: null };

/** The steps of a venue, which goes on with one while the desk goes on too, until the desk needs its answer. */
function turnsOf(port: MessagePort, { steps, figures, blocks }: Turns): Line {
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
      // What was not waited for said nothing, or the same seed would not be the same hours.
      if (isOwed && take().news.length > 0) throw new Error('the venue answered at once');
      return next;
    },
    block: () => (step % 2 === 0 ? blocks[1] : blocks[0]),
    begin: (asked, used) => {
      const isMessage = asked.ops.length > 0 || asked.asks !== 'news';
      figures[AT] = asked.at;
      figures[ROWS] = isMessage ? AS_MESSAGE : used;
      if (isMessage) port.postMessage(asked);
      step += 1;
      isOwed = true;
      Atomics.store(steps, ASKED, step);
      Atomics.notify(steps, ASKED);
    },
    take,
  };
}
