const frozenWhole = new WeakSet<object>();

function freezeIn(value: object): void {
  Object.freeze(value);
  // Lists of figures are long: they are looked through where they stand.
  const parts: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  for (let i = 0; i < parts.length; i += 1) {
    const part = parts[i];
    if (typeof part === 'object' && part !== null) freezeIn(part);
  }
}

/**
 * Freezes plain data with all that it holds, and returns it. What was made of it once can be kept by its identity: it
 * will never be another.
 */
export function freezeWhole<T extends object>(value: T): T {
  if (!frozenWhole.has(value)) freezeIn(value);
  frozenWhole.add(value);
  return value;
}

/** Whether `freezeWhole` has frozen this very value. */
export const isFrozenWhole = (value: object): boolean => frozenWhole.has(value);

/** Makes a function that works once for each value that was frozen whole, and anew for any other. */
export function oncePerFrozen<T extends object, R>(make: (value: T) => R): (value: T) => R {
  const made = new WeakMap<T, { readonly result: R }>();
  return (value) => {
    if (!isFrozenWhole(value)) return make(value);
    const known = made.get(value);
    if (known !== undefined) return known.result;
    const result = make(value);
    made.set(value, { result });
    return result;
  };
}
