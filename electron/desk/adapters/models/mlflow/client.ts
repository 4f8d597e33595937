import { ok } from '#shared/result.ts';
import type { MlflowConnection } from '#desk/adapters/models/config.ts';
import type { ClientParts, ModelClient, Question } from '#desk/adapters/models/model-client.ts';
import { createRemoteClient } from '#desk/adapters/models/remote-client.ts';
import { instanceOf, nested, tensorOf } from '#desk/adapters/models/tensor.ts';
import { explain } from './error.ts';
import { readAnswer } from './parse.ts';

/** Makes a client of an MLflow scoring server: one model, /ping and /invocations. */
export function createMlflowClient(config: MlflowConnection, parts: ClientParts): ModelClient {
  return createRemoteClient(
    config,
    {
      healthPath: '/ping',
      ready: { path: '/ping', read: () => ok({ summary: 'the server is up', version: null }) },
      metadata: null,
      ask: (question) => ({ path: '/invocations', body: requestOf(config, question) }),
      read: (text) => readAnswer(text, config.output),
      explain,
    },
    parts,
  );
}

/** Exactly one of the four forms MLflow takes. A data frame has one row, with a column per feature. */
function requestOf({ format, input }: MlflowConnection, { window }: Question): unknown {
  const tensor = tensorOf(window, input.layout);
  const { names, data } = window;
  switch (format) {
    case 'dataframe_split':
      return { dataframe_split: { columns: names, data: [data] } };
    case 'dataframe_records':
      return { dataframe_records: [Object.fromEntries(names.map((name, i) => [name, data[i]]))] };
    case 'instances':
      return { instances: [instanceOf(tensor)] };
    case 'inputs':
      return { inputs: input.tensor === null ? nested(tensor) : { [input.tensor]: nested(tensor) } };
  }
}
