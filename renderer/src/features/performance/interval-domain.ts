import type { Domain } from './scale.ts';

/** Least part of the axis on each side of zero: room for the words that name the sides. */
const LEAST_SIDE = 0.27;
const MARGIN = 0.15;

/**
 * The axis of the growth difference: it holds all values and zero, and leaves room on both sides of zero. Without values
 * it runs from −1 to +1.
 */
export function intervalDomain(values: readonly number[]): Domain {
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values);
  if (high === low) return { min: -1, max: 1 };
  const margin = (high - low) * MARGIN;
  const [min, max] = [low < 0 ? low - margin : 0, high > 0 ? high + margin : 0];
  const ratio = LEAST_SIDE / (1 - LEAST_SIDE);
  return { min: Math.min(min, -max * ratio), max: Math.max(max, -min * ratio) };
}
