import { create } from 'zustand';
import { showScreen } from './ui.ts';

const KEY = 'kelly-desk.tour';
const SEEN = 'seen';
const YEAR_S = 31_536_000;
export const TOUR_STEPS = 5;

/** The step of the tour that is shown, from 0; null when it is not under way. */
export const useTour = create<{ readonly step: number | null }>()(() => ({ step: null }));

/**
 * True once the tour was seen or skipped. Also kept as a cookie: in the browser shell every start may have a port of its
 * own, and with it a storage of its own; cookies know no ports.
 */
export const isTourSeen = (): boolean =>
  window.localStorage.getItem(KEY) === SEEN || document.cookie.split('; ').includes(`${KEY}=${SEEN}`);

/** Begins the tour, on the Desk. */
export function startTour(): void {
  showScreen('desk');
  useTour.setState({ step: 0 });
}

/** Ends the tour, whether it was walked or skipped, and remembers it. */
export function endTour(): void {
  window.localStorage.setItem(KEY, SEEN);
  document.cookie = `${KEY}=${SEEN}; max-age=${YEAR_S}; path=/; SameSite=Strict`;
  useTour.setState({ step: null });
}

/** One step on or back; beyond the last it ends. */
export function stepTour(by: 1 | -1): void {
  const { step } = useTour.getState();
  if (step === null) return;
  const next = Math.max(0, step + by);
  if (next >= TOUR_STEPS) endTour();
  else useTour.setState({ step: next });
}
