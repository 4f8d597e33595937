type Store = { readonly subscribe: (listener: () => void) => () => void };

/**
 * Tells of every change of these stores. With `useSyncExternalStore` and a plain value that is read from all of them a
 * component is drawn anew where that value changes, and not with every price.
 */
export const changesOf =
  (...stores: readonly Store[]) =>
  (listener: () => void): (() => void) => {
    const stops = stores.map((store) => store.subscribe(listener));
    return () => stops.forEach((stop) => stop());
  };
