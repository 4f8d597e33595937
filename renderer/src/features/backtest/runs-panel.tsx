import type { RunHead } from '#shared/domain/backtest.ts';
import { compareWith, runs, runsOfKind, selectedRun, selectRun, useBacktest } from '#renderer/src/store/backtest.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { Empty, Panel, Skeleton } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { rangeText, runLine } from './backtest-words.ts';
import css from './runs.module.css';

const cls = styler(css);

function RunRow({ head, isOpen }: { readonly head: RunHead; readonly isOpen: boolean }) {
  const isHeld = useBacktest((s) => s.against === head.runId);
  return (
    <li className={cls('row', isOpen && 'open')}>
      <button
        type="button"
        className={cls('run')}
        aria-current={isOpen ? 'true' : undefined}
        onClick={() => selectRun(head.runId)}
      >
        <b>{head.name}</b>
        <span className={cls('quiet')}>{runLine(head)}</span>
        <span className={cls('quiet')}>{rangeText(head)}</span>
      </button>
      <Button
        size="small"
        variant={isHeld ? 'outline' : 'quiet'}
        aria-pressed={isHeld}
        aria-label={`Compare with ${head.name}, ${runLine(head)}`}
        onClick={() => compareWith(head.runId)}
      >
        {isHeld ? 'Held' : 'Compare'}
      </Button>
    </li>
  );
}

/** The stored runs, newest first: one is open, another may be held beside it. */
export function RunsPanel() {
  const { value, failure } = runs.use();
  const selected = useBacktest((s) => s.selected);
  const kind = useBacktest((s) => s.kind);
  const heads = runsOfKind(value?.runs ?? [], kind);
  const open = selectedRun(selected, heads);
  return (
    <Panel
      id="backtest-runs"
      title="Runs"
      note={heads.length === 0 ? undefined : `${heads.length} stored, newest first`}
      isGrowing
    >
      {value === null && failure === null && <Skeleton rows={3} text="Reading the list of runs" />}
      {value === null && failure !== null && <Empty title="The runs could not be read">{failure}</Empty>}
      {value !== null && heads.length === 0 && (
        <Empty title="No run stored">A run that is done is kept here with all it was made from.</Empty>
      )}
      <ul className={cls('runs')} aria-label="Stored runs">
        {heads.map((head) => (
          <RunRow key={head.runId} head={head} isOpen={head.runId === open?.runId} />
        ))}
      </ul>
    </Panel>
  );
}
