/** Changes in a burst are taken in at most this often; a single one at once. */
const EVERY_MS = 50;

export type Burst<T> = { readonly add: (item: T) => void; readonly clear: () => void };

/**
 * Hands changes on: the first at once, those that follow within 50 ms together. By a timer and not by the frame, so that
 * a window in the background, which draws no frames, still learns of them.
 * @param take called with the changes in the order they came
 */
export function createBurst<T>(take: (items: readonly T[]) => void): Burst<T> {
  let waiting: T[] = [];
  let timer: ReturnType<typeof setTimeout> | null = null;
  const rest = (): void => {
    timer = setTimeout(() => {
      timer = null;
      if (waiting.length === 0) return;
      const items = waiting;
      waiting = [];
      rest();
      take(items);
    }, EVERY_MS);
  };
  return {
    add: (item) => {
      if (timer !== null) {
        waiting.push(item);
        return;
      }
      rest();
      take([item]);
    },
    clear: () => {
      waiting = [];
      if (timer !== null) clearTimeout(timer);
      timer = null;
    },
  };
}
