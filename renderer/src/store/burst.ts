import { inTurn, isInFrame, nextFrame } from '#renderer/src/api/next-frame.ts';
import type { FrameSource } from '#renderer/src/api/next-frame.ts';

/** A window in the background draws no frames: there what changed waits this long. */
const LONGEST_MS = 50;
/** What was handed on counts this long, and less and less. */
const COUNTED_MS = 50;
/**
 * Up to so many of that time are worked out as they come: a frame then begins with its layout. Of a stream a frame has
 * several of each, and works out the last alone.
 */
const FEW = 16;

export type Burst<T> = {
  readonly add: (item: T) => void;
  readonly clear: () => void;
  /** Whether something was added that has not been handed on. */
  readonly isWaiting: () => boolean;
};

/** Lets so many frames be drawn first: what is in them is not held up by what `run` does. */
export const afterFrames =
  (count: number): FrameSource =>
  (run) => {
    let left = count;
    const wait = (): (() => void) =>
      nextFrame(() => {
        left -= 1;
        if (left < 0) run();
        else giveUp = wait();
      });
    let giveUp = wait();
    return () => giveUp();
  };

/** Lets the frame be drawn that shows what has been handed on by now. */
export const afterPicture: FrameSource = (run) => (isInFrame() ? nextFrame : afterFrames(1))(run);

/** The same, in a frame that nothing else of its kind is drawn in. */
export const beside: FrameSource = inTurn(afterPicture);

/** Hand-overs that follow on each other within this are of one stream. */
const STREAM_MS = 300;
/** So many of them are followed one by one. */
const FOLLOWED = 3;

/** From one hand-over to the next, ms: more once several have followed on each other, for nobody reads each of a stream. */
export function apartInStream(apart: { readonly firstMs: number; readonly thenMs: number }): () => number {
  let [lastAt, inARow] = [-Infinity, 0];
  return () => {
    const now = performance.now();
    inARow = now - lastAt < STREAM_MS ? inARow + 1 : 1;
    lastAt = now;
    return inARow > FOLLOWED ? apart.thenMs : apart.firstMs;
  };
}

export type BurstOptions = {
  readonly frames?: FrameSource;
  /**
   * While few come, so many changes at most are handed on as soon as they are read, and not when their frame begins: it
   * is then drawn that much sooner.
   */
  readonly atOnce?: number;
  /**
   * From one hand-over to the next at least so long, in ms, given how many changes the last one had: for what nobody
   * reads at the pace of frames.
   */
  readonly apartMs?: (count: number) => number;
};

/**
 * Hands changes on once in a frame, so that each is in the next picture and none is worked out that no picture shows. In
 * a window that draws no frames, within 50 ms. With a time between two hand-overs the first change after a calm is in the
 * next picture all the same; those that follow wait for each other.
 * @param take called with the changes in the order they came
 */
export function createBurst<T>(
  take: (items: readonly T[]) => void,
  { frames = nextFrame, atOnce = 0, apartMs = () => 0 }: BurstOptions = {},
): Burst<T> {
  let waiting: T[] = [];
  let cancel: (() => void) | null = null;
  let [handedAt, nextAt, handed] = [-Infinity, -Infinity, 0];
  const lately = (now: number): number => handed * Math.exp((handedAt - now) / COUNTED_MS);
  const settle = (): readonly T[] => {
    cancel?.();
    cancel = null;
    const items = waiting;
    waiting = [];
    return items;
  };
  const flush = (): void => {
    const items = settle();
    const now = performance.now();
    [handed, handedAt] = [lately(now) + items.length, now];
    nextAt = now + apartMs(items.length);
    take(items);
  };
  const toFrame = (): (() => void) => {
    const timer = setTimeout(flush, LONGEST_MS);
    const giveUp = frames(flush);
    return () => {
      clearTimeout(timer);
      giveUp();
    };
  };
  /** What a message brings is added in one go: it is whole when the task that reads it is done. */
  const toTask = (): (() => void) => {
    const giveUp = toFrame();
    let isGivenUp = false;
    queueMicrotask(() => {
      if (!isGivenUp && waiting.length <= atOnce) flush();
    });
    return () => {
      isGivenUp = true;
      giveUp();
    };
  };
  const wait = (): (() => void) => {
    const now = performance.now();
    const early = nextAt - now;
    if (early <= 0) return atOnce > 0 && lately(now) < FEW ? toTask() : toFrame();
    let giveUp = (): void => clearTimeout(timer);
    const timer = setTimeout(() => {
      giveUp = toFrame();
    }, early);
    return () => giveUp();
  };
  return {
    add: (item) => {
      waiting.push(item);
      cancel ??= wait();
    },
    clear: () => void settle(),
    isWaiting: () => waiting.length > 0,
  };
}
