import { type Result, err, ok } from '#shared/result.ts';
import type { OnnxConnection } from '#desk/adapters/models/config.ts';
import type { ForecastError } from '#desk/adapters/models/error.ts';
import type { Answer, ClientParts, ModelClient, Question, ServiceCard } from '#desk/adapters/models/model-client.ts';
import { shapeOf, tensorOf } from '#desk/adapters/models/tensor.ts';
import { type ModelThread, startModelThread } from './model-thread.ts';
import { readModel, readRun } from './parse.ts';

/** A thread that ended is started again at the next question, after a wait that grows while it ends again and again. */
const RESTART_MS = 1_000;
const LONGEST_RESTART_MS = 60_000;

/** Makes a client of an ONNX model file that runs in a thread of this program. Its version is the file's SHA-256. */
export function createOnnxClient(
  config: OnnxConnection,
  parts: Pick<ClientParts, 'spec'>,
  monotonic: () => number = () => performance.now(),
): ModelClient {
  const { file, model, input, output } = config;
  const built = shapeOf(input.layout, [parts.spec.rows, parts.spec.features.length]);
  const names = output.kind === 'label+conf' ? [output.tensor, output.confidenceTensor] : [output.tensor];
  const wanted = names.flatMap((name) => name ?? []);
  let thread: ModelThread | null = null;
  let startedAt = Number.NEGATIVE_INFINITY;
  /** Threads that ended since the last answer. */
  let ends = 0;
  let isClosed = false;

  const alive = (): ModelThread | null => {
    if (isClosed || thread?.isAlive() === true) return thread;
    const waitMs = Math.min(LONGEST_RESTART_MS, RESTART_MS * 2 ** Math.min(ends - 1, 10));
    if (thread !== null && monotonic() - startedAt < waitMs) return thread;
    startedAt = monotonic();
    ends += 1;
    thread = startModelThread(file, config.timeoutMs);
    return thread;
  };
  const metadata = async (): Promise<Result<ServiceCard, ForecastError>> => {
    const loaded = await alive()?.loaded;
    if (loaded === undefined) return err({ code: 'aborted' });
    return loaded.ok ? readModel(loaded.value, config, built) : loaded;
  };
  const ask = async ({ window, asOf }: Question): Promise<Result<Answer, ForecastError>> => {
    const card = await metadata();
    if (!card.ok) return card;
    const { shape, data } = tensorOf(window, input.layout);
    const job = { input: input.tensor, datatype: input.datatype, shape: [...shape], data: [...data] };
    const ran = await alive()?.run({ ...job, outputs: wanted.length === 0 ? null : wanted });
    if (ran?.ok !== true) return ran ?? err({ code: 'aborted' });
    ends = 0;
    const opinion = readRun(ran.value, config);
    if (!opinion.ok) return opinion;
    const sha256 = card.value.version;
    const version = {
      name: model,
      version: sha256?.slice(0, 12) ?? 'unknown',
      sha256,
      featureSchema: parts.spec.schema,
    };
    return ok({ opinion: opinion.value, asOf, version });
  };
  return {
    origin: file,
    ready: metadata,
    metadata,
    ask,
    close: async () => {
      isClosed = true;
      await thread?.close();
    },
  };
}
