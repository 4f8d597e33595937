import type { Fold, ScoreKind, SizingParameters, WindowKind } from '#shared/domain/walk-forward.ts';
import type { PolicySpec } from '#shared/domain/policy.ts';
import { meanOf } from '#desk/engine/numerics.ts';
import { PERIODS_PER_YEAR, sharpeOf } from './equity-statistics.ts';
import { ruleOf, type PolicyRule, type RuleSources } from './sizing-rules.ts';
import type { Tape } from './tape.ts';

/** Fewer days than these say nothing: of the first choice, and of what follows each. */
export const LEAST_IN_SAMPLE_DAYS = 20;
export const LEAST_FOLD_DAYS = 5;

/** Days of one fold by their places: chosen on [from, split), traded on [split, to). */
export type FoldDays = { readonly from: number; readonly split: number; readonly to: number };

export type FoldPlan = { readonly folds: number; readonly inSampleShare: number; readonly window: WindowKind };

/**
 * Divides days into folds that follow one another without a gap: the first choice is made on the given share of the days,
 * each next one when the fold before it is over. Null where there are too few days.
 */
export function foldsOf(days: number, { folds, inSampleShare, window }: FoldPlan): readonly FoldDays[] | null {
  const first = Math.floor(days * inSampleShare);
  const each = Math.floor((days - first) / folds);
  if (first < LEAST_IN_SAMPLE_DAYS || each < LEAST_FOLD_DAYS) return null;
  return Array.from({ length: folds }, (_, k) => {
    const split = first + k * each;
    return { from: window === 'anchored' ? 0 : split - first, split, to: k === folds - 1 ? days : split + each };
  });
}

const rising = (values: readonly number[]): readonly number[] => values.toSorted((a, b) => a - b);

/** Every combination of the values, rising, λ slowest: of equal scores the first is the most careful. */
export const combinationsOf = (grid: {
  readonly multipliers: readonly number[];
  readonly evidenceTrades: readonly number[];
  readonly lookBackDays: readonly number[];
}): readonly SizingParameters[] =>
  rising(grid.multipliers).flatMap((multiplier) =>
    rising(grid.evidenceTrades).flatMap((evidenceTrades) =>
      rising(grid.lookBackDays).map((lookBackDays) => ({ multiplier, evidenceTrades, lookBackDays })),
    ),
  );

/** The desk's own scheme with these parameters. */
export const specOf = (parameters: SizingParameters): PolicySpec => ({ kind: 'recommended', ...parameters });

/** The score of daily returns, annual; null where it is undefined. */
export function scoreOf(returns: readonly number[], kind: ScoreKind): number | null {
  if (kind === 'sharpe') return sharpeOf(returns);
  const mean = meanOf(returns.map(Math.log1p));
  return mean === null || !Number.isFinite(mean) ? null : mean * PERIODS_PER_YEAR;
}

/** Index of the highest score; of equal ones the first, and 0 where none is defined. */
export function bestOf(scores: readonly (number | null)[]): number {
  let best = 0;
  scores.forEach((score, i) => {
    if ((score ?? -Infinity) > (scores[best] ?? -Infinity)) best = i;
  });
  return best;
}

/** Place of one among all, 1 the best, ties at their mean; null where its score is undefined. */
export function rankOf(scores: readonly (number | null)[], index: number): number | null {
  const own = scores[index];
  if (own === null || own === undefined) return null;
  const known = scores.filter((score) => score !== null);
  const better = known.filter((score) => score > own).length;
  const equal = known.filter((score) => score === own).length;
  return 1 + better + (equal - 1) / 2;
}

/** Spearman's rank correlation of paired scores; null where fewer than three pairs are defined or one side is flat. */
export function rankCorrelation(a: readonly (number | null)[], b: readonly (number | null)[]): number | null {
  const both = a.flatMap((x, i) => {
    const y = b[i];
    return x === null || y === null || y === undefined ? [] : [[x, y] as const];
  });
  if (both.length < 3) return null;
  const [xs, ys] = [both.map(([x]) => x), both.map(([, y]) => y)];
  const [rx, ry] = [xs.map((_, i) => rankOf(xs, i) ?? 0), ys.map((_, i) => rankOf(ys, i) ?? 0)];
  const middle = (both.length + 1) / 2;
  const cross = rx.reduce((sum, x, i) => sum + (x - middle) * ((ry[i] ?? 0) - middle), 0);
  const spread = (ranks: readonly number[]): number => ranks.reduce((sum, x) => sum + (x - middle) ** 2, 0);
  const scale = Math.sqrt(spread(rx) * spread(ry));
  return scale === 0 ? null : cross / scale;
}

/** A tape from one of its days on, as if it began there: what was known before stays known. */
export function tapeFrom(tape: Tape, day: number): Tape {
  const at = tape.days.opensAt[day] ?? Infinity;
  return {
    ...tape,
    cases: tape.cases.filter((item) => item.at >= at),
    days: { names: tape.days.names.slice(day), opensAt: tape.days.opensAt.slice(day) },
  };
}

/** The rule of an account that takes up a new choice when its fold begins. @param splits beginnings of folds, rising */
export function switchingRule(
  choices: readonly SizingParameters[],
  splits: readonly number[],
): (sources: RuleSources) => PolicyRule {
  return (sources) => {
    const rules = choices.map((parameters) => ruleOf(specOf(parameters), sources));
    return (item) => {
      const fold = splits.findLastIndex((split) => split <= item.at);
      const rule = rules[Math.max(0, fold)];
      if (rule === undefined) throw new RangeError('a walk-forward without a fold');
      return rule(item);
    };
  };
}

/** A fold without what became of the account that traded it. */
export type ChosenFold = Omit<Fold, 'from' | 'split' | 'to' | 'score' | 'growth'> & { readonly days: FoldDays };

/** Chooses on each fold's days in sample, and scores every combination on the days after it. */
export function chooseFolds(
  folds: readonly FoldDays[],
  returns: readonly (readonly number[])[],
  score: ScoreKind,
): readonly ChosenFold[] {
  return folds.map((days) => {
    const inSample = returns.map((series) => scoreOf(series.slice(days.from, days.split), score));
    const outOfSample = returns.map((series) => scoreOf(series.slice(days.split, days.to), score));
    const chosen = bestOf(inSample);
    return {
      ...{ days, inSample, outOfSample, chosen, rank: rankOf(outOfSample, chosen) },
      inSampleDays: days.split - days.from,
      outOfSampleDays: days.to - days.split,
    };
  });
}
