import type { ClosedForm } from '#shared/domain/monte-carlo.ts';
import type { Statistic } from '#shared/domain/performance.ts';
import { kellyEmpirical } from '#desk/engine/kelly-empirical.ts';
import type { InvalidInput } from '#desk/engine/invalid-input.ts';
import { moments } from '#desk/engine/moments.ts';
import { meanOf } from '#desk/engine/numerics.ts';
import type { PathPlan } from '#desk/engine/path-kernel.ts';
import type { PathTally } from '#desk/engine/path-tally.ts';
import {
  expectedMaxDrawdownPositiveDrift,
  lundbergRuin,
  probEverReach,
  probUpBeforeDown,
  ruinBound,
  ruinExponent,
} from '#desk/engine/ruin.ts';
import type { Result } from '#shared/result.ts';

const IN_BLOCKS = 'trades are drawn in blocks, and this asks for independent ones';
const NOT_COMPOUNDED = 'the stake does not grow with wealth, and this is about stakes that do';
const COMPOUNDED = 'the stake grows with wealth, and this is about constant ones';
const NO_LOSS = 'no trade of the sample lost';
const NO_EDGE = 'the sample has no edge';

const known = (value: number): Statistic => ({ value, reason: null });
const none = (reason: string): Statistic => ({ value: null, reason });

const must = <T>(result: Result<T, InvalidInput>): T => {
  if (!result.ok) throw new RangeError(`${result.error.field} is ${result.error.value}`);
  return result.value;
};

/** The stake as a share of full Kelly: 1 where log wealth grows fastest. */
export function kellyShare({ outcomes, isCompounded }: Pick<PathPlan, 'outcomes' | 'isCompounded'>): Statistic {
  if (!isCompounded) return none(NOT_COMPOUNDED);
  const optimum = must(kellyEmpirical([...outcomes]));
  if (optimum.status === 'UNBOUNDED_NO_LOSS') return none(NO_LOSS);
  return optimum.status === 'NO_EDGE' ? none(NO_EDGE) : known(1 / optimum.fraction);
}

/** Mean growth of log wealth per trade. */
export function growthPerTrade({ outcomes, isCompounded }: Pick<PathPlan, 'outcomes' | 'isCompounded'>): Statistic {
  if (!isCompounded) return none(NOT_COMPOUNDED);
  if (outcomes.some((x) => x <= -1)) return none('one trade of the sample takes everything');
  return known(meanOf(Array.from(outcomes, Math.log1p)) ?? 0);
}

/** The levels that are asked about; wealth starts at 1. */
export type Levels = { readonly loss: number; readonly gain: number; readonly ruinLevel: number };

type Asked = { readonly plan: PathPlan };

/** P(wealth ever ≤ level) ≤ level^λ, with E[(1 + x)^−λ] = 1. */
function multiplicativeBound({ plan }: Asked, level: number): Statistic {
  if (!plan.isCompounded) return none(NOT_COMPOUNDED);
  if (plan.meanBlock > 1) return none(IN_BLOCKS);
  return known(ruinBound(must(ruinExponent({ values: [...plan.outcomes] }, 1)), level));
}

/** P(wealth ever ≤ level) ≤ e^(−θ(1 − level)), with E[e^(−θx)] = 1. */
function additiveBound({ plan }: Asked, level: number): Statistic {
  if (plan.isCompounded) return none(COMPOUNDED);
  if (plan.meanBlock > 1) return none(IN_BLOCKS);
  return known(must(lundbergRuin({ values: [...plan.outcomes] }, 1 - level)).bound);
}

/** A figure of the continuous limit at this share of full Kelly. */
function continuous({ plan }: Asked, of: (fractionOfKelly: number) => number): Statistic {
  if (plan.isCompounded && plan.meanBlock > 1) return none(IN_BLOCKS);
  const share = kellyShare(plan);
  return share.value === null ? share : known(of(share.value));
}

function expectedDrawdown({ plan }: Asked): Statistic {
  if (plan.isCompounded) return none('wealth compounds, and this is about arithmetic returns');
  if (plan.meanBlock > 1) return none(IN_BLOCKS);
  const { mean, sdSample } = moments([...plan.outcomes]);
  if (mean === null || sdSample === null) return none('one trade has no spread');
  if (mean <= 0) return none(NO_EDGE);
  const found = must(expectedMaxDrawdownPositiveDrift({ periods: plan.trades, mu: mean, sigma: sdSample }));
  return found === null ? none('the horizon is too short for the long-run form') : known(found);
}

function tradesToDouble({ plan }: Asked): Statistic {
  const growth = growthPerTrade(plan);
  if (growth.value === null) return growth;
  return growth.value > 0 ? known(Math.LN2 / growth.value) : none('wealth does not grow');
}

/** Of the paths that came to either level, the share that lost first. */
function lossBeforeGain({ lossFirst, gainFirst }: PathTally): number | null {
  return lossFirst + gainFirst === 0 ? null : lossFirst / (lossFirst + gainFirst);
}

/**
 * Returns what theory says of the same questions as the paths, each with what the paths show. A bound stands above what
 * is drawn, whatever the horizon; where an assumption does not hold there is a reason in place of a figure.
 * @source Thorp 2006; Lundberg's inequality; Magdon-Ismail et al. 2004
 */
export function closedForms(plan: PathPlan, tally: PathTally, levels: Levels): readonly ClosedForm[] {
  const asked = { plan };
  const { loss, gain, ruinLevel } = levels;
  const [ruined, lost] = [tally.ruined / tally.paths, tally.lost / tally.paths];
  const before = (share: number): number => 1 - must(probUpBeforeDown(share, { up: 1 + gain, down: 1 - loss }));
  return [
    { key: 'ruin-bound', theory: multiplicativeBound(asked, ruinLevel), simulated: ruined },
    { key: 'loss-bound', theory: multiplicativeBound(asked, 1 - loss), simulated: lost },
    { key: 'ruin-lundberg', theory: additiveBound(asked, ruinLevel), simulated: ruined },
    { key: 'loss-lundberg', theory: additiveBound(asked, 1 - loss), simulated: lost },
    {
      key: 'ruin-continuous',
      theory: continuous(asked, (share) => must(probEverReach(share, ruinLevel))),
      simulated: ruined,
    },
    { key: 'loss-before-gain', theory: continuous(asked, before), simulated: lossBeforeGain(tally) },
    {
      key: 'expected-drawdown',
      theory: expectedDrawdown(asked),
      simulated: plan.isCompounded ? null : tally.meanFall,
    },
    { key: 'trades-to-double', theory: tradesToDouble(asked), simulated: null },
  ];
}
