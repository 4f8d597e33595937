import type { PerformanceHistory } from '#shared/domain/performance-history.ts';
import { useStatus } from '#renderer/src/store/status.ts';
import { showScreen } from '#renderer/src/store/ui.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { Empty, Panel, Strip } from '#renderer/src/ui/panel.tsx';
import { Split } from '#renderer/src/ui/split.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { Tag } from '#renderer/src/ui/tag.tsx';
import { useSizeClass } from '#renderer/src/features/desk/use-size-class.ts';
import { BooksTable } from './books-table.tsx';
import { Charts } from './charts.tsx';
import { FiguresRow } from './figures-row.tsx';
import { HistogramPanel } from './histogram-panel.tsx';
import { readNow, useFreshHistory, useHistory } from './history.ts';
import { OverridesContent } from './overrides-panel.tsx';
import { PerformanceSkeleton } from './performance-skeleton.tsx';
import { PerformanceTabs } from './performance-tabs.tsx';
import { useAge } from '#renderer/src/ui/use-age.ts';
import { VerdictContent } from './verdict-panel.tsx';
import { VerdictStrip } from './verdict-strip.tsx';
import { verdictWords } from './verdict-words.ts';
import { verdictsOf } from './verdict.ts';
import { Views } from './views.tsx';
import css from './performance.module.css';

const cls = styler(css);

function Retry() {
  return (
    <Button size="small" onClick={readNow}>
      Try again
    </Button>
  );
}

/** The last reading failed while the desk is there: what is shown is older than it could be. */
function OldStrip({ readAt, failure }: { readonly readAt: number; readonly failure: string }) {
  const age = useAge(readAt);
  return (
    <Strip tone="warn" title={`Figures are ${age} old.`} action={<Retry />}>
      They could not be read again. {failure}
    </Strip>
  );
}

function Failed({ failure }: { readonly failure: string }) {
  return (
    <div className={cls('screen')}>
      <Strip tone="loss" title="The history could not be read." action={<Retry />}>
        {failure}
      </Strip>
      <div className={cls('centred')}>
        <Empty
          title="Sizing, orders and the journal still work"
          actions={<Button onClick={() => showScreen('desk')}>Go to the Desk</Button>}
        >
          Only this summary is missing. It is read again when the next trade closes.
        </Empty>
      </div>
    </div>
  );
}

/** Nothing to compare yet: why, and what changes it. */
function NoTrades() {
  const startup = useStatus((s) => s.startup);
  const isWarmingUp = startup?.phase === 'warm-up';
  return (
    <div className={cls('centred')}>
      {isWarmingUp ? (
        <Empty title="The desk is making its history">
          {startup.text}, {startup.done} of {startup.total}. The three books appear with the first trade that closes.
        </Empty>
      ) : (
        <Empty
          title="No closed trade yet"
          actions={
            <Button keys={['Ctrl', '1']} aria-keyshortcuts="Control+1" onClick={() => showScreen('desk')}>
              Go to the Desk
            </Button>
          }
        >
          The three books start with the first recommendation that has run to its stop or target. Approve or reject one
          on the Desk: both count.
        </Empty>
      )}
    </div>
  );
}

function RightColumn({ history }: { readonly history: PerformanceHistory }) {
  const verdicts = verdictsOf(history.verdict);
  const { tag } = verdictWords(verdicts.verdict);
  return (
    <div className={cls('right')}>
      <Panel id="verdict" title="Kelly against fixed" tools={<Tag tone={tag.tone}>{tag.text}</Tag>}>
        <VerdictContent verdicts={verdicts} />
      </Panel>
      <Panel id="overrides" title="Value of your overrides" note="against the recommendation">
        <OverridesContent overrides={history.overrides} />
      </Panel>
      <div className={cls('distribution')}>
        <HistogramPanel history={history} />
      </div>
    </div>
  );
}

type ContentProps = {
  readonly history: PerformanceHistory;
  readonly isStale: boolean;
  /** When the figures were read, while the desk is out of reach; else null. */
  readonly lostSince: number | null;
};

function Content({ history, isStale, lostSince }: ContentProps) {
  const sizeClass = useSizeClass();
  const isCompact = sizeClass === 'compact';
  const figures = (
    <div className={cls('figures')}>
      <BooksTable history={history} isCompact={isCompact} />
      <FiguresRow history={history} />
    </div>
  );
  const books = isCompact ? (
    <div className={cls('column')}>
      <Charts history={history} isCompact />
      <div className={cls('below')}>
        {figures}
        <PerformanceTabs history={history} />
      </div>
    </div>
  ) : (
    <Split
      {...{ id: `performance.${sizeClass}`, orientation: 'horizontal', label: 'Width of the verdict' }}
      {...{ sized: 'second', size: sizeClass === 'wide' ? 500 : 432, least: 400, most: 720, leastRest: 560 }}
      first={
        <div className={cls('column')}>
          <Charts history={history} isCompact={false} />
          {figures}
        </div>
      }
      second={<RightColumn history={history} />}
    />
  );
  return (
    <div className={cls('content', isStale && 'stale')}>
      <VerdictStrip history={history} isCompact={isCompact} lostSince={lostSince} />
      <Views history={history} books={books} />
    </div>
  );
}

function Loaded({ history, readAt }: { readonly history: PerformanceHistory; readonly readAt: number }) {
  const failure = useHistory((s) => s.failure);
  const isLive = useStatus((s) => s.link === 'live');
  return (
    <div className={cls('screen')}>
      {isLive && failure !== null && <OldStrip readAt={readAt} failure={failure} />}
      {history.points.length < 2 ? (
        <NoTrades />
      ) : (
        <Content history={history} isStale={!isLive || failure !== null} lostSince={isLive ? null : readAt} />
      )}
    </div>
  );
}

/** Three books on the same decisions, whether Kelly sizing beats fixed sizing, and what the trades say. */
export function PerformanceScreen() {
  useFreshHistory();
  const { history, readAt, failure } = useHistory();
  return (
    <>
      <h1 className={cls('spoken')}>Performance</h1>
      {history !== null && readAt !== null ? (
        <Loaded history={history} readAt={readAt} />
      ) : failure !== null ? (
        <Failed failure={failure} />
      ) : (
        <PerformanceSkeleton />
      )}
    </>
  );
}
