import path from 'node:path';
import { epochMs } from '#shared/units.ts';
import { createPrng } from '#desk/engine/prng.ts';
import type { TrainedModel, Tree } from '#desk/engine/learning/trained-model.ts';
import { writeModelFolder, type ModelFolder } from '#desk/learning/model-folder.ts';

const DAY_MS = 86_400_000;
const NAMES = ['ret1', 'ret5', 'vol20'];
const UNITS = 3;

const stump = (threshold: number, below: number, above: number): Tree => ({
  feature: [0, -1, -1],
  threshold: [threshold, 0, 0],
  left: [1, 0, 0],
  right: [2, 0, 0],
  value: [0, below, above],
});

/** What both models of a step share: they answer from that day on. */
function common(from: number, rows: number) {
  return {
    ...({ format: 'kelly-desk-model', schema: 1 } as const),
    features: { schema: 'fs-2', names: NAMES, rows },
    standardise: { center: [0, 0, 0.01], scale: [0.01, 0.02, 0.005], clip: 5 },
    calibration: { long: { kind: 'none' }, short: { kind: 'none' } } as const,
    ...{ learnedTo: epochMs(from - DAY_MS), from: epochMs(from) },
  };
}

/** A network that leans to rises, made by a seed. */
export function smallNetwork(from: number, seed: number): TrainedModel {
  const prng = createPrng(seed);
  const matrix = (rows: number, columns: number): number[][] =>
    Array.from({ length: rows }, () => Array.from({ length: columns }, () => prng.nextDouble() - 0.5));
  return {
    ...common(from, 4),
    kind: 'lstm',
    network: {
      units: UNITS,
      kernel: matrix(NAMES.length, 4 * UNITS),
      recurrent: matrix(UNITS, 4 * UNITS),
      bias: matrix(1, 4 * UNITS)[0] ?? [],
      dense: matrix(UNITS, 3),
      denseBias: [-1, -1, 1],
    },
  };
}

/** An ensemble of one learner of each kind, all leaning to rises. */
export const smallEnsemble = (from: number): TrainedModel => ({
  ...common(from, 1),
  kind: 'ensemble',
  members: [
    {
      name: 'logistic-regression',
      weight: 1,
      model: { kind: 'linear', long: [0.1, 0, 0, 0.9], short: [0, 0, 0, -1.2] },
    },
    {
      name: 'random-forest',
      weight: 1,
      model: { kind: 'forest', long: [stump(0, 0.62, 0.7), stump(1, 0.66, 0.7)], short: [stump(0, 0.25, 0.2)] },
    },
    {
      name: 'boosted-trees',
      weight: 2,
      model: {
        kind: 'boosted',
        long: { base: 0.7, rate: 0.25, trees: [stump(0, -0.2, 0.4)] },
        short: { base: -1, rate: 0.25, trees: [] },
      },
    },
  ],
});

export const FIRST_DAY = Date.UTC(2010, 0, 1);
export const SECOND_DAY = Date.UTC(2012, 0, 1);

/** A folder of models as training writes it, of two steps: nothing of it was learned. */
export function trainedFolder(parent: string, timeframe: ModelFolder['timeframe'] = '1d'): string {
  const folder = path.join(parent, 'models');
  writeModelFolder(folder, {
    ...{ timeframe, symbols: ['MES'], horizonBars: 20, seed: 1 },
    planning: { stopAtr: 2, targetAtr: 1, minStopTicks: 4 },
    models: {
      lstm: { name: 'reference-lstm', files: [smallNetwork(FIRST_DAY, 1), smallNetwork(SECOND_DAY, 2)] },
      ensemble: { name: 'reference-ensemble', files: [smallEnsemble(FIRST_DAY), smallEnsemble(SECOND_DAY)] },
    },
    pages: { 'card.md': '# Model card\n' },
  });
  return folder;
}
