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
type Trees = { readonly lowest: Uint32Array; readonly highest: Uint32Array };

/** Both trees in one reading of the values. */
function treesOf(values: ArrayLike<number>): Trees {
  const leaves = Math.ceil(values.length / BLOCK);
  const trees = { lowest: new Uint32Array(2 * leaves), highest: new Uint32Array(2 * leaves) };
  for (let leaf = 0; leaf < leaves; leaf += 1) {
    let [low, high] = [leaf * BLOCK, leaf * BLOCK];
    let [least, most] = [values[low] ?? 0, values[high] ?? 0];
    const end = Math.min(values.length, low + BLOCK);
    for (let i = low + 1; i < end; i += 1) {
      const value = values[i] ?? 0;
      if (value < least) {
        low = i;
        least = value;
      } else if (value > most) {
        high = i;
        most = value;
      }
    }
    [trees.lowest[leaves + leaf], trees.highest[leaves + leaf]] = [low, high];
  }
  climb({ values, sign: 1 }, trees.lowest);
  climb({ values, sign: -1 }, trees.highest);
  return trees;
}

function climb(search: Search, tree: Uint32Array): void {
  for (let i = tree.length / 2 - 1; i > 0; i -= 1) tree[i] = better(search, tree[2 * i] ?? 0, tree[2 * i + 1] ?? 0);
}

/** The search for one of the two: at most two blocks and two nodes a level are looked at. */
function searching(search: Search, tree: () => Uint32Array): Pyramid['lowest'] {
  return (first, end) => {
    const [firstBlock, endBlock] = [Math.ceil(first / BLOCK), Math.floor(end / BLOCK)];
    if (firstBlock >= endBlock) return scan(search, first, end);
    const nodes = tree();
    const leaves = nodes.length / 2;
    let best = first;
    if (first < firstBlock * BLOCK) best = scan(search, first, firstBlock * BLOCK);
    let [left, right] = [leaves + firstBlock, leaves + endBlock];
    for (; left < right; left >>= 1, right >>= 1) {
      if (left % 2 === 1) {
        best = better(search, best, nodes[left] ?? 0);
        left += 1;
      }
      if (right % 2 === 1) {
        right -= 1;
        best = better(search, best, nodes[right] ?? 0);
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
  let trees: Trees | null = null;
  const grown = (): Trees => (trees ??= treesOf(values));
  const pyramid = {
    lowest: searching({ values, sign: 1 }, () => grown().lowest),
    highest: searching({ values, sign: -1 }, () => grown().highest),
  };
  built.set(values, pyramid);
  return pyramid;
}
