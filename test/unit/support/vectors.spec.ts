import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { parseVectorFile, runVectorFile } from '#test/support/vectors/run.ts';
import type { VectorRegistry } from '#test/support/vectors/types.ts';

const registry: VectorRegistry = {
  echo: (input) => input['value'],
  add: (input) => ({ sum: Number(input['a']) + Number(input['b']), extra: 'ignored' }),
  nameOfDataset: (input) => input['dataset'],
  datasetOfContext: (input, context) => context.datasets[String(input['dataset'])],
  explode: () => {
    throw new RangeError('too far');
  },
};

const vector = (fields: Readonly<Record<string, unknown>>) => ({
  id: 'V1',
  fn: 'echo',
  input: {},
  expected: null,
  tol: 0,
  tolType: 'abs',
  note: '',
  source: '',
  ...fields,
});

const fileOf = (...vectors: readonly unknown[]) => ({ datasets: { R3: [1, 2, 'NaN'] }, topics: { topic: vectors } });

const echo = (value: unknown, expected: unknown, tolerance: Readonly<Record<string, unknown>> = {}) =>
  runVectorFile(fileOf(vector({ input: { value }, expected, ...tolerance })), registry);

describe('comparing numbers', () => {
  it('fails a wrong number and reports what it got', () => {
    const report = echo(1.5, 1.4, { tol: 0.01 });
    expect(report).toMatchObject({ passed: 0, failed: 1 });
    expect(report.failures).toEqual([
      { id: 'V1', fn: 'echo', path: '', expected: 1.4, got: 1.5, tolerance: 'abs 0.01', message: 'differs' },
    ]);
  });

  it('takes an absolute tolerance, the bound included', () => {
    expect(echo(1.25, 1, { tol: 0.25 }).failed).toBe(0);
    expect(echo(1.2500001, 1, { tol: 0.25 }).failed).toBe(1);
  });

  it('takes a tolerance relative to the expected size', () => {
    expect(echo(-1010, -1000, { tol: 0.01, tolType: 'rel' }).failed).toBe(0);
    expect(echo(-1010.1, -1000, { tol: 0.01, tolType: 'rel' }).failed).toBe(1);
    expect(echo(1e-9, 0, { tol: 0.01, tolType: 'rel' }).failed).toBe(1);
  });

  it('asks for the same bits at tolerance 0', () => {
    expect(echo(0.1 + 0.2, 0.3).failed).toBe(1);
    expect(echo(0.1 + 0.2, 0.30000000000000004).failed).toBe(0);
    expect(echo(-0, 0).failed).toBe(0);
  });

  it('reads NaN and the infinities as numbers, in and out', () => {
    expect(echo('NaN', 'NaN').failed).toBe(0);
    expect(echo('-Infinity', '-Infinity').failed).toBe(0);
    expect(echo('Infinity', '-Infinity').failed).toBe(1);
    expect(echo('NaN', 1, { tol: 1e9 }).failed).toBe(1);
    expect(echo('Infinity', 1, { tol: 1e308 }).failed).toBe(1);
    expect(
      runVectorFile(fileOf(vector({ fn: 'add', input: { a: 'NaN', b: 1 }, expected: { sum: 'NaN' } })), registry),
    ).toMatchObject({ failed: 0 });
  });

  it('wants null to be null: neither 0, nor nothing, nor infinity', () => {
    expect(echo(null, null).failed).toBe(0);
    for (const value of [0, undefined, 'Infinity', 'NaN', false]) expect(echo(value, null).failed).toBe(1);
    expect(echo(null, 0).failed).toBe(1);
  });
});

describe('comparing structures', () => {
  it('passes extra fields and fails missing ones', () => {
    expect(echo({ a: 1, b: 2 }, { a: 1 }).failed).toBe(0);
    const report = echo({ b: 2 }, { a: 1 });
    expect(report.failures).toMatchObject([{ path: 'a', message: 'missing field', got: undefined }]);
  });

  it('names the path of each wrong number', () => {
    const report = echo({ rows: [{ f: 1 }, { f: 2 }] }, { rows: [{ f: 1.5 }, { f: 3 }] }, { tol: 0.1 });
    expect(report.failed).toBe(1);
    expect(report.failures.map((failure) => failure.path)).toEqual(['rows[0].f', 'rows[1].f']);
  });

  it('compares lists item by item and by length', () => {
    expect(echo([1, [2, 3]], [1, [2, 3]]).failed).toBe(0);
    expect(echo([1, 2, 3], [1, 2]).failed).toBe(1);
    expect(echo([1], [1, 2]).failed).toBe(1);
    expect(echo({ 0: 1 }, [1]).failed).toBe(1);
    expect(echo([1], { 0: 1 }).failed).toBe(1);
  });

  it('compares text and truth values exactly', () => {
    expect(echo('OK', 'OK').failed).toBe(0);
    expect(echo('ok', 'OK', { tol: 9 }).failed).toBe(1);
    expect(echo(true, 1, { tol: 9 }).failed).toBe(1);
    expect(echo('1.00', 1, { tol: 9 }).failed).toBe(1);
  });
});

describe('calling functions', () => {
  it('hands over datasets named in a field, at any depth', () => {
    expect(echo({ dataset: 'R3' }, [1, 2, 'NaN']).failed).toBe(0);
    expect(echo('@R3', [1, 2, 'NaN']).failed).toBe(0);
    expect(echo({ inner: [{ dataset: 'R3' }] }, { inner: [[1, 2, 'NaN']] }).failed).toBe(0);
    expect(echo({ dataset: 'R3', more: 1 }, { dataset: 'R3', more: 1 }).failed).toBe(0);
  });

  it('leaves the dataset of the whole input to the function', () => {
    const input = { dataset: 'R3' };
    const name = vector({ fn: 'nameOfDataset', input, expected: 'R3' });
    const content = vector({ fn: 'datasetOfContext', input, expected: [1, 2, 'NaN'] });
    expect(runVectorFile(fileOf(name, content), registry)).toMatchObject({ passed: 2, failed: 0 });
  });

  it('fails a vector that names a dataset the file does not have', () => {
    expect(echo({ dataset: 'R99' }, []).failures[0]?.message).toContain('no dataset named "R99"');
  });

  it('fails an unknown function by name, also one that objects inherit', () => {
    const report = runVectorFile(fileOf(vector({ fn: 'nope' }), vector({ fn: 'constructor' })), registry);
    expect(report.failures.map((failure) => failure.message)).toEqual([
      'no function named "nope"',
      'no function named "constructor"',
    ]);
  });

  it('fails a vector whose function throws and goes on', () => {
    const report = runVectorFile(
      fileOf(vector({ fn: 'explode' }), vector({ id: 'V2', input: { value: null } })),
      registry,
    );
    expect(report).toMatchObject({ passed: 1, failed: 1 });
    expect(report.failures[0]?.message).toBe('threw RangeError: too far');
  });

  it('runs any file of the format, with its own numbers', () => {
    const topics = {
      one: [vector({ id: 'A', fn: 'add', input: { a: 19, b: 23 }, expected: { sum: 42 } })],
      two: [vector({ id: 'B', fn: 'add', input: { a: 19, b: 23 }, expected: { sum: 41 } })],
    };
    const report = runVectorFile({ topics }, registry);
    expect(report).toMatchObject({ passed: 1, failed: 1 });
    expect(report.failures[0]).toMatchObject({ id: 'B', path: 'sum', got: 42, expected: 41 });
  });
});

describe('reading files', () => {
  it('takes unknown fields and fills in what may be left out', () => {
    const file = {
      version: 7,
      topics: { t: [{ id: 'A', fn: 'add', input: { a: 1, b: 2 }, expected: { sum: 3 }, x: 1 }] },
    };
    expect(runVectorFile(file, registry)).toMatchObject({ passed: 1, failed: 0 });
  });

  it('refuses what is not a vector file, and says where', () => {
    for (const file of [null, [], 'text', {}, { topics: [] }, { topics: { t: {} } }]) {
      expect(parseVectorFile(file).ok).toBe(false);
      expect(() => runVectorFile(file, registry)).toThrow(/ill-formed vector file/);
    }
    const negative = parseVectorFile(fileOf(vector({ tol: -1 })));
    expect(negative.ok ? '' : negative.error.detail).toContain('topics.topic[0].tol');
    const bare = parseVectorFile({ topics: { t: [{ id: 'A', fn: 'f', input: {} }] } });
    expect(bare.ok ? '' : bare.error.detail).toContain('topics.t[0].expected');
  });
});

describe('the vectors command', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'vectors-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  const run = (name: string, text: string | null) => {
    const path = join(folder, name);
    if (text !== null) writeFileSync(path, text);
    try {
      const stdout = execFileSync(process.execPath, ['test/support/vectors/cli.ts', path], {
        encoding: 'utf8',
        stdio: 'pipe',
      });
      return { status: 0, stdout, stderr: '' };
    } catch (error) {
      const { status, stdout, stderr } = error as { status: number; stdout: string; stderr: string };
      return { status, stdout, stderr };
    }
  };

  const drawdown = (id: string, expected: number) =>
    vector({ id, fn: 'probEverReach', input: { fractionOfKelly: 1, x: 0.3 }, expected, tol: 1e-12 });

  it('ends with the counts and code 0 when all pass', () => {
    const result = run('good.json', JSON.stringify(fileOf(drawdown('D1', 0.3))));
    expect(result).toMatchObject({ status: 0, stdout: '1 passed, 0 failed\n' });
  });

  it('names each failing vector with both numbers and ends with code 1', () => {
    const result = run('bad.json', JSON.stringify(fileOf(drawdown('D1', 0.3), drawdown('D2', 0.4))));
    expect(result.status).toBe(1);
    expect(result.stdout).toMatch(/^FAIL D2 probEverReach: differs: got 0\.3\d*, expected 0\.4 \(abs 1e-12\)$/m);
    expect(result.stdout.trimEnd().split('\n').at(-1)).toBe('1 passed, 1 failed');
  });

  it('ends with code 2 and a reason when the file is absent, broken or something else', () => {
    const absent = run('absent.json', null);
    expect(absent).toMatchObject({ status: 2, stdout: '' });
    expect(absent.stderr).toContain('cannot read');
    expect(run('broken.json', '{"topics": ').stderr).toContain('cannot read');
    const other = run('other.json', readFileSync('package.json', 'utf8'));
    expect(other.status).toBe(2);
    expect(other.stderr).toContain('is not a vector file');
  });
});
