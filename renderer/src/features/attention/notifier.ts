import { selectSymbol } from '#renderer/src/store/recommendations.ts';
import { showScreen } from '#renderer/src/store/ui.ts';
import type { AttentionKind } from '#renderer/src/store/attention.ts';
import type { Occurrence } from './attention-rules.ts';

/** Whether the system lets this page tell: 'default' is not asked yet, 'none' is a system without notifications. */
export type Permission = NotificationPermission | 'none';

export const permission = (): Permission => ('Notification' in window ? Notification.permission : 'none');

/** Asks the system; only ever called from a click. */
export async function askPermission(): Promise<Permission> {
  return 'Notification' in window ? Notification.requestPermission() : 'none';
}

/** The one that stands of each kind: a newer one takes its place, and never that of a more pressing kind. */
const standing = new Map<AttentionKind, Notification>();

/** Shows a notification. A click on it brings the window and what it is about. */
export function notify({ kind, title, text, symbol }: Occurrence): void {
  if (permission() !== 'granted') return;
  try {
    // The sounds are the desk's own, or none.
    const shown = new Notification(title, { body: text, silent: true });
    standing.get(kind)?.close();
    standing.set(kind, shown);
    shown.onclick = () => {
      window.focus();
      showScreen('desk');
      if (symbol !== null) selectSymbol(symbol);
      shown.close();
    };
  } catch {
    // Some systems have the word and not the thing: what happened stands on the screen as well.
  }
}
