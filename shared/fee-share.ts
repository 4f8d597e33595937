import { money, type Money } from './units.ts';

/**
 * Fee of the contracts `from … from + count` of a fill of `quantity` contracts. Consecutive shares of one fill add up
 * to its fee exactly, whatever the split: each is the difference of two rounded cumulative fees.
 */
export function feeShare(fill: { readonly fee: Money; readonly quantity: number }, from: number, count: number): Money {
  const until = (contracts: number): bigint => (BigInt(fill.fee) * BigInt(contracts)) / BigInt(fill.quantity);
  return money(Number(until(from + count) - until(from)));
}
