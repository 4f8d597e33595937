/** Rounds of a durability test: its suite size times DURABILITY_SCALE (1 when not set), for long runs. */
export function rounds(suiteSize: number): number {
  const scale = Number(process.env['DURABILITY_SCALE'] ?? '1');
  if (!(scale > 0)) throw new Error('DURABILITY_SCALE is a number above 0');
  return Math.ceil(suiteSize * scale);
}

/** Time a test of this many rounds may take at this scale, in ms. */
export const timeLimit = (suiteMs: number): number => rounds(1_000) * Math.ceil(suiteMs / 1_000);

/** The seeds of a test: 1 up to its rounds; `SEED=n` lives through that one alone, `SEED=a-b` from a to b. */
export function seedsOf(suiteSize: number): readonly number[] {
  const { SEED } = process.env;
  const [from = 1, to = from] = SEED?.split('-').map(Number) ?? [1, rounds(suiteSize)];
  if (!(from <= to)) throw new Error(`SEED is a number, or two with a dash between: ${SEED ?? ''}`);
  return Array.from({ length: to - from + 1 }, (_, n) => from + n);
}
