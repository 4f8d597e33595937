import type { Recommendation } from '#shared/domain/recommendation.ts';
import { epochMs } from '#shared/units.ts';
import type { EpochMs } from '#shared/units.ts';
import { withSnapshot } from './altered-desk.ts';
import { recommend, recommendationsAt } from './desk-fixtures/recommendations.ts';
import { createTestDesk } from './test-desk.ts';

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

/** The test desk with a crowd of recommendations, or its own six, each of which changes at every call of `update`. */
export function createStreamingDesk(count: number | 'own') {
  const desk = createTestDesk();
  const at = epochMs(Date.now());
  const crowd = count === 'own' ? recommendationsAt(at) : crowdAt(count, at);
  let round = 0;
  return {
    door: withSnapshot(desk, (snapshot) => ({ ...snapshot, recommendations: [...crowd] })),
    /** Changes the figures of every recommendation, and one step of market, account and connections. */
    update: (): void => {
      round += 1;
      for (const [i, one] of crowd.entries()) {
        const { decision } = one;
        const contracts = decision.contracts === 0 ? 0 : 1 + ((i + round) % 5);
        desk.stream.publish('recommendation.changed', { ...one, decision: { ...decision, contracts } });
      }
      desk.step();
    },
    close: () => desk.close(),
  };
}
