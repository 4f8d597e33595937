import { parentPort } from 'node:worker_threads';
import { awaitWalked, findBands, chunkWalker, type SharedWalk } from './path-share.ts';

// Loads the kernel and nothing else, so that it is up by the time the trades are read.
parentPort?.on('message', (walk: SharedWalk | null) => {
  if (walk === null) {
    parentPort?.close();
    return;
  }
  const step = chunkWalker(walk);
  while (step());
  awaitWalked(walk);
  findBands(walk);
  parentPort?.postMessage('walked');
});
