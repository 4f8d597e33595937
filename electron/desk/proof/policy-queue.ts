import type { PolicySpec } from '#shared/domain/policy.ts';

/** A counter that threads share: each takes the next policy when it is free. */
export type PolicyQueue = Int32Array<SharedArrayBuffer>;

export const newQueue = (): PolicyQueue => new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

/** The policies that fall to this thread, one by one, with their numbers. */
export function* takenFrom(queue: PolicyQueue, specs: readonly PolicySpec[]): Generator<readonly [number, PolicySpec]> {
  for (;;) {
    const policy = Atomics.add(queue, 0, 1);
    const spec = specs[policy];
    if (spec === undefined) return;
    yield [policy, spec];
  }
}
