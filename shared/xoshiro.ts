/** The four 32-bit words a stream of xoshiro128** stands at; not all zero. */
export type XoshiroState = readonly [number, number, number, number];

export const rotateLeft = (x: number, bits: number): number => (x << bits) | (x >>> (32 - bits));

/**
 * Returns the closure that steps xoshiro128** from a state: each call gives the next 32 random bits, an integer in [0, 2³²).
 * @source Blackman and Vigna, xoshiro128**
 */
export function xoshiro128StarStar(state: XoshiroState): () => number {
  let [s0, s1, s2, s3] = state;
  return () => {
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
}

/** Makes doubles in [0, 1) of 53 random bits, each of the next two 32-bit outputs: ((u₁≫5)·2²⁶ + (u₂≫6))/2⁵³. */
export function doublesOf(nextUint32: () => number): () => number {
  return () => {
    const high = nextUint32() >>> 5;
    return (high * 0x4000000 + (nextUint32() >>> 6)) / 0x20000000000000;
  };
}
