import type { Instrument } from '#shared/domain/instrument.ts';
import { isTerminal } from '#shared/domain/order-life.ts';
import type { Fill, FillCorrection, Order } from '#shared/domain/order.ts';
import { money, ticks, type EpochMs, type Money } from '#shared/units.ts';
import type { JournalEvent } from '#desk/ports/events.ts';
import type { ExecutionContext } from './context.ts';

const INFERRED = 'inf|';
const ADJUSTED = 'adj|';
/** Ends the key of an execution that was booked for nobody, and was then found to belong to an order. */
const LINKED = '|linked';

/** Says whether the desk worked an execution out from the venue's count, because the venue did not tell it. */
export const isInferred = (fill: Pick<Fill, 'execKey'>): boolean => fill.execKey.startsWith(INFERRED);
/** Says whether an execution stands for a position the trader took over from the venue. */
export const isAdjustment = (fill: Pick<Fill, 'execKey'>): boolean => fill.execKey.startsWith(ADJUSTED);

export const adjustmentKey = (parts: readonly (string | number)[]): string => `${ADJUSTED}${parts.join('|')}`;

/** Says whether two words on one execution agree on what it did to the position. */
export const isSameExecution = (a: Fill, b: Pick<Fill, 'direction' | 'quantity' | 'price'>): boolean =>
  a.direction === b.direction && a.quantity === b.quantity && a.price === b.price;

export type Inference = {
  readonly order: Order;
  readonly venueOrderId: string;
  /** The venue's count, and its mean price in ticks where it says one. */
  readonly cum: number;
  readonly averagePrice: number | null;
  /** What stands for the price when the venue states none. */
  readonly lastPrice: number | null;
  readonly venue: string;
  readonly at: EpochMs;
  /** What stands for the fee, which the venue has not told. */
  readonly fee: (quantity: number) => Money;
};

/** Half a round turn per contract, rounded up: a fee that is not known is not nothing. */
export const assumedFee = (instrument: Pick<Instrument, 'roundTurnFee'>, quantity: number): Money =>
  money(Math.ceil(instrument.roundTurnFee / 2) * quantity);

/**
 * Returns the execution that must have happened when the venue counts more as filled than it told; null when there is
 * no price to book it at. Its key is the same however often it is worked out.
 * @source protocols.md 6.5
 */
export function inferredFill(inference: Inference): Fill | null {
  const { order, cum, averagePrice, venueOrderId, at } = inference;
  const quantity = cum - order.filled;
  const before = (order.averagePrice ?? 0) * order.filled;
  const price = averagePrice === null ? (inference.lastPrice ?? order.price) : (averagePrice * cum - before) / quantity;
  if (quantity <= 0 || price === null) return null;
  return {
    execKey: `${INFERRED}${venueOrderId}|${cum}`,
    venue: inference.venue,
    account: order.account,
    clientOrderId: order.clientOrderId,
    symbol: order.symbol,
    direction: order.direction,
    quantity,
    price: ticks(Math.round(price)),
    fee: inference.fee(quantity),
    at,
    receivedAt: at,
  };
}

/**
 * Returns what takes inferred executions back as far as a real one covers them, to be journaled together with it.
 * @param open the executions of the order as they stand, corrections applied
 * @param versionOf how often an execution was corrected already
 */
export function coverInferred(
  real: Fill,
  open: readonly Fill[],
  versionOf: (execKey: string) => number,
): readonly JournalEvent[] {
  let left = real.quantity;
  const events: JournalEvent[] = [];
  for (const inferred of open.filter((fill) => isInferred(fill) && fill.clientOrderId === real.clientOrderId)) {
    if (left <= 0) break;
    const { venue, account, execKey, direction, price, fee, at } = inferred;
    const quantity = inferred.quantity - left;
    events.push({
      kind: 'fill-correction',
      correction: {
        ...{ venue, account, execKey, version: versionOf(execKey) + 1 },
        corrected: quantity > 0 ? { direction, quantity, price, fee, at } : null,
        reason: `the broker told execution ${real.execKey}`,
      },
    });
    left -= inferred.quantity;
  }
  return events;
}

/** Says what is odd about a fill, given the order before and after it; null when it is what was sent for. */
export function oddityOf(fill: Fill, before: Order | null, after: Order | null): string | null {
  const what = `${fill.symbol} ${fill.direction > 0 ? '+' : '−'}${fill.quantity}`;
  if (after === null) return `${what} was filled for an order this desk did not send`;
  if (after.filled > after.quantity) return `${what} was filled beyond the ${after.quantity} ordered`;
  if (before !== null && isTerminal(before)) return `${what} was filled after its order was ${before.life}`;
  return null;
}

/** What a venue calls an execution by. */
type FillKey = Pick<Fill, 'venue' | 'account' | 'execKey'>;

/** What booking an execution came to. */
export type Booking =
  | {
      readonly kind: 'booked';
      readonly oddity: string | null;
      readonly isOverfill: boolean;
      /** It was booked before, for nobody: only whose it is is new. */
      readonly isLinked: boolean;
    }
  | { readonly kind: 'known' }
  /** The same execution with other values: not booked. */
  | { readonly kind: 'conflict'; readonly known: Fill };

/** Books executions: once each, whatever the life of their order, and in the place of inferred ones. */
export interface Executions {
  /** An execution booked for nobody and told again with its order is taken back and booked for it, in one step. */
  book(fill: Fill): Booking;
  /** An execution by the key the venue has for it, as it was booked last. */
  find(key: FillKey): Fill | null;
  /** Journals a venue's later word on an execution, once; `unknown` when the execution itself was not told (yet). */
  correct(correction: FillCorrection): 'booked' | 'known' | 'unknown';
  /** Journals other values for an execution on the trader's word. */
  revise(known: Fill, corrected: FillCorrection['corrected']): void;
}

/** Executions that are known by what was told of them: more than a market of a few minutes has. */
const TOLD_KEPT = 1_024;

/**
 * Remembers executions that were told as they are booked. Every comparison with the venue is told those of the last minutes
 * again, and then the journal need not be asked of each. It forgets them where another journal takes its place.
 */
function rememberTold(journal: ExecutionContext['journal']) {
  const told = new Map<string, Fill>();
  let { path } = journal;
  return {
    has: (fill: Fill): boolean => {
      if (journal.path !== path) told.clear();
      ({ path } = journal);
      const before = told.get(fill.execKey);
      return before !== undefined && isSameWord(before, fill);
    },
    add: (fill: Fill): void => {
      told.delete(fill.execKey);
      told.set(fill.execKey, fill);
      const [oldest] = told.keys();
      if (told.size > TOLD_KEPT && oldest !== undefined) told.delete(oldest);
    },
    forget: (): void => told.clear(),
  };
}

/** Whether two words are on one execution, of one order, and agree. */
const isSameWord = (a: Fill, b: Fill): boolean =>
  a.venue === b.venue && a.account === b.account && a.clientOrderId === b.clientOrderId && isSameExecution(a, b);

/**
 * Returns the booking of executions over a journal. Only one of them corrects those of an account: what one remembers
 * the other would not know to be another.
 */
export function createExecutions({ journal, recorder, book }: ExecutionContext): Executions {
  const told = rememberTold(journal);
  const versions = new Map<string, number>();
  let readTo = 0;
  const versionOf = (execKey: string): number => {
    for (const { seq, event } of journal.events({ kinds: ['fill-correction'], after: readTo })) {
      versions.set(event.correction.execKey, event.correction.version);
      readTo = seq;
    }
    return versions.get(execKey) ?? 0;
  };
  const record = (events: readonly JournalEvent[]): void => {
    // Whatever is corrected may be known by another word from then on.
    if (events.some(({ kind }) => kind === 'fill-correction')) told.forget();
    recorder.record(events);
  };
  const orderOf = (fill: Fill): Order | null => (fill.clientOrderId === null ? null : book.order(fill.clientOrderId));

  /** The key an execution stands under here: the venue's, or that of the booking that took its place. */
  const ownKey = ({ venue, account, execKey }: FillKey): string =>
    journal.hasFill(venue, account, `${execKey}${LINKED}`) ? `${execKey}${LINKED}` : execKey;
  const knownOf = (key: FillKey): Fill | null => journal.fill(key.venue, key.account, ownKey(key));
  /** An execution as it stands now, corrections applied; null when it was busted. */
  const currentOf = ({ venue, account, execKey }: Fill): Fill | null => journal.standingFill(venue, account, execKey);
  const isConflict = (fill: Fill, known: Fill): boolean => {
    if (isSameExecution(known, fill)) return false;
    // A venue may tell an execution as it was corrected.
    const current = currentOf(known);
    return current === null || !isSameExecution(current, fill);
  };
  /** What takes an execution back that was booked for nobody: journaled together with what takes its place. */
  const undo = ({ venue, account, execKey }: Fill, clientOrderId: string): JournalEvent => ({
    kind: 'fill-correction',
    correction: {
      ...{ venue, account, execKey, version: versionOf(execKey) + 1, corrected: null },
      reason: `it belongs to order ${clientOrderId}`,
    },
  });
  /** The same execution for its owner, at the values it has now; null when there is nothing to link. */
  const linked = (fill: Fill, known: Fill | null): Fill | null => {
    if (known === null || known.clientOrderId === fill.clientOrderId) return null;
    const current = orderOf(known) !== null ? null : currentOf(known);
    if (current === null || orderOf(fill) === null) return null;
    const { direction, quantity, price, fee, execKey } = current;
    return { ...fill, direction, quantity, price, fee, execKey: `${execKey}${LINKED}` };
  };

  return {
    book: (word) => {
      if (told.has(word)) return { kind: 'known' };
      const known = knownOf(word);
      if (known !== null && isConflict(word, known)) return { kind: 'conflict', known };
      const link = linked(word, known);
      if (known !== null && link === null) {
        if (known.clientOrderId === word.clientOrderId && isSameExecution(known, word)) told.add(word);
        return { kind: 'known' };
      }
      const fill = link ?? word;
      const undone = known === null ? [] : [undo(known, fill.clientOrderId ?? '')];
      const before = orderOf(fill);
      const open = before === null || before.filled === 0 ? [] : journal.fillsOf(before.clientOrderId);
      const covers = coverInferred(fill, open, versionOf);
      record([...covers, ...undone, { kind: 'fill', fill }]);
      const after = orderOf(fill);
      const isOverfill = after !== null && after.filled > after.quantity;
      // What only takes the place of an inferred execution changes nothing that was not known.
      const oddity = covers.length > 0 && !isOverfill ? null : oddityOf(fill, before, after);
      return { kind: 'booked', oddity, isOverfill, isLinked: link !== null };
    },
    find: knownOf,
    correct: (word) => {
      const correction = { ...word, execKey: ownKey(word) };
      const { venue, account, execKey, version } = correction;
      if (!journal.hasFill(venue, account, execKey)) return 'unknown';
      // The last correction of one that was linked is our own: the venue's are those before it.
      const before = execKey === word.execKey ? 0 : versionOf(word.execKey) - 1;
      if (version <= Math.max(before, versionOf(execKey))) return 'known';
      record([{ kind: 'fill-correction', correction }]);
      return 'booked';
    },
    revise: ({ venue, account, execKey }, corrected) => {
      const version = versionOf(execKey) + 1;
      const reason = 'the later word of the broker was taken over by the trader';
      record([{ kind: 'fill-correction', correction: { venue, account, execKey, version, corrected, reason } }]);
    },
  };
}
