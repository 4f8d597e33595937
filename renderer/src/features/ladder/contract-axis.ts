import type { Decision } from '#shared/domain/decision.ts';

export type ContractAxis = { readonly top: number; readonly step: number };

const SMALLEST = 14;
const STEPS = 7;

/** The shared axis of the contract bars: 0 to 14, or as far as the size and what is just above it need. */
export function contractAxis(decision: Decision): ContractAxis {
  const needed = Math.max(SMALLEST, Math.ceil(decision.contracts * 1.4));
  const step = Math.ceil(needed / STEPS);
  return { step, top: step * STEPS };
}

/** Place of a number of contracts on the axis, as a share in [0, 1]; longer bars end at 1. */
export const axisShare = (contracts: number, axis: ContractAxis): number =>
  Math.min(1, Math.max(0, contracts / axis.top));

/** The labelled numbers of the axis, the end left out: a longer bar's mark stands there. */
export const axisMarks = (axis: ContractAxis): readonly number[] =>
  Array.from({ length: STEPS }, (_, i) => i * axis.step);
