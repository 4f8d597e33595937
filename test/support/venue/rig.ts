import { expect } from 'vitest';
import type { Instrument } from '#shared/domain/instrument.ts';
import { type Money, moneyFromUsd } from '#shared/units.ts';
import { ABSENCE_APART_MS, type FaultPlan } from '#desk/adapters/brokers/fault-plan.ts';
import { type FaultyLink, createFaultyLink } from '#desk/adapters/brokers/faulty-link.ts';
import { createLinkedBroker } from '#desk/adapters/brokers/paper-broker.ts';
import {
  type PaperExchange,
  type PaperExchangeOptions,
  createPaperExchange,
} from '#desk/adapters/brokers/paper-exchange.ts';
import type { VenueRequest } from '#desk/adapters/brokers/paper-wire.ts';
import { hashInts } from '#desk/adapters/seeded.ts';
import type { Broker, OrderGroup } from '#desk/ports/broker.ts';
import type { Ids } from '#desk/ports/clock.ts';
import { type ProcessClock, type SteppedClock, createSteppedClock } from './clock.ts';
import { type FeedOptions, type PriceFeed, createPriceFeed } from './feed.ts';

/** A Thursday, 14:00 UTC. */
export const VENUE_START = Date.UTC(2026, 0, 15, 14);

export type VenueRigOptions = {
  readonly seed: number;
  /** Chances that differ from no faults at all. */
  readonly plan?: Partial<FaultPlan>;
  readonly instruments: readonly Instrument[];
  readonly account?: string;
  readonly startingCash?: Money;
  readonly startAt?: number;
  readonly exchange?: Partial<Omit<PaperExchangeOptions, 'clock' | 'ids' | 'instruments' | 'account' | 'startingCash'>>;
  readonly feed?: Partial<Pick<FeedOptions, 'everyMs' | 'stepTicks' | 'gap' | 'startTicks'>>;
};

/** One process at the near end: it has a clock, ids and a broker of its own, and can die at any moment. */
export type NearEnd = {
  readonly clock: ProcessClock;
  readonly ids: Ids;
  readonly broker: Broker;
  /** The process is gone: no timer runs, nothing is told to it; what it had sent may still arrive. */
  readonly kill: () => void;
};

/** One submit as it reached the exchange. A copy that the wire made of a message is not counted again. */
export type Arrival = { readonly at: number; readonly group: OrderGroup };

/** A venue that outlives the desks that trade on it, on virtual time and by seed. */
export type VenueRig = {
  readonly clock: SteppedClock;
  readonly exchange: PaperExchange;
  readonly link: FaultyLink;
  readonly feed: PriceFeed;
  /** Every submit that reached the exchange so far, oldest first. */
  readonly arrivals: () => readonly Arrival[];
  /** Starts a process at the near end. Kill the one before first. */
  readonly newNearEnd: () => NearEnd;
  /** Lets time pass; afterwards the exchange's books must agree. */
  readonly advance: (ms: number) => Promise<void>;
  /** No more faults from now on, and nothing refuses to connect. */
  readonly calm: () => void;
};

/** Identifiers of 26 characters that count up from a block of their own. */
export function createBlockIds(block: number): Ids {
  let count = 0;
  return { next: () => `${String(block).padStart(6, '0')}${String((count += 1)).padStart(20, '0')}` };
}

/** Builds exchange, faulty link and price feed on one clock. The same options and calls give the same messages. */
export function createVenueRig(options: VenueRigOptions): VenueRig {
  const { seed, instruments } = options;
  const account = options.account ?? 'PAPER';
  const clock = createSteppedClock(options.startAt ?? VENUE_START);
  const exchange = createPaperExchange({
    ...{ clock, ids: createBlockIds(0), instruments, account, fillFrom: 'quotes' },
    startingCash: options.startingCash ?? moneyFromUsd(1_000_000),
    ...options.exchange,
  });
  const arrivals: Arrival[] = [];
  const seen = new Set<VenueRequest>();
  const door: PaperExchange = {
    ...exchange,
    handle: (request) => {
      if (request.kind === 'submit' && !seen.has(request)) {
        seen.add(request);
        arrivals.push({ at: clock.now(), group: request.group });
      }
      return exchange.handle(request);
    },
  };
  const link = createFaultyLink({ exchange: door, clock, seed: hashInts([seed, 1]), plan: options.plan ?? {} });
  const feed = createPriceFeed({
    ...{ clock, seed: hashInts([seed, 2]), instruments, startTicks: () => 20_000 },
    ...{ everyMs: 500, stepTicks: 4, gap: { chance: 0.02, steps: 8 } },
    ...options.feed,
  });
  feed.onEvent((event) => exchange.onMarket(event));
  let ends = 0;
  return {
    ...{ clock, exchange, link, feed },
    arrivals: () => arrivals,
    newNearEnd: () => {
      ends += 1;
      const own = clock.forProcess();
      const broker = createLinkedBroker({
        ...{ clock: own, account, instruments, link },
        absence: { looks: 2, apartMs: ABSENCE_APART_MS },
        heartbeatMs: 5_000,
      });
      return {
        ...{ clock: own, ids: createBlockIds(ends), broker },
        kill: () => {
          own.kill();
          link.abandon();
        },
      };
    },
    advance: async (ms) => {
      await clock.advance(ms);
      expect(exchange.audit()).toEqual([]);
    },
    calm: () => {
      link.setPlan({
        ...{ reorder: 0, duplicate: 0, loseEvent: 0, loseSubmit: 0, loseAnswer: 0, drop: 0, halfOpen: 0 },
        ...{ outageMs: [0, 0], rejectLate: 0, lateFill: 0, failSnapshot: 0, partialSnapshot: 0, cannotTell: 0 },
      });
      link.refuseUntil(0);
    },
  };
}
