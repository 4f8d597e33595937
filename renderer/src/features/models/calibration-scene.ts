import type { CalibrationPreview } from '#shared/domain/models.ts';
import { percentText } from '#shared/format/numbers.ts';
import { linearScale, niceTicks } from '#renderer/src/features/performance/scale.ts';
import { pathOf } from '#renderer/src/features/performance/scene.ts';
import type { SceneReader } from '#renderer/src/features/performance/scene-reader.ts';
import type { Scene, Shape } from '#renderer/src/features/performance/scene.ts';
import { label, levels, rule } from './axes.ts';

type SceneInput = { readonly curve: CalibrationPreview['curve']; readonly width: number; readonly height: number };

const ACROSS = { min: 0.5, max: 0.9 };
const LEFT = 48;
const RIGHT = 16;
const TOP = 12;
const BOTTOM = 38;

const shownOf = (curve: CalibrationPreview['curve']): CalibrationPreview['curve'] =>
  curve.filter(({ raw }) => raw >= ACROSS.min - 1e-9 && raw <= ACROSS.max + 1e-9);

/** What is sized from for what the models say: now and with the new fit; the diagonal is no calibration at all. */
export function calibrationScene({ curve, width, height }: SceneInput): Scene {
  const plot = {
    left: LEFT,
    right: Math.max(LEFT + 1, width - RIGHT),
    top: TOP,
    bottom: Math.max(TOP + 1, height - BOTTOM),
  };
  const across = ACROSS;
  const shown = shownOf(curve);
  const lowest = Math.min(0.5, ...shown.flatMap(({ before, after }) => [before, after]));
  const up = { min: Math.floor(lowest * 20) / 20, max: across.max };
  const x = linearScale(across, plot.left, plot.right);
  const y = linearScale(up, plot.bottom, plot.top);
  const line = (key: 'before' | 'after', look: Pick<Extract<Shape, { kind: 'line' }>, 'tone' | 'dash'>): Shape => ({
    kind: 'line',
    key,
    d: pathOf(
      shown.map(({ raw }) => x(raw)),
      shown.map((point) => y(point[key])),
    ),
    width: 2,
    ...look,
  });
  return {
    width,
    height,
    plot,
    shapes: [
      ...levels({ plot, domain: up, y, most: 4, write: (value) => percentText(value, 0) }),
      rule('diagonal', [x(across.min), y(across.min), x(across.max), y(across.max)], { tone: 'text3', dash: [2, 4] }),
      line('before', { tone: 'text', dash: [5, 4] }),
      line('after', { tone: 'accent', dash: [] }),
      ...niceTicks(across, 4).map((value) =>
        label(`x ${value}`, { x: x(value), y: plot.bottom + 15, text: percentText(value, 0) }, { anchor: 'middle' }),
      ),
      label(
        'said',
        { x: (plot.left + plot.right) / 2, y: plot.bottom + 31, text: 'what was said' },
        { anchor: 'middle' },
      ),
    ],
  };
}

/** The curve, as it is read by pointer and by keyboard. */
export function calibrationReader(curve: CalibrationPreview['curve']): SceneReader {
  const shown = shownOf(curve);
  return {
    label: 'Points of the calibration',
    last: shown.length - 1,
    x: (index, { left, right }) => linearScale(ACROSS, left, right)(shown[index]?.raw ?? ACROSS.min),
    at: (index) => ({
      title: `Said ${percentText(shown[index]?.raw, 1)}`,
      figures: [
        ['In force', percentText(shown[index]?.before, 1)],
        ['New fit', percentText(shown[index]?.after, 1)],
      ],
    }),
  };
}
