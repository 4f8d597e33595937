import type { OverrideReport, Reproduction } from '#shared/domain/backtest.ts';
import { BOOK_IDS, type BookStatistics } from '#shared/domain/performance.ts';
import { epochMs, money } from '#shared/units.ts';
import { dailyReturns, threeBooks, type Books } from './books.ts';
import { equityStatistics, trialsOf, sharpeOf } from './equity-statistics.ts';
import { overrideReport, type TakenTrade } from './overrides.ts';
import { openProfit } from './marked-book.ts';
import type { Walk } from './walk.ts';
import type { Case, Tape, WholeTape } from './tape.ts';

/** The three books over a tape, by the code of the performance page. */
export const booksOfTape = ({ books }: WholeTape): Books => threeBooks(books.input);

/** Statistics of the three books by session day. */
export function bookStatisticsOf(
  { books: { days }, initialEquity }: WholeTape,
  books: Books,
): readonly BookStatistics[] {
  const returns = BOOK_IDS.map((book) => dailyReturns(books.points, book, days.ends));
  const trials = trialsOf(returns.map(sharpeOf));
  return BOOK_IDS.map((book, i) => {
    const { totalReturn, maxDrawdown, sharpe, sortino, calmar } = equityStatistics(returns[i] ?? [], trials);
    return {
      ...{ book, endEquity: books.points.at(-1)?.[book] ?? initialEquity, openPnl: openProfit(books.open[book]) },
      ...{ totalReturn, maxDrawdown, sharpe, sortino, calmar },
    };
  });
}

/** What the trader changed, against the same planned outcome per contract. */
export function overridesOfTape(tape: WholeTape, seed: number): OverrideReport {
  const ids = new Set(tape.books.taken);
  const isResolved = ({ plan }: Case): boolean => plan !== null && plan.exitAt < tape.endAt;
  const taken = tape.cases.filter((item) => ids.has(item.id) && isResolved(item));
  const executed = tape.cases.filter(({ executed: sent, plan }) => sent > 0 && plan !== null);
  const trades = [...new Set([...taken, ...executed])].flatMap((item): TakenTrade[] => {
    const { outcome, plan, suggested, executed: sent } = item;
    if (plan === null) return [];
    const isOpen = !Number.isFinite(outcome.endsAt) || outcome.endsAt >= tape.endAt;
    if (sent > 0 && isOpen) return [];
    const actual = outcome.source === 'executed' ? outcome.legs.reduce((sum, { net }) => sum + net, 0) : 0;
    return [
      {
        ...{ id: item.id, suggested, sent, planNet: plan.net },
        filled: sent > 0 ? outcome.filled : 0,
        actualNet: money(actual),
      },
    ];
  });
  return overrideReport(trades, seed);
}

/** Holds the walk of the live policy against the journal's own account. */
export function reproductionOf(tape: Tape, live: Pick<Walk, 'finalEquity' | 'leftAt'> | null): Reproduction {
  return {
    journalEquity: tape.journalEquity,
    policyEquity: live === null ? null : money(live.finalEquity),
    overridden: tape.cases.filter(({ isProposal, suggested, executed }) => isProposal && suggested !== executed).length,
    leftAt: live === null || live.leftAt === null ? null : epochMs(Math.min(live.leftAt, tape.endAt)),
  };
}
