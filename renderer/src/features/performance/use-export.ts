import { useEffect, useEffectEvent } from 'react';
import type { EquityPoint } from '#shared/domain/performance.ts';
import { readColors } from '#renderer/src/chart/colors.ts';
import { toast, useUi } from '#renderer/src/store/ui.ts';
import { saveFile } from '#renderer/src/ui/save-file.ts';
import { csvOf, fileName, pngOf } from './export-files.ts';
import type { Scene } from './scene.ts';
import { pointsIn } from './timeline.ts';
import type { RangeName } from './timeline.ts';

/** A chart of a picture; null where it is not drawn yet. */
export type PicturePart = { readonly title: string; readonly note: string; readonly scene: Scene | null };

/** A letter typed here is text; the slider over the points takes none. */
const isText = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.matches('input:not([type="range"]), textarea, select'));

const isExportKey = (event: KeyboardEvent): boolean =>
  event.key.toLowerCase() === 'e' &&
  !event.ctrlKey &&
  !event.metaKey &&
  !event.altKey &&
  !event.repeat &&
  !isText(event.target) &&
  useUi.getState().dialog === null;

/** Draws charts into one picture and saves it; says so where it cannot be drawn. */
export async function savePicture(parts: readonly PicturePart[], name: string): Promise<void> {
  const drawn = parts.flatMap(({ scene, ...rest }) => (scene === null ? [] : [{ ...rest, scene }]));
  const blob = drawn.length === 0 ? null : await pngOf({ parts: drawn, colors: readColors(document.documentElement) });
  if (blob === null) {
    toast('error', 'The picture could not be drawn. The points can be exported as CSV.');
    return;
  }
  saveFile(blob, name);
  toast('info', `Exported ${name}.`);
}

/** Exports what the charts show: a picture (key E) or the points of the range in full. */
export function useExport(points: readonly EquityPoint[], range: RangeName, parts: readonly PicturePart[]) {
  const shown = pointsIn(points, range);
  const png = () => void savePicture(parts, fileName(shown, 'png'));
  const csv = () => {
    const name = fileName(shown, 'csv');
    saveFile(new Blob([csvOf(shown)], { type: 'text/csv;charset=utf-8' }), name);
    toast('info', `Exported ${shown.length} points to ${name}.`);
  };
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (!isExportKey(event)) return;
    event.preventDefault();
    png();
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => onKey(event);
    window.addEventListener('keydown', listener);
    return () => window.removeEventListener('keydown', listener);
  }, []);
  return { png, csv };
}
