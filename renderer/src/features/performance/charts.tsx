import { useMemo, useState } from 'react';
import type { PointerEvent } from 'react';
import type { PerformanceHistory } from '#shared/domain/performance-history.ts';
import { ChartTools } from '#renderer/src/chart/chart-tools.tsx';
import { Crosshair } from '#renderer/src/chart/readout.tsx';
import { Button } from '#renderer/src/ui/button.tsx';
import { Panel } from '#renderer/src/ui/panel.tsx';
import { Split } from '#renderer/src/ui/split.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { equityScene, labelWidthFor, timeScale, underwaterScene } from './book-scenes.ts';
import type { SceneInput } from './book-scenes.ts';
import { equityAlternative, momentText, underwaterAlternative } from './chart-words.ts';
import { MomentReadout } from './moment-readout.tsx';
import type { Domain } from './scale.ts';
import { SceneSvg } from './scene-svg.tsx';
import type { Scene } from './scene.ts';
import { momentsIn, RANGES, startOf } from './time-range.ts';
import type { RangeName } from './time-range.ts';
import { columnsOf, momentsOf, nearestMoment } from './timeline.ts';
import type { Columns, Moment } from './timeline.ts';
import { useBoxSize } from './use-box-size.ts';
import type { BoxSize } from './use-box-size.ts';
import { useExport } from './use-export.ts';
import css from './charts.module.css';

const cls = styler(css);

const EQUITY = { title: 'Equity, three books on the same decisions', note: '' };
const UNDERWATER = {
  title: 'Underwater',
  note: 'below the highest equity so far, at each close and day’s end; the table counts day ends',
};
type Shown = { readonly columns: Columns; readonly span: Domain };
type Drawing = { readonly draw: (input: SceneInput) => Scene; readonly hasTimes: boolean };

/** What the charts show: one set of columns for all ranges, so that another range costs no reading of them. */
function useShown(all: readonly Moment[], range: RangeName): Shown {
  const columns = useMemo(() => columnsOf(all), [all]);
  return useMemo(() => {
    const last = all.at(-1)?.at ?? 0;
    return { columns, span: { min: startOf(last, range), max: last } };
  }, [all, columns, range]);
}

/** A chart at the size it is given; null until it has one. */
function useScene({ draw, hasTimes }: Drawing, shown: Shown, size: BoxSize | null): Scene | null {
  return useMemo(() => {
    if (size === null || size.width < 1 || size.height < 1 || shown.columns.at.length < 2) return null;
    return draw({ ...shown, ...size, hasTimes, labelWidth: labelWidthFor(shown.columns, shown.span) });
  }, [draw, shown, size, hasTimes]);
}

type ChartProps = {
  readonly scene: Scene | null;
  readonly box: (element: HTMLElement | null) => (() => void) | undefined;
  readonly alternative: string;
  readonly moments: readonly Moment[];
  readonly pointed: number | null;
  readonly point: (index: number | null) => void;
  readonly unit: 'equity' | 'depth';
};

/** One chart: the picture, and over it the crosshair, its figures following the pointer. */
function Chart({ scene, box, alternative, moments, pointed, point, unit }: ChartProps) {
  const follow = (event: PointerEvent<HTMLDivElement>) => {
    const [first, last] = [moments[0], moments.at(-1)];
    if (scene === null || first === undefined || last === undefined) return;
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left;
    const { left, right } = scene.plot;
    if (x < left || x > right) {
      point(null);
      return;
    }
    point(nearestMoment(moments, first.at + ((x - left) / (right - left)) * (last.at - first.at)));
  };
  const moment = pointed === null ? undefined : moments[pointed];
  const span = { min: moments[0]?.at ?? 0, max: moments.at(-1)?.at ?? 0 };
  return (
    <div ref={box} className={cls('chart')} onPointerMove={follow} onPointerLeave={() => point(null)}>
      <div className={cls('picture')} role="img" aria-label={alternative}>
        {scene !== null && <SceneSvg scene={scene} />}
      </div>
      {scene !== null && moment !== undefined && (
        <Crosshair plot={scene.plot} x={timeScale(span, scene.plot)(moment.at)} />
      )}
      {scene !== null && moment !== undefined && unit === 'equity' && (
        <MomentReadout moment={moment} plot={scene.plot} x={timeScale(span, scene.plot)(moment.at)} />
      )}
    </div>
  );
}

/** Equity and underwater of the three books, sharing their times, range and crosshair. */
export function Charts({ history, isCompact }: { readonly history: PerformanceHistory; readonly isCompact: boolean }) {
  const [range, setRange] = useState<RangeName>('all');
  const [pointedAt, setPointedAt] = useState<number | null>(null);
  const all = useMemo(() => momentsOf(history.points), [history.points]);
  const moments = useMemo(() => momentsIn(all, range), [all, range]);
  const drawn = useShown(all, range);
  const equityBox = useBoxSize();
  const underwaterBox = useBoxSize();
  const equity = useScene({ draw: equityScene, hasTimes: true }, drawn, equityBox.size);
  const underwater = useScene({ draw: underwaterScene, hasTimes: !isCompact }, drawn, underwaterBox.size);
  const exporting = useExport(history.points, range, [
    { ...EQUITY, scene: equity },
    { ...UNDERWATER, scene: underwater },
  ]);
  // By time, not by index: a refresh adds points without moving the crosshair.
  const shared = {
    moments,
    pointed: pointedAt === null ? null : nearestMoment(moments, pointedAt),
    point: (index: number | null) => setPointedAt(index === null ? null : (moments[index]?.at ?? null)),
  };
  const shown = Math.min(shared.pointed ?? Infinity, moments.length - 1);
  const moment = moments[shown];
  const equityPanel = (
    <Panel
      id="equity"
      title={EQUITY.title}
      isGrowing
      tools={
        <ChartTools
          slider={{
            label: 'Points of the charts',
            last: moments.length - 1,
            at: shown,
            words: moment === undefined ? undefined : momentText(moment),
            point: shared.point,
          }}
          ranges={{
            label: 'Range of the charts',
            ranges: RANGES,
            chosen: range,
            choose: (name) => {
              setPointedAt(null);
              setRange(name);
            },
          }}
          picture={{ name: exporting.pictureName, save: exporting.png, hasKey: true }}
        >
          <Button size="small" variant="quiet" title="Save the points as CSV" onClick={exporting.csv}>
            CSV
          </Button>
        </ChartTools>
      }
    >
      <Chart {...shared} scene={equity} box={equityBox.ref} alternative={equityAlternative(moments)} unit="equity" />
    </Panel>
  );
  const underwaterPanel = (
    <Panel id="underwater" title={UNDERWATER.title} note={UNDERWATER.note} isGrowing>
      <Chart
        {...shared}
        scene={underwater}
        box={underwaterBox.ref}
        alternative={underwaterAlternative(moments)}
        unit="depth"
      />
    </Panel>
  );
  if (isCompact) {
    return (
      <>
        <div className={cls('equity')}>{equityPanel}</div>
        <div className={cls('underwater')}>{underwaterPanel}</div>
      </>
    );
  }
  return (
    <div className={cls('both')}>
      <Split
        {...{ id: 'performance.charts', orientation: 'vertical', label: 'Height of the underwater chart' }}
        {...{ sized: 'second', size: '36%', least: 120, leastRest: 200 }}
        first={equityPanel}
        second={underwaterPanel}
      />
    </div>
  );
}
