import type { RBin } from '#shared/domain/performance-history.ts';

/** The axis of the bars: whole R. */
export type Axis = { readonly low: number; readonly high: number };

/** True for the bar that holds what lies beyond the axis on one side. */
export const isOverflow = ({ from, to }: RBin): boolean => from === null || to === null;

/** True where a bar's trades made money: zero is always an edge. */
export const isUp = ({ from }: RBin): boolean => from !== null && from >= 0;

export const axisOf = (bins: readonly RBin[]): Axis => {
  const inner = bins.filter((bin) => !isOverflow(bin));
  return { low: inner[0]?.from ?? -1, high: inner.at(-1)?.to ?? 1 };
};

/** The fullest bar; null without trades. */
export function fullest(bins: readonly RBin[]): RBin | null {
  let found: RBin | null = null;
  for (const bin of bins) if (bin.count > (found?.count ?? 0)) found = bin;
  return found;
}
