import { type PredictRequest } from '#desk/adapters/models/desk-json/wire.ts';
import { type Chances, column } from './opinions.ts';
import { FEATURE_SCHEMA, type Verdict, serveModel } from './service.ts';
import type { ModelPair } from './simulated.ts';

/** Bars ahead whose close decides whether the market went up. */
export const HORIZON_BARS = 5;

/** Rows a request to these models carries: a year and a half of daily bars, enough cases to count. */
export const STATISTICAL_WINDOW_ROWS = 390;

/** Fewer resolved cases than this and the models do not answer. */
const MIN_CASES = 30;

/** Returns over these many bars, ending at the bar, put it into one of the states a model tells apart. */
type Rule = {
  readonly name: string;
  readonly lookback: number;
  /** State of bar i: its own return and the deviation of such returns over the window. */
  readonly state: (move: number, deviation: number) => number;
};

/** After a rise or after a fall of 20 bars. */
const MOMENTUM: Rule = { name: 'momentum-frequency', lookback: 20, state: (move) => (move >= 0 ? 1 : 0) };

/** After an unusual fall, an ordinary or an unusual rise of 3 bars: more than half a standard deviation is unusual. */
const REVERSION: Rule = {
  name: 'mean-reversion-frequency',
  lookback: 3,
  state: (move, deviation) => (move > 0.5 * deviation ? 2 : move < -0.5 * deviation ? 0 : 1),
};

/**
 * Starts two models for real bars: plain counting, nothing learned elsewhere. Each looks up how often, in the window it
 * is sent, the close five bars later was higher after bars in the same state as the last one. Only cases resolved
 * inside the window count, and five cases count as one, because they overlap: p = (rises/5 + 1) / (cases/5 + 2).
 * @source Laplace's rule of succession
 */
export async function startStatisticalModels(): Promise<ModelPair> {
  const [momentum, reversion] = await Promise.all([serveRule(MOMENTUM), serveRule(REVERSION)]);
  return {
    lstm: { url: momentum.url },
    ensemble: { url: reversion.url },
    features: { schema: FEATURE_SCHEMA, names: ['ret1'], rows: STATISTICAL_WINDOW_ROWS },
    close: async () => {
      await Promise.all([momentum.close(), reversion.close()]);
    },
  };
}

const serveRule = (rule: Rule) =>
  serveModel({
    version: { name: rule.name, version: '1.0.0', featureSchema: FEATURE_SCHEMA, sha256: null },
    horizonBars: HORIZON_BARS,
    answer: (request) => answer(rule, request),
  });

function answer(rule: Rule, request: PredictRequest): Verdict {
  const returns = column(request, 'ret1');
  if (returns === null) return { ok: false, message: 'features: ret1 is needed' };
  const counted = upFrequency(rule, returns);
  if (counted.cases < MIN_CASES) {
    const message = `only ${counted.cases} resolved cases in ${returns.length} rows, ${MIN_CASES} are needed`;
    return { ok: false, message };
  }
  return { ok: true, chances: toChances(counted.p) };
}

const toChances = (p: number): Chances => ({ short: 1 - p, neutral: 0, long: p });

/** Smoothed frequency of a rise over the horizon after bars in the state of the last one. */
export function upFrequency(rule: Rule, returns: readonly number[]): { readonly p: number; readonly cases: number } {
  const level = [0];
  for (const value of returns) level.push((level.at(-1) ?? 0) + value);
  const at = (i: number): number => level[i] ?? Number.NaN;
  const moves = new Map<number, number>();
  for (let i = rule.lookback; i < level.length; i += 1) moves.set(i, at(i) - at(i - rule.lookback));
  const deviation = Math.sqrt([...moves.values()].reduce((sum, m) => sum + m * m, 0) / Math.max(1, moves.size));
  const last = level.length - 1;
  const now = rule.state(moves.get(last) ?? 0, deviation);
  let cases = 0;
  let rises = 0;
  for (const [i, move] of moves) {
    if (i + HORIZON_BARS > last || rule.state(move, deviation) !== now) continue;
    cases += 1;
    if (at(i + HORIZON_BARS) > at(i)) rises += 1;
  }
  return { p: (rises / HORIZON_BARS + 1) / (cases / HORIZON_BARS + 2), cases };
}
