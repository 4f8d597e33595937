import { availableParallelism } from 'node:os';
import { loadLibraries } from './libraries.ts';
import { cardText, trainingCard, type TrainingCard } from './model-card.ts';
import { refuseExisting, writeModelFolder, type ModelFolder } from './model-folder.ts';
import { prepareTraining, type TrainOptions } from './training-plan.ts';
import { learnAll, type TrainingProgress } from './training-thread.ts';

export type { TrainOptions } from './training-plan.ts';
export type { TrainingProgress } from './training-thread.ts';
export { isUntrusted, UNTRUSTED, type TrainingCard, type ModelCard } from './model-card.ts';

export type TrainRequest = TrainOptions & { readonly out: string; readonly threads: number };

/** What was trained, and how well it foresaw what it had not seen. */
export type Trained = { readonly folder: string; readonly manifest: ModelFolder; readonly card: TrainingCard };

/** As many threads as help: more than four only make the fan turn. */
export const defaultThreads = (): number => Math.min(4, availableParallelism());

const NAMES = { lstm: 'reference-lstm', ensemble: 'reference-ensemble' } as const;

/**
 * Trains both reference models on recorded bars, walk-forward, and writes them with their card. The same bars, options
 * and seed give the same files, whatever the number of threads. Nothing is written when it is aborted.
 * Throws DeskError: 'invalid-input' naming the option, 'refused' with a command where learning libraries are missing.
 */
export async function trainModels(
  request: TrainRequest,
  watch: { readonly onProgress: (progress: TrainingProgress) => void; readonly signal: AbortSignal },
): Promise<Trained> {
  refuseExisting(request.out);
  // Said before minutes are spent on reading.
  await loadLibraries();
  const prepared = prepareTraining(request);
  const learnt = await learnAll(prepared.plan, request.threads, watch);
  const card = trainingCard(prepared, learnt);
  const models = {
    lstm: { name: NAMES.lstm, files: learnt.lstm.map(({ model }) => model) },
    ensemble: { name: NAMES.ensemble, files: learnt.ensemble.map(({ model }) => model) },
  };
  const manifest = writeModelFolder(request.out, {
    ...{ timeframe: request.timeframe, symbols: prepared.data.map(({ symbol }) => symbol) },
    ...{ planning: prepared.planning, horizonBars: prepared.horizonBars, seed: request.seed },
    models,
    pages: { 'card.json': `${JSON.stringify(card, null, 2)}\n`, 'card.md': cardText(card) },
  });
  return { folder: request.out, manifest, card };
}
