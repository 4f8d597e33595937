import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { kellyVectors } from '#test/support/vectors/kelly.ts';
import { parseVectorFile, runVectorFile } from '#test/support/vectors/run.ts';

const FILE = path.resolve(import.meta.dirname, '../../fixtures/quant-vectors.json');
const parsed = parseVectorFile(JSON.parse(readFileSync(FILE, 'utf8')));
if (!parsed.ok) throw new Error(parsed.error.detail);
const file = parsed.value;

describe.each(['0_special', '1_kelly', '2_estimation', '9_numerics'])('vectors of %s', (topic) => {
  test.each(file.topics[topic] ?? [])('$id $fn', (vector) => {
    const report = runVectorFile({ ...file, topics: { [topic]: [vector] } }, kellyVectors);
    expect(report.failures).toEqual([]);
    expect(report.passed).toBe(1);
  });
});
