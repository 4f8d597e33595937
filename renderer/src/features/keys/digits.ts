/** Digits that follow each other within this time are one number. */
export const DIGIT_MS = 800;

/** Collects typed digits into a number of contracts. */
export function createDigits() {
  let value = 0;
  let until = 0;
  return {
    /** True while the next digit would lengthen the number. */
    isOpen: (now: number): boolean => now < until,
    /** Takes a digit; `most` is the largest number allowed. Null for a leading zero. */
    type: (digit: number, now: number, most: number): number | null => {
      value = now < until ? value * 10 + digit : digit;
      // A number that cannot grow within the limit is complete.
      until = value > 0 && value * 10 <= most ? now + DIGIT_MS : 0;
      return value === 0 ? null : value;
    },
  };
}
