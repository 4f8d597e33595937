import { useCallback, useState } from 'react';

export type BoxSize = { readonly width: number; readonly height: number };

/** The size of an element in CSS px as it changes; null until it is laid out. */
export function useBoxSize(): {
  readonly ref: (element: HTMLElement | null) => (() => void) | undefined;
  readonly size: BoxSize | null;
} {
  const [size, setSize] = useState<BoxSize | null>(null);
  const ref = useCallback((element: HTMLElement | null) => {
    if (element === null) return undefined;
    const observer = new ResizeObserver(([entry]) => {
      if (entry === undefined) return;
      const { width, height } = entry.contentRect;
      setSize((held) => (held?.width === width && held.height === height ? held : { width, height }));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { ref, size };
}
