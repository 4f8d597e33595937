import { closeSync, openSync, writeSync } from 'node:fs';
import { DeskError } from '#shared/contract/errors.ts';
import type { BacktestRun } from '#shared/contract/backtest-operations.ts';
import type { PoliciesRun } from '#shared/domain/backtest.ts';
import type { MonteCarloRun } from '#shared/domain/monte-carlo.ts';
import type { WalkForwardRun } from '#shared/domain/walk-forward.ts';
import { MONEY_PER_USD } from '#shared/units.ts';
import { boolean, csvText, decimalText, float, number, text, type Row } from '#desk/records/table-text.ts';
import { reportHtml } from './report-html.ts';
import { monteCarloReport } from './report-monte-carlo.ts';
import { walkForwardReport } from './report-walk-forward.ts';
import {
  casesFileSchema,
  decisionsFileSchema,
  FILES,
  readPacked,
  readRun,
  seriesFileSchema,
  type CasesFile,
  type DecisionsFile,
} from './run-store.ts';
import type { ExportJob } from './thread-messages.ts';

const ROWS_AT_ONCE = 500;
const MONEY_DIGITS = String(MONEY_PER_USD).length - 1;

const COLUMNS = [
  ...['policy', 'recommendation', 'time', 'symbol', 'direction', 'status', 'source', 'asked', 'contracts', 'executed'],
  ...['fraction', 'equity_usd', 'risk_fraction', 'net_usd', 'exit_time', 'flagged'],
] as const;

const time = (at: number | null | undefined): string | null => (at == null ? null : new Date(at).toISOString());
const usd = (amount: number | null | undefined): string | null =>
  amount == null ? null : decimalText(BigInt(amount), MONEY_DIGITS, 2);

function rowOf(policy: string, cases: CasesFile, decisions: DecisionsFile, i: number): Row {
  return {
    policy: text(policy),
    recommendation: text(cases.id[i] ?? null),
    time: text(time(cases.at[i])),
    symbol: text(cases.symbol[i] ?? null),
    direction: float(cases.direction[i] ?? null),
    status: text(decisions.status[i] ?? null),
    source: text(cases.source[i] ?? null),
    asked: float(decisions.asked[i] ?? null),
    contracts: float(decisions.contracts[i] ?? null),
    executed: float(cases.executed[i] ?? null),
    fraction: float(decisions.fraction[i] ?? null),
    equity_usd: number(usd(decisions.equity[i])),
    risk_fraction: float(decisions.riskFraction[i] ?? null),
    net_usd: number(usd(decisions.net[i])),
    exit_time: text(time(decisions.exitAt[i])),
    flagged: boolean(decisions.isFlagged[i] ?? false),
  };
}

/** Every decision of every policy, policy by policy. */
function* decisionPages(run: PoliciesRun, folder: string): Generator<readonly Row[]> {
  const cases = readPacked(folder, FILES.cases, casesFileSchema);
  if (cases === null) throw damaged(run.head.runId);
  for (const [policy, { key }] of run.policies.entries()) {
    const decisions = readPacked(folder, FILES.decisions(policy), decisionsFileSchema);
    if (decisions === null) throw damaged(run.head.runId);
    for (let from = 0; from < cases.id.length; from += ROWS_AT_ONCE) {
      const length = Math.min(ROWS_AT_ONCE, cases.id.length - from);
      yield Array.from({ length }, (_, i) => rowOf(key, cases, decisions, from + i));
    }
  }
}

const damaged = (runId: string): DeskError =>
  new DeskError({
    code: 'refused',
    message: 'a file of this run cannot be read',
    field: 'runId',
    value: runId,
    remedy: 'Delete the run and make it again: seed and range stand in its head.',
  });

const seriesOf = (run: PoliciesRun, folder: string) =>
  run.policies.map((_, policy) => readPacked(folder, FILES.series(policy), seriesFileSchema));

function* policiesParts({ format, folder }: ExportJob, run: PoliciesRun): Generator<string> {
  if (format === 'csv') yield* csvText(COLUMNS, decisionPages(run, folder));
  else if (format === 'html') yield reportHtml(run, seriesOf(run, folder));
  else {
    const series = seriesOf(run, folder);
    yield jsonText({ ...run, series: run.policies.map(({ key }, i) => ({ key, ...series[i] })) });
  }
}

const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

const FAN_COLUMNS = ['trade', 'p05', 'p25', 'p50', 'p75', 'p95'] as const;

/** The fan, a row for each count of trades. */
const fanRows = ({ fan }: MonteCarloRun): readonly Row[] =>
  fan.trade.map((_, i) => Object.fromEntries(FAN_COLUMNS.map((name) => [name, float(fan[name][i] ?? null)])));

const FOLD_COLUMNS = [
  ...['fold', 'in_sample_from', 'split', 'out_of_sample_to', 'multiplier', 'evidence_trades', 'look_back_days'],
  ...['in_sample_score', 'out_of_sample_score', 'chosen'],
] as const;

/** Every combination of every fold. */
const foldRows = ({ folds, combinations }: WalkForwardRun): readonly Row[] =>
  folds.flatMap((fold, k) =>
    combinations.map(({ multiplier, evidenceTrades, lookBackDays }, i): Row => ({
      fold: float(k + 1),
      in_sample_from: text(time(fold.from)),
      split: text(time(fold.split)),
      out_of_sample_to: text(time(fold.to)),
      multiplier: float(multiplier),
      evidence_trades: float(evidenceTrades),
      look_back_days: float(lookBackDays),
      in_sample_score: float(fold.inSample[i] ?? null),
      out_of_sample_score: float(fold.outOfSample[i] ?? null),
      chosen: boolean(i === fold.chosen),
    })),
  );

function* walkForwardParts({ format, folder }: ExportJob, run: WalkForwardRun): Generator<string> {
  const series = run.books.map((_, i) => readPacked(folder, FILES.series(i), seriesFileSchema));
  if (format === 'csv') yield* csvText(FOLD_COLUMNS, [foldRows(run)]);
  else if (format === 'html') yield walkForwardReport(run, series);
  else yield jsonText({ ...run, series: run.books.map(({ key }, i) => ({ key, ...series[i] })) });
}

function* monteCarloParts({ format }: ExportJob, run: MonteCarloRun): Generator<string> {
  if (format === 'csv') yield* csvText(FAN_COLUMNS, [fanRows(run)]);
  else yield format === 'html' ? monteCarloReport(run) : jsonText(run);
}

function* partsOf(job: ExportJob, stored: BacktestRun): Generator<string> {
  if (stored.kind === 'policies') yield* policiesParts(job, stored.run);
  else if (stored.kind === 'monte-carlo') yield* monteCarloParts(job, stored.run);
  else yield* walkForwardParts(job, stored.run);
}

/**
 * Writes a stored run as CSV (every decision of every policy; the fan of a simulation; every
 * score of a walk-forward), JSON (all figures, and the daily series) or HTML (a page to print). The file must not be there yet.
 * Throws DeskError 'refused' where a file of the run cannot be read.
 */
export function writeRunExport(job: ExportJob): void {
  const stored = readRun(job.folder);
  if (stored === null) throw damaged(job.folder);
  const file = openSync(job.path, 'wx', 0o600);
  try {
    for (const part of partsOf(job, stored)) writeSync(file, part);
  } finally {
    closeSync(file);
  }
}
