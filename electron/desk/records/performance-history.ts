import type {
  BookStatistics,
  EquityPoint,
  PerformanceHistory,
  Statistic,
  TradeStatistics,
  Verdict,
} from '#shared/domain/performance.ts';
import type { SessionCalendar } from '#shared/domain/instrument.ts';
import { epochMs, money, type EpochMs, type Money } from '#shared/units.ts';
import { dailyReturns, takenByModel, threeBooks, type Books, type BooksInput } from '#desk/backtest/books.ts';
import { sizingVerdict } from '#desk/backtest/verdict.ts';
import { sessionDay } from '#desk/engine/session.ts';
import { performance, type Performance } from '#desk/engine/performance.ts';
import { tradeStats } from '#desk/engine/trade-stats.ts';
import type { JournalEventOf } from '#desk/ports/events.ts';
import type { Journal } from '#desk/ports/journal.ts';

const PERIODS_PER_YEAR = 252;
/** Sizing policies on the page: the deflated Sharpe ratio counts them as trials. */
const POLICIES = 3;
const MIN_SQN_TRADES = 30;

const defined = (value: number | null, reason: string): Statistic =>
  value === null || !Number.isFinite(value) ? { value: null, reason } : { value, reason: null };

const REASONS = {
  sharpe: 'Sharpe needs days that differ',
  sortino: 'Sortino needs a losing day',
  calmar: 'Calmar needs a year',
} as const;

function bookStatistics(book: BookStatistics['book'], end: Money, returns: readonly number[]): BookStatistics {
  const result = performance(returns, { periodsPerYear: PERIODS_PER_YEAR });
  const figures: Performance | null = result.ok ? result.value : null;
  const isShort = returns.length < PERIODS_PER_YEAR;
  return {
    book,
    endEquity: end,
    totalReturn: figures?.totalReturn ?? 0,
    maxDrawdown: figures?.maxDrawdown ?? 0,
    sharpe: defined(figures?.sharpeAnn ?? null, REASONS.sharpe),
    sortino: defined(figures?.sortinoAnn ?? null, REASONS.sortino),
    calmar: isShort
      ? { value: null, reason: REASONS.calmar }
      : defined(figures?.calmar ?? null, 'Calmar needs a drawdown'),
  };
}

function tradeStatistics(r: readonly number[], scratchR: number): TradeStatistics {
  const result = tradeStats(r, scratchR);
  if (!result.ok) {
    const none = { value: null, reason: 'no trades' };
    return {
      trades: 0,
      wins: 0,
      losses: 0,
      scratches: 0,
      winRate: none,
      payoff: none,
      profitFactor: none,
      expectancy: none,
      sqn: none,
    };
  }
  const s = result.value;
  return {
    trades: s.n,
    wins: s.wins,
    losses: s.losses,
    scratches: s.scratches,
    winRate: defined(s.winRateExScratch, 'no trade won or lost yet'),
    payoff: defined(s.payoffRatio, 'needs a win and a loss'),
    profitFactor: defined(s.profitFactor, 'needs a loss'),
    expectancy: defined(s.expectancy, 'no trades yet'),
    sqn:
      s.n < MIN_SQN_TRADES
        ? { value: null, reason: `needs ${MIN_SQN_TRADES} trades` }
        : defined(s.sqn100, 'needs trades that differ'),
  };
}

const CODES = {
  INSUFFICIENT: 'insufficient',
  'KELLY BETTER': 'kelly-better',
  'FIXED BETTER': 'fixed-better',
  INCONCLUSIVE: 'inconclusive',
} as const;

function varianceOf(values: readonly (number | null)[]): number {
  const known = values.filter((v) => v !== null);
  if (known.length < 2) return 0;
  const mean = known.reduce((a, b) => a + b, 0) / known.length;
  return known.reduce((a, b) => a + (b - mean) ** 2, 0) / (known.length - 1);
}

function verdictOf(
  returns: Readonly<Record<'model' | 'fixed', readonly number[]>>,
  input: { decisions: number; fixedFraction: number; sharpes: readonly (number | null)[] },
): Verdict {
  const days = returns.model.length;
  const none: Verdict = {
    code: 'insufficient',
    decisions: input.decisions,
    days,
    meanDifference: null,
    lower: null,
    upper: null,
    sharpeDifferenceLower: null,
    deflatedSharpe: null,
    drawdownRatio: null,
    daysStillNeeded: null,
    fixedFraction: input.fixedFraction,
  };
  if (days < 2) return none;
  const result = sizingVerdict({
    kelly: returns.model,
    averageFraction: returns.fixed,
    decisions: input.decisions,
    trials: { count: POLICIES, varSharpeAnn: varianceOf(input.sharpes) },
    periodsPerYear: PERIODS_PER_YEAR,
    seed: 1,
  });
  if (!result.ok) return none;
  const v = result.value;
  const needed = v.comparison.nForPower80;
  return {
    ...none,
    code: CODES[v.verdict],
    meanDifference: v.growth.mean,
    lower: v.growth.lower,
    upper: v.growth.upper,
    sharpeDifferenceLower: v.sharpeDifference.lower,
    deflatedSharpe: v.deflated?.dsr ?? null,
    drawdownRatio: v.maxDrawdownFixed > 0 ? v.maxDrawdownKelly / v.maxDrawdownFixed : null,
    daysStillNeeded: needed === null || !Number.isFinite(needed) ? null : Math.max(0, Math.ceil(needed - days)),
  };
}

type Outcome = JournalEventOf<'outcome'>;
type Ended = { readonly state: string; readonly contracts: number | null };

/** Sums, per kind of change, what the trader's number made against the recommended one on the planned trade. */
function overridesOf(outcomes: readonly Outcome[], ended: ReadonlyMap<string, Ended>): PerformanceHistory['overrides'] {
  const kinds = ['rejected', 'expired', 'increased', 'decreased'] as const;
  const sums = new Map(kinds.map((kind) => [kind, { count: 0, value: 0 }]));
  for (const outcome of outcomes) {
    const end = ended.get(outcome.recommendationId);
    if (end === undefined || outcome.suggested === 0) continue;
    const taken = end.contracts ?? 0;
    const isLarger = taken > outcome.suggested;
    // A proposal that the next signal replaced was let go as much as one that ran out.
    const state = end.state === 'superseded' ? 'expired' : end.state;
    const kind =
      state === 'rejected' || state === 'expired'
        ? state
        : state === 'overridden'
          ? isLarger
            ? 'increased'
            : 'decreased'
          : null;
    const sum = kind === null ? undefined : sums.get(kind);
    if (sum === undefined) continue;
    sum.count += 1;
    sum.value += (taken - outcome.suggested) * outcome.netPerContract;
  }
  return kinds.map((kind) => ({ kind, count: sums.get(kind)?.count ?? 0, value: money(sums.get(kind)?.value ?? 0) }));
}

export type HistoryInput = {
  readonly journal: Journal;
  readonly initialEquity: Money;
  readonly maxContracts: number;
  readonly scratchR: number;
  readonly maxHeat: number;
  /** Where one session day ends and the next begins. */
  readonly calendar: SessionCalendar;
  readonly from: EpochMs | null;
  readonly to: EpochMs | null;
};

const isWithin = (at: number, input: HistoryInput): boolean =>
  (input.from === null || at >= input.from) && (input.to === null || at <= input.to);

/** First equity mark of each session day of the range; later ones of a day only keep a peak. */
function sessionOpenings(input: HistoryInput): readonly EpochMs[] {
  const openings = new Map<string, EpochMs>();
  for (const { at } of input.journal.events({ kinds: ['equity'] })) {
    const day = sessionDay(at, input.calendar);
    if (!openings.has(day)) openings.set(day, epochMs(at));
  }
  return [...openings.values()].filter((at) => isWithin(at, input));
}

/** The books of a range begin in it, also where the first trade that closed in it was decided before. */
function startedWithin({ from }: HistoryInput, books: BooksInput): Books {
  const { points, fixedFraction } = threeBooks(books);
  return {
    fixedFraction,
    points: points.map((point) => (from !== null && point.at < from ? { ...point, at: from } : point)),
  };
}

/** Equity the range starts from: what had been realised before it. */
function startEquity(input: HistoryInput): Money {
  if (input.from === null) return input.initialEquity;
  const before = input.journal.trades({ exitBefore: input.from });
  return money(before.reduce<number>((sum, trade) => sum + trade.net, input.initialEquity));
}

/** Assembles the performance page from the journal: three books on the same decisions, statistics, verdict, overrides. */
export function performanceHistory(input: HistoryInput): PerformanceHistory {
  const { journal } = input;
  const outcomes: Outcome[] = [];
  for (const { event } of journal.events({ kinds: ['outcome'] }))
    if (isWithin(event.exitAt, input)) outcomes.push(event);
  const ended = new Map<string, Ended>();
  for (const { event } of journal.events({ kinds: ['recommendation'] })) {
    ended.set(event.recommendationId, { state: event.state, contracts: event.contracts });
  }
  const days = sessionOpenings(input);
  const trades = journal.trades({ order: 'oldest' }).filter((t) => isWithin(t.exitAt, input));
  const opportunities = takenByModel(
    outcomes.filter((o) => o.suggested > 0),
    { initialEquity: startEquity(input), maxHeat: input.maxHeat },
  );
  const books: Books = startedWithin(input, {
    initialEquity: startEquity(input),
    opportunities,
    executed: trades,
    maxContracts: input.maxContracts,
  });
  const last: EquityPoint | undefined = books.points.at(-1);
  const ends = last === undefined ? days : [...days.slice(1), epochMs(Math.max(last.at, days.at(-1) ?? last.at))];
  const returnsOf = (book: BookStatistics['book']): readonly number[] => dailyReturns(books.points, book, ends);
  const returns = { actual: returnsOf('actual'), model: returnsOf('model'), fixed: returnsOf('fixed') };
  const start = startEquity(input);
  const statistics = (['actual', 'model', 'fixed'] as const).map((book) =>
    bookStatistics(book, last?.[book] ?? start, returns[book]),
  );
  const r = trades.flatMap((t) => (t.r === null ? [] : [t.r]));
  return {
    from: books.points[0]?.at ?? null,
    to: last?.at ?? null,
    points: [...books.points],
    books: statistics,
    trades: tradeStatistics(r, input.scratchR),
    r,
    verdict: verdictOf(returns, {
      decisions: opportunities.length,
      fixedFraction: books.fixedFraction,
      sharpes: statistics.map((s) => s.sharpe.value),
    }),
    overrides: overridesOf(opportunities, ended),
  };
}
