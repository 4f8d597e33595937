import type { EquityPoint } from '#shared/domain/performance.ts';
import type { BookId } from '#shared/domain/performance.ts';
import { epochMs, money, type EpochMs, type Money } from '#shared/units.ts';
import { createMarkedBook, knownPrices, type MarkedBook, type OpenPositions, type Position } from './marked-book.ts';
import type { Marks } from './tape.ts';

/** A recommendation with a size, and what its planned trade made per contract, net. */
export type Opportunity = {
  readonly symbol: string;
  readonly decidedAt: EpochMs;
  /** ∞ while the planned trade is not over. */
  readonly exitAt: number;
  /** One contract of it, to mark it while it is held; absent: it counts only once it is over. */
  readonly contract?: Position;
  readonly suggested: number;
  readonly netPerContract: Money;
  readonly riskPerContract: Money;
};

/** A part of a trade of the trader: what it made once closed, and what is marked while it is held. */
export type Executed = {
  /** ∞ while it is held. */
  readonly exitAt: number;
  readonly net: Money;
  readonly position?: Position;
};

export type BooksInput = {
  readonly initialEquity: Money;
  readonly opportunities: readonly Opportunity[];
  readonly executed: readonly Executed[];
  readonly maxContracts: number;
  /** Known prices by symbol, for marking what is held; absent: nothing has a price. */
  readonly marks?: ReadonlyMap<string, Marks>;
  /** Ends of the session days, oldest first: the books are marked there too. */
  readonly ends?: readonly EpochMs[];
};

export type Books = {
  /** Marked equity of the three books after each exit and at each end of a day, oldest first; first the start. */
  readonly points: readonly EquityPoint[];
  /** What each holds at the last point. */
  readonly open: Readonly<Record<BookId, OpenPositions>>;
  /** Mean share of equity the model book put at risk: what the fixed book bets on every opportunity. */
  readonly fixedFraction: number;
};

/** One step in time. At the same instant entries come before exits, which are not yet known then; marks come last. */
type Step = { readonly at: number; readonly order: 0 | 1 | 2; readonly run: () => void };

const inTime = (a: Step, b: Step): number => a.at - b.at || a.order - b.order;

/**
 * Returns the opportunities a book that follows every recommendation would have taken, by the desk's own rules: one
 * position a market at a time, and never more heat than the limit. A signal repeated every minute is one opportunity.
 * @param maxHeat share of the book's equity that may be at risk together
 */
export function takenByModel<O extends Opportunity>(
  opportunities: readonly O[],
  { initialEquity, maxHeat }: { readonly initialEquity: Money; readonly maxHeat: number },
): readonly O[] {
  const inOrder = [...opportunities].sort((a, b) => a.decidedAt - b.decidedAt || (a.symbol < b.symbol ? -1 : 1));
  const taken: O[] = [];
  let open: O[] = [];
  let equity: number = initialEquity;
  for (const opportunity of inOrder) {
    // What closes at this very instant is not known yet.
    const closed = open.filter((o) => o.exitAt < opportunity.decidedAt);
    equity += closed.reduce((sum, o) => sum + o.suggested * o.netPerContract, 0);
    open = open.filter((o) => o.exitAt >= opportunity.decidedAt);
    const risk = [...open, opportunity].reduce((sum, o) => sum + o.suggested * o.riskPerContract, 0);
    const isFree = open.every((o) => o.symbol !== opportunity.symbol);
    if (!isFree || risk > maxHeat * equity) continue;
    open.push(opportunity);
    taken.push(opportunity);
  }
  return taken;
}

/** Returns the mean share of equity at risk, each decision measured against the model book's equity at its time. */
function meanFraction({ initialEquity, opportunities }: BooksInput): number {
  let equity: number = initialEquity;
  let sum = 0;
  const steps = opportunities.flatMap<Step>((o) => [
    {
      at: o.decidedAt,
      order: 0,
      run: () => {
        if (equity > 0) sum += (o.suggested * o.riskPerContract) / equity;
      },
    },
    {
      at: o.exitAt,
      order: 1,
      run: () => {
        equity += o.suggested * o.netPerContract;
      },
    },
  ]);
  for (const step of steps.filter(({ at }) => Number.isFinite(at)).sort(inTime)) step.run();
  return opportunities.length === 0 ? 0 : sum / opportunities.length;
}

const NOTHING: OpenPositions = { contracts: 0, pnl: money(0), unpriced: [] };
/**
 * Keeps three books over the same opportunities: actual as the trader executed, model at the recommended size with the
 * planned stop and target, fixed at the model's mean fraction. Whole contracts, net of costs; a size uses only what had
 * closed strictly before its decision. What is held is marked at the last price known since it came in.
 * @returns points in time order; equity in money
 * @source quant.md 8.2 and 7.1 (primary benchmark)
 */
export function threeBooks(input: BooksInput): Books {
  const { initialEquity, opportunities, executed } = input;
  const fixedFraction = meanFraction(input);
  const starts = [...opportunities.map((o) => o.decidedAt), ...executed.map((e) => e.position?.at ?? e.exitAt)];
  const start = Math.min(...starts);
  if (!Number.isFinite(start))
    return { points: [], open: { actual: NOTHING, model: NOTHING, fixed: NOTHING }, fixedFraction: 0 };
  const open = () => createMarkedBook(initialEquity, knownPrices(input.marks ?? new Map()));
  const books: Record<BookId, MarkedBook> = { actual: open(), model: open(), fixed: open() };
  const points: EquityPoint[] = [];
  const mark = (at: number): void => {
    if (points.at(-1)?.at === at) points.pop();
    const [actual, model, fixed] = [books.actual.equity(at), books.model.equity(at), books.fixed.equity(at)];
    points.push({ at: epochMs(at), actual, model, fixed });
  };
  const ends = (input.ends ?? []).filter((at) => at > start);
  const steps = [
    ...executed.flatMap((trade) => executedSteps(books.actual, trade, mark)),
    ...opportunities.flatMap((o) =>
      opportunitySteps(books, o, { fixedFraction, maxContracts: input.maxContracts, mark }),
    ),
    ...ends.map((at): Step => ({ at, order: 2, run: () => mark(at) })),
  ];
  points.push({ at: epochMs(start), actual: initialEquity, model: initialEquity, fixed: initialEquity });
  for (const step of steps.filter(({ at }) => Number.isFinite(at)).sort(inTime)) step.run();
  const last = points.at(-1)?.at ?? start;
  return {
    points,
    open: { actual: books.actual.openAt(last), model: books.model.openAt(last), fixed: books.fixed.openAt(last) },
    fixedFraction,
  };
}

type Marking = (at: number) => void;

function executedSteps(book: MarkedBook, trade: Executed, mark: Marking): readonly Step[] {
  const { position, exitAt, net } = trade;
  const close = (): void => {
    book.close(trade, net);
    mark(exitAt);
  };
  const enter: Step[] =
    position === undefined ? [] : [{ at: position.at, order: 0, run: () => book.open(trade, position) }];
  return [...enter, { at: exitAt, order: 1, run: close }];
}

type Sizing = { readonly fixedFraction: number; readonly maxContracts: number; readonly mark: Marking };

/** One opportunity at the recommended size, and at the constant fraction of the fixed book. */
function opportunitySteps(
  { model, fixed }: Pick<Record<BookId, MarkedBook>, 'model' | 'fixed'>,
  o: Opportunity,
  { fixedFraction, maxContracts, mark }: Sizing,
): readonly Step[] {
  let fixedContracts = 0;
  const enter = (): void => {
    const raw = Math.floor((fixedFraction * Math.max(0, fixed.realised())) / o.riskPerContract + 1e-9);
    fixedContracts = Math.min(maxContracts, raw);
    if (o.contract === undefined) return;
    model.open(o, manyOf(o.contract, o.suggested));
    fixed.open(o, manyOf(o.contract, fixedContracts));
  };
  const close = (): void => {
    model.close(o, o.suggested * o.netPerContract);
    fixed.close(o, fixedContracts * o.netPerContract);
    mark(o.exitAt);
  };
  return [
    { at: o.decidedAt, order: 0, run: enter },
    { at: o.exitAt, order: 1, run: close },
  ];
}

const manyOf = (contract: Position, quantity: number): Position => ({
  ...contract,
  quantity,
  fee: money(quantity * contract.fee),
});

/**
 * Returns simple daily returns of one book over the given days, flat days included.
 * @param days   end of each day, oldest first
 * @param points in time order, the first at or before the first day
 */
export function dailyReturns(
  points: readonly EquityPoint[],
  book: 'actual' | 'model' | 'fixed',
  days: readonly EpochMs[],
): readonly number[] {
  let next = 0;
  let equity = points[0]?.[book] ?? money(1);
  const closes = days.map((day) => {
    for (let point = points[next]; point !== undefined && point.at <= day; point = points[next]) {
      equity = point[book];
      next += 1;
    }
    return equity;
  });
  const first = points[0]?.[book] ?? money(1);
  return closes.map((close, i) => {
    const before = i === 0 ? first : (closes[i - 1] ?? first);
    return before > 0 ? close / before - 1 : 0;
  });
}
