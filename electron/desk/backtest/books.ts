import type { EquityPoint } from '#shared/domain/performance.ts';
import { money, type EpochMs, type Money } from '#shared/units.ts';

/** A recommendation with a size, and what its planned trade made per contract, net. */
export type Opportunity = {
  readonly symbol: string;
  readonly decidedAt: EpochMs;
  readonly exitAt: EpochMs;
  readonly suggested: number;
  readonly netPerContract: Money;
  readonly riskPerContract: Money;
};

/** A closed trade of the trader. */
export type Executed = { readonly exitAt: EpochMs; readonly net: Money };

export type BooksInput = {
  readonly initialEquity: Money;
  readonly opportunities: readonly Opportunity[];
  readonly executed: readonly Executed[];
  readonly maxContracts: number;
};

export type Books = {
  /** Equity of the three books after each exit, oldest first; the first point is the start. */
  readonly points: readonly EquityPoint[];
  /** Mean share of equity the model book put at risk: what the fixed book bets on every opportunity. */
  readonly fixedFraction: number;
};

/** One step in time. At the same instant entries come before exits: an exit then is not yet known. */
type Step = { readonly at: EpochMs; readonly order: 0 | 1; readonly run: () => void };

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
  for (const step of steps.sort(inTime)) step.run();
  return opportunities.length === 0 ? 0 : sum / opportunities.length;
}

/**
 * Keeps three books over the same opportunities: actual as the trader executed, model at the recommended size with the
 * planned stop and target, fixed at the model's mean fraction. Whole contracts, net of costs; a size uses only what had
 * closed strictly before its decision.
 * @returns points in time order; equity in money
 * @source quant.md 8.2 and 7.1 (primary benchmark)
 */
export function threeBooks(input: BooksInput): Books {
  const { initialEquity, opportunities, executed, maxContracts } = input;
  const fixedFraction = meanFraction(input);
  const start = Math.min(...opportunities.map((o) => o.decidedAt), ...executed.map((e) => e.exitAt));
  if (!Number.isFinite(start)) return { points: [], fixedFraction: 0 };
  const book = { actual: initialEquity, model: initialEquity, fixed: initialEquity };
  const points: EquityPoint[] = [{ at: start as EpochMs, ...book }];
  const mark = (at: EpochMs): void => {
    if (points.at(-1)?.at === at) points.pop();
    points.push({ at, ...book });
  };
  const steps: Step[] = executed.map((trade) => ({
    at: trade.exitAt,
    order: 1,
    run: () => {
      book.actual = money(book.actual + trade.net);
      mark(trade.exitAt);
    },
  }));
  for (const o of opportunities) {
    let fixedContracts = 0;
    steps.push(
      {
        at: o.decidedAt,
        order: 0,
        run: () => {
          const raw = Math.floor((fixedFraction * Math.max(0, book.fixed)) / o.riskPerContract + 1e-9);
          fixedContracts = Math.min(maxContracts, raw);
        },
      },
      {
        at: o.exitAt,
        order: 1,
        run: () => {
          book.model = money(book.model + o.suggested * o.netPerContract);
          book.fixed = money(book.fixed + fixedContracts * o.netPerContract);
          mark(o.exitAt);
        },
      },
    );
  }
  for (const step of steps.sort(inTime)) step.run();
  return { points, fixedFraction };
}

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
