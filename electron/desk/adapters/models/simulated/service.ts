import fastify from 'fastify';
import { type AnsweringModel, answerPredict } from '#desk/adapters/models/desk-json/answer.ts';

export type { Verdict } from '#desk/adapters/models/desk-json/answer.ts';

/** The feature set the models in the house were made for. */
export const FEATURE_SCHEMA = 'fs-1';

export type ModelService = { readonly url: string; readonly close: () => Promise<void> };

/**
 * Serves one model over HTTP on 127.0.0.1, on a free port, in the desk's own contract. It sees what any other service
 * would: the request, nothing else.
 */
export async function serveModel(options: AnsweringModel): Promise<ModelService> {
  const app = fastify({ forceCloseConnections: true });
  app.get('/healthz', () => ({ status: 'ok', model: options.version.name }));
  app.post('/predict', (request, reply) => {
    const { status, body } = answerPredict(request.body, options);
    return reply.code(status).send(body);
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return { url, close: () => app.close() };
}
