import { useEffect, useEffectEvent } from 'react';
import type { EquityPoint } from '#shared/domain/performance.ts';
import { savePicture } from '#renderer/src/chart/picture.ts';
import { toast, useUi } from '#renderer/src/store/ui.ts';
import { saveFile } from '#renderer/src/ui/save-file.ts';
import { csvOf, fileName } from './export-files.ts';
import { sceneParts } from './scene-canvas.ts';
import type { DrawnPart } from './scene-canvas.ts';
import { pointsIn } from './time-range.ts';
import type { RangeName } from './time-range.ts';

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

/** Exports what the charts show: a picture (key E) or the points of the range in full. */
export function useExport(points: readonly EquityPoint[], range: RangeName, parts: readonly DrawnPart[]) {
  const shown = pointsIn(points, range);
  const pictureName = fileName(shown, 'png');
  const png = () => void savePicture(sceneParts(parts), pictureName);
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
  return { png, csv, pictureName };
}
