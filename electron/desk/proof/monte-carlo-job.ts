import { DeskError } from '#shared/contract/errors.ts';
import type { RunHead } from '#shared/domain/backtest.ts';
import type { MonteCarloRun } from '#shared/domain/monte-carlo.ts';
import type { Statistic } from '#shared/domain/performance.ts';
import { policyKey } from '#shared/domain/policy.ts';
import { epochMs } from '#shared/units.ts';
import { countedText } from '#shared/wording/names.ts';
import { policyLabel } from '#shared/wording/policies.ts';
import { closedForms, growthPerTrade, kellyShare } from '#desk/backtest/closed-forms.ts';
import { runPolicy } from '#desk/backtest/policy-run.ts';
import { journalSample, outcomesOf, storedSample, walkSample, type SampledTrade } from '#desk/backtest/trade-sample.ts';
import { ENGINE_VERSION } from '#desk/decisions/recommendations.ts';
import { politisWhiteBlockLength } from '#desk/engine/bootstrap.ts';
import { simdKernel } from '#desk/engine/path-kernel-simd.ts';
import { chunkSizes, fanMarks, type PathPlan } from '#desk/engine/path-kernel.ts';
import { pathFigures } from '#desk/engine/path-figures.ts';
import { journalOf, readJobTape, withJobJournal } from './job-journal.ts';
import { startPathPool } from './path-pool.ts';
import type { PathPool } from './path-pool.ts';
import { decisionsFileSchema, FILES, readPacked, readRun, writeRun } from './run-store.ts';
import type { JobProgress, MonteCarloJob } from './thread-messages.ts';

/** Share of the way that reading the trades takes. */
const READ_SHARE = 0.3;
/** Points of the fan after the start. */
const FAN_POINTS = 100;
/** A sample of fewer trades says little, and is told so. */
const FEW_TRADES = 30;

type Say = (progress: JobProgress) => void;

/** The trades to draw, and what they were taken from. */
type Sample = Pick<RunHead, 'journal' | 'policies'> & {
  readonly label: string;
  readonly trades: readonly SampledTrade[];
};

/** The account's own closed trades. */
function ownTrades(job: MonteCarloJob): Sample {
  const range = { from: job.request.from ?? null, to: job.request.to ?? null };
  return withJobJournal(job, (journal) => {
    const [opened] = journal.events({ kinds: ['opened'], limit: 1 });
    if (opened === undefined) throw new Error('the journal has no first event');
    const rows = journal.trades({ order: 'oldest' });
    const { profile, initialEquity } = opened.event;
    return {
      label: 'Your own trades',
      policies: [],
      journal: { profile, events: journal.lastSeq(), headHash: journal.headHash(), configVersions: [] },
      trades: journalSample(rows, initialEquity, range),
    };
  });
}

/** The trades a policy makes of the journal's opportunities. */
async function policyTrades(job: MonteCarloJob, say: Say): Promise<Sample> {
  const { source } = job.request;
  if (source.from !== 'policy') throw new Error(`no policy in ${source.from}`);
  const { spec } = source;
  const tape = await readJobTape(job, (share, phase) => say({ share: 0.5 * READ_SHARE * share, phase }));
  const total = Math.max(1, 2 * tape.cases.length);
  const { walk } = runPolicy(tape, spec, (cases) =>
    say({ share: READ_SHARE * (0.5 + (0.5 * cases) / total), phase: `Walking ${policyLabel(spec)}` }),
  );
  return {
    label: policyLabel(spec),
    policies: [{ key: policyKey(spec), label: policyLabel(spec), spec }],
    journal: journalOf(tape),
    trades: walkSample(tape, walk),
  };
}

const unreadable = (runId: string): DeskError =>
  new DeskError({
    code: 'refused',
    message: 'the run whose trades were to be drawn cannot be read',
    field: 'request.source.runId',
    value: runId,
    remedy: 'Choose another run, or let the policy be walked over the journal.',
  });

/** The trades a policy closed in a stored run. */
function runTrades({ sourceFolder, request }: MonteCarloJob): Sample {
  const { source, from, to } = request;
  if (source.from !== 'run' || sourceFolder === null) throw new Error(`no stored run in ${source.from}`);
  const stored = readRun(sourceFolder);
  if (stored?.kind !== 'policies') throw unreadable(source.runId);
  const place = stored.run.policies.findIndex(({ key }) => key === source.key);
  const head = stored.run.head.policies[place];
  const decisions = readPacked(sourceFolder, FILES.decisions(place), decisionsFileSchema);
  if (head === undefined || decisions === null) throw unreadable(source.runId);
  const within = ({ exitAt }: SampledTrade): boolean => exitAt >= (from ?? -Infinity) && exitAt < (to ?? Infinity);
  return {
    label: `${head.label}, in the run ${stored.run.head.name}`,
    policies: [head],
    journal: stored.run.head.journal,
    trades: storedSample(decisions).filter(within),
  };
}

async function sampleOf(job: MonteCarloJob, say: Say): Promise<Sample> {
  say({ share: 0, phase: 'Reading the trades' });
  switch (job.request.source.from) {
    case 'journal':
      return ownTrades(job);
    case 'policy':
      return await policyTrades(job, say);
    case 'run':
      return runTrades(job);
  }
}

/** The expected block: as asked, or by the trades themselves, at least 1. */
function blockOf(asked: number | null, outcomes: Float64Array): number {
  if (asked !== null) return asked;
  const found = politisWhiteBlockLength([...outcomes]);
  return found.ok ? Math.max(1, found.value?.stationary ?? 1) : 1;
}

function planOf(
  { request }: MonteCarloJob,
  sample: Sample,
): { readonly plan: PathPlan; readonly used: readonly SampledTrade[] } {
  const { bet, trades, meanBlock, loss, gain, source } = request;
  const { outcomes, used, isCompounded } = outcomesOf(sample.trades, bet);
  if (used.length === 0) {
    throw new DeskError({
      code: 'refused',
      message: `${sample.label}: no closed trade ${sample.trades.length === 0 ? 'in this range' : 'with a planned risk'} to draw from`,
      field: 'request.source',
      value: source.from,
      remedy: 'Widen the range, or draw from another policy.',
    });
  }
  const plan = {
    ...{ outcomes, isCompounded, trades, meanBlock: blockOf(meanBlock, outcomes) },
    ...{ marks: fanMarks(trades, FAN_POINTS), lossLevel: 1 - loss, gainLevel: 1 + gain },
  };
  return { plan, used };
}

const undefinedFor = (reason: string): Statistic => ({ value: null, reason });

function sampleFigures(label: string, used: readonly SampledTrade[], plan: PathPlan): MonteCarloRun['sample'] {
  const returns = used.flatMap(({ r }) => (r === null ? [] : [r]));
  const mean = returns.reduce((sum, r) => sum + r, 0) / Math.max(1, returns.length);
  return {
    ...{ label, trades: used.length },
    winRate: { value: used.filter(({ net }) => net > 0).length / used.length, reason: null },
    meanR: returns.length === 0 ? undefinedFor('no trade had a planned risk') : { value: mean, reason: null },
    growth: growthPerTrade(plan),
    worst: plan.outcomes.reduce((least, x) => Math.min(least, x), Infinity),
    best: plan.outcomes.reduce((most, x) => Math.max(most, x), -Infinity),
    kellyShare: kellyShare(plan),
  };
}

/** What the reader of the paths should know before believing them. */
function notesOf({ request }: MonteCarloJob, sample: Sample, used: readonly SampledTrade[]): string[] {
  const left = sample.trades.length - used.length;
  return [
    'Every path is made of trades that were made before: what has not happened yet is in none of them.',
    ...(used.length < FEW_TRADES
      ? [`${countedText(used.length, 'trade')} to draw from: the paths say more of these than of what comes.`]
      : []),
    ...(left === 0
      ? []
      : [
          request.bet.kind === 'as-taken'
            ? `${countedText(left, 'trade')} taken without equity left out.`
            : `${countedText(left, 'trade')} without a planned risk left out: ${left === 1 ? 'it has' : 'they have'} no R.`,
        ]),
  ];
}

/** @param begun reading of the machine's count when the job began: the desk's clock may be another than the machine's */
function headOf(
  job: MonteCarloJob,
  sample: Sample,
  { used, begun }: { used: readonly SampledTrade[]; begun: number },
): RunHead {
  const { request, runId, startedAt, version } = job;
  const [first, last] = [used[0], used.at(-1)];
  return {
    ...{ runId, kind: 'monte-carlo', name: request.name, at: startedAt, version, engineVersion: ENGINE_VERSION },
    ...{ seed: request.seed, journal: sample.journal, policies: [...sample.policies] },
    from: first === undefined ? null : epochMs(first.exitAt),
    to: last === undefined ? null : epochMs(last.exitAt),
    ...{ decisions: sample.trades.length, opportunities: used.length, durationMs: performance.now() - begun },
  };
}

/** Draws paths from trades and writes the run into the job's folder. */
export async function runMonteCarloJob(job: MonteCarloJob, say: Say): Promise<void> {
  const begun = performance.now();
  // The threads come up while the trades are read.
  const pool = startPathPool(Math.min(job.request.workers, chunkSizes(job.request.paths).length));
  try {
    writeRun(job.folder, { kind: 'monte-carlo', run: await runOf(job, { pool, begun, say }) });
  } finally {
    await pool.close();
  }
}

async function runOf(
  job: MonteCarloJob,
  { pool, begun, say }: { readonly pool: PathPool; readonly begun: number; readonly say: Say },
): Promise<MonteCarloRun> {
  const { source, bet, trades, paths, meanBlock, loss, gain, ruinLevel, seed } = job.request;
  const sample = await sampleOf(job, say);
  const { plan, used } = planOf(job, sample);
  const found = await pool.walkAll(plan, { seed, paths, ruinLevel }, (done) =>
    say({
      share: READ_SHARE + ((1 - READ_SHARE) * done) / paths,
      phase: `Walking paths, ${done} of ${paths}`,
    }),
  );
  return {
    head: headOf(job, sample, { used, begun }),
    setup: {
      ...{ source, bet, trades, paths, loss, gain, ruinLevel, meanBlock: plan.meanBlock },
      ...{ isBlockAutomatic: meanBlock === null, streams: simdKernel.layout },
    },
    sample: sampleFigures(sample.label, used, plan),
    ...pathFigures(plan, found),
    closedForms: [...closedForms(plan, found.tally, { loss, gain, ruinLevel })],
    notes: notesOf(job, sample, used),
  };
}
