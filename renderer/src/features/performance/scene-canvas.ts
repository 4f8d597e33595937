import type { ChartColors } from '#renderer/src/chart/colors.ts';
import type { PicturePart } from '#renderer/src/chart/picture.ts';
import { FONT_FAMILY, FONT_SIZE, STRONG_SIZE } from './scene.ts';
import type { Scene, Shape } from './scene.ts';

const ALIGN = { start: 'left', middle: 'center', end: 'right' } as const;

function paintText(
  context: CanvasRenderingContext2D,
  shape: Extract<Shape, { kind: 'text' }>,
  colors: ChartColors,
): void {
  context.font = shape.isStrong ? `600 ${STRONG_SIZE}px ${FONT_FAMILY}` : `400 ${FONT_SIZE}px ${FONT_FAMILY}`;
  context.textAlign = ALIGN[shape.anchor];
  context.textBaseline = 'alphabetic';
  // A rim of the ground keeps words readable over lines.
  context.lineWidth = 3;
  context.lineJoin = 'round';
  context.strokeStyle = colors.panel;
  context.strokeText(shape.text, shape.x, shape.y);
  context.fillStyle = colors[shape.tone];
  context.fillText(shape.text, shape.x, shape.y);
}

function paint(context: CanvasRenderingContext2D, shape: Shape, colors: ChartColors): void {
  switch (shape.kind) {
    case 'line':
      context.strokeStyle = colors[shape.tone];
      context.lineWidth = shape.width;
      context.lineJoin = 'round';
      context.setLineDash([...shape.dash]);
      context.stroke(new Path2D(shape.d));
      return;
    case 'area':
      context.globalAlpha = shape.opacity;
      context.fillStyle = colors[shape.tone];
      context.fill(new Path2D(shape.d));
      return;
    case 'dot':
      context.beginPath();
      context.arc(shape.x, shape.y, shape.radius, 0, 2 * Math.PI);
      context.fillStyle = colors[shape.tone];
      context.fill();
      return;
    case 'ring':
      context.beginPath();
      context.arc(shape.x, shape.y, shape.radius, 0, 2 * Math.PI);
      context.fillStyle = colors.panel;
      context.fill();
      context.strokeStyle = colors[shape.tone];
      context.lineWidth = 1.5;
      context.stroke();
      return;
    case 'text':
      paintText(context, shape, colors);
  }
}

/** Draws a scene at the context's origin, as it stands on the screen. */
export function paintScene(context: CanvasRenderingContext2D, scene: Scene, colors: ChartColors): void {
  for (const shape of scene.shapes) {
    context.save();
    paint(context, shape, colors);
    context.restore();
  }
}

/** A chart for a picture; null where it is not drawn yet. */
export type DrawnPart = { readonly title: string; readonly note: string; readonly scene: Scene | null };

/** The charts that are drawn, as parts of a picture. */
export const sceneParts = (parts: readonly DrawnPart[]): readonly PicturePart[] =>
  parts.flatMap(({ title, note, scene }) =>
    scene === null
      ? []
      : [
          {
            ...{ title, note, width: scene.width, height: scene.height },
            paint: (context, colors) => paintScene(context, scene, colors),
          },
        ],
  );
