import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { type Job, type Loaded, type Said, fileSchema, jobSchema } from './wire.ts';

const PACKAGE = 'onnxruntime-node' as string;

// The runtime as far as the desk uses it, in types of its own: the desk is compiled and linted where it is not installed.

type TensorInfo =
  | {
      readonly isTensor: true;
      readonly name: string;
      readonly type: string;
      readonly shape: readonly (string | number)[];
    }
  | { readonly isTensor: false; readonly name: string };

interface InferenceSession {
  readonly inputMetadata: readonly TensorInfo[];
  readonly outputMetadata: readonly TensorInfo[];
  readonly outputNames: readonly string[];
  run(feeds: Readonly<Record<string, unknown>>, outputs: readonly string[]): Promise<Readonly<Record<string, unknown>>>;
}

type SessionOptions = { readonly executionProviders: readonly string[]; readonly intraOpNumThreads: number };

interface Runtime {
  readonly InferenceSession: { create(model: Uint8Array, options: SessionOptions): Promise<InferenceSession> };
  readonly Tensor: new (
    type: 'float32' | 'float64',
    data: Float32Array | Float64Array,
    shape: readonly number[],
  ) => unknown;
}

const say = (message: Said): void => parentPort?.postMessage(message);
const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : 'it broke off');

/** The runtime is optional: a desk without it runs, and says so. */
async function runtime(): Promise<Runtime | null> {
  try {
    // By name, so that no build looks for what may not be there.
    return (await import(PACKAGE)) as Runtime;
  } catch {
    return null;
  }
}

async function load(file: string): Promise<{ readonly ort: Runtime; readonly session: InferenceSession } | null> {
  const ort = await runtime();
  if (ort === null) {
    const what = 'ONNX models need the package onnxruntime-node, which is not installed';
    say({
      kind: 'refused',
      what,
      remedy: 'Install it with npm install onnxruntime-node, or serve the model over HTTP.',
    });
    return null;
  }
  try {
    // Hashed and loaded from the same bytes: the file can be replaced between two reads.
    const bytes = await readFile(file);
    const session = await ort.InferenceSession.create(bytes, { executionProviders: ['cpu'], intraOpNumThreads: 1 });
    say({
      kind: 'loaded',
      sha256: createHash('sha256').update(bytes).digest('hex'),
      inputs: session.inputMetadata.map(tensorInfo),
      outputs: session.outputMetadata.map(tensorInfo),
    });
    return { ort, session };
  } catch (error) {
    say({ kind: 'refused', what: `The model file cannot be loaded: ${reasonOf(error)}`, remedy: 'Check the file.' });
    return null;
  }
}

const tensorInfo = (one: TensorInfo): Loaded['inputs'][number] =>
  one.isTensor ? { name: one.name, type: one.type, shape: [...one.shape] } : { name: one.name };

async function run({ ort, session }: { ort: Runtime; session: InferenceSession }, job: Job): Promise<void> {
  try {
    const { id, input, datatype, shape, data, outputs } = job;
    const tensor =
      datatype === 'FP32'
        ? new ort.Tensor('float32', Float32Array.from(data), shape)
        : new ort.Tensor('float64', Float64Array.from(data), shape);
    const results = await session.run({ [input]: tensor }, outputs ?? session.outputNames);
    const values = Object.entries(results).map(([name, result]) => [name, plain(result)] as const);
    say({ kind: 'ran', id, outputs: Object.fromEntries(values) });
  } catch (error) {
    say({ kind: 'failed', id: job.id, what: reasonOf(error) });
  }
}

/** Labels come as 64-bit integers, which are small here. */
function plain(result: unknown): unknown[] {
  if (typeof result !== 'object' || result === null || !('data' in result)) return [];
  const { data } = result;
  if (!Array.isArray(data) && !ArrayBuffer.isView(data)) return [];
  return Array.from(data as unknown as ArrayLike<unknown>, (v) => (typeof v === 'bigint' ? Number(v) : v));
}

const model = await load(fileSchema.parse(workerData).file);
if (model !== null) parentPort?.on('message', (message: unknown) => void run(model, jobSchema.parse(message)));
