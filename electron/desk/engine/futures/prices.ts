import { invalidInput, isNonNegative } from '#desk/engine/invalid-input.ts';
import type { InvalidInput } from '#desk/engine/invalid-input.ts';
import { toTicks } from '#desk/engine/numerics.ts';
import type { OffTick } from '#desk/engine/numerics.ts';
import { err, ok } from '#shared/result.ts';
import type { Result } from '#shared/result.ts';
import { money, ticks } from '#shared/units.ts';
import type { Direction, Money, Ticks } from '#shared/units.ts';

import type { ContractSpec } from './contract-table.ts';

export type PriceTextError = { readonly code: 'unparseable'; readonly text: string };

/** Smallest part of a 32nd that the third digit may name. */
export type Fraction32 = 'none' | 'half' | 'quarter' | 'eighth';

/** Eighths of a 32nd by third digit: the exchange writes ¼ as 2, ½ as 5, ¾ as 7, and drops the last decimal of eighths. */
const EIGHTHS: Readonly<Record<string, number>> = { '0': 0, '1': 1, '2': 2, '3': 3, '5': 4, '6': 5, '7': 6, '8': 7 };
const DIGIT_OF_EIGHTHS = ['0', '1', '2', '3', '5', '6', '7', '8'];

/** Eighths that each precision allows: the third digit must be a multiple of this. */
const STEP: Readonly<Record<Fraction32, number>> = { none: 8, half: 4, quarter: 2, eighth: 1 };

const POINTS_32NDS = /^(\d+)['-](\d{2})([\d+])?$/;
const POINTS_EIGHTHS = /^(-?)(\d+)['-](\d)$/;
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)$/;

const unparseable = (text: string): Result<never, PriceTextError> => err({ code: 'unparseable', text });

/**
 * Reads a Treasury quote: points, two digits of 32nds below 32, and an optional third digit for part of a 32nd:
 * `110'195` = 110 + 19.5/32; `126-165` the same with a dash; a trailing `+` is half a 32nd.
 * @param finest smallest part of a 32nd accepted; `quarter` unless the instrument trades in eighths (ZT)
 * @returns price in points, exact in float64
 * @errors 'unparseable'
 */
export function parse32nds(text: string, finest: Fraction32 = 'quarter'): Result<number, PriceTextError> {
  const [, points, thirtySeconds, part] = POINTS_32NDS.exec(text) ?? [];
  if (points === undefined || thirtySeconds === undefined) return unparseable(text);
  const eighths = EIGHTHS[part === '+' ? '5' : (part ?? '0')];
  if (Number(thirtySeconds) > 31 || eighths === undefined || eighths % STEP[finest] !== 0) return unparseable(text);
  return ok(Number(points) + (Number(thirtySeconds) + eighths / 8) / 32);
}

/**
 * Writes a price as a Treasury quote with an apostrophe; the third digit is left out when `finest` is `none`.
 * @param price points, ≥ 0 and a whole multiple of the finest part
 * @errors 'invalid-input' for a negative price or one between two quotes
 */
export function format32nds(price: number, finest: Fraction32): Result<string, InvalidInput> {
  const eighths = price * 256;
  if (!isNonNegative(eighths) || eighths % STEP[finest] !== 0) return err(invalidInput('price', price));
  const points = Math.floor(eighths / 256);
  const thirtySeconds = String(Math.floor((eighths % 256) / 8)).padStart(2, '0');
  const part = finest === 'none' ? '' : (DIGIT_OF_EIGHTHS[eighths % 8] ?? '');
  return ok(`${points}'${thirtySeconds}${part}`);
}

/** Price in the instrument's quoted unit. One division of whole numbers, so it equals the literal: 21691 → 1.08455. */
export const priceOf = (spec: ContractSpec, at: Ticks): number =>
  spec.tickSize >= 1 ? at * spec.tickSize : at / Math.round(1 / spec.tickSize);

/** Decimals needed to write every price of an instrument: 2 for a tick of 0.25, 7 for 0.0000005, 0 for 5. */
export function priceDecimals(tickSize: number): number {
  const decimals = [0, 1, 2, 3, 4, 5, 6, 7, 8].find((d) => Number(tickSize.toFixed(d)) === tickSize);
  return decimals ?? 8;
}

const finestOf = (spec: ContractSpec): Fraction32 | null => {
  switch (spec.priceFormat) {
    case '32nds':
      return 'none';
    case '32nds+half':
      return 'half';
    case '32nds+quarter':
      return 'quarter';
    case '32nds+eighth':
      return 'eighth';
    case 'decimal':
    case 'cents+eighths':
      return null;
  }
};

function eighthsText(price: number): string {
  const eighths = Math.round(Math.abs(price) * 8);
  return `${price < 0 ? '-' : ''}${Math.floor(eighths / 8)}'${eighths % 8}`;
}

/**
 * Writes a price as traders of the instrument read it: 21000.25, 110'195 (Treasuries), 451'2 (grains, eighths of a
 * cent). A negative Treasury price, which no quote can say, is written as a decimal.
 */
export function formatPrice(spec: ContractSpec, at: Ticks): string {
  const price = priceOf(spec, at);
  if (spec.priceFormat === 'cents+eighths') return eighthsText(price);
  const decimal = price.toFixed(priceDecimals(spec.tickSize));
  const finest = finestOf(spec);
  if (finest === null) return decimal;
  const text = format32nds(price, finest);
  return text.ok ? text.value : decimal;
}

function parseNumber(spec: ContractSpec, text: string): Result<number, PriceTextError> {
  if (DECIMAL.test(text)) return ok(Number(text));
  const finest = finestOf(spec);
  if (finest !== null) return parse32nds(text, finest);
  const [, sign, cents, eighths] = spec.priceFormat === 'cents+eighths' ? (POINTS_EIGHTHS.exec(text) ?? []) : [];
  if (cents === undefined || Number(eighths) > 7) return unparseable(text);
  return ok((Number(cents) + Number(eighths) / 8) * (sign === '-' ? -1 : 1));
}

/**
 * Reads a price in the instrument's own form or as a plain decimal number.
 * @errors 'unparseable' for text that is no price, 'off-tick' for a price off the tick grid
 */
export function parsePrice(spec: ContractSpec, text: string): Result<Ticks, PriceTextError | OffTick | InvalidInput> {
  const price = parseNumber(spec, text.trim());
  return price.ok ? toTicks(price.value, spec.tickSize) : price;
}

export type TradePnlInput = {
  readonly direction: Direction;
  readonly entry: Ticks;
  readonly exit: Ticks;
  /** Integer ≥ 0. */
  readonly contracts: number;
  /** Fees and commission of one contract, in and out. */
  readonly roundTurnCost: Money;
};

/** Ticks won per contract (negative when lost), and the result of all contracts before and after costs. */
export type TradePnl = { readonly ticks: Ticks; readonly gross: Money; readonly net: Money };

/**
 * Result of one round trip, exact: direction · (exit − entry) · tick value · contracts − costs.
 * @errors 'invalid-input' when contracts is no count
 */
export function tradePnl(spec: ContractSpec, trade: TradePnlInput): Result<TradePnl, InvalidInput> {
  if (!isNonNegative(trade.contracts) || !Number.isInteger(trade.contracts)) {
    return err(invalidInput('contracts', trade.contracts));
  }
  const won = ticks(trade.direction * (trade.exit - trade.entry));
  const gross = money(won * spec.tickValue * trade.contracts);
  return ok({ ticks: won, gross, net: money(gross - trade.roundTurnCost * trade.contracts) });
}
