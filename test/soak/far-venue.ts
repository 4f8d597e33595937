import { once } from 'node:events';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { Quote } from '#shared/domain/market.ts';
import type { WireEnds, VenueLink } from '#desk/adapters/brokers/paper-wire.ts';
import type { Clock } from '#desk/ports/clock.ts';
import { createTruth, type Truth } from './scripted.ts';
import type { Answer, Step, ToVenue, VenueRecords, VenueStart } from './venue-wire.ts';

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
  const done = new Int32Array(new SharedArrayBuffer(4));
  const { port1: port, port2 } = new MessageChannel();
  const workerData: VenueStart = { ...start, done, port: port2 };
  const worker = new Worker(SCRIPT, { workerData, transferList: [port2] });
  await once(worker, 'message');
  worker.unref();
  const truth = createTruth();
  const lines = new Map<number, { readonly ends: WireEnds; isUp: boolean }>();
  let ops: ToVenue[] = [];
  let [opened, steps] = [0, 0];

  const turn = (asks: Step['asks']): Answer => {
    steps += 1;
    port.postMessage({ step: steps, at: clock.now(), ops, asks } satisfies Step);
    ops = [];
    while (Atomics.load(done, 0) !== steps) Atomics.wait(done, 0, steps - 1);
    return receiveMessageOnPort(port)?.message as Answer;
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
        ops.push({ op: 'open', line });
        return {
          send: (frame) => void ops.push({ op: 'send', line, frame }),
          close: () => {
            ops.push({ op: 'close', line });
            hangUp(line);
          },
        };
      },
    },
    quote: (quote) => void ops.push({ op: 'quote', quote }),
    drop: () => void ops.push({ op: 'drop' }),
    calm: () => void ops.push({ op: 'calm' }),
    meet: () => {
      const answer = turn('news');
      for (const news of 'news' in answer ? answer.news : []) {
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
      const answer = turn('records');
      if (!('records' in answer)) throw new Error('the venue did not give its records');
      return answer.records;
    },
    close: () => {
      port.close();
      return worker.terminate();
    },
  };
}
