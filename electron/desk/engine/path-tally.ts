import type { PathEnds, PathPlan } from './path-kernel.ts';
import { meanOf } from './numerics.ts';

/** Depths at which the distribution of drawdowns is told, from 0 to the deepest. */
const DEPTHS = 50;

/** Where each count stands among the numbers of a tally; behind `deepest` those of the drawdowns by depth. */
const [BELOW, WIPED, LOSS_FIRST, GAIN_FIRST, RUINED, LOST, MEAN_FALL, DEEPEST, BY_DEPTH] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
/** Numbers of a tally. */
export const TALLY_SIZE = BY_DEPTH + DEPTHS + 2;

/** What is counted of walked paths, over all of them. */
export type PathTally = {
  readonly paths: number;
  /** Paths that end below where they began, and with nothing. */
  readonly below: number;
  readonly wiped: number;
  /** Paths that came to the loss level first, and to the gain level. */
  readonly lossFirst: number;
  readonly gainFirst: number;
  /** Paths that fell to the ruin level at any time, and to the loss level. */
  readonly ruined: number;
  readonly lost: number;
  /** Mean of the largest falls, in units of the start, where outcomes add up; 0 where they compound. */
  readonly meanFall: number;
  /** Evenly spaced depths from 0 to the deepest drawdown, and the share of the paths whose drawdown is above each. */
  readonly depth: readonly number[];
  readonly above: readonly number[];
};

/** What is counted together: its numbers stand beside those of the others, so that threads may share the parts out. */
type Part = (
  of: { readonly ends: PathEnds; readonly plan: PathPlan; readonly ruinLevel: number },
  to: Float64Array,
) => void;

const countEnds: Part = ({ ends: { finals } }, to) => {
  let [below, wiped] = [0, 0];
  for (let i = 0; i < finals.length; i += 1) {
    const wealth = finals[i] ?? NaN;
    below += wealth < 1 ? 1 : 0;
    wiped += wealth === 0 ? 1 : 0;
  }
  to[BELOW] = below;
  to[WIPED] = wiped;
};

const countFirst: Part = ({ ends: { first } }, to) => {
  let [loss, gain] = [0, 0];
  for (let i = 0; i < first.length; i += 1) {
    loss += first[i] === 1 ? 1 : 0;
    gain += first[i] === 2 ? 1 : 0;
  }
  to[LOSS_FIRST] = loss;
  to[GAIN_FIRST] = gain;
};

const countReached: Part = ({ ends: { lowest }, plan: { lossLevel }, ruinLevel }, to) => {
  let [ruined, lost] = [0, 0];
  for (let i = 0; i < lowest.length; i += 1) {
    const least = lowest[i] ?? NaN;
    ruined += least <= ruinLevel ? 1 : 0;
    lost += least <= lossLevel ? 1 : 0;
  }
  to[RUINED] = ruined;
  to[LOST] = lost;
};

const averageFalls: Part = ({ ends: { falls }, plan: { isCompounded } }, to) => {
  to[MEAN_FALL] = isCompounded ? 0 : (meanOf([...falls]) ?? 0);
};

const depthsOf = (deepest: number): Float64Array =>
  Float64Array.from({ length: DEPTHS + 1 }, (_, i) => Math.min(1, (i * deepest) / DEPTHS));

/** The first of rising depths that a drawdown does not exceed: the depths stand evenly, so it is all but known. */
function depthOf(drawdown: number, depth: Float64Array, perDepth: number): number {
  let place = Math.min(DEPTHS, Math.floor(drawdown * perDepth));
  while (place > 0 && drawdown <= (depth[place - 1] ?? 0)) place -= 1;
  while (place <= DEPTHS && drawdown > (depth[place] ?? 1)) place += 1;
  return place;
}

const countDrawdowns: Part = ({ ends: { drawdowns } }, to) => {
  let deepest = 0;
  for (let i = 0; i < drawdowns.length; i += 1) {
    const drawdown = drawdowns[i] ?? 0;
    deepest = drawdown > deepest ? drawdown : deepest;
  }
  const depth = depthsOf(deepest);
  const counts = new Uint32Array(DEPTHS + 2);
  const perDepth = deepest > 0 ? DEPTHS / deepest : 0;
  for (let i = 0; i < drawdowns.length; i += 1) {
    const place = depthOf(drawdowns[i] ?? 0, depth, perDepth);
    counts[place] = (counts[place] ?? 0) + 1;
  }
  to[DEEPEST] = deepest;
  to.set(counts, BY_DEPTH);
};

/** The parts of a tally, the longest first. */
export const TALLY_PARTS: readonly Part[] = [countDrawdowns, averageFalls, countEnds, countReached, countFirst];

/** A tally by its numbers, all parts of which are written. */
export function tallyOf(numbers: Float64Array, paths: number): PathTally {
  const at = (place: number): number => numbers[place] ?? 0;
  const depth = [...depthsOf(at(DEEPEST))];
  let within = 0;
  const above = depth.map((_, i) => {
    within += at(BY_DEPTH + i);
    return (paths - within) / paths;
  });
  return {
    ...{ paths, below: at(BELOW), wiped: at(WIPED), lossFirst: at(LOSS_FIRST), gainFirst: at(GAIN_FIRST) },
    ...{ ruined: at(RUINED), lost: at(LOST), meanFall: at(MEAN_FALL), depth, above },
  };
}
