import { useSyncExternalStore } from 'react';

export type SizeClass = 'compact' | 'regular' | 'wide';

const COMPACT = '(max-width: 1279px), (max-height: 819px)';
const WIDE = '(min-width: 1920px)';

function read([compact, wide]: readonly MediaQueryList[]): SizeClass {
  if (compact?.matches === true) return 'compact';
  return wide?.matches === true ? 'wide' : 'regular';
}

let held: SizeClass | null = null;
let queries: readonly MediaQueryList[] | null = null;

const forget = (): void => {
  held = null;
};

/** The class, asked of the window once and after each change: hundreds of rows ask at every figure. */
function current(): SizeClass {
  if (queries === null) {
    queries = [window.matchMedia(COMPACT), window.matchMedia(WIDE)];
    for (const query of queries) query.addEventListener('change', forget);
  }
  held ??= read(queries);
  return held;
}

const subscribe = (changed: () => void): (() => void) => {
  current();
  const watched = queries ?? [];
  for (const query of watched) query.addEventListener('change', changed);
  return () => {
    for (const query of watched) query.removeEventListener('change', changed);
  };
};

/** The size class of the window: it decides the measures and what becomes tabs. */
export const useSizeClass = (): SizeClass => useSyncExternalStore(subscribe, current);
