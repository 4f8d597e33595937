import type { PoliciesRun, PolicyResult } from '#shared/domain/backtest.ts';
import type { PolicySpec } from '#shared/domain/policy.ts';
import { DASH, moneyText, numberText, percentText, signedMoneyText } from '#shared/format/numbers.ts';
import { money } from '#shared/units.ts';
import { formatTable } from './format.ts';
import { commonRequest, jobCommand, wrongKind, type JobArguments } from './job-command.ts';
import type { ExitCode, Output } from './output.ts';

export type BacktestArguments = JobArguments & { readonly policies: readonly PolicySpec[] };

/** Backtests policies over a journal. */
export const backtestCommand = (asked: BacktestArguments, output: Output): Promise<ExitCode> =>
  jobCommand(
    asked,
    {
      name: 'backtest',
      request: { kind: 'policies', policies: [...asked.policies], ...commonRequest(asked) },
      text: (stored) => (stored.kind === 'policies' ? runText(stored.run) : wrongKind(stored)),
    },
    output,
  );

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
function runText(run: PoliciesRun): string {
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
