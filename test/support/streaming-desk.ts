import type { Recommendation } from '#shared/domain/recommendation.ts';
import { epochMs, moneyFromUsd } from '#shared/units.ts';
import type { EpochMs } from '#shared/units.ts';
import { withSnapshot } from './altered-desk.ts';
import { recommend, recommendationsAt } from './desk-fixtures/recommendations.ts';
import { createTestDesk } from './test-desk.ts';
import type { TestDesk } from './test-desk.ts';

const SAYS = { lstm: { direction: 1, confidence: 0.66 }, ensemble: { direction: 1, confidence: 0.7 } } as const;
const NO = { lstm: { direction: 1, confidence: 0.52 }, ensemble: { direction: 1, confidence: 0.55 } } as const;

/** Symbol number `i` of the crowd, as long as real ones are. */
export const crowdSymbol = (i: number): string => `Q${String(i).padStart(3, '0')}Z26-CME`;

/** One recommendation per symbol: every third has a size, the others say why they have none. */
export function crowdAt(count: number, at: EpochMs): readonly Recommendation[] {
  const [open, closed] = [recommend('NQ', at, SAYS), recommend('NQ', at, NO)];
  return Array.from({ length: count }, (_, i) => ({
    ...(i % 3 === 0 ? open : closed),
    id: `crowd-${i}`,
    symbol: crowdSymbol(i),
    root: `Q${String(i).padStart(3, '0')}`,
    createdAt: at,
    expiresAt: epochMs(at + 3_600_000),
  }));
}

/** How far a figure of this round is from its usual length. */
const STRETCHES = [
  { pnl: -12_345.6, r: -10.25, heat: 0.1286, equity: 99_999.99, ageMs: 9_900, latencyMs: 123 },
  { pnl: 4.6, r: 0.01, heat: 0.0004, equity: 123_456.78, ageMs: 12_000, latencyMs: 2 },
  { pnl: 12_345.6, r: 10.25, heat: 0.0286, equity: 100_000, ageMs: 118_000, latencyMs: 45 },
  { pnl: -0.4, r: 0, heat: 0.2, equity: 98_765.43, ageMs: 0, latencyMs: 999 },
] as const;

/** Positions, account and connections with the longest and the shortest figures of a day, in turn. */
async function stretch(desk: TestDesk, round: number): Promise<void> {
  const { pnl, r, heat, equity, ageMs, latencyMs } = STRETCHES[round % STRETCHES.length] ?? STRETCHES[0];
  const { positions, risk, connections, now } = await desk.handlers['desk.snapshot']({});
  const openPnl = moneyFromUsd(pnl);
  desk.stream.publish(
    'positions.changed',
    positions.map((position) => ({ ...position, openPnl, r, riskAtStop: moneyFromUsd(Math.abs(pnl)) })),
  );
  desk.stream.publish('desk.pulse', { now, risk: { ...risk, heat, equity: moneyFromUsd(equity), dayPnl: openPnl } });
  for (const connection of connections) {
    desk.stream.publish('connection.changed', { ...connection, lastAt: epochMs(now - ageMs), latencyMs });
  }
}

/** The test desk with a crowd of recommendations, or its own six, each of which changes at every call of `update`. */
export function createStreamingDesk(count: number | 'own') {
  const desk = createTestDesk();
  const at = epochMs(Date.now());
  const crowd = count === 'own' ? recommendationsAt(at) : crowdAt(count, at);
  let round = 0;
  return {
    door: withSnapshot(desk, (snapshot) => ({ ...snapshot, recommendations: [...crowd] })),
    /**
     * Changes the figures of every recommendation, and one step of market, account and connections: figures grow from
     * one digit to five and shrink again, ages from seconds to minutes.
     */
    update: (): void => {
      round += 1;
      for (const [i, one] of crowd.entries()) {
        const { decision } = one;
        const contracts = decision.contracts === 0 ? 0 : 1 + ((i + round) % 5);
        desk.stream.publish('recommendation.changed', { ...one, decision: { ...decision, contracts } });
      }
      desk.step();
      void stretch(desk, round);
    },
    /** A new proposal takes the place of the one of this symbol. */
    replace: (symbol: string, id: string): void => {
      const one = crowd.find((each) => each.symbol === symbol);
      if (one === undefined) throw new Error(`there is no ${symbol}`);
      desk.stream.publish('recommendation.changed', { ...one, id, createdAt: epochMs(one.createdAt + 1) });
    },
    close: () => desk.close(),
  };
}
