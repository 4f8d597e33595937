import type { Clock } from '#desk/ports/clock.ts';

/** One direction of a connection: what is put in comes out later, by the clock. */
export interface Lane<T> {
  /**
   * Sends a message on its way. In order, it comes out after `delayMs` and never before what was sent before it; with
   * nothing ahead and no delay it comes out at once, inside this call. `outOfOrder` may be overtaken and may overtake.
   */
  readonly send: (message: T, how: { readonly delayMs: number; readonly outOfOrder?: boolean }) => void;
  /** Takes out what is still on its way, oldest first. */
  readonly drain: () => readonly T[];
}

/** Makes a lane that hands its messages to `deliver`. */
export function createLane<T>(clock: Clock, deliver: (message: T) => void): Lane<T> {
  type Parcel = { readonly message: T; cancel: () => void };
  const parcels = new Set<Parcel>();
  /** Those that keep their order. Each of their timers lets the foremost out, so that timers of one moment cannot swap. */
  const inOrder: Parcel[] = [];
  let lastDue = 0;

  const pack = (message: T): Parcel => {
    const parcel = { message, cancel: () => undefined };
    parcels.add(parcel);
    return parcel;
  };
  const letOut = (parcel: Parcel): void => {
    parcels.delete(parcel);
    deliver(parcel.message);
  };
  const letNext = (): void => {
    const next = inOrder.shift();
    if (next !== undefined) letOut(next);
  };

  return {
    send: (message, { delayMs, outOfOrder = false }) => {
      if (outOfOrder) {
        const parcel = pack(message);
        parcel.cancel = clock.after(delayMs, () => letOut(parcel));
        return;
      }
      if (delayMs <= 0 && inOrder.length === 0) {
        deliver(message);
        return;
      }
      const now = clock.now();
      lastDue = Math.max(lastDue, now + delayMs);
      const parcel = pack(message);
      inOrder.push(parcel);
      parcel.cancel = clock.after(lastDue - now, letNext);
    },
    drain: () => {
      const left = [...parcels];
      for (const parcel of left) parcel.cancel();
      parcels.clear();
      inOrder.length = 0;
      lastDue = 0;
      return left.map((parcel) => parcel.message);
    },
  };
}
