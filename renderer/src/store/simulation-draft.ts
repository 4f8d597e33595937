import { create } from 'zustand';
import { DEFAULT_GRID, MOST_COMBINATIONS, MOST_PATH_TRADES, MOST_PATHS } from '#shared/contract/backtest-requests.ts';
import type { MonteCarloRequest, WalkForwardRequest } from '#shared/contract/backtest-requests.ts';
import type { Bet, TradeSource } from '#shared/domain/monte-carlo.ts';
import type { PolicyOffer } from '#shared/domain/policy.ts';
import { err, ok } from '#shared/result.ts';
import type { Result } from '#shared/result.ts';
import { commonOf, type BacktestDraft } from './backtest-draft.ts';

/** What the trader typed for the next simulation. */
export type MonteCarloDraft = {
  /** `journal`, `policy <key>` or `run <id> <key>`. */
  readonly source: string;
  readonly bet: Bet['kind'];
  readonly fraction: string;
  readonly trades: string;
  readonly paths: string;
  /** '' lets the trades say. */
  readonly block: string;
  readonly loss: string;
  readonly gain: string;
  readonly ruin: string;
};

export const EMPTY_MONTE_CARLO: MonteCarloDraft = {
  ...{ source: 'journal', bet: 'as-taken', fraction: '2', trades: '250', paths: '2000', block: '' },
  ...{ loss: '20', gain: '20', ruin: '50' },
};

/** What the trader typed for the next walk-forward. */
export type WalkForwardDraft = {
  readonly multipliers: string;
  readonly evidenceTrades: string;
  readonly lookBackDays: string;
  readonly folds: string;
  readonly inSample: string;
  readonly window: WalkForwardRequest['window'];
  readonly score: WalkForwardRequest['score'];
};

const listed = (values: readonly number[]): string => values.join(', ');

export const EMPTY_WALK_FORWARD: WalkForwardDraft = {
  multipliers: listed(DEFAULT_GRID.multipliers),
  evidenceTrades: listed(DEFAULT_GRID.evidenceTrades),
  lookBackDays: listed(DEFAULT_GRID.lookBackDays),
  folds: String(DEFAULT_GRID.folds),
  inSample: String(DEFAULT_GRID.inSampleShare * 100),
  window: 'anchored',
  score: 'growth',
};

export const useMonteCarloDraft = create<MonteCarloDraft>()(() => EMPTY_MONTE_CARLO);
export const useWalkForwardDraft = create<WalkForwardDraft>()(() => EMPTY_WALK_FORWARD);

type Range = { readonly min: number; readonly max: number; readonly isWhole?: boolean };

const NUMBER = /^\d+(?:\.\d+)?$/;

/** Reads a number in its range, or says what it takes. */
function numberIn(text: string, label: string, { min, max, isWhole = false }: Range): Result<number, string> {
  const value = Number(text.trim());
  const isNumber = NUMBER.test(text.trim()) && (!isWhole || Number.isInteger(value));
  if (isNumber && value >= min && value <= max) return ok(value);
  return err(`${label} takes ${isWhole ? 'a whole number from ' : ''}${min} to ${max}.`);
}

/** Reads named numbers; the first that is none says why. */
function numbersOf<K extends string>(
  fields: Readonly<Record<K, readonly [text: string, label: string, range: Range]>>,
): Result<Record<K, number>, string> {
  const read: [string, number][] = [];
  for (const [name, field] of Object.entries<readonly [string, string, Range]>(fields)) {
    const value = numberIn(...field);
    if (!value.ok) return value;
    read.push([name, value.value]);
  }
  return ok(Object.fromEntries(read) as Record<K, number>);
}

const whole = (min: number, max: number): Range => ({ min, max, isWhole: true });

/** Where the trades are drawn from; an offer that is gone is said. */
function sourceOf(text: string, offers: readonly PolicyOffer[]): Result<TradeSource, string> {
  const [from, first = '', second = ''] = text.split(' ');
  if (from === 'journal') return ok({ from });
  if (from === 'run') return ok({ from, runId: first, key: second });
  const offer = offers.find(({ key }) => key === first);
  return offer === undefined ? err('Choose whose trades are drawn.') : ok({ from: 'policy', spec: offer.spec });
}

/** What the draft asks the desk for, or why it asks for nothing yet. */
export function monteCarloRequestOf(
  offers: readonly PolicyOffer[],
  draft: MonteCarloDraft,
  common: BacktestDraft,
): Result<MonteCarloRequest, string> {
  const shared = commonOf(common);
  if (!shared.ok) return shared;
  const source = sourceOf(draft.source, offers);
  if (!source.ok) return source;
  const read = numbersOf({
    trades: [draft.trades, 'Trades of a path', whole(1, MOST_PATH_TRADES)],
    paths: [draft.paths, 'Paths', whole(100, MOST_PATHS)],
    block: [draft.block === '' ? '1' : draft.block, 'Mean block', { min: 1, max: 1000 }],
    loss: [draft.loss, 'The loss', { min: 0.1, max: 99.9 }],
    gain: [draft.gain, 'The gain', { min: 0.1, max: 10_000 }],
    ruin: [draft.ruin, 'The ruin level', { min: 0.1, max: 99.9 }],
    fraction: [draft.bet === 'as-taken' ? '1' : draft.fraction, 'The stake', { min: 0.001, max: 100 }],
  });
  if (!read.ok) return read;
  const { trades, paths, block, loss, gain, ruin, fraction } = read.value;
  return ok({
    ...{ kind: 'monte-carlo', source: source.value, trades, paths, ...shared.value },
    bet: draft.bet === 'as-taken' ? { kind: draft.bet } : { kind: draft.bet, fraction: fraction / 100 },
    meanBlock: draft.block.trim() === '' ? null : block,
    ...{ loss: loss / 100, gain: gain / 100, ruinLevel: ruin / 100 },
  });
}

/** Reads a list of numbers with commas, none twice. */
function listOf(text: string, label: string, range: Range): Result<number[], string> {
  const values: number[] = [];
  for (const part of text.split(',').filter((one) => one.trim() !== '')) {
    const value = numberIn(part, `Each of ${label}`, range);
    if (!value.ok) return value;
    if (values.includes(value.value)) return err(`${value.value} stands twice in ${label}.`);
    values.push(value.value);
  }
  if (values.length === 0 || values.length > 8) return err(`Give one to eight values of ${label}.`);
  return ok(values);
}

/** What the draft asks the desk for, or why it asks for nothing yet. */
export function walkForwardRequestOf(
  draft: WalkForwardDraft,
  common: BacktestDraft,
): Result<WalkForwardRequest, string> {
  const shared = commonOf(common);
  if (!shared.ok) return shared;
  const multipliers = listOf(draft.multipliers, 'λ', { min: 0.001, max: 1 });
  if (!multipliers.ok) return multipliers;
  const evidenceTrades = listOf(draft.evidenceTrades, 'n₀', { min: 0, max: 10_000 });
  if (!evidenceTrades.ok) return evidenceTrades;
  const lookBackDays = listOf(draft.lookBackDays, 'the look-back', whole(1, 36_500));
  if (!lookBackDays.ok) return lookBackDays;
  const read = numbersOf({
    folds: [draft.folds, 'Folds', whole(2, 12)],
    inSample: [draft.inSample, 'The first choice', { min: 20, max: 80 }],
  });
  if (!read.ok) return read;
  const count = multipliers.value.length * evidenceTrades.value.length * lookBackDays.value.length;
  if (count < 2 || count > MOST_COMBINATIONS) {
    return err(`${count} combinations: give between 2 and ${MOST_COMBINATIONS}.`);
  }
  return ok({
    ...{ kind: 'walk-forward', multipliers: multipliers.value, evidenceTrades: evidenceTrades.value },
    ...{ lookBackDays: lookBackDays.value, folds: read.value.folds, inSampleShare: read.value.inSample / 100 },
    ...{ window: draft.window, score: draft.score, ...shared.value },
  });
}
