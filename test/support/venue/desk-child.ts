import { writeSync } from 'node:fs';
import { type CrashPoint, type DeskSetup, startLiveDesk } from './live-desk.ts';

/**
 * A desk in a process of its own. Where it was told to, it stops between two instructions for good, and says so; its
 * parent kills it there.
 */
const setup = JSON.parse(process.argv[2] ?? '') as DeskSetup & { readonly point: CrashPoint | null };
const STDOUT = 1;

/** Nothing runs any more in this process, and nothing is left on its way out of it. */
function stopAt(point: CrashPoint): void {
  if (point !== setup.point) return;
  writeSync(STDOUT, `${point}\n`);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

const desk = startLiveDesk(setup, stopAt);
process.on('message', (what: 'look' | 'approve' | 'flatten') => {
  const done = async (): Promise<void> => {
    if (what === 'approve') await desk.approve();
    if (what === 'flatten') await desk.flatten();
    process.send?.(desk.report());
  };
  void done();
});
process.on('disconnect', () => process.exit(0));
await desk.started;
process.send?.(desk.report());
