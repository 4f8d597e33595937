import { expect, test } from 'vitest';

import fixture from '#test/fixtures/quant-vectors.json' with { type: 'json' };
import { futuresVectors } from '#test/support/vectors/futures.ts';
import { portfolioVectors } from '#test/support/vectors/portfolio.ts';
import { runVectorFile } from '#test/support/vectors/run.ts';

const registry = { ...futuresVectors, ...portfolioVectors };
const covered = (topic: readonly { readonly fn: string }[]): readonly unknown[] =>
  topic.filter(({ fn }) => Object.hasOwn(registry, fn));

test('every vector of futures, portfolio and volatility targets holds at its tolerance', () => {
  const { datasets, contracts, topics } = fixture;
  const report = runVectorFile(
    {
      datasets,
      contracts,
      topics: {
        futures: topics['4_futures'],
        portfolio: topics['5_portfolio'],
        volatility: covered(topics['8_backtest']),
      },
    },
    registry,
  );
  expect(report.failures).toEqual([]);
  expect(report.passed).toBe(topics['4_futures'].length + topics['5_portfolio'].length + 3);
});
