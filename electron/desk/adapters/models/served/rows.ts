/** What a served model reads: so many rows of these features, in this order. */
export type ModelInput = { readonly names: readonly string[]; readonly rows: number };

type Asked = {
  readonly names: readonly string[];
  readonly shape: readonly [number, number];
  readonly data: readonly number[];
};

/**
 * Returns the newest rows of a window in the model's own order; a sentence where the window lacks a feature or rows.
 * A window may carry more of both.
 */
export function modelRows(
  { names, shape: [rows, width], data }: Asked,
  input: ModelInput,
): readonly (readonly number[])[] | string {
  const columns = input.names.map((name) => names.indexOf(name));
  const missing = input.names.filter((_, i) => (columns[i] ?? -1) < 0);
  if (missing.length > 0) return `features: ${missing.join(', ')} are missing`;
  if (rows < input.rows) return `features: ${input.rows} rows are wanted, ${rows} were sent`;
  return Array.from({ length: input.rows }, (_, k) => {
    const at = (rows - input.rows + k) * width;
    return columns.map((column) => data[at + column] ?? 0);
  });
}
