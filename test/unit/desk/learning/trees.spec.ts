import { beforeAll, describe, expect, it } from 'vitest';
import { treeValue } from '#desk/engine/learning/predict.ts';
import { createPrng } from '#desk/engine/prng.ts';
import { loadLibraries, type Libraries } from '#desk/learning/libraries.ts';
import { treeOf, treesOf } from '#desk/learning/trees.ts';
import { hasLibraries } from '#test/support/learning.ts';

const prng = createPrng(4);
const ROWS = Array.from({ length: 200 }, () => Array.from({ length: 5 }, () => prng.nextDouble()));
const VALUES = ROWS.map(([a = 0, , c = 0]) => (a + 0.3 * c > 0.7 ? 1 : 0));

/** What the library itself says. */
type Asked = { predict(rows: readonly (readonly number[])[]): ArrayLike<number> };

describe.skipIf(!hasLibraries)('trees in the desk’s format', () => {
  let libraries: Libraries;
  beforeAll(async () => {
    libraries = await loadLibraries();
  });

  it('say what a tree of ml-cart says', () => {
    const model = new libraries.cart.DecisionTreeRegression({ maxDepth: 4, minNumSamples: 10 });
    model.train(ROWS, VALUES);
    const theirs = Array.from((model as unknown as Asked).predict(ROWS));
    const tree = treeOf(model);
    expect(ROWS.map((row) => treeValue(tree, row))).toEqual(theirs);
    expect(new Set(theirs).size).toBeGreaterThan(2);
  });

  it('say what a forest of ml-random-forest says, each tree on the features it saw', () => {
    const options = {
      seed: 3,
      nEstimators: 6,
      maxFeatures: 3,
      replacement: false,
      useSampleBagging: true,
      noOOB: true,
    };
    const model = new libraries.forest.RandomForestRegression({
      ...options,
      treeOptions: { maxDepth: 4, minNumSamples: 10 },
    });
    model.train(ROWS, VALUES);
    const theirs = Array.from((model as unknown as Asked).predict(ROWS));
    const trees = treesOf(model);
    const ours = ROWS.map((row) => trees.reduce((sum, tree) => sum + treeValue(tree, row), 0) / trees.length);
    ours.forEach((value, i) => expect(value).toBeCloseTo(theirs[i] ?? Number.NaN, 12));
  });
});

describe('a tree from a file', () => {
  it('ends although its nodes point in a circle', () => {
    const tree = { feature: [0, 0], threshold: [1, 1], left: [1, 0], right: [1, 0], value: [0.25, 0.75] };
    expect([0.25, 0.75]).toContain(treeValue(tree, [0]));
  });
});
