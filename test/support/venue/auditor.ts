import type { Fill, OrderTerms } from '#shared/domain/order.ts';
import type { TradingState } from '#shared/domain/sizing.ts';
import type { Money, Ticks } from '#shared/units.ts';
import type { Journal } from '#desk/ports/journal.ts';
import type { JournalEventKind, JournalEventOf } from '#desk/ports/events.ts';

/** An order as the auditor reads it from the journal, by a fold of its own. */
export type AuditedOrder = {
  readonly terms: OrderTerms;
  readonly plannedRisk: Money | null;
  quantity: number;
  price: Ticks | null;
  filled: number;
  attempts: number;
  hasEnded: boolean;
  isInDoubt: boolean;
};

type Execution = Pick<Fill, 'clientOrderId' | 'symbol' | 'direction' | 'quantity' | 'price' | 'fee'>;

export type AuditLimits = { readonly maxContracts: number };

/** Reads a journal as it grows, event by event, and says what must not be in it. Shares no code with the desk. */
export interface Auditor {
  /** Takes what the journal has got since the last time. */
  read(journal: Pick<Journal, 'events'>): void;
  readonly violations: readonly string[];
  order(clientOrderId: string): AuditedOrder | undefined;
  orders(): readonly AuditedOrder[];
  /** Signed contracts of a symbol by its executions, corrections applied. */
  position(symbol: string): number;
  tradingState(): TradingState;
  /** What the executions paid and brought in, fees taken off, without what is still held. */
  cash(tickValueOf: (symbol: string) => number): number;
}

const KINDS = [
  ...(['intent', 'order', 'fill', 'fill-correction', 'recommendation', 'trading-state'] as const),
  ...(['breaker-tripped', 'breaker-rearmed'] as const),
] satisfies readonly JournalEventKind[];

const ENDS: ReadonlySet<string> = new Set(['denied', 'rejected', 'canceled', 'expired']);
const leftOf = (order: AuditedOrder): number => (order.hasEnded ? 0 : Math.max(0, order.quantity - order.filled));

/** Makes an auditor of a journal from its first event on. */
export function createAuditor(limits: AuditLimits): Auditor {
  const violations: string[] = [];
  const orders = new Map<string, AuditedOrder>();
  const executions = new Map<string, Execution | null>();
  const positions = new Map<string, number>();
  const approved = new Map<string, number>();
  const entered = new Map<string, string>();
  const latched = new Set<string>();
  let state: TradingState = 'active';
  let readTo = 0;
  const say = (text: string): void => void violations.push(text);

  const book = (execution: Execution, sign: 1 | -1): void => {
    const { symbol, direction, quantity, clientOrderId } = execution;
    positions.set(symbol, (positions.get(symbol) ?? 0) + sign * direction * quantity);
    const order = clientOrderId === null ? undefined : orders.get(clientOrderId);
    if (order !== undefined) order.filled += sign * quantity;
  };
  const fill = ({ fill: told }: JournalEventOf<'fill'>): void => {
    if (executions.has(told.execKey)) say(`execution ${told.execKey} is booked twice`);
    executions.set(told.execKey, told);
    book(told, 1);
  };
  const correct = ({ correction: { execKey, corrected } }: JournalEventOf<'fill-correction'>): void => {
    const before = executions.get(execKey);
    if (before === undefined) {
      say(`execution ${execKey} is corrected and was never booked`);
      return;
    }
    const base = before ?? lastKnown.get(execKey);
    if (base === undefined) return;
    if (before !== null) {
      book(before, -1);
      lastKnown.set(execKey, before);
    }
    const after = corrected === null ? null : { ...base, ...corrected };
    executions.set(execKey, after);
    if (after !== null) book(after, 1);
  };
  /** What an execution was before it was busted: whose it was does not change. */
  const lastKnown = new Map<string, Execution>();

  /** What must be true in the instant in which an order of the desk is said to leave. */
  const leaves = (id: string, order: AuditedOrder): void => {
    const { role, symbol, recommendationId, direction } = order.terms;
    if (order.attempts > 1) say(`${role} ${id} is sent a second time`);
    if (role !== 'entry') return;
    const allowed = recommendationId === null ? 0 : (approved.get(recommendationId) ?? 0);
    if (order.quantity > allowed) say(`entry ${id}: ${order.quantity} contracts, approved are ${allowed}`);
    const other = entered.get(recommendationId ?? '');
    if (other !== undefined) say(`entry ${id}: its recommendation has sent ${other} already`);
    entered.set(recommendationId ?? '', id);
    if (state !== 'active') say(`entry ${id} leaves while trading is ${state}`);
    if (latched.size > 0) say(`entry ${id} leaves while ${[...latched].join(', ')} has tripped`);
    const entries = [...orders.values()].filter((o) => o.terms.symbol === symbol && o.terms.role === 'entry');
    const open = entries.filter((o) => o.attempts > 0 && o.terms.direction === direction);
    const reach = (positions.get(symbol) ?? 0) * direction + open.reduce((sum, o) => sum + leftOf(o), 0);
    if (reach > limits.maxContracts) say(`entry ${id} would lead to ${reach} contracts of ${symbol}`);
  };
  /** Changes may only make less of an order, and while trading is stopped bring nothing nearer to being filled. */
  const changes = (id: string, order: AuditedOrder, to: { quantity: number; price: Ticks | null }): void => {
    const { role, direction } = order.terms;
    const isExitThatGrows = role !== 'entry' && role !== 'flatten';
    if (to.quantity > order.quantity && !isExitThatGrows) say(`${role} ${id} is made larger: ${to.quantity}`);
    const nearer = ((to.price ?? 0) - (order.price ?? 0)) * direction;
    if (role === 'entry' && nearer > 0 && state !== 'active') say(`entry ${id} is moved to the market while ${state}`);
  };
  const order = ({ clientOrderId: id, event }: JournalEventOf<'order'>): void => {
    const found = orders.get(id);
    if (found === undefined) {
      say(`order ${id} has an event and no intent`);
      return;
    }
    switch (event.kind) {
      case 'send-attempt':
        found.attempts += 1;
        if (found.hasEnded) say(`${found.terms.role} ${id} is sent after it ended`);
        leaves(id, found);
        return;
      case 'in-doubt':
        found.isInDoubt = true;
        return;
      case 'replace-requested':
        changes(id, found, event);
        return;
      case 'replaced':
      case 'restated':
        found.quantity = event.quantity;
        found.price = event.price;
        found.isInDoubt = false;
        return;
      case 'resized':
        found.quantity = event.quantity;
        return;
      default:
        if (event.kind !== 'cancel-requested') found.isInDoubt = false;
        if (ENDS.has(event.kind)) found.hasEnded = true;
    }
  };
  const take = (event: JournalEventOf<(typeof KINDS)[number]>): void => {
    switch (event.kind) {
      case 'intent': {
        const { terms, plannedRiskPerContract: plannedRisk } = event;
        if (orders.has(terms.clientOrderId)) say(`order ${terms.clientOrderId} has two intents`);
        const fresh = { filled: 0, attempts: 0, hasEnded: false, isInDoubt: false };
        orders.set(terms.clientOrderId, {
          ...{ terms, plannedRisk, quantity: terms.quantity, price: terms.price },
          ...fresh,
        });
        return;
      }
      case 'order':
        order(event);
        return;
      case 'fill':
        fill(event);
        return;
      case 'fill-correction':
        correct(event);
        return;
      case 'recommendation':
        if (event.state === 'approved' || event.state === 'overridden')
          approved.set(event.recommendationId, event.contracts ?? 0);
        return;
      case 'trading-state':
        state = event.state;
        return;
      case 'breaker-tripped':
        latched.add(event.latch.code);
        return;
      case 'breaker-rearmed':
        latched.delete(event.code);
    }
  };

  return {
    violations,
    read: (journal) => {
      for (const stored of journal.events({ kinds: KINDS, after: readTo })) {
        take(stored.event);
        readTo = stored.seq;
      }
    },
    order: (id) => orders.get(id),
    orders: () => [...orders.values()],
    position: (symbol) => positions.get(symbol) ?? 0,
    tradingState: () => state,
    cash: (tickValueOf) =>
      [...executions.values()].reduce(
        (sum, e) => (e === null ? sum : sum - e.direction * e.quantity * e.price * tickValueOf(e.symbol) - e.fee),
        0,
      ),
  };
}
