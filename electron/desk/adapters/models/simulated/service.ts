import fastify from 'fastify';
import type { ModelVersion } from '#shared/domain/prediction.ts';
import { type PredictRequest, WIRE_SCHEMA, predictRequestSchema } from '#desk/adapters/models/desk-json/wire.ts';
import type { Chances } from './opinions.ts';

/** The feature set the models in the house were made for. */
export const FEATURE_SCHEMA = 'fs-1';

/** What a model in the house answers: its chances, with its members' where it has any, or why it cannot. */
export type Verdict =
  | {
      readonly ok: true;
      readonly chances: Chances;
      readonly members?: readonly { readonly name: string; readonly weight: number; readonly chances: Chances }[];
    }
  | { readonly ok: false; readonly message: string };

export type ModelService = { readonly url: string; readonly close: () => Promise<void> };

/**
 * Serves one model over HTTP on 127.0.0.1, on a free port, in the desk's own contract. It sees what any other service
 * would: the request, nothing else.
 */
export async function serveModel(options: {
  readonly version: ModelVersion;
  readonly horizonBars: number;
  readonly answer: (request: PredictRequest) => Verdict;
}): Promise<ModelService> {
  const app = fastify({ forceCloseConnections: true });
  app.get('/healthz', () => ({ status: 'ok', model: options.version.name }));
  app.post('/predict', (request, reply) => {
    const parsed = predictRequestSchema.safeParse(request.body);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      const message = `${issue?.path.join('.') ?? 'body'}: ${issue?.message ?? 'invalid'}`;
      return reply.code(400).send({ error: { code: 'bad-request', message } });
    }
    const { requestId, symbol, asOf, features } = parsed.data;
    if (features.schema !== FEATURE_SCHEMA || features.shape[0] * features.shape[1] !== features.data.length) {
      const message = `features: want schema ${FEATURE_SCHEMA} and rows × names numbers`;
      return reply.code(400).send({ error: { code: 'bad-features', message } });
    }
    const verdict = options.answer(parsed.data);
    if (!verdict.ok) return reply.code(422).send({ error: { code: 'cannot-answer', message: verdict.message } });
    return reply.send({
      schema: WIRE_SCHEMA,
      requestId,
      symbol,
      asOf,
      generatedAt: new Date().toISOString(),
      horizonBars: options.horizonBars,
      model: options.version,
      probabilities: verdict.chances,
      ...(verdict.members === undefined
        ? {}
        : {
            members: verdict.members.map(({ name, weight, chances }) => ({ name, weight, probabilities: chances })),
          }),
    });
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return { url, close: () => app.close() };
}
