import type { SessionCalendar } from '#shared/domain/instrument.ts';
import type { Trade } from '#shared/domain/order.ts';
import { money } from '#shared/units.ts';
import { sessionDay } from '#desk/engine/session.ts';
import type { JournalEventOf } from '#desk/ports/events.ts';
import type { Journal, OpenLot } from '#desk/ports/journal.ts';
import { createEndingWriter, type Ending } from './ending-columns.ts';
import { unpackTape, type PackedTape } from './packed-tape.ts';
import { proposalsOf } from './proposal-columns.ts';
import { readBooks, type ReadBooks } from './read-books.ts';
import { createPartReader, type DecisionPart, type TapeRange } from './read-decisions.ts';
import { lastConfigOf, termsOf, type SignalTerms } from './signal-columns.ts';
import type { Marks, Tape, TradePoint, WholeTape } from './tape.ts';
import { executedOutcome, plannedOutcome, sentContracts, wordsOf, type Words } from './words.ts';

type JournalReads = Pick<
  Journal,
  'events' | 'trades' | 'openLots' | 'orders' | 'fills' | 'bars' | 'lastSeq' | 'headHash'
> &
  Pick<Journal, 'decisionCount' | 'proposals'>;

const ALL = Number.MAX_SAFE_INTEGER;
const PROGRESS_EVERY = 250;

/** What was said and done about a signal. */
function endingOf(terms: SignalTerms, { ended, planned, executions }: Words): Ending {
  const { id } = terms;
  const word = ended.get(id);
  const executed = sentContracts(word?.event);
  const resolved = planned.get(id);
  return {
    executed,
    closedAt: word?.at ?? Infinity,
    outcome: executed > 0 ? executedOutcome(id, executed, executions) : plannedOutcome(terms, resolved),
    plan: resolved === undefined ? null : { exitAt: resolved.exitAt, net: resolved.netPerContract },
  };
}

/** The endings of all signals in their order; which of them were sent, and the last time anything of one is known. */
function endingsOf(parts: readonly DecisionPart[], words: Words) {
  const writer = createEndingWriter();
  const sent = new Set<string>();
  let lastAt = -Infinity;
  const note = (at: number): void => {
    if (at < Infinity) lastAt = Math.max(lastAt, at);
  };
  for (const { signals } of parts) {
    for (const terms of termsOf(signals)) {
      const ending = endingOf(terms, words);
      writer.add(ending);
      if (ending.executed > 0) sent.add(terms.id);
      note(ending.outcome.endsAt);
      for (const { entryAt } of ending.outcome.legs) note(entryAt);
    }
  }
  return { endings: writer.all(), sent, lastAt };
}

type Point = { readonly at: number; readonly price: number };

/** Last prices by contract, as one part after the other has them. */
function quotesOf(parts: readonly DecisionPart[]): ReadonlyMap<string, readonly Point[]> {
  const quotes = new Map<string, Point[]>();
  for (const part of parts) {
    for (const [symbol, { at: times, price: prices }] of part.quotes) {
      let points = quotes.get(symbol);
      if (points === undefined) quotes.set(symbol, (points = []));
      for (const [i, at] of times.entries()) points.push({ at, price: prices[i] ?? NaN });
    }
  }
  return quotes;
}

/** Prices by contract, in order of time: quotes of decisions at their time, closes of daily bars just after it. */
function marksOf(journal: JournalReads, parts: readonly DecisionPart[]): ReadonlyMap<string, Marks> {
  const made = new Map<string, Marks>();
  for (const [symbol, points] of quotesOf(parts)) {
    const bars = journal.bars({ symbol, timeframe: '1d', limit: ALL });
    const closes = bars.map(({ closeAt, close }): Point => ({ at: closeAt + 1, price: close }));
    const all = [...points, ...closes].sort((a, b) => a.at - b.at);
    made.set(symbol, { at: Float64Array.from(all, (p) => p.at), price: Float64Array.from(all, (p) => p.price) });
  }
  return made;
}

type Opens = Map<string, number>;

const openBy = (opens: Opens, day: string, at: number): void =>
  void opens.set(day, Math.min(at, opens.get(day) ?? Infinity));

/** The session days of a range and their first known moment: a decision, or the account marked. */
function daysOf(opens: Opens): Tape['days'] {
  const days = [...opens].sort((a, b) => a[1] - b[1]);
  return { names: days.map(([name]) => name), opensAt: Float64Array.from(days, ([, at]) => at) };
}

/** The first time the account held what no case of the range explains; ∞ when it never did. */
function foreignFrom(
  trades: readonly Trade[],
  lots: readonly OpenLot[],
  known: ReadonlySet<string>,
  from: number,
): number {
  const isForeign = (id: string | null): boolean => id === null || !known.has(id);
  const times = [
    ...trades
      .filter(({ exitAt, recommendationId }) => exitAt >= from && isForeign(recommendationId))
      .map((t) => t.entryAt),
    ...lots.filter(({ recommendationId }) => isForeign(recommendationId)).map(({ at }) => at),
  ];
  return times.reduce((first, at) => Math.min(first, at), Infinity);
}

/** What a tape needs of a journal beside its decisions. Own accounts only. */
export type TapeFacts = {
  readonly opened: JournalEventOf<'opened'>;
  /** Oldest first. */
  readonly trades: readonly Trade[];
  readonly words: Words;
};

/** Reads what was said and done about the decisions of a journal. */
export function readFacts(journal: JournalReads): TapeFacts {
  const [opened] = journal.events({ kinds: ['opened'], limit: 1 });
  if (opened === undefined) throw new Error('the journal has no first event');
  const trades = journal.trades({ order: 'oldest' });
  return { opened: opened.event, trades, words: wordsOf(journal, trades) };
}

/** Session days of a range by its decisions and by the marks of the account, and the time of the last of all of them. */
function openingsOf(
  journal: JournalReads,
  { from, to }: TapeRange,
  { parts, calendar }: { readonly parts: readonly DecisionPart[]; readonly calendar: SessionCalendar },
): { readonly opens: Opens; readonly lastAt: number } {
  const opens: Opens = new Map();
  let lastAt = 0;
  for (const part of parts) {
    lastAt = part.lastAt ?? lastAt;
    for (const [day, at] of part.opens) openBy(opens, day, at);
  }
  for (const { at } of journal.events({ kinds: ['equity'] })) {
    if (at < (from ?? 0) || at >= (to ?? Infinity)) continue;
    openBy(opens, sessionDay(at, calendar), at);
    lastAt = Math.max(lastAt, at);
  }
  return { opens, lastAt };
}

export type ReadParts = { readonly facts: TapeFacts; readonly parts: readonly DecisionPart[] };

/** What all trades that closed before a time made. */
const netBefore = (trades: readonly Trade[], at: number): number =>
  trades.reduce((sum, t) => (t.exitAt < at ? sum + t.net : sum), 0);

const calendarOf = (parts: readonly DecisionPart[]): SessionCalendar =>
  parts.find((part) => part.calendar !== null)?.calendar ?? 'always';

/**
 * Packs the tape of a range of what was read of a journal. It must not have changed meanwhile.
 * @param parts of all its decisions, in their order
 */
export function packTape(journal: JournalReads, range: TapeRange, { facts, parts }: ReadParts): PackedTape {
  const { opened, trades, words } = facts;
  const from = range.from ?? 0;
  const { endings, sent, lastAt: endedAt } = endingsOf(parts, words);
  const { opens, lastAt } = openingsOf(journal, range, { parts, calendar: calendarOf(parts) });
  const endAt = Math.min(range.to ?? Infinity, Math.max(endedAt, lastAt) + 1);
  const initialEquity = money(opened.initialEquity + (range.from === null ? 0 : netBefore(trades, from)));
  const lots = journal.openLots().flatMap(({ lots: open }) => open);
  return {
    ...{ profile: opened.profile, events: journal.lastSeq(), headHash: journal.headHash(), initialEquity, endAt },
    configVersions: [...new Set(parts.flatMap(({ configs }) => [...configs]))],
    signals: parts.map(({ signals }) => signals),
    endings,
    decisions: parts.reduce((sum, { decisions }) => sum + decisions, 0),
    trades: trades.map(({ exitAt, root, quantity, net, r }): TradePoint => ({ exitAt, root, quantity, net, r })),
    marks: marksOf(journal, parts),
    days: daysOf(opens),
    journalEquity: money(opened.initialEquity + netBefore(trades, endAt)),
    foreignAt: foreignFrom(trades, lots, sent, from),
  };
}

/** Reads what the three books of a packed tape are made of. */
export function booksOf(
  journal: JournalReads,
  range: TapeRange,
  { facts, parts, packed }: ReadParts & { readonly packed: PackedTape },
): ReadBooks {
  const { trades, words } = facts;
  const { initialEquity, endAt } = packed;
  const config = packed.signals.map(lastConfigOf).findLast((one) => one !== null);
  return readBooks(
    journal,
    { trades, words, proposals: parts.flatMap(({ proposals }) => proposalsOf(proposals)) },
    {
      ...{ from: range.from ?? -Infinity, until: endAt - 1, initialEquity, calendar: calendarOf(parts) },
      ...{ maxContracts: config?.maxContracts ?? 1, maxHeat: config?.maxHeat ?? 1 },
    },
  );
}

/**
 * Reads a journal, or a range of it, into a tape. The journal must not change meanwhile: hand in a view of one state.
 * Trades of before the range count in estimates, and their results in the equity it starts from.
 * Own accounts only.
 */
export function readTape(
  journal: JournalReads,
  range: TapeRange,
  onProgress: (done: number, total: number) => void = () => undefined,
): WholeTape {
  const facts = readFacts(journal);
  const total = journal.decisionCount();
  const part = createPartReader(range)(journal, { after: 0, until: Infinity }, (read) => {
    if (read % PROGRESS_EVERY === 0) onProgress(read, total);
  });
  onProgress(total, total);
  const read: ReadParts = { facts, parts: [part] };
  const packed = packTape(journal, range, read);
  return { ...unpackTape(packed), books: booksOf(journal, range, { ...read, packed }) };
}
