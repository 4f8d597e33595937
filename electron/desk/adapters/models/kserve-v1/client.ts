import type { KserveV1Connection } from '#desk/adapters/models/config.ts';
import type { ClientParts, ModelClient } from '#desk/adapters/models/model-client.ts';
import { createRemoteClient } from '#desk/adapters/models/remote-client.ts';
import { instanceOf, tensorOf } from '#desk/adapters/models/tensor.ts';
import { explain } from './error.ts';
import { readAnswer, readStatus } from './parse.ts';

/** Makes a client of a KServe server of protocol v1. It names neither versions nor inputs. */
export function createKserveV1Client(config: KserveV1Connection, parts: ClientParts): ModelClient {
  const path = `/v1/models/${encodeURIComponent(config.model)}`;
  return createRemoteClient(
    config,
    {
      healthPath: path,
      ready: { path, read: readStatus },
      metadata: null,
      ask: ({ window }) => ({
        path: `${path}:predict`,
        body: { instances: [instanceOf(tensorOf(window, config.input.layout))] },
      }),
      read: (text) => readAnswer(text, config.output),
      explain,
    },
    parts,
  );
}
