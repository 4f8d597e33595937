import type { TorchserveConnection } from '#desk/adapters/models/config.ts';
import type { ClientParts, ModelClient, Question } from '#desk/adapters/models/model-client.ts';
import { createRemoteClient } from '#desk/adapters/models/remote-client.ts';
import { instanceOf, nested, tensorOf } from '#desk/adapters/models/tensor.ts';
import { explain } from './error.ts';
import { readAnswer, readModel, readPing } from './parse.ts';

/** Makes a client of TorchServe: predictions on one port, what it serves on the management port, each with its token. */
export function createTorchserveClient(config: TorchserveConnection, parts: ClientParts): ModelClient {
  const { model, modelVersion, managementUrl } = config;
  const name = encodeURIComponent(model);
  const version = modelVersion === null ? '' : `/${encodeURIComponent(modelVersion)}`;
  return createRemoteClient(
    config,
    {
      healthPath: '/ping',
      ready: { path: '/ping', read: readPing },
      metadata:
        managementUrl === null
          ? null
          : {
              path: `/models/${name}${version}`,
              read: (text) => readModel(text, modelVersion),
              at: { url: managementUrl, headers: parts.headersOf(config.managementSecret) },
            },
      ask: (question) => ({ path: `/predictions/${name}${version}`, body: requestOf(config, question) }),
      read: (text) => readAnswer(text, config.output),
      explain,
    },
    parts,
  );
}

/** What the handler takes is the model's own business: one of the three usual bodies. */
function requestOf({ format, input }: TorchserveConnection, { window }: Question): unknown {
  const tensor = tensorOf(window, input.layout);
  switch (format) {
    case 'instances':
      return { instances: [instanceOf(tensor)] };
    case 'data':
      return { data: nested(tensor) };
    case 'plain':
      return nested(tensor);
  }
}
