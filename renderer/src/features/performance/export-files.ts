import type { EquityPoint } from '#shared/domain/performance.ts';
import type { Money } from '#shared/units.ts';
import type { ChartColors } from '#renderer/src/chart/colors.ts';
import { paintScene } from './scene-canvas.ts';
import { FONT_FAMILY } from './scene.ts';
import type { Scene } from './scene.ts';

/** Money as dollars with all its four decimals, exact: 100732.5000. */
const dollars = (amount: Money): string => {
  const digits = String(Math.abs(amount)).padStart(5, '0');
  return `${amount < 0 ? '-' : ''}${digits.slice(0, -4)}.${digits.slice(-4)}`;
};

/** The points as CSV: UTC time, then USD of the three books. RFC 4180 line ends. */
export const csvOf = (points: readonly EquityPoint[]): string =>
  [
    'at,actual_usd,kelly_usd,fixed_usd',
    ...points.map(({ at, actual, model, fixed }) =>
      [new Date(at).toISOString(), dollars(actual), dollars(model), dollars(fixed)].join(','),
    ),
    '',
  ].join('\r\n');

const isoDay = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** Name of an exported file: what it holds and the UTC days it covers. */
export const fileName = (points: readonly EquityPoint[], extension: 'csv' | 'png'): string =>
  `kelly-desk-equity-${isoDay(points[0]?.at ?? 0)}-${isoDay(points.at(-1)?.at ?? 0)}.${extension}`;

export type Picture = {
  readonly parts: readonly { readonly title: string; readonly note: string; readonly scene: Scene }[];
  readonly colors: ChartColors;
};

const SCALE = 2;
const HEADER = 30;

/** Draws charts under each other with their titles, at twice the screen's density. Null when the window cannot. */
export async function pngOf({ parts, colors }: Picture): Promise<Blob | null> {
  await document.fonts.ready;
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(...parts.map(({ scene }) => scene.width)) * SCALE;
  canvas.height = parts.reduce((sum, { scene }) => sum + scene.height + HEADER, 0) * SCALE;
  const context = canvas.getContext('2d');
  if (context === null) return null;
  context.scale(SCALE, SCALE);
  context.fillStyle = colors.panel;
  context.fillRect(0, 0, canvas.width, canvas.height);
  for (const { title, note, scene } of parts) {
    context.textAlign = 'left';
    context.textBaseline = 'alphabetic';
    context.fillStyle = colors.text;
    context.font = `600 12px ${FONT_FAMILY}`;
    context.fillText(title, 12, 19);
    const after = 12 + context.measureText(title).width + 8;
    context.fillStyle = colors.text3;
    context.font = `400 11px ${FONT_FAMILY}`;
    context.fillText(note, after, 19);
    context.translate(0, HEADER);
    paintScene(context, scene, colors);
    context.translate(0, scene.height);
  }
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
}
