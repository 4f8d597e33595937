/** A seeded stream of random numbers: the same seed gives the same bits on every platform. */
export interface Prng {
  /** The next 32 random bits, an integer in [0, 2³²). */
  readonly nextUint32: () => number;
  /** A double in [0, 1) of 53 random bits, taken from the next two 32-bit outputs. */
  readonly nextDouble: () => number;
  /** A uniform index in [0, n) as ⌊u·n⌋; n is an integer ≥ 1. */
  readonly index: (n: number) => number;
}

const WEYL_INCREMENT = 0x9e3779b9;

const rotateLeft = (x: number, bits: number): number => (x << bits) | (x >>> (32 - bits));

/** MurmurHash3's 32-bit finaliser. */
function fmix32(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Returns the closure that steps xoshiro128**; its four words are the finalised points of a Weyl sequence. */
function xoshiro128StarStar(seed: number): () => number {
  let weyl = seed >>> 0;
  const word = (): number => {
    weyl = (weyl + WEYL_INCREMENT) >>> 0;
    return fmix32(weyl);
  };
  let [s0, s1, s2, s3] = [word(), word(), word(), word()];
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

/**
 * Makes a generator from an integer seed, of which the low 32 bits count. Throws on a seed that is not an integer:
 * a stored result whose seed cannot be stated is a bug.
 * @source Blackman and Vigna, xoshiro128**; double = ((u₁≫5)·2²⁶ + (u₂≫6))/2⁵³
 */
export function createPrng(seed: number): Prng {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`a seed must be a safe integer, got ${seed}`);
  const nextUint32 = xoshiro128StarStar(seed);
  const nextDouble = (): number => {
    const high = nextUint32() >>> 5;
    return (high * 0x4000000 + (nextUint32() >>> 6)) / 0x20000000000000;
  };
  return { nextUint32, nextDouble, index: (n) => Math.floor(nextDouble() * n) };
}
