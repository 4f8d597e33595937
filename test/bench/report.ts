import type { Budget, Judged } from './budget.ts';
import { median, spread } from './harness.ts';
import type { Outcome } from './harness.ts';
import type { Machine } from './machine.ts';

export type BenchRun = {
  readonly name: string;
  readonly title: string;
  readonly rounds: number;
  readonly isRepeated: boolean;
} & Outcome;

export type Run = {
  readonly date: string;
  readonly version: string;
  readonly machine: Machine;
  /** Load (programs running or waiting, one minute) before and after. */
  readonly load: { readonly before: number; readonly after: number; readonly isQuiet: boolean };
  readonly isQuick: boolean;
  readonly minutes: number;
  readonly benches: readonly BenchRun[];
  readonly judged: readonly Judged[];
  readonly notMeasured: Budget['notMeasured'];
};

/** Three significant digits, in full: 12,400 and 0.0312. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const text = Number(value.toPrecision(3));
  return Math.abs(text) >= 1000 ? text.toLocaleString('en') : String(text);
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const yesNo = (value: boolean | null): string => (value === null ? '–' : value ? 'yes' : 'no');

function judgedRow({ promised, ratio, holds, isAtTarget }: Judged): readonly string[] {
  const bound = (limit: number): string => `${promised.is === 'at least' ? '≥' : '≤'} ${digits(limit)}`;
  return [
    promised.id,
    promised.says,
    ratio === null ? 'not measured' : digits(ratio),
    bound(promised.gate),
    yesNo(holds),
    promised.target === null
      ? '–'
      : `${bound(promised.target)}${promised.targetId === null ? '' : ` (${promised.targetId})`}`,
    yesNo(isAtTarget),
  ];
}

const RATIO_HEAD = ['Ratio', 'What it says', 'Measured', 'Gate', 'Holds?', 'Target', 'At target?'];
const FIGURE_HEAD = ['Figure', 'Unit', 'Median', 'Smallest', 'Largest', 'Spread', 'Rounds'];

function benchSection({ title, name, series, notes, isRepeated }: BenchRun): string {
  const rows = series.map(({ name: figure, unit, values }) => [
    figure,
    unit === '' ? '–' : unit,
    digits(median(values)),
    digits(Math.min(...values)),
    digits(Math.max(...values)),
    `${Math.round(100 * spread(values))} %`,
    String(values.length),
  ]);
  const again = isRepeated ? ['A ratio came near its gate: the bench was run twice and its rounds pooled.'] : [];
  const remarks = [...notes, ...again].map((note) => `- ${note}`).join('\n');
  return `## ${title} (\`${name}\`)\n\n${table(FIGURE_HEAD, rows)}\n\n${remarks}`;
}

function openTargets(judged: readonly Judged[]): string {
  const open = judged.filter(({ isAtTarget }) => isAtTarget === false);
  if (open.length === 0) return 'Every target that is measured here is reached.';
  return open
    .map(({ promised, ratio }) => {
      const aim = `${promised.is === 'at least' ? 'at least' : 'at most'} ${digits(promised.target ?? NaN)}`;
      return `- **${promised.id}**: ${digits(ratio ?? NaN)} today, the target is ${aim}.`;
    })
    .join('\n');
}

function header({ date, version, machine, load, isQuick, minutes }: Run): string {
  const noise = load.isQuiet
    ? 'The machine was quiet.'
    : '**The machine was not quiet: other programs were running. Ratios of medians stand, the spread is wider than it need be.**';
  const lines = [
    `- Date: ${date}`,
    `- Kelly Desk ${version}, Node ${machine.node}, SQLite ${machine.sqlite}, C compiler: ${machine.compiler}`,
    `- Machine: ${machine.processor}, ${machine.cores} cores, ${machine.memory}, ${machine.system}`,
    `- Load: ${digits(load.before)} before, ${digits(load.after)} after. ${noise}`,
    `- Took ${digits(minutes)} minutes`,
  ];
  const quick = isQuick ? '\n\n**A smoke run: everything is small and the figures mean nothing.**' : '';
  return `# Benchmarks\n\n${lines.join('\n')}${quick}`;
}

/** Writes a run as a page for people; `parseResults` reads its tables back. */
export function renderResults(run: Run): string {
  const sections = [
    header(run),
    'Every ratio compares medians of rounds that were run in turn in one run on one machine. Absolute figures belong to this machine.',
    `## Ratios\n\n${table(RATIO_HEAD, run.judged.map(judgedRow))}`,
    `## Not at their target yet\n\n${openTargets(run.judged)}`,
    `## Targets not measured here\n\n${run.notMeasured.map(({ targetId, says }) => `- ${targetId}: ${says}.`).join('\n')}`,
    ...run.benches.map(benchSection),
  ];
  return `${sections.join('\n\n')}\n`;
}

export type ParsedResults = {
  readonly date: string;
  readonly ratios: readonly { readonly id: string; readonly measured: number | null; readonly holds: boolean | null }[];
  readonly figures: readonly {
    readonly bench: string;
    readonly name: string;
    readonly unit: string;
    readonly median: number;
  }[];
};

const cellsOf = (line: string): readonly string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
const numberOf = (text: string): number => Number(text.replaceAll(',', ''));
const truthOf = (text: string): boolean | null => (text === '–' ? null : text === 'yes');

/** Reads the tables of a results page. Throws when it is not one. */
export function parseResults(page: string): ParsedResults {
  const date = /^- Date: (.+)$/m.exec(page)?.[1];
  if (date === undefined) throw new Error('this page has no date');
  const ratios: ParsedResults['ratios'][number][] = [];
  const figures: ParsedResults['figures'][number][] = [];
  let bench = '';
  for (const line of page.split('\n')) {
    bench = /^## .*\(`(.+)`\)$/.exec(line)?.[1] ?? bench;
    if (!line.startsWith('| ') || line.startsWith('| ---')) continue;
    const cells = cellsOf(line);
    const [first = '', unit = '', third = '', , holds = ''] = cells;
    if (first === RATIO_HEAD[0] || first === FIGURE_HEAD[0]) continue;
    if (bench === '')
      ratios.push({ id: first, measured: third === 'not measured' ? null : numberOf(third), holds: truthOf(holds) });
    else figures.push({ bench, name: first, unit, median: numberOf(third) });
  }
  if (ratios.length === 0) throw new Error('this page has no ratios');
  return { date, ratios, figures };
}
