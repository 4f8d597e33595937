import { useMemo, useState } from 'react';
import type { PointerEvent } from 'react';
import type { PerformanceHistory } from '#shared/domain/performance-history.ts';
import { Button } from '#renderer/src/ui/button.tsx';
import { Panel } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { equityScene, labelWidthFor, timeScale, underwaterScene } from './book-scenes.ts';
import { equityAlternative, momentText, underwaterAlternative } from './chart-words.ts';
import { Crosshair, Readout } from './crosshair.tsx';
import { SceneSvg } from './scene-svg.tsx';
import type { Scene } from './scene.ts';
import { momentsIn, momentsOf, nearestMoment, RANGES } from './timeline.ts';
import type { Moment, RangeName } from './timeline.ts';
import { useBoxSize } from './use-box-size.ts';
import type { BoxSize } from './use-box-size.ts';
import { useExport } from './use-export.ts';
import css from './charts.module.css';

const cls = styler(css);

const EQUITY = { title: 'Equity, three books on the same decisions', note: '' };
const UNDERWATER = {
  title: 'Underwater',
  note: 'below the highest equity so far, at each close; the table counts day ends',
};
const RANGE_NAMES = { '1M': '1 M', '3M': '3 M', all: 'All' } as const satisfies Record<RangeName, string>;
const RANGE_SPOKEN = { '1M': 'Last month', '3M': 'Last three months', all: 'All' } as const;

type Drawing = (input: {
  readonly moments: readonly Moment[];
  readonly width: number;
  readonly height: number;
  readonly hasTimes: boolean;
  readonly labelWidth: number;
}) => Scene;

/** A chart at the size it is given; null until it has one. */
function useScene(draw: Drawing, moments: readonly Moment[], size: BoxSize | null, hasTimes: boolean): Scene | null {
  return useMemo(() => {
    if (size === null || size.width < 1 || size.height < 1 || moments.length < 2) return null;
    return draw({ moments, ...size, hasTimes, labelWidth: labelWidthFor(moments) });
  }, [draw, moments, size, hasTimes]);
}

function Ranges({ range, choose }: { readonly range: RangeName; readonly choose: (range: RangeName) => void }) {
  return (
    <span className={cls('ranges')} role="group" aria-label="Range of the charts">
      {RANGES.map((name) => (
        <button
          key={name}
          type="button"
          className={cls('range', name === range && 'chosen')}
          aria-pressed={name === range}
          aria-label={RANGE_SPOKEN[name]}
          onClick={() => choose(name)}
        >
          {RANGE_NAMES[name]}
        </button>
      ))}
    </span>
  );
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
  return (
    <div ref={box} className={cls('chart')} onPointerMove={follow} onPointerLeave={() => point(null)}>
      <div className={cls('picture')} role="img" aria-label={alternative}>
        {scene !== null && <SceneSvg scene={scene} />}
      </div>
      {scene !== null && moment !== undefined && (
        <Crosshair plot={scene.plot} x={timeScale(moments, scene.plot)(moment.at)} />
      )}
      {scene !== null && moment !== undefined && unit === 'equity' && (
        <Readout moment={moment} plot={scene.plot} x={timeScale(moments, scene.plot)(moment.at)} />
      )}
    </div>
  );
}

type ReaderProps = Pick<ChartProps, 'moments' | 'pointed' | 'point'>;

/** The charts by keyboard: a slider over their points that says the figures of each. */
function PointReader({ moments, pointed, point }: ReaderProps) {
  const last = moments.length - 1;
  const at = Math.min(pointed ?? last, last);
  const moment = moments[at];
  return (
    <input
      type="range"
      className={cls('reader')}
      aria-label="Points of the charts"
      aria-valuetext={moment === undefined ? undefined : momentText(moment)}
      min={0}
      max={last}
      value={at}
      onChange={(event) => point(Number(event.target.value))}
      onFocus={() => point(at)}
      onBlur={() => point(null)}
    />
  );
}

/** Equity and underwater of the three books, sharing their times, range and crosshair. */
export function Charts({ history, isCompact }: { readonly history: PerformanceHistory; readonly isCompact: boolean }) {
  const [range, setRange] = useState<RangeName>('all');
  const [pointedAt, setPointedAt] = useState<number | null>(null);
  const moments = useMemo(() => momentsIn(momentsOf(history.points), range), [history.points, range]);
  const equityBox = useBoxSize();
  const underwaterBox = useBoxSize();
  const equity = useScene(equityScene, moments, equityBox.size, true);
  const underwater = useScene(underwaterScene, moments, underwaterBox.size, !isCompact);
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
  return (
    <>
      <div className={cls('equity')}>
        <Panel
          id="equity"
          title={EQUITY.title}
          isGrowing
          tools={
            <>
              <PointReader {...shared} />
              <Ranges
                range={range}
                choose={(name) => {
                  setPointedAt(null);
                  setRange(name);
                }}
              />
              <span>export</span>
              <Button size="small" variant="quiet" keys={['E']} aria-keyshortcuts="E" onClick={exporting.png}>
                PNG
              </Button>
              <Button size="small" variant="quiet" onClick={exporting.csv}>
                CSV
              </Button>
            </>
          }
        >
          <Chart
            {...shared}
            scene={equity}
            box={equityBox.ref}
            alternative={equityAlternative(moments)}
            unit="equity"
          />
        </Panel>
      </div>
      <div className={cls('underwater')}>
        <Panel id="underwater" title={UNDERWATER.title} note={UNDERWATER.note} isGrowing>
          <Chart
            {...shared}
            scene={underwater}
            box={underwaterBox.ref}
            alternative={underwaterAlternative(moments)}
            unit="depth"
          />
        </Panel>
      </div>
    </>
  );
}
