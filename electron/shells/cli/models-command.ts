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

/** The models a replay asks: a folder of trained ones, or null for two that count; and which these are, in words. */
export type ChosenModels = { readonly folder: string | null; readonly said: string };

/**
 * Chooses the models of a replay: those of the folder that was named, else those in the usual place where there are some
 * for such bars, else two that count.
 * Throws DeskError 'invalid-input' where what lies in the usual place is damaged: it is not passed over in silence.
 * @param asked a folder, false for none, true where nothing was said
 * @param played the bars that are played; null: those the models read
 */
export function chooseModels(
  asked: string | boolean,
  { dataFolder, played }: { readonly dataFolder: string; readonly played: '1d' | null },
): ChosenModels {
  const trained = (folder: string): ChosenModels => ({ folder, said: `Models of ${folder}.` });
  if (typeof asked === 'string') return trained(asked);
  if (!asked) return { folder: null, said: 'Two models that count are asked.' };
  const usual = usualModels(dataFolder);
  const counting = (why: string): ChosenModels => ({ folder: null, said: `${why}: two models that count are asked.` });
  if (!existsSync(path.join(usual, 'models.json')))
    return counting(`There are no trained models in ${usual} (models train makes some)`);
  const { timeframe } = describeModels(usual);
  if (played === null || timeframe === played) return trained(usual);
  return counting(`The models of ${usual} read bars of ${timeframe}, not of ${played}`);
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
