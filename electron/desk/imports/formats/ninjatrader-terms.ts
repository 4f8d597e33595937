import { detectDecimalMark } from '#desk/imports/amounts.ts';
import type { DecimalMark } from '#desk/imports/amounts.ts';
import type { Aliases, Table } from '#desk/imports/table.ts';

/** Columns as NinjaTrader 8 names them, in English and French, and the names of older versions. */
export const INSTRUMENT = 'Instrument';
export const ACCOUNT = ['Account', 'Account display name', 'Account name', 'Compte'];
export const QUANTITY = ['Qty', 'Quantity', 'Qté', 'Quantité'];
export const COMMISSION = 'Commission';
/** Beside the commission; absent in older versions. */
export const FEES = ['Clearing Fee', 'Exchange Fee', 'IP Fee', 'NFA Fee'];

/** Decimal mark of a table from its numeric columns: NinjaTrader writes figures as Windows is set. */
export function markOf(table: Table, columns: readonly Aliases[]): DecimalMark {
  function* figures(): Iterable<string> {
    for (const row of table.records) for (const column of columns) yield row.get(column);
  }
  return detectDecimalMark(figures(), table.delimiter);
}
