import { sigmoid } from '#desk/engine/probability.ts';
import type { Network } from './trained-model.ts';

/** state · weights, added onto `sums`. */
function addProduct(sums: number[], state: readonly number[], weights: Network['kernel']): void {
  for (const [i, value] of state.entries()) {
    const row = weights[i] ?? [];
    for (let j = 0; j < sums.length; j += 1) sums[j] = (sums[j] ?? 0) + value * (row[j] ?? 0);
  }
}

/** One step of the layer: the new output and the new cell. @source Hochreiter & Schmidhuber 1997; Gers et al. 2000 */
function step(
  { units, kernel, recurrent, bias }: Network,
  row: readonly number[],
  { output, cell }: { readonly output: readonly number[]; readonly cell: readonly number[] },
): { output: readonly number[]; cell: readonly number[] } {
  const sums = [...bias];
  addProduct(sums, row, kernel);
  addProduct(sums, output, recurrent);
  const gate = (which: number, unit: number): number => sums[which * units + unit] ?? 0;
  const next = cell.map((value, u) => sigmoid(gate(1, u)) * value + sigmoid(gate(0, u)) * Math.tanh(gate(2, u)));
  return { cell: next, output: next.map((value, u) => sigmoid(gate(3, u)) * Math.tanh(value)) };
}

/**
 * Returns the logits of short, neutral and long after a window.
 * @param window standardised rows, oldest first
 */
export function networkLogits(network: Network, window: readonly (readonly number[])[]): readonly number[] {
  const zeros = new Array<number>(network.units).fill(0);
  let state: { output: readonly number[]; cell: readonly number[] } = { output: zeros, cell: zeros };
  for (const row of window) state = step(network, row, state);
  const logits = [...network.denseBias];
  addProduct(logits, state.output, network.dense);
  return logits;
}

/** Softmax with the largest subtracted, so that no exponential overflows. */
export function softmax(logits: readonly number[]): readonly number[] {
  const top = Math.max(...logits);
  const powers = logits.map((x) => Math.exp(x - top));
  const sum = powers.reduce((total, x) => total + x, 0);
  return powers.map((x) => x / sum);
}
