import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { overrideIntervals } from '#desk/backtest/overrides.ts';
import { fixedContracts, fixedFractional, kellyPolicy } from '#desk/backtest/policies.ts';
import { sizingVerdict } from '#desk/backtest/verdict.ts';
import { walkForward } from '#desk/backtest/walk-forward.ts';
import type { Mark, Opportunity, SizingPolicy, WalkForwardDecision } from '#desk/backtest/walk-forward.ts';
import {
  politisWhiteBlockLength,
  stationaryBootstrapIndices,
  stationaryBootstrapMeanCI,
} from '#desk/engine/bootstrap.ts';
import { kellyEmpirical } from '#desk/engine/kelly-empirical.ts';
import { rawKelly } from '#desk/engine/kelly.ts';
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
import { deflatedSharpe, minTrackRecord, pairedComparison, psr } from '#desk/engine/sharpe.ts';
import { tradeStats } from '#desk/engine/trade-stats.ts';
import { money } from '#shared/units.ts';

const RUNS = { numRuns: 1000 };

const real = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const seeds = fc.integer({ min: -(2 ** 31), max: 2 ** 32 });

const kelly = kellyPolicy('kelly', {
  limits: { multiplier: 1 / 3, cap: 0.25, minFraction: 0.01 },
  evidenceTrades: 4,
  payoffTrades: 2,
  minimum: { trades: 3, wins: 1, losses: 1 },
  scratchR: 0.05,
  lookBack: 60,
  resolvedPredictions: null,
  riskCap: 0.06,
  evaluation: { contracts: 1, maxRisk: 0.05 },
});

const policies = fc.constantFrom<SizingPolicy>(fixedContracts(2), fixedFractional(0.03), kelly);

const amounts = fc.integer({ min: -4_000_000, max: 6_000_000 }).map(money);

const details = fc.record({
  symbol: fc.constantFrom('MNQ', 'MES'),
  winProbability: real(0.3, 0.9),
  riskPerContract: fc.integer({ min: 200_000, max: 2_000_000 }).map(money),
  netPerContract: amounts,
});

const journals = fc
  .array(fc.record({ entry: fc.integer({ min: 0, max: 100 }), length: fc.nat(40), details, loss: amounts }), {
    minLength: 2,
    maxLength: 16,
  })
  .map((rows) => ({
    opportunities: rows.map(({ entry, length, details: rest }, id): Opportunity => {
      return { id, entry, exit: entry + length, ...rest };
    }),
    marks: rows.map(({ entry, length, loss }, id): Mark => ({ id, at: entry + length / 2, pnlPerContract: loss })),
  }));

type Journal = { readonly opportunities: readonly Opportunity[]; readonly marks: readonly Mark[] };

const decide = ({ opportunities, marks }: Journal, policy: SizingPolicy): readonly WalkForwardDecision[] =>
  walkForward(opportunities, {
    policy,
    marks,
    initialEquity: money(100_000_000),
    maxContracts: 20,
    limits: (batch) => batch.map(({ context, contracts }) => contracts - Math.min(1, context.open.length)),
  }).decisions;

/** Everything dated at or after `at` gets other values: outcomes, exits, marks, and all of later opportunities. */
function otherFuture(journal: Journal, at: number, noise: () => number): Journal {
  const opportunities = journal.opportunities.flatMap((opportunity): Opportunity[] => {
    const { entry, exit, netPerContract } = opportunity;
    if (exit < at) return [opportunity];
    const outcome = {
      exit: Math.max(entry, at) + Math.floor(50 * noise()),
      netPerContract: money(netPerContract - 1 - Math.floor(1e7 * noise())),
    };
    if (entry <= at) return [{ ...opportunity, ...outcome }];
    if (noise() < 0.2) return [];
    const later = {
      entry: entry + 1,
      exit: outcome.exit + 2,
      winProbability: 0.3 + 0.6 * noise(),
      riskPerContract: money(200_000 + Math.floor(1e6 * noise())),
    };
    return [{ ...opportunity, ...outcome, ...later, symbol: 'OTHER' }];
  });
  const marks = journal.marks.map((mark) =>
    mark.at < at ? mark : { ...mark, pnlPerContract: money(Math.floor(-1e7 * noise())) },
  );
  return { opportunities, marks };
}

describe('no look-ahead (property 12)', () => {
  it('perturbing everything dated at or after a decision changes neither it nor any before it', () => {
    fc.assert(
      fc.property(journals, policies, fc.nat(), seeds, (journal, policy, pick, seed) => {
        const decisions = decide(journal, policy);
        const { at } = decisions[pick % decisions.length]!;
        const noise = createPrng(seed);
        const changed = decide(
          otherFuture(journal, at, () => noise.nextDouble()),
          policy,
        );
        const upTo = (all: readonly WalkForwardDecision[]) => all.filter((decision) => decision.at <= at);
        expect(upTo(changed)).toStrictEqual(upTo(decisions));
      }),
      RUNS,
    );
  });

  it('holds for each field of each later trade alone', () => {
    const at = (i: number): Opportunity => ({
      id: i,
      symbol: 'MNQ',
      entry: 10 * i,
      exit: 10 * i + (i % 3 === 0 ? 25 : 5),
      winProbability: 0.6 + 0.01 * i,
      riskPerContract: money(400_000 + 10_000 * i),
      netPerContract: money(i % 2 ? 700_000 : -400_000),
    });
    const opportunities = Array.from({ length: 12 }, (_, i) => at(i));
    const changes: readonly Partial<Opportunity>[] = [
      { netPerContract: money(-90_000_000) },
      { exit: 1000 },
      { winProbability: 0.31 },
      { riskPerContract: money(1_900_000) },
      { symbol: 'OTHER' },
    ];
    const decisions = decide({ opportunities, marks: [] }, kelly);
    let mutations = 0;
    for (const { at: moment } of decisions) {
      for (const [i, opportunity] of opportunities.entries()) {
        for (const change of changes) {
          const isOutcome = 'netPerContract' in change || 'exit' in change;
          const isFuture = isOutcome ? opportunity.exit >= moment : opportunity.entry > moment;
          if (!isFuture) continue;
          mutations += 1;
          const mutated = opportunities.with(i, { ...opportunity, ...change });
          const after = decide({ opportunities: mutated, marks: [] }, kelly).filter(
            (decision) => decision.at <= moment,
          );
          expect(after).toStrictEqual(decisions.filter((decision) => decision.at <= moment));
        }
      }
    }
    expect(mutations).toBeGreaterThanOrEqual(48);
  });

  it('has teeth: what closed before a decision does change it', () => {
    const trade = (id: number, entry: number, net: number): Opportunity => ({
      id,
      symbol: 'MNQ',
      entry,
      exit: entry + 1,
      winProbability: 0.7,
      riskPerContract: money(400_000),
      netPerContract: money(net),
    });
    const history = [500_000, -400_000, 600_000, -300_000].map((net, i) => trade(i, 2 * i, net));
    const last = (first: number) =>
      decide({ opportunities: [trade(0, 0, first), ...history.slice(1), trade(9, 50, 0)], marks: [] }, kelly).at(-1);
    expect(last(500_000)).not.toEqual(last(5_000_000));
  });
});

describe('full Kelly (property 18)', () => {
  it('has ruin exponent 1 for every binary bet', () => {
    fc.assert(
      fc.property(real(0.05, 0.95), real(0.1, 10), (p, b) => {
        const f = rawKelly(p, b);
        fc.pre(f > 0.005);
        const exponent = ruinExponent({ values: [b, -1], probabilities: [p, 1 - p] }, f);
        expect(exponent.ok && exponent.value).toBeCloseTo(1, 9);
      }),
      RUNS,
    );
  });

  const thousandths = fc.integer({ min: -3000, max: 5000 }).map((x) => x / 1000);

  it('has ruin exponent 1 for every sample of trades', () => {
    fc.assert(
      fc.property(fc.array(thousandths, { minLength: 2, maxLength: 30 }), (R) => {
        const optimum = kellyEmpirical(R);
        if (!optimum.ok) throw new Error(optimum.error.field);
        const f = optimum.value.fraction ?? 0;
        // At the ruinous fraction itself the maximum is at the border, not where the slope is 0.
        fc.pre(f > 0.005 && f * -Math.min(...R) < 0.999);
        const exponent = ruinExponent({ values: R }, f);
        expect(exponent.ok && exponent.value).toBeCloseTo(1, 8);
      }),
      RUNS,
    );
  });
});

describe('reproducible resampling (property 19)', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  const series = fc.array(real(-2, 3), { minLength: 1, maxLength: 20 });
  const forbidChance = () => {
    vi.spyOn(Math, 'random').mockImplementation(() => {
      throw new Error('unseeded randomness');
    });
  };

  it('gives the same indices, interval and paths for the same seed', () => {
    forbidChance();
    fc.assert(
      fc.property(series, seeds, real(1, 12), (values, seed, meanBlock) => {
        const shape = { n: values.length, length: 25, meanBlock };
        const indices = () => stationaryBootstrapIndices(shape, createPrng(seed));
        expect(indices()).toStrictEqual(indices());
        const interval = () => stationaryBootstrapMeanCI(values, { meanBlock, resamples: 9, seed, confidence: 0.9 });
        expect(interval()).toStrictEqual(interval());
        const paths = () => monteCarloTrades(values, { f: 0.05, trades: 10, paths: 9, meanBlock, seed, fanPoints: 3 });
        expect(paths()).toStrictEqual(paths());
      }),
      RUNS,
    );
  });

  it('draws every index inside the series', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), seeds, real(0.2, 12), (n, seed, meanBlock) => {
        const indices = stationaryBootstrapIndices({ n, length: 60, meanBlock }, createPrng(seed));
        if (!indices.ok) throw new Error(indices.error.field);
        expect(indices.value.every((index) => Number.isInteger(index) && index >= 0 && index < n)).toBe(true);
      }),
      RUNS,
    );
  });
});

/** Every number inside a value. */
function numbersIn(value: unknown): readonly number[] {
  if (typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersIn) : [];
}

/** What leaves the engine on success holds no NaN and no infinity; a refusal names its field. */
function expectFinite(
  result:
    { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: { readonly field: string } },
): void {
  if (result.ok) expect(numbersIn(result.value).filter((x) => !Number.isFinite(x))).toEqual([]);
  else expect(result.error.field).not.toBe('');
}

describe('finite or null (property 20)', () => {
  const wild = fc.oneof(
    { weight: 8, arbitrary: real(-5, 5) },
    fc.constantFrom(0, -0, 1, -1, 1e-300, -1e-300, 5e-324, 1e12, -1e12),
    { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity) },
  );
  const tame = fc.oneof(
    { weight: 6, arbitrary: real(-0.2, 0.2) },
    fc.constantFrom(0, -0, 0.1, 1e-300, 5e-324, -0.999999, 9),
  );
  const wildSeries = fc.array(wild, { maxLength: 25 });
  const tameSeries = fc.array(fc.oneof({ weight: 40, arbitrary: tame }, fc.constantFrom(NaN, -1, -1.5)), {
    maxLength: 25,
  });

  it('holds for statistics of returns', () => {
    fc.assert(
      fc.property(tameSeries, tameSeries, fc.constantFrom(1, 12, 252, 1e6), (a, b, periodsPerYear) => {
        const length = Math.min(a.length, b.length);
        expectFinite(performance(a, { periodsPerYear }));
        expectFinite(pairedComparison(a.slice(0, length), b.slice(0, length)));
        expectFinite(politisWhiteBlockLength(a));
      }),
      RUNS,
    );
  });

  it('holds for statistics of trades', () => {
    fc.assert(
      fc.property(wildSeries, wild, seeds, (R, x, seed) => {
        expectFinite(tradeStats(R, x));
        expectFinite(vinceOptimalF(R));
        expectFinite(vinceTWR(R, x));
        expectFinite(stationaryBootstrapMeanCI(R, { meanBlock: 2, resamples: 5, seed, confidence: 0.9 }));
        expectFinite(monteCarloTrades(R, { f: Math.abs(x), trades: 7, paths: 5, meanBlock: 2, seed, fanPoints: 2 }));
      }),
      RUNS,
    );
  });

  it('holds for Sharpe statistics', () => {
    fc.assert(
      fc.property(
        wild,
        wild,
        wild,
        fc.integer({ min: -1, max: 500 }),
        real(0, 1),
        (sharpe, skew, kurt, n, confidence) => {
          const sample = { sharpe, n, skew, kurt };
          expectFinite(psr(sample, skew));
          expectFinite(deflatedSharpe(sample, { count: n, varSharpeAnn: kurt }, 252));
          expectFinite(minTrackRecord(sample, skew, confidence));
        },
      ),
      RUNS,
    );
  });

  it('holds for ruin and drawdown', () => {
    fc.assert(
      fc.property(wildSeries, wild, wild, wild, (values, x, y, z) => {
        const exponent = ruinExponent({ values }, x);
        expectFinite(exponent);
        if (exponent.ok)
          expectFinite({ ok: true, value: [ruinBound(exponent.value, 0.5), ruinBound(exponent.value, 0)] });
        expectFinite(lundbergRuin({ values }, x));
        expectFinite(probEverReach(x, y));
        expectFinite(probUpBeforeDown(x, { up: y, down: z }));
        expectFinite(expectedMaxDrawdownZeroDrift(x, y));
        expectFinite(expectedMaxDrawdownPositiveDrift({ periods: x, mu: y, sigma: z }));
        expectFinite(tradesToDouble({ winProbability: x, payoffRatio: y, fraction: z }));
      }),
      RUNS,
    );
  });

  it('holds for the walk, the overrides and the verdict', () => {
    fc.assert(
      fc.property(journals, policies, tameSeries, seeds, (journal, policy, returns, seed) => {
        expectFinite({ ok: true, value: decide(journal, policy) });
        const trades = journal.opportunities.map(({ id, netPerContract: net }) => ({
          id,
          suggested: 1,
          executed: 0,
          net,
        }));
        expectFinite({ ok: true, value: overrideIntervals(trades, seed) });
        const short = returns.slice(0, 4);
        const trials = { count: 13, varSharpeAnn: 0.2 };
        const pair = { kelly: short, averageFraction: short.toReversed() };
        expectFinite(sizingVerdict({ ...pair, trials, decisions: 5, periodsPerYear: 252, seed }));
      }),
      RUNS,
    );
  });
});
