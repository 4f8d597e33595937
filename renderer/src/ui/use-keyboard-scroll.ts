import { useEffect, useState } from 'react';

/** What takes the keyboard by itself: where a box holds one, its contents are scrolled by moving there. */
const STOPS = ':is(a[href], button, input, select, textarea, [tabindex]):not([tabindex="-1"], :disabled)';

const needsStop = (box: HTMLElement): boolean =>
  (box.scrollHeight > box.clientHeight || box.scrollWidth > box.clientWidth) && box.querySelector(STOPS) === null;

/**
 * Makes a scrolling box a stop of the keyboard while its contents do not fit and hold no stop of their own: arrows then
 * scroll it. A box that fits is no stop, so Tab does not go through panels where there is nothing to do.
 */
export function useKeyboardScroll(): {
  readonly ref: (box: HTMLElement | null) => void;
  readonly tabIndex: 0 | undefined;
} {
  const [box, setBox] = useState<HTMLElement | null>(null);
  const [isStop, setStop] = useState(false);
  useEffect(() => {
    if (box === null) return;
    const look = (): void => setStop(needsStop(box));
    const sizes = new ResizeObserver(look);
    const watch = (): void => {
      sizes.disconnect();
      for (const one of [box, ...box.children]) sizes.observe(one);
    };
    const contents = new MutationObserver(watch);
    contents.observe(box, { childList: true });
    watch();
    return () => {
      sizes.disconnect();
      contents.disconnect();
    };
  }, [box]);
  return { ref: setBox, tabIndex: isStop ? 0 : undefined };
}
