import { useEffect } from 'react';
import type { BacktestRun } from '#shared/contract/backtest-operations.ts';
import type { OutputOf } from '#shared/contract/index.ts';
import type { JobKind } from '#shared/domain/backtest.ts';
import { useSizeClass } from '#renderer/src/features/desk/use-size-class.ts';
import { ReadingStrip } from '#renderer/src/features/journal/list-states.tsx';
import {
  activeJob,
  compareWith,
  offer,
  openRun,
  readJobs,
  runs,
  runsOfKind,
  selectedRun,
  startBacktest,
  useBacktest,
} from '#renderer/src/store/backtest.ts';
import { useStatus } from '#renderer/src/store/status.ts';
import { showScreen } from '#renderer/src/store/ui.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { Empty, Skeleton, Strip } from '#renderer/src/ui/panel.tsx';
import { Split } from '#renderer/src/ui/split.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { countText } from '#shared/format/numbers.ts';
import { rangeText } from './backtest-words.ts';
import { ComparisonPanel } from './comparison-panel.tsx';
import { JobStrip } from './job-strip.tsx';
import { KindTabs } from './kind-tabs.tsx';
import { MonteCarloSetup } from './monte-carlo-setup.tsx';
import { MonteCarloView } from './monte-carlo-view.tsx';
import { RunView } from './run-view.tsx';
import { RunsPanel } from './runs-panel.tsx';
import { SetupPanel } from './setup-panel.tsx';
import { WalkForwardSetup } from './walk-forward-setup.tsx';
import { WalkForwardView } from './walk-forward-view.tsx';
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

const FIRST = {
  policies: {
    title: 'No backtest yet',
    run: 'Run the chosen policies',
    words: 'Every policy walks the same decisions on its own account, behind the same gates, limits and costs.',
  },
  'monte-carlo': {
    title: 'No simulation yet',
    run: 'Draw the paths',
    words: 'Trades that were made are drawn again in many orders: how far wealth may spread, and how deep it may fall.',
  },
  'walk-forward': {
    title: 'No walk-forward yet',
    run: 'Walk forward',
    words: 'The sizing parameters are chosen on the past and traded on what follows: what of a choice is left.',
  },
} as const satisfies Record<JobKind, { title: string; run: string; words: string }>;

/** Nothing stored yet: what to do. */
function NoRun() {
  const value = offer.use((s) => s.value);
  const kind = useBacktest((s) => s.kind);
  const isActive = useBacktest((s) => activeJob(s.jobs)?.kind === kind);
  if (value === null) return null;
  if (isActive) {
    return (
      <Empty title="The first one is under way">
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
  const { title, run, words } = FIRST[kind];
  return (
    <Empty
      title={title}
      actions={
        <Button keys={['R']} aria-keyshortcuts="R" onClick={() => void startBacktest()}>
          {run}
        </Button>
      }
    >
      {words} {countText(value.decisions)} decisions, {rangeText(value)}.
    </Empty>
  );
}

/** A run by its kind. */
function Opened({ stored, isCompact }: { readonly stored: BacktestRun; readonly isCompact: boolean }) {
  switch (stored.kind) {
    case 'policies':
      return <RunView run={stored.run} isCompact={isCompact} />;
    case 'monte-carlo':
      return <MonteCarloView run={stored.run} />;
    case 'walk-forward':
      return <WalkForwardView run={stored.run} />;
  }
}

function OpenRun({ runId, isCompact }: { readonly runId: string; readonly isCompact: boolean }) {
  const { value, answered, failure } = openRun.use();
  useEffect(() => openRun.show(runId), [runId]);
  if (answered === runId && value !== null) return <Opened key={runId} stored={value} isCompact={isCompact} />;
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
  const kind = useBacktest((s) => s.kind);
  const heads = runsOfKind(value?.runs ?? [], kind);
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

function SetupOf({ kind, offer: value }: { readonly kind: JobKind; readonly offer: OutputOf<'backtest.offer'> }) {
  switch (kind) {
    case 'policies':
      return <SetupPanel offer={value} />;
    case 'monte-carlo':
      return <MonteCarloSetup offer={value} />;
    case 'walk-forward':
      return <WalkForwardSetup offer={value} />;
  }
}

function Setup() {
  const { value, failure, readAt } = offer.use();
  const kind = useBacktest((s) => s.kind);
  return (
    <>
      <ReadingStrip failure={failure} readAt={readAt} retry={() => offer.refresh()} what="The policies" />
      {value !== null ? (
        <SetupOf kind={kind} offer={value} />
      ) : (
        failure === null && <Skeleton rows={12} text="Reading the policies" />
      )}
    </>
  );
}

const PARTS = [
  { part: 'setup', label: 'New run' },
  { part: 'runs', label: 'Runs' },
] as const;

/** A small window: settings and runs fold above the results. */
function Folded() {
  const unfolded = useBacktest((s) => s.unfolded);
  return (
    <>
      <KindTabs />
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
        <span className={cls('quiet')}>M turns, S sets up, R runs, J and K go through the runs</span>
      </div>
      {unfolded !== null && <div className={cls('unfolded')}>{unfolded === 'setup' ? <Setup /> : <RunsPanel />}</div>}
    </>
  );
}

function LeftColumn({ id }: { readonly id: string }) {
  return (
    <div className={cls('left')}>
      <KindTabs />
      <Split
        {...{ id: `backtest.left.${id}`, orientation: 'vertical', label: 'Height of the runs' }}
        {...{ sized: 'second', size: '31%', least: 132, leastRest: 260 }}
        first={<Setup />}
        second={<RunsPanel />}
      />
    </div>
  );
}

/** The journal run again: policies, simulations, walk-forwards. Set up, run, look at, compare. */
export function BacktestScreen() {
  useFresh();
  const sizeClass = useSizeClass();
  const isCompact = sizeClass === 'compact';
  return (
    <div className={cls('screen', isCompact && 'compact')}>
      <h1 className={cls('spoken')}>Backtest</h1>
      {isCompact ? (
        <>
          <Folded />
          <Main isCompact />
        </>
      ) : (
        <Split
          {...{ id: `backtest.${sizeClass}`, orientation: 'horizontal', label: 'Width of the settings' }}
          {...{ sized: 'first', size: 320, least: 280, most: 480, leastRest: 640 }}
          first={<LeftColumn id={sizeClass} />}
          second={<Main isCompact={false} />}
        />
      )}
    </div>
  );
}
