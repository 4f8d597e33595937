import type { FocusEvent } from 'react';

/**
 * Scrolls what the keyboard reached into sight, whole. The focus goes round in a dialog without scrolling, and a field is
 * scrolled by its caret alone. A pointer sees what it points at: scrolled under it, a press would miss.
 */
export function showFocused({ target }: FocusEvent): void {
  if (target.matches(':focus-visible') && !target.matches(':active')) target.scrollIntoView({ block: 'nearest' });
}
