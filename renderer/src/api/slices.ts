/** So long the page reads what came before it lets a frame be drawn, at least. */
const SLICE_MS = 1.5;
/**
 * And so long for each ms that the oldest of it has waited. Where frames take long this keeps what waits from growing
 * with every frame, and a frame is held up by no more than half of what it makes up for.
 */
const SLICE_OF_WAIT = 0.5;

export type Slices<T> = {
  readonly add: (item: T) => void;
  /** Takes all that waits, now. */
  readonly flush: () => void;
  /** Forgets what waits, and takes nothing more. */
  readonly close: () => void;
};

export type SlicesOptions = {
  /** Calls `run` behind whatever the page has to do already; the result ends that. */
  readonly later?: (run: () => void) => { readonly ask: () => void; readonly close: () => void };
  /** Time in ms. */
  readonly now?: () => number;
};

/** A message to itself comes up after a frame that is due, and without the delay of a timer. */
function nextTask(run: () => void) {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = run;
  return {
    ask: () => port2.postMessage(null),
    close: () => port1.close(),
  };
}

type Waiting<T> = { readonly item: T; readonly since: number };

/**
 * Takes items in the order they come: the first after a calm at once, and of many together some at a time, so that a
 * frame which is due meanwhile is drawn in between and not after all of them; the longer they have waited, the more at
 * a time. A single item is never divided.
 */
export function createSlices<T>(
  take: (item: T) => void,
  { later = nextTask, now = () => performance.now() }: SlicesOptions = {},
): Slices<T> {
  let waiting: Waiting<T>[] = [];
  /** How many of those that wait are taken. */
  let taken = 0;
  /** True from the first item until a task that found none. */
  let isUnderWay = false;
  const takeNext = (): void => {
    const { item } = waiting[taken] as Waiting<T>;
    taken += 1;
    take(item);
  };
  const run = (): void => {
    const oldest = waiting[taken];
    isUnderWay = oldest !== undefined;
    if (oldest === undefined) return;
    const begin = now();
    const until = begin + Math.max(SLICE_MS, (begin - oldest.since) * SLICE_OF_WAIT);
    try {
      do takeNext();
      while (taken < waiting.length && now() < until);
    } finally {
      if (taken === waiting.length) [waiting, taken] = [[], 0];
      task.ask();
    }
  };
  const task = later(run);
  return {
    add: (item) => {
      waiting.push({ item, since: now() });
      if (!isUnderWay) run();
    },
    flush: () => {
      while (taken < waiting.length) takeNext();
      [waiting, taken] = [[], 0];
    },
    close: () => {
      [waiting, taken] = [[], 0];
      task.close();
    },
  };
}
