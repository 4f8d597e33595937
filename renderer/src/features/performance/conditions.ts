import { DASH, numberText, percentText, signedText } from '#shared/format/numbers.ts';
import type { Verdict } from './verdict.ts';

/** The rule's levels, as the desk decides by them. @source quant.md 7.1 */
export const RULE = {
  decisions: 100,
  days: 60,
  growth: 0,
  sharpeFloor: -0.1,
  deflatedSharpe: 0.95,
  drawdownRatio: 1.5,
  /** Overrides of one kind below which only their number is shown. @source quant.md 8 */
  overrides: 30,
} as const;

/** Basis points in a fraction of one. */
const BASIS_POINTS = 10_000;

/** A daily log-growth difference in basis points a day. */
export const basisPoints = (difference: number): number => difference * BASIS_POINTS;

/** A daily log-growth difference as words: +3.2 bp. */
export const basisPointText = (difference: number | null): string =>
  difference === null ? DASH : `${signedText(basisPoints(difference), 1)} bp`;

export type Condition = {
  readonly code: 'growth' | 'sharpe' | 'deflated' | 'drawdown';
  readonly label: string;
  /** How the condition is named inside a sentence. */
  readonly name: string;
  readonly now: string;
  readonly needed: string;
  /** Null where there is nothing to compare yet. */
  readonly isMet: boolean | null;
  /** Why there is nothing to compare. */
  readonly reason: string | null;
};

const MOST_DIGITS = 6;

/** The fewest decimals, from `digits` on, with which a figure does not read as its limit when it is not. */
export function tellingDigits(value: number, limit: number, digits: number): number {
  for (let d = digits; d < MOST_DIGITS; d += 1) {
    if (value === limit || numberText(value, d) !== numberText(limit, d)) return d;
  }
  return MOST_DIGITS;
}

type Part = Pick<Condition, 'code' | 'label' | 'name' | 'needed'> & {
  readonly value: number | null;
  readonly reason: string;
  readonly isMet: (value: number) => boolean;
  readonly write: (value: number) => string;
};

const condition = ({ value, reason, isMet, write, ...rest }: Part): Condition => ({
  ...rest,
  now: value === null ? DASH : write(value),
  isMet: value === null ? null : isMet(value),
  reason: value === null ? reason : null,
});

const TOO_SHORT = 'needs more days';

/** The four conditions that must all hold before Kelly sizing counts as better, with what they are now. */
export function conditionsOf(verdict: Verdict): readonly Condition[] {
  return [
    condition({
      code: 'growth',
      label: 'Growth difference, lower end',
      name: 'growth difference',
      needed: '> 0',
      value: verdict.lower,
      reason: TOO_SHORT,
      isMet: (value) => value > RULE.growth,
      write: (value) => `${signedText(basisPoints(value), tellingDigits(basisPoints(value), 0, 1))} bp`,
    }),
    condition({
      code: 'sharpe',
      label: 'Sharpe difference, lower end',
      name: 'Sharpe difference',
      needed: `> ${numberText(RULE.sharpeFloor, 2)}`,
      value: verdict.sharpeDifferenceLower,
      reason: TOO_SHORT,
      isMet: (value) => value > RULE.sharpeFloor,
      write: (value) => signedText(value, tellingDigits(value, RULE.sharpeFloor, 2)),
    }),
    condition({
      code: 'deflated',
      label: 'Deflated Sharpe',
      name: 'deflated Sharpe',
      needed: `≥ ${numberText(RULE.deflatedSharpe, 2)}`,
      value: verdict.deflatedSharpe,
      reason: TOO_SHORT,
      isMet: (value) => value >= RULE.deflatedSharpe,
      // A probability below 1 never reads as certain.
      write: (value) =>
        numberText(value, tellingDigits(value, RULE.deflatedSharpe, 2), value < 1 && value > 0.99 ? 'down' : 'half-up'),
    }),
    condition({
      code: 'drawdown',
      label: 'Drawdown against fixed',
      name: 'drawdown',
      needed: `≤ ${numberText(RULE.drawdownRatio, 2)} ×`,
      value: verdict.drawdownRatio,
      reason: verdict.lower === null ? TOO_SHORT : 'no drawdown yet',
      isMet: (value) => value <= RULE.drawdownRatio,
      write: (value) => `${numberText(value, tellingDigits(value, RULE.drawdownRatio, 2))} ×`,
    }),
  ];
}

/** The benchmark in words: fixed sizing at the average Kelly fraction. */
export const benchmarkText = (verdict: Verdict): string => percentText(verdict.fixedFraction);
