import { DeskError } from '#shared/contract/errors.ts';
import { isTerminal, remainingOf, standsFor } from '#shared/domain/order-life.ts';
import type { Order, Position } from '#shared/domain/order.ts';
import { sumMoney, type Ticks } from '#shared/units.ts';
import { clusterOf } from '#desk/account/risk-view.ts';
import { type ExecutionContext, orderOr, refusal } from './context.ts';
import type { Orders } from './orders.ts';
import type { SendQueue } from './send-queue.ts';
import { alone, intentEvents, protectiveTerms } from './terms.ts';

export type Replacement = {
  readonly clientOrderId: string;
  readonly price: Ticks | null;
  readonly quantity: number | null;
};

/** Changes of what works already: they never add contracts, and never more risk than the limits allow. */
export interface Changes {
  replace(change: Replacement): Promise<Order>;
  /** Puts a stop under what no stop covers of a position. */
  protect(symbol: string, stop: Ticks): Promise<readonly Order[]>;
}

const invalid = (field: string, value: number, message: string, remedy: string): DeskError =>
  new DeskError({ code: 'invalid-input', message, field, value: String(value), remedy });

const NEARER = 'move it less far';

/** Returns the changes of one account's orders. */
export function createChanges(context: ExecutionContext, orders: Orders, queue: SendQueue): Changes {
  const { book, broker, ids, recorder } = context;

  const positionOf = (symbol: string): Position | undefined => book.positions().find((p) => p.symbol === symbol);
  /** Stops that stand. One on the position's own side would add to it: it protects nothing. */
  const workingStops = (symbol: string): readonly Order[] => {
    const held = positionOf(symbol)?.quantity ?? 0;
    return book
      .workingOrders(symbol)
      .filter(
        (o) => o.role === 'stop' && o.certainty.kind === 'known' && o.life !== 'created' && o.direction * held <= 0,
      );
  };

  const covers = (stop: Order): number =>
    standsFor(
      stop,
      book.workingOrders(stop.symbol).find((o) => o.clientOrderId === stop.parentId),
    );

  /** A stop on the wrong side of the market is no stop: it would close at once. */
  const checkSide = (symbol: string, direction: 1 | -1, stop: Ticks): void => {
    const last = book.quote(symbol)?.last ?? null;
    if (last === null || (last - stop) * direction > 0) return;
    throw invalid('price', stop, `a stop at ${stop} would be hit at once: the price is ${last}`, 'flatten instead');
  };
  /** What all that is held and on its way would lose after a change, against the limits an entry is held to. */
  const checkRisk = (changed: Order): void => {
    const { maxRiskPerTrade, maxHeat, maxCluster, rhoMin } = context.config();
    const { sizing: equity } = book.account();
    const exposures = book.exposuresIf(changed);
    const side = changed.role === 'entry' ? changed.direction : -changed.direction;
    const riskOf = (of: typeof exposures): number => sumMoney(of.map((e) => e.risk)) / equity;
    const own = riskOf(exposures.filter((e) => e.symbol === changed.symbol && e.direction === side));
    const cluster = clusterOf(exposures, equity, { correlations: context.correlations, rhoMin }).value ?? 0;
    const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;
    const refuseOver = (share: number, limit: number, words: readonly [string, string]): void => {
      if (share <= limit) return;
      const [what, of] = words;
      throw refusal(
        `this would put ${percent(share)} of equity at risk${what}: ${percent(limit)} is allowed${of}`,
        NEARER,
      );
    };
    if (equity <= 0) throw refusal('there is no equity to risk', 'cancel it instead');
    refuseOver(own, maxRiskPerTrade, ['', ' for a trade']);
    refuseOver(riskOf(exposures), maxHeat, [' in all', '']);
    refuseOver(cluster, maxCluster, [' in correlated markets', '']);
  };
  const markOf = (symbol: string, position: Position | undefined): number => {
    const quote = book.quote(symbol);
    const age = quote === null ? Infinity : context.clock.now() - quote.asOf;
    if (quote !== null && age <= context.limits().maxOrderQuoteAgeMs) return quote.last;
    throw refusal(
      `there is no fresh price for ${symbol} to measure the risk with${position === undefined ? '' : ', and this would add some'}`,
      'wait for the market data',
    );
  };

  const checkStop = (order: Order, price: Ticks, quantity: number): void => {
    const position = positionOf(order.symbol);
    const held = Math.abs(position?.quantity ?? 0);
    const others = workingStops(order.symbol).filter((o) => o.clientOrderId !== order.clientOrderId);
    const covered = others.reduce((sum, o) => sum + covers(o), 0) + covers({ ...order, quantity });
    if (quantity < order.quantity && covered < held)
      throw refusal(`${held} are held: this would leave ${held - covered} without a stop`, 'flatten a part instead');
    const direction = order.direction === 1 ? -1 : 1;
    checkSide(order.symbol, direction, price);
    // Nearer to the market there is only less to lose.
    const isLooser = order.price !== null && (order.price - price) * direction > 0;
    if (!isLooser) return;
    if (context.trading.state().state !== 'active')
      throw refusal('a stop may not be moved away from the market now: that adds risk', 'resume trading first');
    markOf(order.symbol, position);
    checkRisk({ ...order, price, quantity });
  };
  const checkEntry = (order: Order, price: Ticks, quantity: number): void => {
    const stop = book.workingOrders(order.symbol).find((o) => o.parentId === order.clientOrderId && o.role === 'stop');
    if (stop === undefined || stop.price === null)
      throw refusal('this entry has no stop to measure its risk with', 'cancel it');
    if ((price - stop.price) * order.direction <= 0)
      throw invalid('price', price, 'the entry would stand beyond its stop', 'cancel it instead');
    const isCostlier = order.price !== null && (price - order.price) * order.direction > 0;
    if (!isCostlier) return;
    if (context.trading.state().state !== 'active')
      throw refusal('an entry may not be moved towards the market now', 'resume trading first');
    checkCollar(order, price);
    checkRisk({ ...order, price, quantity });
  };
  const checkCollar = (order: Order, price: Ticks): void => {
    const limit = context.limits().priceCollarTicks;
    const beyond = (price - markOf(order.symbol, undefined)) * order.direction;
    if (beyond > limit) throw refusal(`the price is ${beyond} ticks beyond the last: ${limit} are allowed`);
  };

  const replace: Changes['replace'] = async ({ clientOrderId, price, quantity }) => {
    const order = orderOr(book, clientOrderId);
    if (isTerminal(order) || order.life === 'created' || order.life === 'sent')
      throw refusal(`${clientOrderId} is ${order.life}: it cannot be changed`);
    if (order.certainty.kind === 'in-doubt') throw refusal('this order is in doubt', 'ask the broker about it first');
    if (order.pending.kind !== 'none') throw refusal(`a ${order.pending.kind} of this order is under way`);
    if (!broker.capabilities.replace)
      throw refusal('this broker cannot change an order', 'cancel it, and put another in its place');
    const next = { price: price ?? order.price, quantity: quantity ?? order.quantity };
    if (next.quantity > order.quantity)
      throw invalid(
        'quantity',
        next.quantity,
        `${order.quantity} were ordered: it may only be made less`,
        'order anew',
      );
    if (next.quantity <= order.filled)
      throw invalid('quantity', next.quantity, `${order.filled} are filled already`, 'cancel the rest instead');
    if (next.price === order.price && next.quantity === order.quantity) return order;
    if (next.price === null || order.price === null) {
      if (price !== null) throw invalid('price', price, 'an order at the market has no price', 'leave it out');
    } else if (order.role === 'stop') checkStop(order, next.price, next.quantity);
    else if (order.role === 'entry') checkEntry(order, next.price, next.quantity);
    return orders.replace(clientOrderId, next);
  };

  const protect: Changes['protect'] = async (symbol, stop) => {
    const position = positionOf(symbol);
    if (position === undefined) throw refusal(`there is no position in ${symbol}`);
    const direction = position.quantity > 0 ? 1 : -1;
    const held = Math.abs(position.quantity);
    const unsure = book.workingOrders(symbol).some((o) => o.role === 'stop' && o.certainty.kind === 'in-doubt');
    if (unsure) throw refusal(`${symbol} has a stop in doubt: another could close twice`, 'ask the broker about it');
    const uncovered = held - workingStops(symbol).reduce((sum, o) => sum + covers(o), 0);
    // What closes already is not closed once more: a stop that is reached meanwhile would turn the position round.
    const closing = book.workingOrders(symbol).filter((o) => o.role === 'flatten' && o.direction !== direction);
    const missing = uncovered - closing.reduce((sum, o) => sum + remainingOf(o), 0);
    if (missing <= 0 && uncovered > 0)
      throw refusal(`a closing order for all of ${symbol} is at the broker`, 'wait until it has filled, or cancel it');
    if (missing <= 0) throw refusal(`${symbol} has a stop for all of it`, 'move the stop instead');
    checkSide(symbol, direction, stop);
    // With the entry whose target still works, so that one cancels the other.
    const target = book.workingOrders(symbol).find((o) => o.role === 'target' && covers(o) > 0);
    const terms = protectiveTerms(
      {
        ...{ symbol, quantity: missing * direction, price: stop, role: 'stop' },
        parentId: target?.parentId ?? null,
        recommendationId: position.recommendationId,
      },
      { account: broker.account, ulid: ids.next() },
    );
    const group = alone(terms);
    recorder.record(intentEvents(group, null));
    await queue.reduce(group);
    return [orderOr(book, terms.clientOrderId)];
  };

  return { replace, protect };
}
