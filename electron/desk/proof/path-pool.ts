import { simdKernel } from '#desk/engine/path-kernel-simd.ts';
import { chunkSizes, joinResults } from '#desk/engine/path-kernel.ts';
import type { PathKernel, PathPlan, PathResults } from '#desk/engine/path-kernel.ts';
import { startHelper } from './helper-thread.ts';

/** Walks one chunk of a plan's paths. */
export type Lane = (draw: { readonly chunk: number; readonly paths: number }) => Promise<PathResults>;

/**
 * Hands chunks to lanes as they come free and puts their figures together in order: who walked which does not matter.
 * `onDone` may throw to stop: no chunk is begun after that, and each other lane ends the one it is at.
 */
export async function throughLanes(
  lanes: readonly Lane[],
  { paths, marks }: { readonly paths: number; readonly marks: number },
  onDone: (pathsDone: number) => void,
): Promise<PathResults> {
  const sizes = chunkSizes(paths);
  const chunks: PathResults[] = [];
  let [next, done, isOver] = [0, 0, false];
  const work = async (lane: Lane): Promise<void> => {
    while (next < sizes.length && !isOver) {
      const chunk = next;
      next += 1;
      const size = sizes[chunk] ?? 0;
      chunks[chunk] = await lane({ chunk, paths: size });
      done += size;
      onDone(done);
    }
  };
  const stopAll = (error: unknown): never => {
    isOver = true;
    throw error;
  };
  await Promise.all(lanes.map((lane) => work(lane).catch(stopAll)));
  return joinResults(chunks, marks);
}

/** A lane in this thread. It lets go of the thread between chunks, so that what waits there comes through. */
const ownLane =
  (plan: PathPlan, seed: number, kernel: PathKernel): Lane =>
  (draw) =>
    new Promise((resolve) => void setImmediate(() => resolve(kernel.walk(plan, { seed, ...draw }))));

/** Walks all paths of a plan, in this thread or over helpers. The result does not depend on how many. */
export async function walkAllPaths(
  plan: PathPlan,
  { seed, paths, workers }: { readonly seed: number; readonly paths: number; readonly workers: number },
  onDone: (pathsDone: number) => void,
): Promise<PathResults> {
  const shape = { paths, marks: plan.marks.length };
  const count = Math.min(workers, chunkSizes(paths).length);
  if (count <= 1) return throughLanes([ownLane(plan, seed, simdKernel)], shape, onDone);
  const helpers = Array.from({ length: count }, () => startHelper());
  try {
    const lanes = helpers.map((helper): Lane => async (draw) => {
      const answer = await helper.run({ kind: 'paths', plan, seed, ...draw });
      if (answer.kind !== 'path-results') throw new Error(`a helper answered paths with ${answer.kind}`);
      return answer.results;
    });
    return await throughLanes(lanes, shape, onDone);
  } finally {
    await Promise.all(helpers.map((helper) => helper.end()));
  }
}
