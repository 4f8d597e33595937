import type { SessionCalendar } from '#shared/domain/instrument.ts';
import type { Trade } from '#shared/domain/order.ts';
import { epochMs, money, type EpochMs, type Money } from '#shared/units.ts';
import { sessionDay } from '#desk/engine/session.ts';
import type { JournalEventOf } from '#desk/ports/events.ts';
import type { Journal, ProposalRow } from '#desk/ports/journal.ts';
import { takenByModel, type BooksInput, type Executed, type Opportunity } from './books.ts';
import type { Position } from './marked-book.ts';
import type { Marks } from './tape.ts';
import { createEntryFees, type Words } from './words.ts';

export type BookReads = Pick<Journal, 'events' | 'openLots' | 'bars' | 'proposals'>;

export type BooksQuestion = {
  /** Both ends in it, ms; ±∞ without an end. */
  readonly from: number;
  readonly until: number;
  /** Realised by then. */
  readonly initialEquity: Money;
  readonly maxContracts: number;
  readonly maxHeat: number;
  /** Where one session day ends and the next begins. */
  readonly calendar: SessionCalendar;
};

/** The three books of a range as they are reckoned and marked, live and replayed. */
export type ReadBooks = {
  readonly input: BooksInput;
  /** Session days of the range and when each ends. */
  readonly days: { readonly names: readonly string[]; readonly ends: readonly EpochMs[] };
  /** Ids of the recommendations a book that follows every one takes, oldest first. */
  readonly taken: readonly string[];
};

type Suggested = Opportunity & { readonly recommendationId: string };

const ALL = Number.MAX_SAFE_INTEGER;

/** One contract of a proposal, in at its planned price. */
const contractOf = ({ symbol, at, direction, entry, tickValue, roundTurnFee }: ProposalRow): Position => ({
  ...{ symbol, at, direction, quantity: 1, price: entry, tickValue },
  fee: money(Math.ceil(roundTurnFee / 2)),
});

/** Recommendations of a size whose planned trade ended in the range, or had not ended with it. */
function suggestedIn(
  rows: readonly ProposalRow[],
  { planned }: Words,
  { from, until }: BooksQuestion,
): readonly Suggested[] {
  const proposals = new Map(rows.map((row) => [row.recommendationId, row]));
  const isOver = ({ exitAt }: JournalEventOf<'outcome'>): boolean => exitAt <= until;
  const over = [...planned.values()].filter((o) => o.suggested > 0 && isOver(o) && o.exitAt >= from);
  const open = [...proposals.values()].filter(({ recommendationId: id, at }) => {
    const outcome = planned.get(id);
    return at <= until && (outcome === undefined || !isOver(outcome));
  });
  return [
    ...over.map(({ recommendationId, symbol, decidedAt, exitAt, suggested, netPerContract, riskPerContract }) => {
      const row = proposals.get(recommendationId);
      const contract = row === undefined ? {} : { contract: contractOf(row) };
      return { recommendationId, symbol, decidedAt, exitAt, suggested, netPerContract, riskPerContract, ...contract };
    }),
    ...open.map((row): Suggested => {
      const { recommendationId, symbol, contracts: suggested, riskPerContract } = row;
      const base = { recommendationId, symbol, decidedAt: row.at, exitAt: Infinity, suggested, riskPerContract };
      return { ...base, netPerContract: money(0), contract: contractOf(row) };
    }),
  ];
}

/** Parts of the trader's own trades that closed in the range, or were held at its end. */
function executedIn(
  journal: BookReads,
  { trades, words }: { readonly trades: readonly Trade[]; readonly words: Words },
  { from, until }: BooksQuestion,
): readonly Executed[] {
  const tickValues = new Map<string, Money>();
  for (const { event } of journal.events({ kinds: ['instrument'] })) {
    tickValues.set(event.instrument.symbol, event.instrument.tickValue);
  }
  const feeOf = createEntryFees(words.executions.all);
  const positionOf = (part: Omit<Position, 'fee' | 'tickValue'>): Position => ({
    ...part,
    fee: feeOf({ ...part, entryAt: part.at, entryPrice: part.price }),
    tickValue: tickValues.get(part.symbol) ?? money(0),
  });
  // Every part in the order of its exit, whatever the range: that is how the fills were used up.
  const closed = trades.map(({ symbol, entryAt, entryPrice, direction, quantity, exitAt, net }) => {
    const position = positionOf({ symbol, at: entryAt, price: entryPrice, direction, quantity });
    return exitAt <= until ? { exitAt, net, position } : { exitAt: Infinity, net: money(0), position };
  });
  const held = journal.openLots().flatMap(({ symbol, direction, lots }) =>
    lots.map(({ at, price, quantity }) => ({
      ...{ exitAt: Infinity, net: money(0) },
      position: positionOf({ symbol, at, price, direction, quantity }),
    })),
  );
  return [...closed, ...held].filter(({ exitAt, position }) => exitAt >= from && position.at <= until);
}

/** Closes of days, and the newest minute where its day is not over. Books decide nothing: a close counts at its time. */
function closesOf(journal: BookReads, symbols: ReadonlySet<string>, until: number): ReadonlyMap<string, Marks> {
  const limits = Number.isFinite(until) ? { until: epochMs(until) } : {};
  return new Map(
    [...symbols].map((symbol) => {
      const days = journal.bars({ symbol, timeframe: '1d', limit: ALL, ...limits });
      const minute = journal.bars({ symbol, timeframe: '1m', limit: 1, ...limits });
      const all = [...days, ...minute].sort((a, b) => a.closeAt - b.closeAt);
      return [symbol, { at: Float64Array.from(all, (b) => b.closeAt), price: Float64Array.from(all, (b) => b.close) }];
    }),
  );
}

function daysOf(journal: BookReads, { from, until, calendar }: BooksQuestion, last: number): ReadBooks['days'] {
  const openings = new Map<string, number>();
  for (const { at } of journal.events({ kinds: ['equity'] })) {
    const day = sessionDay(at, calendar);
    if (at >= from && at <= until && !openings.has(day)) openings.set(day, at);
  }
  const opens = [...openings.values()];
  const end = Math.max(last, ...opens.slice(-1));
  if (!Number.isFinite(end)) return { names: [], ends: [] };
  return {
    // A range without a mark still has the day of its last close.
    names: opens.length === 0 ? [sessionDay(epochMs(end), calendar)] : [...openings.keys()],
    ends: [...opens.slice(1).map((at) => epochMs(at - 1)), epochMs(end)],
  };
}

/**
 * Reads what the three books are made of: everything recommended with a size, and everything the trader did.
 * @param read all trades that closed, oldest first, the words of the journal, and its proposals where they are known
 */
export function readBooks(
  journal: BookReads,
  read: { readonly trades: readonly Trade[]; readonly words: Words; readonly proposals?: readonly ProposalRow[] },
  question: BooksQuestion,
): ReadBooks {
  const { initialEquity, maxHeat, maxContracts, from, until } = question;
  const suggested = takenByModel(suggestedIn(read.proposals ?? journal.proposals(), read.words, question), {
    initialEquity,
    maxHeat,
  });
  const done = executedIn(journal, read, question);
  const symbols = new Set([...suggested.map((o) => o.symbol), ...done.flatMap((e) => e.position?.symbol ?? [])]);
  const marks = closesOf(journal, symbols, until);
  const newestOf = (symbol: string | undefined): number => marks.get(symbol ?? '')?.at.at(-1) ?? -Infinity;
  /** What is still held belongs to a range in which it came in, or has a price. */
  const isIn = (exitAt: number, position: Position | undefined): boolean =>
    exitAt !== Infinity || (position?.at ?? -Infinity) >= from || newestOf(position?.symbol) >= from;
  const opportunities = suggested.filter(({ exitAt, contract }) => isIn(exitAt, contract));
  const executed = done.filter(({ exitAt, position }) => isIn(exitAt, position));
  const times = [
    ...opportunities.map(({ exitAt, symbol }) => (exitAt === Infinity ? newestOf(symbol) : exitAt)),
    ...executed.map(({ exitAt, position }) => (exitAt === Infinity ? newestOf(position?.symbol) : exitAt)),
  ];
  const last = times.filter((at) => at <= until).reduce((a, b) => Math.max(a, b), -Infinity);
  const days = daysOf(journal, question, last);
  return {
    input: { initialEquity, opportunities, executed, maxContracts, marks, ends: days.ends },
    days,
    taken: opportunities.map(({ recommendationId }) => recommendationId),
  };
}
