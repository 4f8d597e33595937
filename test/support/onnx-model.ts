import { createRequire } from 'node:module';

/**
 * Writes small ONNX model files byte by byte, without any ONNX tool.
 * @source onnx/onnx.proto (field numbers) and protobuf's encoding: varints, and length-delimited fields
 */

/** False on an installation without the runtime of ONNX: what needs it is not tried there. */
export const hasRuntime = isInstalled('onnxruntime-node');

function isInstalled(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    process.stderr.write(`${name} is not installed: model files are not tried (npm install --include=optional).\n`);
    return false;
  }
}

const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
const number = (field: number, value: number): number[] => [...varint(field * 8), ...varint(value)];
const bytes = (field: number, value: readonly number[]): number[] => [
  ...varint(field * 8 + 2),
  ...varint(value.length),
  ...value,
];
const text = (field: number, value: string): number[] => bytes(field, [...Buffer.from(value, 'utf8')]);
const floats = (values: readonly number[]): number[] => [...new Uint8Array(Float32Array.from(values).buffer)];

const FLOAT = 1;
const INT64 = 7;

/** ValueInfoProto: a name, an element type and a shape; null is a dimension of any length. */
function valueInfo(name: string, shape: readonly (number | null)[], type = FLOAT): number[] {
  const dims = shape.flatMap((n) => bytes(1, n === null ? text(2, 'N') : number(1, n)));
  return [...text(1, name), ...bytes(2, bytes(1, [...number(1, type), ...bytes(2, dims)]))];
}

/** TensorProto of floats, or of 64-bit integers that are small. */
const floatTensor = (name: string, shape: readonly number[], values: readonly number[]): number[] => [
  ...shape.flatMap((n) => number(1, n)),
  ...number(2, FLOAT),
  ...text(8, name),
  ...bytes(9, floats(values)),
];
const intTensor = (name: string, values: readonly number[]): number[] => [
  ...number(1, values.length),
  ...number(2, INT64),
  ...text(8, name),
  ...bytes(
    9,
    values.flatMap((v) => [...new Uint8Array(BigInt64Array.of(BigInt(v)).buffer)]),
  ),
];

const node = (op: string, inputs: readonly string[], output: string): number[] => [
  ...inputs.flatMap((name) => text(1, name)),
  ...text(2, output),
  ...text(4, op),
];

/**
 * A model that flattens [N, rows, width], multiplies by `weights` (rows · width numbers a class, class by class), adds
 * `bias`, and gives the softmax: a network of one layer.
 */
export function linearModel(given: {
  readonly rows: number;
  readonly width: number;
  readonly bias: readonly number[];
  readonly weights?: readonly (readonly number[])[];
}): Buffer {
  const { rows, width, bias } = given;
  const size = rows * width;
  const classes = bias.length;
  const weight = Array.from(
    { length: size * classes },
    (_, i) => given.weights?.[i % classes]?.[Math.floor(i / classes)] ?? 0,
  );
  const graph = [
    ...bytes(1, node('Reshape', ['x', 'shape'], 'flat')),
    ...bytes(1, node('MatMul', ['flat', 'w'], 'product')),
    ...bytes(1, node('Add', ['product', 'b'], 'logits')),
    ...bytes(1, node('Softmax', ['logits'], 'probs')),
    ...text(2, 'linear'),
    ...bytes(5, intTensor('shape', [1, size])),
    ...bytes(5, floatTensor('w', [size, classes], weight)),
    ...bytes(5, floatTensor('b', [classes], bias)),
    ...bytes(11, valueInfo('x', [null, rows, width])),
    ...bytes(12, valueInfo('probs', [null, classes])),
  ];
  return Buffer.from([...number(1, 8), ...text(2, 'kelly-desk-test'), ...bytes(7, graph), ...bytes(8, number(2, 13))]);
}
