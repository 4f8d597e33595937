import type { Clock } from '#desk/ports/clock.ts';

/** Lets calls out no faster than the venue takes them; what is urgent overtakes what waits. */
export interface Pacer {
  /**
   * Runs `task`, at once if there is room. A task of several messages goes out in one piece, never divided.
   * @param messages messages the task sends, ≥ 1
   */
  readonly send: (task: () => void, how: { readonly messages: number; readonly isUrgent: boolean }) => void;
  /** Drops what waits: what was not sent when the connection ended must never be sent later. */
  readonly clear: () => void;
}

type Waiting = { readonly task: () => void; readonly messages: number };

/** IB drops a client above 50 messages a second. Room is left for the library's own. @source protocols.md 2.5 */
export const MESSAGES_PER_SECOND = 45;
const WINDOW_MS = 1_000;

/** Makes a pacer over a sliding window of one second. */
export function createPacer(clock: Clock, perSecond: number = MESSAGES_PER_SECOND): Pacer {
  const urgent: Waiting[] = [];
  const usual: Waiting[] = [];
  let sent: { readonly at: number; readonly messages: number }[] = [];
  let stopTimer: (() => void) | null = null;

  const room = (): number => {
    const now = clock.monotonic();
    sent = sent.filter(({ at }) => now - at < WINDOW_MS);
    return perSecond - sent.reduce((sum, { messages }) => sum + messages, 0);
  };
  const drain = (): void => {
    for (;;) {
      const queue = urgent.length > 0 ? urgent : usual;
      const [next] = queue;
      if (next === undefined) return;
      // A piece larger than the window goes out when the window is empty, rather than never.
      if (room() < Math.min(next.messages, perSecond)) break;
      queue.shift();
      sent.push({ at: clock.monotonic(), messages: next.messages });
      next.task();
    }
    const [oldest] = sent;
    const waitMs = oldest === undefined ? WINDOW_MS : Math.max(1, oldest.at + WINDOW_MS - clock.monotonic());
    stopTimer ??= clock.after(waitMs, () => {
      stopTimer = null;
      drain();
    });
  };
  return {
    send: (task, { messages, isUrgent }) => {
      (isUrgent ? urgent : usual).push({ task, messages });
      drain();
    },
    clear: () => {
      urgent.length = 0;
      usual.length = 0;
      stopTimer?.();
      stopTimer = null;
    },
  };
}
