import type { SessionCalendar } from '#shared/domain/instrument.ts';
import { HISTORY_LIMITS, type HistoryPoint, type PerformanceHistory } from '#shared/domain/performance-history.ts';
import type { BookId, EquityPoint } from '#shared/domain/performance.ts';
import { epochMs, type EpochMs, type Money } from '#shared/units.ts';
import {
  dailyReturns,
  takenByModel,
  threeBooks,
  type Books,
  type BooksInput,
  type Opportunity,
} from '#desk/backtest/books.ts';
import { equityStatistics, sharpeOf, tradeFigures, trialsOf } from '#desk/backtest/equity-statistics.ts';
import { withDepths } from '#desk/backtest/depths.ts';
import { histogramOf } from '#desk/backtest/histogram.ts';
import { sentContracts, wordsOf, type Words } from '#desk/backtest/words.ts';
import { standingVerdict } from '#desk/backtest/standing-verdict.ts';
import { sessionDay } from '#desk/engine/session.ts';
import type { JournalEventOf } from '#desk/ports/events.ts';
import type { Journal } from '#desk/ports/journal.ts';
import { thinned } from '#desk/engine/thinned.ts';
import { isWithin, startEquity, type HistoryRange } from './history-range.ts';
import { overrideHistory } from './override-history.ts';

const SEED = 1;
const BOOKS = ['actual', 'model', 'fixed'] as const satisfies readonly BookId[];
/** Equity cannot fall by more than all of it; what overshoots counts as almost all, so that logarithms stay finite. */
const ALMOST_ALL = -1 + 1e-9;

type Outcome = JournalEventOf<'outcome'>;

export type HistoryInput = HistoryRange & {
  readonly journal: Journal;
  readonly initialEquity: Money;
  readonly maxContracts: number;
  readonly scratchR: number;
  readonly maxHeat: number;
  /** Where one session day ends and the next begins. */
  readonly calendar: SessionCalendar;
};

/** Names of the session days of the range, and the first equity mark of each. */
function sessionOpenings(input: HistoryInput): readonly (readonly [string, EpochMs])[] {
  const openings = new Map<string, EpochMs>();
  for (const { at } of input.journal.events({ kinds: ['equity'] })) {
    const day = sessionDay(at, input.calendar);
    if (!openings.has(day)) openings.set(day, epochMs(at));
  }
  return [...openings].filter(([, at]) => isWithin(at, input));
}

/** The books of a range begin in it, also where the first trade that closed in it was decided before. */
function startedWithin({ from }: HistoryInput, books: BooksInput): Books {
  const { points, fixedFraction } = threeBooks(books);
  return {
    fixedFraction,
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

type Days = { readonly names: readonly string[]; readonly ends: readonly EpochMs[] };

/** Session days of the range and when each ends: where the next begins, the last with the last close. */
function daysOf(input: HistoryInput, points: readonly EquityPoint[]): Days {
  const openings = sessionOpenings(input);
  const opens = openings.map(([, at]) => at);
  const last = points.at(-1);
  const ends = last === undefined ? opens : [...opens.slice(1), epochMs(Math.max(last.at, opens.at(-1) ?? last.at))];
  return {
    // A range without a mark still has the day of its last close.
    names: openings.length === 0 ? ends.map((at) => sessionDay(at, input.calendar)) : openings.map(([name]) => name),
    ends,
  };
}

type Compared = {
  readonly days: Days;
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
  const sized = [...words.planned.values()].filter((o: Outcome) => o.suggested > 0 && isWithin(o.exitAt, input));
  const start = startEquity(journal, input.initialEquity, input);
  const opportunities = takenByModel(sized, { initialEquity: start, maxHeat: input.maxHeat });
  const booksInput = { initialEquity: start, opportunities, executed: trades, maxContracts: input.maxContracts };
  const books = startedWithin(input, booksInput);
  const days = daysOf(input, books.points);
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
    overrides: overrideHistory(
      words,
      opportunities.map(({ recommendationId }) => recommendationId),
      (exitAt) => isWithin(exitAt, input),
    ),
  };
}
