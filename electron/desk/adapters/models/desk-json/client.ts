import { err } from '#shared/result.ts';
import type { DeskJsonConnection } from '#desk/adapters/models/config.ts';
import { parseJson } from '#desk/adapters/models/json.ts';
import type { ClientParts, ModelClient, Question } from '#desk/adapters/models/model-client.ts';
import { createResilientEndpoint } from '#desk/adapters/models/resilient.ts';
import { explain } from './error.ts';
import { healthSummary, parseAnswer } from './parse.ts';
import { type PredictRequest, WIRE_SCHEMA } from './wire.ts';

/** Makes a client of a service that speaks the desk's own JSON contract: POST /predict, GET /healthz. */
export function createDeskJsonClient(config: DeskJsonConnection, parts: ClientParts): ModelClient {
  const endpoint = createResilientEndpoint({
    url: config.url,
    healthPath: '/healthz',
    timeoutMs: config.timeoutMs,
    ...parts,
  });
  return {
    origin: endpoint.origin,
    ready: async (signal) => {
      const sent = await endpoint.send('/healthz', null, signal);
      return sent.ok ? healthSummary(parseJson(sent.value)) : err(explain(sent.error));
    },
    // The contract has no metadata: each answer names its model, version and feature schema, and is held to them.
    metadata: () => Promise.resolve(healthSummary(null)),
    ask: async (question, signal) => {
      const request = requestOf(question);
      const sent = await endpoint.send('/predict', JSON.stringify(request), signal);
      return sent.ok ? parseAnswer(sent.value, request, config) : err(explain(sent.error));
    },
    close: () => {
      endpoint.close();
      return Promise.resolve();
    },
  };
}

function requestOf({ id, symbol, timeframe, asOf, window }: Question): PredictRequest {
  const { schema, names, shape, data } = window;
  return {
    schema: WIRE_SCHEMA,
    requestId: id,
    symbol,
    timeframe,
    asOf: new Date(asOf).toISOString(),
    features: { schema, names: [...names], shape: [...shape], data: [...data] },
  };
}
