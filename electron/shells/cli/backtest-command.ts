import { existsSync } from 'node:fs';
import { SingleBar } from 'cli-progress';
import type { PoliciesRun, PolicyResult } from '#shared/domain/backtest.ts';
import type { PolicySpec } from '#shared/domain/policy.ts';
import { DASH, moneyText, numberText, percentText, signedMoneyText } from '#shared/format/numbers.ts';
import { epochMs, money } from '#shared/units.ts';
import { backtestJournal, profileJournal } from '#desk/desk.ts';
import { formatTable } from './format.ts';
import { badInput, EXIT } from './output.ts';
import type { ExitCode, Output } from './output.ts';

const DAY_MS = 86_400_000;
const PROFILES: ReadonlySet<string> = new Set(['simulation', 'paper', 'live']);

export type BacktestArguments = {
  /** A file, or the name of a profile. */
  readonly journal: string;
  readonly dataFolder: string;
  readonly policies: readonly PolicySpec[];
  readonly from: string | null;
  readonly to: string | null;
  readonly seed: number | null;
  readonly workers: number | null;
  readonly report: string | null;
  readonly json: boolean;
};

/** Where the journal lies: a file of this name, else that of the profile. */
export function journalFile(journal: string, dataFolder: string): string {
  if (existsSync(journal) || !PROFILES.has(journal)) return journal;
  return profileJournal(dataFolder, journal);
}

/** Backtests policies over a journal. Ctrl-C ends it and writes nothing. */
export async function backtestCommand(asked: BacktestArguments, output: Output): Promise<ExitCode> {
  const path = journalFile(asked.journal, asked.dataFolder);
  if (!existsSync(path)) {
    const remedy = 'name a journal file, or one of the profiles simulation, paper, live';
    throw badInput('--journal', asked.journal, 'there is no such journal', remedy);
  }
  const stop = new AbortController();
  const onInterrupt = (): void => stop.abort(new Error('interrupted'));
  process.once('SIGINT', onInterrupt);
  const progress = startProgress(output);
  try {
    const run = await backtestJournal(
      {
        ...{ journal: path, policies: [...asked.policies], report: asked.report },
        ...(asked.from === null ? {} : { from: epochMs(Date.parse(asked.from)) }),
        // The last day named is part of the range.
        ...(asked.to === null ? {} : { to: epochMs(Date.parse(asked.to) + DAY_MS) }),
        ...(asked.seed === null ? {} : { seed: asked.seed }),
        ...(asked.workers === null ? {} : { workers: asked.workers }),
      },
      { signal: stop.signal, onProgress: progress.update },
    );
    progress.stop();
    output.out(asked.json ? JSON.stringify(run, null, 2) : runText(run));
    if (asked.report !== null) output.err(`Report written: ${asked.report}`);
    return EXIT.done;
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    progress.stop();
    output.err('Stopped: nothing was written.');
    return EXIT.failed;
  } finally {
    progress.stop();
    process.off('SIGINT', onInterrupt);
  }
}

type Progress = {
  readonly update: (progress: { readonly share: number; readonly phase: string }) => void;
  readonly stop: () => void;
};

/** A bar on a terminal; elsewhere one plain line for every tenth of the way. */
function startProgress(output: Output): Progress {
  if (!output.isTerminal) {
    let tenths = 0;
    return {
      update: ({ share, phase }) => {
        const now = Math.floor(share * 10);
        if (now <= tenths) return;
        tenths = now;
        output.err(`backtest ${tenths * 10} %: ${phase}`);
      },
      stop: () => undefined,
    };
  }
  const bar = new SingleBar({ format: 'backtest {bar} {percentage} %, {eta} s left, {phase}', stream: process.stderr });
  let isStarted = false;
  return {
    update: ({ share, phase }) => {
      if (!isStarted) bar.start(1000, 0, { phase });
      isStarted = true;
      bar.update(Math.floor(share * 1000), { phase });
    },
    stop: () => {
      if (isStarted) bar.stop();
      isStarted = false;
    },
  };
}

const two = (value: number | null): string => (value === null ? DASH : numberText(value, 2));

const VERDICTS = {
  insufficient: 'too little to say',
  'kelly-better': 'better than fixed',
  'fixed-better': 'fixed is better',
  inconclusive: 'inconclusive',
} as const;

/** Beyond forty years of trading days a number of days says nothing. */
const FARTHEST_DAYS = 10_000;

function verdictText({ verdict }: PolicyResult): string {
  const { code, daysStillNeeded } = verdict.standing ?? verdict.running;
  const isInSight = daysStillNeeded !== null && daysStillNeeded <= FARTHEST_DAYS;
  const left = code !== 'inconclusive' ? '' : isInSight ? `, ${daysStillNeeded} more days` : ', no end in sight';
  return `${VERDICTS[code]}${left}${verdict.standing === null ? ' (running)' : ''}`;
}

function policyRow(policy: PolicyResult, run: PoliciesRun): readonly string[] {
  const { statistics, trades } = policy;
  return [
    policy.label,
    moneyText(policy.finalEquity),
    signedMoneyText(money(policy.finalEquity - run.initialEquity)),
    percentText(statistics.maxDrawdown, 1),
    two(statistics.sharpe.value),
    two(statistics.deflatedSharpe.value),
    String(policy.taken),
    two(trades.expectancy.value),
    policy.ruin === null ? DASH : new Date(policy.ruin.at).toISOString().slice(0, 10),
    verdictText(policy),
  ];
}

const HEADS = ['Policy', 'Equity', 'Net', 'Max DD', 'Sharpe', 'DSR', 'Taken', 'Mean R', 'Ruined', 'Against fixed'];

/** A run as a person reads it. */
export function runText(run: PoliciesRun): string {
  const { head, reproduction, notes } = run;
  const day = (at: number | null): string => (at === null ? DASH : new Date(at).toISOString().slice(0, 10));
  const { policyEquity, journalEquity, overridden } = reproduction;
  const live =
    policyEquity === null ? '' : `; the live policy ${moneyText(policyEquity)}, ${overridden} changed by the trader`;
  return [
    formatTable([HEADS, ...run.policies.map((policy) => policyRow(policy, run))]),
    '',
    `${head.opportunities} opportunities of ${head.decisions} decisions, ${day(head.from)} to ${day(head.to)}, seed ${head.seed}.`,
    `The journal itself ends at ${moneyText(journalEquity)}${live}.`,
    ...notes.map((note) => `  ${note}`),
  ].join('\n');
}
