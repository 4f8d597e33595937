/** An interval of numbers, `min` ≤ `max`. */
export type Domain = { readonly min: number; readonly max: number };

/** Maps a value of a domain to px. */
export type Scale = (value: number) => number;

/** Maps `domain` to the px between `from` and `to` (which may run downwards). An empty domain maps to the middle. */
export function linearScale(domain: Domain, from: number, to: number): Scale {
  const span = domain.max - domain.min;
  if (span <= 0) return () => (from + to) / 2;
  return (value) => from + ((value - domain.min) / span) * (to - from);
}

/** Beyond this a span is no number any more. */
const WIDEST = 1e300;

/** The smallest domain holding all values, widened by `margin` of its span on both sides; a flat one gets a small span. */
export function domainOf(values: Iterable<number>, margin = 0): Domain {
  let min = Infinity;
  let max = -Infinity;
  for (const wide of values) {
    const value = Math.max(-WIDEST, Math.min(WIDEST, wide));
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (min > max) return { min: 0, max: 1 };
  const span = max - min > 0 ? max - min : Math.max(1e-6, Math.abs(max) * 0.02);
  return { min: min - span * margin, max: max + span * margin };
}

const STEPS = [1, 2, 2.5, 5, 10];

/** The smallest round step (1, 2, 2.5 or 5 times a power of ten) that divides `span` into at most `most` parts. */
export function niceStep(span: number, most: number): number {
  const rough = span / Math.max(1, most);
  if (!(rough > 0) || !Number.isFinite(rough)) return 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = STEPS.find((candidate) => candidate * power >= rough * (1 - 1e-9)) ?? 10;
  return step * power;
}

/** Round values inside a domain, ascending, at most `most` + 1 of them. */
export function niceTicks({ min, max }: Domain, most: number): readonly number[] {
  const step = niceStep(max - min, most);
  const first = Math.ceil(min / step - 1e-9);
  const last = Math.floor(max / step + 1e-9);
  // Where neighbours are closer than numbers can tell apart there is nothing to mark.
  if (!(last - first <= 4 * Math.max(1, most))) return [];
  // Twelve digits: without the noise of a multiplication such as 3 × 0.1.
  return Array.from(
    { length: Math.max(0, last - first + 1) },
    (_, i) => Number(((first + i) * step).toPrecision(12)) + 0,
  );
}

/** Decimals needed to write every multiple of a step: 0 for 5, 1 for 2.5, 2 for 0.25. */
export function stepDecimals(step: number): number {
  for (let digits = 0; digits < 8; digits += 1) {
    const scaled = step * 10 ** digits;
    if (Math.abs(scaled - Math.round(scaled)) < 1e-6) return digits;
  }
  return 8;
}
