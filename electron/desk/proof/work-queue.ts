/** A counter that threads share: each takes the next piece of work when it is free. */
export type WorkQueue = Int32Array<SharedArrayBuffer>;

export const newQueue = (): WorkQueue => new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

/** The pieces that fall to this thread, one by one, with their numbers. */
export function* takenFrom<T>(queue: WorkQueue, pieces: readonly T[]): Generator<readonly [number, T]> {
  for (;;) {
    const place = Atomics.add(queue, 0, 1);
    const piece = pieces[place];
    if (piece === undefined) return;
    yield [place, piece];
  }
}
