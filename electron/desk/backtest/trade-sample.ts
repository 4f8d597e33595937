import type { Bet } from '#shared/domain/monte-carlo.ts';
import type { Trade } from '#shared/domain/order.ts';
import type { Walk } from './walk.ts';
import type { Tape } from './tape.ts';

/** One closed trade as a simulation draws it. Amounts are money. */
export type SampledTrade = {
  readonly exitAt: number;
  readonly net: number;
  /** Equity it was taken on. */
  readonly equity: number;
  /** Net over planned risk; null when it had no plan. */
  readonly r: number | null;
};

type Range = { readonly from: number | null; readonly to: number | null };

const byExit = (a: SampledTrade, b: SampledTrade): number => a.exitAt - b.exitAt;

/** Parts of one entry that left at different times are one trade: drawn apart they would hide how far it could fall. */
function wholeTrades(rows: readonly Trade[]): readonly (readonly Trade[])[] {
  const whole = new Map<string, Trade[]>();
  for (const row of rows) {
    const key = row.recommendationId === null ? `row ${row.id}` : `recommendation ${row.recommendationId}`;
    const parts = whole.get(key);
    if (parts === undefined) whole.set(key, [row]);
    else parts.push(row);
  }
  return [...whole.values()];
}

function wholeTrade(parts: readonly Trade[], equityBefore: (at: number) => number): SampledTrade {
  const net = parts.reduce((sum, part) => sum + part.net, 0);
  const risks = parts.map(({ plannedRisk }) => plannedRisk ?? Number.NaN);
  const risk = risks.reduce((sum, one) => sum + one, 0);
  return {
    exitAt: Math.max(...parts.map(({ exitAt }) => exitAt)),
    net,
    equity: equityBefore(Math.min(...parts.map(({ entryAt }) => entryAt))),
    r: risk > 0 ? net / risk : null,
  };
}

/**
 * The account's own trades, whole, in order of their last exit, on the equity that was realised before they were entered.
 * @param rows all own closed trades, oldest exit first
 * @param range of last exits; `to` exclusive
 */
export function journalSample(rows: readonly Trade[], initialEquity: number, { from, to }: Range): SampledTrade[] {
  const sums = new Float64Array(rows.length + 1);
  rows.forEach(({ net }, i) => (sums[i + 1] = (sums[i] ?? 0) + net));
  const equityBefore = (at: number): number => {
    let [low, high] = [0, rows.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((rows[middle]?.exitAt ?? Infinity) < at) low = middle + 1;
      else high = middle;
    }
    return initialEquity + (sums[low] ?? 0);
  };
  return wholeTrades(rows)
    .map((parts) => wholeTrade(parts, equityBefore))
    .filter(({ exitAt }) => exitAt >= (from ?? -Infinity) && exitAt < (to ?? Infinity))
    .sort(byExit);
}

/** The trades a policy closed on a tape, in order of their exit. */
export function walkSample({ cases }: Tape, walk: Walk): SampledTrade[] {
  return cases
    .flatMap(({ riskPerContract }, i): SampledTrade[] => {
      const [filled, net] = [walk.filled[i] ?? 0, walk.net[i] ?? Number.NaN];
      if (filled === 0 || Number.isNaN(net)) return [];
      return [{ exitAt: walk.exitAt[i] ?? 0, net, equity: walk.equity[i] ?? 0, r: net / (filled * riskPerContract) }];
    })
    .sort(byExit);
}

/** Columns of a policy's decisions in a stored run, in the order of its opportunities. */
export type DecisionColumns = {
  readonly contracts: readonly number[];
  /** Absent in runs of before it was kept: then all that was taken counts as filled. */
  readonly filled?: readonly number[] | undefined;
  readonly equity: readonly number[];
  readonly riskFraction: readonly number[];
  readonly net: readonly (number | null)[];
  readonly exitAt: readonly (number | null)[];
};

/** The trades a policy closed in a stored run, in order of their exit. */
export function storedSample({ contracts, filled = contracts, ...columns }: DecisionColumns): SampledTrade[] {
  return contracts
    .flatMap((taken, i): SampledTrade[] => {
      const [own, net, exitAt] = [filled[i] ?? 0, columns.net[i] ?? null, columns.exitAt[i] ?? null];
      if (taken === 0 || own === 0 || net === null || exitAt === null) return [];
      const equity = columns.equity[i] ?? 0;
      const risk = ((columns.riskFraction[i] ?? 0) * equity * own) / taken;
      return [{ exitAt, net, equity, r: risk > 0 ? net / risk : null }];
    })
    .sort(byExit);
}

/** What each trade does to wealth under a bet, with the trades that cannot be drawn left out. */
export type Outcomes = {
  readonly outcomes: Float64Array;
  readonly used: readonly SampledTrade[];
  readonly isCompounded: boolean;
};

/** Returns the change of wealth by trade: a share of wealth where it compounds, of the start where it does not. */
export function outcomesOf(trades: readonly SampledTrade[], bet: Bet): Outcomes {
  const isUsed = ({ r, equity }: SampledTrade): boolean => (bet.kind === 'as-taken' ? equity > 0 : r !== null);
  const used = trades.filter(isUsed);
  const outcomes = Float64Array.from(used, ({ net, equity, r }) =>
    bet.kind === 'as-taken' ? net / equity : bet.fraction * (r ?? 0),
  );
  return { outcomes, used, isCompounded: bet.kind !== 'fixed' };
}
