import type { PoliciesRun, RunHead } from '#shared/domain/backtest.ts';
import { policyKey, type PolicySpec } from '#shared/domain/policy.ts';
import { policyLabel } from '#shared/wording/policies.ts';
import { countedText } from '#shared/wording/names.ts';
import { isLivePolicy } from '#desk/backtest/catalogue.ts';
import { trialsOf } from '#desk/backtest/equity-statistics.ts';
import { closesUnder, fixedContractsOf } from '#desk/backtest/policy-run.ts';
import { bookStatisticsOf, booksOfTape, overridesOfTape, reproductionOf } from '#desk/backtest/tape-books.ts';
import type { Tape } from '#desk/backtest/tape.ts';
import { ENGINE_VERSION } from '#desk/decisions/recommendations.ts';
import { createBenchPool } from './bench-pool.ts';
import { turn } from './helper-thread.ts';
import { journalOf, type JobTape } from './job-journal.ts';
import { FILES, writePacked, writeRun } from './run-store.ts';
import type { JobProgress, PoliciesJob } from './thread-messages.ts';

/** Shares of the way: reading the journal, walking, judging. */
const READ_SHARE = 0.2;
const WALK_SHARE = 0.6;

type Say = (progress: JobProgress) => void;

/** @param begun reading of the machine's count when the job began: the desk's clock may be another than the machine's */
function headOf(job: PoliciesJob, tape: Tape, begun: number): RunHead {
  const { request, runId, startedAt, version } = job;
  const [first, last] = [tape.cases[0], tape.cases.at(-1)];
  return {
    ...{ runId, kind: 'policies', name: request.name, at: startedAt, version, engineVersion: ENGINE_VERSION },
    seed: request.seed,
    journal: journalOf(tape),
    from: first?.at ?? null,
    to: last?.at ?? null,
    policies: request.policies.map((spec) => ({ key: policyKey(spec), label: policyLabel(spec), spec })),
    decisions: tape.decisions,
    opportunities: tape.cases.length,
    // Not part of the result: the same inputs give the same run.
    durationMs: performance.now() - begun,
  };
}

function sourcesOf({ cases }: Tape): PoliciesRun['sources'] {
  const sources = { executed: 0, missed: 0, shadow: 0, unresolved: 0 };
  for (const { outcome } of cases) sources[outcome.source] += 1;
  return sources;
}

/** What the reader of a result should know before believing it. */
function notesOf(tape: Tape, specs: readonly PolicySpec[]): string[] {
  const { missed, shadow, unresolved } = sourcesOf(tape);
  const gated = tape.cases.filter(({ gate }) => gate !== null).length;
  return [
    ...(tape.cases.length === 0 ? ['No signal stood in this range: every policy stayed where it was.'] : []),
    ...(shadow > 0
      ? [
          `${countedText(shadow, 'opportunity', 'opportunities')} not taken by the trader: the planned trade on recorded bars stands for the result, stop before target where one bar holds both.`,
        ]
      : []),
    ...(missed > 0
      ? [`${countedText(missed, 'entry', 'entries')} sent and never filled: no policy had a fill there.`]
      : []),
    ...(unresolved > 0
      ? [
          `${countedText(unresolved, 'opportunity', 'opportunities')} still open at the end: marked at the last known price, not in the realised equity.`,
        ]
      : []),
    ...(gated > 0
      ? [
          `${countedText(gated, 'signal')} kept out by a gate of the desk (session, halt, model breaker): kept from every policy.`,
        ]
      : []),
    ...(Number.isFinite(tape.foreignAt)
      ? ['The account also held trades no recommendation of this range explains; no policy has them.']
      : []),
    ...(specs.length === 0
      ? []
      : [
          'Each policy has its own equity, open book, heat and breakers; a tripped account breaker is armed again when the next session day opens.',
        ]),
  ];
}

function writeCases(tape: Tape, folder: string): void {
  writePacked(folder, FILES.cases, {
    id: tape.cases.map(({ id }) => id),
    at: tape.cases.map(({ at }) => at),
    symbol: tape.cases.map(({ snapshot }) => snapshot.instrument.symbol),
    direction: tape.cases.map(({ direction }) => direction),
    executed: tape.cases.map(({ executed }) => executed),
    source: tape.cases.map(({ outcome }) => outcome.source),
  });
}

type OwnBooks = Pick<PoliciesRun, 'books' | 'overrides'>;

/** What the trader made of the opportunities, and of what was changed about them. Nothing is read of the journal after it. */
async function ownBooks(read: JobTape, seed: number): Promise<OwnBooks> {
  const tape = { ...read.tape, books: read.books() };
  read.close();
  await turn();
  const books = [...bookStatisticsOf(tape, booksOfTape(tape))];
  await turn();
  const overrides = overridesOfTape(tape, seed);
  await turn();
  return { books, overrides };
}

/** Runs policies over a journal and writes the run into the job's folder. */
export async function runPoliciesJob(job: PoliciesJob, say: Say): Promise<void> {
  const begun = performance.now();
  const { request, folder } = job;
  const { policies: specs, seed } = request;
  const pool = createBenchPool(folder, Math.min(request.workers, specs.length));
  try {
    const read = await pool.read(job, (share, phase) => say({ share: READ_SHARE * share, phase }));
    const { tape } = read;
    const total = Math.max(1, 2 * tape.cases.length * specs.length);
    const sayWalked = (cases: number): void =>
      say({
        share: READ_SHARE + (WALK_SHARE * cases) / total,
        phase: `Walking ${countedText(specs.length, 'policy', 'policies')}`,
      });
    const { runs, beside: own } = await pool.walkAll(specs, sayWalked, async () => {
      const books = await ownBooks(read, seed);
      writeCases(tape, folder);
      return books;
    });
    const fixed = fixedContractsOf(tape);
    // Where it is among the policies it was walked with them.
    const tried = runs.find(({ spec }) => policyKey(spec) === policyKey(fixed));
    const contracts = tried?.walk.closes ?? closesUnder(tape, fixed);
    const trials = trialsOf(runs.map(({ sharpe }) => sharpe));
    const rest = 1 - READ_SHARE - WALK_SHARE;
    const results = await pool.judgeAll(runs, { trials, seed, contracts }, (done) =>
      say({
        share: READ_SHARE + WALK_SHARE + (rest * done) / specs.length,
        phase: `Judging, ${done} of ${countedText(specs.length, 'policy', 'policies')}`,
      }),
    );
    const live = runs[specs.findIndex(isLivePolicy)]?.walk ?? null;
    const run: PoliciesRun = {
      head: headOf(job, tape, begun),
      initialEquity: tape.initialEquity,
      sources: sourcesOf(tape),
      policies: [...results],
      ...own,
      reproduction: reproductionOf(tape, live),
      notes: notesOf(tape, specs),
    };
    writeRun(folder, { kind: 'policies', run });
  } finally {
    await pool.close();
  }
}
