import { toast } from '#renderer/src/store/ui.ts';
import { saveFile } from '#renderer/src/ui/save-file.ts';
import { readColors } from './colors.ts';
import type { ChartColors } from './colors.ts';

/** A chart of a picture, in CSS px; it paints itself from the origin. */
export type PicturePart = {
  readonly title: string;
  readonly note: string;
  readonly width: number;
  readonly height: number;
  readonly paint: (context: CanvasRenderingContext2D, colors: ChartColors) => void;
};

const FONT_FAMILY = "'IBM Plex Sans', system-ui, sans-serif";
const SCALE = 2;
const HEADER = 30;

function paintTitle(
  context: CanvasRenderingContext2D,
  { title, note }: Pick<PicturePart, 'title' | 'note'>,
  colors: ChartColors,
): void {
  context.textAlign = 'left';
  context.textBaseline = 'alphabetic';
  context.fillStyle = colors.text;
  context.font = `600 12px ${FONT_FAMILY}`;
  context.fillText(title, 12, 19);
  const after = 12 + context.measureText(title).width + 8;
  context.fillStyle = colors.text3;
  context.font = `400 11px ${FONT_FAMILY}`;
  context.fillText(note, after, 19);
}

/** Draws charts under each other with their titles, at twice the screen's density. Null when the window cannot. */
async function pngOf(parts: readonly PicturePart[], colors: ChartColors): Promise<Blob | null> {
  await document.fonts.ready;
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(...parts.map(({ width }) => width)) * SCALE;
  canvas.height = parts.reduce((sum, { height }) => sum + height + HEADER, 0) * SCALE;
  const context = canvas.getContext('2d');
  if (context === null) return null;
  context.scale(SCALE, SCALE);
  context.fillStyle = colors.panel;
  context.fillRect(0, 0, canvas.width, canvas.height);
  for (const part of parts) {
    paintTitle(context, part, colors);
    context.translate(0, HEADER);
    part.paint(context, colors);
    context.translate(0, part.height);
  }
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
}

/** Draws charts into one picture and saves it; says so where it cannot be drawn. */
export async function savePicture(parts: readonly PicturePart[], name: string): Promise<void> {
  const blob = parts.length === 0 ? null : await pngOf(parts, readColors(document.documentElement));
  if (blob === null) {
    toast('error', 'The picture could not be drawn. Make the window larger and try again.');
    return;
  }
  saveFile(blob, name);
  toast('info', `Exported ${name}.`);
}
