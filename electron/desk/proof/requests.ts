import { DeskError } from '#shared/contract/errors.ts';
import { MOST_COMBINATIONS, MOST_DRAWS } from '#shared/contract/backtest-requests.ts';
import type {
  BacktestRequest,
  MonteCarloRequest,
  PoliciesRequest,
  WalkForwardRequest,
} from '#shared/contract/backtest-requests.ts';
import { policyKey } from '#shared/domain/policy.ts';
import { countText } from '#shared/format/numbers.ts';
import { countedText } from '#shared/wording/names.ts';
import { combinationsOf } from '#desk/backtest/folds.ts';

export const DEFAULT_SEED = 2024;

const badRequest = (field: string, value: string, message: string, remedy: string): DeskError =>
  new DeskError({ code: 'invalid-input', field, value, message, remedy });

function checkPolicies({ policies }: PoliciesRequest): void {
  const keys = policies.map(policyKey);
  const twice = keys.find((key, i) => keys.indexOf(key) !== i);
  if (twice !== undefined) {
    throw badRequest('request.policies', twice, 'this policy stands there twice', 'Leave one of them out.');
  }
}

function checkDraws({ trades, paths }: MonteCarloRequest): void {
  if (trades * paths <= MOST_DRAWS) return;
  const remedy = `Ask for fewer paths, or shorter ones: ${countText(MOST_DRAWS)} trades in all at the most.`;
  throw badRequest('request.paths', String(paths), 'these are too many trades to draw', remedy);
}

function checkGrid(request: WalkForwardRequest): void {
  for (const name of ['multipliers', 'evidenceTrades', 'lookBackDays'] as const) {
    const values = request[name];
    const twice = values.find((value, i) => values.indexOf(value) !== i);
    if (twice !== undefined) {
      throw badRequest(`request.${name}`, String(twice), 'this value stands there twice', 'Leave one of them out.');
    }
  }
  const count = combinationsOf(request).length;
  const isChoice = count >= 2 && count <= MOST_COMBINATIONS;
  if (isChoice) return;
  const remedy = `Give between 2 and ${MOST_COMBINATIONS} combinations.`;
  throw badRequest(
    'request.multipliers',
    String(count),
    `${countedText(count, 'combination')} cannot be tried`,
    remedy,
  );
}

/** Refuses what no run can be made of. */
export function checkRequest(request: BacktestRequest): void {
  const { from, to } = request;
  if (request.kind === 'policies') checkPolicies(request);
  else if (request.kind === 'monte-carlo') checkDraws(request);
  else checkGrid(request);
  if (from !== undefined && to !== undefined && from >= to) {
    throw badRequest('request.to', new Date(to).toISOString(), 'the range ends before it begins', 'Widen the range.');
  }
}

/** What a run without a name is called. */
export function nameOf(request: BacktestRequest): string {
  if (request.name !== undefined) return request.name;
  if (request.kind === 'policies') return `Backtest of ${countedText(request.policies.length, 'policy', 'policies')}`;
  if (request.kind === 'walk-forward') {
    const count = combinationsOf(request).length;
    return `Walk-forward of ${countedText(count, 'combination')}, ${countedText(request.folds, 'fold')}`;
  }
  return `${countText(request.paths)} paths of ${countedText(request.trades, 'trade')}`;
}
