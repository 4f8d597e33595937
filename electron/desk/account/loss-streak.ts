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

const isScratch = ({ net, planned }: Result, scratchR: number): boolean =>
  planned === null || planned <= 0 ? net === 0 : Math.abs(net / planned) <= scratchR;

/**
 * Counts the losing trades that stand in a row at the end of a list. Round trips of one recommendation are one trade,
 * so that an exit in three fills is one loss. A win ends the row; a scratch neither counts nor ends it: it says nothing
 * of how trading goes. (The statistics of a finished period are another thing: there a scratch ends a streak.)
 * @param trades closed round trips, in any order
 * @param scratchR |R| at or below this is a scratch; without a planned risk only a net of exactly 0 is
 */
export function lossStreakOf(trades: readonly Trade[], scratchR: number): number {
  let streak = 0;
  for (const result of resultsOf(trades)) {
    if (isScratch(result, scratchR)) continue;
    streak = result.net < 0 ? streak + 1 : 0;
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
function closedOf(journal: Pick<Journal, 'openLots'>, trades: readonly Trade[]): readonly Trade[] {
  const open = new Set(journal.openLots().flatMap(({ lots }) => lots.map((lot) => lot.recommendationId)));
  return trades.filter((t) => t.recommendationId === null || !open.has(t.recommendationId));
}

/**
 * From which exit on trades still decide the count: from the last win on. No trade in parts lies on both sides: going back,
 * each that is met takes the beginning to its first exit. Null without a win: all of the day decides.
 * @param trades oldest first
 */
function decisiveFrom(trades: readonly Trade[], closed: readonly Trade[], scratchR: number): EpochMs | null {
  const win = resultsOf(closed).findLast((result) => result.net > 0 && !isScratch(result, scratchR));
  if (win === undefined) return null;
  const newestFirst = trades.toReversed();
  const firstExit = new Map(newestFirst.map((trade) => [keyOf(trade), trade.exitAt]));
  let from: number = win.exitAt;
  for (const trade of newestFirst) {
    if (trade.exitAt < from) break;
    from = Math.min(from, firstExit.get(keyOf(trade)) ?? from);
  }
  return epochMs(from);
}

/** A number that a text is told by, where taking another for it only costs time. */
function hashOf(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i += 1) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) & 0x3fff_ffff;
  return hash;
}

const earliest = (now: EpochMs): EpochMs => epochMs(now - LONGEST_DAY_MS);

/** What a count was made from: trades of the day closed at `from` or later, and which ones have some before. */
type Counted = {
  readonly of: string;
  readonly revision: number;
  readonly from: EpochMs;
  readonly before: Set<number>;
  /** Oldest first. */
  readonly trades: readonly Trade[];
};
type Since = Pick<Counted, 'from' | 'before' | 'trades'>;

/** Trades in order, those closed at `from` or later replaced by what is read of them now. */
function readAgain(trades: readonly Trade[], from: EpochMs, read: (from: EpochMs) => readonly Trade[]) {
  const kept = trades.findIndex(({ exitAt }) => exitAt >= from);
  return [...(kept === -1 ? trades : trades.slice(0, kept)), ...read(from)];
}

/**
 * Returns the count of own trades lost in a row in the session day that `now` is in. It is asked for after every fill, and
 * holds no more of the day than what stands since the last win; it reads what has changed of that, and all of the day
 * where that may not be enough.
 */
export function createLossStreak(
  journal: Pick<Journal, 'trades' | 'openLots' | 'tradeChanges'>,
): (parts: StreakParts) => number {
  let counted: Counted | null = null;
  const count = (parts: StreakParts, since: Since, key: Pick<Counted, 'of' | 'revision'>): number | null => {
    const { scratchR } = parts;
    const { trades } = since;
    if (trades.some((trade) => since.before.has(hashOf(keyOf(trade))))) return null;
    const closed = closedOf(journal, trades);
    const from = decisiveFrom(trades, closed, scratchR);
    // The win that was counted from may have contracts open again.
    if (from === null && since.before.size > 0) return null;
    const isBefore = ({ exitAt }: Trade): boolean => from !== null && exitAt < from;
    for (const trade of trades) if (isBefore(trade)) since.before.add(hashOf(keyOf(trade)));
    const held = trades.filter((trade) => !isBefore(trade));
    counted = { ...key, from: from ?? since.from, before: since.before, trades: held };
    return lossStreakOf(closed, scratchR);
  };
  return (parts) => {
    const of = `${sessionDay(parts.now, parts.calendar)} ${parts.scratchR}`;
    const known = counted?.of === of ? counted : null;
    const { revision, from: changed } = journal.tradeChanges(known?.revision ?? 0);
    const read = (from: EpochMs): readonly Trade[] => tradesOfDay(journal, parts, from);
    const holds = known !== null && (changed === null || changed >= known.from);
    if (holds) {
      const trades = changed === null ? known.trades : readAgain(known.trades, changed, read);
      const part = count(parts, { ...known, trades }, { of, revision });
      if (part !== null) return part;
    }
    const from = earliest(parts.now);
    return count(parts, { from, before: new Set(), trades: read(from) }, { of, revision }) ?? 0;
  };
}
