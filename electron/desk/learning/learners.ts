import { logLossOf } from '#desk/engine/calibration-scores.ts';
import { fitLogistic } from '#desk/engine/logistic.ts';
import { meanOf } from '#desk/engine/numerics.ts';
import { logit, sigmoid } from '#desk/engine/probability.ts';
import { createPrng, type Prng } from '#desk/engine/prng.ts';
import { treeValue } from '#desk/engine/learning/predict.ts';
import type { SideModel, Tree } from '#desk/engine/learning/trained-model.ts';
import type { Libraries } from './libraries.ts';
import { treeOf, treesOf } from './trees.ts';

/** One thing to learn: standardised rows and whether the planned trade of one side netted above zero. */
export type Sample = { readonly row: readonly number[]; readonly won: 0 | 1 };
export type SideData = { readonly train: readonly Sample[]; readonly stop: readonly Sample[] };
export type EnsembleData = { readonly long: SideData; readonly short: SideData };

/** How much is grown: forests of their own rows, and at most so many boosted trees. */
export type TreeEffort = { readonly plots: number; readonly rounds: number };

/** Fits a learner to both sides; `onShare` is told from 0 to 1 how far it is. */
export type Learner = {
  readonly name: string;
  readonly learn: (data: EnsembleData, seed: number, onShare: (share: number) => void) => SideModel;
};

/** Rows a tree is grown on: ml-cart takes the square of their number, and more rows make the trees more alike. */
const TREE_ROWS = 350;
const FOREST = { treesPerPlot: 4, maxDepth: 4, minNumSamples: 25 } as const;
/** Small steps of shallow trees: labels overlap, so that what looks like hundreds of cases are few. */
const BOOST = { rate: 0.06, maxDepth: 2, minNumSamples: 25, patience: 15 } as const;

/** So many of the samples, drawn without putting back. */
function drawn(samples: readonly Sample[], count: number, prng: Prng): readonly Sample[] {
  const pool = [...samples];
  const size = Math.min(count, pool.length);
  for (let i = 0; i < size; i += 1) {
    const j = i + prng.index(pool.length - i);
    const [a, b] = [pool[i], pool[j]];
    if (a !== undefined && b !== undefined) [pool[i], pool[j]] = [b, a];
  }
  return pool.slice(0, size);
}

/** Logistic regression by the engine's own Newton fit; what is held back for stopping it may learn from as well. */
const logistic: Learner = {
  name: 'logistic-regression',
  learn: ({ long, short }) => {
    const fit = ({ train, stop }: SideData): number[] => {
      const samples = [...train, ...stop];
      const rows = samples.map(({ row, won }) => ({ features: [...row, 1], target: won }));
      return [...fitLogistic(rows, new Array<number>((samples[0]?.row.length ?? 0) + 1).fill(0)).coefficients];
    };
    return { kind: 'linear', long: fit(long), short: fit(short) };
  },
};

/** A random forest in plots: each plot is a forest of ml-random-forest on rows of its own. */
const forest = ({ forest: library }: Libraries, { plots }: TreeEffort): Learner => ({
  name: 'random-forest',
  learn: ({ long, short }, seed, onShare) => {
    const prng = createPrng(seed);
    let done = 0;
    const grow = ({ train, stop }: SideData): Tree[] => {
      const samples = [...train, ...stop];
      return Array.from({ length: plots }, () => {
        const rows = drawn(samples, TREE_ROWS, prng);
        const { maxDepth, minNumSamples, treesPerPlot } = FOREST;
        const model = new library.RandomForestRegression({
          ...{ seed: prng.index(2 ** 31), nEstimators: treesPerPlot, treeOptions: { maxDepth, minNumSamples } },
          maxFeatures: Math.max(2, Math.round((rows[0]?.row.length ?? 2) / 2)),
          ...{ replacement: false, useSampleBagging: true, noOOB: true },
        });
        model.train(
          rows.map(({ row }) => row),
          rows.map(({ won }) => won),
        );
        onShare((done += 1) / (2 * plots));
        return treesOf(model);
      }).flat();
    };
    return { kind: 'forest', long: grow(long), short: grow(short) };
  },
});

type Boost = Extract<SideModel, { readonly kind: 'boosted' }>['long'];

const lossOf = (samples: readonly Sample[], odds: readonly number[]): number =>
  meanOf(samples.map(({ won }, i) => logLossOf(sigmoid(odds[i] ?? 0), won))) ?? 0;

/**
 * Stochastic gradient boosting of the log loss over regression trees of ml-cart, with rows drawn anew for each tree and
 * an end where the samples held back for stopping no longer gain.
 * @source Friedman 2002
 */
function boost(
  { train, stop }: SideData,
  cart: Libraries['cart'],
  options: { readonly prng: Prng; readonly rounds: number; readonly onRound: () => void },
): Boost {
  const base = logit(Math.min(0.99, Math.max(0.01, meanOf(train.map(({ won }) => won)) ?? 0.5)));
  const odds = { train: train.map(() => base), stop: stop.map(() => base) };
  const trees: Tree[] = [];
  let best = { loss: lossOf(stop, odds.stop), rounds: 0 };
  const places = train.map((sample, place) => ({ ...sample, place }));
  for (let round = 0; round < options.rounds; round += 1) {
    options.onRound();
    if (round - best.rounds >= BOOST.patience) continue;
    const rows = drawn(places, TREE_ROWS, options.prng) as typeof places;
    const model = new cart.DecisionTreeRegression({ maxDepth: BOOST.maxDepth, minNumSamples: BOOST.minNumSamples });
    model.train(
      rows.map(({ row }) => row),
      // The gradient of the log loss; times four it is a Newton step at even odds.
      rows.map(({ won, place }) => 4 * (won - sigmoid(odds.train[place] ?? 0))),
    );
    const tree = treeOf(model);
    trees.push(tree);
    for (const part of ['train', 'stop'] as const) {
      const samples = part === 'train' ? train : stop;
      odds[part] = samples.map(({ row }, i) => (odds[part][i] ?? 0) + BOOST.rate * treeValue(tree, row));
    }
    const loss = lossOf(stop, odds.stop);
    if (loss < best.loss) best = { loss, rounds: trees.length };
  }
  return { base, rate: BOOST.rate, trees: trees.slice(0, best.rounds) };
}

const boosted = ({ cart }: Libraries, { rounds }: TreeEffort): Learner => ({
  name: 'boosted-trees',
  learn: ({ long, short }, seed, onShare) => {
    const prng = createPrng(seed);
    let done = 0;
    const options = { prng, rounds, onRound: () => onShare((done += 1) / (2 * rounds)) };
    return { kind: 'boosted', long: boost(long, cart, options), short: boost(short, cart, options) };
  },
});

/** The members of the ensemble, each with one voice. */
export const ensembleLearners = (libraries: Libraries, effort: TreeEffort): readonly Learner[] => [
  logistic,
  forest(libraries, effort),
  boosted(libraries, effort),
];
