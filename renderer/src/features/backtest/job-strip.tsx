import type { BacktestJob } from '#shared/domain/backtest.ts';
import {
  activeJob,
  cancelJob,
  dismissJob,
  showKind,
  startBacktest,
  useBacktest,
} from '#renderer/src/store/backtest.ts';
import { useUi } from '#renderer/src/store/ui.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { Strip } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { endedText, jobText, shareDone } from './backtest-words.ts';
import css from './job.module.css';

const cls = styler(css);

function Running({ job, waiting }: { readonly job: BacktestJob; readonly waiting: number }) {
  const isEnding = useUi((s) => s.busy[`cancel:${job.jobId}`] === true);
  return (
    <section className={cls('job')} aria-label="Run under way">
      <b className={cls('name')}>{job.name}</b>
      <div
        className={cls('bar')}
        role="progressbar"
        aria-label={job.name}
        aria-valuemin={0}
        aria-valuemax={job.total}
        aria-valuenow={job.done}
        aria-valuetext={jobText(job)}
      >
        <span className={cls('done')} style={{ width: `${shareDone(job) * 100}%` }} />
      </div>
      <span className={cls('words')}>
        {isEnding ? 'Ending it' : jobText(job)}
        {waiting > 0 && ` · ${waiting} more in line`}
      </span>
      <Button
        size="small"
        keys={['X']}
        aria-keyshortcuts="X"
        aria-disabled={isEnding}
        onClick={() => void cancelJob(job.jobId)}
      >
        Cancel
      </Button>
    </section>
  );
}

function Ended({ job }: { readonly job: BacktestJob }) {
  const isFailed = job.state === 'failed';
  return (
    <Strip
      tone={isFailed ? 'loss' : 'warn'}
      title={isFailed ? `${job.name} failed.` : `${job.name} was cancelled.`}
      action={
        <>
          <Button
            size="small"
            onClick={() => {
              dismissJob(job.jobId);
              showKind(job.kind);
              void startBacktest();
            }}
          >
            Run again
          </Button>
          <Button size="small" variant="quiet" onClick={() => dismissJob(job.jobId)}>
            Dismiss
          </Button>
        </>
      }
    >
      {endedText(job)}
    </Strip>
  );
}

/** What runs, how far it is and how to end it; else how the last one ended when it left no run. */
export function JobStrip() {
  const jobs = useBacktest((s) => s.jobs);
  const dismissed = useBacktest((s) => s.dismissed);
  const own = useBacktest((s) => s.own);
  const active = activeJob(jobs);
  if (active !== null) {
    const waiting = jobs.filter(({ state, jobId }) => state === 'waiting' && jobId !== active.jobId).length;
    return <Running job={active} waiting={waiting} />;
  }
  const [last] = jobs;
  if (last === undefined || last.state === 'done' || dismissed.has(last.jobId)) return null;
  // A cancelling of some time ago is no news to a window that has just opened; a failure is.
  if (last.state === 'cancelled' && !own.has(last.jobId)) return null;
  return <Ended job={last} />;
}
