import type { Months, Rolling } from '#shared/domain/performance-detail.ts';
import type { Money } from '#shared/units.ts';
import { months } from '#desk/backtest/months.ts';
import { rolling } from '#desk/backtest/rolling.ts';
import type { Journal } from '#desk/ports/journal.ts';
import { startEquity, tradesWithin, type HistoryRange } from './history-range.ts';

export type RollingQuestion = HistoryRange & { readonly window: number; readonly scratchR: number };
export type MonthsQuestion = HistoryRange & { readonly initialEquity: Money; readonly scratchR: number };

/** Figures of the newest trades over time, from the journal. */
export const rollingOf = (journal: Pick<Journal, 'trades'>, question: RollingQuestion): Rolling =>
  rolling(tradesWithin(journal, question), question);

/** The account by month and year, from the journal. */
export const monthsOf = (journal: Pick<Journal, 'trades'>, question: MonthsQuestion): Months =>
  months(tradesWithin(journal, question), {
    initialEquity: startEquity(journal, question.initialEquity, question),
    scratchR: question.scratchR,
  });
