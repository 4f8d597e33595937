import type { PolicySpec } from '#shared/domain/policy.ts';
import type { Tone } from '#renderer/src/features/performance/scene.ts';

export type LineStyle = { readonly tone: Tone; readonly width: number; readonly dash: readonly number[] };

/** The six lines a chart may hold, in the order they are given out. */
export const LINE_STYLES: readonly LineStyle[] = [
  { tone: 'accent', width: 1.75, dash: [] },
  { tone: 'text3', width: 1.5, dash: [5, 4] },
  { tone: 'text', width: 2, dash: [] },
  { tone: 'text2', width: 1.5, dash: [8, 3] },
  { tone: 'accent', width: 1.5, dash: [1, 4] },
  { tone: 'gain', width: 1.5, dash: [2, 2] },
];

/** A policy looked at that has no line of its own. */
export const POINTED_STYLE: LineStyle = { tone: 'text2', width: 1, dash: [] };

/** Which policy has which of the styles; null is free. */
export type Slots = readonly (string | null)[];

type Known = { readonly key: string; readonly spec: PolicySpec };

/** The desk's own scheme and a constant fraction first, then the others in the order of the run. */
export function defaultSlots(policies: readonly Known[]): Slots {
  const live = policies.find(({ spec }) => spec.kind === 'recommended');
  const fixed = policies.find(({ spec }) => spec.kind === 'fixed-fractional');
  const first = [live, fixed].flatMap((policy) => policy?.key ?? []);
  const others = policies.map(({ key }) => key).filter((key) => !first.includes(key));
  const keys = [...first, ...others].slice(0, LINE_STYLES.length);
  return LINE_STYLES.map((_, i) => keys[i] ?? null);
}

/** Draws a policy, or takes its line away. With all lines given out nothing changes. */
export function toggleSlot(slots: Slots, key: string): Slots {
  if (slots.includes(key)) return slots.map((held) => (held === key ? null : held));
  const free = slots.indexOf(null);
  return slots.map((held, i) => (i === free ? key : held));
}

/** The style of a policy's line; null when it has none. */
export const styleOf = (slots: Slots, key: string): LineStyle | null => LINE_STYLES[slots.indexOf(key)] ?? null;
