import { existsSync } from 'node:fs';
import path from 'node:path';
import {
  defaultThreads,
  describeModels,
  serveModelFolder,
  trainModels,
  type ModelCard,
  type TrainRequest,
  type Trained,
} from '#desk/desk.ts';
import { untilStopped } from './long-work.ts';
import { EXIT, type ExitCode, type Output } from './output.ts';
import { interrupted, listen } from './serve-command.ts';

export type TrainArguments = Omit<TrainRequest, 'threads'> & {
  readonly threads: number | null;
  readonly json: boolean;
};

/** Trains the reference models. Ctrl-C ends it and writes nothing. */
export async function trainCommand(asked: TrainArguments, output: Output): Promise<ExitCode> {
  const { json, threads, ...request } = asked;
  return untilStopped('train', output, async (running) => {
    const trained = await trainModels({ ...request, threads: threads ?? defaultThreads() }, running);
    return () => output.out(json ? JSON.stringify(trained, null, 2) : trainedText(trained));
  });
}

const NAMES = { lstm: 'LSTM', ensemble: 'Ensemble' } as const;

const sentence = ({ kind, sentence: text }: ModelCard): string => `${NAMES[kind]}: ${text}`;

function trainedText({ folder, manifest, card }: Trained): string {
  return [
    `${folder} holds version ${manifest.version}: card.md says what was learned and how well.`,
    sentence(card.models.lstm),
    sentence(card.models.ensemble),
  ].join('\n');
}

/** Where trained models lie when nothing else is said: training writes there, a replay looks there. */
export const usualModels = (dataFolder: string): string => path.join(dataFolder, 'models');

/**
 * The folder of trained models a replay asks: the one that was named, else the one in the usual place where there is
 * one for such bars; null for the models that count.
 * @param asked a folder, false for none, true where nothing was said
 * @param played the bars that are played; null: those the models read
 */
export function modelsFolder(
  asked: string | boolean,
  { dataFolder, played }: { readonly dataFolder: string; readonly played: '1d' | null },
  output: Output,
): string | null {
  if (typeof asked === 'string') return asked;
  const usual = usualModels(dataFolder);
  if (!asked || !existsSync(path.join(usual, 'models.json'))) return null;
  const { timeframe } = describeModels(usual);
  if (played === null || timeframe === played) return usual;
  output.err(`The models of ${usual} read bars of ${timeframe}: two models that count are asked instead.`);
  return null;
}

const PROTOCOLS = ['desk', 'open-inference'] as const;

/** Serves the models of a folder until Ctrl-C. The first line of output is its address. */
export async function serveModelsCommand(
  folder: string,
  { port, json }: { readonly port: number; readonly json: boolean },
  output: Output,
): Promise<ExitCode> {
  const served = await listen(() => serveModelFolder(folder, { port }), port);
  const { url, manifest, connections } = served;
  try {
    if (json) output.out(JSON.stringify({ url, manifest, connections }, null, 2));
    else {
      const { planning, symbols, timeframe, version } = manifest;
      output.out(url);
      output.err(`Version ${version}, bars of ${timeframe} of ${symbols.join(', ')}.`);
      output.err(`Chances of the trade with stop ${planning.stopAtr} and target ${planning.targetAtr} average ranges:`);
      output.err(`set "planning": ${JSON.stringify(planning)} in settings.json of the profile.`);
      for (const protocol of PROTOCOLS)
        output.err(`"models" of a connections file (${protocol}): ${JSON.stringify(connections[protocol])}`);
      output.err('Ctrl-C ends it.');
    }
    await interrupted();
  } finally {
    await served.close();
  }
  return EXIT.done;
}
