import { walkInto } from '#desk/engine/path-kernel-simd.ts';
import { CHUNK_PATHS, chunkSizes, resultBytes, resultsOver } from '#desk/engine/path-kernel.ts';
import { BAND_SIZE, bandCount, writeBand, type PathBands } from '#desk/engine/path-bands.ts';
import type { PathPlan, PathResults } from '#desk/engine/path-kernel.ts';

/** Counts that the threads of one simulation share: chunks taken, paths walked, whether to stop, bands taken. */
const [NEXT, DONE, STOPPED, NEXT_BAND, COUNTS] = [0, 1, 2, 3, 4];

/** A simulation as each of its threads gets it: figures and counts stand in memory they share. */
export type SharedWalk = {
  readonly plan: PathPlan;
  readonly seed: number;
  readonly paths: number;
  readonly figures: SharedArrayBuffer;
  readonly bands: Float64Array<SharedArrayBuffer>;
  readonly counts: Int32Array<SharedArrayBuffer>;
};

/** Lays out room for a simulation that no thread has begun. */
export const sharedWalk = (plan: PathPlan, { seed, paths }: { seed: number; paths: number }): SharedWalk => ({
  ...{ plan, seed, paths },
  figures: new SharedArrayBuffer(resultBytes(paths, plan.marks.length)),
  bands: new Float64Array(new SharedArrayBuffer(8 * BAND_SIZE * bandCount(plan))),
  counts: new Int32Array(new SharedArrayBuffer(4 * COUNTS)),
});

const resultsOf = ({ plan, paths, figures }: SharedWalk): PathResults => resultsOver(figures, paths, plan.marks.length);

/** What the paths of a simulation are worth and their bands, once every thread has ended its part. */
export const figuresOf = (walk: SharedWalk): PathResults & PathBands => ({ ...resultsOf(walk), bands: walk.bands });

/** Paths walked so far, by all threads. */
export const pathsDone = ({ counts }: SharedWalk): number => Atomics.load(counts, DONE);

/** Lets each thread end the chunk it is at and begin no other. */
export const stopWalk = ({ counts }: SharedWalk): void => {
  Atomics.store(counts, STOPPED, 1);
  Atomics.notify(counts, DONE);
};

/**
 * Returns a step that takes the next chunk no thread has taken, walks it and puts its figures in their place; it says
 * whether there was one. Who walks a chunk does not matter: its figures and its place hang on its number alone.
 */
export function chunkWalker(walk: SharedWalk): () => boolean {
  const { plan, seed, counts, paths } = walk;
  const into = resultsOf(walk);
  const sizes = chunkSizes(paths);
  return () => {
    const chunk = Atomics.load(counts, STOPPED) === 0 ? Atomics.add(counts, NEXT, 1) : sizes.length;
    const size = sizes[chunk];
    if (size === undefined) return false;
    walkInto(plan, { seed, chunk, paths: size }, { into, from: chunk * CHUNK_PATHS });
    Atomics.add(counts, DONE, size);
    Atomics.notify(counts, DONE);
    return true;
  };
}

const isStopped = ({ counts }: SharedWalk): boolean => Atomics.load(counts, STOPPED) !== 0;

/** Whether there is nothing left to wait for: all paths are walked, or no more will be. */
export const isWalked = (walk: SharedWalk): boolean => isStopped(walk) || pathsDone(walk) >= walk.paths;

/** Blocks this thread until `isWalked`. */
export function awaitWalked(walk: SharedWalk): void {
  for (let done = pathsDone(walk); !isWalked(walk); done = pathsDone(walk)) {
    Atomics.wait(walk.counts, DONE, done, WAIT_MS);
  }
}
/** A word that is missed, between looking and waiting, costs no more than this. */
const WAIT_MS = 10;

/** Takes the bands no thread has taken and finds them, until there are none left. All must be walked. */
export function findBands(walk: SharedWalk): void {
  const results = figuresOf(walk);
  while (!isStopped(walk)) {
    const band = Atomics.add(walk.counts, NEXT_BAND, 1);
    if (band >= bandCount(walk.plan)) return;
    writeBand(walk.plan, results, band);
  }
}
