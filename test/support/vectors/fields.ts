import type { VectorContext, VectorInput } from './types.ts';

const asNumber = (value: unknown): number => (typeof value === 'number' ? value : NaN);

const isRecord = (value: unknown): value is VectorInput =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A number of the input; NaN when it is none, which the engine refuses. */
export const numberAt = (input: VectorInput, field: string): number => asNumber(input[field]);

/** A number of the input, or the fallback when the field is absent. */
export const numberOr = (input: VectorInput, field: string, fallback: number): number =>
  input[field] === undefined ? fallback : numberAt(input, field);

/** A number, or null when the field is absent or null. */
export const nullableNumberAt = (input: VectorInput, field: string): number | null =>
  input[field] === undefined || input[field] === null ? null : numberAt(input, field);

/** A list of numbers of the input; a single NaN when it is no list. */
export const numbersAt = (input: VectorInput, field: string): readonly number[] => {
  const value = input[field];
  return Array.isArray(value) ? value.map(asNumber) : [NaN];
};

/** A list of objects of the input; empty when it is no list. */
export const recordsAt = (input: VectorInput, field: string): readonly VectorInput[] => {
  const value = input[field];
  return Array.isArray(value) ? value.map((item: unknown) => (isRecord(item) ? item : {})) : [];
};

/** An object of the input, or null. */
export const recordAt = (input: VectorInput, field: string): VectorInput | null => {
  const value = input[field];
  return isRecord(value) ? value : null;
};

/** The input with the fields of the data set it names in `dataset` (a name, "@name" or the set itself) beside its own. */
export function withDataset(input: VectorInput, context: VectorContext): VectorInput {
  const named = input['dataset'];
  const set = typeof named === 'string' ? context.datasets[named.replace(/^@/, '')] : named;
  return isRecord(set) ? { ...set, ...input } : input;
}
