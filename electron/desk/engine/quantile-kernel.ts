import { loadKernel, makeRoom, type SharedMemory } from './kernel-code.ts';
import { QUANTILE_KERNEL_CODE } from './quantile-kernel-code.ts';
import { BUCKETS, MANY, type FindRanks } from './quantile.ts';

type Code = {
  readonly find: (
    ...args: readonly [
      ...[values: number, count: number, buckets: number, tables: number, picked: number, kept: number],
      ...[ranks: number, ranksEnd: number, found: number],
    ]
  ) => number;
};

/** Three tables of a word for each bucket, as the code has them. */
const TABLES_BYTES = 3 * 4 * BUCKETS;
/** The most ranks the code looks for; of each it notes three words more. */
const MOST_RANKS = 32;

type Places = Readonly<Record<'ranks' | 'found' | 'buckets' | 'picked' | 'kept' | 'values' | 'end', number>>;

/** Where the order statistics of so many values are found, in bytes from where the room for it begins. */
function placesOf(count: number): Places {
  const whole = 8 * Math.ceil(count / 8);
  const ranks = TABLES_BYTES;
  const found = ranks + 4 * 4 * MOST_RANKS;
  const buckets = found + 8 * MOST_RANKS;
  // One is written behind the last that is picked.
  const picked = buckets + 2 * whole;
  const kept = picked + 4 * (whole + 8);
  const values = kept + 8 * whole;
  return { ranks, found, buckets, picked, kept, values, end: values + 8 * whole };
}

/** Bytes it takes to find order statistics of so many values. */
export const finderBytes = (count: number): number => placesOf(count).end;

/**
 * Starts a kernel over a memory and returns what makes there what finds order statistics of up to so many values. Values that
 * stand in the memory are read where they are, if whole cache lines of it are theirs; others are taken to a place of its own.
 */
export function quantileKernel(memory: SharedMemory): (at: number, most: number) => FindRanks {
  const code = loadKernel(QUANTILE_KERNEL_CODE, memory) as Code;
  return (at, most) => {
    const places = placesOf(most);
    makeRoom(memory, at + places.end);
    const { buffer } = memory;
    const ranksIn = new Int32Array(buffer, at + places.ranks, MOST_RANKS);
    const found = new Float64Array(buffer, at + places.found, MOST_RANKS);
    const placeOf = (values: Float64Array): number => {
      if (values.buffer === buffer && values.byteOffset % 64 === 0) return values.byteOffset;
      new Float64Array(buffer, at + places.values, values.length).set(values);
      return at + places.values;
    };
    return (values, ranks) => {
      if (values.length < MANY || values.length > most) return null;
      // The code looks for at least one.
      if (ranks.length === 0 || ranks.length > MOST_RANKS) return null;
      ranksIn.set(ranks);
      const isFound = code.find(
        ...([placeOf(values), values.length, at + places.buckets, at, at + places.picked, at + places.kept] as const),
        ...([at + places.ranks, at + places.ranks + 4 * ranks.length, at + places.found] as const),
      );
      return isFound === 1 ? found : null;
    };
  };
}
