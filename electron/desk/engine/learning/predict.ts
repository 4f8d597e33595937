import { predictCalibrated, type CalibrationMap } from '#desk/engine/calibration.ts';
import { meanOf } from '#desk/engine/numerics.ts';
import { sigmoid } from '#desk/engine/probability.ts';
import { networkLogits, softmax } from './network.ts';
import type { Chances } from './skill.ts';
import type { SideModel, TrainedModel, Tree } from './trained-model.ts';

/** What a trained model says: its calibrated chances, and of an ensemble each member's own. */
export type TrainedAnswer = {
  readonly chances: Chances;
  readonly members: readonly { readonly name: string; readonly weight: number; readonly chances: Chances }[];
};

type Row = readonly number[];
type Sides = { readonly long: number; readonly short: number };

const inUnit = (p: number): number => Math.min(1, Math.max(0, p));

/** The two trades exclude each other: chances that sum to more than 1 are scaled, and what is left is neither. */
export function chancesOf(sides: Sides): Chances {
  const long = inUnit(sides.long);
  const short = inUnit(sides.short);
  const sum = long + short;
  if (sum <= 1) return { short, neutral: 1 - sum, long };
  return { short: short / sum, neutral: 0, long: long / sum };
}

/** Returns a row standardised as the model's was when it learned. */
export const standardised = (row: Row, { center, scale, clip }: TrainedModel['standardise']): Row =>
  row.map((value, i) => Math.max(-clip, Math.min(clip, (value - (center[i] ?? 0)) / (scale[i] ?? 1))));

/** The value of the leaf a row falls into. */
export function treeValue(tree: Tree, row: Row): number {
  let node = 0;
  // A tree has no more levels than nodes: a file that points in circles ends too.
  for (let depth = 0; depth < tree.feature.length; depth += 1) {
    const feature = tree.feature[node] ?? -1;
    if (feature < 0) return tree.value[node] ?? 0;
    node = ((row[feature] ?? 0) < (tree.threshold[node] ?? 0) ? tree.left[node] : tree.right[node]) ?? 0;
  }
  return tree.value[node] ?? 0;
}

const sumOfTrees = (trees: readonly Tree[], row: Row): number =>
  trees.reduce((sum, tree) => sum + treeValue(tree, row), 0);

/** Log odds of a linear model; the intercept is its last coefficient. */
const linearOdds = (coefficients: Row, row: Row): number =>
  row.reduce((sum, value, i) => sum + value * (coefficients[i] ?? 0), coefficients[row.length] ?? 0);

/** Returns what one learner says of both trades. */
export function sidesOf(model: SideModel, row: Row): Sides {
  switch (model.kind) {
    case 'linear':
      return { long: sigmoid(linearOdds(model.long, row)), short: sigmoid(linearOdds(model.short, row)) };
    case 'forest': {
      const share = (trees: readonly Tree[]): number => sumOfTrees(trees, row) / Math.max(1, trees.length);
      return { long: share(model.long), short: share(model.short) };
    }
    case 'boosted': {
      const odds = ({ base, rate, trees }: (typeof model)['long']): number => base + rate * sumOfTrees(trees, row);
      return { long: sigmoid(odds(model.long)), short: sigmoid(odds(model.short)) };
    }
  }
}

/** What a model says before it is calibrated. */
export function rawAnswer(model: TrainedModel, window: readonly Row[]): TrainedAnswer {
  const rows = window.map((row) => standardised(row, model.standardise));
  if (model.kind === 'lstm') {
    const [short = 0, , long = 0] = softmax(networkLogits(model.network, rows));
    return { chances: chancesOf({ long, short }), members: [] };
  }
  const last = rows.at(-1) ?? [];
  const members = model.members.map(({ name, weight, model: one }) => ({
    name,
    weight,
    chances: chancesOf(sidesOf(one, last)),
  }));
  const total = members.reduce((sum, { weight }) => sum + weight, 0);
  const mean = (side: 'long' | 'short'): number =>
    (meanOf(members.map(({ weight, chances }) => weight * chances[side])) ?? 0) * (members.length / total);
  return { chances: chancesOf({ long: mean('long'), short: mean('short') }), members };
}

/** Returns raw chances as the frequencies that followed them in the time the calibration was held back for. */
export const calibrated = (
  { long, short }: Chances,
  maps: { readonly long: CalibrationMap; readonly short: CalibrationMap },
): Chances => chancesOf({ long: predictCalibrated(maps.long, long), short: predictCalibrated(maps.short, short) });

/**
 * Returns the calibrated chances of the trade planned at the last row of a window.
 * @param window rows of the model's features, unstandardised, oldest first, as many as it wants
 */
export function predictTrained(model: TrainedModel, window: readonly Row[]): TrainedAnswer {
  const { chances, members } = rawAnswer(model, window);
  return { chances: calibrated(chances, model.calibration), members };
}
