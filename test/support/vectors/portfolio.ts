import { z } from 'zod';

import { allocateHeat } from '#desk/engine/allocation.ts';
import { ewmaCorrelation, shrinkCorrelation } from '#desk/engine/correlation.ts';
import { correlatedExposure } from '#desk/engine/exposure.ts';
import { contractSpec } from '#desk/engine/futures/contract-table.ts';
import { ledoitWolfConstantCorrelation, ledoitWolfIdentity } from '#desk/engine/ledoit-wolf.ts';
import { equicorrelation, multiAssetKelly, simultaneousKelly } from '#desk/engine/multi-asset.ts';
import { rckLambda, riskConstrainedKelly } from '#desk/engine/risk-constrained.ts';
import { volTarget } from '#desk/engine/vol-target.ts';
import type { Result } from '#shared/result.ts';
import { moneyFromUsd } from '#shared/units.ts';
import type { Money } from '#shared/units.ts';

import type { VectorContext, VectorFunction, VectorInput, VectorRegistry } from './types.ts';

const INVALID = { error: 'INVALID_INPUT' };

/** Any number, NaN and infinities included: refusing them is the engine's part. */
const anyNumber = z.custom<number>((value) => typeof value === 'number');
const numbers = z.array(anyNumber);
const matrix = z.array(numbers);
const direction = z.union([z.literal(1), z.literal(-1)]);

/** Parses the input, runs, and maps; an input of another shape is invalid too. */
const vector =
  <S extends z.ZodType>(schema: S, run: (input: z.output<S>) => unknown): VectorFunction =>
  (input) => {
    const parsed = schema.safeParse(input);
    return parsed.success ? run(parsed.data) : INVALID;
  };

const output = <T>(result: Result<T, unknown>, map: (value: T) => unknown): unknown =>
  result.ok ? map(result.value) : INVALID;

/** Returns of a vector: the dataset it names, or the table it carries. */
function returnsOf(input: VectorInput, { datasets }: VectorContext): readonly (readonly number[])[] | null {
  const named = typeof input['dataset'] === 'string' ? datasets[input['dataset']] : input['dataset'];
  const parsed = matrix.safeParse(named ?? input['returns'] ?? input['R'] ?? input['X']);
  return parsed.success ? parsed.data : null;
}

const onReturns =
  (run: (returns: readonly (readonly number[])[], input: VectorInput) => unknown): VectorFunction =>
  (input, context) => {
    const returns = returnsOf(input, context);
    return returns === null ? INVALID : run(returns, input);
  };

const ewma = onReturns((returns, input) => {
  const lambda = input['lambda_'] ?? input['lambda'];
  const estimate = typeof lambda === 'number' ? ewmaCorrelation(returns, lambda) : ewmaCorrelation(returns);
  return output(estimate, ({ correlation, volatility }) => ({ corr: correlation, volPerPeriod: volatility }));
});

const shrink = vector(
  z.object({ corr: matrix, prior: matrix, n: anyNumber, n0: anyNumber.optional() }),
  ({ corr, prior, n, n0 }) => {
    const strength = n0 === undefined ? {} : { priorStrength: n0 };
    const shrunk = shrinkCorrelation({ estimate: corr, prior, observations: n, ...strength });
    return output(shrunk, ({ delta, correlation }) => ({ delta, corr: correlation }));
  },
);

const multiAsset = vector(
  z.object({ mu: numbers, vol: numbers, rho: z.union([anyNumber, matrix]), fraction: anyNumber.default(1) }),
  ({ mu, vol, rho, fraction }) => {
    const correlation = typeof rho === 'number' ? equicorrelation(mu.length, rho) : rho;
    return output(multiAssetKelly({ mean: mu, volatility: vol, correlation, fraction }), (kelly) => kelly);
  },
);

const simultaneous = vector(
  z.object({ p1: anyNumber, b1: anyNumber, p2: anyNumber, b2: anyNumber, phi: anyNumber }),
  ({ p1, b1, p2, b2, phi }) => {
    const first = { winProbability: p1, payoffRatio: b1 };
    const second = { winProbability: p2, payoffRatio: b2 };
    return output(simultaneousKelly([first, second], phi), ({ fractions, growth, bothWin }) => ({
      f1: fractions[0],
      f2: fractions[1],
      g: growth,
      pBothWin: bothWin,
    }));
  },
);

const position = z.object({ symbol: z.string(), dir: direction, risk: anyNumber });

const exposure = vector(
  z.object({ positions: z.array(position), rho: matrix, rhoMin: anyNumber.optional() }),
  ({ positions, rho, rhoMin }) =>
    output(
      correlatedExposure(
        positions.map(({ dir, risk }) => ({ direction: dir, risk })),
        rho,
        rhoMin,
      ),
      (e) => e,
    ),
);

const candidate = z.object({ symbol: z.string(), dir: direction, contracts: anyNumber, riskPerContract: anyNumber });

const allocate = vector(
  z.object({
    existing: z.array(position),
    candidates: z.array(candidate),
    symbols: z.array(z.string()),
    rho: matrix,
    heatMax: anyNumber.default(0.2),
    clusterMax: anyNumber.default(0.15),
    rhoMin: anyNumber.default(0.5),
  }),
  ({ existing, candidates, symbols, rho, ...limits }) => {
    const allocations = allocateHeat({
      existing: existing.map(({ dir, ...rest }) => ({ ...rest, direction: dir })),
      candidates: candidates.map(({ dir, ...rest }) => ({ ...rest, direction: dir })),
      correlation: { symbols, rho },
      limits,
    });
    return output(allocations, (list) => {
      const bySymbol = <T>(of: (i: number) => T): Record<string, T> =>
        Object.fromEntries(candidates.map(({ symbol }, i) => [symbol, of(i)]));
      return {
        theta: bySymbol((i) => list[i]?.theta),
        contracts: bySymbol((i) => list[i]?.contracts),
        boundBy: bySymbol((i) => list[i]?.boundBy),
      };
    });
  },
);

const riskConstrained = vector(
  z.object({ R: numbers, prob: numbers.optional(), alpha: anyNumber, beta: anyNumber }),
  ({ R, prob, alpha, beta }) => {
    const asked = { returnsR: R, alpha, beta, ...(prob === undefined ? {} : { probabilities: prob }) };
    return output(riskConstrainedKelly(asked), (kelly) => {
      const { status, lambda } = kelly;
      if (status === 'UNBOUNDED_NO_LOSS') {
        return { status, lambda_: lambda, fBound: Infinity, fKelly: Infinity, f: Infinity, equivalentFraction: null };
      }
      const { bound, kelly: fKelly, fraction, equivalentFraction } = kelly;
      return { status, lambda_: lambda, fBound: bound, fKelly, f: fraction, equivalentFraction };
    });
  },
);

/** USD as Money; NaN passes through for the engine to refuse. */
const usd = (value: number): Money => (Number.isFinite(value) ? moneyFromUsd(value) : (value as Money));

const volatilityTarget = vector(
  z.object({ E: anyNumber, targetVolAnn: anyNumber, price: anyNumber, dailyVol: anyNumber, root: z.string() }),
  ({ E, targetVolAnn, price, dailyVol, root }) => {
    const spec = contractSpec(root);
    if (spec === null) return INVALID;
    const asked = { spec, equity: usd(E), targetAnnualVolatility: targetVolAnn, price, dailyVolatility: dailyVol };
    return output(volTarget(asked), (target) => target);
  },
);

/** Topic 5, and the volatility-target policy of topic 8. */
export const portfolioVectors: VectorRegistry = {
  ewmaCorrelation: ewma,
  shrinkCorrelation: shrink,
  ledoitWolfConstantCorrelation: onReturns((returns) => output(ledoitWolfConstantCorrelation(returns), (lw) => lw)),
  ledoitWolfIdentity: onReturns((returns) => output(ledoitWolfIdentity(returns), (lw) => lw)),
  multiAssetKelly: multiAsset,
  simultaneousKelly: simultaneous,
  correlatedExposure: exposure,
  allocateHeat: allocate,
  rckLambda: vector(z.object({ alpha: anyNumber, beta: anyNumber }), (dial) => output(rckLambda(dial), (x) => x)),
  riskConstrainedKelly: riskConstrained,
  volTarget: volatilityTarget,
};
