import { useEffect, useId, useMemo, useState } from 'react';
import type { PointerEvent, SubmitEvent } from 'react';
import { WINDOW, type Rolling } from '#shared/domain/performance-detail.ts';
import { countText } from '#shared/format/numbers.ts';
import { ReadingStrip } from '#renderer/src/features/journal/list-states.tsx';
import { PictureButton, PointSlider, RangeChoice } from '#renderer/src/chart/chart-tools.tsx';
import { savePicture } from '#renderer/src/chart/picture.ts';
import { Crosshair } from '#renderer/src/chart/readout.tsx';
import { chooseWindow, rolling as reading, usePerformance } from '#renderer/src/store/performance.ts';
import { Empty, Panel, Skeleton } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import charts from './charts.module.css';
import { headText, nowText, ROLLING_FIGURES, rollingText, WINDOWS } from './rolling-figures.ts';
import type { RollingFigure } from './rolling-figures.ts';
import { rollingScene, rollingSpan, rollingX } from './rolling-scene.ts';
import { sceneParts } from './scene-canvas.ts';
import { SceneSvg } from './scene-svg.tsx';
import { pointsIn, RANGES } from './time-range.ts';
import type { RangeName } from './time-range.ts';
import { nearestMoment } from './timeline.ts';
import { useBoxSize } from './use-box-size.ts';
import css from './views.module.css';

const cls = styler({ ...charts, ...css });

/** How many trades the figures look back over: four usual windows, or any other. */
function WindowChoice() {
  const window = usePerformance((s) => s.window);
  const id = useId();
  const take = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const typed = Number(new FormData(event.currentTarget).get('window'));
    if (Number.isFinite(typed) && typed > 0) chooseWindow(typed);
  };
  return (
    <span className={cls('windows')}>
      <span>window</span>
      <RangeChoice
        label="Rolling window in trades"
        ranges={WINDOWS.map((trades) => ({
          name: String(trades),
          text: String(trades),
          spoken: `Last ${trades} trades`,
        }))}
        chosen={String(window)}
        choose={(trades) => chooseWindow(Number(trades))}
      />
      <form onSubmit={take} className={cls('windows')}>
        <label htmlFor={id}>other</label>
        <input
          key={window}
          id={id}
          name="window"
          type="number"
          className={cls('window')}
          min={WINDOW.least}
          max={WINDOW.most}
          step={1}
          required
          defaultValue={window}
        />
      </form>
      <span>trades</span>
    </span>
  );
}

type FigureProps = {
  readonly rolling: Rolling;
  readonly figure: RollingFigure;
  /** Index of the point looked at. */
  readonly pointed: number | null;
  readonly point: (index: number | null) => void;
};

function FigureChart({ rolling, figure, pointed, point }: FigureProps) {
  const { points } = rolling;
  const { ref, size } = useBoxSize();
  const isDrawn = points.length > 1 && points.some((one) => one[figure.name] !== null);
  const scene = useMemo(
    () => (size === null || size.width < 1 || !isDrawn ? null : rollingScene({ rolling, figure, ...size })),
    [rolling, figure, size, isDrawn],
  );
  const follow = (event: PointerEvent<HTMLDivElement>) => {
    if (scene === null) return;
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left;
    const { left, right } = scene.plot;
    const { min, max } = rollingSpan(points);
    point(x < left || x > right ? null : nearestMoment(points, min + ((x - left) / (right - left)) * (max - min)));
  };
  const at = pointed === null ? undefined : points[pointed];
  const text = nowText(rolling, figure);
  const note = headText(rolling, figure);
  const picture = `kelly-desk-rolling-${figure.name.toLowerCase()}.png`;
  const save = () =>
    void savePicture(
      sceneParts([{ title: `${figure.title}, last ${countText(rolling.window)} trades`, note, scene }]),
      picture,
    );
  return (
    <Panel
      {...{ id: `rolling-${figure.name}`, title: figure.title, note }}
      isGrowing
      tools={isDrawn && <PictureButton name={picture} save={save} />}
    >
      <div ref={ref} className={cls('chart')} onPointerMove={follow} onPointerLeave={() => point(null)}>
        {isDrawn ? (
          <div
            className={cls('picture')}
            role="img"
            aria-label={`${figure.title} of the last ${rolling.window} trades, ${points.length} points, now ${text}`}
          >
            {scene !== null && <SceneSvg scene={scene} />}
          </div>
        ) : (
          <Empty title={points.length < 2 ? 'The window is not full yet' : 'Not defined in any window'}>
            {rolling.now[figure.name].reason ?? 'The line begins with the next trade.'}
          </Empty>
        )}
        {scene !== null && at !== undefined && <Crosshair plot={scene.plot} x={rollingX(points, scene.plot, at.at)} />}
      </div>
    </Panel>
  );
}

function Charts({ rolling: whole, range }: { readonly rolling: Rolling; readonly range: RangeName }) {
  const [pointed, point] = useState<number | null>(null);
  const rolling = useMemo(() => ({ ...whole, points: [...pointsIn(whole.points, range)] }), [whole, range]);
  const { points, trades, unrated, window } = rolling;
  const last = points.length - 1;
  const index = pointed === null || pointed > last ? null : pointed;
  const shown = points[index ?? last];
  const left = unrated === 0 ? '' : `; ${countText(unrated)} without a planned stop have no R and are not counted`;
  return (
    <>
      <p className={cls('reading')} aria-hidden="true">
        {shown === undefined
          ? `${countText(trades)} of ${countText(window)} trades: nothing is defined until the window is full${left}.`
          : `${rollingText(shown)}${index === null ? left : ''}`}
      </p>
      {last > 0 && (
        <PointSlider
          label="Points of the rolling figures"
          last={last}
          at={index ?? last}
          words={shown === undefined ? undefined : rollingText(shown)}
          point={point}
        />
      )}
      <div className={cls('quarters')}>
        {ROLLING_FIGURES.map((figure) => (
          <FigureChart key={figure.name} rolling={rolling} figure={figure} pointed={index} point={point} />
        ))}
      </div>
    </>
  );
}

/** Expectancy, win rate, payoff and SQN of the newest trades as they were when each trade closed. */
export function RollingView() {
  const window = usePerformance((s) => s.window);
  const [range, setRange] = useState<RangeName>('all');
  const { value, readAt, failure } = reading.use();
  useEffect(() => reading.show(window), [window]);
  return (
    <div className={cls('view')}>
      <div className={cls('bar')}>
        <WindowChoice />
        <RangeChoice label="Range of the rolling figures" ranges={RANGES} chosen={range} choose={setRange} />
      </div>
      <ReadingStrip failure={failure} readAt={readAt} retry={() => reading.refresh()} what="The rolling figures" />
      {value === null ? (
        failure === null && <Skeleton rows={8} text="Reckoning the rolling figures" />
      ) : (
        <Charts key={range} rolling={value} range={range} />
      )}
    </div>
  );
}
