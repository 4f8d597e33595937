/** A seeded source of chance for simulated venues: the same seed gives the same numbers on every platform. */
export interface Seeded {
  /** A double in [0, 1) of 53 random bits. */
  readonly uniform: () => number;
  /** A standard normal deviate. */
  readonly normal: () => number;
}

const rotateLeft = (x: number, bits: number): number => (x << bits) | (x >>> (32 - bits));

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
  let [s0, s1, s2, s3] = [1, 2, 3, 4].map((word) => hashInts([seed, word]) | 1) as [number, number, number, number];
  const bits = (): number => {
    const output = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0;
    const shifted = s1 << 9;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= shifted;
    s3 = rotateLeft(s3, 11);
    return output;
  };
  const uniform = (): number => {
    const high = bits() >>> 5;
    return (high * 0x4000000 + (bits() >>> 6)) / 0x20000000000000;
  };
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
