import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import type * as Onnx from 'onnxruntime-node';
import { type Job, type Loaded, type Said, fileSchema, jobSchema } from './wire.ts';

type Runtime = typeof Onnx;
type InferenceSession = Onnx.InferenceSession;

const say = (message: Said): void => parentPort?.postMessage(message);
const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : 'it broke off');

/** The runtime is optional: a desk without it runs, and says so. */
async function runtime(): Promise<Runtime | null> {
  try {
    return await import('onnxruntime-node');
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

const tensorInfo = (one: Onnx.InferenceSession.ValueMetadata): Loaded['inputs'][number] =>
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
