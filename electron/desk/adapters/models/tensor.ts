import type { FeatureWindow } from '#shared/domain/feature.ts';
import { assertNever, err } from '#shared/result.ts';
import type { Layout, Output } from './config.ts';
import type { ForecastError } from './error.ts';
import { type Opinion, type Read, type Values, badField, listOf, readOutput, flatten } from './output.ts';

/** Numbers in the layout a model wants: row-major values and their shape. */
export type Tensor = { readonly shape: readonly number[]; readonly data: readonly number[] };

/** The shape a window takes in a layout. @param size rows and features of the window */
export function shapeOf(layout: Layout, size: readonly [number, number]): readonly number[] {
  const [rows, width] = size;
  switch (layout) {
    case 'batch,time,feature':
      return [1, rows, width];
    case 'batch,feature,time':
      return [1, width, rows];
    case 'batch,flat':
      return [1, rows * width];
    case 'time,feature':
      return [rows, width];
    default:
      return assertNever(layout);
  }
}

/** Lays a window out: only `batch,feature,time` changes the order of the numbers. */
export function tensorOf(window: FeatureWindow, layout: Layout): Tensor {
  const [rows, width] = window.shape;
  const shape = shapeOf(layout, window.shape);
  if (layout !== 'batch,feature,time') return { shape, data: window.data };
  const data: number[] = [];
  for (let feature = 0; feature < width; feature += 1) {
    for (let row = 0; row < rows; row += 1) data.push(window.data[row * width + feature] ?? Number.NaN);
  }
  return { shape, data };
}

type Nested = number | readonly Nested[];

/** A tensor as nested lists, the way JSON servers without shapes want it. */
export function nested({ shape, data }: Tensor): Nested {
  const build = (axis: number, start: number): Nested => {
    const length = shape[axis];
    if (length === undefined) return data[start] ?? Number.NaN;
    const step = shape.slice(axis + 1).reduce((product, n) => product * n, 1);
    return Array.from({ length }, (_, i) => build(axis + 1, start + i * step));
  };
  return build(0, 0);
}

/** Says whether a declared shape takes a built one; a dimension below zero, or unknown, takes any length. */
export const takesShape = (declared: readonly (number | null)[], built: readonly number[]): boolean =>
  declared.length === built.length && declared.every((n, i) => n === null || n < 0 || n === built[i]);

/** A shape as messages write it; what is free is −1. */
export const shapeText = (shape: readonly (number | null)[]): string =>
  `[${shape.map((n) => (n === null ? -1 : n)).join(',')}]`;

/**
 * Reads the outputs of an answer by the names of the configuration.
 * @param find the values of a named output; of the only one for null; an error where there is none, or several
 */
export function readNamed(output: Output, find: (name: string | null) => Read<Values>): Read<Opinion> {
  const main = find(output.tensor);
  if (!main.ok) return main;
  if (output.kind !== 'label+conf') return readOutput(output, main.value, null);
  const confidence = find(output.confidenceTensor);
  return confidence.ok ? readOutput(output, main.value, confidence.value) : confidence;
}

/** Finds an output among named ones. */
export function outputNamed(outputs: ReadonlyMap<string, unknown>, name: string | null): Read<Values> {
  const names = [...outputs.keys()];
  if (name !== null) {
    return outputs.has(name)
      ? { ok: true, value: listOf(name, flatten(outputs.get(name))) }
      : badField(name, undefined, `one of the outputs ${names.join(', ') || '(none)'}`);
  }
  const [only] = names;
  if (only !== undefined && names.length === 1) return { ok: true, value: listOf(only, flatten(outputs.get(only))) };
  return err({
    code: 'differs',
    what: `The model has ${names.length} outputs (${names.slice(0, 12).join(', ')}) and the connection names none`,
    remedy: 'Name the output under output.tensor of the connection.',
  });
}

/** The labels an answer names its numbers by, read in the configured order: `{"long": 0.64, …}`. */
export function byLabels(output: Output, answer: Readonly<Record<string, unknown>>): Values | null {
  if (output.kind !== 'probs3' && output.kind !== 'logits3') return null;
  const names = output.labelNames ?? output.labels;
  if (!names.every((name) => Object.hasOwn(answer, name))) return null;
  return { items: names.map((name) => answer[name]), field: names.join(', '), fieldAt: (i) => names[i] ?? String(i) };
}

/**
 * Reads an answer of a server that says nothing of names or shapes: one list, or an object with a field per output or
 * per label.
 */
export function readLoose(output: Output, answer: unknown, field: string): Read<Opinion> {
  if (typeof answer === 'object' && answer !== null && !Array.isArray(answer)) {
    const fields = answer as Readonly<Record<string, unknown>>;
    const labelled = output.tensor === null ? byLabels(output, fields) : null;
    if (labelled !== null) return readOutput(output, labelled, null);
    const outputs = new Map(Object.entries(fields));
    return readNamed(output, (name) => outputNamed(outputs, name));
  }
  if (output.kind === 'label+conf') {
    return badField(field, answer, `an object with the fields ${output.tensor} and ${output.confidenceTensor}`);
  }
  return readOutput(output, listOf(field, flatten(answer)), null);
}

/** Finds the output of a name, or the only one. @errors 'bad-field'; 'differs' where several have to be told apart */
export function outputOf<T extends { readonly name: string }>(outputs: readonly T[], name: string | null): Read<T> {
  if (name !== null) {
    const found = outputs.find((output) => output.name === name);
    if (found !== undefined) return { ok: true, value: found };
    return badField(name, undefined, `one of the outputs ${outputs.map((o) => o.name).join(', ') || '(none)'}`);
  }
  const [only] = outputs;
  return only !== undefined && outputs.length === 1 ? { ok: true, value: only } : severalOutputs(outputs);
}

const severalOutputs = (outputs: readonly { readonly name: string }[]): Read<never> =>
  err({
    code: 'differs',
    what: `The model has ${outputs.length} outputs (${outputs
      .slice(0, 12)
      .map((o) => o.name)
      .join(', ')}) and the connection names none`,
    remedy: 'Name the output under output.tensor of the connection.',
  });

/** An input or output as a service declares it; a shape that is absent says nothing. */
export type Declared = { readonly name: string; readonly shape?: readonly (number | null)[] | undefined };

/**
 * Holds what a service declares against what the connection sends and reads; null when nothing differs. A service that
 * declares nothing is not contradicted.
 */
export function checkTensors(
  declared: { readonly inputs: readonly Declared[]; readonly outputs: readonly Declared[] },
  want: { readonly input: string | null; readonly built: readonly number[]; readonly output: Output },
): ForecastError | null {
  return checkInputs(declared.inputs, want) ?? checkOutputs(declared.outputs, want.output);
}

const differs = (what: string, remedy: string): ForecastError => ({ code: 'differs', what, remedy });

function checkInputs(
  inputs: readonly Declared[],
  want: { readonly input: string | null; readonly built: readonly number[] },
): ForecastError | null {
  if (inputs.length === 0) return null;
  const names = inputs.map(({ name }) => `"${name}"`).join(', ');
  const input = want.input === null ? inputs[0] : inputs.find(({ name }) => name === want.input);
  if (input === undefined) {
    return differs(
      `The model has no input "${want.input}": it has ${names}`,
      'Correct input.tensor of the connection.',
    );
  }
  if (inputs.length > 1) {
    return differs(`The model has the inputs ${names}; the desk sends one`, 'Serve a model that takes one input.');
  }
  if (input.shape === undefined || takesShape(input.shape, want.built)) return null;
  return differs(
    `Input "${input.name}" expects ${shapeText(input.shape)}, desk builds ${shapeText(want.built)}`,
    'Correct the features, their rows or the layout of the connection, or serve the model that was trained on them.',
  );
}

function checkOutputs(outputs: readonly Declared[], output: Output): ForecastError | null {
  if (outputs.length === 0) return null;
  const names = outputs.map(({ name }) => `"${name}"`).join(', ');
  const wanted = output.kind === 'label+conf' ? [output.tensor, output.confidenceTensor] : [output.tensor];
  if (wanted[0] === null && outputs.length > 1) {
    return differs(
      `The model has the outputs ${names}; the connection names none`,
      'Set output.tensor of the connection.',
    );
  }
  for (const name of wanted) {
    const found = name === null ? outputs[0] : outputs.find((one) => one.name === name);
    if (found === undefined) {
      return differs(`The model has no output "${name}": it has ${names}`, 'Correct output.tensor of the connection.');
    }
    const size = sizeOf(found.shape);
    const expected = output.kind === 'probs3' || output.kind === 'logits3' ? output.labels.length : 1;
    if (size !== null && size !== expected) {
      return differs(
        `Output "${found.name}" gives ${shapeText(found.shape ?? [])}; ${output.kind} reads ${expected} numbers`,
        'Correct the output kind or the labels of the connection.',
      );
    }
  }
  return null;
}

/** Numbers of one answer: what is free is the batch, and only there. Null where the shape leaves it open. */
function sizeOf(shape: readonly (number | null)[] | undefined): number | null {
  if (shape === undefined || shape.length === 0 || (shape.length === 1 && (shape[0] ?? -1) < 0)) return null;
  const rest = (shape[0] ?? -1) < 0 ? shape.slice(1) : shape;
  if (rest.some((n) => n === null || n < 0)) return null;
  return rest.reduce<number>((product, n) => product * (n ?? 1), 1);
}

/** The one instance of a batch, without its batch axis; a tensor without one is an instance as it is. */
export const instanceOf = ({ shape, data }: Tensor): Nested =>
  nested({ shape: shape[0] === 1 ? shape.slice(1) : shape, data });
