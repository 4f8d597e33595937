import { useMemo, useState } from 'react';
import type { PointerEvent, ReactNode } from 'react';
import charts from '#renderer/src/features/performance/charts.module.css';
import { Crosshair } from '#renderer/src/features/performance/crosshair.tsx';
import { SceneSvg } from '#renderer/src/features/performance/scene-svg.tsx';
import type { Scene } from '#renderer/src/features/performance/scene.ts';
import { useBoxSize } from '#renderer/src/features/performance/use-box-size.ts';
import { Panel } from '#renderer/src/ui/panel.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import { PictureButton } from './picture-button.tsx';
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

function Readout({ rows, x, scene }: { rows: ReturnType<Reader['at']>; x: number; scene: Scene }) {
  const [place, ...figures] = rows;
  const { left, right, top } = scene.plot;
  return (
    <div
      className={cls('readout', x < (left + right) / 2 ? 'onRight' : 'onLeft')}
      style={{ left: x, top }}
      aria-hidden="true"
    >
      <p>{place?.join(' ')}</p>
      <table>
        <tbody>
          {figures.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

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
  const tools = (
    <>
      {reader !== undefined && <StepReader reader={reader} step={step} choose={setStep} />}
      <PictureButton parts={[{ title, note, scene }]} name={picture} />
    </>
  );
  return (
    <Panel id={id} title={title} note={note} isGrowing tools={tools}>
      <div ref={ref} className={cls('chart')} onPointerMove={follow} onPointerLeave={() => setStep(null)}>
        <div className={cls('picture')} role="img" aria-label={alternative}>
          {scene !== null && <SceneSvg scene={scene} />}
        </div>
        {shown !== null && <Crosshair plot={shown.scene.plot} x={x} />}
        {shown !== null && <Readout rows={shown.reader.at(shown.step)} x={x} scene={shown.scene} />}
        {children}
      </div>
    </Panel>
  );
}

type StepReaderProps = {
  readonly reader: Reader;
  readonly step: number | null;
  readonly choose: (step: number | null) => void;
};

/** The chart by keyboard: a slider over its steps that says the figures of each. */
function StepReader({ reader, step, choose }: StepReaderProps) {
  const at = step ?? reader.steps;
  return (
    <input
      type="range"
      className={cls('reader')}
      aria-label={reader.label}
      aria-valuetext={reader
        .at(at)
        .map((row) => row.join(' '))
        .join(', ')}
      min={0}
      max={reader.steps}
      value={at}
      onChange={(event) => choose(Number(event.target.value))}
      onBlur={() => choose(null)}
    />
  );
}
