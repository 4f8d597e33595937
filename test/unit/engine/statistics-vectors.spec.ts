import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { parseVectorFile, runVectorFile } from '#test/support/vectors/run.ts';
import { statisticsVectors } from '#test/support/vectors/statistics.ts';

const file = parseVectorFile(JSON.parse(readFileSync('test/fixtures/quant-vectors.json', 'utf8')));

describe('ruin, performance and backtest on the public vectors', () => {
  it.each(Object.keys(statisticsVectors))('%s', (fn) => {
    if (!file.ok) throw new Error(file.error.detail);
    const vectors = Object.values(file.value.topics).flat();
    const mine = vectors.filter((vector) => vector.fn === fn);
    const report = runVectorFile({ ...file.value, topics: { mine } }, statisticsVectors);
    expect(mine.length).toBeGreaterThan(0);
    expect(report.failures).toEqual([]);
  });
});
