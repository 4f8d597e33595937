import { DeskError } from '#shared/contract/errors.ts';
import type { Handlers, OperationName } from '#shared/contract/index.ts';
import { POLICY_OFFERS } from '#desk/backtest/catalogue.ts';

const none = (field: string, value: string): DeskError =>
  new DeskError({
    code: 'not-found',
    field,
    value,
    message: 'There is no such run.',
    remedy: 'Reload the list of runs.',
  });

/** A desk whose journal is not there: policies can be looked at, nothing can be run. */
export const backtestOperations = (): Pick<Handlers, Extract<OperationName, `backtest.${string}`>> => ({
  'backtest.offer': () => ({ policies: [...POLICY_OFFERS], decisions: 0, from: null, to: null, workers: 1 }),
  'backtest.jobs': () => [],
  'backtest.runs': () => ({ total: 0, runs: [] }),
  'backtest.run': ({ runId }) => {
    throw none('runId', runId);
  },
  'backtest.series': ({ runId }) => {
    throw none('runId', runId);
  },
  'backtest.decisions': ({ runId }) => {
    throw none('runId', runId);
  },
  'backtest.compare': ({ runIds }) => {
    throw none('runIds', runIds[0] ?? '');
  },
  'backtest.start': () => {
    throw new DeskError({ code: 'refused', message: 'This desk has no journal to run over.' });
  },
  'backtest.cancel': ({ jobId }) => {
    throw none('jobId', jobId);
  },
  'backtest.delete': ({ runId }) => {
    throw none('runId', runId);
  },
  'backtest.export': ({ runId }) => {
    throw none('runId', runId);
  },
});
