import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { vectorRegistry } from '#test/support/vectors/registry.ts';
import { parseVectorFile, runVectorFile } from '#test/support/vectors/run.ts';

describe('the engine on the public vectors', () => {
  it('gives every number within its stated tolerance', () => {
    const file: unknown = JSON.parse(readFileSync('test/fixtures/quant-vectors.json', 'utf8'));
    const parsed = parseVectorFile(file);
    const vectors = parsed.ok ? Object.values(parsed.value.topics).flat() : [];
    const report = runVectorFile(file, vectorRegistry);
    expect(vectors.length).toBeGreaterThan(0);
    expect(report.failures).toEqual([]);
    expect(report).toMatchObject({ passed: vectors.length, failed: 0 });
  });
});
