import { err, ok } from '#shared/result.ts';
import type { OnnxConnection } from '#desk/adapters/models/config.ts';
import type { ForecastError } from '#desk/adapters/models/error.ts';
import type { ServiceCard } from '#desk/adapters/models/model-client.ts';
import type { Opinion, Read } from '#desk/adapters/models/output.ts';
import { type Declared, checkTensors, outputNamed, readNamed, shapeText } from '#desk/adapters/models/tensor.ts';
import type { Loaded } from './wire.ts';

const declared = (tensors: Loaded['inputs']): readonly Declared[] =>
  tensors.map(({ name, shape }) => ({ name, shape: shape?.map((n) => (typeof n === 'number' ? n : -1)) }));

const TYPES = { FP32: 'float32', FP64: 'float64' } as const;

/** Holds what the model file declares against the connection and the shape the desk builds. */
export function readModel(loaded: Loaded, config: OnnxConnection, built: readonly number[]): Read<ServiceCard> {
  const { input, output } = config;
  const inputs = declared(loaded.inputs);
  const type = loaded.inputs.find(({ name }) => name === input.tensor)?.type;
  const wrong =
    checkTensors({ inputs, outputs: declared(loaded.outputs) }, { input: input.tensor, built, output }) ??
    checkType(type, input);
  if (wrong !== null) return err(wrong);
  const summary = `${loaded.sha256.slice(0, 12)} takes ${shapeText(built)}`;
  return ok({ summary, version: loaded.sha256 });
}

function checkType(type: string | undefined, input: OnnxConnection['input']): ForecastError | null {
  if (type === undefined || type === TYPES[input.datatype]) return null;
  return {
    code: 'differs',
    what: `Input "${input.tensor}" takes ${type}; the connection sends ${TYPES[input.datatype]}`,
    remedy: 'Correct input.datatype of the connection, or export the model with that type.',
  };
}

/** Reads what the model gave. */
export const readRun = (outputs: Readonly<Record<string, readonly unknown[]>>, config: OnnxConnection): Read<Opinion> =>
  readNamed(config.output, (name) => outputNamed(new Map(Object.entries(outputs)), name));
