import { useEffect, useState } from 'react';
import type { UIEvent } from 'react';

/** The tallest element that every engine draws, at any zoom; a million rows are taller. */
export const TALLEST_PX = 8_000_000;

export type RowWindow = {
  /** Height of all rows as the scrollbar sees them, in px. */
  readonly scrollHeight: number;
  /** The first row on screen and the last, inclusive; last < first when there is none. */
  readonly first: number;
  readonly last: number;
  /** How far the first row is scrolled out at the top, in px. */
  readonly shift: number;
};

export type RowMeasures = {
  readonly count: number;
  readonly rowHeight: number;
  /** Height of the room for rows, in px. */
  readonly viewHeight: number;
  readonly scrollTop: number;
};

/**
 * Which rows stand in a room of fixed height. Up to the tallest drawable height a pixel of the scrollbar is a pixel of
 * rows; beyond it, the scrollbar stands for more rows per pixel, so that its ends are still the first and the last row.
 */
export function rowWindow({ count, rowHeight, viewHeight, scrollTop }: RowMeasures): RowWindow {
  const full = count * rowHeight;
  const scrollHeight = Math.min(full, TALLEST_PX);
  const offset = rowOffset({ count, rowHeight, viewHeight, scrollTop });
  const first = Math.floor(offset / rowHeight);
  const last = Math.min(count - 1, Math.ceil((offset + viewHeight) / rowHeight) - 1);
  return { scrollHeight, first, last, shift: offset - first * rowHeight };
}

const room = (height: number, viewHeight: number): number => Math.max(0, height - viewHeight);

function rowOffset({ count, rowHeight, viewHeight, scrollTop }: RowMeasures): number {
  const full = count * rowHeight;
  const ways = room(Math.min(full, TALLEST_PX), viewHeight);
  const share = ways === 0 ? 0 : Math.min(1, Math.max(0, scrollTop / ways));
  return full <= TALLEST_PX ? Math.min(Math.max(0, scrollTop), ways) : share * room(full, viewHeight);
}

/** Where to scroll so that a row is wholly on screen; null when it already is. */
export function scrollTopFor(index: number, measures: RowMeasures): number | null {
  const { count, rowHeight, viewHeight } = measures;
  const full = count * rowHeight;
  const offset = rowOffset(measures);
  const [top, bottom] = [index * rowHeight, (index + 1) * rowHeight];
  if (top >= offset && bottom <= offset + viewHeight) return null;
  const wanted = Math.min(room(full, viewHeight), Math.max(0, top < offset ? top : bottom - viewHeight));
  if (full <= TALLEST_PX) return wanted;
  return (wanted / room(full, viewHeight)) * room(TALLEST_PX, viewHeight);
}

type Size = { readonly width: number; readonly height: number };

/** Follows the scrolling of one element; `scrollTo` brings a row on screen. */
export function useRowWindow(count: number, rowHeight: number, headHeight: number) {
  const [element, setElement] = useState<HTMLElement | null>(null);
  const [size, setSize] = useState<Size | null>(null);
  const [scrollTop, setScrollTop] = useState(0);
  useEffect(() => {
    if (element === null) return undefined;
    const measure = () => {
      const { clientWidth: width, clientHeight: height } = element;
      setSize((held) => (held?.width === width && held.height === height ? held : { width, height }));
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [element]);
  const viewHeight = Math.max(0, (size?.height ?? 0) - headHeight);
  const measures = { count, rowHeight, viewHeight };
  return {
    attach: setElement,
    width: size?.width ?? 0,
    viewHeight,
    window: rowWindow({ ...measures, scrollTop }),
    onScroll: (event: UIEvent<HTMLElement>) => setScrollTop(event.currentTarget.scrollTop),
    scrollTo: (index: number) => {
      if (element === null) return;
      const top = scrollTopFor(index, { ...measures, scrollTop: element.scrollTop });
      if (top !== null) element.scrollTo({ top });
    },
    toTop: () => element?.scrollTo({ top: 0 }),
  };
}
