import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { betaPosterior, shrinkToBreakEven, shrunkPayoff } from '#desk/engine/estimation.ts';
import { kellyEmpirical, kellyTilted } from '#desk/engine/kelly-empirical.ts';
import { fractionalKelly, growthRate, kellyBinary, kellyGeneral } from '#desk/engine/kelly.ts';
import { floorContracts, neumaierSum, roundDecimal, toTicks } from '#desk/engine/numerics.ts';
import { recommendedFraction } from '#desk/engine/recommended-fraction.ts';
import type { Result } from '#shared/result.ts';
import { exactSum } from '#test/support/vectors/exact.ts';

const RUNS = { numRuns: 2000 };

const valueOf = <T>(result: Result<T, unknown>): T => {
  if (!result.ok) throw new Error(`unexpected error ${JSON.stringify(result.error)}`);
  return result.value;
};

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const probability = between(0, 1);
const payoff = between(0.001, 20);
const scale = between(1e-3, 1e5);
const multiplier = between(0, 1);
const win = between(0.06, 8);
const loss = between(-4, -0.06);
const trades = fc
  .tuple(fc.array(win, { minLength: 1, maxLength: 30 }), fc.array(loss, { minLength: 1, maxLength: 30 }))
  .map(([wins, losses]) => [...wins, ...losses]);
const shuffled = trades.chain((returns) =>
  fc.tuple(fc.constant(returns), fc.shuffledSubarray(returns, { minLength: returns.length })),
);
const side = fc.record({ count: fc.integer({ min: 1, max: 300 }), mean: between(0.05, 5) });
const sample = fc.tuple(side, side).map(([wins, losses]) => ({
  wins: wins.count,
  sumWins: wins.count * wins.mean,
  losses: losses.count,
  sumLosses: losses.count * losses.mean,
}));

/** Any double at all, NaN and infinities included. */
const anyNumber = fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -Infinity, 0, -0, 1, -1));

describe('full Kelly', () => {
  test('never falls when p or b rises', () => {
    fc.assert(
      fc.property(probability, probability, payoff, payoff, (p1, p2, b1, b2) => {
        const low = valueOf(kellyBinary(Math.min(p1, p2), Math.min(b1, b2)));
        const high = valueOf(kellyBinary(Math.max(p1, p2), Math.max(b1, b2)));
        expect(high.raw).toBeGreaterThanOrEqual(low.raw);
        expect(high.fraction).toBeGreaterThanOrEqual(low.fraction);
      }),
      RUNS,
    );
  });

  test('is the best bet there is', () => {
    fc.assert(
      fc.property(between(0.01, 0.99), payoff, between(0, 0.999), (p, b, other) => {
        const best = valueOf(growthRate(p, b, valueOf(kellyBinary(p, b)).fraction));
        expect(valueOf(growthRate(p, b, other))).toBeLessThanOrEqual(best + 1e-14);
      }),
      RUNS,
    );
  });

  test('answers any two numbers with a fraction in [0, 1] or a typed error', () => {
    fc.assert(
      fc.property(anyNumber, anyNumber, (p, b) => {
        const result = kellyBinary(p, b);
        expect(result.ok).toBe(p >= 0 && p <= 1 && b >= 0);
        if (result.ok) expect(result.value.fraction >= 0 && result.value.fraction <= 1).toBe(true);
      }),
      RUNS,
    );
  });
});

describe('scale', () => {
  test('in R or in dollars the empirical fraction is the same bet', () => {
    fc.assert(
      fc.property(trades, scale, (returns, c) => {
        const inR = valueOf(kellyEmpirical(returns, { scratchR: 0 })).fraction ?? 0;
        const scaled = valueOf(
          kellyEmpirical(
            returns.map((r) => c * r),
            { scratchR: 0 },
          ),
        );
        expect(Math.abs((scaled.fraction ?? 0) * c - inR)).toBeLessThanOrEqual(1e-10 * Math.max(1, inR));
      }),
      RUNS,
    );
  });

  test('the general formula and the shrunk payoff do not know the unit either', () => {
    fc.assert(
      fc.property(probability, side, side, scale, (p, wins, losses, c) => {
        const plain = valueOf(kellyGeneral(p, losses.mean, wins.mean)).perAverageLoss;
        const scaled = valueOf(kellyGeneral(p, c * losses.mean, c * wins.mean)).perAverageLoss;
        expect(Math.abs(scaled - plain)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(plain)));
        const counts = { wins: wins.count, losses: losses.count };
        const sums = { sumWins: wins.count * wins.mean, sumLosses: losses.count * losses.mean };
        const inR = valueOf(shrunkPayoff({ ...counts, ...sums }, 10)).used;
        const inUsd = shrunkPayoff({ ...counts, sumWins: c * sums.sumWins, sumLosses: c * sums.sumLosses }, 10);
        expect(Math.abs(valueOf(inUsd).used - inR)).toBeLessThanOrEqual(1e-12 * inR);
      }),
      RUNS,
    );
  });
});

describe('empirical Kelly', () => {
  test('never exceeds the binary formula on the same sample', () => {
    fc.assert(
      fc.property(trades, (returns) => {
        const { fraction, binaryFraction } = valueOf(kellyEmpirical(returns, { scratchR: 0 }));
        expect(fraction ?? 0).toBeLessThanOrEqual(Math.max(0, binaryFraction ?? 0) + 1e-10);
      }),
      RUNS,
    );
  });

  test('never exceeds it under the probability of a model', () => {
    fc.assert(
      fc.property(trades, between(0.01, 0.99), (returns, p) => {
        const { fraction, binaryFraction, dispersionHaircut } = valueOf(kellyTilted(returns, p));
        expect(fraction ?? 0).toBeLessThanOrEqual(Math.max(0, binaryFraction ?? 0) + 1e-10);
        if (dispersionHaircut !== null) expect(dispersionHaircut).toBeLessThanOrEqual(1 + 1e-9);
      }),
      RUNS,
    );
  });

  test('does not see the order of trades, to the last bit', () => {
    fc.assert(
      fc.property(shuffled, between(0, 1), ([returns, permuted], p) => {
        expect(kellyEmpirical(permuted)).toEqual(kellyEmpirical(returns));
        expect(kellyTilted(permuted, p)).toEqual(kellyTilted(returns, p));
      }),
      RUNS,
    );
  });

  test('does not see the order of weighted trades either', () => {
    const pair = fc.tuple(fc.constantFrom(-1, -0.5, 0.7, 2), between(0.01, 3));
    const permuted = fc
      .array(pair, { minLength: 1, maxLength: 30 })
      .chain((pairs) => fc.tuple(fc.constant(pairs), fc.shuffledSubarray(pairs, { minLength: pairs.length })));
    const kellyOf = (pairs: readonly (readonly [number, number])[]) =>
      kellyEmpirical(
        pairs.map(([r]) => r),
        { weights: pairs.map(([, weight]) => weight) },
      );
    fc.assert(
      fc.property(permuted, ([pairs, other]) => {
        expect(kellyOf(other)).toEqual(kellyOf(pairs));
      }),
      RUNS,
    );
  });

  test('counts a weight of 2 as the same trade twice', () => {
    fc.assert(
      fc.property(trades, (returns) => {
        const weights = returns.map((_, i) => (i % 2 === 0 ? 2 : 1));
        const repeated = returns.flatMap((r, i) => (i % 2 === 0 ? [r, r] : [r]));
        const weighted = valueOf(kellyEmpirical(returns, { weights })).fraction ?? 0;
        expect(Math.abs(weighted - (valueOf(kellyEmpirical(repeated)).fraction ?? 0))).toBeLessThanOrEqual(1e-11);
      }),
      RUNS,
    );
  });
});

describe('fractional Kelly', () => {
  const limits = fc.record({ multiplier, cap: probability, minFraction: between(0, 0.1) });

  test('is 0 or lies between minimum and cap', () => {
    fc.assert(
      fc.property(probability, payoff, limits, (p, b, { cap, minFraction, multiplier: lambda }) => {
        const { fraction } = valueOf(fractionalKelly(p, b, { multiplier: lambda, cap, minFraction }));
        expect(fraction <= cap).toBe(true);
        expect(fraction === 0 || fraction >= minFraction - 1e-12).toBe(true);
      }),
      RUNS,
    );
  });

  test('never falls when multiplier or cap rises', () => {
    fc.assert(
      fc.property(probability, payoff, limits, limits, (p, b, x, y) => {
        const { minFraction } = x;
        const least = { multiplier: Math.min(x.multiplier, y.multiplier), cap: Math.min(x.cap, y.cap), minFraction };
        const most = { multiplier: Math.max(x.multiplier, y.multiplier), cap: Math.max(x.cap, y.cap), minFraction };
        const low = valueOf(fractionalKelly(p, b, least)).fraction;
        expect(valueOf(fractionalKelly(p, b, most)).fraction).toBeGreaterThanOrEqual(low);
      }),
      RUNS,
    );
  });
});

describe('the conservative scheme', () => {
  test('shrinking to break-even is a multiplier', () => {
    fc.assert(
      fc.property(
        probability,
        payoff,
        fc.nat({ max: 1000 }),
        fc.integer({ min: 1, max: 100 }),
        (winProbability, payoffRatio, n, n0) => {
          const shrunk = valueOf(shrinkToBreakEven({ winProbability, payoffRatio }, n, n0));
          const size = Math.max(1, 1 / payoffRatio);
          expect(Math.abs(shrunk.kellyOfShrunk - shrunk.weightedKelly)).toBeLessThanOrEqual(1e-14 * size);
          expect(shrunk.weight).toBe(n / (n + n0));
        },
      ),
      RUNS,
    );
  });

  test('never raises the payoff ratio', () => {
    fc.assert(
      fc.property(sample, between(0, 50), (trading, m0) => {
        const { estimate, shrunk, used } = valueOf(shrunkPayoff(trading, m0));
        expect(used).toBeLessThanOrEqual(estimate);
        expect(shrunk >= Math.min(1, estimate) - 1e-12 && shrunk <= Math.max(1, estimate) + 1e-12).toBe(true);
      }),
      RUNS,
    );
  });

  test('never bets more than plain fractional Kelly would', () => {
    fc.assert(
      fc.property(probability, sample, fc.nat({ max: 500 }), multiplier, (p, trading, resolved, lambda) => {
        const limits = { multiplier: lambda, cap: 0.25, minFraction: 0.01 };
        const minimum = { trades: 20, wins: 5, losses: 5 };
        const request = { winProbability: p, sample: trading, resolvedPredictions: resolved, limits, minimum };
        const { fraction } = valueOf(recommendedFraction({ ...request, evidenceTrades: 30, payoffTrades: 10 }));
        const plainRatio = trading.sumWins / trading.wins / (trading.sumLosses / trading.losses);
        const plain = valueOf(fractionalKelly(p, plainRatio, { ...limits, minFraction: 0 })).fraction;
        expect(fraction).toBeLessThanOrEqual(plain + 1e-12);
        expect(fraction === 0 || (fraction >= 0.01 - 1e-12 && fraction <= 0.25)).toBe(true);
      }),
      RUNS,
    );
  });

  test('orders the quantiles of the win rate', () => {
    fc.assert(
      fc.property(fc.nat({ max: 200 }), fc.nat({ max: 200 }), between(0.5, 5), (wins, losses, prior) => {
        const record = { wins, trades: wins + losses, priorWins: prior, priorLosses: prior };
        const { q05, q10, q25, q50 } = valueOf(betaPosterior(record));
        expect(q05 > 0 && q05 < q10 && q10 < q25 && q25 < q50 && q50 < 1).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('numerics', () => {
  test('the compensated sum is far inside the plain error bound', () => {
    fc.assert(
      fc.property(fc.array(between(-1e9, 1e9), { maxLength: 100 }), (values) => {
        const size = values.reduce((sum, x) => sum + Math.abs(x), 0);
        expect(Math.abs(neumaierSum(values) - exactSum(values))).toBeLessThanOrEqual(
          2 ** -52 * Math.abs(exactSum(values)) + 2 ** -95 * size,
        );
      }),
      RUNS,
    );
  });

  test('a decimal of few digits comes back as it was written', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), fc.nat({ max: 6 }), (units, digits) => {
        const x = Number(`${units}e-${digits}`);
        const text = valueOf(roundDecimal(x, digits));
        expect(Number(text)).toBe(x === 0 ? 0 : x);
        expect(text.split('.')[1]?.length ?? 0).toBe(digits);
        expect(text.startsWith('-')).toBe(x < 0);
      }),
      RUNS,
    );
  });

  test('contracts never cost more than the fraction pays for, and rise with equity and fraction', () => {
    fc.assert(
      fc.property(between(0, 1e7), probability, between(1, 1e5), between(1, 2), (equity, fraction, capital, more) => {
        const count = valueOf(floorContracts(equity, fraction, capital));
        expect(count * capital).toBeLessThanOrEqual(fraction * equity + 2e-9 * capital);
        expect(valueOf(floorContracts(equity * more, fraction, capital))).toBeGreaterThanOrEqual(count);
        expect(valueOf(floorContracts(equity, Math.min(1, fraction * more), capital))).toBeGreaterThanOrEqual(count);
        expect(valueOf(floorContracts(equity, fraction, capital * more))).toBeLessThanOrEqual(count);
      }),
      RUNS,
    );
  });

  test('every tick of a grid is found again from its decimal price', () => {
    const tickSize = fc.constantFrom(0.25, 0.1, 0.01, 0.00005, 0.0000005, 1 / 64, 0.005, 5);
    fc.assert(
      fc.property(tickSize, fc.integer({ min: -1_000_000, max: 1_000_000 }), (tick, count) => {
        expect(valueOf(toTicks(count * tick, tick))).toBe(count);
        expect(toTicks((count + 0.5) * tick, tick).ok).toBe(false);
      }),
      RUNS,
    );
  });
});
