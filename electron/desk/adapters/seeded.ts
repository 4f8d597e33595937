import { doublesOf, xoshiro128StarStar } from '#shared/xoshiro.ts';

/** A seeded source of chance for simulated venues: the same seed gives the same numbers on every platform. */
export interface Seeded {
  /** A double in [0, 1) of 53 random bits. */
  readonly uniform: () => number;
  /** A standard normal deviate. */
  readonly normal: () => number;
}

/**
 * Mixes integers into one 32-bit hash, for noise that depends on what is asked and not on how often.
 * @source MurmurHash3 finaliser, applied word by word
 */
export function hashInts(values: readonly number[]): number {
  let h = 0x9747b28c;
  for (const value of values) {
    for (const word of [value >>> 0, Math.floor(value / 0x1_0000_0000) >>> 0]) {
      h = (h ^ word) >>> 0;
      h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
      h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
      h = (h ^ (h >>> 16)) + 0x9e3779b9;
    }
  }
  return h >>> 0;
}

/** A text as one integer for {@link hashInts}. */
export function hashText(text: string): number {
  return hashInts(Array.from(text, (character) => character.codePointAt(0) ?? 0));
}

/**
 * Makes a generator from an integer seed, of which the low 32 bits count.
 * @source Blackman and Vigna, xoshiro128**; normal deviates by Box and Muller
 */
export function createSeeded(seed: number): Seeded {
  const word = (n: number): number => hashInts([seed, n]) | 1; // never all zero
  const uniform = doublesOf(xoshiro128StarStar([word(1), word(2), word(3), word(4)]));
  let spare: number | null = null;
  const normal = (): number => {
    if (spare !== null) {
      const kept = spare;
      spare = null;
      return kept;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
  return { uniform, normal };
}
