import { overrideDecomposition, overrideValue } from '#desk/backtest/overrides.ts';
import { fixedContracts, fixedFractional, kellyPolicy } from '#desk/backtest/policies.ts';
import { walkForward } from '#desk/backtest/walk-forward.ts';
import type { Opportunity, SizingPolicy } from '#desk/backtest/walk-forward.ts';
import {
  politisWhiteBlockLength,
  stationaryBootstrapIndices,
  stationaryBootstrapMeanCI,
} from '#desk/engine/bootstrap.ts';
import { monteCarloTrades } from '#desk/engine/monte-carlo.ts';
import { vinceOptimalF, vinceTWR } from '#desk/engine/optimal-f.ts';
import { performance } from '#desk/engine/performance.ts';
import { createPrng } from '#desk/engine/prng.ts';
import {
  expectedMaxDrawdownPositiveDrift,
  expectedMaxDrawdownZeroDrift,
  lundbergRuin,
  probEverReach,
  probUpBeforeDown,
  ruinBound,
  ruinExponent,
  tradesToDouble,
} from '#desk/engine/ruin.ts';
import type { Outcomes } from '#desk/engine/ruin.ts';
import { deflatedSharpe, logGrowthDifferences, minTrackRecord, pairedComparison, psr } from '#desk/engine/sharpe.ts';
import { tradeStats } from '#desk/engine/trade-stats.ts';
import type { Result } from '#shared/result.ts';
import { moneyFromUsd, usdOf } from '#shared/units.ts';

import { numberAt, numberOr, numbersAt } from './fields.ts';
import type { VectorContext, VectorInput, VectorRegistry } from './types.ts';

const INVALID = { error: 'INVALID_INPUT' };

const toNumbers = (value: unknown): readonly number[] =>
  Array.isArray(value) ? value.map((item: unknown) => (typeof item === 'number' ? item : NaN)) : [NaN];

const toRecord = (value: unknown): VectorInput =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};

const records = (value: unknown): readonly VectorInput[] => {
  if (!Array.isArray(value)) throw new TypeError('expected a list of records');
  return value.map(toRecord);
};

/** The dataset the whole input refers to, or the first of these fields that it carries itself. */
function subject(input: VectorInput, context: VectorContext, keys: readonly string[]): unknown {
  const { dataset } = input;
  if (typeof dataset === 'string') {
    if (!Object.hasOwn(context.datasets, dataset)) throw new Error(`no dataset named "${dataset}"`);
    return context.datasets[dataset];
  }
  return dataset ?? keys.map((key) => input[key]).find((value) => value !== undefined);
}

const answer = <T>(result: Result<T, unknown>, show: (value: T) => unknown = (value) => value): unknown =>
  result.ok ? show(result.value) : INVALID;

const outcomes = (input: VectorInput, key: string): Outcomes =>
  input['prob'] === undefined
    ? { values: numbersAt(input, key) }
    : { values: numbersAt(input, key), probabilities: numbersAt(input, 'prob') };

const sharpeSample = (input: VectorInput, sharpe: number) => ({
  sharpe,
  n: numberAt(input, 'n'),
  skew: numberOr(input, 'skew', 0),
  kurt: numberOr(input, 'kurt', 3),
});

/** Calls a seeded function; a seed that is no integer is the generator's bug, and here the vector's input. */
const seeded = (input: VectorInput, run: (seed: number) => unknown): unknown =>
  Number.isSafeInteger(numberAt(input, 'seed')) ? run(numberAt(input, 'seed')) : INVALID;

const SERIES: Readonly<Record<string, (kelly: readonly number[], fixed: readonly number[]) => readonly number[]>> = {
  'ln(1+kelly)-ln(1+fixed)': logGrowthDifferences,
  'kelly-fixed': (kelly, fixed) => kelly.map((r, t) => r - (fixed[t] ?? NaN)),
  'ln(1+kelly)': (kelly) => kelly.map(Math.log1p),
  'ln(1+fixed)': (_kelly, fixed) => fixed.map(Math.log1p),
  kelly: (kelly) => kelly,
  fixed: (_kelly, fixed) => fixed,
};

/** The series a bootstrap runs on: a list as it is, or a named expression of a pair of books. */
function seriesOf(input: VectorInput, context: VectorContext): readonly number[] {
  const value = subject(input, context, ['values', 'x', 'returns', 'R', 'series']);
  if (Array.isArray(value)) return toNumbers(value);
  const pair = toRecord(value ?? input);
  const name = String(input['series']).replaceAll(' ', '');
  const build = Object.hasOwn(SERIES, name) ? SERIES[name] : undefined;
  if (build === undefined) throw new Error(`no series named "${name}"`);
  return build(numbersAt(pair, 'kelly'), numbersAt(pair, 'fixed'));
}

const opportunity =
  (input: VectorInput) =>
  (trade: VectorInput): Opportunity => ({
    id: numberAt(trade, 'id'),
    symbol: String(trade['symbol']),
    entry: numberAt(trade, 'entry'),
    exit: numberAt(trade, 'exit'),
    winProbability: numberAt(trade, 'p'),
    riskPerContract: moneyFromUsd(
      (numberAt(trade, 'stopTicks') + numberOr(input, 'slippageTicks', 0)) * numberAt(input, 'tickValue') +
        numberOr(input, 'roundTurnCost', 0),
    ),
    netPerContract: moneyFromUsd(numberAt(trade, 'netPnlPerContract')),
  });

function policyOf(input: VectorInput): SizingPolicy {
  const config = toRecord(input['config']);
  const name = String(input['policy']);
  if (config['lambda_'] !== undefined) {
    return kellyPolicy(name, {
      limits: {
        multiplier: numberAt(config, 'lambda_'),
        cap: numberOr(config, 'cap', 0.25),
        minFraction: numberOr(config, 'minFraction', 0.01),
      },
      evidenceTrades: numberOr(config, 'n0', 30),
      payoffTrades: numberOr(config, 'm0', 10),
      minimum: {
        trades: numberOr(config, 'nMin', 20),
        wins: numberOr(config, 'wMin', 5),
        losses: numberOr(config, 'lMin', 5),
      },
      scratchR: numberOr(input, 'scratchR', 0.05),
      lookBack: null,
      resolvedPredictions: null,
      riskCap: config['riskCap'] === undefined ? null : numberAt(config, 'riskCap'),
      evaluation: { contracts: numberOr(input, 'evaluationContracts', 1), maxRisk: null },
    });
  }
  if (config['fraction'] !== undefined) return fixedFractional(numberAt(config, 'fraction'));
  return fixedContracts(numberOr(config, 'contracts', Number(/fixed (\d+)/.exec(name)?.[1] ?? 1)));
}

function runWalkForward(input: VectorInput, context: VectorContext): unknown {
  const trades = records(subject(input, context, ['trades', 'journal']));
  const result = walkForward(trades.map(opportunity(input)), {
    policy: policyOf(input),
    initialEquity: moneyFromUsd(numberAt(input, 'initialEquity')),
    maxContracts: numberAt(input, 'maxContracts'),
  });
  return {
    finalEquity: usdOf(result.finalEquity),
    decisions: result.decisions.map(({ id, equityAtDecision, closedTradesUsed, contracts, status, fraction }) => ({
      id,
      equityAtDecision: usdOf(equityAtDecision),
      closedTradesUsed,
      contracts,
      status,
      f: fraction,
    })),
  };
}

const overrideCounts = (trade: VectorInput) => ({
  id: numberAt(trade, 'id'),
  suggested: numberAt(trade, 'suggested'),
  executed: numberAt(trade, 'executed'),
});

const ruin: VectorRegistry = {
  probEverReach: (input) => answer(probEverReach(numberAt(input, 'fractionOfKelly'), numberAt(input, 'x'))),
  probUpBeforeDown: (input) =>
    answer(
      probUpBeforeDown(numberAt(input, 'fractionOfKelly'), {
        up: numberAt(input, 'up'),
        down: numberAt(input, 'down'),
      }),
    ),
  ruinExponent: (input) =>
    answer(ruinExponent(outcomes(input, 'R'), numberAt(input, 'f')), (exponent) => ({
      lambda_: exponent,
      boundHalf: ruinBound(exponent, 0.5),
      bound80: ruinBound(exponent, 0.8),
    })),
  lundbergRuin: (input) => answer(lundbergRuin(outcomes(input, 'pnl'), numberAt(input, 'capital'))),
  expectedMaxDrawdownZeroDrift: (input) =>
    answer(expectedMaxDrawdownZeroDrift(numberAt(input, 'T'), numberAt(input, 'sigma'))),
  expectedMaxDrawdownPositiveDriftAsymptotic: (input) =>
    answer(
      expectedMaxDrawdownPositiveDrift({
        periods: numberAt(input, 'T'),
        mu: numberAt(input, 'mu'),
        sigma: numberAt(input, 'sigma'),
      }),
    ),
  tradesToDouble: (input) =>
    answer(
      tradesToDouble({
        winProbability: numberAt(input, 'p'),
        payoffRatio: numberAt(input, 'b'),
        fraction: numberAt(input, 'f'),
      }),
    ),
  vinceTWR: (input) => answer(vinceTWR(numbersAt(input, 'trades'), numberAt(input, 'f'))),
  vinceOptimalF: (input) => answer(vinceOptimalF(numbersAt(input, 'trades'))),
};

const random: VectorRegistry = {
  prng: (input) =>
    seeded(input, (seed) => {
      const [bits, doubles] = [createPrng(seed), createPrng(seed)];
      return {
        u32: Array.from({ length: numberOr(input, 'count', 6) }, () => bits.nextUint32()),
        double: Array.from({ length: numberOr(input, 'count', 4) }, () => doubles.nextDouble()),
      };
    }),
  stationaryBootstrapIndices: (input) =>
    seeded(input, (seed) => {
      const shape = {
        n: numberAt(input, 'n'),
        length: numberAt(input, 'length'),
        meanBlock: numberAt(input, 'meanBlock'),
      };
      return answer(stationaryBootstrapIndices(shape, createPrng(seed)));
    }),
  stationaryBootstrapMeanCI: (input, context) =>
    answer(
      stationaryBootstrapMeanCI(seriesOf(input, context), {
        meanBlock: numberAt(input, 'meanBlock'),
        resamples: numberAt(input, 'B'),
        seed: numberAt(input, 'seed'),
        confidence: numberOr(input, 'confidence', 0.9),
      }),
    ),
  politisWhiteBlockLength: (input, context) =>
    answer(
      politisWhiteBlockLength(toNumbers(subject(input, context, ['values', 'x', 'returns', 'series']))),
      (length) => length ?? { stationary: null, circular: null, m: null },
    ),
  monteCarloTrades: (input) =>
    answer(
      monteCarloTrades(numbersAt(input, 'R'), {
        f: numberAt(input, 'f'),
        trades: numberAt(input, 'trades'),
        paths: numberAt(input, 'paths'),
        meanBlock: numberOr(input, 'meanBlock', 1),
        seed: numberAt(input, 'seed'),
      }),
      ({ finalWealth, maxDrawdown, probDrawdownOver20, probLoss }) => ({
        p05Final: finalWealth.p05,
        medianFinal: finalWealth.p50,
        p95Final: finalWealth.p95,
        p05Mdd: maxDrawdown.p05,
        medianMdd: maxDrawdown.p50,
        p95Mdd: maxDrawdown.p95,
        probMdd20: probDrawdownOver20,
        probLoss,
      }),
    ),
};

const measures: VectorRegistry = {
  performance: (input) =>
    answer(
      performance(numbersAt(input, 'returns'), {
        periodsPerYear: numberOr(input, 'periodsPerYear', 252),
        riskFree: numberOr(input, 'rf', 0),
        minimumAcceptable: numberOr(input, 'mar', 0),
      }),
      ({ peakIndex, troughIndex, ...rest }) => ({ ...rest, mddPeakIndex: peakIndex, mddTroughIndex: troughIndex }),
    ),
  tradeStats: (input) => answer(tradeStats(numbersAt(input, 'R'), numberOr(input, 'scratchR', 0))),
  psr: (input) => answer(psr(sharpeSample(input, numberAt(input, 'sharpe')), numberOr(input, 'benchmark', 0))),
  deflatedSharpe: (input) => {
    const periodsPerYear = numberAt(input, 'periodsPerYear');
    const sample = sharpeSample(input, numberAt(input, 'sharpeAnn') / Math.sqrt(periodsPerYear));
    const trials = { count: numberAt(input, 'trials'), varSharpeAnn: numberAt(input, 'varTrialSharpeAnn') };
    return answer(deflatedSharpe(sample, trials, periodsPerYear));
  },
  minTrackRecord: (input) => {
    const sample = {
      sharpe: numberAt(input, 'sharpe'),
      skew: numberOr(input, 'skew', 0),
      kurt: numberOr(input, 'kurt', 3),
    };
    return answer(minTrackRecord(sample, numberOr(input, 'benchmark', 0), numberOr(input, 'confidence', 0.95)));
  },
  pairedComparison: (input, context) => {
    const pair = toRecord(subject(input, context, []) ?? input);
    return answer(pairedComparison(numbersAt(pair, 'kelly'), numbersAt(pair, 'fixed')));
  },
};

const backtest: VectorRegistry = {
  walkForward: runWalkForward,
  overrideValue: (input, context) => {
    const trades = records(subject(input, context, ['trades'])).map((trade) => ({
      ...overrideCounts(trade),
      net: moneyFromUsd(numberAt(trade, 'net')),
    }));
    const { modelPnl, executedPnl, value, byType } = overrideValue(trades);
    return {
      modelPnl: usdOf(modelPnl),
      executedPnl: usdOf(executedPnl),
      overrideValue: usdOf(value),
      byType: Object.fromEntries(Object.entries(byType).map(([type, sum]) => [type, usdOf(sum.value)])),
    };
  },
  overrideDecomposition: (input, context) => {
    const trades = records(subject(input, context, ['trades'])).map((trade) => ({
      ...overrideCounts(trade),
      planNet: moneyFromUsd(numberAt(trade, 'planNet')),
      actualNet: trade['actualNet'] === null ? null : moneyFromUsd(numberAt(trade, 'actualNet')),
    }));
    return answer(overrideDecomposition(trades), (parts) =>
      Object.fromEntries(Object.entries(parts).map(([part, amount]) => [part, usdOf(amount)])),
    );
  },
};

/** Drawdown and ruin, resampling, performance, and the walk-forward backtest. */
export const statisticsVectors: VectorRegistry = { ...ruin, ...random, ...measures, ...backtest };
