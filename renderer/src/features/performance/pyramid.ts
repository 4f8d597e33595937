/** Values that are looked through one by one; over more, what was found before is asked. */
const BLOCK = 64;

/** Where values are lowest and highest: indices, of equals the first. */
export type Extremes = { readonly low: number; readonly high: number };

/** The extremes of a column over any stretch of it that is not empty; `end` is not in it. */
export type Pyramid = (first: number, end: number) => Extremes;

type Values = ArrayLike<number>;

function lower(values: Values, a: number, b: number): number {
  const [left, right] = [values[a] ?? 0, values[b] ?? 0];
  if (left === right) return Math.min(a, b);
  return left < right ? a : b;
}

function higher(values: Values, a: number, b: number): number {
  const [left, right] = [values[a] ?? 0, values[b] ?? 0];
  if (left === right) return Math.min(a, b);
  return left > right ? a : b;
}

/** The extremes by reading every value. */
function scan(values: Values, first: number, end: number): Extremes {
  let [low, high] = [first, first];
  let least = values[first] ?? 0;
  let most = least;
  for (let i = first + 1; i < end; i += 1) {
    const value = values[i] ?? 0;
    if (value < least) {
      low = i;
      least = value;
    } else if (value > most) {
      high = i;
      most = value;
    }
  }
  return { low, high };
}

/** Node i holds the best of its children 2i and 2i + 1; the leaves, one a block, come last. */
type Trees = { readonly leaves: number; readonly lows: Uint32Array; readonly highs: Uint32Array };

function treesOf(values: Values): Trees {
  const leaves = Math.ceil(values.length / BLOCK);
  const [lows, highs] = [new Uint32Array(2 * leaves), new Uint32Array(2 * leaves)];
  for (let i = 0; i < leaves; i += 1) {
    const { low, high } = scan(values, i * BLOCK, Math.min(values.length, (i + 1) * BLOCK));
    lows[leaves + i] = low;
    highs[leaves + i] = high;
  }
  for (let i = leaves - 1; i > 0; i -= 1) {
    lows[i] = lower(values, lows[2 * i] ?? 0, lows[2 * i + 1] ?? 0);
    highs[i] = higher(values, highs[2 * i] ?? 0, highs[2 * i + 1] ?? 0);
  }
  return { leaves, lows, highs };
}

/** The extremes of whole blocks, and of a place before or after them: at most two nodes a level are looked at. */
function climb(
  values: Values,
  { leaves, lows, highs }: Trees,
  from: Extremes & { first: number; end: number },
): Extremes {
  let { low, high } = from;
  let [left, right] = [leaves + from.first, leaves + from.end];
  const take = (node: number): void => {
    low = lower(values, low, lows[node] ?? 0);
    high = higher(values, high, highs[node] ?? 0);
  };
  for (; left < right; left >>= 1, right >>= 1) {
    if (left % 2 === 1) {
      take(left);
      left += 1;
    }
    if (right % 2 === 1) {
      right -= 1;
      take(right);
    }
  }
  return { low, high };
}

function grow(values: Values): Pyramid {
  let trees: Trees | null = null;
  return (first, end) => {
    const [firstBlock, endBlock] = [Math.ceil(first / BLOCK), Math.floor(end / BLOCK)];
    if (firstBlock >= endBlock) return scan(values, first, end);
    trees ??= treesOf(values);
    const head = scan(values, first, Math.max(first + 1, firstBlock * BLOCK));
    const { low, high } = climb(values, trees, { ...head, first: firstBlock, end: endBlock });
    if (endBlock * BLOCK >= end) return { low, high };
    const tail = scan(values, endBlock * BLOCK, end);
    return { low: lower(values, low, tail.low), high: higher(values, high, tail.high) };
  };
}

const built = new WeakMap<Values, Pyramid>();

/**
 * Returns the pyramid of a column of finite values, which must not change any more. It is built where it is first needed
 * and kept with the column, at a 32nd of its size: panning over a million points then reads some thousands of them.
 */
export function pyramidOf(values: Values): Pyramid {
  const found = built.get(values);
  if (found !== undefined) return found;
  const pyramid = grow(values);
  built.set(values, pyramid);
  return pyramid;
}
