import type { TensorflowServingConnection } from '#desk/adapters/models/config.ts';
import type { ClientParts, ModelClient, Question } from '#desk/adapters/models/model-client.ts';
import { createRemoteClient } from '#desk/adapters/models/remote-client.ts';
import { instanceOf, nested, shapeOf, tensorOf } from '#desk/adapters/models/tensor.ts';
import { explain } from './error.ts';
import { readAnswer, readMetadata, readStatus } from './parse.ts';

/** Makes a client of TensorFlow Serving's REST interface (port 8501). */
export function createTensorflowServingClient(config: TensorflowServingConnection, parts: ClientParts): ModelClient {
  const { model, modelVersion, input } = config;
  const base = `/v1/models/${encodeURIComponent(model)}`;
  const path = modelVersion === null ? base : `${base}/versions/${encodeURIComponent(modelVersion)}`;
  const built = shapeOf(input.layout, [parts.spec.rows, parts.spec.features.length]);
  return createRemoteClient(
    config,
    {
      healthPath: path,
      ready: { path, read: (text) => readStatus(text, config) },
      metadata: { path: `${path}/metadata`, read: (text) => readMetadata(text, config, built) },
      ask: (question) => ({ path: `${path}:predict`, body: requestOf(config, question) }),
      read: (text) => readAnswer(text, config),
      explain,
    },
    parts,
  );
}

/** By rows: a list with one instance, without the batch. By columns: the whole tensor. */
function requestOf({ signature, format, input }: TensorflowServingConnection, { window }: Question): unknown {
  const tensor = tensorOf(window, input.layout);
  const named = (value: unknown): unknown => (input.tensor === null ? value : { [input.tensor]: value });
  return format === 'row'
    ? { signature_name: signature, instances: [named(instanceOf(tensor))] }
    : { signature_name: signature, inputs: named(nested(tensor)) };
}
