import type { Annotation } from '#shared/domain/annotation.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import { priceDecimals } from '#shared/format/numbers.ts';
import type { Money, Ticks } from '#shared/units.ts';
import { type Cell, decimalText, float, list, number, type Row, text } from './table-text.ts';

const MONEY_DIGITS = 4;
const CENTS = 2;

/** A time as UTC in ISO 8601. */
export const time = (at: number | null): Cell => text(at === null ? null : new Date(at).toISOString());
/** USD: cents, and the fourth decimal where a tick value has it. */
export const usd = (amount: Money | null): Cell =>
  number(amount === null ? null : decimalText(BigInt(amount), MONEY_DIGITS, CENTS));

/** A price in the contract's own decimals, exact: ticks times the tick size, as integers. */
export function price(instrument: Instrument | undefined, ticks: Ticks | null): Cell {
  if (instrument === undefined || ticks === null) return number(null);
  const digits = priceDecimals(instrument.tickSize);
  const unit = BigInt(Math.round(instrument.tickSize * 10 ** digits));
  return number(decimalText(BigInt(ticks) * unit, digits));
}

/** What the trader wrote, in columns of its own. */
export const annotationCells = (annotation: Annotation | null): Row => ({
  tags: list(annotation?.tags ?? []),
  setup: text(annotation?.setup ?? null),
  mistakes: list(annotation?.mistakes ?? []),
  rating: float(annotation?.rating ?? null),
  note: text(annotation?.note ?? null),
});

/** The side of a trade in a word; null for none. */
export const sideWord = (direction: 1 | -1 | 0): string | null =>
  direction === 0 ? null : direction > 0 ? 'long' : 'short';
