import type { DecisionStatus } from '#shared/domain/decision.ts';
import { moneyText } from '#shared/format/numbers.ts';
import { SingleBar } from 'cli-progress';
import { isRefused, runReplay } from '#desk/desk.ts';
import type { ReplaySummary } from '#desk/desk.ts';
import { formatTable } from './format.ts';
import type { ChosenModels } from './models-command.ts';
import { EXIT } from './output.ts';
import type { ExitCode, Output } from './output.ts';

export type ReplayArguments = {
  readonly prices: string;
  readonly symbol: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly journal: string;
  readonly models: ChosenModels;
  readonly lookBackDays: number;
  readonly seed: number;
  readonly autoApprove: boolean;
  readonly json: boolean;
};

/** Runs the desk over recorded prices. Ctrl-C ends it after the bar it is at; what was journaled stays. */
export async function replayCommand(arguments_: ReplayArguments, output: Output): Promise<ExitCode> {
  const { json, models, ...options } = arguments_;
  const stop = new AbortController();
  const onInterrupt = (): void => stop.abort();
  process.once('SIGINT', onInterrupt);
  const progress = startProgress(output);
  let isSaid = false;
  const onProgress = (done: number, total: number): void => {
    // Not before the prices could be read: an error stays one line.
    if (!isSaid) output.err(models.said);
    isSaid = true;
    progress.update(done, total);
  };
  try {
    const summary = await runReplay({ ...options, models: models.folder, onProgress, signal: stop.signal });
    progress.stop();
    output.out(json ? JSON.stringify(summary, null, 2) : summaryText(summary));
    return summary.isCancelled ? EXIT.failed : EXIT.done;
  } finally {
    progress.stop();
    process.off('SIGINT', onInterrupt);
  }
}

type Progress = { readonly update: (done: number, total: number) => void; readonly stop: () => void };

/** A bar on a terminal; elsewhere one plain line for every tenth of the way. */
function startProgress(output: Output): Progress {
  if (!output.isTerminal) {
    let tenths = 0;
    return {
      update: (done, total) => {
        const now = total === 0 ? 0 : Math.floor((done / total) * 10);
        if (now <= tenths) return;
        tenths = now;
        output.err(`replay ${done} of ${total} bars`);
      },
      stop: () => undefined,
    };
  }
  const bar = new SingleBar({ format: 'replay {bar} {value}/{total} bars, {eta} s left', stream: process.stderr });
  let isStarted = false;
  return {
    update: (done, total) => {
      if (isStarted) bar.update(done);
      else bar.start(total, done);
      isStarted = true;
    },
    stop: () => {
      if (isStarted) bar.stop();
      isStarted = false;
    },
  };
}

/** A status or limit in words: the code is its own name, without the dashes. */
const inWords = (code: string): string => code.replaceAll('-', ' ');

const counts = (entries: Readonly<Record<string, number | undefined>>): string =>
  Object.entries(entries)
    .flatMap(([code, times]) => (times === undefined ? [] : [{ code, times }]))
    .sort((a, b) => b.times - a.times)
    .map(({ code, times }) => `${inWords(code)} ${times}`)
    .join(', ');

function summaryText(summary: ReplaySummary): string {
  const ofStatus = (isWanted: (status: DecisionStatus) => boolean): string =>
    counts(Object.fromEntries(Object.entries(summary.byStatus).filter(([s]) => isWanted(s as DecisionStatus))));
  const named = (words: string): string => (words === '' ? '' : ` (${words})`);
  const zero = ofStatus((s) => !isRefused(s) && s !== 'sized' && s !== 'evaluation');
  const rows: (readonly string[])[] = [
    ['Bars', String(summary.bars), `${summary.firstDay} to ${summary.lastDay}`],
    ['Rejected rows', String(summary.rejectedRows), ''],
    ['Trades', String(summary.trades), ''],
    ['End equity', moneyText(summary.endEquity), ''],
  ];
  const assumptions = summary.assumptions.map((assumption) => `  ${assumption}`);
  const ended = summary.isCancelled ? 'Stopped before the end.\n' : '';
  const assumed = assumptions.length > 0 ? `\nAssumed\n${assumptions.join('\n')}` : '';
  const bound = counts(summary.bound);
  const closing =
    `${summary.signals} signals: ${summary.vetoed} vetoed${named(ofStatus(isRefused))}, ` +
    `${summary.sizedToZero} sized to zero${named(zero)}, ${summary.evaluated} evaluated, ${summary.sized} sized` +
    `${bound === '' ? '' : `; bound by ${bound}`}.`;
  return `${ended}${formatTable(rows)}${assumed}\n${closing}`;
}
