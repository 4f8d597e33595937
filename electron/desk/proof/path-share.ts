import type { PathsFound } from '#desk/engine/path-figures.ts';
import { pieceCount, type PathWalker } from '#desk/engine/path-kernel-simd.ts';
import { CHUNK_PATHS, chunkSizes } from '#desk/engine/path-kernel.ts';
import type { PathTask } from '#desk/engine/path-room.ts';
import { tallyOf } from '#desk/engine/path-tally.ts';

/** Counts that the threads of one simulation share: chunks taken, paths walked, whether to stop, pieces taken and found. */
const [NEXT, DONE, STOPPED, NEXT_PIECE, FOUND, COUNTS] = [0, 1, 2, 3, 4, 5];

/** A simulation as each of its threads gets it: its figures stand in the memory they share, and so do these counts. */
export type SharedWalk = { readonly task: PathTask; readonly counts: Int32Array<SharedArrayBuffer> };

/** What a thread needs to help: the number of its place, and its walker in the memory of all. */
export type Walking = { readonly thread: number; readonly walker: PathWalker };

/** Lays out a simulation that no thread has begun. */
export function sharedWalk(task: PathTask, walker: PathWalker): SharedWalk {
  walker.lay(task);
  return { task, counts: new Int32Array(new SharedArrayBuffer(4 * COUNTS)) };
}

/**
 * What is told of the paths of a simulation, all pieces of which are found; apart from the memory in which the next one is
 * walked. The figures of each path, which are most of it, stay there.
 */
export function foundOf({ task }: SharedWalk, walker: PathWalker): PathsFound {
  const { bands, tally } = walker.found(task);
  return { bands: bands.slice(), tally: tallyOf(tally, task.paths) };
}

/** Paths walked so far, by all threads. */
export const pathsDone = ({ counts }: SharedWalk): number => Atomics.load(counts, DONE);

/** Lets each thread end the chunk it is at and begin no other. */
export const stopWalk = ({ counts }: SharedWalk): void => {
  Atomics.store(counts, STOPPED, 1);
  Atomics.notify(counts, DONE);
};

/**
 * Returns a step that takes the next chunk no thread has taken and walks it, figures in their place; it says whether there
 * was one. Who walks a chunk does not matter: its figures and its place hang on its number alone.
 */
export function chunkWalker({ task, counts }: SharedWalk, { thread, walker }: Walking): () => boolean {
  const sizes = chunkSizes(task.paths);
  return () => {
    const chunk = Atomics.load(counts, STOPPED) === 0 ? Atomics.add(counts, NEXT, 1) : sizes.length;
    const paths = sizes[chunk];
    if (paths === undefined) return false;
    walker.walk(task, { chunk, paths, from: chunk * CHUNK_PATHS, thread });
    Atomics.add(counts, DONE, paths);
    Atomics.notify(counts, DONE);
    return true;
  };
}

const isStopped = ({ counts }: SharedWalk): boolean => Atomics.load(counts, STOPPED) !== 0;

/** Whether there is nothing left to wait for: all paths are walked, or no more will be. */
export const isWalked = (walk: SharedWalk): boolean => isStopped(walk) || pathsDone(walk) >= walk.task.paths;

/** About what a chunk takes. */
const SOON_MS = 0.5;

/** Looks for a while whether something holds, and says so, without letting go of the thread: threads end nearly together. */
export function holdsSoon(holds: () => boolean): boolean {
  const until = performance.now() + SOON_MS;
  while (!holds()) if (performance.now() >= until) return false;
  return true;
}

/** A word that is missed, between looking and waiting, costs no more than this. */
const WAIT_MS = 10;

/** Blocks this thread until `isWalked`. */
export function awaitWalked(walk: SharedWalk): void {
  if (holdsSoon(() => isWalked(walk))) return;
  for (let done = pathsDone(walk); !isWalked(walk); done = pathsDone(walk)) {
    Atomics.wait(walk.counts, DONE, done, WAIT_MS);
  }
}

/** A thread that rests hears of nothing else meanwhile. */
const MOMENT_MS = 1;

/** Leaves the processor to the other threads for a moment, or until one of them has ended a chunk or the last piece. */
export function rest(walk: SharedWalk): void {
  const count = isWalked(walk) ? FOUND : DONE;
  const seen = Atomics.load(walk.counts, count);
  if (count === FOUND ? !isFound(walk) : !isWalked(walk)) Atomics.wait(walk.counts, count, seen, MOMENT_MS);
}

/** Takes the pieces no thread has taken and finds them, until there are none left. All paths must be walked. */
export function findPieces(walk: SharedWalk, { thread, walker }: Walking): void {
  const write = walker.pieceWriter(walk.task, thread);
  while (!isStopped(walk)) {
    const piece = Atomics.add(walk.counts, NEXT_PIECE, 1);
    if (piece >= pieceCount(walk.task.plan)) return;
    write(piece);
    Atomics.add(walk.counts, FOUND, 1);
    if (isFound(walk)) Atomics.notify(walk.counts, FOUND);
  }
}

/** Whether there are no pieces left to wait for: all are found, or no more will be. */
export const isFound = (walk: SharedWalk): boolean =>
  isStopped(walk) || Atomics.load(walk.counts, FOUND) >= pieceCount(walk.task.plan);
