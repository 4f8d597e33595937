/** Values that are looked through one by one; over more, what was found before is asked. */
const BLOCK = 64;

/** Where a column of values is lowest and highest over any stretch of it. Indices; of equals the first; `end` is not in it. */
export type Pyramid = {
  readonly lowest: (first: number, end: number) => number;
  readonly highest: (first: number, end: number) => number;
};

/** 1 looks for the lowest, −1 for the highest. */
type Sign = 1 | -1;

type Search = { readonly values: ArrayLike<number>; readonly sign: Sign };

/** Of two places the better one, of equals the first. */
function better({ values, sign }: Search, a: number, b: number): number {
  const [left, right] = [sign * (values[a] ?? 0), sign * (values[b] ?? 0)];
  if (left === right) return Math.min(a, b);
  return left < right ? a : b;
}

function scan({ values, sign }: Search, first: number, end: number): number {
  let [best, value] = [first, sign * (values[first] ?? 0)];
  for (let i = first + 1; i < end; i += 1) {
    const next = sign * (values[i] ?? 0);
    if (next < value) [best, value] = [i, next];
  }
  return best;
}

/** Node i holds the best of its children 2i and 2i + 1; the leaves, one a block, come last. */
function climbed(search: Search, leaves: number): Uint32Array {
  const tree = new Uint32Array(2 * leaves);
  const { length } = search.values;
  for (let i = 0; i < leaves; i += 1) tree[leaves + i] = scan(search, i * BLOCK, Math.min(length, (i + 1) * BLOCK));
  for (let i = leaves - 1; i > 0; i -= 1) tree[i] = better(search, tree[2 * i] ?? 0, tree[2 * i + 1] ?? 0);
  return tree;
}

/** The search for one of the two: at most two blocks and two nodes a level are looked at. */
function searching(values: ArrayLike<number>, sign: Sign): Pyramid['lowest'] {
  const search = { values, sign };
  const leaves = Math.ceil(values.length / BLOCK);
  let tree: Uint32Array | null = null;
  return (first, end) => {
    const [firstBlock, endBlock] = [Math.ceil(first / BLOCK), Math.floor(end / BLOCK)];
    if (firstBlock >= endBlock) return scan(search, first, end);
    tree ??= climbed(search, leaves);
    let best = first;
    if (first < firstBlock * BLOCK) best = scan(search, first, firstBlock * BLOCK);
    let [left, right] = [leaves + firstBlock, leaves + endBlock];
    for (; left < right; left >>= 1, right >>= 1) {
      if (left % 2 === 1) {
        best = better(search, best, tree[left] ?? 0);
        left += 1;
      }
      if (right % 2 === 1) {
        right -= 1;
        best = better(search, best, tree[right] ?? 0);
      }
    }
    return endBlock * BLOCK < end ? better(search, best, scan(search, endBlock * BLOCK, end)) : best;
  };
}

const built = new WeakMap<ArrayLike<number>, Pyramid>();

/**
 * Returns the pyramid of a column of finite values, which must not change any more. It is built where it is first needed
 * and kept with the column, at a 32nd of its size: panning over a million points then reads some thousands of them.
 */
export function pyramidOf(values: ArrayLike<number>): Pyramid {
  const found = built.get(values);
  if (found !== undefined) return found;
  const pyramid = { lowest: searching(values, 1), highest: searching(values, -1) };
  built.set(values, pyramid);
  return pyramid;
}
