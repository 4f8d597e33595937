import { z } from 'zod';

/**
 * Units as types. A value of such a type is made by its schema or by the named constructor below, nowhere else.
 * Money is an integer of 1e-4 USD (exact for every tick value of the contract table), a price is an integer of ticks,
 * a time is UTC epoch milliseconds. Probabilities, fractions and R are plain float64, named for what they are.
 */
const safeInt = z.number().int().min(Number.MIN_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER);

/** Integer of 1e-4 USD. */
export const moneySchema = safeInt.brand<'Money'>();
export type Money = z.output<typeof moneySchema>;

/** Integer count of an instrument's ticks from price zero. */
export const ticksSchema = safeInt.brand<'Ticks'>();
export type Ticks = z.output<typeof ticksSchema>;

/** The first and last instant that is a date at all. */
const LAST_DATE_MS = 8_640_000_000_000_000;

/** UTC epoch milliseconds. */
export const epochMsSchema = z.number().int().min(-LAST_DATE_MS).max(LAST_DATE_MS).brand<'EpochMs'>();
export type EpochMs = z.output<typeof epochMsSchema>;

/** Units of 1e-4 USD in one dollar. */
export const MONEY_PER_USD = 10_000;

/** Makes Money from an integer of 1e-4 USD. Throws when it is not a safe integer: that is a bug, not an input. */
export function money(units: number): Money {
  if (!Number.isSafeInteger(units)) throw new RangeError(`money must be a safe integer of 1e-4 USD, got ${units}`);
  return (units === 0 ? 0 : units) as Money;
}

/** Rounds USD (float64) to the nearest 1e-4 USD. Exact for every tick value of the contract table. */
export const moneyFromUsd = (usd: number): Money => money(Math.round(usd * MONEY_PER_USD));

/** Money as USD, for display and for ratios only: never sum the result. */
export const usdOf = (amount: Money): number => amount / MONEY_PER_USD;

/** Adds amounts exactly. */
export const sumMoney = (amounts: readonly Money[]): Money => money(amounts.reduce<number>((sum, a) => sum + a, 0));

/** Makes a price in ticks from an integer. Throws when it is not a safe integer. */
export function ticks(count: number): Ticks {
  if (!Number.isSafeInteger(count)) throw new RangeError(`a price must be a safe integer of ticks, got ${count}`);
  return (count === 0 ? 0 : count) as Ticks;
}

/** Makes a time from epoch milliseconds. Throws when it is not a safe integer. */
export function epochMs(ms: number): EpochMs {
  if (!Number.isSafeInteger(ms)) throw new RangeError(`a time must be integer epoch milliseconds, got ${ms}`);
  return ms as EpochMs;
}

/** +1 long or buy, −1 short or sell. */
export const directionSchema = z.union([z.literal(1), z.literal(-1)]);
export type Direction = z.output<typeof directionSchema>;
