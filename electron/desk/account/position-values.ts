import type { Instrument } from '#shared/domain/instrument.ts';
import type { Quote } from '#shared/domain/market.ts';
import { isTerminal } from '#shared/domain/order-life.ts';
import type { Order, Position } from '#shared/domain/order.ts';
import { epochMs, money, type EpochMs, type Money, type Ticks } from '#shared/units.ts';
import type { Journal } from '#desk/ports/journal.ts';

export type OpenLots = ReturnType<Journal['openLots']>[number];
export type LastPrice = Pick<Quote, 'last' | 'asOf'>;

/** Returns what one contract loses between `mark` and `stop`, with slippage and fees; never negative. */
export function stopRisk(instrument: Instrument, mark: number, stop: number, direction: 1 | -1): Money {
  const distance = Math.max(0, Math.ceil((mark - stop) * direction));
  return money((distance + instrument.slippageTicks) * instrument.tickValue + instrument.roundTurnFee);
}

export const isDoubted = (order: Order): boolean => order.certainty.kind === 'in-doubt';

/** Protects: it has left the desk, and the broker is not in doubt of it. */
const isStanding = (order: Order): boolean => order.life !== 'created' && !isDoubted(order);

/** The price that the market reaches first when it moves against (stops) or with (targets) a direction. */
function nearest(orders: readonly Order[], direction: 1 | -1): Ticks | null {
  const prices = orders.flatMap(({ price }) => (price === null ? [] : [price]));
  return prices.sort((a, b) => (b - a) * direction)[0] ?? null;
}

type StopAt = { readonly price: Ticks; readonly contracts: number };

/**
 * What `size` contracts lose at their stops, the farthest stops first; null when stops are for fewer contracts: what
 * has no stop has no known loss.
 */
function riskAtStops(parts: {
  readonly stops: readonly StopAt[];
  readonly size: number;
  readonly lossAt: (price: Ticks) => Money;
}): Money | null {
  const losses = parts.stops.map(({ price, contracts }) => ({ loss: parts.lossAt(price), contracts }));
  losses.sort((a, b) => b.loss - a.loss);
  let left = parts.size;
  let risk = 0;
  for (const { loss, contracts } of losses) {
    const taken = Math.min(left, contracts);
    risk += taken * loss;
    left -= taken;
  }
  return left > 0 ? null : money(risk);
}

/** What is planned to be lost with all that is open; null where it is not known of some. */
function plannedRiskOf({ lots }: OpenLots): Money | null {
  let planned = 0;
  for (const { plannedRiskPerContract, quantity } of lots) {
    if (plannedRiskPerContract === null) return null;
    planned += plannedRiskPerContract * quantity;
  }
  return money(planned);
}

/** Integer arithmetic lot by lot: the average itself may not be a whole tick. */
export function openPnlAt({ lots, direction }: OpenLots, last: Ticks, tickValue: Money): Money {
  let pnl = 0;
  for (const lot of lots) pnl += (last - lot.price) * direction * lot.quantity * tickValue;
  return money(pnl);
}

/** What a position is at any price. */
type Holding = {
  readonly size: number;
  readonly averagePrice: number;
  readonly stop: Ticks | null;
  readonly target: Ticks | null;
  readonly stops: readonly StopAt[];
  readonly plannedRisk: Money | null;
  readonly openedAt: EpochMs;
};

type Surroundings = { readonly orders: readonly Order[]; readonly spec: Instrument };
type Worked = Surroundings & {
  readonly holding: Holding;
  readonly price: LastPrice | null;
  readonly position: Position;
};

function positionAt(open: OpenLots, { holding, spec }: Pick<Worked, 'holding' | 'spec'>, price: LastPrice | null) {
  const { size, averagePrice, stops, plannedRisk } = holding;
  const openPnl = price === null ? null : openPnlAt(open, price.last, spec.tickValue);
  const position: Position = {
    symbol: open.symbol,
    account: open.account,
    quantity: size * open.direction,
    averagePrice,
    last: price?.last ?? null,
    lastAt: price?.asOf ?? null,
    openPnl,
    stop: holding.stop,
    target: holding.target,
    riskAtStop: riskAtStops({
      ...{ stops, size },
      lossAt: (stop) => stopRisk(spec, price?.last ?? averagePrice, stop, open.direction),
    }),
    plannedRisk,
    r: openPnl === null || plannedRisk === null || plannedRisk === 0 ? null : openPnl / plannedRisk,
    openedAt: holding.openedAt,
    recommendationId: open.lots[0]?.recommendationId ?? null,
  };
  return position;
}

/**
 * Returns how positions are valued. What does not move with the price is worked out once for the same lots, orders and
 * contract, by their identity; the rest once a price.
 * @param contractsOf contracts that an exit stands for
 */
export function createPositionValues(
  contractsOf: (exit: Order) => number,
): (open: OpenLots, of: Surroundings, price: LastPrice | null) => Position {
  const worked = new WeakMap<OpenLots, Worked>();
  const holdingOf = (open: OpenLots, orders: readonly Order[]): Holding => {
    const protection = (role: 'stop' | 'target'): readonly Order[] =>
      orders.filter((o) => o.role === role && o.direction !== open.direction && !isTerminal(o) && contractsOf(o) > 0);
    const size = open.lots.reduce((sum, lot) => sum + lot.quantity, 0);
    const stops = protection('stop');
    return {
      size,
      averagePrice: open.lots.reduce((sum, lot) => sum + lot.quantity * lot.price, 0) / size,
      stop: nearest(stops, open.direction),
      target: nearest(protection('target'), open.direction === 1 ? -1 : 1),
      stops: stops
        .filter(isStanding)
        .flatMap((o) => (o.price === null ? [] : [{ price: o.price, contracts: contractsOf(o) }])),
      plannedRisk: plannedRiskOf(open),
      openedAt: epochMs(Math.min(...open.lots.map((lot) => lot.at))),
    };
  };
  return (open, { orders, spec }, price) => {
    const before = worked.get(open);
    const isAlike = before?.orders === orders && before.spec === spec;
    if (isAlike && before.price === price) return before.position;
    const holding = isAlike ? before.holding : holdingOf(open, orders);
    const position = positionAt(open, { holding, spec }, price);
    worked.set(open, { orders, spec, holding, price, position });
    return position;
  };
}
