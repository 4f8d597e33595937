import { onTestFinished } from 'vitest';
import type { createVirtualClock } from './virtual-clock.ts';

/** What a line of TCP can do: it never doubles or swaps what was sent. */
export const TCP_FAULTS = [
  ...(['latency', 'jitter', 'bandwidth', 'partial-frames', 'half-open-out', 'half-open-back'] as const),
  ...(['black-hole', 'reset', 'drop-after', 'slow-close'] as const),
] as const;

/** Lets the desk's time go on by itself, a hundred times as fast as the machine's, until the test ends. */
export function passTime(clock: ReturnType<typeof createVirtualClock>): void {
  const time = { isPassing: true };
  onTestFinished(() => {
    time.isPassing = false;
  });
  void (async () => {
    while (time.isPassing) {
      clock.advanceTo(clock.now() + 500);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
}
