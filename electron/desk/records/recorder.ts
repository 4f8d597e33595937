import type { Instrument } from '#shared/domain/instrument.ts';
import type { Activity } from '#shared/domain/status.ts';
import type { Publish } from '#shared/contract/index.ts';
import { money } from '#shared/units.ts';
import { activityOf } from './activity.ts';
import type { Book, BookChanges } from '#desk/account/book.ts';
import type { Clock } from '#desk/ports/clock.ts';
import type { JournalEvent, JournalEventKind, StoredEvent } from '#desk/ports/events.ts';
import type { Durability, Journal } from '#desk/ports/journal.ts';

const ACTIVITY_KEPT = 200;
/** Newest events a start looks through for the feed. */
const EVENTS_RESTORED = 300;
const CHANGES_BOOK: ReadonlySet<JournalEventKind> = new Set([
  'intent',
  'order',
  'fill',
  'fill-correction',
  'import',
  'instrument',
]);

/** What events change of a book; undefined where they do not say. */
function changesOf(changed: readonly StoredEvent[]): BookChanges | undefined {
  const orders: string[] = [];
  const executed = new Set<string>();
  for (const { event } of changed) {
    if (event.kind === 'intent') orders.push(event.terms.clientOrderId);
    else if (event.kind === 'order') orders.push(event.clientOrderId);
    else if (event.kind !== 'fill') return undefined;
    else {
      executed.add(event.fill.symbol);
      if (event.fill.clientOrderId !== null) orders.push(event.fill.clientOrderId);
    }
  }
  return { orders, executed: [...executed] };
}

const CHANGES_MODELS: ReadonlySet<JournalEventKind> = new Set([
  'outcome',
  'model-version',
  'trading-state',
  'calibration',
]);

/** The one way to write: append, bring the book up to date, tell whoever listens. In that order. */
export interface Recorder {
  record(events: readonly JournalEvent[], durability?: Durability): readonly StoredEvent[];
  activity(): readonly Activity[];
  /** While quiet nothing is published: warm-up writes history, and screens fetch it whole when it is done. */
  setQuiet(isQuiet: boolean): void;
  publishPositions(): void;
}

export type RecorderParts = {
  readonly journal: Journal;
  readonly book: Book;
  readonly clock: Clock;
  readonly publish: Publish;
  readonly instrument: (symbol: string) => Instrument;
  readonly symbolOf: (recommendationId: string) => string | null;
};

/** Returns a recorder over a journal and its book. */
export function createRecorder({ journal, book, clock, publish, instrument, symbolOf }: RecorderParts): Recorder {
  const lines: Activity[] = [];
  let isQuiet = false;
  let tradeCount = journal.tradeCount({});
  let tradesSeen = journal.tradeChanges(0).revision;

  const vetoes = new Map<string, string>();
  /** A veto that only repeats the last one of its symbol is no news. */
  const isRepeated = (stored: StoredEvent): boolean => {
    if (stored.event.kind !== 'decision') return false;
    const { decision, snapshot } = stored.event;
    const symbol = snapshot.instrument.symbol;
    const before = vetoes.get(symbol);
    vetoes.set(symbol, decision.status);
    return decision.zero !== null && before === decision.status;
  };
  let counted = 0;
  const keep = (line: Omit<Activity, 'seq'>): void => {
    counted += 1;
    const numbered = { ...line, seq: counted };
    lines.unshift(numbered);
    if (lines.length > ACTIVITY_KEPT) lines.length = ACTIVITY_KEPT;
    if (!isQuiet) publish('activity.added', numbered);
  };
  const tellClosedTrades = (stored: StoredEvent): void => {
    const { revision, from } = journal.tradeChanges(tradesSeen);
    tradesSeen = revision;
    if (from === null) return;
    const count = journal.tradeCount({});
    if (count > tradeCount) {
      for (const trade of [...journal.trades({ limit: count - tradeCount })].reverse()) {
        keep({
          at: stored.at,
          kind: 'closed',
          symbol: trade.symbol,
          text: `${trade.direction > 0 ? 'long' : 'short'} ${trade.quantity}`,
          pnl: money(trade.net),
        });
      }
    }
    tradeCount = count;
  };
  const tellOrders = (stored: readonly StoredEvent[]): void => {
    const ids = new Set<string>();
    for (const { event } of stored) {
      if (event.kind === 'intent') ids.add(event.terms.clientOrderId);
      if (event.kind === 'order') ids.add(event.clientOrderId);
      if (event.kind === 'fill' && event.fill.clientOrderId !== null) ids.add(event.fill.clientOrderId);
      if (event.kind === 'fill-correction') {
        const { venue, account, execKey } = event.correction;
        const id = journal.fill(venue, account, execKey)?.clientOrderId ?? null;
        if (id !== null) ids.add(id);
      }
    }
    for (const id of ids) {
      const order = book.order(id);
      if (order !== null) publish('order.changed', order);
    }
  };
  const publishPositions = (): void => {
    if (!isQuiet) publish('positions.changed', [...book.positions()]);
  };

  const restore = (): void => {
    const kinds = [
      ...(['decision', 'recommendation', 'order', 'fill', 'trading-state', 'started', 'notice'] as const),
      ...(['breaker-tripped', 'breaker-rearmed', 'difference-resolved', 'kill', 'import'] as const),
    ];
    isQuiet = true;
    for (const stored of journal.events({ kinds, after: Math.max(0, journal.lastSeq() - EVENTS_RESTORED) })) {
      const line = activityOf(stored, { instrument, symbolOf, order: (id) => book.order(id) });
      if (line !== null && !isRepeated(stored)) keep(line);
    }
    isQuiet = false;
  };
  restore();

  return {
    record: (events, durability) => {
      const at = clock.now();
      for (const event of events) {
        if (event.kind === 'intent' && event.plannedRiskPerContract !== null) {
          book.setPlannedRisk(event.terms.clientOrderId, event.plannedRiskPerContract);
        }
      }
      const stored = journal.append(
        events.map((event) => ({ at, event })),
        durability,
      );
      const last = stored.at(-1);
      if (last === undefined) return stored;
      const changed = stored.filter(({ event }) => CHANGES_BOOK.has(event.kind));
      if (changed.length > 0) book.refresh(changesOf(changed));
      for (const one of stored) {
        const line = activityOf(one, { instrument, symbolOf, order: (id) => book.order(id) });
        if (line !== null && !isRepeated(one)) keep(line);
      }
      const hasFills = stored.some(({ event }) => event.kind === 'fill' || event.kind === 'fill-correction');
      if (hasFills) tellClosedTrades(last);
      if (!isQuiet) {
        tellOrders(stored);
        if (hasFills || stored.some(({ event }) => event.kind === 'order')) publishPositions();
        if (stored.some(({ event }) => CHANGES_MODELS.has(event.kind))) publish('models.changed', { at });
        publish('journal.changed', { events: last.seq, trades: tradeCount, headHash: journal.headHash() });
      }
      return stored;
    },
    activity: () => lines,
    setQuiet: (quiet) => {
      isQuiet = quiet;
    },
    publishPositions,
  };
}
