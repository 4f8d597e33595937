import type { ModelId, Prediction } from '#shared/domain/prediction.ts';
import type { Clock } from '#desk/ports/clock.ts';
import type { ForecastSource } from '#desk/ports/forecast-source.ts';
import { LEVEL } from './soak-world.ts';

/** Ticks a market moves a second at most by chance, and on average by its lean: two targets in three are reached. */
const CHANCE_TICKS = 6;
const LEAN_TICKS = 0.1;
/** A lean lasts about half an hour of seconds. */
const LEAN_ENDS = 1 / 1_800;
/** How often a model sees the lean of a market. */
const SEES = 0.8;

/** Markets that lean one way for a while: what a model can know of them. */
export type LeaningMarkets = {
  /** One second of one market. @returns its price in ticks */
  readonly step: (symbol: string) => number;
  readonly lean: (symbol: string) => 1 | -1;
};

export function leaningMarkets(random: () => number): LeaningMarkets {
  const prices = new Map<string, number>();
  const leans = new Map<string, 1 | -1>();
  const side = (): 1 | -1 => (random() < 0.5 ? 1 : -1);
  const lean = (symbol: string): 1 | -1 => {
    const held = leans.get(symbol);
    if (held !== undefined && random() > LEAN_ENDS) return held;
    const next = side();
    leans.set(symbol, next);
    return next;
  };
  return {
    step: (symbol) => {
      const before = prices.get(symbol) ?? LEVEL;
      const moved = (random() * 2 - 1) * CHANCE_TICKS + lean(symbol) * LEAN_TICKS;
      // A market that has come far turns round: prices stay prices however long the soak is.
      const pull = (LEVEL - before) / 20_000;
      const price = before + Math.round(moved + pull);
      prices.set(symbol, price);
      return price;
    },
    lean: (symbol) => leans.get(symbol) ?? 1,
  };
}

type Surroundings = {
  readonly clock: Clock;
  readonly random: () => number;
  readonly lean: (symbol: string) => 1 | -1;
};

/** A model that mostly sees where a market leans, and is mostly sure enough to be traded on. */
export function seeingModel(model: ModelId, { clock, random, lean }: Surroundings): ForecastSource {
  const identity = { id: `model:${model}`, kind: 'model', name: model, state: 'live' } as const;
  const connection = { ...identity, lastAt: null, latencyMs: null, uptime: 1, detail: null };
  return {
    model,
    predict: ({ symbol, asOf }) => {
      const prediction: Prediction = {
        ...{ model, symbol, state: 'ok', asOf, receivedAt: clock.now(), latencyMs: 1, detail: null },
        direction: random() < SEES ? lean(symbol) : lean(symbol) === 1 ? -1 : 1,
        confidence: 0.58 + random() * 0.2,
        modelVersion: { name: model, version: '1', featureSchema: null, sha256: null },
      };
      return Promise.resolve(prediction);
    },
    connection: () => connection,
    onConnection: () => () => undefined,
    close: () => Promise.resolve(),
  };
}
