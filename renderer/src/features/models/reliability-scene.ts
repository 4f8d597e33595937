import type { ModelsReport, ScoredModel } from '#shared/domain/models.ts';
import { countText, percentText } from '#shared/format/numbers.ts';
import { linearScale, niceTicks } from '#renderer/src/features/performance/scale.ts';
import type { SceneReader } from '#renderer/src/features/performance/scene-reader.ts';
import type { Domain, Scale } from '#renderer/src/features/performance/scale.ts';
import { pathOf } from '#renderer/src/features/performance/scene.ts';
import type { Box, Scene, Shape } from '#renderer/src/features/performance/scene.ts';
import { label, levels, rule } from './axes.ts';

type SceneInput = {
  readonly model: ScoredModel;
  readonly gate: ModelsReport['gate'];
  readonly width: number;
  readonly height: number;
};

const LEFT = 52;
const RIGHT = 20;
const TOP = 34;
/** Room under the plot: the distribution of what was said, the axis and its caption. */
const DISTRIBUTION = 42;
const BOTTOM = 40 + DISTRIBUTION;
const CAP = 5;
const STEP = 0.05;
const TICK_WIDTH = 56;
const TICK_HEIGHT = 44;

type Scales = {
  readonly x: Scale;
  readonly y: Scale;
  readonly across: Domain;
  readonly up: Domain;
  readonly plot: Box;
};

const down = (value: number): number => Math.max(0, Math.floor(value / STEP + 1e-9) * STEP);
const above = (value: number): number => Math.min(1, Math.ceil(value / STEP - 1e-9) * STEP);

/** What was said, in whole steps around the bins and the gate. */
const acrossOf = ({ bins }: Pick<ScoredModel, 'bins'>, gate: number): Domain => ({
  min: down(Math.min(gate, ...bins.map(({ from }) => from))),
  max: above(Math.max(gate, ...bins.map(({ to }) => to))),
});

function scalesOf({ model, gate, width, height }: SceneInput): Scales {
  const { bins } = model;
  const plot = {
    left: LEFT,
    right: Math.max(LEFT + 1, width - RIGHT),
    top: TOP,
    bottom: Math.max(TOP + 1, height - BOTTOM),
  };
  const across = acrossOf(model, gate);
  const up = {
    min: down(Math.min(across.min, ...bins.map(({ lower }) => lower))),
    max: above(Math.max(across.max, ...bins.map(({ upper }) => upper))),
  };
  return { plot, across, up, x: linearScale(across, plot.left, plot.right), y: linearScale(up, plot.bottom, plot.top) };
}

/** What each bin won, its interval, and how many there were. */
function binShapes({ model }: SceneInput, { x, y, plot }: Scales): readonly Shape[] {
  const xs = model.bins.map(({ said }) => x(said));
  const ys = model.bins.map(({ won }) => y(won));
  const isTight = (plot.right - plot.left) / Math.max(1, model.bins.length) < 44;
  return [
    ...model.bins.flatMap(({ from, said, lower, upper, count }, i): readonly Shape[] => {
      const at = x(said);
      const bar = { tone: 'text3', width: 1.5 } as const;
      const isShown = !isTight || i % 2 === 0;
      return [
        rule(`bar ${from}`, [at, y(lower), at, y(upper)], bar),
        rule(`low ${from}`, [at - CAP, y(lower), at + CAP, y(lower)], bar),
        rule(`high ${from}`, [at - CAP, y(upper), at + CAP, y(upper)], bar),
        ...(isShown
          ? [label(`n ${from}`, { x: at, y: TOP - 8, text: `n ${countText(count)}` }, { anchor: 'middle' })]
          : []),
      ];
    }),
    { kind: 'line', key: 'won', d: pathOf(xs, ys), tone: 'accent', width: 1.5, dash: [] },
    ...xs.map((at, i): Shape => ({ kind: 'dot', key: `dot ${i}`, x: at, y: ys[i] ?? 0, radius: 4, tone: 'accent' })),
  ];
}

/** The line on which what was said is what was won. */
function diagonal({ x, y, across, up }: Scales): readonly Shape[] {
  const from = Math.max(across.min, up.min);
  const to = Math.min(across.max, up.max);
  const at = { x: x(to) - 4, y: y(to) + 26, text: 'perfect' };
  return [
    rule('diagonal', [x(from), y(from), x(to), y(to)], { tone: 'text3', dash: [5, 4] }),
    label('diagonal text', at, { anchor: 'end' }),
  ];
}

/** How often each confidence was said, as bars under the plot. */
function distribution({ model }: SceneInput, { x, across, plot }: Scales): readonly Shape[] {
  const most = Math.max(1, ...model.histogram);
  const floor = plot.bottom + DISTRIBUTION;
  const bars = model.histogram.flatMap((count, i): readonly Shape[] => {
    const [from, to] = [i * STEP, (i + 1) * STEP];
    if (count === 0 || to <= across.min + 1e-9 || from >= across.max - 1e-9) return [];
    const top = floor - (count / most) * (DISTRIBUTION - 14);
    const d = `M${x(from) + 1} ${floor}V${top}H${x(to) - 1}V${floor}Z`;
    return [
      { kind: 'area', key: `said ${i}`, d, tone: 'line2', opacity: 0.7 },
      // High contrast draws no areas: the outline tells the bar there.
      { kind: 'line', key: `said edge ${i}`, d, tone: 'line2', width: 1, dash: [] },
    ];
  });
  return [...bars, rule('floor', [plot.left, floor, plot.right, floor], { tone: 'line2' })];
}

function acrossAxis({ x, across, plot }: Scales): readonly Shape[] {
  const y = plot.bottom + DISTRIBUTION;
  return [
    ...niceTicks(across, Math.floor((plot.right - plot.left) / TICK_WIDTH)).map((value) =>
      label(`said ${value}`, { x: x(value), y: y + 16, text: percentText(value, 0) }, { anchor: 'middle' }),
    ),
    label(
      'said',
      { x: (plot.left + plot.right) / 2, y: y + 34, text: 'what was said, and how often' },
      { anchor: 'middle' },
    ),
  ];
}

/** The reliability diagram of one model: what it said against how often the planned trade won. */
export function reliabilityScene(input: SceneInput): Scene {
  const scales = scalesOf(input);
  const { plot, up, x, y } = scales;
  const most = Math.max(2, Math.floor((plot.bottom - plot.top) / TICK_HEIGHT));
  return {
    width: input.width,
    height: input.height,
    plot,
    shapes: [
      ...levels({ plot, domain: up, y, most, write: (value) => percentText(value, 0) }),
      ...diagonal(scales),
      rule('gate', [x(input.gate), plot.top, x(input.gate), plot.bottom], { tone: 'warn', dash: [2, 3], width: 1.5 }),
      label(
        'gate text',
        { x: x(input.gate) + 5, y: plot.bottom - 6, text: `gate ${percentText(input.gate, 0)}` },
        { tone: 'warn' },
      ),
      ...binShapes(input, scales),
      ...distribution(input, scales),
      ...acrossAxis(scales),
    ],
  };
}

/** The bins, as they are read by pointer and by keyboard. */
export function reliabilityReader(model: ScoredModel, gate: number): SceneReader {
  const { bins } = model;
  const across = acrossOf(model, gate);
  return {
    label: 'Bins of the reliability diagram',
    last: bins.length - 1,
    x: (index, { left, right }) => linearScale(across, left, right)(bins[index]?.said ?? across.min),
    at: (index) => {
      const bin = bins[index];
      if (bin === undefined) return { title: '', figures: [] };
      return {
        title: `${percentText(bin.from, 0)} to ${percentText(bin.to, 0)}`,
        figures: [
          ['Said', percentText(bin.said, 1)],
          ['Won', percentText(bin.won, 1)],
          ['90 % interval', `${percentText(bin.lower, 1)} to ${percentText(bin.upper, 1)}`],
          ['Signals', countText(bin.count)],
        ],
      };
    },
  };
}
