import { walkInto } from '#desk/engine/path-kernel-simd.ts';
import { CHUNK_PATHS, chunkSizes, resultBytes, resultsOver } from '#desk/engine/path-kernel.ts';
import type { PathPlan, PathResults } from '#desk/engine/path-kernel.ts';

/** Counts that the threads of one simulation share. */
const [NEXT, DONE, STOPPED, COUNTS] = [0, 1, 2, 3];

/** A simulation as each of its threads gets it: figures and counts stand in memory they share. */
export type SharedWalk = {
  readonly plan: PathPlan;
  readonly seed: number;
  readonly paths: number;
  readonly figures: SharedArrayBuffer;
  readonly counts: Int32Array<SharedArrayBuffer>;
};

/** Lays out room for a simulation that no thread has begun. */
export const sharedWalk = (plan: PathPlan, { seed, paths }: { seed: number; paths: number }): SharedWalk => ({
  ...{ plan, seed, paths },
  figures: new SharedArrayBuffer(resultBytes(paths, plan.marks.length)),
  counts: new Int32Array(new SharedArrayBuffer(4 * COUNTS)),
});

export const figuresOf = ({ plan, paths, figures }: SharedWalk): PathResults =>
  resultsOver(figures, paths, plan.marks.length);

/** Paths walked so far, by all threads. */
export const pathsDone = ({ counts }: SharedWalk): number => Atomics.load(counts, DONE);

/** Lets each thread end the chunk it is at and begin no other. */
export const stopWalk = ({ counts }: SharedWalk): void => void Atomics.store(counts, STOPPED, 1);

/**
 * Returns a step that takes the next chunk no thread has taken, walks it and puts its figures in their place; it says
 * whether there was one. Who walks a chunk does not matter: its figures and its place hang on its number alone.
 */
export function chunkWalker(walk: SharedWalk): () => boolean {
  const { plan, seed, counts, paths } = walk;
  const into = figuresOf(walk);
  const sizes = chunkSizes(paths);
  return () => {
    const chunk = Atomics.load(counts, STOPPED) === 0 ? Atomics.add(counts, NEXT, 1) : sizes.length;
    const size = sizes[chunk];
    if (size === undefined) return false;
    walkInto(plan, { seed, chunk, paths: size }, { into, from: chunk * CHUNK_PATHS });
    Atomics.add(counts, DONE, size);
    return true;
  };
}
