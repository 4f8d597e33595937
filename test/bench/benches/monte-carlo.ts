import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { monteCarloTrades } from '#desk/engine/monte-carlo.ts';
import { DAY_MS, NOW, someTrades } from '#test/bench/fixtures.ts';
import { figure, interleave, quantile } from '#test/bench/harness.ts';
import type { Bench, Side } from '#test/bench/harness.ts';
import { compilerVersion } from '#test/bench/machine.ts';

const FRACTION = 0.02;
const SEED = 3;
type Shape = { readonly paths: number; readonly trades: number };

/** What a careful programmer writes at once: typed arrays, Math.random, one pass, the same quantiles. */
function plainly(R: readonly number[], { paths, trades }: Shape): number {
  const factors = Float64Array.from(R, (r) => 1 + FRACTION * r);
  const [finals, depths] = [new Float64Array(paths), new Float64Array(paths)];
  for (let path = 0; path < paths; path += 1) {
    let [wealth, peak, deepest] = [1, 1, 0];
    for (let i = 0; i < trades; i += 1) {
      wealth *= factors[Math.floor(Math.random() * factors.length)]!;
      if (wealth > peak) peak = wealth;
      const depth = 1 - wealth / peak;
      if (depth > deepest) deepest = depth;
    }
    finals[path] = wealth;
    depths[path] = deepest;
  }
  finals.sort();
  depths.sort();
  return quantile(Array.from(depths), 0.5);
}

/** Compiles the C version; null where there is no compiler. */
function compiled(folder: string): string | null {
  if (compilerVersion() === null) return null;
  const program = join(folder, 'monte-carlo');
  execFileSync('cc', ['-O3', '-march=native', '-o', program, join(import.meta.dirname, 'monte-carlo.c')]);
  return program;
}

const mustAgree = (name: string, found: number, expected: number): void => {
  if (Math.abs(found / expected - 1) > 0.1) throw new Error(`${name}: median drawdown ${found}, expected ${expected}`);
};

/** The fan of possible futures of a trade history. */
export const monteCarlo: Bench = {
  name: 'monte-carlo',
  title: 'Monte Carlo of 10,000 paths of 1,000 trades',
  run: async ({ rounds, isQuick, folder }) => {
    const shape = isQuick ? { paths: 500, trades: 100 } : { paths: 10_000, trades: 1_000 };
    const R = someTrades(200, NOW - 30 * DAY_MS, NOW).map((trade) => trade.r!);
    const settings = { ...shape, f: FRACTION, meanBlock: 1, seed: SEED };
    const first = monteCarloTrades(R, settings);
    if (!first.ok) throw new Error(first.error.field);
    const expected = first.value.maxDrawdown.p50;
    const measured =
      (name: string, work: () => number): Side =>
      () => {
        const start = performance.now();
        const depth = work();
        const ms = performance.now() - start;
        mustAgree(name, depth, expected);
        return { [name]: figure(ms, 'ms') };
      };
    const product = measured('monteCarloTrades()', () => {
      const result = monteCarloTrades(R, settings);
      return result.ok ? result.value.maxDrawdown.p50 : NaN;
    });
    const program = compiled(folder);
    const args = [shape.paths, shape.trades, FRACTION, SEED, ...R].map(String);
    const inC: Side = () => {
      const [ms = NaN, depth = NaN] = execFileSync(program ?? '', args, { encoding: 'utf8' })
        .split(' ')
        .map(Number);
      mustAgree('C', depth, expected);
      return { 'C -O3 -march=native': figure(ms, 'ms') };
    };
    const plain = measured('typed arrays, Math.random', () => plainly(R, shape));
    const series = await interleave(program === null ? [product, plain] : [product, plain, inC], {
      rounds: isQuick ? 1 : 2 * rounds,
    });
    return {
      series,
      notes: [
        'All sides agree on the median of the deepest drawdown within a tenth. The C side times its loop only, without quantiles.',
        ...(program === null ? ['There is no C compiler on this machine: that side was left out.'] : []),
      ],
    };
  },
};
