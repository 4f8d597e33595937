import type { ChartColors } from '#renderer/src/chart/colors.ts';

/** Tokens a scene may draw with. */
export type Tone = Extract<
  keyof ChartColors,
  'text' | 'text2' | 'text3' | 'accent' | 'gain' | 'loss' | 'warn' | 'line' | 'line2' | 'panel'
>;

/** What a chart draws, in CSS px from its top left: the same list goes to the screen (SVG) and to a picture (canvas). */
export type Shape =
  | {
      readonly kind: 'line';
      readonly key: string;
      readonly d: string;
      readonly tone: Tone;
      readonly width: number;
      readonly dash: readonly number[];
    }
  | { readonly kind: 'area'; readonly key: string; readonly d: string; readonly tone: Tone; readonly opacity: number }
  | {
      readonly kind: 'text';
      readonly key: string;
      readonly x: number;
      readonly y: number;
      readonly text: string;
      readonly tone: Tone;
      readonly anchor: 'start' | 'middle' | 'end';
      readonly isStrong: boolean;
    }
  | {
      /** A dot is filled with its tone, a ring with the ground. */
      readonly kind: 'ring' | 'dot';
      readonly key: string;
      readonly x: number;
      readonly y: number;
      readonly radius: number;
      readonly tone: Tone;
    };

export type Box = { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number };

export type Scene = {
  readonly width: number;
  readonly height: number;
  /** Where the lines are. */
  readonly plot: Box;
  readonly shapes: readonly Shape[];
};

/** Font of scenes; strong texts are 600. */
export const FONT_FAMILY = "'IBM Plex Sans', system-ui, sans-serif";
export const FONT_SIZE = 11;
export const STRONG_SIZE = 12;

const px = (value: number): string => String(Math.round(value * 100) / 100);

/** A path through points. @param xs, ys px, same length */
export const pathOf = (xs: readonly number[], ys: readonly number[]): string =>
  xs.map((x, i) => `${i === 0 ? 'M' : 'L'}${px(x)} ${px(ys[i] ?? 0)}`).join('');

/** A straight line. */
export const segment = (x1: number, y1: number, x2: number, y2: number): string =>
  `M${px(x1)} ${px(y1)}L${px(x2)} ${px(y2)}`;
