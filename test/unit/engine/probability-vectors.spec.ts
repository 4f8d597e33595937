import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { probabilityVectors } from '#test/support/vectors/probability.ts';
import { parseVectorFile, runVectorFile } from '#test/support/vectors/run.ts';

const FILE = path.resolve(import.meta.dirname, '../../fixtures/quant-vectors.json');
const parsed = parseVectorFile(JSON.parse(readFileSync(FILE, 'utf8')));
if (!parsed.ok) throw new Error(parsed.error.detail);
const file = parsed.value;

describe.each(['3_probability'])('vectors of %s', (topic) => {
  test.each(file.topics[topic] ?? [])('$id $fn', (vector) => {
    const report = runVectorFile({ ...file, topics: { [topic]: [vector] } }, probabilityVectors);
    expect(report.failures).toEqual([]);
    expect(report.passed).toBe(1);
  });
});
