import {
  bootstrapStatistic,
  percentileInterval,
  politisWhiteBlockLength,
  refuseBootstrap,
  stationaryBootstrapMeanCI,
} from '#desk/engine/bootstrap.ts';
import type { BootstrapSettings, MeanInterval } from '#desk/engine/bootstrap.ts';
import { drawdown } from '#desk/engine/drawdown.ts';
import type { InvalidInput } from '#desk/engine/invalid-input.ts';
import { invalidInput, isCount } from '#desk/engine/invalid-input.ts';
import { moments } from '#desk/engine/moments.ts';
import { equityCurve } from '#desk/engine/performance.ts';
import { deflatedSharpe, logGrowthDifferences, pairedComparison, refusePair } from '#desk/engine/sharpe.ts';
import type { DeflatedSharpe, PairedComparison, Trials } from '#desk/engine/sharpe.ts';
import { err, ok } from '#shared/result.ts';
import type { Result } from '#shared/result.ts';

/** The rule's numbers. */
export const VERDICT_RULE = {
  minDecisions: 100,
  minDays: 60,
  confidence: 0.9,
  resamples: 1999,
  /** The annual Sharpe difference's lower bound must exceed this. */
  sharpeFloor: -0.1,
  dsr: 0.95,
  drawdownRatio: 1.5,
  /** The multiplier proposed when fixed sizing is better. */
  proposedMultiplier: 0.25,
} as const;

export type Verdict = 'INSUFFICIENT' | 'KELLY BETTER' | 'FIXED BETTER' | 'INCONCLUSIVE';

export type VerdictInput = {
  /** Simple daily returns of the Kelly book, oldest first, flat days included, each > −1. */
  readonly kelly: readonly number[];
  /** The same days of the book that bets the average Kelly fraction on the same decisions: the primary benchmark. */
  readonly averageFraction: readonly number[];
  /** The same days of a book of fixed contracts, for comparison beside the verdict; absent: not compared. */
  readonly fixedContracts?: readonly number[];
  readonly decisions: number;
  /** Every policy and parameter tried. */
  readonly trials: Trials;
  readonly periodsPerYear: number;
  readonly seed: number;
};

export type Interval = { readonly value: number | null; readonly lower: number | null; readonly upper: number | null };

/** Which parts of the rule hold. A figure that is undefined fails its part. */
export type VerdictConditions = {
  readonly hasEnoughDecisions: boolean;
  readonly hasEnoughDays: boolean;
  readonly growsFaster: boolean;
  readonly sharpeHolds: boolean;
  readonly survivesDeflation: boolean;
  readonly drawdownHolds: boolean;
  readonly growsSlower: boolean;
};

/** The verdict and every figure it used. */
export type SizingVerdict = {
  readonly verdict: Verdict;
  readonly conditions: VerdictConditions;
  readonly decisions: number;
  readonly days: number;
  /** Mean daily log-growth difference against the average fraction, with its interval. */
  readonly growth: MeanInterval;
  /** The same against fixed contracts; not decided on. */
  readonly growthVsFixedContracts: MeanInterval | null;
  /** Annual. */
  readonly sharpeDifference: Interval;
  readonly deflated: DeflatedSharpe | null;
  readonly maxDrawdownKelly: number;
  readonly maxDrawdownFixed: number;
  readonly comparison: PairedComparison;
  /** Days of this mean and spread until the difference is provable; null when it is undefined. */
  readonly n80: number | null;
  readonly proposal: { readonly sizing: 'fixed'; readonly multiplier: number } | null;
  /** What reproduces the intervals bit by bit. */
  readonly bootstrap: BootstrapSettings;
};

/** Block of the resamples: automatic, at least 1; i.i.d. when the series is too short or flat to tell. */
function bootstrapFor(differences: readonly number[], seed: number): Result<BootstrapSettings, InvalidInput> {
  const block = politisWhiteBlockLength(differences);
  if (!block.ok) return block;
  return ok({
    meanBlock: Math.max(1, block.value?.stationary ?? 1),
    resamples: VERDICT_RULE.resamples,
    seed,
    confidence: VERDICT_RULE.confidence,
  });
}

/** Interval of the annual Sharpe difference on the growth interval's own resamples; flat resamples are left out. */
function sharpeDifference(input: VerdictInput, comparison: PairedComparison, settings: BootstrapSettings): Interval {
  const { kelly, averageFraction, periodsPerYear } = input;
  const { sharpeKelly, sharpeFixed } = comparison;
  if (sharpeKelly === null || sharpeFixed === null) return { value: null, lower: null, upper: null };
  const sharpeOn = (returns: readonly number[], indices: Int32Array): number => {
    const { mean, sdSample } = moments(Array.from(indices, (index) => returns[index] ?? 0));
    return mean === null || sdSample === null || sdSample === 0 ? NaN : mean / sdSample;
  };
  const scale = Math.sqrt(periodsPerYear);
  const differences = bootstrapStatistic(
    kelly.length,
    settings,
    (indices) => scale * (sharpeOn(kelly, indices) - sharpeOn(averageFraction, indices)),
  ).filter((difference) => !Number.isNaN(difference));
  return {
    value: scale * (sharpeKelly - sharpeFixed),
    ...percentileInterval(differences, settings.confidence),
  };
}

/** The deflated Sharpe ratio of the Kelly book; null when the book has no Sharpe ratio. */
function deflate(input: VerdictInput, sharpeKelly: number | null): Result<DeflatedSharpe | null, InvalidInput> {
  const { n, skew, kurt } = moments(input.kelly);
  if (sharpeKelly === null || skew === null || kurt === null) return ok(null);
  return deflatedSharpe({ sharpe: sharpeKelly, n, skew, kurt }, input.trials, input.periodsPerYear);
}

const isAbove = (value: number | null, bound: number): boolean => value !== null && value > bound;

type Figures = Pick<
  SizingVerdict,
  'decisions' | 'days' | 'growth' | 'sharpeDifference' | 'deflated' | 'maxDrawdownKelly' | 'maxDrawdownFixed'
>;

function conditionsOf(figures: Figures): VerdictConditions {
  const { growth, deflated, maxDrawdownKelly, maxDrawdownFixed } = figures;
  const dsr = deflated?.dsr ?? null;
  return {
    hasEnoughDecisions: figures.decisions >= VERDICT_RULE.minDecisions,
    hasEnoughDays: figures.days >= VERDICT_RULE.minDays,
    growsFaster: isAbove(growth.lower, 0),
    sharpeHolds: isAbove(figures.sharpeDifference.lower, VERDICT_RULE.sharpeFloor),
    survivesDeflation: dsr !== null && dsr >= VERDICT_RULE.dsr,
    drawdownHolds: maxDrawdownKelly <= VERDICT_RULE.drawdownRatio * maxDrawdownFixed,
    growsSlower: growth.upper !== null && growth.upper < 0,
  };
}

/** The rule itself: the first line that applies. */
export function decideVerdict(conditions: VerdictConditions): Verdict {
  if (!conditions.hasEnoughDecisions || !conditions.hasEnoughDays) return 'INSUFFICIENT';
  const { growsFaster, sharpeHolds, survivesDeflation, drawdownHolds } = conditions;
  if (growsFaster && sharpeHolds && survivesDeflation && drawdownHolds) return 'KELLY BETTER';
  return conditions.growsSlower ? 'FIXED BETTER' : 'INCONCLUSIVE';
}

function refuse(input: VerdictInput): InvalidInput | null {
  if (!isCount(input.decisions)) return invalidInput('decisions', input.decisions);
  if (!(Number.isFinite(input.periodsPerYear) && input.periodsPerYear > 0)) {
    return invalidInput('periodsPerYear', input.periodsPerYear);
  }
  const settings = { meanBlock: 1, resamples: 1, seed: input.seed, confidence: VERDICT_RULE.confidence };
  return refuseBootstrap(settings) ?? refusePair(input.kelly, input.averageFraction);
}

function growthVsFixedContracts(
  { kelly, fixedContracts }: VerdictInput,
  settings: BootstrapSettings,
): Result<MeanInterval | null, InvalidInput> {
  if (fixedContracts === undefined) return ok(null);
  const refusal = refusePair(kelly, fixedContracts);
  if (refusal !== null) return err(refusal);
  return stationaryBootstrapMeanCI(logGrowthDifferences(kelly, fixedContracts), settings);
}

/** Everything the rule looks at, but the rule's answer. */
function figuresOf(
  input: VerdictInput,
): Result<Omit<SizingVerdict, 'verdict' | 'conditions' | 'proposal'>, InvalidInput> {
  const differences = logGrowthDifferences(input.kelly, input.averageFraction);
  const bootstrap = bootstrapFor(differences, input.seed);
  if (!bootstrap.ok) return bootstrap;
  const growth = stationaryBootstrapMeanCI(differences, bootstrap.value);
  if (!growth.ok) return growth;
  const secondary = growthVsFixedContracts(input, bootstrap.value);
  if (!secondary.ok) return secondary;
  const comparison = pairedComparison(input.kelly, input.averageFraction);
  if (!comparison.ok) return comparison;
  const deflated = deflate(input, comparison.value.sharpeKelly);
  if (!deflated.ok) return deflated;
  return ok({
    decisions: input.decisions,
    days: input.kelly.length,
    growth: growth.value,
    growthVsFixedContracts: secondary.value,
    sharpeDifference: sharpeDifference(input, comparison.value, bootstrap.value),
    deflated: deflated.value,
    maxDrawdownKelly: drawdown(equityCurve(input.kelly)).maxDrawdown,
    maxDrawdownFixed: drawdown(equityCurve(input.averageFraction)).maxDrawdown,
    comparison: comparison.value,
    n80: comparison.value.nForPower80,
    bootstrap: bootstrap.value,
  });
}

/**
 * Decides whether Kelly sizing beat constant-fraction sizing on the same decisions and fills, and returns every figure
 * the rule used. Meant to be asked monthly: asking every day inflates false positives.
 * The figures are computed below the minimum sample too, where they exist; the verdict then stays INSUFFICIENT.
 * @errors 'invalid-input' when series differ in length, a return is not finite or ≤ −1, or a setting is out of domain
 * @source Politis and Romano 1994; Ledoit and Wolf 2008; Bailey and López de Prado 2014
 */
export function sizingVerdict(input: VerdictInput): Result<SizingVerdict, InvalidInput> {
  const refusal = refuse(input);
  if (refusal !== null) return err(refusal);
  const figures = figuresOf(input);
  if (!figures.ok) return figures;
  const conditions = conditionsOf(figures.value);
  const verdict = decideVerdict(conditions);
  const proposal =
    verdict === 'FIXED BETTER' ? ({ sizing: 'fixed', multiplier: VERDICT_RULE.proposedMultiplier } as const) : null;
  return ok({ ...figures.value, verdict, conditions, proposal });
}
