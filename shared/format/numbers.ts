import type { Instrument } from '#shared/domain/instrument.ts';
import { MONEY_PER_USD } from '#shared/units.ts';
import type { Money } from '#shared/units.ts';

import { rounded as roundedInFull } from './rounding.ts';
import type { Rounded, Rounding } from './rounding.ts';

/** Unknown or not applicable. Never 0, never "N/A". */
export const DASH = '—';

/** The minus of figures, U+2212: as wide as a plus. */
export const MINUS = '−';

/** Narrow no-break space before %. */
const NARROW = '\u202f';

/** A figure that may be absent. NaN and infinities are absent too: no screen shows them. */
export type Figure = number | null | undefined;

const isShown = (x: Figure): x is number => typeof x === 'number' && Number.isFinite(x);

/** From here on the digits of a number say less than its power of ten, and no cell has room for them. */
const VAST = 1e15;
const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** A figure rounded for display: in full, or from 1e15 on as 1.8×10¹⁸. */
function rounded(x: number, digits: number, rounding: Rounding = 'half-up'): Rounded {
  if (Math.abs(x) < VAST) return roundedInFull(x, digits, rounding);
  const [mantissa = '', power = ''] = Math.abs(x).toExponential(1).split('e+');
  const raised = power.replace(/\d/g, (digit) => SUPERSCRIPTS.charAt(Number(digit)));
  return { sign: x < 0 ? -1 : 1, text: `${mantissa}×10${raised}` };
}

const minusOnly = ({ sign }: Rounded): string => (sign < 0 ? MINUS : '');

const bothSigns = ({ sign }: Rounded): string => (sign < 0 ? MINUS : sign > 0 ? '+' : '');

/** A plain number with fixed decimals and thousands grouped: 1,234.50, −3. */
export function numberText(x: Figure, digits: number, rounding: Rounding = 'half-up'): string {
  if (!isShown(x)) return DASH;
  const figure = rounded(x, digits, rounding);
  return `${minusOnly(figure)}${figure.text}`;
}

/** A plain number with its sign always shown; zero has none. */
export function signedText(x: Figure, digits: number): string {
  if (!isShown(x)) return DASH;
  const figure = rounded(x, digits);
  return `${bothSigns(figure)}${figure.text}`;
}

/** USD, sign before the $: $100,732.50, −$5.00. */
export function usdText(usd: Figure, digits = 2): string {
  if (!isShown(usd)) return DASH;
  const figure = rounded(usd, digits);
  return `${minusOnly(figure)}$${figure.text}`;
}

/** USD with its sign always shown, for profit and loss: +$1,173.30, −$2,860.60, $0.00. */
export function signedUsdText(usd: Figure, digits = 2): string {
  if (!isShown(usd)) return DASH;
  const figure = rounded(usd, digits);
  return `${bothSigns(figure)}$${figure.text}`;
}

const usdOrNull = (amount: Money | null | undefined): number | null => (amount == null ? null : amount / MONEY_PER_USD);

/** Money (1e-4 USD) as USD: $414.60. */
export const moneyText = (amount: Money | null | undefined, digits = 2): string => usdText(usdOrNull(amount), digits);

/** Money (1e-4 USD) as profit or loss: +$1,173.30. */
export const signedMoneyText = (amount: Money | null | undefined, digits = 2): string =>
  signedUsdText(usdOrNull(amount), digits);

/** Two more decimals than the percentage will have, without the rounding of a multiplication by 100. */
const percentOf = (fraction: number): number => {
  const [mantissa = '0', power = '0'] = String(fraction).split('e');
  return Number(`${mantissa}e${Number(power) + 2}`);
};

/** A fraction that a hundred times of is still a number. */
const isPercent = (fraction: Figure): fraction is number => isShown(fraction) && isShown(percentOf(fraction));

/** A fraction as a percentage: 0.0402 is "4.02 %". Probabilities take one decimal. */
export const percentText = (fraction: Figure, digits = 2, rounding: Rounding = 'half-up'): string =>
  isPercent(fraction) ? `${numberText(percentOf(fraction), digits, rounding)}${NARROW}%` : DASH;

/** A change as a percentage with its sign: +1.18 %. */
export const signedPercentText = (fraction: Figure, digits = 2): string =>
  isPercent(fraction) ? `${signedText(percentOf(fraction), digits)}${NARROW}%` : DASH;

/** A limit as a percentage, decimals only as needed and at most `digits`: 20 %, 2.5 %, 4.02 %. */
export function limitText(fraction: Figure, digits = 2): string {
  if (!isPercent(fraction)) return DASH;
  const text = numberText(percentOf(fraction), digits);
  return `${text.includes('.') ? text.replace(/\.?0+$/, '') : text}${NARROW}%`;
}

/** A reading and its limit, as texts that compare the way the numbers do. */
export type Comparison = { readonly value: string; readonly limit: string };

const MOST_DIGITS = 6;

/** Closer than this, relative to the limit, is equal: what fills a limit reads as the limit. */
const EQUAL = 1e-9;

const displayed = (x: number, digits: number): number => {
  const { sign, text } = rounded(x, digits);
  return sign * Number(text.replaceAll(',', ''));
};

/** The fewest decimals, from `digits` on, at which a value reads on its own side of its limit. */
function tellingDigits(value: number, limit: number, digits: number): number {
  const side = Math.sign(value - limit);
  for (let d = digits; d < MOST_DIGITS; d += 1) {
    if (Math.sign(displayed(value, d) - displayed(limit, d)) === side) return d;
  }
  return MOST_DIGITS;
}

/**
 * A share and its limit, such that rounding never crosses the limit: where a value would read as having reached it, both
 * get more decimals. 59.96 % against 60 % stays "59.96 %", it never becomes "60.0 %".
 * @param digits decimals to start from
 */
export function comparedPercents(value: Figure, limit: Figure, digits = 2): Comparison {
  if (!isShown(value) || !isShown(limit)) return { value: percentText(value, digits), limit: limitText(limit) };
  const isEqual = Math.abs(value - limit) <= EQUAL * Math.abs(limit);
  const telling = isEqual ? digits : tellingDigits(percentOf(value), percentOf(limit), digits);
  return { value: percentText(isEqual ? limit : value, telling), limit: limitText(limit, Math.max(2, telling)) };
}

/** A share of a limit, for gauges: "2.86 % of 20 %". Never reads as the limit, or beyond it, when it is not. */
export function shareOfLimitText(value: Figure, limit: Figure, digits = 2): string {
  const texts = comparedPercents(value, limit, digits);
  return `${texts.value} of ${texts.limit}`;
}

/** Net result in units of planned risk: +0.71 R. */
export const rText = (r: Figure): string => (isShown(r) ? `${signedText(r, 2)} R` : DASH);

/** A ratio such as the payoff ratio: 1.31. */
export const ratioText = (ratio: Figure): string => numberText(ratio, 2);

/** A factor such as λ or the evidence weight: 0.139. */
export const factorText = (factor: Figure): string => numberText(factor, 3);

/** A signed quantity with its arrow: ▲ +2, ▼ −2, and 0 without one. */
export function quantityText(quantity: Figure): string {
  if (!isShown(quantity)) return DASH;
  const { sign } = rounded(quantity, 0);
  return sign === 0 ? '0' : `${sign > 0 ? '▲' : '▼'} ${signedText(quantity, 0)}`;
}

/** A whole count, grouped: 1,234. */
export const countText = (count: Figure): string => numberText(count, 0);

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * An age or duration in a rising unit: 0.8 s, 74 s, 18 m, 1 h 12, 3 d 4. Rounded down: nothing looks older than it is,
 * and a minute is shown when it is over. Below zero (clocks apart) reads as 0.
 * @param ms milliseconds
 */
export function durationText(ms: Figure): string {
  if (!isShown(ms)) return DASH;
  const age = Math.max(0, ms);
  if (age < 10 * SECOND) return `${numberText(age / SECOND, 1, 'down')} s`;
  if (age < 2 * MINUTE) return `${numberText(age / SECOND, 0, 'down')} s`;
  if (age < HOUR) return `${numberText(age / MINUTE, 0, 'down')} m`;
  if (age < 2 * DAY) {
    const minutes = Math.floor((age % HOUR) / MINUTE);
    return `${numberText(age / HOUR, 0, 'down')} h ${String(minutes).padStart(2, '0')}`;
  }
  return `${numberText(age / DAY, 0, 'down')} d ${Math.floor((age % DAY) / HOUR)}`;
}

/** The age of something that was true at `asOf`. */
export const ageText = (asOf: Figure, now: number): string => durationText(isShown(asOf) ? now - asOf : null);

/** Prices of an instrument: which decimals they have and how they are quoted. */
export type PriceStyle = Pick<Instrument, 'tickSize' | 'priceFormat'>;

/** Decimals needed to write every price of an instrument: 2 for a tick of 0.25, 7 for 0.0000005, 0 for 5. */
export function priceDecimals(tickSize: number): number {
  const shortest = String(tickSize);
  const [mantissa = '', power = '0'] = shortest.split('e');
  return Math.max(0, (mantissa.split('.')[1]?.length ?? 0) - Number(power));
}

/** Eighths of a 32nd as the third digit of a quote; by the finest part the contract trades in. */
const EIGHTH_DIGITS = ['0', '1', '2', '3', '5', '6', '7', '8'];

/** A price in points as points and 32nds: 110'19, 110'195. Null when a part of a 32nd cannot be written. */
function thirtySecondsText(price: number, hasPart: boolean): string | null {
  const eighths = price * 256;
  if (price < 0 || !Number.isInteger(eighths)) return null;
  const thirtySeconds = String(Math.floor((eighths % 256) / 8)).padStart(2, '0');
  const part = hasPart ? (EIGHTH_DIGITS[eighths % 8] ?? '') : '';
  return `${Math.floor(eighths / 256)}'${thirtySeconds}${part}`;
}

function eighthsText(price: number): string {
  const eighths = Math.round(Math.abs(price) * 8);
  return `${price < 0 ? MINUS : ''}${Math.floor(eighths / 8)}'${eighths % 8}`;
}

function quotedText({ priceFormat }: PriceStyle, price: number): string | null {
  switch (priceFormat) {
    case 'decimal':
      return null;
    case 'cents+eighths':
      return eighthsText(price);
    case '32nds':
      return thirtySecondsText(price, false);
    case '32nds+half':
    case '32nds+quarter':
    case '32nds+eighth':
      return thirtySecondsText(price, true);
  }
}

/** Exact for binary ticks; decimal ones (0.1, 0.00005) are divided so that the price equals the literal. */
function priceValue(tickSize: number, ticks: number): number {
  const perPoint = Math.round(1 / tickSize);
  const isWhole = tickSize < 1 && Math.abs(perPoint * tickSize - 1) < 1e-12;
  return isWhole ? ticks / perPoint : ticks * tickSize;
}

/**
 * A price in the instrument's own decimals, grouped: 23,486.25, 1.17395. `asQuoted` writes 32nds and eighths the way
 * the pit quotes them (110'195, 451'2).
 * @param ticks price in ticks, or a mean of several (an average fill), which need not be whole
 */
export function priceText(instrument: PriceStyle, ticks: Figure, asQuoted = false): string {
  if (!isShown(ticks)) return DASH;
  const price = priceValue(instrument.tickSize, ticks);
  const quoted = asQuoted && Number.isInteger(ticks) ? quotedText(instrument, price) : null;
  return quoted ?? numberText(price, priceDecimals(instrument.tickSize));
}
