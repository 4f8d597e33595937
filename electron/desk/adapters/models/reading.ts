import type { PredictionReading } from '#shared/domain/prediction.ts';
import type { Answer } from './model-client.ts';

/** What an answer said beyond its direction: how it came about, and what its members said. */
export function readingOf({ opinion, members, agreement }: Answer): PredictionReading {
  return {
    chance: opinion.chance,
    rawDirection: opinion.raw.direction,
    rawConfidence: opinion.raw.confidence,
    edge: opinion.edge,
    ...(members === undefined
      ? {}
      : {
          agreement: agreement ?? null,
          members: members.map(({ name, weight, opinion: said, detail }) => ({
            name,
            weight,
            direction: said?.direction ?? null,
            confidence: said?.confidence ?? null,
            detail,
          })),
        }),
  };
}
