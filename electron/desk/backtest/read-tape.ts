import type { SessionCalendar } from '#shared/domain/instrument.ts';
import type { Trade } from '#shared/domain/order.ts';
import { epochMs, money } from '#shared/units.ts';
import { sessionDay } from '#desk/engine/session.ts';
import type { SizingSnapshot } from '#shared/domain/sizing.ts';
import type { JournalEventOf, StoredEvent } from '#desk/ports/events.ts';
import type { Journal, OpenLot, ProposalRow } from '#desk/ports/journal.ts';
import { compact, createIntern, gateOf } from './tape-snapshot.ts';
import { readBooks } from './read-books.ts';
import type { Case, Marks, Tape, TradePoint } from './tape.ts';
import { executedOutcome, plannedOutcome, sentContracts, wordsOf, type Words } from './words.ts';

type JournalReads = Pick<
  Journal,
  'events' | 'trades' | 'openLots' | 'orders' | 'fills' | 'bars' | 'lastSeq' | 'headHash'
> &
  Pick<Journal, 'decisionCount' | 'proposals'>;
type Decided = StoredEvent<JournalEventOf<'decision'>>;

export type TapeRange = {
  /** Decisions from this time on; null: from the first. */
  readonly from: number | null;
  /** Strictly before; null: to the last. What closes later is not known. */
  readonly to: number | null;
};

const ALL = Number.MAX_SAFE_INTEGER;
const PROGRESS_EVERY = 250;

/** The case of a decision; null when its signal did not stand, or could not be priced. */
function caseOf(stored: Decided, snapshot: SizingSnapshot, { ended, planned, executions }: Words): Case | null {
  const { recommendationId: id, decision, entry, stop } = stored.event;
  const { direction, winProbability, riskPerContract } = decision;
  if (direction === 0 || winProbability === null || riskPerContract === null || entry === null || stop === null) {
    return null;
  }
  const word = ended.get(id);
  const executed = sentContracts(word?.event);
  const at = epochMs(stored.at);
  const resolved = planned.get(id);
  return {
    ...{ id, at, direction, winProbability, riskPerContract, stop, executed, snapshot },
    gate: gateOf(stored.event.snapshot),
    suggested: decision.contracts,
    closedAt: word?.at ?? Infinity,
    isProposal: decision.contracts > 0,
    outcome: executed > 0 ? executedOutcome(id, executed, executions) : plannedOutcome(stored, resolved),
    plan: resolved === undefined ? null : { exitAt: resolved.exitAt, net: resolved.netPerContract },
  };
}

/** Prices by contract, in order of time: quotes of decisions at their time, closes of daily bars just after it. */
function marksOf(journal: JournalReads, quotes: ReadonlyMap<string, readonly Point[]>): ReadonlyMap<string, Marks> {
  const made = new Map<string, Marks>();
  for (const [symbol, points] of quotes) {
    const bars = journal.bars({ symbol, timeframe: '1d', limit: ALL });
    const closes = bars.map(({ closeAt, close }): Point => ({ at: closeAt + 1, price: close }));
    const all = [...points, ...closes].sort((a, b) => a.at - b.at);
    made.set(symbol, { at: Float64Array.from(all, (p) => p.at), price: Float64Array.from(all, (p) => p.price) });
  }
  return made;
}

type Point = { readonly at: number; readonly price: number };

/** The session days of a range and their first known moment: a decision, or the account marked. */
function daysOf(moments: readonly { readonly at: number; readonly calendar: SessionCalendar }[]): Tape['days'] {
  const opens = new Map<string, number>();
  for (const { at, calendar } of moments) {
    const day = sessionDay(epochMs(at), calendar);
    opens.set(day, Math.min(at, opens.get(day) ?? Infinity));
  }
  const days = [...opens].sort((a, b) => a[1] - b[1]);
  return { names: days.map(([name]) => name), opensAt: Float64Array.from(days, ([, at]) => at) };
}

type Read = {
  readonly cases: Case[];
  readonly quotes: Map<string, Point[]>;
  readonly moments: { at: number; calendar: SessionCalendar }[];
  readonly configs: Set<string>;
  readonly proposals: ProposalRow[];
  decisions: number;
  last: number;
};

/** What `Journal.proposals` tells of a decision that is one; null for any other. */
function proposalOf({ at, event }: Decided): ProposalRow | null {
  const { recommendationId, decision, entry, snapshot } = event;
  const { status, direction, contracts, riskPerContract } = decision;
  if (status !== 'sized' && status !== 'evaluation') return null;
  if (direction === 0 || entry === null || riskPerContract === null) return null;
  const { symbol, tickValue, roundTurnFee } = snapshot.instrument;
  return { at, symbol, recommendationId, direction, contracts, entry, riskPerContract, tickValue, roundTurnFee };
}

function readDecisions(
  journal: JournalReads,
  words: Words,
  { range, onProgress }: { readonly range: TapeRange; readonly onProgress: (done: number, total: number) => void },
): Read {
  const total = journal.decisionCount();
  const intern = createIntern();
  const read: Read = {
    ...{ cases: [], quotes: new Map(), moments: [], configs: new Set(), proposals: [] },
    ...{ decisions: 0, last: 0 },
  };
  let done = 0;
  for (const stored of journal.events({ kinds: ['decision'] })) {
    done += 1;
    if (done % PROGRESS_EVERY === 0) onProgress(done, total);
    const proposal = proposalOf(stored);
    if (proposal !== null) read.proposals.push(proposal);
    if (stored.at >= (range.to ?? Infinity)) continue;
    const { snapshot, configVersion } = stored.event;
    const { symbol, calendar } = snapshot.instrument;
    if (snapshot.quote !== null) {
      const points = read.quotes.get(symbol);
      const point = { at: stored.at, price: snapshot.quote.last };
      if (points === undefined) read.quotes.set(symbol, [point]);
      else points.push(point);
    }
    if (stored.at < (range.from ?? 0)) continue;
    read.decisions += 1;
    read.last = stored.at;
    read.configs.add(configVersion);
    read.moments.push({ at: stored.at, calendar });
    const item = caseOf(stored, compact(snapshot, intern), words);
    if (item !== null) read.cases.push(item);
  }
  onProgress(total, total);
  return read;
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

/**
 * Reads a journal, or a range of it, into a tape. The journal must not change meanwhile: hand in a view of one state.
 * Trades of before the range count in estimates, and their results in the equity it starts from.
 * Own accounts only.
 */
export function readTape(
  journal: JournalReads,
  range: TapeRange,
  onProgress: (done: number, total: number) => void = () => undefined,
): Tape {
  const [opened] = journal.events({ kinds: ['opened'], limit: 1 });
  if (opened === undefined) throw new Error('the journal has no first event');
  const trades = journal.trades({ order: 'oldest' });
  const words = wordsOf(journal, trades);
  const read = readDecisions(journal, words, { range, onProgress });
  const from = range.from ?? 0;
  const calendar = read.moments[0]?.calendar ?? 'always';
  const ends = read.cases
    .flatMap(({ outcome }) => [outcome.endsAt, ...outcome.legs.map(({ entryAt }) => entryAt)])
    .filter(Number.isFinite);
  let lastAt = ends.reduce((latest, at) => Math.max(latest, at), read.last);
  for (const { at } of journal.events({ kinds: ['equity'] })) {
    if (at < from || at >= (range.to ?? Infinity)) continue;
    read.moments.push({ at, calendar });
    lastAt = Math.max(lastAt, at);
  }
  const endAt = Math.min(range.to ?? Infinity, lastAt + 1);
  const netBefore = (at: number): number => trades.reduce((sum, t) => (t.exitAt < at ? sum + t.net : sum), 0);
  const initialEquity = money(opened.event.initialEquity + (range.from === null ? 0 : netBefore(from)));
  const known = new Set(read.cases.filter(({ executed }) => executed > 0).map(({ id }) => id));
  const lots = journal.openLots().flatMap(({ lots: open }) => open);
  const config = read.cases.at(-1)?.snapshot.config;
  const books = readBooks(
    journal,
    { trades, words, proposals: read.proposals },
    {
      ...{ from: range.from ?? -Infinity, until: endAt - 1, initialEquity, calendar },
      ...{ maxContracts: config?.maxContracts ?? 1, maxHeat: config?.maxHeat ?? 1 },
    },
  );
  return {
    books,
    ...{ profile: opened.event.profile, events: journal.lastSeq(), headHash: journal.headHash(), initialEquity, endAt },
    configVersions: [...read.configs],
    cases: read.cases.sort((a, b) => a.at - b.at),
    decisions: read.decisions,
    trades: trades.map(({ exitAt, root, quantity, net, r }): TradePoint => ({ exitAt, root, quantity, net, r })),
    marks: marksOf(journal, read.quotes),
    days: daysOf(read.moments),
    journalEquity: money(opened.event.initialEquity + netBefore(endAt)),
    foreignAt: foreignFrom(trades, lots, known, from),
  };
}
