/** One vector's input, as the file has it: datasets already resolved, "NaN" and "Infinity" strings already numbers. */
export type VectorInput = Readonly<Record<string, unknown>>;

/** What a vector file carries beside its vectors. */
export type VectorContext = {
  readonly datasets: Readonly<Record<string, unknown>>;
  readonly contracts: readonly Readonly<Record<string, unknown>>[];
};

/** Maps one `fn` of a vector file to the engine's own function and back to the file's field names. */
export type VectorFunction = (input: VectorInput, context: VectorContext) => unknown;

export type VectorRegistry = Readonly<Record<string, VectorFunction>>;
