import { createHash } from 'node:crypto';
import type { FeatureChoice } from '#shared/domain/feature.ts';
import type { ModelId } from '#shared/domain/prediction.ts';
import { serveModels, type ServedModel } from '#desk/adapters/models/served/service.ts';
import { INPUT, OUTPUT } from '#desk/adapters/models/served/open-inference.ts';
import { predictTrained } from '#desk/engine/learning/predict.ts';
import type { TrainedModel } from '#desk/engine/learning/trained-model.ts';
import { readModelFolder, type ModelFolder, type OpenedFolder } from './model-folder.ts';

/** Trained models under way: where each is, and what a desk that asks them has to send and to plan. */
export type ServedFolder = {
  readonly url: string;
  readonly manifest: ModelFolder;
  readonly lstm: { readonly url: string; readonly features: FeatureChoice };
  readonly ensemble: { readonly url: string; readonly features: FeatureChoice };
  /** Connections to both models for a connections file, in either protocol. */
  readonly connections: Readonly<Record<'desk' | 'open-inference', unknown>>;
  readonly close: () => Promise<void>;
};

const isoDay = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** The newest model that had learned nothing after the time it is asked about; null before the first. */
export function modelAt(models: readonly TrainedModel[], asOf: number | null): TrainedModel | null {
  if (asOf === null) return models.at(-1) ?? null;
  return models.findLast(({ from }) => from <= asOf) ?? null;
}

function servedModel(id: ModelId, { manifest, models }: OpenedFolder): ServedModel {
  const files = models[id];
  const [first] = files;
  if (first === undefined) throw new Error(`no model of the kind ${id}`);
  const sha256 = createHash('sha256').update(JSON.stringify(manifest.models[id])).digest('hex');
  return {
    id,
    version: {
      ...{ name: manifest.models[id].name, version: manifest.version, sha256 },
      featureSchema: first.features.schema,
    },
    horizonBars: manifest.horizonBars,
    input: { names: first.features.names, rows: first.features.rows },
    answer: (window, asOf) => {
      const model = modelAt(files, asOf);
      if (model !== null) return { ok: true, ...predictTrained(model, window) };
      return {
        ok: false,
        message: `no model was trained before that day: the first answers from ${isoDay(first.from)}`,
      };
    },
  };
}

const featuresOf = ({ input, version }: ServedModel): FeatureChoice => ({
  ...{ schema: version.featureSchema, names: [...input.names], rows: input.rows },
});

function connectionsOf(served: readonly ServedModel[], url: string, { timeframe, horizonBars }: ModelFolder) {
  const common = (model: ServedModel) => ({ timeframe, horizonBars, features: featuresOf(model) });
  const of = (make: (model: ServedModel) => unknown): unknown =>
    Object.fromEntries(served.map((model) => [model.id, make(model)]));
  return {
    desk: of((model) => ({ kind: 'desk', url: `${url}/${model.id}`, ...common(model) })),
    'open-inference': of((model) => ({
      ...{ kind: 'open-inference', url, model: model.id, ...common(model) },
      input: { tensor: INPUT },
      output: { kind: 'probs3', labels: ['short', 'neutral', 'long'], tensor: OUTPUT },
    })),
  };
}

/**
 * Serves the models of a folder on 127.0.0.1. A question about a past time is answered by the model that had been
 * trained by then, so that a replay never meets one that knows better.
 * Throws DeskError 'invalid-input' for a folder that is none, or whose files were changed.
 */
export async function serveModelFolder(folder: string, { port }: { readonly port: number }): Promise<ServedFolder> {
  const opened = readModelFolder(folder);
  const lstm = servedModel('lstm', opened);
  const ensemble = servedModel('ensemble', opened);
  const { url, close } = await serveModels([lstm, ensemble], { port });
  return {
    url,
    manifest: opened.manifest,
    lstm: { url: `${url}/lstm`, features: featuresOf(lstm) },
    ensemble: { url: `${url}/ensemble`, features: featuresOf(ensemble) },
    connections: connectionsOf([lstm, ensemble], url, opened.manifest),
    close,
  };
}
