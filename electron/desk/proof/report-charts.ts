import { decimate } from './decimate.ts';

export type Line = { readonly label: string; readonly at: readonly number[]; readonly values: readonly number[] };

const WIDTH = 960;
const HEIGHT = 320;
const LEFT = 84;
const BOTTOM = 28;
const TOP = 12;
const POINTS = 600;

/** Told apart by colour and by dash, so that a print without colour can be read. */
const STROKES = ['#1f5fbf', '#b3541e', '#2c7a4b', '#7a3b8f', '#a01f3a', '#3a6b7a', '#8a6d00', '#444444'];
const DASHES = ['', '6 3', '2 3', '8 3 2 3', '1 2', '10 4', '4 4 1 4', '12 2'];

/** Text as it stands in markup. */
export const escaped = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');

const rounded = (x: number): string => String(Math.round(x * 10) / 10);

type Scale = { readonly x: (at: number) => number; readonly y: (value: number) => number };

const extent = (values: readonly number[]): readonly [number, number] => {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low > high ? [0, 1] : low === high ? [low - 1, high + 1] : [low, high];
};

function scaleOf(
  lines: readonly Line[],
): Scale & { readonly low: number; readonly high: number; readonly times: readonly [number, number] } {
  const times = extent(lines.flatMap(({ at }) => [at[0] ?? 0, at.at(-1) ?? 1]));
  const [low, high] = extent(lines.flatMap(({ values }) => extent(values)));
  return {
    ...{ low, high, times },
    x: (at) => LEFT + ((at - times[0]) / (times[1] - times[0])) * (WIDTH - LEFT - 8),
    y: (value) => TOP + (1 - (value - low) / (high - low)) * (HEIGHT - TOP - BOTTOM),
  };
}

function pathOf({ at, values }: Line, { x, y }: Scale, place: number): string {
  const points = decimate(values, POINTS).map((i) => `${rounded(x(at[i] ?? 0))},${rounded(y(values[i] ?? 0))}`);
  const dash = DASHES[place % DASHES.length] ?? '';
  const pattern = dash === '' ? '' : ` stroke-dasharray="${dash}"`;
  return `<polyline fill="none" stroke="${STROKES[place % STROKES.length] ?? '#000'}" stroke-width="1.5"${pattern} points="${points.join(' ')}"/>`;
}

const dayText = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** How figures stand beside the axes; `atText` is a day unless given. */
export type AxisTexts = { readonly valueText: (value: number) => string; readonly atText?: (at: number) => string };

/** Draws lines over time as one SVG with its own legend: no script, no font, nothing fetched. */
export function lineChart(lines: readonly Line[], title: string, { valueText, atText = dayText }: AxisTexts): string {
  const shown = lines.filter(({ at }) => at.length > 1);
  if (shown.length === 0) return `<p>${escaped(title)}: nothing to draw.</p>`;
  const scale = scaleOf(shown);
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => scale.low + share * (scale.high - scale.low));
  const grid = ticks.map((value) => {
    const y = rounded(scale.y(value));
    return `<line x1="${LEFT}" x2="${WIDTH - 8}" y1="${y}" y2="${y}" stroke="#ddd"/><text x="${LEFT - 6}" y="${y}" dy="4" text-anchor="end">${escaped(valueText(value))}</text>`;
  });
  const days = [0, 0.5, 1].map((share) => {
    const at = scale.times[0] + share * (scale.times[1] - scale.times[0]);
    const anchor = share === 0 ? 'start' : share === 1 ? 'end' : 'middle';
    return `<text x="${rounded(scale.x(at))}" y="${HEIGHT - 8}" text-anchor="${anchor}">${escaped(atText(at))}</text>`;
  });
  const legend = shown.map(({ label }, i) => {
    const dash = DASHES[i % DASHES.length] ?? '';
    const swatch = `<svg width="34" height="8" aria-hidden="true"><line x1="0" x2="34" y1="4" y2="4" stroke="${STROKES[i % STROKES.length] ?? '#000'}" stroke-width="2"${dash === '' ? '' : ` stroke-dasharray="${dash}"`}/></svg>`;
    return `<li>${swatch} ${escaped(label)}</li>`;
  });
  return [
    `<figure><figcaption>${escaped(title)}</figcaption>`,
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(title)}">`,
    ...grid,
    ...days,
    ...shown.map((line, i) => pathOf(line, scale, i)),
    '</svg>',
    `<ul class="legend">${legend.join('')}</ul></figure>`,
  ].join('');
}
