import { DeskError } from '#shared/contract/errors.ts';
import type { RunHead } from '#shared/domain/backtest.ts';
import type { Statistic } from '#shared/domain/performance.ts';
import { policyKey, type PolicySpec } from '#shared/domain/policy.ts';
import type { Fold, SizingParameters, WalkForwardBook, WalkForwardRun } from '#shared/domain/walk-forward.ts';
import { epochMs, money } from '#shared/units.ts';
import { countedText } from '#shared/wording/names.ts';
import { policyLabel } from '#shared/wording/policies.ts';
import { LIVE_POLICY } from '#desk/backtest/catalogue.ts';
import { equityStatistics, returnsOf, sharpeOf, trialsOf } from '#desk/backtest/equity-statistics.ts';
import {
  bestOf,
  chooseFolds,
  combinationsOf,
  foldsOf,
  LEAST_FOLD_DAYS,
  LEAST_IN_SAMPLE_DAYS,
  rankCorrelation,
  scoreOf,
  specOf,
  switchingRule,
  tapeFrom,
  type ChosenFold,
  type FoldDays,
} from '#desk/backtest/folds.ts';
import { replayPolicy, type ReplaySettings } from '#desk/backtest/replay.ts';
import { ruleOf } from '#desk/backtest/sizing-rules.ts';
import type { Tape } from '#desk/backtest/tape.ts';
import type { Walk } from '#desk/backtest/walk.ts';
import { ENGINE_VERSION } from '#desk/decisions/recommendations.ts';
import { meanOf } from '#desk/engine/numerics.ts';
import type { Trials } from '#desk/engine/sharpe.ts';
import { createBenchPool } from './bench-pool.ts';
import { journalOf } from './job-journal.ts';
import { seriesOf } from './policy-bench.ts';
import { FILES, writePacked, writeRun } from './run-store.ts';
import type { JobProgress, WalkForwardJob } from './thread-messages.ts';

/** Shares of the way: reading the journal, walking every combination; the rest is the accounts out of sample. */
const READ_SHARE = 0.15;
const WALK_SHARE = 0.75;

type Say = (progress: JobProgress) => void;

function mustHaveFolds({ request }: WalkForwardJob, tape: Tape): readonly FoldDays[] {
  const days = tape.days.names.length;
  const folds = foldsOf(days, request);
  if (folds !== null) return folds;
  throw new DeskError({
    code: 'refused',
    message: `${countedText(days, 'session day')} are too few for ${countedText(request.folds, 'fold')}`,
    field: 'request.folds',
    value: String(request.folds),
    remedy: `The first choice needs ${LEAST_IN_SAMPLE_DAYS} days, each fold after it ${LEAST_FOLD_DAYS}: ask for fewer folds, or a wider range.`,
  });
}

/** What was tried: daily returns under every combination, each on its own account from the first day. */
type Tried = {
  readonly tape: Tape;
  readonly days: readonly FoldDays[];
  readonly returns: readonly (readonly number[])[];
};

/** Reads the journal and tries every combination on it. */
async function tryAll(job: WalkForwardJob, combinations: readonly SizingParameters[], say: Say): Promise<Tried> {
  const specs = combinations.map(specOf);
  const pool = createBenchPool(job.folder, Math.min(job.request.workers, specs.length));
  try {
    const { tape, close } = await pool.read(job, (share, phase) => say({ share: READ_SHARE * share, phase }));
    close();
    const days = mustHaveFolds(job, tape);
    const total = Math.max(1, specs.length * tape.cases.length);
    const closes = await pool.closesAll(specs, (cases) =>
      say({
        share: READ_SHARE + (WALK_SHARE * cases) / total,
        phase: `Trying ${countedText(specs.length, 'combination')}`,
      }),
    );
    return { tape, days, returns: closes.map((series) => returnsOf(tape.initialEquity, series)) };
  } finally {
    await pool.close();
  }
}

type Account = {
  readonly key: string;
  readonly label: string;
  readonly spec: PolicySpec;
  readonly rule: ReplaySettings['rule'];
  readonly trials: Trials;
};

const HINDSIGHT = 'hindsight';

/** The accounts that are held against one another, all from the first day out of sample on. */
function accountsOf(
  folds: readonly ChosenFold[],
  combinations: readonly SizingParameters[],
  { splits, best, trials }: { readonly splits: readonly number[]; readonly best: number; readonly trials: Trials },
): readonly Account[] {
  const at = (index: number): SizingParameters => {
    const found = combinations[index];
    if (found === undefined) throw new RangeError(`no combination ${index}`);
    return found;
  };
  const hindsight = specOf(at(best));
  return [
    {
      ...{ key: 'walk-forward', label: 'Walk-forward', spec: LIVE_POLICY, trials },
      rule: switchingRule(
        folds.map(({ chosen }) => at(chosen)),
        splits,
      ),
    },
    {
      ...{ key: policyKey(LIVE_POLICY), label: policyLabel(LIVE_POLICY), spec: LIVE_POLICY },
      rule: (sources) => ruleOf(LIVE_POLICY, sources),
      // It was not chosen among these.
      trials: { count: 1, varSharpeAnn: 0 },
    },
    {
      ...{ key: HINDSIGHT, label: `Best in hindsight: ${policyLabel(hindsight)}`, spec: hindsight, trials },
      rule: (sources) => ruleOf(hindsight, sources),
    },
  ];
}

const bookOf = ({ key, label, trials }: Account, tape: Tape, walk: Walk): WalkForwardBook => ({
  ...{ key, label, finalEquity: money(walk.finalEquity) },
  statistics: equityStatistics(returnsOf(tape.initialEquity, walk.closes), trials),
});

/** A mean over folds, or why there is none. */
const meanStatistic = (values: readonly (number | null)[], reason: string): Statistic => {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? { value: null, reason } : { value: meanOf(known), reason: null };
};

function efficiencyOf(folds: readonly Fold[]): Statistic {
  const inSample = meanStatistic(
    folds.map(({ inSample: scores, chosen }) => scores[chosen] ?? null),
    'no score in sample is defined',
  );
  const outOfSample = meanStatistic(
    folds.map(({ score }) => score),
    'no score out of sample is defined',
  );
  if (inSample.value === null || outOfSample.value === null) return inSample.value === null ? inSample : outOfSample;
  if (inSample.value <= 0) return { value: null, reason: 'the choices did not even score above 0 in sample' };
  return { value: outOfSample.value / inSample.value, reason: null };
}

function foldsWithResults(
  chosen: readonly ChosenFold[],
  { tape, returns, job }: { readonly tape: Tape; readonly returns: readonly number[]; readonly job: WalkForwardJob },
): readonly Fold[] {
  const first = chosen[0]?.days.split ?? 0;
  const opens = (day: number): number => tape.days.opensAt[day] ?? tape.endAt;
  return chosen.map(({ days, ...fold }) => {
    const own = returns.slice(days.split - first, days.to - first);
    return {
      ...fold,
      ...{ from: epochMs(opens(days.from)), split: epochMs(opens(days.split)), to: epochMs(opens(days.to)) },
      score: scoreOf(own, job.request.score),
      growth: own.reduce((wealth, r) => wealth * (1 + r), 1) - 1,
    };
  });
}

function headOf(
  job: WalkForwardJob,
  tape: Tape,
  { accounts, begun }: { accounts: readonly Account[]; begun: number },
): RunHead {
  const { request, runId, startedAt, version } = job;
  const [first, last] = [tape.cases[0], tape.cases.at(-1)];
  return {
    ...{ runId, kind: 'walk-forward', name: request.name, at: startedAt, version, engineVersion: ENGINE_VERSION },
    ...{ seed: request.seed, journal: journalOf(tape), from: first?.at ?? null, to: last?.at ?? null },
    policies: accounts.map(({ key, label, spec }) => ({ key, label, spec })),
    ...{ decisions: tape.decisions, opportunities: tape.cases.length, durationMs: performance.now() - begun },
  };
}

const NOTES = [
  'Each choice is made on days that were over when it was taken up; the account that trades the choices starts with the first of them and goes through all folds.',
  'A deflated Sharpe ratio counts every combination that was tried. The best in hindsight was chosen on the very days it is shown on: it could not have been traded.',
];

/** Chooses the sizing parameters fold by fold, trades the choices on what follows, and writes the run. */
export async function runWalkForwardJob(job: WalkForwardJob, say: Say): Promise<void> {
  const begun = performance.now();
  const { request, folder } = job;
  const combinations = combinationsOf(request);
  const { tape, days, returns } = await tryAll(job, combinations, say);
  const chosen = chooseFolds(days, returns, request.score);
  const first = days[0]?.split ?? 0;
  const after = returns.map((series) => series.slice(first));
  const trials = trialsOf(after.map(sharpeOf));
  const splits = days.map(({ split }) => tape.days.opensAt[split] ?? Infinity);
  const best = bestOf(after.map((series) => scoreOf(series, request.score)));
  const accounts = accountsOf(chosen, combinations, { splits, best, trials });
  const outside = tapeFrom(tape, first);
  const walks = accounts.map(({ rule, label }, i) => {
    const share = READ_SHARE + WALK_SHARE + ((1 - READ_SHARE - WALK_SHARE) * i) / accounts.length;
    say({ share, phase: `Walking ${label} out of sample` });
    return replayPolicy(outside, { rule, isLive: false });
  });
  walks.forEach((walk, i) => writePacked(folder, FILES.series(i), seriesOf(outside, walk)));
  const folds = foldsWithResults(chosen, {
    ...{ tape, job },
    returns: returnsOf(outside.initialEquity, walks[0]?.closes ?? new Float64Array()),
  });
  const { multipliers, evidenceTrades, lookBackDays, inSampleShare, window, score } = request;
  const run: WalkForwardRun = {
    head: headOf(job, tape, { accounts, begun }),
    initialEquity: outside.initialEquity,
    setup: {
      ...{ multipliers, evidenceTrades, lookBackDays, folds: request.folds, inSampleShare, window, score },
    },
    combinations: [...combinations],
    folds: [...folds],
    books: accounts.flatMap((account, i) => {
      const walk = walks[i];
      return walk === undefined ? [] : [bookOf(account, outside, walk)];
    }),
    efficiency: efficiencyOf(folds),
    rankCorrelation: meanStatistic(
      folds.map(({ inSample, outOfSample }) => rankCorrelation(inSample, outOfSample)),
      'the scores of a fold do not differ',
    ),
    meanRank: meanStatistic(
      folds.map(({ rank }) => (rank === null ? null : (rank - 1) / Math.max(1, combinations.length - 1))),
      'no chosen combination has a score out of sample',
    ),
    changes: folds.filter(({ chosen: one }, i) => i > 0 && one !== folds[i - 1]?.chosen).length,
    trials,
    notes: NOTES,
  };
  writeRun(folder, { kind: 'walk-forward', run });
}
