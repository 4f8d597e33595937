import type { Foregone, OverrideHistory } from '#shared/domain/performance-history.ts';
import { money, sumMoney, usdOf } from '#shared/units.ts';
import { overrideReport, type TakenTrade } from '#desk/backtest/overrides.ts';
import { executedOutcome, sentContracts, type Words } from '#desk/backtest/words.ts';
import { meanInterval } from '#desk/watch/mean-interval.ts';

const SEED = 1;

type Planned = NonNullable<ReturnType<Words['planned']['get']>>;
type Known = TakenTrade & { readonly state: string; readonly isMoved: boolean };

/** One recommendation as it was taken; null while it is not all known: unanswered, working or still open. */
function takenTrade(planned: Planned, { ended, executions }: Words): Known | null {
  const { recommendationId: id, suggested, netPerContract: planNet } = planned;
  const word = ended.get(id)?.event;
  if (word === undefined) return null;
  const sent = sentContracts(word);
  const base = { id, suggested, sent, planNet, state: word.state, isMoved: sent > 0 && word.plan !== undefined };
  if (sent === 0) return { ...base, filled: 0, actualNet: money(0) };
  const { filled, legs, endsAt } = executedOutcome(id, sent, executions);
  if (!Number.isFinite(endsAt)) return null;
  return { ...base, filled, actualNet: sumMoney(legs.map(({ net }) => net)) };
}

const FOREGONE: Readonly<Record<Foregone['kind'], readonly string[]>> = {
  rejected: ['rejected'],
  // A proposal that the next signal replaced was let go as much as one that ran out.
  expired: ['expired', 'superseded'],
};

function foregoneOf(trades: readonly Known[], kind: Foregone['kind']): Foregone {
  const values = trades
    .filter(({ state, suggested }) => suggested > 0 && FOREGONE[kind].includes(state))
    .map(({ suggested, planNet }) => money(suggested * planNet));
  return { kind, count: values.length, value: sumMoney(values), interval: meanInterval(values.map(usdOf)) };
}

/**
 * Returns what the trader's changes were worth, by the code of the backtest, and what was let go.
 * @param taken ids of the recommendations a book that follows every one would have taken, oldest first
 * @param isWithin whether the planned exit is in the range
 * @source quant.md 8.2
 */
export function overrideHistory(
  words: Words,
  taken: readonly string[],
  isWithin: (exitAt: number) => boolean,
): OverrideHistory {
  const sent = [...words.ended.values()].flatMap(({ event }) =>
    sentContracts(event) > 0 ? [event.recommendationId] : [],
  );
  const trades = [...new Set([...taken, ...sent])].flatMap((id) => {
    const planned = words.planned.get(id);
    const trade = planned === undefined || !isWithin(planned.exitAt) ? null : takenTrade(planned, words);
    return trade === null ? [] : [trade];
  });
  const moved = trades.filter(({ isMoved }) => isMoved);
  return {
    ...overrideReport(trades, SEED),
    foregone: [foregoneOf(trades, 'rejected'), foregoneOf(trades, 'expired')],
    moved: {
      count: moved.length,
      exitEffect: sumMoney(moved.map(({ actualNet, filled, planNet }) => money(actualNet - filled * planNet))),
    },
  };
}
