import { create } from 'zustand';
import type { CalendarDay } from '#shared/contract/journal-views.ts';
import { WINDOW, type Months, type Rolling } from '#shared/domain/performance-detail.ts';
import { deskClient } from '#renderer/src/api/client.ts';
import { changeFilter, clearFilter, showTab } from './journal.ts';
import { createReading } from './reading.ts';
import { showScreen } from './ui.ts';

export const PERFORMANCE_VIEWS = ['books', 'verdict', 'rolling', 'months', 'statistics'] as const;
export type PerformanceView = (typeof PERFORMANCE_VIEWS)[number];

/** What the trader looks at on the Performance screen. It outlives the screen. */
export type PerformanceState = {
  readonly view: PerformanceView;
  /** Trades of the rolling window. */
  readonly window: number;
  /** Month of the calendar, 'YYYY-MM'; null: that of the last trade. */
  readonly month: string | null;
};

export const usePerformance = create<PerformanceState>()(() => ({ view: 'books', window: WINDOW.usual, month: null }));

export const showView = (view: PerformanceView): void => usePerformance.setState({ view });
export const showMonth = (month: string): void => usePerformance.setState({ month });

/** Chooses the rolling window; what no window can be is brought within its bounds. */
export const chooseWindow = (window: number): void =>
  usePerformance.setState({ window: Math.min(WINDOW.most, Math.max(WINDOW.least, Math.round(window))) });

export const rolling = createReading<number, Rolling>((window) => deskClient().call('performance.rolling', { window }));

export const months = createReading<'all', Months>(() => deskClient().call('performance.months', {}));

/** Own trades of one year by session day. */
export const yearDays = createReading<string, readonly CalendarDay[]>((year) =>
  deskClient().call('journal.calendar', {
    filter: { origin: 'own', fromDay: `${year}-01-01`, toDay: `${year}-12-31` },
  }),
);

/** Reads again what was read before: a trade closed. */
export function refreshDetails(): void {
  for (const reading of [rolling, months, yearDays]) {
    if (reading.use.getState().readAt !== null) reading.refresh();
  }
}

/** Shows the own trades of one session day in the Journal. */
export function openDay(day: string): void {
  clearFilter();
  changeFilter({ origin: 'own', fromDay: day, toDay: day });
  showTab('trades');
  showScreen('journal');
}
