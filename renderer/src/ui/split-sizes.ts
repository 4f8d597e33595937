/** Where the sizes a trader set are kept, in px, by the split they belong to. */
const keyOf = (id: string): string => `kelly-desk.split.${id}`;

/** The size a trader set; null where none was set, or where it cannot be read. */
export function rememberedSize(id: string): number | null {
  try {
    const size = Number(window.localStorage.getItem(keyOf(id)) ?? NaN);
    return Number.isFinite(size) && size > 0 ? size : null;
  } catch {
    return null;
  }
}

/** Keeps a size for the next time; null forgets it. A window without storage only forgets it sooner. */
export function rememberSize(id: string, size: number | null): void {
  try {
    if (size === null) window.localStorage.removeItem(keyOf(id));
    else window.localStorage.setItem(keyOf(id), String(Math.round(size)));
  } catch {
    // Private windows have no storage: the size then lasts as long as the window.
  }
}
