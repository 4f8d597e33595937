import type { SessionCalendar } from '#shared/domain/instrument.ts';
import { isFrozenWhole } from '#shared/frozen.ts';
import { epochMs } from '#shared/units.ts';
import { sessionDay } from '#desk/engine/session.ts';
import type { JournalEventOf, StoredEvent } from '#desk/ports/events.ts';
import type { Journal, ProposalRow } from '#desk/ports/journal.ts';
import { createProposalWriter, type ProposalColumns } from './proposal-columns.ts';
import { createSignalWriter, type Signal, type SignalColumns } from './signal-columns.ts';
import type { Marks } from './tape.ts';
import { createIntern, createShared, gateOf } from './tape-snapshot.ts';

type Decided = StoredEvent<JournalEventOf<'decision'>>;

export type TapeRange = {
  /** Decisions from this time on; null: from the first. */
  readonly from: number | null;
  /** Strictly before; null: to the last. What closes later is not known. */
  readonly to: number | null;
};

/** Some decisions of a journal, one after the other, as a tape needs them: columns that a thread can hand on. */
export type DecisionPart = {
  /** All that were read, and those of the range. */
  readonly read: number;
  readonly decisions: number;
  /** When the last of the range was; null without one. */
  readonly lastAt: number | null;
  readonly signals: SignalColumns;
  /** Last prices by contract, at the times of the decisions before the range's end. */
  readonly quotes: ReadonlyMap<string, Marks>;
  /** Session days of the range with their first decision, and the calendar of the very first. */
  readonly opens: ReadonlyMap<string, number>;
  readonly calendar: SessionCalendar | null;
  readonly configs: ReadonlySet<string>;
  readonly proposals: ProposalColumns;
};

/** The signal of a decision; null when it did not stand, or could not be priced. */
function signalOf(stored: Decided): Signal | null {
  const { recommendationId: id, decision, entry, stop, snapshot } = stored.event;
  const { direction, winProbability, riskPerContract } = decision;
  if (direction === 0 || winProbability === null || riskPerContract === null || entry === null || stop === null) {
    return null;
  }
  return {
    ...{ id, at: epochMs(stored.at), direction, winProbability, riskPerContract, entry, stop },
    gate: gateOf(snapshot),
    snapshot,
    suggested: decision.contracts,
    isProposal: decision.contracts > 0,
  };
}

/** What `Journal.proposals` tells of a decision that is one; null for any other. */
function proposalOf({ at, event }: Decided): ProposalRow | null {
  const { recommendationId, decision, entry, snapshot } = event;
  const { status, direction, contracts, riskPerContract } = decision;
  if (status !== 'sized' && status !== 'evaluation') return null;
  if (direction === 0 || entry === null || riskPerContract === null) return null;
  const { symbol, tickValue, roundTurnFee } = snapshot.instrument;
  return { at, symbol, recommendationId, direction, contracts, entry, riskPerContract, tickValue, roundTurnFee };
}

type Part = { -readonly [K in 'read' | 'decisions' | 'lastAt' | 'calendar']: DecisionPart[K] } & {
  readonly signals: ReturnType<typeof createSignalWriter>;
  readonly opens: Map<string, number>;
  readonly configs: Set<string>;
  readonly proposals: ReturnType<typeof createProposalWriter>;
  readonly prices: Map<string, { readonly at: number[]; readonly price: number[] }>;
};

function takeQuote({ prices }: Part, { at, event: { snapshot } }: Decided): void {
  if (snapshot.quote === null) return;
  const { symbol } = snapshot.instrument;
  let known = prices.get(symbol);
  if (known === undefined) prices.set(symbol, (known = { at: [], price: [] }));
  known.at.push(at);
  known.price.push(snapshot.quote.last);
}

function take(part: Part, stored: Decided, { from, to }: TapeRange): void {
  part.read += 1;
  const proposal = proposalOf(stored);
  if (proposal !== null) part.proposals.add(proposal);
  const { at, event } = stored;
  if (at >= (to ?? Infinity)) return;
  takeQuote(part, stored);
  if (at < (from ?? 0)) return;
  const { calendar } = event.snapshot.instrument;
  part.decisions += 1;
  part.lastAt = at;
  part.calendar ??= calendar;
  part.configs.add(event.configVersion);
  const day = sessionDay(at, calendar);
  part.opens.set(day, Math.min(at, part.opens.get(day) ?? Infinity));
  const signal = signalOf(stored);
  if (signal !== null) part.signals.add(signal);
}

export type PartReader = (
  journal: Pick<Journal, 'events'>,
  /** Numbers of the events it looks through: after the first, up to the last. */
  piece: { readonly after: number; readonly until: number },
  onRead?: (read: number) => void,
) => DecisionPart;

/** Returns what reads pieces of a journal; what is equal in their snapshots is one and the same. */
export function createPartReader(range: TapeRange): PartReader {
  const known = createIntern();
  const shared = createShared(known);
  // Of what a journal shares there is not much; the rest is let go of, row after row.
  const intern = <T extends object>(value: T): T => (isFrozenWhole(value) ? shared(value) : known(value));
  return (journal, { after, until }, onRead = () => undefined) => {
    const part: Part = {
      ...{ read: 0, decisions: 0, lastAt: null, calendar: null, opens: new Map(), configs: new Set() },
      ...{ signals: createSignalWriter(intern), proposals: createProposalWriter(), prices: new Map() },
    };
    for (const stored of journal.events({ kinds: ['decision'], after, until })) {
      take(part, stored, range);
      onRead(part.read);
    }
    const { prices, signals, proposals, ...rest } = part;
    const columns = [...prices].map(([symbol, { at, price }]): [string, Marks] => [
      symbol,
      { at: Float64Array.from(at), price: Float64Array.from(price) },
    ]);
    return { ...rest, signals: signals.all(), proposals: proposals.all(), quotes: new Map(columns) };
  };
}
