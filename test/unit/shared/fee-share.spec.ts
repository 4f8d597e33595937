import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { feeShare } from '#shared/fee-share.ts';
import { money } from '#shared/units.ts';

/** The definition, in exact integers. */
const exactly = (fee: number, quantity: number, [from, count]: readonly [number, number]): number => {
  const until = (contracts: number): bigint => (BigInt(fee) * BigInt(contracts)) / BigInt(quantity);
  return Number(until(from + count) - until(from));
};

const fees = fc.oneof(
  fc.integer({ min: -100_000, max: 100_000 }),
  fc.maxSafeInteger(),
  fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 0, 1, -1),
);
const quantities = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 2 ** 31 }));

describe('a share of a fee', () => {
  it('is the difference of two cumulative fees, to the last unit, whatever the figures', () => {
    fc.assert(
      fc.property(fees, quantities, fc.nat(), fc.nat(), (fee, quantity, a, b) => {
        const from = a % quantity;
        const count = b % (quantity - from + 1);
        const share = feeShare({ fee: money(fee), quantity }, from, count);
        expect(share).toBe(exactly(fee, quantity, [from, count]) + 0);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is exact where fee and contracts multiply to more than a number holds', () => {
    const fee = money(Number.MAX_SAFE_INTEGER);
    expect(feeShare({ fee, quantity: 3 }, 0, 2)).toBe(6004799503160660);
    expect(feeShare({ fee, quantity: 3 }, 2, 1)).toBe(3002399751580331);
  });
});
