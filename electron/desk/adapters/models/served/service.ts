import fastify from 'fastify';
import type { ModelId, ModelVersion } from '#shared/domain/prediction.ts';
import { type Verdict, answerPredict } from '#desk/adapters/models/desk-json/answer.ts';
import { addOpenInference } from './open-inference.ts';
import { type ModelInput, modelRows } from './rows.ts';

/** A model that is served under its own path. */
export type ServedModel = {
  readonly id: ModelId;
  readonly version: ModelVersion & { readonly featureSchema: string };
  readonly horizonBars: number;
  readonly input: ModelInput;
  /**
   * @param window rows of `input`, oldest first
   * @param asOf   time of the question in epoch milliseconds; null: now
   */
  readonly answer: (window: readonly (readonly number[])[], asOf: number | null) => Verdict;
};

export type ServedModels = { readonly url: string; readonly close: () => Promise<void> };

/** A window of features is a few thousand numbers. */
const BODY_LIMIT = 4 * 1024 * 1024;

/**
 * Serves models on 127.0.0.1: each in the desk's own contract under its id (`/lstm/predict`), and all of them in the
 * Open Inference Protocol v2. Rejects with the error of the system where the port is taken.
 * @param port 0 takes a free one
 */
export async function serveModels(models: readonly ServedModel[], { port }: { port: number }): Promise<ServedModels> {
  const app = fastify({ forceCloseConnections: true, bodyLimit: BODY_LIMIT });
  for (const model of models) {
    app.get(`/${model.id}/healthz`, () => ({ status: 'ok', model: model.version.name }));
    app.post(`/${model.id}/predict`, (request, reply) => {
      const { status, body } = answerPredict(request.body, {
        ...model,
        answer: ({ features, asOf }) => {
          const window = modelRows(features, model.input);
          if (typeof window === 'string') return { ok: false, message: window };
          return model.answer(window, Date.parse(asOf));
        },
      });
      return reply.code(status).send(body);
    });
  }
  addOpenInference(app, models);
  const url = await app.listen({ host: '127.0.0.1', port });
  return { url, close: () => app.close() };
}
