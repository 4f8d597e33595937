import { z } from 'zod';

import { err, ok } from '#shared/result.ts';
import type { Result } from '#shared/result.ts';

import type { VectorContext, VectorFunction, VectorInput, VectorRegistry } from './types.ts';

const record = z.record(z.string(), z.unknown());

/** One vector as a file has it. Unknown fields are fine; `expected` must be there, even as null. */
const vectorSchema = z.looseObject({
  id: z.string(),
  fn: z.string(),
  input: record,
  expected: z.unknown(),
  tol: z.number().min(0).default(0),
  tolType: z.enum(['abs', 'rel']).default('abs'),
});

const vectorFileSchema = z.looseObject({
  datasets: record.default({}),
  contracts: z.array(record).default([]),
  topics: z.record(z.string(), z.array(vectorSchema)),
});

export type Vector = z.output<typeof vectorSchema>;
export type VectorFile = z.output<typeof vectorFileSchema>;

/** One number, string or field that is not what the vector expects. `path` is '' for the output itself. */
export type VectorFailure = {
  readonly id: string;
  readonly fn: string;
  readonly path: string;
  readonly expected: unknown;
  readonly got: unknown;
  readonly tolerance: string;
  readonly message: string;
};

/** `passed` and `failed` count vectors; `failures` lists every mismatch, so a vector may appear more than once. */
export type VectorReport = {
  readonly passed: number;
  readonly failed: number;
  readonly failures: readonly VectorFailure[];
};

type Mismatch = Pick<VectorFailure, 'path' | 'expected' | 'got' | 'message'>;
type Tolerance = Pick<Vector, 'tol' | 'tolType'>;

const SPECIAL_NUMBERS: Readonly<Record<string, number>> = { NaN, Infinity, '-Infinity': -Infinity };

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Turns the strings "NaN", "Infinity" and "-Infinity" into the numbers JSON cannot carry, at any depth. */
function revive(value: unknown): unknown {
  if (typeof value === 'string') return Object.hasOwn(SPECIAL_NUMBERS, value) ? SPECIAL_NUMBERS[value] : value;
  if (Array.isArray(value)) return value.map(revive);
  if (isRecord(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, revive(item)]));
  return value;
}

/** The name a value refers to: exactly `{dataset: NAME}` or "@NAME". An unknown name in the first form throws. */
function referredDataset(value: unknown, datasets: VectorContext['datasets']): string | null {
  if (typeof value === 'string' && value.startsWith('@')) {
    return Object.hasOwn(datasets, value.slice(1)) ? value.slice(1) : null;
  }
  if (!isRecord(value) || typeof value['dataset'] !== 'string' || Object.keys(value).length !== 1) return null;
  if (!Object.hasOwn(datasets, value['dataset'])) throw new Error(`no dataset named "${value['dataset']}"`);
  return value['dataset'];
}

function resolve(value: unknown, datasets: VectorContext['datasets']): unknown {
  const name = referredDataset(value, datasets);
  if (name !== null) return datasets[name];
  if (Array.isArray(value)) return value.map((item) => resolve(item, datasets));
  if (isRecord(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(item, datasets)]));
  }
  return revive(value);
}

/** Resolves each field of an input. The input's own `dataset` field stays a name: the function reads the context. */
const resolveInput = (input: VectorInput, context: VectorContext): VectorInput =>
  Object.fromEntries(Object.entries(input).map(([key, value]) => [key, resolve(value, context.datasets)]));

/** Equal within the tolerance; tolerance 0 asks for the same number, where 0 and −0 are the same. */
function isNear(got: number, expected: number, { tol, tolType }: Tolerance): boolean {
  if (got === expected || (Number.isNaN(got) && Number.isNaN(expected))) return true;
  if (!Number.isFinite(got) || !Number.isFinite(expected) || tol === 0) return false;
  return Math.abs(got - expected) <= (tolType === 'rel' ? tol * Math.abs(expected) : tol);
}

const join = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);

function compareArrays(expected: readonly unknown[], got: unknown, at: Tolerance & { path: string }): Mismatch[] {
  if (!Array.isArray(got)) return [{ path: at.path, expected, got, message: 'not an array' }];
  if (got.length !== expected.length) {
    const message = `${String(got.length)} items, expected ${String(expected.length)}`;
    return [{ path: at.path, expected, got, message }];
  }
  return expected.flatMap((item, i) => compare(item, got[i], { ...at, path: `${at.path}[${String(i)}]` }));
}

function compareRecords(
  expected: Readonly<Record<string, unknown>>,
  got: unknown,
  at: Tolerance & { path: string },
): Mismatch[] {
  if (!isRecord(got)) return [{ path: at.path, expected, got, message: 'not an object' }];
  return Object.entries(expected).flatMap(([key, item]) => {
    const path = join(at.path, key);
    if (!Object.hasOwn(got, key)) return [{ path, expected: item, got: undefined, message: 'missing field' }];
    return compare(item, got[key], { ...at, path });
  });
}

/** Every place where `got` is not what is expected. Extra fields in `got` are not looked at. */
function compare(expectedRaw: unknown, gotRaw: unknown, at: Tolerance & { path: string }): Mismatch[] {
  const expected = revive(expectedRaw);
  if (Array.isArray(expected)) return compareArrays(expected, gotRaw, at);
  if (isRecord(expected)) return compareRecords(expected, gotRaw, at);
  const got = revive(gotRaw);
  const same = typeof expected === 'number' && typeof got === 'number' ? isNear(got, expected, at) : got === expected;
  return same ? [] : [{ path: at.path, expected, got, message: expected === null ? 'must be null' : 'differs' }];
}

function mismatchesOf(vector: Vector, fn: VectorFunction, context: VectorContext): Mismatch[] {
  try {
    const got = fn(resolveInput(vector.input, context), context);
    return compare(vector.expected, got, { tol: vector.tol, tolType: vector.tolType, path: '' });
  } catch (error) {
    const message = `threw ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
    return [{ path: '', expected: vector.expected, got: undefined, message }];
  }
}

function runVector(vector: Vector, registry: VectorRegistry, context: VectorContext): VectorFailure[] {
  const fn = Object.hasOwn(registry, vector.fn) ? registry[vector.fn] : undefined;
  const mismatches =
    fn === undefined
      ? [{ path: '', expected: vector.expected, got: undefined, message: `no function named "${vector.fn}"` }]
      : mismatchesOf(vector, fn, context);
  const tolerance = `${vector.tolType} ${String(vector.tol)}`;
  return mismatches.map((mismatch) => ({ id: vector.id, fn: vector.fn, tolerance, ...mismatch }));
}

/** Validates a parsed JSON file leniently: unknown fields pass, absent datasets and contracts are empty. */
export function parseVectorFile(file: unknown): Result<VectorFile, { code: 'ill-formed-vector-file'; detail: string }> {
  const parsed = vectorFileSchema.safeParse(file);
  if (parsed.success) return ok(parsed.data);
  return err({ code: 'ill-formed-vector-file', detail: z.prettifyError(parsed.error) });
}

/**
 * Runs every vector of a file and compares by the file's own conventions: absolute tolerance, or relative to the
 * expected value when tolType is `rel`; tolerance 0 is equality; null must be null; "NaN" and "Infinity" are numbers.
 * Throws a TypeError on an ill-formed file; a vector whose function is unknown or throws fails alone.
 */
export function runVectorFile(file: unknown, registry: VectorRegistry): VectorReport {
  const parsed = parseVectorFile(file);
  if (!parsed.ok) throw new TypeError(`ill-formed vector file:\n${parsed.error.detail}`);
  const { topics, contracts } = parsed.value;
  const datasets = Object.fromEntries(Object.entries(parsed.value.datasets).map(([k, v]) => [k, revive(v)]));
  const results = Object.values(topics)
    .flat()
    .map((vector) => runVector(vector, registry, { datasets, contracts }));
  const failed = results.filter((failures) => failures.length > 0).length;
  return { passed: results.length - failed, failed, failures: results.flat() };
}
