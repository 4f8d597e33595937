import { priorCorrelation } from '#desk/engine/correlation.ts';
import type { Trade } from '#shared/domain/order.ts';
import type { SizingSnapshot } from '#shared/domain/sizing.ts';

/** Everything the desk knows, raw: nothing is kept between two decisions. */
export type World = {
  readonly roots: readonly string[];
  /** closes[t][k] of root k, oldest first. */
  readonly closes: readonly (readonly number[])[];
  readonly trades: readonly Trade[];
  /** Without samples and correlations: those are what is computed. */
  readonly known: Omit<SizingSnapshot, 'samples' | 'correlations'>;
};

/** The figures of a decision that both versions must agree on. */
export type Answer = {
  readonly contracts: number;
  readonly fraction: number;
  readonly riskPerContract: number;
  readonly heatAfter: number;
  readonly clusterAfter: number;
};

const LAMBDA = 0.97;
const PRIOR_STRENGTH = 60;
const DAY_MS = 86_400_000;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Correlations of all roots from the closes: weighted by recency, zero mean, pulled to the prior. */
function correlations({ roots, closes }: World): number[][] {
  const returns = closes.slice(1).map((row, t) => row.map((close, k) => close / closes[t]![k]! - 1));
  const weights = returns.map((_, t) => LAMBDA ** (returns.length - 1 - t));
  const total = sum(weights);
  const covariance = roots.map((_, i) =>
    roots.map((__, j) => sum(returns.map((row, t) => weights[t]! * (row[i]! * row[j]!))) / total),
  );
  const shrink = PRIOR_STRENGTH / (returns.length + PRIOR_STRENGTH);
  return roots.map((a, i) =>
    roots.map((b, j) => {
      if (i === j) return 1;
      const estimate = covariance[i]![j]! / Math.sqrt(covariance[i]![i]! * covariance[j]![j]!);
      return (1 - shrink) * Math.min(1, Math.max(-1, estimate)) + shrink * priorCorrelation(a, b);
    }),
  );
}

type Sample = { readonly wins: readonly Trade[]; readonly losses: readonly Trade[] };

function sampleOf({ trades, known }: World): Sample {
  const { now, config, instrument } = known;
  const from = now - config.sample.lookBackDays * DAY_MS;
  const own = trades.filter((t) => t.exitAt >= from && t.exitAt < now && t.root === instrument.root && t.r !== null);
  const counted = own.filter((t) => Math.abs(t.r!) > config.sample.scratchR);
  return { wins: counted.filter((t) => t.r! > 0), losses: counted.filter((t) => t.r! <= 0) };
}

function payoffRatio({ wins, losses }: Sample, pseudoTrades: number): number {
  const [sumWins, sumLosses] = [sum(wins.map((t) => t.r!)), -sum(losses.map((t) => t.r!))];
  const typical = (sumWins + sumLosses) / (wins.length + losses.length);
  const padded = (total: number, count: number): number => (total + pseudoTrades * typical) / (count + pseudoTrades);
  const plain = sumWins / wins.length / (sumLosses / losses.length);
  return Math.min(plain, padded(sumWins, wins.length) / padded(sumLosses, losses.length));
}

function fractionOf(sample: Sample, { opinions, config, watch }: World['known']): number {
  const p = config.weights.lstm * opinions.lstm!.confidence! + config.weights.ensemble * opinions.ensemble!.confidence!;
  const b = payoffRatio(sample, config.payoffTrades);
  const full = p - (1 - p) / b;
  const trades = Math.min(sample.wins.length + sample.losses.length, watch.resolved);
  const { multiplier } = config;
  const dial =
    multiplier.mode === 'fixed'
      ? multiplier.value
      : Math.min(multiplier.max, 2 / (1 + Math.log(multiplier.beta) / Math.log(multiplier.alpha)));
  const scaled = dial * (trades / (trades + config.evidenceTrades)) * full;
  return scaled < config.minFraction ? 0 : Math.min(config.fractionCap, scaled);
}

/** The book with `own` risk of the decided market added, every correlated exposure of it. */
function exposureWith(world: World, rho: readonly (readonly number[])[], own: number): { heat: number; worst: number } {
  const { known, roots } = world;
  const { instrument, exposures, equity, config } = known;
  const members = [
    ...exposures.map(({ root, direction, risk }) => ({ root, direction, risk: risk / equity })),
    { root: instrument.root, direction: known.opinions.lstm!.direction!, risk: own / equity },
  ].filter(({ risk }) => risk > 0);
  const clusters = members.map((a) => {
    const partners = members
      .filter((b) => b !== a)
      .map((b) => {
        const signed = rho[roots.indexOf(a.root)]![roots.indexOf(b.root)]! * a.direction * b.direction;
        return signed >= config.rhoMin - 1e-9 ? signed * b.risk : 0;
      });
    return { value: a.risk + sum(partners), isClustered: partners.some((risk) => risk > 0) };
  });
  const worst = Math.max(0, ...clusters.filter((c) => c.isClustered).map((c) => c.value));
  return { heat: sum(members.map(({ risk }) => risk)), worst };
}

/**
 * Sizes one decision the straightforward way: statistics, correlations and limits all again from the raw history, one
 * contract at a time. It covers a standing signal with an edge, no rivals and no warning breaker, which is what is
 * measured; anything else is the engine's business.
 */
export function recompute(world: World, rho: readonly (readonly number[])[] = correlations(world)): Answer {
  const { known } = world;
  const { config, equity, instrument, plan, exposures } = known;
  const sample = sampleOf(world);
  const fraction = fractionOf(sample, known);
  const stopRisk = (plan!.stopDistance + instrument.slippageTicks) * instrument.tickValue + instrument.roundTurnFee;
  const averageLoss = -sum(sample.losses.map((t) => t.net)) / sum(sample.losses.map((t) => t.quantity));
  const capital = Math.max(stopRisk, Math.ceil(averageLoss));
  const margin = sum(exposures.map((e) => e.margin ?? 0));
  const fits = (n: number): boolean => {
    const { heat, worst } = exposureWith(world, rho, n * stopRisk);
    return (
      n <= config.maxContracts &&
      n * capital <= fraction * equity &&
      n * stopRisk <= config.maxRiskPerTrade * equity &&
      margin + n * (instrument.initialMargin ?? 0) <= config.maxMarginShare * equity &&
      heat <= config.maxHeat &&
      worst <= config.maxCluster
    );
  };
  let contracts = 0;
  while (fits(contracts + 1)) contracts += 1;
  const { heat, worst } = exposureWith(world, rho, contracts * stopRisk);
  return { contracts, fraction, riskPerContract: stopRisk, heatAfter: heat, clusterAfter: worst };
}

/** Every market sized again as `recompute` does, with one table of correlations for all of them. */
export function recomputeAll(world: World, instruments: readonly SizingSnapshot['instrument'][]): readonly Answer[] {
  const rho = correlations(world);
  return instruments.map((instrument) => recompute({ ...world, known: { ...world.known, instrument } }, rho));
}
