import { useMemo, useState } from 'react';
import type { PointerEvent, ReactNode } from 'react';
import { percentText, usdText } from '#shared/format/numbers.ts';
import { PictureButton, PointSlider, RangeChoice } from '#renderer/src/chart/chart-tools.tsx';
import { savePicture } from '#renderer/src/chart/picture.ts';
import { Crosshair, Readout, ReadoutRow } from '#renderer/src/chart/readout.tsx';
import charts from '#renderer/src/features/performance/charts.module.css';
import { linearScale } from '#renderer/src/features/performance/scale.ts';
import type { Scene } from '#renderer/src/features/performance/scene.ts';
import { sceneParts } from '#renderer/src/features/performance/scene-canvas.ts';
import { SceneSvg } from '#renderer/src/features/performance/scene-svg.tsx';
import { RANGES } from '#renderer/src/features/performance/time-range.ts';
import type { RangeName } from '#renderer/src/features/performance/time-range.ts';
import { pointDay } from '#renderer/src/features/performance/time-ticks.ts';
import { useBoxSize } from '#renderer/src/features/performance/use-box-size.ts';
import { pointsFor, useSeries } from '#renderer/src/store/backtest-series.ts';
import { Empty, Panel } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { POINTED_STYLE, styleOf } from './line-styles.ts';
import type { Slots } from './line-styles.ts';
import { chartAlternative, drawdownScene, equityScene, figuresAt, linesIn, spanOf } from './policy-scenes.ts';
import type { PolicyLine, PolicyScene } from './policy-scenes.ts';
import { Swatch } from './swatch.tsx';
import css from './charts.module.css';

const cls = styler({ ...charts, ...css });

type Lines = { readonly lines: readonly PolicyLine[]; readonly failure: string | null; readonly isWaiting: boolean };

/** The lines to draw: those with a style, and the one looked at. */
function useLines({ runId, labels, slots, pointed }: ChartsProps, width: number): Lines {
  const drawn = slots.flatMap((key) => key ?? []);
  const keys = pointed === null || drawn.includes(pointed) ? drawn : [...drawn, pointed];
  const readings = useSeries(runId, keys, pointsFor(width));
  return useMemo(() => {
    const failed = readings.find((reading) => reading.kind === 'failed');
    const lines = readings.flatMap((reading): readonly PolicyLine[] => {
      if (reading.kind !== 'ready' || reading.series.at.length < 2) return [];
      const { series } = reading;
      const label = labels.find(({ key }) => key === series.key)?.label ?? series.key;
      return [{ key: series.key, label, style: styleOf(slots, series.key) ?? POINTED_STYLE, series }];
    });
    const isWaiting = readings.some((reading) => reading.kind === 'loading');
    return { lines, failure: failed?.message ?? null, isWaiting };
  }, [readings, labels, slots]);
}

type ChartProps = {
  readonly lines: readonly PolicyLine[];
  readonly drawn: Drawn;
  readonly alternative: string;
  readonly time: number | null;
  readonly point: (time: number | null) => void;
  readonly readout?: boolean;
};

type Drawn = { readonly ref: ReturnType<typeof useBoxSize>['ref']; readonly scene: Scene | null };

/** A chart at the size of its box; null until it has one. */
function useDrawn(draw: PolicyScene, lines: readonly PolicyLine[]): Drawn {
  const { ref, size } = useBoxSize();
  const scene = useMemo(
    () => (size === null || size.width < 1 || lines.length === 0 ? null : draw(lines, { ...size, hasTimes: true })),
    [draw, lines, size],
  );
  return { ref, scene };
}

function Chart({ lines, drawn, alternative, time, point, readout = false }: ChartProps) {
  const { ref, scene } = drawn;
  const span = spanOf(lines);
  const follow = (event: PointerEvent<HTMLDivElement>) => {
    if (scene === null) return;
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left;
    const { left, right } = scene.plot;
    point(x < left || x > right ? null : span.min + ((x - left) / (right - left)) * (span.max - span.min));
  };
  const x = scene === null || time === null ? null : linearScale(span, scene.plot.left, scene.plot.right)(time);
  return (
    <div ref={ref} className={cls('chart')} onPointerMove={follow} onPointerLeave={() => point(null)}>
      <div className={cls('picture')} role="img" aria-label={alternative}>
        {scene !== null && <SceneSvg scene={scene} />}
      </div>
      {scene !== null && x !== null && <Crosshair plot={scene.plot} x={x} />}
      {scene !== null && x !== null && time !== null && readout && (
        <Readout plot={scene.plot} x={x} title={pointDay(time)}>
          <Figures lines={lines} time={time} />
        </Readout>
      )}
    </div>
  );
}

function Figures({ lines, time }: { readonly lines: readonly PolicyLine[]; readonly time: number }) {
  return lines.map((line) => {
    const figures = figuresAt(line, time);
    return (
      <ReadoutRow
        key={line.key}
        name={
          <>
            <Swatch style={line.style} /> {line.label}
          </>
        }
        value={usdText(figures?.equity)}
        rest={percentText(figures === null ? null : -figures.drawdown)}
      />
    );
  });
}

const STEPS = 100;

/** The charts by keyboard: a slider over their time that says every line's figures. */
function TimeReader({ lines, time, point }: Pick<ChartProps, 'lines' | 'time' | 'point'>) {
  const { min, max } = spanOf(lines);
  const at = time ?? max;
  const words = lines.map((line) => {
    const figures = figuresAt(line, at);
    return `${line.label} ${usdText(figures?.equity)}, ${percentText(figures?.drawdown)} below its highest`;
  });
  const share = max > min ? ((at - min) / (max - min)) * STEPS : 0;
  return (
    <PointSlider
      label="Times of the charts"
      last={STEPS}
      at={Math.round(share)}
      words={`${pointDay(at)}. ${words.join('; ')}`}
      point={(step) => point(step === null ? null : min + (step / STEPS) * (max - min))}
    />
  );
}

function placeholder({ failure, isWaiting }: Lines): ReactNode {
  if (failure !== null) return <Empty title="The series could not be read">{failure}</Empty>;
  if (isWaiting) return null;
  return <Empty title="Nothing to draw">Choose a policy in the table, or a run over more than one day.</Empty>;
}

type ChartsProps = {
  readonly runId: string;
  /** Names of what the run has series of. */
  readonly labels: readonly { readonly key: string; readonly label: string }[];
  readonly slots: Slots;
  readonly pointed: string | null;
};

/** Equity and drawdown of at most six policies, and of the one that is looked at. */
export function PolicyCharts(props: ChartsProps) {
  const [time, setTime] = useState<number | null>(null);
  const { ref, size } = useBoxSize();
  const read = useLines(props, (size?.width ?? 0) / 2);
  const [range, setRange] = useState<RangeName>('all');
  const lines = useMemo(() => linesIn(read.lines, range), [read.lines, range]);
  const equity = useDrawn(equityScene, lines);
  const drawdown = useDrawn(drawdownScene, lines);
  const shared = { lines, time, point: setTime };
  const alternative = chartAlternative(lines);
  const empty = lines.length === 0 ? placeholder(read) : null;
  const parts = [
    { title: 'Equity', note: 'marked at each day’s end', scene: equity.scene },
    { title: 'Drawdown', note: 'below the highest equity so far', scene: drawdown.scene },
  ];
  const picture = `kelly-desk-backtest-${props.runId.slice(-6).toLowerCase()}.png`;
  const choose = (name: RangeName) => {
    setTime(null);
    setRange(name);
  };
  const tools = lines.length > 0 && (
    <>
      <TimeReader {...shared} />
      <RangeChoice label="Range of the charts" ranges={RANGES} chosen={range} choose={choose} />
      <PictureButton name={picture} save={() => void savePicture(sceneParts(parts), picture)} />
    </>
  );
  return (
    <div className={cls('pair')} ref={ref}>
      <Panel id="backtest-equity" title="Equity" note="marked at each day’s end" isGrowing tools={tools}>
        {empty ?? <Chart {...shared} drawn={equity} alternative={`Equity. ${alternative}`} readout />}
      </Panel>
      <Panel id="backtest-drawdown" title="Drawdown" note="below the highest equity so far" isGrowing>
        {empty ?? <Chart {...shared} drawn={drawdown} alternative={`Drawdown. ${alternative}`} />}
      </Panel>
    </div>
  );
}
