/**
 * Measures variants of one task side by side: every round runs each side once, in an order that turns, so that a slow
 * minute of the machine falls on all of them. What counts is the ratio of medians; absolute figures are for reading.
 */

export type Unit = 'µs' | 'ms' | 's' | '/s' | 'MB' | 'KB' | '%' | '';
export type Figure = { readonly value: number; readonly unit: Unit };
/** What one run of a side found, by the name of the figure. */
export type Figures = Readonly<Record<string, Figure>>;
export type Side = () => Figures | Promise<Figures>;

/** A figure over all rounds, in the order they were run. */
export type Series = { readonly name: string; readonly unit: Unit; readonly values: readonly number[] };

export type Settings = {
  readonly rounds: number;
  /** A smoke run: everything small, the figures mean nothing. */
  readonly isQuick: boolean;
  /** An empty folder of this bench; removed when it is done. */
  readonly folder: string;
  /** A folder of the whole run, for what is costly to make and only read. */
  readonly shared: string;
};

export type Outcome = {
  readonly series: readonly Series[];
  /** Sentences for whoever reads the figures. */
  readonly notes: readonly string[];
};

export type Bench = {
  readonly name: string;
  readonly title: string;
  readonly run: (settings: Settings) => Promise<Outcome>;
};

export const figure = (value: number, unit: Unit): Figure => ({ value, unit });

/** Quantile by linear interpolation (type 7); NaN for no values. */
export function quantile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * p;
  const below = sorted[Math.floor(place)] ?? NaN;
  const above = sorted[Math.ceil(place)] ?? NaN;
  return below + (above - below) * (place - Math.floor(place));
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** Distance from the smallest to the largest as a share of the median; 0 for a single value. */
export function spread(values: readonly number[]): number {
  const centre = Math.abs(median(values));
  const width = Math.max(...values) - Math.min(...values);
  return width === 0 ? 0 : width / centre;
}

/** Exponent k of y ~ x^k by least squares on logarithms. */
export function growthExponent(points: readonly { readonly x: number; readonly y: number }[]): number {
  const logs = points.map(({ x, y }) => ({ x: Math.log(x), y: Math.log(y) }));
  const mean = (of: (p: { x: number; y: number }) => number): number =>
    logs.reduce((sum, p) => sum + of(p), 0) / logs.length;
  const [mx, my] = [mean((p) => p.x), mean((p) => p.y)];
  const above = logs.reduce((sum, p) => sum + (p.x - mx) * (p.y - my), 0);
  const below = logs.reduce((sum, p) => sum + (p.x - mx) ** 2, 0);
  return above / below;
}

/** Milliseconds that `work` took. */
export async function timed(work: () => unknown): Promise<number> {
  const start = performance.now();
  const answer = work();
  if (answer instanceof Promise) await answer;
  return performance.now() - start;
}

/** Milliseconds this thread computed per call of `work`. What other programs take of the machine does not count. */
export function computing(work: () => unknown, count: number): number {
  const before = process.threadCpuUsage();
  for (let i = 0; i < count; i += 1) work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000 / count;
}

/** Times `work` again and again, and says p50 and p99 in µs. Calls too short for the clock are timed `per` at a time. */
export function repeated(name: string, work: (i: number) => unknown, shape: { count: number; per?: number }): Figures {
  const per = shape.per ?? 1;
  const times = Array.from({ length: shape.count }, (_, i) => {
    const start = performance.now();
    for (let k = 0; k < per; k += 1) work(i * per + k);
    return ((performance.now() - start) * 1000) / per;
  });
  return {
    [`${name}, p50`]: figure(quantile(times, 0.5), 'µs'),
    [`${name}, p99`]: figure(quantile(times, 0.99), 'µs'),
  };
}

/**
 * Runs all sides `rounds` times, interleaved, and gathers their figures.
 * @param warmUps rounds run first whose figures are dropped
 */
export async function interleave(
  sides: readonly Side[],
  { rounds, warmUps = 1 }: { readonly rounds: number; readonly warmUps?: number },
): Promise<readonly Series[]> {
  const gathered = new Map<string, { unit: Unit; values: number[] }>();
  for (let round = -warmUps; round < rounds; round += 1) {
    const first = Math.max(0, round) % sides.length;
    for (const side of [...sides.slice(first), ...sides.slice(0, first)]) {
      const figures = await side();
      if (round < 0) continue;
      for (const [name, { value, unit }] of Object.entries(figures)) {
        const known = gathered.get(name) ?? { unit, values: [] };
        known.values.push(value);
        gathered.set(name, known);
      }
    }
  }
  return [...gathered].map(([name, { unit, values }]) => ({ name, unit, values }));
}

/** A figure computed round by round from others. Throws when one of them is missing. */
export function derived(
  series: readonly Series[],
  of: { readonly name: string; readonly unit: Unit; readonly from: readonly string[] },
  compute: (values: readonly number[]) => number,
): Series {
  const columns = of.from.map((name) => valuesOf(series, name));
  const rounds = columns[0]?.length ?? 0;
  const values = Array.from({ length: rounds }, (_, i) => compute(columns.map((column) => column[i] ?? NaN)));
  return { name: of.name, unit: of.unit, values };
}

/** The exponent of growth of a figure over sizes, round by round. `of` names the figure at each size `x`. */
export const grownWith = (
  series: readonly Series[],
  name: string,
  sizes: readonly { readonly x: number; readonly of: string }[],
): Series =>
  derived(series, { name, unit: '', from: sizes.map(({ of }) => of) }, (values) =>
    growthExponent(values.map((y, i) => ({ x: sizes[i]?.x ?? NaN, y }))),
  );

function valuesOf(series: readonly Series[], name: string): readonly number[] {
  const found = series.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no figure is called '${name}'`);
  return found.values;
}

/** Puts the rounds of a repetition behind the first ones. */
export const pooled = (first: readonly Series[], again: readonly Series[]): readonly Series[] =>
  first.map((one) => ({
    ...one,
    values: [...one.values, ...(again.find((other) => other.name === one.name)?.values ?? [])],
  }));
