import { useMemo, useState } from 'react';
import type { PointerEvent, ReactNode } from 'react';
import { ChartTools, PointSlider } from '#renderer/src/chart/chart-tools.tsx';
import type { RangeProps } from '#renderer/src/chart/chart-tools.tsx';
import { savePicture } from '#renderer/src/chart/picture.ts';
import { Crosshair, Readout, ReadoutRow } from '#renderer/src/chart/readout.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import css from './charts.module.css';
import { sceneParts } from './scene-canvas.ts';
import { SceneSvg } from './scene-svg.tsx';
import { nearestPoint } from './scene-reader.ts';
import type { Reading, SceneReader } from './scene-reader.ts';
import type { Box, Scene } from './scene.ts';
import { useBoxSize } from './use-box-size.ts';
import type { BoxSize } from './use-box-size.ts';

const cls = styler(css);

export type SceneChartInput<N extends string> = {
  readonly title: string;
  readonly note: string;
  /** Stable between renders with the same figures. */
  readonly draw: (size: BoxSize) => Scene;
  readonly alternative: string;
  /** File name of its picture. */
  readonly picture: string;
  /** Absent where the chart has nothing to read. */
  readonly reader?: SceneReader | undefined;
  readonly ranges?: RangeProps<N>;
  /** The same in words or figures, for who does not see it. */
  readonly children?: ReactNode;
};

const wordsOf = ({ title, figures }: Reading): string => [title, ...figures.map((row) => row.join(' '))].join(', ');

/** The figures of a point over the chart. */
function PointReadout({
  reader,
  index,
  plot,
}: {
  readonly reader: SceneReader;
  readonly index: number;
  readonly plot: Box;
}) {
  const x = reader.x(index, plot);
  const { title, figures } = reader.at(index);
  return (
    <>
      <Crosshair plot={plot} x={x} />
      <Readout plot={plot} x={x} title={title}>
        {figures.map(([name, value]) => (
          <ReadoutRow key={name} name={name} value={value} />
        ))}
      </Readout>
    </>
  );
}

/** A chart that can be read by pointer and by keyboard, and its tools: its stretch of time, its picture. */
export function useSceneChart<N extends string>(input: SceneChartInput<N>) {
  const { title, note, draw, alternative, picture, reader, ranges, children } = input;
  const { ref, size } = useBoxSize();
  const [pointed, point] = useState<number | null>(null);
  const scene = useMemo(() => (size === null || size.width < 1 || size.height < 1 ? null : draw(size)), [draw, size]);
  const follow = (event: PointerEvent<HTMLDivElement>) => {
    if (scene === null || reader === undefined) return;
    const box = event.currentTarget.getBoundingClientRect();
    point(nearestPoint(reader, scene.plot, { x: event.clientX - box.left, y: event.clientY - box.top }));
  };
  const at = reader === undefined ? 0 : Math.max(0, Math.min(pointed ?? reader.last, reader.last));
  const choose = (name: N) => {
    point(null);
    ranges?.choose(name);
  };
  const tools = (
    <ChartTools
      {...(ranges === undefined ? {} : { ranges: { ...ranges, choose } })}
      picture={{ name: picture, save: () => void savePicture(sceneParts([{ title, note, scene }]), picture) }}
    />
  );
  const chart = (
    <div ref={ref} className={cls('chart')} onPointerMove={follow} onPointerLeave={() => point(null)}>
      <div className={cls('picture')} role="img" aria-label={alternative}>
        {scene !== null && <SceneSvg scene={scene} />}
      </div>
      {reader !== undefined && reader.last >= 0 && (
        <PointSlider {...{ label: reader.label, last: reader.last, at, point }} words={wordsOf(reader.at(at))} isOver />
      )}
      {scene !== null && reader !== undefined && pointed !== null && (
        <PointReadout reader={reader} index={at} plot={scene.plot} />
      )}
      {children}
    </div>
  );
  return { tools, chart };
}
