import type { ReactNode } from 'react';
import { Button } from '#renderer/src/ui/button.tsx';
import { styler } from '#renderer/src/ui/styler.ts';
import type { ChartRange } from './chart-range.ts';
import css from './chart-tools.module.css';

const cls = styler(css);

export type RangeProps<N extends string> = {
  readonly label: string;
  readonly ranges: readonly ChartRange<N>[];
  /** Null where the chart was moved by hand. */
  readonly chosen: N | null;
  readonly choose: (name: N) => void;
};

/** One button for each stretch of time. */
export function RangeChoice<N extends string>({ label, ranges, chosen, choose }: RangeProps<N>) {
  return (
    <span className={cls('ranges')} role="group" aria-label={label}>
      {ranges.map(({ name, text, spoken }) => (
        <button
          key={name}
          type="button"
          className={cls('range', name === chosen && 'chosen')}
          aria-pressed={name === chosen}
          aria-label={spoken}
          title={spoken}
          onClick={() => choose(name)}
        >
          {text}
        </button>
      ))}
    </span>
  );
}

type SliderProps = {
  readonly label: string;
  /** Index of the last point. */
  readonly last: number;
  readonly at: number;
  /** The figures of the point, as they are spoken. */
  readonly words: string | undefined;
  readonly point: (index: number | null) => void;
  /** Stands over the chart while it has the focus, where a header has no room for it. */
  readonly isOver?: boolean;
};

/** A chart by keyboard: a slider over its points that says the figures of each. Seen only while it has the focus. */
export function PointSlider({ label, last, at, words, point, isOver = false }: SliderProps) {
  return (
    <input
      type="range"
      className={cls('reader', isOver && 'over')}
      aria-label={label}
      aria-valuetext={words}
      min={0}
      max={Math.max(0, last)}
      value={Math.max(0, at)}
      onChange={(event) => point(Number(event.target.value))}
      onFocus={() => point(at)}
      onBlur={() => point(null)}
    />
  );
}

type PictureProps = { readonly name: string; readonly save: () => void; readonly hasKey?: boolean };

/** Saves a chart as a picture, as it stands on the screen. */
export function PictureButton({ name, save, hasKey = false }: PictureProps) {
  return (
    <Button
      size="small"
      variant="quiet"
      title="Save as a PNG picture"
      aria-label={`PNG, saves the picture ${name}`}
      {...(hasKey ? { keys: ['E'], 'aria-keyshortcuts': 'E' } : {})}
      onClick={save}
    >
      PNG
    </Button>
  );
}

type ToolsProps<N extends string> = {
  readonly slider?: SliderProps;
  readonly ranges?: RangeProps<N>;
  readonly picture?: PictureProps;
  readonly children?: ReactNode;
};

/** The tools of every chart, in one order: its points by keyboard, its stretch of time, its picture. */
export function ChartTools<N extends string>({ slider, ranges, picture, children }: ToolsProps<N>) {
  return (
    <>
      {slider !== undefined && <PointSlider {...slider} />}
      {ranges !== undefined && <RangeChoice {...ranges} />}
      {picture !== undefined && <PictureButton {...picture} />}
      {children}
    </>
  );
}
