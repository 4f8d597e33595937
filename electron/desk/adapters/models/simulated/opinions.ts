import { createSeeded, hashInts, hashText } from '#desk/adapters/seeded.ts';
import { MINUTE_RANGE, planChances, regimeLogOdds } from './regime-filter.ts';
import { type PredictRequest } from '#desk/adapters/models/desk-json/wire.ts';
import type { Chances } from '#desk/adapters/models/desk-json/answer.ts';

export type { Chances };

/** A simulated model: how many rows it reads, how long it thinks regimes last, and how blurred its sight is. */
export type Member = {
  readonly name: string;
  readonly weight: number;
  readonly rows: number;
  readonly regimeMinutes: number;
  /** Standard deviation of the noise on its log odds, and the factor that keeps the noisy odds honest. */
  readonly noise: number;
  readonly shrink: number;
};

export const LSTM_MEMBER: Member = {
  name: 'lstm',
  weight: 1,
  rows: 32,
  regimeMinutes: 120,
  noise: 0.5,
  shrink: 0.82,
};

export const ENSEMBLE_MEMBERS: readonly Member[] = [
  { name: 'boosted-trees', weight: 0.4, rows: 32, regimeMinutes: 200, noise: 0.4, shrink: 0.88 },
  { name: 'random-forest', weight: 0.3, rows: 28, regimeMinutes: 90, noise: 0.6, shrink: 0.88 },
  { name: 'linear', weight: 0.3, rows: 24, regimeMinutes: 150, noise: 0.6, shrink: 0.88 },
];

/** A named column of the request's window, oldest first; null when the request does not carry it. */
export function column(request: PredictRequest, name: string): readonly number[] | null {
  const index = request.features.names.indexOf(name);
  if (index < 0) return null;
  const width = request.features.names.length;
  return request.features.data.filter((_, i) => i % width === index);
}

/**
 * A member's chances for the planned trade, from nothing but the returns and the average range in the request.
 * Its noise depends on the seed, the symbol and the time asked about, so asking again gives the same answer.
 */
export function memberChances(member: Member, request: PredictRequest, seed: number): Chances | null {
  const returns = column(request, 'ret1');
  const range = column(request, 'atr14')?.at(-1);
  if (returns === null || range === undefined || range <= 0) return null;
  const deviation = range / MINUTE_RANGE;
  const logOdds = regimeLogOdds(
    returns.slice(-member.rows).map((value) => value / deviation),
    member.regimeMinutes,
  );
  const key = hashInts([seed, hashText(`${member.name} ${request.symbol}`), Date.parse(request.asOf)]);
  const blurred = logOdds + member.noise * createSeeded(key).normal();
  return planChances(member.shrink * blurred);
}

/** Weighted mean of the members' chances. */
export function meanChances(parts: readonly { readonly weight: number; readonly chances: Chances }[]): Chances {
  const total = parts.reduce((sum, part) => sum + part.weight, 0);
  const mean = (name: keyof Chances): number =>
    parts.reduce((sum, part) => sum + part.weight * part.chances[name], 0) / total;
  const short = mean('short');
  const long = mean('long');
  return { short, neutral: 1 - short - long, long };
}
