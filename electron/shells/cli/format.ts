import { MONEY_PER_USD } from '#shared/units.ts';
import type { Money } from '#shared/units.ts';

const usd = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** Money with its sign before the dollar: `−$2,860.60`. */
export const formatMoney = (amount: Money): string =>
  `${amount < 0 ? '−' : ''}$${usd.format(Math.abs(amount) / MONEY_PER_USD)}`;

/** A share of one as percent: `4.02 %`; an em dash for what is not known. */
export const formatPercent = (share: number | null, digits = 2): string =>
  share === null ? '—' : `${(share * 100).toFixed(digits)} %`;

/** A plain number, or an em dash. */
export const formatNumber = (value: number | null, digits: number): string =>
  value === null ? '—' : value.toFixed(digits);

/** Rows of text as columns; all but the first column and the last are aligned right. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(...rows.map((row) => row.length));
  const width = (column: number): number => Math.max(...rows.map((row) => (row[column] ?? '').length));
  const widths = Array.from({ length: columns }, (_, i) => width(i));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (i === 0 || i === columns - 1 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  return rows.map((row) => `  ${line(row)}`).join('\n');
}
