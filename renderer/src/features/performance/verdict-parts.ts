import type { StandingVerdict, VerdictReading } from '#shared/domain/backtest.ts';
import { countText, DASH, numberText, percentText, signedText } from '#shared/format/numbers.ts';
import { basisPoints, basisPointText, RULE } from './conditions.ts';

/** One part of the rule: what is measured, what it must be, and what it says, in words. */
export type VerdictPart = {
  readonly name: string;
  /** Absent: shown, not decided on. */
  readonly needed: string | null;
  readonly words: string;
  readonly read: (reading: VerdictReading) => string;
  /** Null: not decided on, or nothing to compare yet. */
  readonly isMet: (reading: VerdictReading) => boolean | null;
};

type Interval = VerdictReading['growth'];

const bp = ({ value, lower, upper }: Interval): string =>
  value === null || lower === null || upper === null
    ? DASH
    : `${basisPointText(value)}, 90 %: ${signedText(basisPoints(lower), 1)} to ${signedText(basisPoints(upper), 1)}`;

const ratio = ({ value, lower, upper }: Interval): string =>
  value === null
    ? DASH
    : lower === null || upper === null
      ? signedText(value, 2)
      : `${signedText(value, 2)}, 90 %: ${signedText(lower, 2)} to ${signedText(upper, 2)}`;

const plain = (value: number | null, digits: number): string => (value === null ? DASH : numberText(value, digits));
const never = () => null;
const known = (value: number | null, isMet: boolean): boolean | null => (value === null ? null : isMet);

function daysText({ daysNeeded, daysStillNeeded }: VerdictReading): string {
  if (daysNeeded === null) return DASH;
  const still = daysStillNeeded === null ? '' : `, ${countText(daysStillNeeded)} still to come`;
  return `${countText(Math.ceil(daysNeeded))}${still}`;
}

/** Every part of the rule, in the order it is decided. @source quant.md 7.1 */
export function verdictParts({ fixedFraction, fixedContracts }: StandingVerdict): readonly VerdictPart[] {
  return [
    {
      name: 'Decisions',
      needed: `≥ ${RULE.decisions}`,
      words: 'recommendations with a size that both books took, on the same fills',
      read: ({ decisions }) => countText(decisions),
      isMet: ({ conditions }) => conditions.hasEnoughDecisions,
    },
    {
      name: 'Days',
      needed: `≥ ${RULE.days}`,
      words: 'session days, those without a trade included',
      read: ({ days }) => countText(days),
      isMet: ({ conditions }) => conditions.hasEnoughDays,
    },
    {
      name: 'Growth difference',
      needed: 'lower end > 0',
      words: `log growth of Kelly less that of a book that always bets ${percentText(fixedFraction)}, Kelly’s own average: without that, more leverage would look like skill`,
      read: ({ growth }) => bp(growth),
      isMet: ({ growth, conditions }) => known(growth.lower, conditions.growsFaster),
    },
    {
      name: 'Chance of as much by luck',
      needed: null,
      words: 'one-sided, from the same 1,999 stationary-bootstrap resamples as the intervals',
      read: ({ pOneSided }) => (pOneSided === null ? DASH : percentText(pOneSided, 1)),
      isMet: never,
    },
    {
      name: 'Sharpe difference',
      needed: `lower end > ${numberText(RULE.sharpeFloor, 2)}`,
      words: 'annual; Kelly may not buy its growth with a worse ratio',
      read: ({ sharpeDifference }) => ratio(sharpeDifference),
      isMet: ({ sharpeDifference, conditions }) => known(sharpeDifference.lower, conditions.sharpeHolds),
    },
    {
      name: 'Memmel z',
      needed: null,
      words: 'the textbook test of the same difference; reported, not decided on',
      read: ({ memmelZ, correlation }) =>
        memmelZ === null ? DASH : `${signedText(memmelZ, 2)}, books correlate ${plain(correlation, 2)}`,
      isMet: never,
    },
    {
      name: 'Deflated Sharpe',
      needed: `≥ ${numberText(RULE.deflatedSharpe, 2)}`,
      words: 'probability that Kelly’s ratio is more than the best of as many books without skill',
      read: ({ deflatedSharpe }) => (deflatedSharpe === null ? DASH : numberText(deflatedSharpe, 2, 'down')),
      isMet: ({ deflatedSharpe, conditions }) => known(deflatedSharpe, conditions.survivesDeflation),
    },
    {
      name: 'Drawdown against fixed',
      needed: `≤ ${numberText(RULE.drawdownRatio, 2)} ×`,
      words: 'deepest fall of Kelly over that of the fixed book',
      read: ({ drawdownRatio }) => (drawdownRatio === null ? DASH : `${numberText(drawdownRatio, 2)} ×`),
      isMet: ({ drawdownRatio, conditions }) => known(drawdownRatio, conditions.drawdownHolds),
    },
    {
      name: 'Against fixed contracts',
      needed: null,
      words: `log growth less that of a book of ${fixedContracts === 1 ? '1 contract' : `${countText(fixedContracts)} contracts`} a trade, the median you sent; not leverage-matched, so not decided on`,
      read: ({ growthVsContracts }) => bp(growthVsContracts),
      isMet: never,
    },
    {
      name: 'Days until it is provable',
      needed: null,
      words: 'at this mean and spread, for 80 % power at 95 %',
      read: daysText,
      isMet: never,
    },
  ];
}
