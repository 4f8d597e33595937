import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { isNearGate, judge, readBudget } from '#test/bench/budget.ts';
import type { Promised } from '#test/bench/budget.ts';
import { derived, figure, growthExponent, interleave, median, pooled, quantile, spread } from '#test/bench/harness.ts';
import type { Series } from '#test/bench/harness.ts';
import { parseResults, renderResults } from '#test/bench/report.ts';
import { rounds } from '#test/support/scale.ts';

const BENCH = join(import.meta.dirname, '../../bench');

const promised = (overrides: Partial<Promised> = {}): Promised => ({
  id: 'speed',
  bench: 'made-up',
  says: 'ours is this many times faster',
  of: 'theirs',
  over: 'ours',
  is: 'at least',
  gate: 2,
  target: 8,
  targetId: 'T1',
  ...overrides,
});

const series = (name: string, ...values: number[]): Series => ({ name, unit: 'ms', values });

describe('figures', () => {
  test('medians and quantiles interpolate, spread is the width over the median', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(quantile([10, 20, 30, 40, 50], 0.99)).toBeCloseTo(49.6, 12);
    expect(spread([9, 10, 12])).toBeCloseTo(0.3, 12);
    expect(spread([0])).toBe(0);
  });

  test('the growth exponent of y = 5·x² is 2, of a constant 0', () => {
    expect(growthExponent([10, 100, 1000].map((x) => ({ x, y: 5 * x * x })))).toBeCloseTo(2, 12);
    expect(growthExponent([10, 100, 1000].map((x) => ({ x, y: 7 })))).toBeCloseTo(0, 12);
  });

  test('sides take turns, each round begins with another one, and warm-up rounds are dropped', async () => {
    const calls: string[] = [];
    let n = 0;
    const side = (name: string) => () => {
      calls.push(name);
      n += 1;
      return { [name]: figure(n, 'ms') };
    };
    const found = await interleave([side('a'), side('b')], { rounds: 2, warmUps: 1 });
    expect(calls).toEqual(['a', 'b', 'a', 'b', 'b', 'a']);
    expect(found).toEqual([series('a', 3, 6), series('b', 4, 5)]);
  });

  test('a derived figure is computed round by round, and a missing one is an error', () => {
    const all = [series('p99', 6, 9), series('p50', 2, 3)];
    const of = { name: 'tail', unit: '' as const, from: ['p99', 'p50'] };
    expect(derived(all, of, ([a = NaN, b = NaN]) => a / b).values).toEqual([3, 3]);
    expect(() => derived(all, { ...of, from: ['p1'] }, () => 0)).toThrow("'p1'");
  });

  test('a repetition adds its rounds to the first', () => {
    expect(pooled([series('a', 1, 2)], [series('a', 3)])).toEqual([series('a', 1, 2, 3)]);
  });
});

describe('ratios', () => {
  test('compare medians, not means or single rounds', () => {
    const judged = judge(promised(), [series('theirs', 9, 10, 500), series('ours', 1, 2, 2)]);
    expect(judged).toMatchObject({ ratio: 5, holds: true, isAtTarget: false });
  });

  test('hold at the gate itself, in either direction', () => {
    const even = [series('theirs', 4), series('ours', 2)];
    expect(judge(promised({ is: 'at least' }), even).holds).toBe(true);
    expect(judge(promised({ is: 'at most' }), even).holds).toBe(true);
    expect(judge(promised({ is: 'at most', gate: 1.9 }), even).holds).toBe(false);
    expect(judge(promised({ is: 'at least', gate: 2.1 }), even).holds).toBe(false);
  });

  test('a pure number is judged as it is', () => {
    expect(judge(promised({ of: 'growth', over: null, gate: 1, is: 'at most' }), [series('growth', 0.9)]).ratio).toBe(
      0.9,
    );
  });

  test('a side that could not be run neither holds nor fails', () => {
    expect(judge(promised(), [series('theirs', 4)])).toMatchObject({ ratio: null, holds: null, isAtTarget: null });
  });

  test('within 15 % of the gate is near, on both sides', () => {
    const at = (ratio: number): boolean => isNearGate({ promised: promised(), ratio, holds: null, isAtTarget: null });
    expect([1.6, 1.75, 2, 2.25, 2.4].map(at)).toEqual([false, true, true, true, false]);
  });
});

describe('the results page', () => {
  test('is read back as it was written', () => {
    const found = [series('theirs', 12_000, 12_400, 13_000), series('ours', 0.0312)];
    const page = renderResults({
      date: '2026-01-02 03:04 UTC',
      version: '0.1.0',
      machine: {
        ...{ processor: 'P', cores: 2, memory: '8 GB', system: 'linux', node: 'v24', sqlite: '3', compiler: 'none' },
      },
      load: { before: 3, after: 2, isQuiet: false },
      isQuick: false,
      minutes: 1.5,
      benches: [{ name: 'made-up', title: 'A title', rounds: 3, isRepeated: true, series: found, notes: ['A note.'] }],
      judged: [judge(promised(), found), judge(promised({ id: 'absent', of: 'nothing' }), found)],
      notMeasured: [{ targetId: 'T9', says: 'not here' }],
    });
    expect(page).toContain('not quiet');
    expect(parseResults(page)).toEqual({
      date: '2026-01-02 03:04 UTC',
      ratios: [
        { id: 'speed', measured: 397_000, holds: true },
        { id: 'absent', measured: null, holds: null },
      ],
      figures: [
        { bench: 'made-up', name: 'theirs', unit: 'ms', median: 12_400 },
        { bench: 'made-up', name: 'ours', unit: 'ms', median: 0.0312 },
      ],
    });
  });

  test('is refused when it is something else', () => {
    expect(() => parseResults('# Benchmarks\n')).toThrow('no date');
  });

  test('in the repository parses, and has every ratio of the budget', () => {
    const { ratios } = parseResults(readFileSync(join(BENCH, 'results.md'), 'utf8'));
    expect(ratios.map(({ id }) => id).sort()).toEqual(
      readBudget(join(BENCH, 'budget.json'))
        .promises.map(({ id }) => id)
        .sort(),
    );
  });
});

// Half a minute of computing: left to a run at a scale of 2 or more, and to `npm run bench -- --quick`.
test.skipIf(rounds(1) < 2)(
  'a smoke run of every bench writes a page with the figures that the budget names',
  { timeout: 180_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'desk-bench-spec-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const out = join(folder, 'results.md');
    await promisify(execFile)(process.execPath, [join(BENCH, 'run.ts'), '--quick', '--out', out]);
    const { ratios, figures } = parseResults(readFileSync(out, 'utf8'));
    const { promises } = readBudget(join(BENCH, 'budget.json'));
    expect(ratios).toHaveLength(promises.length);
    // The smoke run reads smaller journals, which the names of figures tell, and opens no window; a machine may have no
    // C compiler.
    const isNamedBySize = (name: string): boolean =>
      [
        /^[\d,]+ (trades|decisions|points)|^(check|table|size all) of |^C (-O3|with)|frames painted$/,
        /^windowed: |^(desk|bare), [\d,]+\/s|^desk over bare|: main thread per update|: window$|^held for|^a bar closes|^cancel: until it had|, first paint$/,
      ].some((named) => named.test(name));
    for (const { bench, of, over } of promises) {
      for (const name of [of, over]) {
        if (name === null || isNamedBySize(name)) continue;
        expect(figures, `${bench}: ${name}`).toContainEqual(expect.objectContaining({ bench, name }));
      }
    }
    for (const { name, median: value } of figures) expect(value, name).not.toBeNaN();
  },
);
