import type { OpenInferenceConnection } from '#desk/adapters/models/config.ts';
import type { ClientParts, ModelClient, Question } from '#desk/adapters/models/model-client.ts';
import { createRemoteClient } from '#desk/adapters/models/remote-client.ts';
import { shapeOf, tensorOf } from '#desk/adapters/models/tensor.ts';
import { explain } from './error.ts';
import { readAnswer, readMetadata, readReady } from './parse.ts';
import type { InferRequest } from './wire.ts';

/** Makes a client of a server of the Open Inference Protocol v2: KServe, Triton, MLServer, OpenVINO, TorchServe. */
export function createOpenInferenceClient(config: OpenInferenceConnection, parts: ClientParts): ModelClient {
  const { model, modelVersion, input } = config;
  const base = `/v2/models/${encodeURIComponent(model)}`;
  const path = modelVersion === null ? base : `${base}/versions/${encodeURIComponent(modelVersion)}`;
  const built = shapeOf(input.layout, [parts.spec.rows, parts.spec.features.length]);
  return createRemoteClient(
    config,
    {
      healthPath: '/v2/health/ready',
      ready: { path: `${path}/ready`, read: readReady },
      metadata: { path, read: (text) => readMetadata(text, config, built) },
      ask: (question) => ({ path: `${path}/infer`, body: requestOf(config, question) }),
      read: (text, question) => readAnswer(text, question, config),
      explain,
    },
    parts,
  );
}

/** The exact body of the specification: shape and flat row-major data, and the outputs that are read, by name. */
function requestOf({ input, output }: OpenInferenceConnection, { id, window }: Question): InferRequest {
  const { shape, data } = tensorOf(window, input.layout);
  const names = output.kind === 'label+conf' ? [output.tensor, output.confidenceTensor] : [output.tensor];
  const wanted = names.flatMap((name) => (name === null ? [] : [{ name }]));
  return {
    id,
    inputs: [{ name: input.tensor, shape, datatype: input.datatype, data }],
    ...(wanted.length === 0 ? {} : { outputs: wanted }),
  };
}
