import { SingleBar } from 'cli-progress';
import { runReplay } from '#desk/desk.ts';
import type { ReplaySummary } from '#desk/desk.ts';
import { formatMoney, formatTable } from './format.ts';
import { EXIT } from './output.ts';
import type { ExitCode, Output } from './output.ts';

export type ReplayArguments = {
  readonly prices: string;
  readonly symbol: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly journal: string;
  readonly lookBackDays: number;
  readonly seed: number;
  readonly autoApprove: boolean;
  readonly json: boolean;
};

/** Runs the desk over recorded prices. Ctrl-C ends it after the bar it is at; what was journaled stays. */
export async function replayCommand(arguments_: ReplayArguments, output: Output): Promise<ExitCode> {
  const { json, ...options } = arguments_;
  const stop = new AbortController();
  const onInterrupt = (): void => stop.abort();
  process.once('SIGINT', onInterrupt);
  const progress = startProgress(output);
  try {
    const summary = await runReplay({ ...options, onProgress: progress.update, signal: stop.signal });
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

function summaryText(summary: ReplaySummary): string {
  const rows: (readonly string[])[] = [
    ['Bars', String(summary.bars), `${summary.firstDay} to ${summary.lastDay}`],
    ['Rejected rows', String(summary.rejectedRows), ''],
    ['Signals', String(summary.signals), ''],
    ['  vetoed', String(summary.vetoed), ''],
    ['  sized to zero', String(summary.sizedToZero), ''],
    ['  evaluation', String(summary.evaluated), ''],
    ['  sized', String(summary.sized), ''],
    ...Object.entries(summary.bound).map(([limit, times]) => [`  bound by ${limit}`, String(times), '']),
    ['Trades', String(summary.trades), ''],
    ['End equity', formatMoney(summary.endEquity), ''],
  ];
  const assumptions = summary.assumptions.map((assumption) => `  ${assumption}`);
  const ended = summary.isCancelled ? 'Stopped before the end.\n' : '';
  return `${ended}${formatTable(rows)}${assumptions.length > 0 ? `\nAssumed\n${assumptions.join('\n')}` : ''}`;
}
