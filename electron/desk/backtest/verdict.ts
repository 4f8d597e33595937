import { meanInterval, percentileInterval, politisWhiteBlockLength, refuseBootstrap } from '#desk/engine/bootstrap.ts';
import type { BootstrapSettings, MeanInterval } from '#desk/engine/bootstrap.ts';
import { drawdown } from '#desk/engine/drawdown.ts';
import type { InvalidInput } from '#desk/engine/invalid-input.ts';
import { invalidInput, isCount } from '#desk/engine/invalid-input.ts';
import { moments } from '#desk/engine/moments.ts';
import { meanOf } from '#desk/engine/numerics.ts';
import { equityCurve } from '#desk/engine/performance.ts';
import { eachResample, type Resample } from '#desk/engine/resample-kernel.ts';
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

/** A spread at or below this, relative to max(1, |mean|), is rounding noise of a constant series. */
const FLAT = 1e-15;

const sharpeFrom = (squares: number, mean: number, n: number): number => {
  const deviation = Math.sqrt(squares / (n - 1));
  return deviation > FLAT * Math.max(1, Math.abs(mean)) ? mean / deviation : NaN;
};

/** The difference of the two books' Sharpe ratios over a resample, per period; NaN where one of them is flat. */
function sharpeDifference({ mean, squares }: Resample, n: number): number {
  const [kelly, fixed] = [mean(2), mean(3)];
  const [ofKelly, ofFixed] = squares(kelly, fixed);
  return sharpeFrom(ofKelly, kelly, n) - sharpeFrom(ofFixed, fixed, n);
}

/** All three intervals, on the same resamples: drawn once, so that they belong together. */
type Intervals = Pick<SizingVerdict, 'growth' | 'growthVsFixedContracts' | 'sharpeDifference'>;

function intervalsOf(input: VerdictInput, comparison: PairedComparison, settings: BootstrapSettings): Intervals {
  const { kelly, averageFraction, fixedContracts, periodsPerYear } = input;
  const growth = logGrowthDifferences(kelly, averageFraction);
  const versus = fixedContracts === undefined ? null : logGrowthDifferences(kelly, fixedContracts);
  const { sharpeKelly, sharpeFixed } = comparison;
  // Of each day both growth differences, and the returns of both books.
  const values = Float64Array.from(
    kelly.flatMap((own, day) => [growth[day] ?? NaN, versus?.[day] ?? 0, own, averageFraction[day] ?? NaN]),
  );
  const scale = Math.sqrt(periodsPerYear);
  const [means, versusMeans] = [new Float64Array(settings.resamples), new Float64Array(settings.resamples)];
  const sharpes: number[] = [];
  eachResample({ values, columns: 4 }, settings, (resample, draw) => {
    means[draw] = resample.mean(0);
    versusMeans[draw] = resample.mean(1);
    const difference = scale * sharpeDifference(resample, kelly.length);
    if (!Number.isNaN(difference)) sharpes.push(difference);
  });
  const hasSharpe = sharpeKelly !== null && sharpeFixed !== null;
  return {
    growth: meanInterval(meanOf(growth) ?? 0, means, settings),
    growthVsFixedContracts: versus === null ? null : meanInterval(meanOf(versus) ?? 0, versusMeans, settings),
    // Flat resamples are left out.
    sharpeDifference: hasSharpe
      ? {
          value: scale * (sharpeKelly - sharpeFixed),
          ...percentileInterval(Float64Array.from(sharpes), settings.confidence),
        }
      : { value: null, lower: null, upper: null },
  };
}

const NO_DAYS: Intervals = {
  growth: { mean: null, lower: null, upper: null, pOneSided: null },
  growthVsFixedContracts: null,
  sharpeDifference: { value: null, lower: null, upper: null },
};

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
  const { kelly, averageFraction, fixedContracts = kelly } = input;
  return refuseBootstrap(settings) ?? refusePair(kelly, averageFraction) ?? refusePair(kelly, fixedContracts);
}

/** Everything the rule looks at, but the rule's answer. */
function figuresOf(
  input: VerdictInput,
): Result<Omit<SizingVerdict, 'verdict' | 'conditions' | 'proposal'>, InvalidInput> {
  const differences = logGrowthDifferences(input.kelly, input.averageFraction);
  const bootstrap = bootstrapFor(differences, input.seed);
  if (!bootstrap.ok) return bootstrap;
  const comparison = pairedComparison(input.kelly, input.averageFraction);
  if (!comparison.ok) return comparison;
  const deflated = deflate(input, comparison.value.sharpeKelly);
  if (!deflated.ok) return deflated;
  return ok({
    decisions: input.decisions,
    days: input.kelly.length,
    ...(differences.length === 0 ? NO_DAYS : intervalsOf(input, comparison.value, bootstrap.value)),
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
