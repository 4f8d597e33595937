/** An argument outside its function's domain: a data bug to be shown, never a size. `value` is what came in. */
export type InvalidInput = { readonly code: 'invalid-input'; readonly field: string; readonly value: number };

/** A named argument, its value, and whether the value lies in the function's domain. */
export type DomainCheck = readonly [field: string, value: number, isInside: boolean];

/** Makes the error for one field. */
export const invalidInput = (field: string, value: number): InvalidInput => ({ code: 'invalid-input', field, value });

/**
 * The error of an argument outside its domain, or null. To be chained with `??` where a decision passes on its way:
 * nothing is made for an argument inside. Write the condition so that NaN makes it false.
 */
export const outside = (field: string, value: number, isInside: boolean): InvalidInput | null =>
  isInside ? null : invalidInput(field, value);

/** Returns the first argument outside its domain, or null. Write conditions so that NaN makes them false. */
export function firstInvalid(checks: readonly DomainCheck[]): InvalidInput | null {
  const failed = checks.find(([, , isInside]) => !isInside);
  return failed === undefined ? null : invalidInput(failed[0], failed[1]);
}

/** True in [0, 1]; false for NaN. */
export const isProbability = (x: number): boolean => x >= 0 && x <= 1;

/** True for finite x ≥ 0; false for NaN. */
export const isNonNegative = (x: number): boolean => x >= 0 && x < Infinity;

/** True for finite x > 0; false for NaN. */
export const isPositive = (x: number): boolean => x > 0 && x < Infinity;

/** Checks each item of a list; the field of a failure is `name[index]`. */
export function firstInvalidItem(
  name: string,
  values: readonly number[],
  isInside: (value: number) => boolean,
): InvalidInput | null {
  const index = values.findIndex((value) => !isInside(value));
  return index < 0 ? null : invalidInput(`${name}[${index}]`, values[index] ?? NaN);
}

/** Checks pairs of probability forecasts and 0/1 outcomes: same length, each inside its domain. */
export function invalidForecasts(probabilities: readonly number[], outcomes: readonly number[]): InvalidInput | null {
  if (probabilities.length !== outcomes.length) return invalidInput('outcomes.length', outcomes.length);
  return (
    firstInvalidItem('probabilities', probabilities, isProbability) ??
    firstInvalidItem('outcomes', outcomes, (y) => y === 0 || y === 1)
  );
}

/** Whether n is an integer ≥ min. */
export const isCount = (n: number, min = 0): boolean => Number.isSafeInteger(n) && n >= min;
