import type { SessionCalendar } from '#shared/domain/instrument.ts';
import { HISTORY_LIMITS, type HistoryPoint, type PerformanceHistory } from '#shared/domain/performance-history.ts';
import type { BookId, EquityPoint } from '#shared/domain/performance.ts';
import type { EpochMs, Money } from '#shared/units.ts';
import { dailyReturns, threeBooks, type Books, type BooksInput, type Opportunity } from '#desk/backtest/books.ts';
import { equityStatistics, sharpeOf, tradeFigures, trialsOf } from '#desk/backtest/equity-statistics.ts';
import { withDepths } from '#desk/backtest/depths.ts';
import { histogramOf } from '#desk/backtest/histogram.ts';
import { sentContracts, wordsOf, type Words } from '#desk/backtest/words.ts';
import { openProfit } from '#desk/backtest/marked-book.ts';
import { readBooks, type ReadBooks } from '#desk/backtest/read-books.ts';
import { standingVerdict } from '#desk/backtest/standing-verdict.ts';
import type { Journal } from '#desk/ports/journal.ts';
import { thinned } from '#desk/engine/thinned.ts';
import { isWithin, startEquity, type HistoryRange } from './history-range.ts';
import { overrideHistory } from './override-history.ts';

const SEED = 1;
const BOOKS = ['actual', 'model', 'fixed'] as const satisfies readonly BookId[];
/** Equity cannot fall by more than all of it; what overshoots counts as almost all, so that logarithms stay finite. */
const ALMOST_ALL = -1 + 1e-9;

export type HistoryInput = HistoryRange & {
  readonly journal: Journal;
  readonly initialEquity: Money;
  readonly maxContracts: number;
  readonly scratchR: number;
  readonly maxHeat: number;
  /** Where one session day ends and the next begins. */
  readonly calendar: SessionCalendar;
};

/** The books of a range begin in it, also where the first trade that closed in it was decided before. */
function startedWithin({ from }: HistoryInput, books: BooksInput): Books {
  const { points, ...rest } = threeBooks(books);
  return {
    ...rest,
    points: points.map((point) => (from !== null && point.at < from ? { ...point, at: from } : point)),
  };
}

/** The median of the sizes the trader let through; 1 where nothing was. */
function medianSent({ ended }: Words): number {
  const sizes = [...ended.values()].map(({ event }) => sentContracts(event)).filter((size) => size > 0);
  return sizes.sort((a, b) => a - b)[Math.floor((sizes.length - 1) / 2)] ?? 1;
}

/** Points of three books, thinned so that no book loses a peak. */
function drawn(points: readonly EquityPoint[]): HistoryPoint[] {
  const all = withDepths(points);
  const most = HISTORY_LIMITS.points / BOOKS.length;
  const kept = new Set(BOOKS.flatMap((book) => thinned(all, most, (point) => point[book])));
  return all.length <= HISTORY_LIMITS.points ? [...all] : all.filter((point) => kept.has(point));
}

type Compared = {
  readonly days: ReadBooks['days'];
  readonly books: Books;
  readonly booksInput: BooksInput;
  readonly returns: Readonly<Record<BookId, readonly number[]>>;
  readonly contracts: number;
};

const returnsOf = (points: readonly EquityPoint[], book: BookId, ends: readonly EpochMs[]): readonly number[] =>
  dailyReturns(points, book, ends).map((change) => Math.max(ALMOST_ALL, change));

function verdictOf({ days, books, booksInput, returns, contracts }: Compared): PerformanceHistory['verdict'] {
  const opportunities = booksInput.opportunities.map((o): Opportunity => ({ ...o, suggested: contracts }));
  const constant = threeBooks({ ...booksInput, opportunities });
  return {
    fixedFraction: books.fixedFraction,
    fixedContracts: contracts,
    ...standingVerdict({
      days: days.names,
      endsAt: days.ends,
      kelly: returns.model,
      fixedFraction: returns.fixed,
      fixedContracts: returnsOf(constant.points, 'model', days.ends),
      decidedAt: booksInput.opportunities.map(({ decidedAt }) => decidedAt).sort((a, b) => a - b),
      trials: trialsOf(BOOKS.map((book) => sharpeOf(returns[book]))),
      seed: SEED,
    }),
  };
}

function figuresOf(books: Books, returns: Compared['returns'], start: Money) {
  const trials = trialsOf(BOOKS.map((book) => sharpeOf(returns[book])));
  const statistics = BOOKS.map((book) => ({ book, ...equityStatistics(returns[book], trials) }));
  return {
    statistics,
    books: statistics.map(({ book, totalReturn, maxDrawdown, sharpe, sortino, calmar }) => ({
      ...{ book, totalReturn, maxDrawdown, sharpe, sortino, calmar },
      endEquity: books.points.at(-1)?.[book] ?? start,
      openPnl: openProfit(books.open[book]),
    })),
  };
}

/**
 * Assembles the performance page from the journal: three books on the same decisions, statistics, the verdict that
 * stands, and what the trader's changes were worth, all by the code of the backtest.
 * @source quant.md 7, 7.1 and 8.2
 */
export function performanceHistory(input: HistoryInput): PerformanceHistory {
  const { journal } = input;
  const all = journal.trades({ order: 'oldest' });
  const words = wordsOf(journal, all);
  const trades = all.filter(({ exitAt }) => isWithin(exitAt, input));
  const start = startEquity(journal, input.initialEquity, input);
  const { maxContracts, maxHeat, calendar } = input;
  const question = { initialEquity: start, maxContracts, maxHeat, calendar };
  const range = { from: input.from ?? -Infinity, until: input.to ?? Infinity };
  const { input: booksInput, days, taken } = readBooks(journal, { trades: all, words }, { ...question, ...range });
  const books = startedWithin(input, booksInput);
  const [actual, model, fixed] = BOOKS.map((book) => returnsOf(books.points, book, days.ends));
  const returns = { actual: actual ?? [], model: model ?? [], fixed: fixed ?? [] };
  const r = trades.flatMap((t) => (t.r === null ? [] : [t.r]));
  return {
    from: books.points[0]?.at ?? null,
    to: books.points.at(-1)?.at ?? null,
    points: drawn(books.points),
    ...figuresOf(books, returns, start),
    ...tradeFigures(r, input.scratchR),
    histogram: [...histogramOf(r)],
    verdict: verdictOf({ days, books, booksInput, returns, contracts: medianSent(words) }),
    overrides: overrideHistory(words, taken, (exitAt) => isWithin(exitAt, input)),
  };
}
