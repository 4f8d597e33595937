import { existsSync } from 'node:fs';
import type { BacktestRun } from '#shared/contract/backtest-operations.ts';
import type { BacktestRequest } from '#shared/contract/backtest-requests.ts';
import { epochMs } from '#shared/units.ts';
import { profileJournal, runOverJournal } from '#desk/desk.ts';
import { untilStopped } from './long-work.ts';
import { badInput } from './output.ts';
import type { ExitCode, Output } from './output.ts';

const DAY_MS = 86_400_000;
const PROFILES: ReadonlySet<string> = new Set(['simulation', 'paper', 'live']);

/** Options of every long computation over a journal. */
export type JobArguments = {
  /** A file, or the name of a profile. */
  readonly journal: string;
  readonly dataFolder: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly seed: number | null;
  readonly workers: number | null;
  readonly report: string | null;
  readonly json: boolean;
};

/** The part of a request that these options make. */
export const commonRequest = ({
  from,
  to,
  seed,
  workers,
}: JobArguments): Pick<BacktestRequest, 'from' | 'to' | 'seed' | 'workers'> => ({
  ...(from === null ? {} : { from: epochMs(Date.parse(from)) }),
  // The last day named is part of the range.
  ...(to === null ? {} : { to: epochMs(Date.parse(to) + DAY_MS) }),
  ...(seed === null ? {} : { seed }),
  ...(workers === null ? {} : { workers }),
});

/** Where the journal lies: a file of this name, else that of the profile. */
function journalFile({ journal, dataFolder }: JobArguments): string {
  const path = existsSync(journal) || !PROFILES.has(journal) ? journal : profileJournal(dataFolder, journal);
  if (existsSync(path)) return path;
  const remedy = 'name a journal file, or one of the profiles simulation, paper, live';
  throw badInput('--journal', journal, 'there is no such journal', remedy);
}

/** A computation: what is asked, what a person is shown of it, and what its progress is called. */
export type JobWork = {
  readonly name: string;
  readonly request: BacktestRequest;
  readonly text: (stored: BacktestRun) => string;
};

/** Runs a computation over a journal and prints the result. Ctrl-C ends it and writes nothing. */
export async function jobCommand(asked: JobArguments, work: JobWork, output: Output): Promise<ExitCode> {
  const journal = journalFile(asked);
  return untilStopped(work.name, output, async (running) => {
    const stored = await runOverJournal({ request: work.request, journal, report: asked.report }, running);
    return () => {
      output.out(asked.json ? JSON.stringify(stored.run, null, 2) : work.text(stored));
      if (asked.report !== null) output.err(`Report written: ${asked.report}`);
    };
  });
}

/** A run of another kind than was asked for: a bug. */
export function wrongKind(stored: BacktestRun): never {
  throw new Error(`a run of the kind ${stored.kind} was not asked for`);
}
