import type { Result } from '#shared/result.ts';
import { err, ok } from '#shared/result.ts';
import type { Direction } from '#shared/units.ts';

import type { Delimiter } from './records.ts';

/**
 * Which character a file writes before decimals. `unknown`: the file does not tell, and a figure such as `1,234`,
 * which would be 1234 in one locale and 1.234 in the other, is an error and not a guess.
 */
export type DecimalMark = 'point' | 'comma' | 'unknown';

export type AmountError =
  | { readonly code: 'no-number'; readonly text: string }
  | { readonly code: 'ambiguous'; readonly text: string }
  | { readonly code: 'not-whole'; readonly text: string }
  | { readonly code: 'not-usd'; readonly text: string; readonly currency: string };

/** No figure of an export is longer; a longer cell is not looked at. */
const LONGEST_FIGURE = 48;

const NO_DIGITS = /^[^0-9]*$/;
const PLAIN = /^(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)$/;
const GROUPED = /^[0-9]{1,3}(?:[,.' ][0-9]{3})+$/;

const noNumber = (text: string): Result<never, AmountError> => err({ code: 'no-number', text });

/** What one figure says about the decimal mark of its file: null when it fits both locales. */
function markOf(digits: string): 'point' | 'comma' | null {
  const comma = digits.lastIndexOf(',');
  const point = digits.lastIndexOf('.');
  if (comma === -1 && point === -1) return null;
  if (comma !== -1 && point !== -1) return comma > point ? 'comma' : 'point';
  const mark = comma === -1 ? '.' : ',';
  const at = Math.max(comma, point);
  if (digits.indexOf(mark) !== at) return mark === '.' ? 'comma' : 'point';
  const couldGroup = at >= 1 && at <= 3 && digits.length - at === 4 && digits[0] !== '0';
  if (couldGroup) return null;
  return mark === '.' ? 'point' : 'comma';
}

/**
 * Writes a bare figure (no sign, no currency) as a plain decimal, e.g. `1.234,56` as `1234.56`.
 * A figure that can only be read one way is read that way; one that fits both locales (one mark, one to three digits
 * before it, exactly three after) is read by the file's mark.
 */
function plainDigits(digits: string, fileMark: DecimalMark): Result<string, AmountError> {
  const bare = digits.replace(/[\u00A0\u202F]/g, ' ');
  if (PLAIN.test(bare) && (fileMark === 'point' || markOf(bare) === 'point' || !bare.includes('.'))) return ok(bare);
  const mark = markOf(bare) ?? fileMark;
  const hasMark = bare.includes(',') || bare.includes('.');
  if (hasMark && mark === 'unknown') return err({ code: 'ambiguous', text: digits });
  const decimal = mark === 'comma' ? ',' : '.';
  const at = bare.lastIndexOf(decimal);
  const isDecimal = at !== -1 && bare.indexOf(decimal) === at;
  const whole = isDecimal ? bare.slice(0, at) : bare;
  const decimals = isDecimal ? bare.slice(at + 1) : '';
  const isWhole = /^[0-9]*$/.test(whole) || GROUPED.test(whole);
  if (!isWhole || !/^[0-9]*$/.test(decimals) || whole + decimals === '') return noNumber(digits);
  const groups = new Set(whole.replace(/[0-9]/g, ''));
  if (groups.size > 1) return noNumber(digits);
  return ok(`${whole.replace(/[^0-9]/g, '') || '0'}${decimals === '' ? '' : `.${decimals}`}`);
}

type Figure = { readonly digits: string; readonly isNegative: boolean; readonly currency: string | null };

/** A minus is also written U+2212. */
const MINUS = /^[-\u2212]$/;

const CURRENCY_SIGNS: Readonly<Record<string, string>> = { $: 'USD', US$: 'USD', '€': 'EUR', '£': 'GBP', '¥': 'JPY' };

/** Takes one sign, one currency and one pair of parentheses off a figure, in any order a program writes them. */
function bareFigure(text: string): Figure | null {
  let rest = text.trim();
  let isNegative = false;
  let signs = 0;
  let currency: string | null = null;
  for (let step = 0; step < 8; step += 1) {
    const before = rest;
    const first = rest[0] ?? '';
    const last = rest.at(-1) ?? '';
    if (MINUS.test(first) || first === '+') {
      isNegative = first !== '+';
      signs += 1;
      rest = rest.slice(1).trimStart();
    } else if (MINUS.test(last)) {
      isNegative = true;
      signs += 1;
      rest = rest.slice(0, -1).trimEnd();
    } else if (first === '(' && last === ')') {
      isNegative = true;
      signs += 1;
      rest = rest.slice(1, -1).trim();
    }
    const named = /^(US\$|[$€£¥]|[A-Z]{3}(?![A-Z]))|([$€£¥]|[A-Z]{3})$/.exec(rest);
    const name = named?.[1] ?? named?.[2];
    if (named !== null && name !== undefined) {
      const code = CURRENCY_SIGNS[name] ?? name;
      if (currency !== null && currency !== code) return null;
      currency = code;
      rest = (named.index === 0 ? rest.slice(name.length) : rest.slice(0, named.index)).trim();
    }
    if (rest === before) break;
  }
  return signs > 1 ? null : { digits: rest, isNegative, currency };
}

/** Currency a figure names (`USD` for `$`), null when it names none. */
export const currencyOf = (text: string): string | null =>
  text.length > LONGEST_FIGURE ? null : (bareFigure(text)?.currency ?? null);

/**
 * Returns the decimal mark of a file from the figures of its numeric columns.
 * Rule: figures that fit one locale only decide; when they contradict each other, or when none decides in a file
 * separated by semicolons (the separator of locales with a decimal comma), the mark is unknown; else it is a point.
 */
export function detectDecimalMark(texts: Iterable<string>, delimiter: Delimiter): DecimalMark {
  const seen = new Set<DecimalMark>();
  for (const text of texts) {
    if (text.length > LONGEST_FIGURE || NO_DIGITS.test(text)) continue;
    const mark = markOf(bareFigure(text)?.digits ?? '');
    if (mark !== null) seen.add(mark);
  }
  const [only] = seen;
  if (only !== undefined) return seen.size === 1 ? only : 'unknown';
  return delimiter === ';' ? 'unknown' : 'point';
}

/**
 * Writes a figure as a plain decimal with its sign (`-1234.5`), without a currency; null for an empty cell.
 * @errors 'no-number', 'ambiguous'
 */
export function plainDecimal(text: string, mark: DecimalMark = 'point'): Result<string | null, AmountError> {
  if (text.trim() === '') return ok(null);
  if (text.length > LONGEST_FIGURE || NO_DIGITS.test(text)) return noNumber(text);
  const figure = bareFigure(text);
  if (figure === null) return noNumber(text);
  const plain = plainDigits(figure.digits, mark);
  if (!plain.ok) return err({ ...plain.error, text });
  return ok(figure.isNegative ? `-${plain.value}` : plain.value);
}

/**
 * Reads an amount of money: `$1,234.50`, `($20.00)`, `$(20.00)`, `-$18.98`, `20,00 €`, `1.234,56`; null when empty.
 * The currency is passed over: see `parseUsd`.
 * @param mark decimal mark of the file, from `detectDecimalMark`; a point for programs that always write one
 * @errors 'no-number', 'ambiguous'
 */
export function parseMoney(text: string, mark: DecimalMark = 'point'): Result<number | null, AmountError> {
  const plain = plainDecimal(text, mark);
  if (!plain.ok) return plain;
  if (plain.value === null) return ok(null);
  const amount = Number(plain.value);
  return Number.isFinite(amount) ? ok(amount === 0 ? 0 : amount) : noNumber(text);
}

/** Reads an amount in USD as `parseMoney`; naming another currency is the error 'not-usd'. */
export function parseUsd(text: string, mark: DecimalMark = 'point'): Result<number | null, AmountError> {
  const amount = parseMoney(text, mark);
  const currency = currencyOf(text);
  if (!amount.ok || currency === null || currency === 'USD') return amount;
  return err({ code: 'not-usd', text, currency });
}

/**
 * Reads a count of contracts, signed as written; null when empty. `1.00` is 1.
 * @errors 'no-number', 'ambiguous', 'not-whole'
 */
export function parseQuantity(text: string, mark: DecimalMark = 'point'): Result<number | null, AmountError> {
  const count = parseMoney(text, mark);
  if (!count.ok || count.value === null) return count;
  return Number.isSafeInteger(count.value) ? count : err({ code: 'not-whole', text });
}

/** Says what is wrong with a figure, to follow "is not": `a price`, `a whole number`. */
export function wantedFigure(error: AmountError, wanted: string): { readonly wanted: string; readonly remedy: string } {
  switch (error.code) {
    case 'no-number':
      return { wanted, remedy: 'correct the cell, or export the file again' };
    case 'ambiguous':
      return {
        wanted: `${wanted} that reads only one way: the file does not tell a decimal comma from a thousands comma`,
        remedy: 'export the file with a decimal point and commas between columns',
      };
    case 'not-whole':
      return { wanted: 'a whole number of contracts', remedy: 'the journal counts whole contracts and shares' };
    case 'not-usd':
      return { wanted: `an amount in USD but in ${error.currency}`, remedy: 'export amounts in USD' };
  }
}

const BUYS = new Set([
  'b',
  'buy',
  'bot',
  'bought',
  'bid',
  'long',
  'bc',
  'buytocover',
  'buytoopen',
  'buytoclose',
  'achat',
  'acheter',
  '1',
]);
const SELLS = new Set([
  's',
  'sell',
  'sld',
  'sold',
  'ask',
  'short',
  'ss',
  'sellshort',
  'selltoopen',
  'selltoclose',
  '-1',
]);

/** Reads a side in the words programs use (`Buy`, ` B`, `SS`, `Sell short`, `SLD`, `Bid`); null for any other text. */
export function parseSide(text: string): Direction | null {
  const key = text
    .toLowerCase()
    .replace(/[\s_-]+(?=\S)/g, '')
    .trim();
  if (BUYS.has(key)) return 1;
  return SELLS.has(key) ? -1 : null;
}
