import type { PolicyResult } from '#shared/domain/backtest.ts';
import { policyKey, type PolicySpec } from '#shared/domain/policy.ts';
import { epochMs, money } from '#shared/units.ts';
import { policyLabel } from '#shared/wording/policies.ts';
import type { Trials } from '#desk/engine/sharpe.ts';
import { isLivePolicy } from './catalogue.ts';
import { equityStatistics, returnsOf, sharpeOf, tradeFigures } from './equity-statistics.ts';
import { replayPolicy } from './replay.ts';
import { STATUSES, type Walk } from './walk.ts';
import { fractionRule, ruleOf } from './sizing-rules.ts';
import { standingVerdict } from './standing-verdict.ts';
import type { Case, Tape } from './tape.ts';

/** A size above this many times the executed one says little by its fills. */
const LIQUIDITY_FACTOR = 3;

/** A policy's walk with that of its benchmark: the constant fraction it put at risk on average. */
export type PolicyRun = {
  readonly spec: PolicySpec;
  readonly walk: Walk;
  readonly fixedFraction: number;
  /** Its daily equity: of its decisions nothing is told. */
  readonly benchmark: Pick<Walk, 'closes'>;
  readonly sharpe: number | null;
};

/** Statuses of decisions that an account could not size at all: they are nobody's decisions. */
const KEPT_OUT: ReadonlySet<string> = new Set([
  ...['halted', 'reducing', 'locked', 'session-closed', 'roll-guard', 'quote-stale', 'no-plan', 'breaker'],
  ...['position-open', 'order-working', 'exit-first', 'order-rate', 'no-equity', 'at-target'],
]);

/** Whether a status, by its number, is the policy's own. */
const IS_SIZED: readonly boolean[] = STATUSES.map((status) => !KEPT_OUT.has(status));

/** Indices of the cases a policy was free to size, whatever it made of them. */
export function sizedCases({ status }: Pick<Walk, 'status'>): readonly number[] {
  const sized: number[] = [];
  for (let index = 0; index < status.length; index += 1) {
    if (IS_SIZED[status[index] ?? 0] === true) sized.push(index);
  }
  return sized;
}

/** Mean share of equity at risk over the decisions a policy was free to size: what its benchmark bets on each. */
export function meanRiskFraction(walk: Walk): number {
  const sized = sizedCases(walk);
  if (sized.length === 0) return 0;
  return sized.reduce((sum, index) => sum + (walk.riskFraction[index] ?? 0), 0) / sized.length;
}

/** The median of the contracts the trader let through; 1 where nothing was. */
export function medianExecuted(cases: readonly Case[]): number {
  const sizes: number[] = [];
  for (const { executed } of cases) if (executed > 0) sizes.push(executed);
  sizes.sort((a, b) => a - b);
  return sizes[Math.floor((sizes.length - 1) / 2)] ?? 1;
}

export type Progress = (cases: number) => void;

/** Walks a policy and its benchmark of the same mean fraction. */
export function runPolicy(tape: Tape, spec: PolicySpec, onProgress?: Progress): PolicyRun {
  const walk = replayPolicy(tape, {
    rule: (sources) => ruleOf(spec, sources),
    isLive: isLivePolicy(spec),
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  const fixedFraction = meanRiskFraction(walk);
  const { closes } = replayPolicy(tape, {
    rule: () => fractionRule(fixedFraction),
    isLive: false,
    ...(onProgress === undefined ? {} : { onProgress: (cases: number) => onProgress(tape.cases.length + cases) }),
  });
  const sharpe = sharpeOf(returnsOf(tape.initialEquity, walk.closes));
  return { spec, walk, fixedFraction, benchmark: { closes }, sharpe };
}

/** Equity at the end of each session day under a policy, money: its walk alone, without a benchmark. */
export function closesUnder(tape: Tape, spec: PolicySpec, onProgress: Progress = () => undefined): Float64Array {
  return replayPolicy(tape, { rule: (sources) => ruleOf(spec, sources), isLive: false, onProgress }).closes;
}

/** The second benchmark, the same for all policies: always the median of the executed sizes. */
export const fixedContractsOf = ({ cases }: Pick<Tape, 'cases'>): Extract<PolicySpec, { kind: 'fixed-contracts' }> => ({
  kind: 'fixed-contracts',
  contracts: medianExecuted(cases),
});

/** Where the result of what was taken comes from, and how much of it says little. */
function takenFigures(tape: Tape, walk: Walk) {
  const sources = { executed: 0, missed: 0, shadow: 0, unresolved: 0 };
  let [taken, contracts, flags] = [0, 0, 0];
  tape.cases.forEach(({ outcome }, index) => {
    const size = walk.contracts[index] ?? 0;
    if (size === 0) return;
    taken += 1;
    contracts += size;
    sources[Number.isNaN(walk.net[index] ?? NaN) ? 'unresolved' : outcome.source] += 1;
    if (isFlagged(tape.cases[index], size)) flags += 1;
  });
  return { sources, taken, contracts, liquidityFlags: flags };
}

/** Whether a size is more than three times what was executed. */
export const isFlagged = (item: Case | undefined, contracts: number): boolean =>
  item !== undefined && item.outcome.source === 'executed' && contracts > LIQUIDITY_FACTOR * item.executed;

type ClosedColumns = Pick<Walk, 'filled' | 'net' | 'exitAt'>;

/** R of every taken opportunity that has closed, in order of its exit. */
export function returnsR({ cases }: Pick<Tape, 'cases'>, { filled, net, exitAt }: ClosedColumns): readonly number[] {
  // Indices, not objects: of a long tape there are very many, and for every policy.
  const closed: number[] = [];
  for (let index = 0; index < cases.length; index += 1) {
    if (filled[index] !== 0 && !Number.isNaN(net[index] ?? NaN)) closed.push(index);
  }
  closed.sort((a, b) => (exitAt[a] ?? 0) - (exitAt[b] ?? 0) || a - b);
  return closed.map((index) => (net[index] ?? NaN) / ((filled[index] ?? 0) * (cases[index]?.riskPerContract ?? NaN)));
}

/** Ends of the session days: the first moment of the next one, and the end of the tape. */
const dayEnds = ({ days, endAt }: Tape): readonly number[] =>
  days.names.map((_, day) => days.opensAt[day + 1] ?? endAt);

/** What policies are judged by: how many were tried and how their Sharpe ratios spread, and the second benchmark. */
export type JudgedBy = {
  readonly trials: Trials;
  readonly seed: number;
  /** Equity of the fixed contracts at the end of each session day, money. */
  readonly contracts: Float64Array;
};

/** Everything told of a policy, once all were walked. */
export function policyResult(tape: Tape, run: PolicyRun, { contracts, trials, seed }: JudgedBy): PolicyResult {
  const { spec, walk, benchmark, fixedFraction } = run;
  const returns = returnsOf(tape.initialEquity, walk.closes);
  const scratchR = tape.cases[0]?.snapshot.config.sample.scratchR ?? 0;
  const decided = sizedCases(walk).map((index) => tape.cases[index]?.at ?? 0);
  const { ruin } = walk;
  return {
    key: policyKey(spec),
    label: policyLabel(spec),
    spec,
    finalEquity: money(walk.finalEquity),
    openPnl: money(walk.openPnl),
    ruin: ruin === null ? null : { at: epochMs(ruin.at), reason: ruin.reason },
    ...takenFigures(tape, walk),
    meanRiskFraction: fixedFraction,
    maxHeat: walk.maxHeat,
    maxCluster: walk.maxCluster,
    statistics: equityStatistics(returns, trials),
    ...tradeFigures(returnsR(tape, walk), scratchR),
    verdict: {
      fixedFraction,
      fixedContracts: medianExecuted(tape.cases),
      ...standingVerdict({
        days: tape.days.names,
        endsAt: dayEnds(tape),
        kelly: returns,
        fixedFraction: returnsOf(tape.initialEquity, benchmark.closes),
        fixedContracts: returnsOf(tape.initialEquity, contracts),
        decidedAt: decided,
        trials,
        seed,
      }),
    },
  };
}
