import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { epochMs } from '#shared/units.ts';
import { createSoakVenue } from './soak-venue.ts';
import { ANSWERED, AS_MESSAGE, ASKED, AT, DUE, IS_TOLD, ROWS, type Step, type VenueThread } from './venue-wire.ts';

/** The venue of a soak in a thread of its own, so that the memory that is measured is the desk's. */

const { port, turns, ...start } = workerData as VenueThread;
const { steps, figures, blocks } = turns;
const venue = createSoakVenue(start);

/** The step as it was asked: quotes alone stand in the block of their step. */
const stepOf = (step: number): Step => {
  const rows = figures[ROWS] ?? AS_MESSAGE;
  if (rows === AS_MESSAGE) return receiveMessageOnPort(port)?.message as Step;
  const block = step % 2 === 0 ? blocks[0] : blocks[1];
  return { at: epochMs(figures[AT] ?? NaN), ops: [{ op: 'quotes', rows: block.subarray(0, rows) }], asks: 'news' };
};
const turn = (step: number): void => {
  const answer = venue.turn(stepOf(step));
  const isTold = answer.news.length > 0 || answer.records !== null;
  if (isTold) port.postMessage(answer);
  figures[DUE] = venue.due();
  figures[IS_TOLD] = isTold ? 1 : 0;
  Atomics.store(steps, ANSWERED, step);
  Atomics.notify(steps, ANSWERED);
};

parentPort?.postMessage('ready');
// It has nothing to do but wait for its turn, until it is ended from outside.
for (let step = 1; ; step += 1) {
  while (Atomics.load(steps, ASKED) < step) Atomics.wait(steps, ASKED, step - 1);
  turn(step);
}
