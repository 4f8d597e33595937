import type { Fold, SizingParameters, WalkForwardRun } from '#shared/domain/walk-forward.ts';
import { DASH } from '#shared/format/numbers.ts';
import { scoreText } from '#shared/wording/walk-forward.ts';
import { textShape } from '#renderer/src/features/performance/axes.ts';
import { linearScale } from '#renderer/src/features/performance/scale.ts';
import { segment } from '#renderer/src/features/performance/scene.ts';
import type { SceneReader } from '#renderer/src/features/performance/scene-reader.ts';
import type { Scene, Shape } from '#renderer/src/features/performance/scene.ts';

type Size = { readonly width: number; readonly height: number };

const NAME_WIDTH = 92;
const RIGHT = 12;
const BOTTOM = 22;
/** Least px of a cell for its score to be written in it. */
const SCORE_WIDTH = 60;

const PARAMETERS = [
  { name: 'multiplier', label: 'λ', list: 'multipliers' },
  { name: 'evidenceTrades', label: 'n₀', list: 'evidenceTrades' },
  { name: 'lookBackDays', label: 'look-back', list: 'lookBackDays' },
] as const satisfies readonly {
  readonly name: keyof SizingParameters;
  readonly label: string;
  readonly list: keyof WalkForwardRun['setup'];
}[];

const short = (value: number): string => String(Number(value.toPrecision(4)));

/** What was chosen in every fold: a lane for each parameter, its values as levels, the choice as a line that steps. */
export function stabilityScene({ folds, combinations, setup }: WalkForwardRun, { width, height }: Size): Scene {
  const plot = {
    left: NAME_WIDTH,
    right: Math.max(NAME_WIDTH + 1, width - RIGHT),
    top: 8,
    bottom: Math.max(9, height - BOTTOM),
  };
  const lane = (plot.bottom - plot.top) / PARAMETERS.length;
  const x = linearScale({ min: 0, max: folds.length }, plot.left, plot.right);
  const shapes = PARAMETERS.flatMap(({ name, label, list }, i): readonly Shape[] => {
    const values = setup[list].toSorted((a, b) => a - b);
    const top = plot.top + i * lane;
    const y = linearScale({ min: 0, max: Math.max(1, values.length - 1) }, top + lane - 16, top + 12);
    const level = (value: number): number => y(values.length === 1 ? 0.5 : Math.max(0, values.indexOf(value)));
    const chosen = folds.map(({ chosen: index }) => level(combinations[index]?.[name] ?? NaN));
    const d = chosen.map((at, k) => `${k === 0 ? 'M' : 'L'}${x(k)} ${at}L${x(k + 1)} ${at}`).join('');
    return [
      textShape(`name ${name}`, { x: 12, y: top + lane / 2 + 4, text: label }, { tone: 'text2', isStrong: true }),
      ...values.flatMap((value): readonly Shape[] => [
        {
          kind: 'line',
          key: `level ${name} ${value}`,
          d: segment(plot.left, level(value), plot.right, level(value)),
          tone: 'line',
          width: 1,
          dash: [],
        },
        textShape(
          `value ${name} ${value}`,
          { x: plot.left - 8, y: level(value) + 4, text: short(value) },
          { anchor: 'end' },
        ),
      ]),
      { kind: 'line', key: `chosen ${name}`, d, tone: 'accent', width: 2, dash: [] },
      ...chosen.map((at, k): Shape => ({
        kind: 'dot',
        key: `dot ${name} ${k}`,
        x: x(k + 0.5),
        y: at,
        radius: 3,
        tone: 'accent',
      })),
    ];
  });
  const names = folds.map((_, k) =>
    textShape(`fold ${k}`, { x: x(k + 0.5), y: height - 7, text: `fold ${k + 1}` }, { anchor: 'middle' }),
  );
  return { width, height, plot, shapes: [...shapes, ...names] };
}

/** Scores of one fold as cells: λ down, n₀ and the look-back across. Darker is better; the chosen one has a ring. */
export function surfaceScene({ combinations, setup }: WalkForwardRun, fold: Fold, { width, height }: Size): Scene {
  const lambdas = setup.multipliers.toSorted((a, b) => a - b);
  const across = combinations.length / Math.max(1, lambdas.length);
  const plot = { left: 52, right: Math.max(53, width - RIGHT), top: 8, bottom: Math.max(9, height - 36) };
  const [cellWidth, cellHeight] = [(plot.right - plot.left) / across, (plot.bottom - plot.top) / lambdas.length];
  const known = fold.inSample.filter((score) => score !== null);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const shade = (score: number | null): number =>
    score === null || high <= low ? 0.08 : 0.08 + (0.6 * (score - low)) / (high - low);
  const cells = combinations.flatMap((_, i): readonly Shape[] => {
    const [row, column] = [Math.floor(i / across), i % across];
    const [left, top] = [plot.left + column * cellWidth, plot.top + (lambdas.length - 1 - row) * cellHeight];
    const score = fold.inSample[i] ?? null;
    const [right, bottom] = [left + cellWidth - 1, top + cellHeight - 1];
    const d = `M${left} ${top}L${right} ${top}L${right} ${bottom}L${left} ${bottom}Z`;
    const text = cellWidth < SCORE_WIDTH ? '' : scoreText(score, setup.score);
    return [
      { kind: 'area', key: `cell ${i}`, d, tone: 'accent', opacity: shade(score) },
      textShape(
        `score ${i}`,
        { x: left + cellWidth / 2, y: top + cellHeight / 2 + 4, text },
        { tone: 'text', anchor: 'middle', isStrong: i === fold.chosen },
      ),
      ...(i === fold.chosen ? [{ kind: 'line', key: 'chosen', d, tone: 'text', width: 2, dash: [] } as const] : []),
    ];
  });
  const rows = lambdas.map((value, row) =>
    textShape(
      `row ${value}`,
      { x: plot.left - 8, y: plot.top + (lambdas.length - row - 0.5) * cellHeight + 4, text: `λ ${short(value)}` },
      { anchor: 'end' },
    ),
  );
  const columns = combinations
    .slice(0, across)
    .flatMap(({ evidenceTrades, lookBackDays }, column): readonly Shape[] => {
      const x = plot.left + (column + 0.5) * cellWidth;
      return [
        textShape(
          `n0 ${column}`,
          { x, y: height - 20, text: cellWidth < 30 ? '' : `n₀ ${short(evidenceTrades)}` },
          { anchor: 'middle' },
        ),
        textShape(
          `days ${column}`,
          { x, y: height - 7, text: cellWidth < 30 ? '' : `${short(lookBackDays)} d` },
          { anchor: 'middle' },
        ),
      ];
    });
  return { width, height, plot, shapes: [...cells, ...rows, ...columns] };
}

/** The folds, as they are read by pointer and by keyboard: what was chosen in each. */
export function stabilityReader({ folds, combinations }: WalkForwardRun): SceneReader {
  return {
    label: 'Folds of the stability',
    last: folds.length - 1,
    x: (index, { left, right }) => left + ((index + 0.5) / Math.max(1, folds.length)) * (right - left),
    at: (index) => {
      const chosen = combinations[folds[index]?.chosen ?? -1];
      return {
        title: `Fold ${index + 1}`,
        figures: PARAMETERS.map(({ name, label }) => [label, chosen === undefined ? DASH : short(chosen[name])]),
      };
    },
  };
}

/** The cells of a fold, as they are read by pointer and by keyboard. */
export function surfaceReader({ combinations, setup }: WalkForwardRun, fold: Fold): SceneReader {
  const rows = Math.max(1, setup.multipliers.length);
  const across = Math.max(1, combinations.length / rows);
  return {
    label: 'Scores of the fold',
    last: combinations.length - 1,
    x: (index, { left, right }) => left + (((index % across) + 0.5) / across) * (right - left),
    y: (index, { top, bottom }) => bottom - ((Math.floor(index / across) + 0.5) / rows) * (bottom - top),
    at: (index) => ({
      title: index === fold.chosen ? 'Chosen' : 'Not chosen',
      figures: [
        ['Score', scoreText(fold.inSample[index] ?? null, setup.score)],
        ...PARAMETERS.map(({ name, label }) => [label, short(combinations[index]?.[name] ?? NaN)] as const),
      ],
    }),
  };
}
