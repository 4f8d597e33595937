import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { allocateHeat } from '#desk/engine/allocation.ts';
import type { Allocation, AllocationInput } from '#desk/engine/allocation.ts';
import { ewmaCorrelation, portfolioCorrelation, priorTable, shrinkCorrelation } from '#desk/engine/correlation.ts';
import { correlatedExposure } from '#desk/engine/exposure.ts';
import { CONTRACTS } from '#desk/engine/futures/contract-table.ts';
import { cholesky } from '#desk/engine/matrix.ts';
import type { Matrix } from '#desk/engine/matrix.ts';
import { riskConstrainedKelly } from '#desk/engine/risk-constrained.ts';
import { contractsFor } from '#desk/engine/sizing-basis.ts';
import type { SizingInput } from '#desk/engine/sizing-basis.ts';
import type { Result } from '#shared/result.ts';
import { money } from '#shared/units.ts';

const RUNS = { numRuns: 2_000 };

const valueOf = <T>(result: Result<T, unknown>): T => {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
};

const share = (max: number) => fc.double({ min: 0, max, noNaN: true });
const direction = fc.constantFrom<1 | -1>(1, -1);
const spec = fc.constantFrom(...CONTRACTS);
const symbols = ['CL', 'ES', 'GC', 'MNQ', 'NQ', 'ZN'];

const sizing: fc.Arbitrary<SizingInput> = fc.record({
  spec,
  equity: fc.integer({ min: 1, max: 1e12 }).map(money),
  fraction: share(0.25),
  basis: fc.constantFrom('stop', 'stopOrAvgLoss', 'avgLoss'),
  stopTicks: fc.integer({ min: 1, max: 2_000 }),
  slippageTicks: share(5),
  roundTurnCost: fc.integer({ min: 0, max: 200_000 }).map(money),
  averageLoss: fc.double({ min: 1, max: 1e8, noNaN: true }),
  riskCap: share(0.2),
  maxContracts: fc.integer({ min: 0, max: 50 }),
});

describe('contracts', () => {
  const contracts = (input: SizingInput): number => valueOf(contractsFor(input)).contracts;

  test('never fall with equity or fraction, never rise with stop distance', () => {
    fc.assert(
      fc.property(
        sizing,
        fc.integer({ min: 1, max: 1e11 }),
        share(0.5),
        fc.integer({ min: 1, max: 500 }),
        (input, more, f, far) => {
          const now = contracts(input);
          expect(contracts({ ...input, equity: money(input.equity + more) })).toBeGreaterThanOrEqual(now);
          expect(contracts({ ...input, fraction: input.fraction + f })).toBeGreaterThanOrEqual(now);
          expect(contracts({ ...input, stopTicks: input.stopTicks + far })).toBeLessThanOrEqual(now);
        },
      ),
      RUNS,
    );
  });

  test('keep the risk of the trade within every limit', () => {
    fc.assert(
      fc.property(sizing, (input) => {
        const sized = valueOf(contractsFor(input));
        expect(Number.isInteger(sized.contracts) && sized.contracts >= 0).toBe(true);
        expect(sized.contracts).toBeLessThanOrEqual(input.maxContracts ?? 0);
        const slack = 1e-9 * (sized.riskPerContract / input.equity + 1);
        expect(sized.riskFraction).toBeLessThanOrEqual((input.riskCap ?? 0) + slack);
        expect(sized.contracts * sized.capitalPerContract).toBeLessThanOrEqual(
          input.fraction * input.equity * (1 + 1e-12) + 1e-9 * sized.capitalPerContract,
        );
        if (sized.contracts === 0) expect(sized.limitedBy).toBe('TOO_SMALL');
      }),
      RUNS,
    );
  });
});

/** A correlation matrix from random factors, so that it is positive semidefinite. */
const correlationOf = (n: number): fc.Arbitrary<Matrix> =>
  fc
    .array(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 }), {
      minLength: n,
      maxLength: n,
    })
    .map((factors) => {
      const unit = factors.map((row) => {
        const length = Math.hypot(0.05, ...row);
        return row.map((x) => x / length).concat(0.05 / length);
      });
      const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, k) => sum + x * b[k]!, 0);
      return unit.map((a, i) => unit.map((b, j) => (i === j ? 1 : Math.min(1, Math.max(-1, dot(a, b))))));
    });

const symbol = fc.constantFrom(...symbols);
const book: fc.Arbitrary<AllocationInput> = fc.record({
  existing: fc.array(fc.record({ symbol, direction, risk: share(0.15) }), { maxLength: 4 }),
  candidates: fc.array(
    fc.record({
      symbol,
      direction,
      contracts: fc.integer({ min: 0, max: 8 }),
      riskPerContract: fc.double({ min: 1e-4, max: 0.05, noNaN: true }),
    }),
    { maxLength: 5 },
  ),
  correlation: correlationOf(symbols.length).map((rho) => ({ symbols, rho })),
  limits: fc.record({
    heatMax: fc.double({ min: 0.02, max: 0.4, noNaN: true }),
    clusterMax: fc.double({ min: 0.02, max: 0.3, noNaN: true }),
    rhoMin: fc.constantFrom(0.3, 0.5, 0.8),
  }),
});

/** The book after an allocation, and its exposure by the definition itself. */
function exposureAfter({ existing, candidates, correlation, limits }: AllocationInput, given: readonly Allocation[]) {
  const positions = [
    ...existing,
    ...candidates.map((c, i) => ({ ...c, risk: given[i]!.contracts * c.riskPerContract })),
  ];
  const place = positions.map((p) => correlation.symbols.indexOf(p.symbol));
  const rho = place.map((i) => place.map((j) => correlation.rho[i]![j]!));
  return valueOf(correlatedExposure(positions, rho, limits?.rhoMin));
}

describe('allocation', () => {
  test('adds nothing to a limit that the book has used up, and keeps every other limit', () => {
    fc.assert(
      fc.property(book, (input) => {
        const given = valueOf(allocateHeat(input));
        const { heatMax = NaN, clusterMax = NaN } = input.limits ?? {};
        const before = exposureAfter({ ...input, candidates: [] }, []);
        const after = exposureAfter(input, given);
        expect(after.heat).toBeLessThanOrEqual(Math.max(heatMax, before.heat) + 1e-9);
        after.cluster.forEach((exposure, i) => {
          if (after.hasPartner[i] !== true) return;
          // A lone position may stand above the cluster limit; what joins it must then be nothing.
          const own = input.existing[i]?.risk ?? 0;
          expect(exposure).toBeLessThanOrEqual(Math.max(clusterMax, before.cluster[i] ?? 0, own) + 1e-9);
        });
        given.forEach(({ theta, contracts, boundBy }, i) => {
          expect(theta >= 0 && theta <= 1).toBe(true);
          expect(contracts).toBeLessThanOrEqual(input.candidates[i]!.contracts);
          expect(boundBy === null).toBe(theta === 1);
        });
      }),
      RUNS,
    );
  });

  test('is a function of the set: any order, ties and repeated symbols included', () => {
    const shuffles = book.chain((input) =>
      fc.tuple(
        fc.constant(input),
        fc.shuffledSubarray(
          input.candidates.map((_, i) => i),
          { minLength: input.candidates.length },
        ),
        fc.shuffledSubarray([...input.existing], { minLength: input.existing.length }),
        fc.shuffledSubarray(
          symbols.map((_, i) => i),
          { minLength: symbols.length },
        ),
      ),
    );
    fc.assert(
      fc.property(shuffles, ([input, order, existing, names]) => {
        const given = valueOf(allocateHeat(input));
        const { rho } = input.correlation;
        const permuted = valueOf(
          allocateHeat({
            ...input,
            existing,
            candidates: order.map((i) => input.candidates[i]!),
            correlation: {
              symbols: names.map((i) => symbols[i]!),
              rho: names.map((i) => names.map((j) => rho[i]![j]!)),
            },
          }),
        );
        expect(permuted).toEqual(order.map((i) => given[i]));
      }),
      RUNS,
    );
  });

  test('gives everybody all where book and claims together are below both limits, whatever the correlations', () => {
    fc.assert(
      fc.property(book, fc.double({ min: 1e-6, max: 0.999, noNaN: true }), (input, part) => {
        const { heatMax = NaN, clusterMax = NaN } = input.limits ?? {};
        const asked = input.candidates.reduce(
          (sum, { contracts, riskPerContract }) => sum + contracts * riskPerContract,
          0,
        );
        const all = input.existing.reduce((sum, { risk }) => sum + risk, asked);
        const scale = Math.min(1, (Math.min(heatMax, clusterMax) * part) / Math.max(all, Number.MIN_VALUE));
        const given = valueOf(
          allocateHeat({
            ...input,
            existing: input.existing.map((one) => ({ ...one, risk: one.risk * scale })),
            candidates: input.candidates.map((one) => ({ ...one, riskPerContract: one.riskPerContract * scale })),
          }),
        );
        expect(given).toEqual(input.candidates.map(({ contracts }) => ({ theta: 1, contracts, boundBy: null })));
      }),
      RUNS,
    );
  });

  test('equal candidates get equal shares', () => {
    fc.assert(
      fc.property(book, (input) => {
        const given = valueOf(allocateHeat({ ...input, candidates: [...input.candidates, ...input.candidates] }));
        const half = input.candidates.length;
        expect(given.slice(half)).toEqual(given.slice(0, half));
      }),
      RUNS,
    );
  });
});

describe('correlated exposure', () => {
  const positions = (n: number) => fc.array(fc.record({ direction, risk: share(0.2) }), { minLength: n, maxLength: n });

  test('a position that is nobody’s partner changes no other exposure', () => {
    fc.assert(
      fc.property(positions(4), correlationOf(4), fc.double({ min: 0.05, max: 1, noNaN: true }), (all, rho, rhoMin) => {
        const newcomer = all[3]!;
        const isStranger = [0, 1, 2].every((i) => rho[i]![3]! * all[i]!.direction * newcomer.direction < rhoMin - 1e-9);
        fc.pre(isStranger);
        const before = valueOf(
          correlatedExposure(
            all.slice(0, 3),
            rho.slice(0, 3).map((row) => row.slice(0, 3)),
            rhoMin,
          ),
        );
        const after = valueOf(correlatedExposure(all, rho, rhoMin));
        expect(after.cluster.slice(0, 3)).toEqual(before.cluster);
        expect(after.hasPartner).toEqual([...before.hasPartner, false]);
        expect(after.cluster[3]).toBe(newcomer.risk);
      }),
      RUNS,
    );
  });

  test('bounds the quadratic risk of the partners: √(rᵀρ⁺r) ≤ √(max X · heat)', () => {
    fc.assert(
      fc.property(positions(5), correlationOf(5), (all, rho) => {
        const { cluster, heat } = valueOf(correlatedExposure(all, rho));
        const quadratic = all.reduce((sum, { risk }, i) => sum + risk * cluster[i]!, 0);
        expect(quadratic).toBeLessThanOrEqual(Math.max(...cluster) * heat + 1e-12);
      }),
      RUNS,
    );
  });
});

/** Positive semidefinite within rounding: positive definite once a hair is added to the diagonal. */
const isSemidefinite = (matrix: Matrix): boolean =>
  cholesky(matrix.map((row, i) => row.map((x, j) => (i === j ? x + 1e-9 : x)))) !== null;

const returns = (n: number) =>
  fc.array(fc.array(fc.double({ min: -0.1, max: 0.1, noNaN: true }), { minLength: n, maxLength: n }), {
    minLength: 2,
    maxLength: 12,
  });

describe('shrunk correlation', () => {
  const roots = fc.uniqueArray(fc.constantFrom(...CONTRACTS.map(({ root }) => root)), { minLength: 4, maxLength: 4 });

  test('is positive semidefinite, symmetric, ones on its diagonal', () => {
    fc.assert(
      fc.property(returns(4), roots, fc.integer({ min: 0, max: 500 }), (rows, names, observations) => {
        const estimate = ewmaCorrelation(rows);
        fc.pre(estimate.ok);
        const prior = priorTable(names).rho;
        const { correlation } = valueOf(
          shrinkCorrelation({ estimate: valueOf(estimate).correlation, prior, observations }),
        );
        expect(isSemidefinite(prior)).toBe(true);
        expect(isSemidefinite(correlation)).toBe(true);
        correlation.forEach((row, i) => {
          expect(row[i]).toBe(1);
          row.forEach((x, j) => expect(x).toBe(correlation[j]![i]));
        });
      }),
      RUNS,
    );
  });

  test('of a book with minis and micros is positive semidefinite too', () => {
    const book6 = ['NQ', 'MNQ', 'ES', 'MES', 'GC', 'MGC'];
    fc.assert(
      fc.property(returns(3), (rows) => {
        fc.pre([0, 1, 2].every((k) => rows.some((row) => row[k] !== 0)));
        const table = valueOf(portfolioCorrelation(book6, { underlyings: ['NQ', 'ES', 'GC'], returns: rows }));
        expect(isSemidefinite(table.rho)).toBe(true);
        expect(table.rho[0]![1]).toBe(1);
      }),
      RUNS,
    );
  });
});

test('risk-constrained Kelly is at most Kelly and keeps E[(1 + fR)^−λ] ≤ 1', () => {
  const sample = fc.array(
    fc.integer({ min: -3_000, max: 6_000 }).map((r) => r / 1_000),
    { minLength: 2, maxLength: 25 },
  );
  const dial = fc.double({ min: 0.05, max: 0.95, noNaN: true });
  fc.assert(
    fc.property(sample, dial, dial, (returnsR, alpha, beta) => {
      const kelly = valueOf(riskConstrainedKelly({ returnsR, alpha, beta }));
      if (kelly.status !== 'OK') return;
      expect(kelly.fraction).toBeLessThanOrEqual(kelly.kelly);
      expect(kelly.fraction).toBeGreaterThan(0);
      const mean = returnsR.reduce((sum, r) => sum + (1 + kelly.fraction * r) ** -kelly.lambda, 0) / returnsR.length;
      expect(mean).toBeLessThanOrEqual(1 + 1e-9);
    }),
    RUNS,
  );
});
