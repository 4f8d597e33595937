import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { runVectorFile } from '#test/support/vectors/run.ts';
import { sizingVectors } from '#test/support/vectors/sizing.ts';

const file = JSON.parse(readFileSync('test/fixtures/quant-vectors.json', 'utf8')) as {
  topics: Record<string, { id: string; fn: string; input: Record<string, unknown>; expected: unknown }[]>;
};

const only = (fn: string): typeof file => ({
  ...file,
  topics: Object.fromEntries(
    Object.entries(file.topics).map(([topic, vectors]) => [topic, vectors.filter((vector) => vector.fn === fn)]),
  ),
});

const reference = Object.values(file.topics)
  .flat()
  .find(({ id }) => id === 'ZZ01')!;

const answers = (input: Record<string, unknown>, expected: unknown): void => {
  const vector = { ...reference, id: 'edge', input: { ...reference.input, ...input }, expected };
  const { failures } = runVectorFile({ ...file, topics: { edge: [vector] } }, sizingVectors);
  expect(failures).toEqual([]);
};

test('sizes every published end-to-end trade', () => {
  const report = runVectorFile(only('sizeTrade'), sizingVectors);
  expect(report.failures).toEqual([]);
  expect(report.passed).toBeGreaterThanOrEqual(13);
});

test('answers impossible numbers with a typed error, never with a size', () => {
  for (const input of [
    { equity: 'NaN' },
    { stopTicks: 0 },
    { stopTicks: 'Infinity' },
    { roundTurnCost: -1 },
    { journal: { nW: 36, sumW: 'NaN', nL: 24, sumL: 24, nCal: 200 } },
    { root: 'NOPE' },
  ]) {
    answers(input, { error: 'INVALID_INPUT' });
  }
});

test('vetoes a confidence that is no probability and halts on a breaker that reads garbage', () => {
  answers({ lstm: { dir: 1, conf: 'NaN' } }, { status: 'INVALID', contracts: 0 });
  answers({ lstm: null }, { status: 'MODEL_MISSING', contracts: 0 });
  const breaker = {
    cusum: 'NaN',
    nResolved: 150,
    brier100: 0.2,
    ece100: 0.04,
    predictionAgeMs: 800,
    dayLossFraction: 0,
  };
  answers({ breaker: { ...breaker, drawdownFraction: 0 } }, { status: 'HALT', contracts: 0 });
});

test('buys nothing without equity', () => {
  answers({ equity: 0 }, { contracts: 0, limitedBy: 'NO_EQUITY' });
  answers({ equity: -1000 }, { contracts: 0, limitedBy: 'NO_EQUITY' });
});

test('halts on a stale prediction', () => {
  const breaker = { cusum: 0, nResolved: 150, brier100: 0.2, ece100: 0.04, dayLossFraction: 0, drawdownFraction: 0 };
  answers({ breaker: { ...breaker, predictionAgeMs: 60_001 } }, { status: 'HALT', contracts: 0 });
  answers({ breaker: { ...breaker, predictionAgeMs: 60_000 } }, { status: 'OK', contracts: 4 });
});
