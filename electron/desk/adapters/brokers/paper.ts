import type { Order } from '#shared/domain/order.ts';
import type { Money } from '#shared/units.ts';
import type { Broker } from '#desk/ports/broker.ts';
import type { MarketEvent } from '#desk/ports/market-data.ts';
import { type Latency, createDirectLink } from './direct-link.ts';
import type { RestoredPosition } from './paper-account.ts';
import { createLinkedBroker } from './paper-broker.ts';
import {
  type FillSource,
  type PaperExchange,
  type PaperExchangeOptions,
  createPaperExchange,
} from './paper-exchange.ts';

export type PaperBrokerOptions = PaperExchangeOptions & {
  /** Time on the way to the exchange and back; none by default. See `setLatency`. */
  readonly latency?: Latency;
};

/** A broker and its exchange in one process, joined by a link that loses nothing. */
export interface PaperBroker extends Broker {
  /** The other side, for what a broker cannot do: trades from elsewhere, corrections, executions, audit. */
  readonly exchange: PaperExchange;
  /** Shows the exchange the market. */
  onMarket(event: MarketEvent): void;
  setFillSource(source: FillSource): void;
  /**
   * Time on the way from now on. With any, a submit resolves only after the clock has run that long, and events come
   * from timers and not from inside `onMarket` and `submit`: set it when the clock is live, never during warm-up.
   */
  setLatency(latency: Latency): void;
  /**
   * Carries on after a restart, before `connect`: orders as journaled (ids, families, partial fills), positions, cash
   * without open profit. `exchange.restore` also takes the fills, so that they can be asked for again.
   */
  restore(orders: readonly Order[], positions: readonly RestoredPosition[], cash?: Money): void;
  /** Ends the day orders that are still open, and what waits for them. */
  endDay(): void;
  equity(): Money;
}

/**
 * Makes a paper broker with an exchange of its own. Without latency everything happens inside the call that causes it:
 * events are told before `submit`, `cancel` and `onMarket` return. The same calls, events and ids give the same fills.
 */
export function createPaperBroker(options: PaperBrokerOptions): PaperBroker {
  const exchange = createPaperExchange(options);
  const { clock, account, instruments } = options;
  let latency: Latency = options.latency ?? { toVenueMs: 0, fromVenueMs: 0 };
  const link = createDirectLink({ exchange, clock, latency: () => latency });
  const broker = createLinkedBroker({ clock, account, instruments, link, absence: { looks: 1, apartMs: 0 } });
  return {
    ...broker,
    exchange,
    // Both sides read one clock.
    venueTime: () => ({ at: clock.now(), monotonicMs: clock.monotonic(), withinMs: 0 }),
    onMarket: (event) => exchange.onMarket(event),
    setFillSource: (source) => exchange.setFillSource(source),
    setLatency: (next) => {
      latency = next;
    },
    restore: (orders, positions, cash) =>
      exchange.restore({ orders, positions, ...(cash === undefined ? {} : { cash }) }),
    endDay: () => exchange.endDay(),
    equity: () => exchange.equity(),
  };
}

export type { FillSource } from './paper-exchange.ts';
