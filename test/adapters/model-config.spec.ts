import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { modelConnectionSchema } from '#desk/adapters/models/config.ts';
import { listOf, readOutput } from '#desk/adapters/models/output.ts';
import { tensorOf } from '#desk/adapters/models/tensor.ts';
import { resolveFeatures } from '#desk/engine/features/catalogue.ts';

const EXAMPLES = z
  .record(z.string(), z.record(z.string(), z.unknown()))
  .parse(JSON.parse(readFileSync(new URL('../fixtures/models/connections.json', import.meta.url), 'utf8')));

describe('the configuration of a model', () => {
  it.each(Object.entries(EXAMPLES))('takes the example %s, and its features are known', (_, example) => {
    const config = modelConnectionSchema.parse(example);
    expect(resolveFeatures(config.features)).toMatchObject({ ok: true });
    expect(config.timeoutMs).toBe(2_000);
  });

  it('has an example of every protocol', () => {
    const kinds = modelConnectionSchema.options.map((option) => option.shape.kind.value);
    expect([...new Set(Object.values(EXAMPLES).map((example) => example['kind']))].sort()).toEqual([...kinds].sort());
  });

  it.each<[string, string, Record<string, unknown>]>([
    ['own', 'a token in the address', { url: 'http://127.0.0.1/?token=x' }],
    ['own', 'a secret in place of its name', { tokenSecret: 'Sesame 1!' }],
    ['own', 'an unknown key', { tokn: 'x' }],
    ['triton', 'labels twice', { output: { kind: 'probs3', labels: ['short', 'short', 'long'] } }],
    ['triton', 'no labels, which would be a guess', { output: { kind: 'probs3' } }],
    ['triton', 'no input', { input: undefined }],
    ['mlflow', 'a data frame of many rows', { features: { schema: 'fs-1', rows: 60 } }],
    ['file', 'a hash that is none', { expectedSha256: 'abc' }],
  ])('of %s refuses %s', (example, _, over) => {
    expect(modelConnectionSchema.safeParse({ ...EXAMPLES[example], ...over }).success).toBe(false);
  });
});

describe('the output of a model', () => {
  const thresholds = { minConfidence: 0, minMargin: 1e-9 };
  const read = (output: object, values: readonly unknown[], confidence: readonly unknown[] | null = null) => {
    const config = modelConnectionSchema.parse({ ...EXAMPLES['triton'], output });
    if (config.kind !== 'open-inference') throw new Error('another kind');
    return readOutput(config.output, listOf('out', values), confidence === null ? null : listOf('conf', confidence));
  };
  const labels = ['short', 'neutral', 'long'];

  it.each<[string, object, readonly unknown[], readonly unknown[] | null, object]>([
    [
      'the order of the labels',
      { kind: 'probs3', labels: ['long', 'short', 'neutral'] },
      [0.7, 0.2, 0.1],
      null,
      { direction: 1, confidence: 0.7 },
    ],
    [
      'two classes',
      { kind: 'probs3', labels: ['short', 'long'] },
      [0.7, 0.3],
      null,
      { direction: -1, confidence: 0.7, chance: 0.5 },
    ],
    [
      'a label by its place',
      { kind: 'label+conf', labels, tensor: 'a', confidenceTensor: 'b' },
      [2],
      [0.8],
      { direction: 1, confidence: 0.8 },
    ],
    [
      'a label by its own name',
      { kind: 'label+conf', labels, labelNames: ['DN', 'FL', 'UP'], tensor: 'a', confidenceTensor: 'b' },
      ['DN'],
      [0.8],
      { direction: -1 },
    ],
    [
      'a weak opinion made flat, which keeps what it was',
      { kind: 'probs3', labels, minConfidence: 0.7 },
      [0.1, 0.25, 0.65],
      null,
      { direction: 0, confidence: 0.25, raw: { direction: 1, confidence: 0.65 } },
    ],
    [
      'an up probability inside the margin',
      { kind: 'pUp', minMargin: 0.2 },
      [0.55],
      null,
      { direction: 0, raw: { direction: 1, confidence: 0.55 } },
    ],
    ['large logits', { kind: 'logits3', labels }, [1_000, 0, 999], null, { direction: -1 }],
  ])('keeps %s', (_, output, values, confidence, expected) => {
    expect(read({ ...thresholds, ...output }, values, confidence)).toMatchObject({ ok: true, value: expected });
  });

  it.each<[string, object, readonly unknown[], readonly unknown[] | null, RegExp]>([
    ['too few numbers', { kind: 'probs3', labels }, [0.5, 0.5], null, /3 numbers/],
    ['several answers', { kind: 'pUp' }, [0.5, 0.6], null, /1 numbers/],
    ['infinity', { kind: 'logits3', labels }, [1, Infinity, 0], null, /a finite number/],
    ['an unknown label', { kind: 'label+conf', labels, tensor: 'a', confidenceTensor: 'b' }, ['up'], [0.8], /one of/],
    ['a place that is none', { kind: 'label+conf', labels, tensor: 'a', confidenceTensor: 'b' }, [3], [0.8], /one of/],
  ])('refuses %s', (_, output, values, confidence, words) => {
    const result = read(output, values, confidence);
    expect(result.ok ? null : JSON.stringify(result.error)).toMatch(words);
  });
});

describe('the layout of a window', () => {
  const window = { schema: 'x', names: ['a', 'b'], shape: [3, 2], data: [1, 2, 3, 4, 5, 6] } as const;
  it.each([
    ['batch,time,feature', [1, 3, 2], [1, 2, 3, 4, 5, 6]],
    ['batch,feature,time', [1, 2, 3], [1, 3, 5, 2, 4, 6]],
    ['batch,flat', [1, 6], [1, 2, 3, 4, 5, 6]],
    ['time,feature', [3, 2], [1, 2, 3, 4, 5, 6]],
  ] as const)('%s', (layout, shape, data) => {
    expect(tensorOf(window, layout)).toEqual({ shape, data });
  });
});
