import { useRef } from 'react';
import type { KeyboardEvent } from 'react';

/**
 * Handlers of a button that acts on what stands before the trader: `act` is told what the press began on, which may have
 * been replaced by the time it ends. A key that is held down presses once.
 * @param id what the button acts on now
 */
export function useOwnPress(id: string, act: (begunOn: string) => void) {
  const begun = useRef<string | null>(null);
  const begin = (): void => {
    begun.current = id;
  };
  return {
    onPointerDown: begin,
    onKeyDown: (event: KeyboardEvent): void => {
      if (!event.repeat) begin();
      else if (event.key === 'Enter') event.preventDefault();
    },
    onClick: (): void => {
      // Assistive programs click without a press.
      const on = begun.current ?? id;
      begun.current = null;
      act(on);
    },
  };
}
