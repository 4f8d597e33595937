import type { OverrideReport } from '#shared/domain/backtest.ts';
import type { OverrideHistory } from '#shared/domain/performance-history.ts';
import { shownSum } from '#renderer/src/ui/shown-money.ts';
import { money } from '#shared/units.ts';
import type { Money } from '#shared/units.ts';
import { signedUsdText } from '#shared/format/numbers.ts';
import { RULE } from './conditions.ts';

type Interval = OverrideReport['byType'][number]['interval'];

/** A kind of change of the trader's. `value` and `interval` are null where there are too few to say anything. */
export type OverrideRow = {
  readonly label: string;
  readonly count: number;
  readonly value: Money | null;
  /** Of the mean per change, in USD. */
  readonly interval: Interval;
};

const valued = (count: number, value: Money): Money | null => (count < RULE.overrides ? null : value);

/** What letting go was worth is what it would have made, the other way round. */
const turned = (interval: Interval): Interval =>
  interval === null ? null : { mean: -interval.mean, lower: -interval.upper, upper: -interval.lower };

/** The trader's changes by kind, and all of them together; values only from 30 changes on. */
export function overrideRows({ byType, foregone }: Pick<OverrideHistory, 'byType' | 'foregone'>): {
  readonly rows: readonly OverrideRow[];
  readonly total: OverrideRow;
} {
  const changed = (type: OverrideReport['byType'][number]['type']) => byType.find((one) => one.type === type);
  const letGo = (kind: OverrideHistory['foregone'][number]['kind']) => {
    const found = foregone.find((one) => one.kind === kind);
    return found && { ...found, value: money(0 - found.value), interval: turned(found.interval) };
  };
  const found = [
    { label: 'Size cut', sum: changed('decreased') },
    { label: 'Size raised', sum: changed('increased') },
    { label: 'Taken unasked', sum: changed('initiated') },
    { label: 'Rejected', sum: letGo('rejected') },
    { label: 'Expired unseen', sum: letGo('expired') },
  ].flatMap(({ label, sum }) => (sum === undefined ? [] : [{ label, ...sum }]));
  const count = found.reduce((sum, row) => sum + row.count, 0);
  const sum = shownSum(found.map(({ value }) => value));
  return {
    rows: found.map(({ label, count: n, value, interval }) => ({ label, count: n, value: valued(n, value), interval })),
    total: {
      label: 'All changes',
      count,
      value: sum === null ? null : valued(count, sum),
      interval: null,
    },
  };
}

/** The interval of the mean per change in words: −$12 to +$40. */
export const meanIntervalText = (interval: NonNullable<Interval>): string =>
  `${signedUsdText(interval.lower, 0)} to ${signedUsdText(interval.upper, 0)}`;
