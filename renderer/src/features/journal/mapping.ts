import { importMappingSchema } from '#shared/domain/import.ts';
import type { ImportMapping } from '#shared/domain/import.ts';

/** A mapping while it is put together: what is needed may still be missing. */
export type MappingDraft = { readonly [K in keyof ImportMapping]: K extends 'fees' ? string[] : string | null };

/** The mapping when nothing needed is missing; else null. */
export function wholeMapping(draft: MappingDraft): ImportMapping | null {
  const parsed = importMappingSchema.safeParse(draft);
  return parsed.success ? parsed.data : null;
}

/** Words that name a column, the surest first. */
const WORDS: Readonly<Record<Exclude<keyof ImportMapping, 'fees'>, readonly RegExp[]>> = {
  account: [/^account( ?(id|name|number))?$/i, /\baccount\b/i],
  symbol: [/^(symbol|contract|instrument|ticker)$/i, /symbol|contract|instrument/i],
  side: [/^(side|b\/s|buy\/sell|action|direction)$/i, /\bside\b|\baction\b|buy.?sell/i],
  quantity: [/^(qty|quantity|size|lots?|contracts|filled ?qty)$/i, /qty|quantity|\bsize\b/i],
  price: [/^(price|fill|fill ?price|avg ?(fill ?)?price|exec(ution)? ?price)$/i, /price/i],
  date: [/^(when|date ?\/? ?time|time ?stamp|exec(ution)? ?time|fill ?time)$/i, /^(trade )?date$/i, /date|timestamp/i],
  time: [/^(trade )?time$/i],
  executionId: [/^(exec(ution)? ?id|fill ?id|trade ?id|ref(erence)?)$/i],
};
const FEES = /^comm(ission)?s?\b|\bcommissions?\b|\bfees?\b/i;

/** A first guess by the names of the columns; what nothing fits stays open. */
export function guessMapping(columns: readonly string[]): MappingDraft {
  const find = (field: keyof typeof WORDS): string | null =>
    WORDS[field]
      .map((word) => columns.find((column) => word.test(column.trim())))
      .find((found) => found !== undefined) ?? null;
  const date = find('date');
  const time = find('time');
  return {
    account: find('account'),
    symbol: find('symbol'),
    side: find('side'),
    quantity: find('quantity'),
    price: find('price'),
    // A file with one column called "Time" keeps the date in it too.
    date: date ?? time,
    time: date === null || !/^(trade )?date$/i.test(date.trim()) ? null : time,
    fees: columns.filter((column) => FEES.test(column)),
    executionId: find('executionId'),
  };
}

/** True when a file has every column that a mapping names. */
export function mappingFits(mapping: ImportMapping, columns: readonly string[]): boolean {
  const { fees, ...rest } = mapping;
  return [...Object.values(rest), ...fees].every((column) => column === null || columns.includes(column));
}
