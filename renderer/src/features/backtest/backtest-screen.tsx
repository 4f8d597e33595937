import { useEffect } from 'react';
import { useSizeClass } from '#renderer/src/features/desk/use-size-class.ts';
import { ReadingStrip } from '#renderer/src/features/journal/list-states.tsx';
import {
  activeJob,
  compareWith,
  offer,
  openRun,
  readJobs,
  runs,
  selectedRun,
  startBacktest,
  useBacktest,
} from '#renderer/src/store/backtest.ts';
import { useStatus } from '#renderer/src/store/status.ts';
import { showScreen } from '#renderer/src/store/ui.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { Empty, Skeleton, Strip } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { countText } from '#shared/format/numbers.ts';
import { rangeText } from './backtest-words.ts';
import { ComparisonPanel } from './comparison-panel.tsx';
import { JobStrip } from './job-strip.tsx';
import { RunView } from './run-view.tsx';
import { RunsPanel } from './runs-panel.tsx';
import { SetupPanel } from './setup-panel.tsx';
import css from './backtest.module.css';

const cls = styler(css);

/** Reads what the screen stands on: when it opens, when the desk is ready or back, when the journal has grown. */
function useFresh(): void {
  const isLive = useStatus((s) => s.link === 'live');
  const phase = useStatus((s) => s.startup?.phase ?? null);
  const trades = useStatus((s) => s.journal?.trades ?? null);
  useEffect(() => {
    if (!isLive) return;
    if (offer.use.getState().readAt === null) offer.show('all');
    else offer.refresh();
  }, [isLive, phase, trades]);
  useEffect(() => {
    if (!isLive) return;
    if (runs.use.getState().readAt === null) runs.show('all');
    else runs.refresh();
    void readJobs();
  }, [isLive, phase]);
}

/** Nothing stored yet: what to do. */
function NoRun() {
  const value = offer.use((s) => s.value);
  const isActive = useBacktest((s) => activeJob(s.jobs) !== null);
  if (value === null) return null;
  if (isActive) {
    return (
      <Empty title="The first backtest is under way">
        The desk goes on trading meanwhile. The result opens here when it is done.
      </Empty>
    );
  }
  if (value.decisions === 0) {
    return (
      <Empty
        title="Nothing to run over yet"
        actions={
          <Button keys={['Ctrl', '1']} onClick={() => showScreen('desk')}>
            Go to the Desk
          </Button>
        }
      >
        A backtest walks the decisions of this journal again. It has none yet: the first comes with the first signal.
      </Empty>
    );
  }
  return (
    <Empty
      title="No backtest yet"
      actions={
        <Button keys={['R']} aria-keyshortcuts="R" onClick={() => void startBacktest()}>
          Run the chosen policies
        </Button>
      }
    >
      Every policy walks the same {countText(value.decisions)} decisions, {rangeText(value)}, on its own account, behind
      the same gates, limits and costs.
    </Empty>
  );
}

function OpenRun({ runId, isCompact }: { readonly runId: string; readonly isCompact: boolean }) {
  const { value, answered, failure } = openRun.use();
  useEffect(() => openRun.show(runId), [runId]);
  if (answered === runId && value?.kind === 'policies') {
    return <RunView key={runId} run={value.run} isCompact={isCompact} />;
  }
  if (failure === null) return <Skeleton rows={14} text="Reading the run" />;
  return (
    <Strip
      tone="loss"
      title="The run could not be read."
      action={
        <Button size="small" onClick={() => openRun.refresh()}>
          Try again
        </Button>
      }
    >
      {failure} Other runs and the next backtest are not touched by it.
    </Strip>
  );
}

function Main({ isCompact }: { readonly isCompact: boolean }) {
  const { value, failure, readAt } = runs.use();
  const selected = useBacktest((s) => s.selected);
  const against = useBacktest((s) => s.against);
  const heads = value?.runs ?? [];
  const open = selectedRun(selected, heads);
  const held = heads.find(({ runId }) => runId === against) ?? null;
  const isComparing = open !== null && held !== null && held.runId !== open.runId;
  return (
    <div className={cls('main')}>
      <ReadingStrip failure={failure} readAt={readAt} retry={() => runs.refresh()} what="The runs" />
      <JobStrip />
      {held !== null && !isComparing && (
        <Strip
          tone="warn"
          title="Held for a comparison."
          action={
            <Button size="small" keys={['C']} onClick={() => compareWith(held.runId)}>
              Let go
            </Button>
          }
        >
          Choose another run, with J and K or in the list.
        </Strip>
      )}
      {value === null && failure === null && <Skeleton rows={14} text="Reading the stored runs" />}
      {value !== null && open === null && <NoRun />}
      {isComparing && (
        <ComparisonPanel {...{ a: held.runId, b: open.runId, isCompact }} close={() => compareWith(held.runId)} />
      )}
      {open !== null && !isComparing && <OpenRun runId={open.runId} isCompact={isCompact} />}
    </div>
  );
}

function Setup() {
  const { value, failure, readAt } = offer.use();
  return (
    <>
      <ReadingStrip failure={failure} readAt={readAt} retry={() => offer.refresh()} what="The policies" />
      {value !== null ? (
        <SetupPanel offer={value} />
      ) : (
        failure === null && <Skeleton rows={12} text="Reading the policies" />
      )}
    </>
  );
}

const PARTS = [
  { part: 'setup', label: 'New backtest' },
  { part: 'runs', label: 'Runs' },
] as const;

/** A small window: settings and runs fold above the results. */
function Folded() {
  const unfolded = useBacktest((s) => s.unfolded);
  return (
    <>
      <div className={cls('folds')}>
        {PARTS.map(({ part, label }) => (
          <Button
            key={part}
            size="small"
            aria-expanded={unfolded === part}
            onClick={() => useBacktest.setState({ unfolded: unfolded === part ? null : part })}
          >
            <span aria-hidden="true">{unfolded === part ? '▾' : '▸'}</span> {label}
          </Button>
        ))}
        <span className={cls('quiet')}>S sets up, R runs, J and K go through the runs</span>
      </div>
      {unfolded !== null && <div className={cls('unfolded')}>{unfolded === 'setup' ? <Setup /> : <RunsPanel />}</div>}
    </>
  );
}

/** The journal run again under other sizing policies: set up, run, look at, compare. */
export function BacktestScreen() {
  useFresh();
  const isCompact = useSizeClass() === 'compact';
  return (
    <div className={cls('screen', isCompact && 'compact')}>
      <h1 className={cls('spoken')}>Backtest</h1>
      {isCompact ? (
        <Folded />
      ) : (
        <div className={cls('left')}>
          <div className={cls('setup')}>
            <Setup />
          </div>
          <div className={cls('runs')}>
            <RunsPanel />
          </div>
        </div>
      )}
      <Main isCompact={isCompact} />
    </div>
  );
}
