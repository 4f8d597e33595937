import type { PolicySpec } from '#shared/domain/policy.ts';
import type { SizingConfig, SizingSnapshot } from '#shared/domain/sizing.ts';
import { assertNever, type Result } from '#shared/result.ts';
import { capitalPerContract } from '#desk/engine/capital.ts';
import { bakerMcHale, logPayoffSE } from '#desk/engine/estimation.ts';
import { estimateOf, multiplierOf, type Estimate } from '#desk/engine/fraction-ladder.ts';
import { zeroReason } from '#desk/engine/gates.ts';
import type { InvalidInput } from '#desk/engine/invalid-input.ts';
import { kellyTilted } from '#desk/engine/kelly-empirical.ts';
import { limitFraction } from '#desk/engine/kelly.ts';
import { vinceOptimalF } from '#desk/engine/optimal-f.ts';
import { recommendedFraction } from '#desk/engine/recommended-fraction.ts';
import type { RuleAnswer, SizingRule } from '#desk/engine/resize.ts';
import { riskConstrainedKelly } from '#desk/engine/risk-constrained.ts';
import { volTarget } from '#desk/engine/vol-target.ts';
import { usdOf, type Money } from '#shared/units.ts';
import { samplesOf, type SampleWindows, type ScopeWindows } from './sample-windows.ts';
import type { Case } from './tape.ts';
import type { DailyVolatility } from './volatility.ts';

/** What rules read of the past beside the snapshot; both know nothing dated at or after the case. */
export type RuleSources = { readonly windows: SampleWindows; readonly volatility: DailyVolatility };

/** Makes the sizing rule of one policy for one case. */
export type PolicyRule = (item: Case) => SizingRule;

const EVALUATION: RuleAnswer = { kind: 'evaluation' };

const must = <T>(result: Result<T, InvalidInput>): T => {
  if (!result.ok) throw new RangeError(`sizing input out of domain: ${result.error.field} is ${result.error.value}`);
  return result.value;
};

const noEdge = (value: number): RuleAnswer => ({ kind: 'zero', zero: zeroReason('no-edge', { value, limit: 0 }) });

/** Cap and minimum of the desk on a scaled fraction, and the capital a contract takes of it. */
function sizeOf(
  scaled: number,
  capital: number,
  config: Pick<SizingConfig, 'fractionCap' | 'minFraction'>,
): RuleAnswer {
  if (!(scaled > 0)) return noEdge(scaled);
  const { fraction } = limitFraction(scaled, config.fractionCap, config.minFraction);
  if (fraction > 0) return { kind: 'size', kelly: { fraction, capital } };
  return { kind: 'zero', zero: zeroReason('below-minimum', { value: scaled, limit: config.minFraction }) };
}

/** The desk's own scheme under these settings. */
function kellyAnswer(
  item: Case,
  { snapshot, stopRisk, lambda }: { snapshot: SizingSnapshot; stopRisk: Money; lambda: number },
): RuleAnswer {
  const { config } = snapshot;
  const estimate = estimateOf(snapshot);
  if (estimate === null) return EVALUATION;
  const { sample, payoff } = estimate;
  if (payoff.used <= 0) return noEdge(payoff.used);
  const found = must(
    recommendedFraction({
      winProbability: item.winProbability,
      sample: { wins: sample.wins, losses: sample.losses, sumWins: sample.sumWinR, sumLosses: sample.sumLossR },
      resolvedPredictions: snapshot.watch.resolved,
      limits: { multiplier: lambda, cap: config.fractionCap, minFraction: config.minFraction },
      evidenceTrades: config.evidenceTrades,
      payoffTrades: config.payoffTrades,
      minimum: { trades: 0, wins: 0, losses: 0 },
    }),
  );
  if (found.status === 'NO_EDGE') return noEdge(found.full ?? 0);
  const averageLoss = sample.averageLossPerContract;
  const capital = capitalPerContract({ snapshot, stopRisk, averageLoss });
  if (found.fraction <= 0) {
    const limit = config.minFraction;
    return { kind: 'zero', zero: zeroReason('below-minimum', { value: found.scaled, limit }) };
  }
  if (capital === null) return { kind: 'zero', zero: zeroReason('buying-power', { subject: config.basis }) };
  return { kind: 'size', kelly: { fraction: found.fraction, capital } };
}

/** Trades of the scope an estimate was taken from. */
type Sampled = { readonly estimate: Estimate; readonly returnsR: readonly number[] };

function sampledOf(item: Case, { windows }: RuleSources): Sampled | null {
  const { config } = item.snapshot;
  const { lookBackDays, scratchR } = config.sample;
  const scopes: ScopeWindows = windows.of(item, lookBackDays, scratchR);
  const samples = samplesOf(scopes, item.at, lookBackDays);
  const estimate = estimateOf({ samples, config });
  return estimate === null ? null : { estimate, returnsR: scopes[estimate.sample.scope].returnsR };
}

/** Kelly at the estimates as they are, with the errors of both. */
function bakerMcHaleAnswer(item: Case, sampled: Sampled, factor: number, stopRisk: Money): RuleAnswer {
  const { snapshot, winProbability } = item;
  const { scratchR } = snapshot.config.sample;
  const wins = sampled.returnsR.filter((r) => r > scratchR);
  const losses = sampled.returnsR.filter((r) => r < -scratchR).map((r) => -r);
  const payoff = must(logPayoffSE(wins, losses));
  const trades = Math.min(wins.length + losses.length, Math.max(1, snapshot.watch.resolved));
  const shrunk = must(
    bakerMcHale({
      winProbability,
      payoffRatio: payoff.payoffRatio,
      probabilityError: Math.sqrt((winProbability * (1 - winProbability)) / trades),
      ...(payoff.standardError === null ? {} : { logPayoffError: payoff.standardError }),
    }),
  );
  const averageLoss = sampled.estimate.sample.averageLossPerContract;
  const capital = capitalPerContract({ snapshot, stopRisk, averageLoss });
  if (capital === null) {
    return { kind: 'zero', zero: zeroReason('buying-power', { subject: snapshot.config.basis }) };
  }
  return sizeOf(factor * shrunk.shrunkFraction, capital, snapshot.config);
}

/** Fractions per 1R of stop risk; per worst loss for optimal f. They hang on the window alone, and are solved once. */
function createEmpirical() {
  const solved = new WeakMap<readonly number[], { readonly optimalF: number | null; readonly worst: number }>();
  const constrained = new Map<string, WeakMap<readonly number[], number | null>>();
  return {
    optimalF: (returnsR: readonly number[]) => {
      const known = solved.get(returnsR);
      if (known !== undefined) return known;
      const worst = -Math.min(0, ...returnsR);
      const made = { optimalF: must(vinceOptimalF(returnsR)).optimalF, worst };
      solved.set(returnsR, made);
      return made;
    },
    riskConstrained: (returnsR: readonly number[], dial: { readonly alpha: number; readonly beta: number }) => {
      const key = `${dial.alpha} ${dial.beta}`;
      const cache = constrained.get(key) ?? new WeakMap<readonly number[], number | null>();
      constrained.set(key, cache);
      const known = cache.get(returnsR);
      if (known !== undefined) return known;
      const found = must(riskConstrainedKelly({ ...dial, returnsR }));
      const fraction = found.status === 'UNBOUNDED_NO_LOSS' ? null : found.fraction;
      cache.set(returnsR, fraction);
      return fraction;
    },
  };
}

/** A policy that estimates from trades: the evaluation size while there are too few, or none of them lost. */
const sampledRule =
  (
    sources: RuleSources,
    answer: (item: Case, sampled: Sampled, at: Parameters<SizingRule>[1]) => RuleAnswer,
  ): PolicyRule =>
  (item) =>
  (_snapshot, at) => {
    const sampled = sampledOf(item, sources);
    return sampled === null ? EVALUATION : answer(item, sampled, at);
  };

function recommendedRule(spec: Extract<PolicySpec, { kind: 'recommended' }>, { windows }: RuleSources): PolicyRule {
  return (item) =>
    (snapshot, { stopRisk, breakerFactor }) => {
      const { config } = item.snapshot;
      const lookBackDays = spec.lookBackDays ?? config.sample.lookBackDays;
      const samples =
        spec.lookBackDays === null
          ? snapshot.samples
          : samplesOf(windows.of(item, lookBackDays, config.sample.scratchR), item.at, lookBackDays);
      const changed = { ...config, evidenceTrades: spec.evidenceTrades ?? config.evidenceTrades };
      const lambda = (spec.multiplier ?? multiplierOf(config.multiplier)) * breakerFactor;
      return kellyAnswer(item, { snapshot: { ...snapshot, samples, config: changed }, stopRisk, lambda });
    };
}

/**
 * Returns the sizing rule of a policy. λ and its like carry the breaker factor; fixed sizes do not, and have the halved
 * risk ceiling above them like all others. Policies that estimate from trades take the evaluation size until there are
 * enough.
 * @source quant.md 8.3
 */
export function ruleOf(spec: PolicySpec, sources: RuleSources): PolicyRule {
  switch (spec.kind) {
    case 'fixed-contracts': {
      const answer: RuleAnswer = { kind: 'size', kelly: { contracts: spec.contracts } };
      return () => () => answer;
    }
    case 'fixed-fractional':
      return fractionRule(spec.fraction);
    case 'kelly':
      return (item) =>
        (snapshot, { stopRisk, breakerFactor }) => {
          const config = { ...item.snapshot.config, evidenceTrades: 0, payoffTrades: 0 };
          return kellyAnswer(item, {
            snapshot: { ...snapshot, config },
            stopRisk,
            lambda: spec.multiplier * breakerFactor,
          });
        };
    case 'recommended':
      return recommendedRule(spec, sources);
    case 'baker-mchale':
      return sampledRule(sources, (item, sampled, { stopRisk, breakerFactor }) =>
        bakerMcHaleAnswer(item, sampled, spec.multiplier * breakerFactor, stopRisk),
      );
    case 'tilted-kelly':
      return sampledRule(sources, (item, { returnsR }, { stopRisk, breakerFactor }) => {
        const { config } = item.snapshot;
        const { fraction } = must(kellyTilted(returnsR, item.winProbability, config.sample.scratchR));
        return fraction === null ? EVALUATION : sizeOf(spec.multiplier * breakerFactor * fraction, stopRisk, config);
      });
    case 'optimal-f':
    case 'risk-constrained':
      return empiricalRule(spec, sources);
    case 'volatility-target':
      return () => (snapshot) => volatilityAnswer(snapshot, spec.annualVolatility, sources.volatility);
    default:
      return assertNever(spec);
  }
}

/** A constant share of equity against the stop; without a minimum, for the benchmark has none. */
export function fractionRule(fraction: number): PolicyRule {
  return () =>
    (_snapshot, { stopRisk }) => ({ kind: 'size', kelly: { fraction, capital: stopRisk } });
}

function empiricalRule(
  spec: Extract<PolicySpec, { kind: 'optimal-f' | 'risk-constrained' }>,
  sources: RuleSources,
): PolicyRule {
  const empirical = createEmpirical();
  return sampledRule(sources, (item, { returnsR }, { stopRisk, breakerFactor }) => {
    const { config } = item.snapshot;
    if (spec.kind === 'risk-constrained') {
      const fraction = empirical.riskConstrained(returnsR, spec);
      return fraction === null ? EVALUATION : sizeOf(breakerFactor * fraction, stopRisk, config);
    }
    const { optimalF, worst } = empirical.optimalF(returnsR);
    if (optimalF === null) return EVALUATION;
    // One contract per |worst loss|/f: the capital is what the worst trade so far would lose of this stop.
    const capped = { ...config, fractionCap: Math.min(spec.cap, config.fractionCap) };
    return sizeOf(breakerFactor * optimalF, worst * stopRisk, capped);
  });
}

function volatilityAnswer(
  { instrument, plan, equity, now }: SizingSnapshot,
  annualVolatility: number,
  volatility: DailyVolatility,
): RuleAnswer {
  const dailyVolatility = volatility.of(instrument.symbol, now);
  const price = (plan?.entry ?? 0) * instrument.tickSize;
  // Without a known swing, or a price above 0, nothing says how much it is.
  if (dailyVolatility === null || !(price > 0)) return EVALUATION;
  const { contracts } = must(
    volTarget({
      spec: { pointValue: usdOf(instrument.tickValue) / instrument.tickSize },
      equity,
      targetAnnualVolatility: annualVolatility,
      price,
      dailyVolatility,
    }),
  );
  return { kind: 'size', kelly: { contracts } };
}
