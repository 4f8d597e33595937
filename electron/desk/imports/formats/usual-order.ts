import { assumption } from '#desk/imports/notes.ts';
import { detectDateOrder, yearFirst } from '#desk/imports/times.ts';
import type { DateOrder } from '#desk/imports/times.ts';
import type { ImportAssumption, ImportOptions } from '#shared/domain/import.ts';

export type UsualOrder = {
  /** Rewrites a date to have its year first where the program's usual order applies. */
  readonly date: (text: string) => string;
  readonly assumptions: readonly ImportAssumption[];
};

/**
 * Settles the order of day and month for a program that always writes the same one: the trader's answer comes first,
 * then the dates themselves (also when they contradict each other: that is an error later on), and only where no date
 * tells, the program's usual order, which is said.
 */
export function usualOrder(
  texts: Iterable<string>,
  options: ImportOptions,
  usual: { readonly order: DateOrder; readonly program: string },
): UsualOrder {
  const asWritten = { date: (text: string) => text, assumptions: [] };
  if (options.dateOrder !== undefined || detectDateOrder(texts) !== 'ambiguous') return asWritten;
  const first = usual.order === 'MDY' ? 'month' : 'day';
  return {
    date: (text) => yearFirst(text, usual.order),
    assumptions: [
      assumption('date-order', `${usual.program} writes the ${first} first; no date of the file says otherwise.`),
    ],
  };
}
