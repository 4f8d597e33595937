import type { ModelsReport } from '#shared/domain/models.ts';
import { modelsReport } from '#renderer/src/store/models.ts';
import { useStatus } from '#renderer/src/store/status.ts';
import { showScreen } from '#renderer/src/store/ui.ts';
import { useSizeClass } from '#renderer/src/features/desk/use-size-class.ts';
import { useAge } from '#renderer/src/ui/use-age.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { Empty, Panel, Skeleton, Strip } from '#renderer/src/ui/panel.tsx';
import { Split } from '#renderer/src/ui/split.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { AgreementContent } from './agreement-content.tsx';
import { DriftPanel } from './drift-panel.tsx';
import { LatencyContent } from './latency-content.tsx';
import { LowerTabs } from './lower-tabs.tsx';
import css from './models.module.css';
import { ModelsStrip } from './models-strip.tsx';
import { ReliabilityPanel } from './reliability-panel.tsx';
import { readNow, useFreshReport } from './report.ts';
import { LATENCY_NOTE, LatencyPicture, UPTIME_NOTE, UptimePicture } from './strip-tools.tsx';
import { UptimeContent } from './uptime-content.tsx';
import { VersionStrips } from './version-strips.tsx';

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
      <Strip tone="loss" title="The models could not be read." action={<Retry />}>
        {failure}
      </Strip>
      <div className={cls('centred')}>
        <Empty
          title="Sizing, breakers and the journal still work"
          actions={<Button onClick={() => showScreen('desk')}>Go to the Desk</Button>}
        >
          Only this summary is missing. It is read again with the next outcome.
        </Empty>
      </div>
    </div>
  );
}

/** Nothing to score yet: why, and what changes it. */
function NothingYet() {
  const startup = useStatus((s) => s.startup);
  return (
    <div className={cls('centred')}>
      {startup?.phase === 'warm-up' ? (
        <Empty title="The desk is making its history">
          {startup.text}, {startup.done} of {startup.total}. The models appear when it is done.
        </Empty>
      ) : (
        <Empty
          title="No model has answered yet"
          actions={
            <Button keys={['Ctrl', '1']} aria-keyshortcuts="Control+1" onClick={() => showScreen('desk')}>
              Go to the Desk
            </Button>
          }
        >
          Both models are asked when the next bar closes. Every signal is then followed to its stop or target, whether
          you take it or not.
        </Empty>
      )}
    </div>
  );
}

type ContentProps = { readonly report: ModelsReport; readonly isStale: boolean; readonly lostSince: number | null };

/** A small window: both pictures, and everything else as tabs under them. */
function Compact({ report }: { readonly report: ModelsReport }) {
  return (
    <Split
      {...{ id: 'models.compact', orientation: 'vertical', label: 'Height of the details' }}
      {...{ sized: 'second', size: 250, least: 120, leastRest: 240 }}
      first={
        <div className={cls('pictures')}>
          <ReliabilityPanel report={report} isCompact />
          <DriftPanel report={report} isCompact />
        </div>
      }
      second={<LowerTabs report={report} isCompact />}
    />
  );
}

function RightColumn({ report }: { readonly report: ModelsReport }) {
  return (
    <div className={cls('column')}>
      <div className={cls('drift')}>
        <DriftPanel report={report} isCompact={false} />
      </div>
      <Panel id="agreement" title="Agreement" note={`last ${report.agreement.days} days`}>
        <AgreementContent agreement={report.agreement} />
      </Panel>
      <Panel
        id="latency"
        title="Latency"
        note={LATENCY_NOTE}
        tools={report.latency.some(({ count }) => count > 0) && <LatencyPicture latency={report.latency} />}
      >
        <LatencyContent latency={report.latency} />
      </Panel>
      <Panel id="uptime" title="Uptime" note={UPTIME_NOTE} tools={<UptimePicture uptime={report.uptime} />}>
        <UptimeContent uptime={report.uptime} />
      </Panel>
    </div>
  );
}

function Columns({ report, id }: { readonly report: ModelsReport; readonly id: string }) {
  return (
    <Split
      {...{ id: `models.columns.${id}`, orientation: 'horizontal', label: 'Width of the right column' }}
      {...{ sized: 'second', size: '51.5%', least: 520, leastRest: 520 }}
      first={
        <Split
          {...{ id: `models.left.${id}`, orientation: 'vertical', label: 'Height of the details' }}
          {...{ sized: 'second', size: 236, least: 120, leastRest: 260 }}
          first={<ReliabilityPanel report={report} isCompact={false} />}
          second={<LowerTabs report={report} isCompact={false} />}
        />
      }
      second={<RightColumn report={report} />}
    />
  );
}

function Content({ report, isStale, lostSince }: ContentProps) {
  const sizeClass = useSizeClass();
  const isCompact = sizeClass === 'compact';
  return (
    <div className={cls('content', isStale && 'stale')}>
      <ModelsStrip report={report} isCompact={isCompact} lostSince={lostSince} />
      {isCompact ? <Compact report={report} /> : <Columns report={report} id={sizeClass} />}
    </div>
  );
}

function Loaded({ report, readAt }: { readonly report: ModelsReport; readonly readAt: number }) {
  const failure = modelsReport.use((s) => s.failure);
  const isLive = useStatus((s) => s.link === 'live');
  const isEmpty =
    report.agreement.pairs + report.agreement.unread === 0 && report.models.every((m) => m.resolved === 0);
  return (
    <div className={cls('screen')}>
      {isLive && failure !== null && <OldStrip readAt={readAt} failure={failure} />}
      {isEmpty ? (
        <NothingYet />
      ) : (
        <Content report={report} isStale={!isLive || failure !== null} lostSince={isLive ? null : readAt} />
      )}
    </div>
  );
}

/** How far the models can be believed: calibration, drift, agreement, and whether they are there at all. */
export function ModelsScreen() {
  useFreshReport();
  const { value, readAt, failure } = modelsReport.use();
  const isLive = useStatus((s) => s.link === 'live');
  return (
    <div className={cls('screen')}>
      <h1 className={cls('spoken')}>Models</h1>
      <VersionStrips />
      {value !== null && readAt !== null ? (
        <Loaded report={value} readAt={readAt} />
      ) : failure !== null ? (
        <Failed failure={failure} />
      ) : (
        <Skeleton
          rows={12}
          text={isLive ? 'Reading how the models did' : 'Reading how the models did waits for the desk'}
        />
      )}
    </div>
  );
}
