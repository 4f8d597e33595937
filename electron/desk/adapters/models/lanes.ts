/** Keeps at most one ask per key under way, and of those that wait only the newest. */
export interface Lanes<T> {
  run(key: string, asOf: number, task: { work: () => Promise<T>; superseded: () => T }): Promise<T>;
}

type Lane<T> = {
  running: { readonly asOf: number; readonly result: Promise<T> } | null;
  waiting: symbol | null;
};

const isBusy = <T>(lane: Lane<T>): lane is Lane<T> & { running: { result: Promise<T> } } => lane.running !== null;

/**
 * Makes lanes. An ask for the same time as the one under way shares its answer; an ask for another time waits, and is
 * answered by `superseded` when a newer one comes to wait behind it. Tasks must not reject.
 */
export function createLanes<T>(): Lanes<T> {
  const lanes = new Map<string, Lane<T>>();
  const laneOf = (key: string): Lane<T> => {
    const known = lanes.get(key);
    if (known !== undefined) return known;
    const lane: Lane<T> = { running: null, waiting: null };
    lanes.set(key, lane);
    return lane;
  };
  return {
    run: async (key, asOf, { work, superseded }) => {
      const lane = laneOf(key);
      if (lane.running?.asOf === asOf) return lane.running.result;
      if (lane.running !== null) {
        const ticket = Symbol('ask');
        lane.waiting = ticket;
        await lane.running.result;
        // Whoever waited first may have started meanwhile.
        while (isBusy(lane)) await lane.running.result;
        if (lane.waiting !== ticket) return superseded();
        lane.waiting = null;
      }
      const result = work().finally(() => {
        lane.running = null;
      });
      lane.running = { asOf, result };
      return result;
    },
  };
}
