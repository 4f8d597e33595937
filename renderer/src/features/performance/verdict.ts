import type { StandingVerdict, VerdictReading } from '#shared/domain/backtest.ts';

/** A reading of the rule, as this screen says it. */
export type Verdict = Pick<
  VerdictReading,
  'code' | 'at' | 'decisions' | 'days' | 'deflatedSharpe' | 'drawdownRatio' | 'daysStillNeeded'
> & {
  /** Mean daily log-growth difference, and its 90 % interval. */
  readonly meanDifference: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly sharpeDifferenceLower: number | null;
  readonly fixedFraction: number;
};

const flat = (reading: VerdictReading, fixedFraction: number): Verdict => ({
  code: reading.code,
  at: reading.at,
  decisions: reading.decisions,
  days: reading.days,
  deflatedSharpe: reading.deflatedSharpe,
  drawdownRatio: reading.drawdownRatio,
  daysStillNeeded: reading.daysStillNeeded,
  meanDifference: reading.growth.value,
  lower: reading.growth.lower,
  upper: reading.growth.upper,
  sharpeDifferenceLower: reading.sharpeDifference.lower,
  fixedFraction,
});

/** The verdict that counts, and the reading of today beside it. Before the first month has ended they are the same. */
export type Verdicts = { readonly verdict: Verdict; readonly running: Verdict; readonly isStanding: boolean };

export function verdictsOf({ standing, running, fixedFraction }: StandingVerdict): Verdicts {
  const now = flat(running, fixedFraction);
  return {
    verdict: standing === null ? now : flat(standing, fixedFraction),
    running: now,
    isStanding: standing !== null,
  };
}
