import { useSyncExternalStore } from 'react';

export type SizeClass = 'compact' | 'regular' | 'wide';

const COMPACT = '(max-width: 1279px), (max-height: 819px)';
const WIDE = '(min-width: 1920px)';

const read = (): SizeClass => {
  if (window.matchMedia(COMPACT).matches) return 'compact';
  return window.matchMedia(WIDE).matches ? 'wide' : 'regular';
};

const subscribe = (changed: () => void): (() => void) => {
  const queries = [window.matchMedia(COMPACT), window.matchMedia(WIDE)];
  for (const query of queries) query.addEventListener('change', changed);
  return () => {
    for (const query of queries) query.removeEventListener('change', changed);
  };
};

/** The size class of the window: it decides the measures and what becomes tabs. */
export const useSizeClass = (): SizeClass => useSyncExternalStore(subscribe, read);
