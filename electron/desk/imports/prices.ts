import type { Result } from '#shared/result.ts';
import { err, ok } from '#shared/result.ts';
import { ticks } from '#shared/units.ts';
import type { Ticks } from '#shared/units.ts';
import { underlyingRoot, contractSpec } from '#desk/engine/futures/contract-table.ts';
import type { ContractSpec } from '#desk/engine/futures/contract-table.ts';
import { parsePrice, priceDecimals, priceOf } from '#desk/engine/futures/prices.ts';

import { plainDecimal } from './amounts.ts';

/** Contracts filled at one price. */
export type Lot = { readonly quantity: number; readonly price: Ticks };

export type PriceError =
  | { readonly code: 'no-price'; readonly text: string }
  | { readonly code: 'off-tick'; readonly text: string; readonly tickSize: number };

/** The price grid of a contract. `spec` is null for one the trader described: its prices are decimals. */
export type Grid = {
  readonly tickSize: number;
  readonly spec: ContractSpec | null;
  /** What the file multiplies prices by: 1, or 100. */
  readonly scale: number;
};

/** `110'195` and `126-165`: a quote in 32nds or eighths, not a decimal with group marks. */
const QUOTE = /[0-9]['-][0-9]/;

/** Floating point noise of a price divided by its tick. */
const EXACT_TICKS = 1e-6;
/** Largest share of a tick that may be put down to decimals the file left off. */
const TRUNCATED_TICKS = 0.05;
/** The same for the total of an average price: below a half, so that only one whole number fits. */
const AVERAGED_TICKS = 0.25;

type Decimal = { readonly price: number; readonly decimals: number };

/** A price as a number and the decimals it is written with; null for text that is no price. */
export function decimalPrice(text: string, { spec, scale }: Grid): Decimal | null {
  if (QUOTE.test(text)) {
    const quoted = spec === null ? null : parsePrice(spec, text);
    return quoted?.ok && spec !== null ? { price: priceOf(spec, quoted.value), decimals: 9 } : null;
  }
  const plain = plainDecimal(text);
  if (!plain.ok || plain.value === null || !/^[-0-9.+\s,$]+$/.test(text)) return null;
  const price = Number(plain.value) / scale;
  const decimals = (plain.value.split('.')[1] ?? '').length + (scale === 1 ? 0 : 2);
  return Number.isFinite(price) && price !== 0 ? { price, decimals } : null;
}

/** Nearest whole count and how far it is. */
function nearest(count: number): { readonly whole: number; readonly distance: number } {
  const whole = Math.round(count);
  return { whole, distance: Math.abs(count - whole) };
}

/** The whole tick a price stands for: exactly, or but for decimals the file left off (ZN 110.5156 for 110.515625). */
function wholeTick({ price, decimals }: Decimal, tickSize: number): Ticks | null {
  const { whole, distance } = nearest(price / tickSize);
  if (!Number.isSafeInteger(whole)) return null;
  const leftOff = decimals < priceDecimals(tickSize) ? 10 ** -decimals / tickSize : 0;
  const isWhole = distance <= EXACT_TICKS || (leftOff <= TRUNCATED_TICKS && distance <= leftOff);
  return isWhole ? ticks(whole) : null;
}

/** Splits an average of n contracts into fills at the two neighbouring ticks whose total is that of the average. */
function splitAverage({ price, decimals }: Decimal, quantity: number, tickSize: number): readonly Lot[] | null {
  const { whole: total, distance } = nearest((price * quantity) / tickSize);
  const rounding = (quantity * 0.5 * 10 ** -decimals) / tickSize;
  const isTotal = distance <= EXACT_TICKS || (rounding <= AVERAGED_TICKS && distance <= rounding);
  if (quantity < 2 || !isTotal || !Number.isSafeInteger(total)) return null;
  const low = Math.floor(total / quantity);
  const above = total - low * quantity;
  return [
    { quantity: quantity - above, price: ticks(low) },
    { quantity: above, price: ticks(low + 1) },
  ].filter((lot) => lot.quantity > 0);
}

/**
 * Reads a price of n contracts as ticks: one lot, or two at neighbouring ticks when it is an average and n times the
 * price is a whole number of ticks, but for the rounding of the last decimal written (at most a quarter of a tick of
 * the total). A price of 0 is none.
 * @errors 'no-price', 'off-tick'
 */
export function priceLots(text: string, quantity: number, grid: Grid): Result<readonly Lot[], PriceError> {
  const decimal = decimalPrice(text, grid);
  if (decimal === null) return err({ code: 'no-price', text });
  const whole = wholeTick(decimal, grid.tickSize);
  if (whole !== null) return ok([{ quantity, price: whole }]);
  const split = splitAverage(decimal, quantity, grid.tickSize);
  return split === null ? err({ code: 'off-tick', text, tickSize: grid.tickSize }) : ok(split);
}

/**
 * No full-size contract of the table is worth this much: the largest (NQ, ES, BTC, 6J) are worth a few hundred
 * thousand USD, and the smallest prices times 100 make more.
 */
export const LARGEST_NOTIONAL_USD = 1_500_000;

/** Whether a price is beyond any the contract can have: its full-size contract would be worth over 1.5 million USD. */
export function isBeyondBelief(spec: ContractSpec, price: number): boolean {
  const full = contractSpec(underlyingRoot(spec.root)) ?? spec;
  return Math.abs(price) * full.pointValue > LARGEST_NOTIONAL_USD;
}

/** Factor by which a program may write prices: Sierra Chart leaves out the decimal point of some symbols. */
export const HUNDREDFOLD = 100;

/**
 * Whether a file writes the prices of one contract a hundredfold. Rule: every one of them is beyond belief as written,
 * and a hundredth of each is a believable price on the contract's ticks.
 */
export function isHundredfold(prices: readonly string[], spec: ContractSpec): boolean {
  const written: Grid = { spec, tickSize: spec.tickSize, scale: 1 };
  const hundredth: Grid = { ...written, scale: HUNDREDFOLD };
  return (
    prices.length > 0 &&
    prices.every((text) => {
      const asWritten = decimalPrice(text, written);
      const scaled = decimalPrice(text, hundredth);
      if (asWritten === null || scaled === null) return false;
      const isOnTick = wholeTick(scaled, spec.tickSize) !== null;
      return isBeyondBelief(spec, asWritten.price) && !isBeyondBelief(spec, scaled.price) && isOnTick;
    })
  );
}
