import type { SessionCalendar } from '#shared/domain/instrument.ts';
import type { Trade } from '#shared/domain/order.ts';
import { money } from '#shared/units.ts';
import { sessionDay } from '#desk/engine/session.ts';
import type { JournalEventOf } from '#desk/ports/events.ts';
import type { Journal, OpenLot } from '#desk/ports/journal.ts';
import { readBooks } from './read-books.ts';
import { createPartReader, type DecisionPart, type Stood, type TapeRange } from './read-decisions.ts';
import type { Case, Marks, Tape, TradePoint, WholeTape } from './tape.ts';
import { createShared, sharing } from './tape-snapshot.ts';
import { executedOutcome, plannedOutcome, sentContracts, wordsOf, type Words } from './words.ts';

type JournalReads = Pick<
  Journal,
  'events' | 'trades' | 'openLots' | 'orders' | 'fills' | 'bars' | 'lastSeq' | 'headHash'
> &
  Pick<Journal, 'decisionCount' | 'proposals'>;

const ALL = Number.MAX_SAFE_INTEGER;
const PROGRESS_EVERY = 250;

/** A signal with what was said and done about it. */
function caseOf({ entry, ...stood }: Stood, snapshot: Stood['snapshot'], words: Words): Case {
  const { ended, planned, executions } = words;
  const { id, at } = stood;
  const word = ended.get(id);
  const executed = sentContracts(word?.event);
  const resolved = planned.get(id);
  return {
    ...stood,
    ...{ snapshot, executed },
    closedAt: word?.at ?? Infinity,
    outcome:
      executed > 0 ? executedOutcome(id, executed, executions) : plannedOutcome({ at, entry, snapshot }, resolved),
    plan: resolved === undefined ? null : { exitAt: resolved.exitAt, net: resolved.netPerContract },
  };
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

/** The cases of all parts, by time. */
function casesOf(parts: readonly DecisionPart[], words: Words): readonly Case[] {
  const shared = createShared();
  const cases = parts.flatMap(({ stood }) => stood.map((one) => caseOf(one, sharing(one.snapshot, shared), words)));
  return cases.sort((a, b) => a.at - b.at);
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

/**
 * Makes the tape of a range of what was read of a journal. It must not have changed meanwhile.
 * @param parts of all its decisions, in their order
 */
export function tapeOf(
  journal: JournalReads,
  range: TapeRange,
  { facts, parts }: { readonly facts: TapeFacts; readonly parts: readonly DecisionPart[] },
): WholeTape {
  const { opened, trades, words } = facts;
  const cases = casesOf(parts, words);
  const from = range.from ?? 0;
  const calendar = parts.find((part) => part.calendar !== null)?.calendar ?? 'always';
  const { opens, lastAt } = openingsOf(journal, range, { parts, calendar });
  const ends = cases
    .flatMap(({ outcome }) => [outcome.endsAt, ...outcome.legs.map(({ entryAt }) => entryAt)])
    .filter(Number.isFinite);
  const endAt = Math.min(range.to ?? Infinity, ends.reduce((latest, at) => Math.max(latest, at), lastAt) + 1);
  const netBefore = (at: number): number => trades.reduce((sum, t) => (t.exitAt < at ? sum + t.net : sum), 0);
  const initialEquity = money(opened.initialEquity + (range.from === null ? 0 : netBefore(from)));
  const known = new Set(cases.filter(({ executed }) => executed > 0).map(({ id }) => id));
  const lots = journal.openLots().flatMap(({ lots: open }) => open);
  const config = parts.findLast(({ stood }) => stood.length > 0)?.stood.at(-1)?.snapshot.config;
  const books = readBooks(
    journal,
    { trades, words, proposals: parts.flatMap(({ proposals }) => proposals) },
    {
      ...{ from: range.from ?? -Infinity, until: endAt - 1, initialEquity, calendar },
      ...{ maxContracts: config?.maxContracts ?? 1, maxHeat: config?.maxHeat ?? 1 },
    },
  );
  return {
    books,
    ...{ profile: opened.profile, events: journal.lastSeq(), headHash: journal.headHash(), initialEquity, endAt },
    configVersions: [...new Set(parts.flatMap(({ configs }) => [...configs]))],
    cases,
    decisions: parts.reduce((sum, { decisions }) => sum + decisions, 0),
    trades: trades.map(({ exitAt, root, quantity, net, r }): TradePoint => ({ exitAt, root, quantity, net, r })),
    marks: marksOf(journal, parts),
    days: daysOf(opens),
    journalEquity: money(opened.initialEquity + netBefore(endAt)),
    foreignAt: foreignFrom(trades, lots, known, from),
  };
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
  return tapeOf(journal, range, { facts, parts: [part] });
}
