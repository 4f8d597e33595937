import { useMemo, useState } from 'react';
import type { PointerEvent, ReactNode } from 'react';
import { ChartTools } from '#renderer/src/chart/chart-tools.tsx';
import { savePicture } from '#renderer/src/chart/picture.ts';
import { Crosshair, Readout, ReadoutRow } from '#renderer/src/chart/readout.tsx';
import charts from '#renderer/src/features/performance/charts.module.css';
import { sceneParts } from '#renderer/src/features/performance/scene-canvas.ts';
import { SceneSvg } from '#renderer/src/features/performance/scene-svg.tsx';
import type { Scene } from '#renderer/src/features/performance/scene.ts';
import { useBoxSize } from '#renderer/src/features/performance/use-box-size.ts';
import { Panel } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import css from './charts.module.css';

const cls = styler({ ...charts, ...css });

type Size = { readonly width: number; readonly height: number };

type Reader = {
  /** Words before the figures of a point: the chart by keyboard. */
  readonly label: string;
  readonly steps: number;
  /** Figures at a step, as rows of name and value, the first its place. */
  readonly at: (step: number) => readonly (readonly [name: string, value: string])[];
};

type Props = {
  readonly id: string;
  readonly title: string;
  readonly note: string;
  /** Stable between renders with the same figures. */
  readonly draw: (size: Size) => Scene;
  readonly alternative: string;
  readonly picture: string;
  readonly reader?: Reader;
  readonly children?: ReactNode;
};

/** A chart of equal steps with its figures by pointer and by keyboard, and its picture. */
export function ScenePanel({ id, title, note, draw, alternative, picture, reader, children }: Props) {
  const { ref, size } = useBoxSize();
  const [step, setStep] = useState<number | null>(null);
  const scene = useMemo(() => (size === null || size.width < 1 || size.height < 1 ? null : draw(size)), [draw, size]);
  const follow = (event: PointerEvent<HTMLDivElement>) => {
    if (scene === null || reader === undefined) return;
    const { left, right } = scene.plot;
    const share = (event.clientX - event.currentTarget.getBoundingClientRect().left - left) / (right - left);
    setStep(share < 0 || share > 1 ? null : Math.round(share * reader.steps));
  };
  const shown = scene === null || reader === undefined || step === null ? null : { step, reader, scene };
  const x =
    shown === null
      ? 0
      : shown.scene.plot.left + (shown.step / shown.reader.steps) * (shown.scene.plot.right - shown.scene.plot.left);
  const at = step ?? reader?.steps ?? 0;
  const tools = (
    <ChartTools
      {...(reader === undefined
        ? {}
        : {
            slider: {
              ...{ label: reader.label, last: reader.steps, at, point: setStep },
              words: reader
                .at(at)
                .map((row) => row.join(' '))
                .join(', '),
            },
          })}
      picture={{ name: picture, save: () => void savePicture(sceneParts([{ title, note, scene }]), picture) }}
    />
  );
  const [place = [], ...figures] = shown === null ? [] : shown.reader.at(shown.step);
  return (
    <Panel id={id} title={title} note={note} isGrowing tools={tools}>
      <div ref={ref} className={cls('chart')} onPointerMove={follow} onPointerLeave={() => setStep(null)}>
        <div className={cls('picture')} role="img" aria-label={alternative}>
          {scene !== null && <SceneSvg scene={scene} />}
        </div>
        {shown !== null && <Crosshair plot={shown.scene.plot} x={x} />}
        {shown !== null && (
          <Readout plot={shown.scene.plot} x={x} title={place.join(' ')}>
            {figures.map(([name, value]) => (
              <ReadoutRow key={name} name={name} value={value} />
            ))}
          </Readout>
        )}
        {children}
      </div>
    </Panel>
  );
}
