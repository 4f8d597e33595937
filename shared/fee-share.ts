import { money, type Money } from './units.ts';

/**
 * Fee of the contracts `from … from + count` of a fill of `quantity` contracts. Consecutive shares of one fill add up
 * to its fee exactly, whatever the split: each is the difference of two rounded cumulative fees.
 */
export function feeShare(fill: { readonly fee: Money; readonly quantity: number }, from: number, count: number): Money {
  const [until, before] = [fill.fee * (from + count), fill.fee * from];
  // Remainders of safe integers are exact, and so are the quotients without them.
  if (Number.isSafeInteger(until) && Number.isSafeInteger(before)) {
    const wholes = (product: number): number => (product - (product % fill.quantity)) / fill.quantity;
    return money(wholes(until) - wholes(before));
  }
  const exact = (contracts: number): bigint => (BigInt(fill.fee) * BigInt(contracts)) / BigInt(fill.quantity);
  return money(Number(exact(from + count) - exact(from)));
}
