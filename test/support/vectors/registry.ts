import { futuresVectors } from './futures.ts';
import { kellyVectors } from './kelly.ts';
import { portfolioVectors } from './portfolio.ts';
import { probabilityVectors } from './probability.ts';
import { sizingVectors } from './sizing.ts';
import { statisticsVectors } from './statistics.ts';
import type { VectorRegistry } from './types.ts';

/** Every function a vector file may name, mapped to the engine. */
export const vectorRegistry: VectorRegistry = {
  ...kellyVectors,
  ...probabilityVectors,
  ...futuresVectors,
  ...portfolioVectors,
  ...statisticsVectors,
  ...sizingVectors,
};
