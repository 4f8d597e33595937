/** A window in the background draws no frames: there what changed waits this long. */
const LONGEST_MS = 50;

export type Burst<T> = { readonly add: (item: T) => void; readonly clear: () => void };

/** Calls `run` before the next frame is drawn; what it returns takes that back. */
export type FrameSource = (run: () => void) => () => void;

const nextFrame: FrameSource = (run) => {
  const frame = requestAnimationFrame(run);
  return () => cancelAnimationFrame(frame);
};

/**
 * Hands changes on once in a frame, so that each is in the next picture and none is worked out that no picture shows. In
 * a window that draws no frames, within 50 ms.
 * @param take called with the changes in the order they came
 */
export function createBurst<T>(take: (items: readonly T[]) => void, frames: FrameSource = nextFrame): Burst<T> {
  let waiting: T[] = [];
  let cancel: (() => void) | null = null;
  const settle = (): readonly T[] => {
    cancel?.();
    cancel = null;
    const items = waiting;
    waiting = [];
    return items;
  };
  const wait = (): (() => void) => {
    const flush = (): void => take(settle());
    const timer = setTimeout(flush, LONGEST_MS);
    const giveUp = frames(flush);
    return () => {
      clearTimeout(timer);
      giveUp();
    };
  };
  return {
    add: (item) => {
      waiting.push(item);
      cancel ??= wait();
    },
    clear: () => void settle(),
  };
}
