import { create } from 'zustand';
import { takeNextTurn } from '#renderer/src/api/next-frame.ts';

/** The desk's time. It steps once a second, so that countdowns and ages move together and rarely. */
export const useClock = create<{ readonly now: number; readonly offsetMs: number }>()(() => ({
  now: Date.now(),
  offsetMs: 0,
}));

/** Differences below this are the wire's delay, not another clock. */
const TOLERANCE_MS = 750;

/** Aligns this window's clock with the desk's. Countdowns do not jump for the jitter of a message. */
export function alignClock(deskNow: number): void {
  const offsetMs = deskNow - Date.now();
  if (Math.abs(offsetMs - useClock.getState().offsetMs) <= TOLERANCE_MS) return;
  useClock.setState({ offsetMs, now: deskNow });
}

/** The desk's time right now, between steps. */
export const deskNow = (): number => Date.now() + useClock.getState().offsetMs;

/** Starts stepping; returns the stop function. */
export function startClock(): () => void {
  const timer = setInterval(() => {
    // Every countdown steps: nothing else that is dear to lay out is drawn with them.
    takeNextTurn();
    useClock.setState({ now: deskNow() });
  }, 1_000);
  return () => clearInterval(timer);
}
