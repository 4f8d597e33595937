import type { SessionCalendar } from '#shared/domain/instrument.ts';
import type { Order, Trade } from '#shared/domain/order.ts';
import { epochMs, money } from '#shared/units.ts';
import { sessionDay } from '#desk/engine/session.ts';
import type { SizingSnapshot } from '#shared/domain/sizing.ts';
import type { JournalEventOf, StoredEvent } from '#desk/ports/events.ts';
import type { Journal, OpenLot } from '#desk/ports/journal.ts';
import { compact, createIntern, gateOf } from './tape-snapshot.ts';
import type { Case, CaseOutcome, Leg, Marks, Tape, TradePoint } from './tape.ts';

type JournalReads = Pick<Journal, 'events' | 'trades' | 'openLots' | 'orders' | 'bars' | 'lastSeq' | 'headHash'> &
  Pick<Journal, 'decisionCount'>;
type Decided = StoredEvent<JournalEventOf<'decision'>>;
type Ended = StoredEvent<JournalEventOf<'recommendation'>>;
type Planned = JournalEventOf<'outcome'>;

export type TapeRange = {
  /** Decisions from this time on; null: from the first. */
  readonly from: number | null;
  /** Strictly before; null: to the last. What closes later is not known. */
  readonly to: number | null;
};

const ALL = Number.MAX_SAFE_INTEGER;
const PROGRESS_EVERY = 250;

type Executions = {
  readonly trades: ReadonlyMap<string, readonly Trade[]>;
  readonly lots: ReadonlyMap<string, readonly OpenLot[]>;
  readonly entries: ReadonlyMap<string, Order>;
};

function grouped<T>(items: readonly T[], keyOf: (item: T) => string | null): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key === null) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

const CLOSED_UNFILLED: ReadonlySet<Order['life']> = new Set(['denied', 'canceled', 'expired', 'rejected']);

/** What became of a case the trader let through: its fills, or that it had none. */
export function executedOutcome(id: string, sent: number, { trades, lots, entries }: Executions): CaseOutcome {
  const own = trades.get(id) ?? [];
  const open = lots.get(id) ?? [];
  const parts = [
    ...own.map(({ quantity, entryPrice, entryAt }) => ({ quantity, price: entryPrice, at: entryAt })),
    ...open.map(({ quantity, price, at }) => ({ quantity, price, at })),
  ];
  const filled = parts.reduce((sum, { quantity }) => sum + quantity, 0);
  const order = entries.get(id);
  if (filled === 0) {
    const isOver = order === undefined || CLOSED_UNFILLED.has(order.life);
    const endsAt = isOver ? (order?.updatedAt ?? 0) : Infinity;
    return { source: 'missed', entryAt: Infinity, entryPrice: 0, endsAt, sent, filled, legs: [] };
  }
  const legs = own
    .map(({ exitAt, quantity, net }): Leg => ({ exitAt, quantity, net }))
    .sort((a, b) => a.exitAt - b.exitAt);
  return {
    source: 'executed',
    entryAt: Math.min(...parts.map(({ at }) => at)),
    entryPrice: parts.reduce((sum, { quantity, price }) => sum + quantity * price, 0) / filled,
    endsAt: open.length > 0 ? Infinity : (legs.at(-1)?.exitAt ?? Infinity),
    sent,
    filled,
    legs,
  };
}

function plannedOutcome(at: number, entry: number, planned: Planned | undefined): CaseOutcome {
  const base = { entryAt: at, entryPrice: entry, sent: 1, filled: 1 } as const;
  if (planned === undefined) return { ...base, source: 'unresolved', endsAt: Infinity, legs: [] };
  const { exitAt, netPerContract } = planned;
  return { ...base, source: 'shadow', endsAt: exitAt, legs: [{ exitAt, quantity: 1, net: netPerContract }] };
}

/** What was said and done about every recommendation, by its id. */
export type Words = {
  readonly ended: ReadonlyMap<string, Ended>;
  readonly planned: ReadonlyMap<string, Planned>;
  readonly executions: Executions;
};

/** Contracts the trader let through; 0 where a proposal was rejected, let go or never up for approval. */
export function sentContracts(word: Pick<Ended['event'], 'state' | 'contracts'> | undefined): number {
  return word?.state === 'approved' || word?.state === 'overridden' ? (word.contracts ?? 0) : 0;
}

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
    outcome: executed > 0 ? executedOutcome(id, executed, executions) : plannedOutcome(at, entry, resolved),
    plan: resolved === undefined ? null : { exitAt: resolved.exitAt, net: resolved.netPerContract },
  };
}

/** Reads the words; `trades` are all that closed. */
export function wordsOf(
  journal: Pick<JournalReads, 'events' | 'openLots' | 'orders'>,
  trades: readonly Trade[],
): Words {
  const ended = new Map<string, Ended>();
  const planned = new Map<string, Planned>();
  for (const stored of journal.events({ kinds: ['recommendation', 'outcome'] })) {
    const { event } = stored;
    if (event.kind === 'outcome') planned.set(event.recommendationId, event);
    else ended.set(event.recommendationId, { ...stored, event });
  }
  const lots = journal.openLots().flatMap(({ lots: open }) => open);
  const entries = journal.orders({}).filter(({ role }) => role === 'entry');
  return {
    ended,
    planned,
    executions: {
      trades: grouped(trades, ({ recommendationId }) => recommendationId),
      lots: grouped(lots, ({ recommendationId }) => recommendationId),
      entries: new Map(
        entries.flatMap((order) => (order.recommendationId === null ? [] : [[order.recommendationId, order]])),
      ),
    },
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
  decisions: number;
  last: number;
};

function readDecisions(
  journal: JournalReads,
  words: Words,
  { range, onProgress }: { readonly range: TapeRange; readonly onProgress: (done: number, total: number) => void },
): Read {
  const total = journal.decisionCount();
  const intern = createIntern();
  const read: Read = { cases: [], quotes: new Map(), moments: [], configs: new Set(), decisions: 0, last: 0 };
  let done = 0;
  for (const stored of journal.events({ kinds: ['decision'] })) {
    done += 1;
    if (done % PROGRESS_EVERY === 0) onProgress(done, total);
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
  const ends = read.cases.map(({ outcome }) => outcome.endsAt).filter(Number.isFinite);
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
  return {
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
