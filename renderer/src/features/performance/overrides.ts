import type { PerformanceHistory } from '#shared/domain/performance.ts';
import { sumMoney } from '#shared/units.ts';
import type { Money } from '#shared/units.ts';
import { RULE } from './conditions.ts';

type Override = PerformanceHistory['overrides'][number];

/** A kind of change of the trader's. `value` is null where there are too few to say anything. */
export type OverrideRow = { readonly label: string; readonly count: number; readonly value: Money | null };

const LABELS = {
  decreased: 'Size cut',
  increased: 'Size raised',
  rejected: 'Rejected',
  expired: 'Expired unseen',
} as const satisfies Record<Override['kind'], string>;

const ORDER = ['decreased', 'increased', 'rejected', 'expired'] as const satisfies readonly Override['kind'][];

const valued = (count: number, value: Money): Money | null => (count < RULE.overrides ? null : value);

/** The trader's changes by kind, and all of them together; values only from 30 changes on. */
export function overrideRows(overrides: readonly Override[]): {
  readonly rows: readonly OverrideRow[];
  readonly total: OverrideRow;
} {
  const found = ORDER.flatMap((kind) => overrides.filter((override) => override.kind === kind));
  const count = found.reduce((sum, override) => sum + override.count, 0);
  return {
    rows: found.map(({ kind, count: n, value }) => ({ label: LABELS[kind], count: n, value: valued(n, value) })),
    total: { label: 'All changes', count, value: valued(count, sumMoney(found.map(({ value }) => value))) },
  };
}
