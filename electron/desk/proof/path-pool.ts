import { Worker } from 'node:worker_threads';
import { sharedMemory } from '#desk/engine/kernel-code.ts';
import type { PathsFound } from '#desk/engine/path-figures.ts';
import { pathWalker } from '#desk/engine/path-kernel-simd.ts';
import type { PathPlan } from '#desk/engine/path-kernel.ts';
import {
  findPieces,
  chunkWalker,
  foundOf,
  holdsSoon,
  isFound,
  isWalked,
  pathsDone,
  rest,
  sharedWalk,
  stopWalk,
} from './path-share.ts';
import type { SharedWalk } from './path-share.ts';
import type { PathWorkerData } from './path-worker.ts';
import { PATH_SCRIPT } from './thread-script.ts';

/** Walks the paths of plans in this thread and those beside it, and finds what is told of them. It does not depend on how many there are. */
export interface PathPool {
  /** `onDone` is told how many paths are walked, and may throw to stop: each thread ends the chunk it is at. */
  walkAll(
    plan: PathPlan,
    draw: { readonly seed: number; readonly paths: number; readonly ruinLevel: number },
    onDone: (pathsDone: number) => void,
  ): Promise<PathsFound>;
  /** Lets the threads end by themselves. */
  close(): Promise<void>;
}

/** A thread that helps with one simulation after the other. */
type Helper = {
  /** Resolves when there is nothing left to take; rejects on a fault, also on one from before. */
  readonly help: (walk: SharedWalk) => Promise<void>;
  readonly close: () => Promise<void>;
};

function startHelper(workerData: PathWorkerData): Helper {
  const worker = new Worker(PATH_SCRIPT, { workerData });
  let fault: Error | null = null;
  let settle: (error: Error | null) => void = () => undefined;
  const ended = new Promise<void>((resolve) => void worker.once('exit', () => resolve()));
  worker.on('message', () => settle(null));
  worker.on('error', (error) => settle((fault = error instanceof Error ? error : new Error(String(error)))));
  void ended.then(() => settle((fault ??= new Error('a thread of the simulation has ended'))));
  return {
    help: (walk) =>
      new Promise((resolve, reject) => {
        settle = (error) => {
          if (error === null) resolve();
          else reject(error);
        };
        if (fault === null) worker.postMessage(walk);
        else reject(fault);
      }),
    close: () => {
      worker.postMessage(null);
      return ended;
    },
  };
}

/** Lets go of the thread, so that what waits there comes through. */
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
/** Others walk meanwhile, perhaps on this processor: to look on would keep them from it. */
async function restAndTurn(walk: SharedWalk): Promise<void> {
  rest(walk);
  await turn();
}
/** What waits may wait for so long, in milliseconds: letting go takes a while itself. */
const HELD_MS = 5;

/** Walks what it gets of the chunks here. */
async function walkChunks(step: () => boolean, onDone: () => void): Promise<void> {
  let since = performance.now();
  while (step()) {
    onDone();
    if (performance.now() - since < HELD_MS) continue;
    await turn();
    since = performance.now();
  }
}

/**
 * Starts a pool of so many threads, this one among them: what starts it is computed meanwhile, and the first chunks are
 * walked here while the others come up. They stay for the next simulation until the pool is closed, and so does the memory
 * they walk in: it walks one at a time.
 */
export function startPathPool(workers: number): PathPool {
  const memory = sharedMemory();
  const helpers = Array.from({ length: workers - 1 }, (_, i) => startHelper({ thread: i + 1, memory }));
  const own = { thread: 0, walker: pathWalker(memory) };
  let idle: Promise<unknown> = Promise.resolve();
  return {
    walkAll: async (plan, draw, onDone) => {
      await idle;
      const walk = sharedWalk({ plan, ...draw, threads: workers }, own.walker);
      let fault: { readonly error: unknown } | null = null;
      const stop = (error: unknown): void => {
        fault ??= { error };
        stopWalk(walk);
      };
      idle = Promise.all(helpers.map(({ help }) => help(walk).catch(stop)));
      try {
        await walkChunks(chunkWalker(walk, own), () => onDone(pathsDone(walk)));
        // A thread that ended by a fault stops the walk, and is heard of in a turn.
        while (!holdsSoon(() => isWalked(walk))) await restAndTurn(walk);
        findPieces(walk, own);
        // What is found is there before the word of it comes from the other threads: that is waited for by the next walk.
        while (!holdsSoon(() => isFound(walk))) await restAndTurn(walk);
      } catch (error) {
        stop(error);
      }
      const failed = fault as { readonly error: unknown } | null;
      if (failed !== null) {
        await idle;
        throw failed.error;
      }
      onDone(draw.paths);
      return foundOf(walk, own.walker);
    },
    close: async () => {
      await Promise.all(helpers.map(({ close }) => close()));
    },
  };
}
