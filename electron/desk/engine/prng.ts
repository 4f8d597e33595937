import { doublesOf, rotateLeft, xoshiro128StarStar } from '#shared/xoshiro.ts';

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

/** MurmurHash3's 32-bit finaliser. */
function fmix32(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Bits of the polynomial that moves the state 2⁶⁴ steps on. */
const JUMP = [0x8764000b, 0xf542d2d3, 0x6fa035c3, 0x77f2db5b];

/** The four words of the state: the finalised points of a Weyl sequence. */
function seededState(seed: number): Uint32Array {
  let weyl = seed >>> 0;
  return new Uint32Array(4).map(() => {
    weyl = (weyl + WEYL_INCREMENT) >>> 0;
    return fmix32(weyl);
  });
}

/** Moves the state on as 2⁶⁴ steps would. @source Blackman and Vigna, jump() of xoshiro128** */
function jump(state: Uint32Array): void {
  let [s0 = 0, s1 = 0, s2 = 0, s3 = 0] = state;
  let [sum0, sum1, sum2, sum3] = [0, 0, 0, 0];
  for (const word of JUMP) {
    for (let bit = 0; bit < 32; bit += 1) {
      if (((word >>> bit) & 1) === 1) {
        sum0 ^= s0;
        sum1 ^= s1;
        sum2 ^= s2;
        sum3 ^= s3;
      }
      const shifted = s1 << 9;
      s2 ^= s0;
      s3 ^= s1;
      s1 ^= s2;
      s0 ^= s3;
      s2 ^= shifted;
      s3 = rotateLeft(s3, 11);
    }
  }
  state.set([sum0, sum1, sum2, sum3]);
}

/**
 * Gives the four words of the state a stream of a seed begins with. The last one given is kept: the next stream after it
 * is one jump away. Throws on a seed that is not an integer: a stored result whose seed cannot be stated is a bug.
 */
export function streamsOf(seed: number): (stream: number) => Uint32Array {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`a seed must be a safe integer, got ${seed}`);
  let [at, state] = [0, seededState(seed)];
  return (stream) => {
    if (stream < at) [at, state] = [0, seededState(seed)];
    for (; at < stream; at += 1) jump(state);
    return state.slice();
  };
}

/**
 * Makes a generator from an integer seed, of which the low 32 bits count. Throws on a seed that is not an integer:
 * a stored result whose seed cannot be stated is a bug.
 * @param stream which of the seed's streams: each begins 2⁶⁴ numbers after the one before it, so that they never meet
 * @source Blackman and Vigna, xoshiro128**; double = ((u₁≫5)·2²⁶ + (u₂≫6))/2⁵³
 */
export function createPrng(seed: number, stream = 0): Prng {
  const [s0 = 0, s1 = 0, s2 = 0, s3 = 0] = streamsOf(seed)(stream);
  const nextUint32 = xoshiro128StarStar([s0, s1, s2, s3]);
  const nextDouble = doublesOf(nextUint32);
  return { nextUint32, nextDouble, index: (n) => Math.floor(nextDouble() * n) };
}
