import { loadKernel, makeRoom, type SharedMemory } from './kernel-code.ts';
import { QUANTILE_KERNEL_CODE } from './quantile-kernel-code.ts';
import { BUCKETS, type Dealer } from './quantile.ts';

type Code = {
  readonly deal: (
    ...args: readonly [values: number, count: number, buckets: number, tables: number, least: number, scale: number]
  ) => void;
  readonly pick: (buckets: number, count: number, tables: number, picked: number) => number;
};

/** Two tables of a word for each bucket, as the code has them: how many values fell into it, and whether it is held. */
const TABLE_BYTES = 4 * BUCKETS;
const HELD = 4;

/** Where a dealer of so many values notes what it does, in bytes from where it begins. */
const placesOf = (count: number): Readonly<Record<'buckets' | 'picked' | 'values' | 'end', number>> => {
  const whole = 8 * Math.ceil(count / 8);
  const buckets = 2 * TABLE_BYTES;
  // One is written behind the last that is picked.
  const picked = buckets + 2 * whole;
  const values = picked + 4 * (whole + 8);
  return { buckets, picked, values, end: values + 8 * whole };
};

/** Bytes that a dealer of so many values needs for itself. */
export const dealerBytes = (count: number): number => placesOf(count).end;

/**
 * Starts a kernel over a memory and returns what makes a dealer of up to so many values there. It deals values that stand in
 * the memory where they are, if whole cache lines of it are theirs; others it takes to its own place.
 */
export function quantileKernel(memory: SharedMemory): (at: number, most: number) => Dealer {
  const code = loadKernel(QUANTILE_KERNEL_CODE, memory) as Code;
  return (at, most) => {
    const places = placesOf(most);
    makeRoom(memory, at + places.end);
    const { buffer } = memory;
    const [buckets, picked] = [at + places.buckets, at + places.picked];
    const counts = new Uint32Array(buffer, at, BUCKETS);
    const isHeld = new Uint8Array(buffer, at + TABLE_BYTES, TABLE_BYTES).fill(0);
    const bucketOf = new Uint16Array(buffer, buckets, most);
    const numbers = new Int32Array(buffer, picked, most);
    const next = new Int32Array(BUCKETS);
    let kept = new Float64Array(0);
    const placeOf = (values: Float64Array): number => {
      if (values.buffer === buffer && values.byteOffset % 64 === 0) return values.byteOffset;
      new Float64Array(buffer, at + places.values, values.length).set(values);
      return at + places.values;
    };
    return {
      deal: (values, { least, scale }) => {
        code.deal(placeOf(values), values.length, buckets, at, least, scale);
        return counts;
      },
      gather: (values, held) => {
        for (const { bucket, from } of held) {
          isHeld[HELD * bucket] = HELD;
          next[bucket] = from;
        }
        const count = (code.pick(buckets, values.length, at, picked) - picked) / 4;
        if (kept.length < count) kept = new Float64Array(count);
        for (let i = 0; i < count; i += 1) {
          const number = numbers[i] ?? 0;
          const bucket = (bucketOf[number] ?? 0) / HELD;
          const place = next[bucket] ?? 0;
          kept[place] = values[number] ?? 0;
          next[bucket] = place + 1;
        }
        for (const { bucket } of held) isHeld[HELD * bucket] = 0;
        return kept;
      },
    };
  };
}
