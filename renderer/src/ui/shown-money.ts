import { money } from '#shared/units.ts';
import type { Money } from '#shared/units.ts';

/** An amount worked out for display; null where it is beyond what an amount can be: shown as unknown. @param units 1e-4 USD */
export function shownMoney(units: number): Money | null {
  const whole = Math.round(units);
  return Number.isSafeInteger(whole) ? money(whole) : null;
}

/** A sum for display; null where it is beyond what an amount can be. */
export const shownSum = (amounts: readonly Money[]): Money | null =>
  shownMoney(amounts.reduce<number>((sum, amount) => sum + amount, 0));

/** A sum for display that stands at the largest amount where it is beyond every amount. */
export function boundedSum(amounts: readonly Money[]): Money {
  const sum = amounts.reduce<number>((total, amount) => total + amount, 0);
  return money(Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, sum)));
}
