import type { EquityPoint } from '#shared/domain/performance.ts';
import type { Money } from '#shared/units.ts';

/** Money as dollars with all its four decimals, exact: 100732.5000. */
const dollars = (amount: Money): string => {
  const digits = String(Math.abs(amount)).padStart(5, '0');
  return `${amount < 0 ? '-' : ''}${digits.slice(0, -4)}.${digits.slice(-4)}`;
};

/** The points as CSV: UTC time, then USD of the three books. RFC 4180 line ends. */
export const csvOf = (points: readonly EquityPoint[]): string =>
  [
    'at,actual_usd,kelly_usd,fixed_usd',
    ...points.map(({ at, actual, model, fixed }) =>
      [new Date(at).toISOString(), dollars(actual), dollars(model), dollars(fixed)].join(','),
    ),
    '',
  ].join('\r\n');

const isoDay = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** Name of an exported file: what it holds and the UTC days it covers. */
export const fileName = (points: readonly EquityPoint[], extension: 'csv' | 'png'): string =>
  `kelly-desk-equity-${isoDay(points[0]?.at ?? 0)}-${isoDay(points.at(-1)?.at ?? 0)}.${extension}`;
