import type { SessionCalendar } from '#shared/domain/instrument.ts';
import type { Trade } from '#shared/domain/order.ts';
import { epochMs, type EpochMs } from '#shared/units.ts';
import { sessionDay } from '#desk/engine/session.ts';
import type { Journal } from '#desk/ports/journal.ts';

const DAY_MS = 86_400_000;
/** Longer than any session day: a weekend with holidays on both sides. */
const LONGEST_DAY_MS = 6 * DAY_MS;

/** All round trips of one decision to trade, or of one entry where nothing was recommended. */
type Result = { net: number; planned: number | null; exitAt: number; id: string };

const keyOf = ({ account, symbol, entryAt, recommendationId }: Trade): string =>
  recommendationId ?? `${account}|${symbol}|${entryAt}`;

/** Round trips gathered to the trades a trader would count, in the order they were closed. */
function resultsOf(trades: readonly Trade[]): readonly Result[] {
  const results = new Map<string, Result>();
  for (const trade of trades) {
    const key = keyOf(trade);
    const known = results.get(key);
    const planned = trade.plannedRisk;
    if (known === undefined) {
      results.set(key, { net: trade.net, planned, exitAt: trade.exitAt, id: trade.id });
      continue;
    }
    known.net += trade.net;
    known.planned = known.planned === null || planned === null ? null : known.planned + planned;
    known.exitAt = Math.max(known.exitAt, trade.exitAt);
  }
  return [...results.values()].sort((a, b) => a.exitAt - b.exitAt || (a.id < b.id ? -1 : 1));
}

/**
 * Counts the losing trades that stand in a row at the end of a list. Round trips of one recommendation are one trade,
 * so that an exit in three fills is one loss. A win ends the row; a scratch neither counts nor ends it: it says nothing
 * of how trading goes. (The statistics of a finished period are another thing: there a scratch ends a streak.)
 * @param trades closed round trips, in any order
 * @param scratchR |R| at or below this is a scratch; without a planned risk only a net of exactly 0 is
 */
export function lossStreakOf(trades: readonly Trade[], scratchR: number): number {
  let streak = 0;
  for (const { net, planned } of resultsOf(trades)) {
    const isScratch = planned === null || planned <= 0 ? net === 0 : Math.abs(net / planned) <= scratchR;
    if (isScratch) continue;
    streak = net < 0 ? streak + 1 : 0;
  }
  return streak;
}

type StreakParts = {
  readonly calendar: SessionCalendar;
  readonly scratchR: number;
  readonly now: EpochMs;
};

/** Own trades of the session day that `now` is in, closed at `from` or later, oldest first. */
function tradesOfDay(
  journal: Pick<Journal, 'trades'>,
  { calendar, now }: StreakParts,
  from: EpochMs,
): readonly Trade[] {
  const today = sessionDay(now, calendar);
  return journal
    .trades({ exitFrom: from, order: 'oldest' })
    .filter(({ exitAt }) => sessionDay(exitAt, calendar) === today);
}

/** A trade counts once it is closed whole: what still has contracts open has not been lost yet. */
function streakOf(journal: Pick<Journal, 'openLots'>, trades: readonly Trade[], scratchR: number): number {
  const open = new Set(journal.openLots().flatMap(({ lots }) => lots.map((lot) => lot.recommendationId)));
  return lossStreakOf(
    trades.filter((t) => t.recommendationId === null || !open.has(t.recommendationId)),
    scratchR,
  );
}

const earliest = (now: EpochMs): EpochMs => epochMs(now - LONGEST_DAY_MS);

/**
 * Returns the count of own trades lost in a row in the session day that `now` is in. It is asked for after every fill: the
 * day's trades are held, and only those that may have changed are read again.
 */
export function createLossStreak(
  journal: Pick<Journal, 'trades' | 'openLots' | 'tradeChanges'>,
): (parts: StreakParts) => number {
  let held: { readonly day: string; readonly revision: number; readonly trades: readonly Trade[] } | null = null;
  return (parts) => {
    const day = sessionDay(parts.now, parts.calendar);
    const known = held?.day === day ? held : null;
    const { revision, from } = journal.tradeChanges(known?.revision ?? 0);
    const since = epochMs(Math.max(from ?? 0, earliest(parts.now)));
    const kept = known?.trades.filter(({ exitAt }) => exitAt < since) ?? [];
    const trades = known !== null && from === null ? known.trades : [...kept, ...tradesOfDay(journal, parts, since)];
    held = { day, revision, trades };
    return streakOf(journal, trades, parts.scratchR);
  };
}
