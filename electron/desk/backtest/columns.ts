/** Rows of numbers, one after the other in one array: a thread hands them to another as they are. */
export interface Rows {
  /** A row is as wide as the first. */
  add(row: readonly number[]): void;
  all(): Float64Array<ArrayBuffer>;
}

const FIRST_ROWS = 64;

export function createRows(): Rows {
  let held = new Float64Array(0);
  let size = 0;
  return {
    add: (row) => {
      const { length } = row;
      if (size + length > held.length) {
        const wider = new Float64Array(Math.max(FIRST_ROWS * length, 2 * held.length));
        wider.set(held);
        held = wider;
      }
      for (let i = 0; i < length; i += 1) held[size + i] = row[i] ?? NaN;
      size += length;
    },
    all: () => held.slice(0, size),
  };
}

/** Values that stand in many rows: each of them once, and its place in the row. */
export interface Table<T> {
  placeOf(value: T): number;
  readonly values: readonly T[];
}

export function createTable<T>(): Table<T> {
  const values: T[] = [];
  const places = new Map<T, number>();
  return {
    values,
    placeOf: (value) => {
      let place = places.get(value);
      if (place === undefined) {
        place = values.push(value) - 1;
        places.set(value, place);
      }
      return place;
    },
  };
}

/**
 * Numbers one after the other, in the order in which they were added. Small whole ones come back as the engine keeps
 * those, not as doubles, each of which lies in a place of its own: what is made of them is faster to read and to copy.
 */
export type Cursor = () => number;

export function createCursor(numbers: Float64Array): Cursor {
  let place = 0;
  return () => {
    const value = numbers[place];
    if (value === undefined) throw new RangeError(`there are ${numbers.length} numbers, and one more was asked for`);
    place += 1;
    const whole = value | 0;
    return whole === value ? whole : value;
  };
}

/** What stands at a place. */
export function placed<T>(values: ArrayLike<T>, place: number): T {
  const value = values[place];
  if (value === undefined) throw new RangeError(`there is nothing at place ${place} of ${values.length}`);
  return value;
}

/** Where nothing can be NaN, NaN stands for null. */
export const orNaN = (value: number | null): number => value ?? NaN;
export const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);
