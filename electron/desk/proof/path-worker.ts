import { parentPort, workerData } from 'node:worker_threads';
import type { SharedMemory } from '#desk/engine/kernel-code.ts';
import { pathWalker } from '#desk/engine/path-kernel-simd.ts';
import { awaitWalked, findPieces, chunkWalker, type SharedWalk } from './path-share.ts';

/** What the thread is started with: its place in the memory it shares with the others. */
export type PathWorkerData = { readonly thread: number; readonly memory: SharedMemory };

// Loads the kernel and nothing else, so that it is up by the time the trades are read.
const { thread, memory } = workerData as PathWorkerData;
const own = { thread, walker: pathWalker(memory) };

parentPort?.on('message', (walk: SharedWalk | null) => {
  if (walk === null) {
    parentPort?.close();
    return;
  }
  const step = chunkWalker(walk, own);
  while (step());
  awaitWalked(walk);
  findPieces(walk, own);
  parentPort?.postMessage('walked');
});
