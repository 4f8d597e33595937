import { dirname } from 'node:path';
import type { Money } from '#shared/units.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import { createPaperBroker, type PaperBroker } from '#desk/adapters/brokers/paper.ts';
import type { Book } from '#desk/account/book.ts';
import { isSessionOpen } from '#desk/engine/session.ts';
import type { Broker } from '#desk/ports/broker.ts';
import type { Clock, Ids } from '#desk/ports/clock.ts';
import type { Journal } from '#desk/ports/journal.ts';
import type { MarketEvent } from '#desk/ports/market-data.ts';
import type { SecretSource } from '#desk/ports/secrets.ts';
import { venueSymbolOf } from './connected-instruments.ts';
import type { ConnectionsConfig } from './connections-config.ts';
import { paperStateOf } from './paper-state.ts';
import type { PaperSettings } from './settings.ts';
import { createVenueBroker } from './venue-adapters.ts';
import { VENUE_NAMES } from './venues.ts';

/** In history every bar offers more than enough: only live quotes fill in parts. */
const AMPLE = 1_000;
/** Ticks a market order and a hit stop lose at the paper broker. */
const SLIPPAGE = { market: 1, stop: 1 } as const;

export type VenueParts = {
  readonly config: Pick<ConnectionsConfig, 'account' | 'profile' | 'broker'>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly instruments: readonly Instrument[];
  readonly secrets: SecretSource;
  readonly cash: Money;
  readonly paper: PaperSettings;
  readonly seed: number;
  /** What the desk remembers of orders and executions; left out for a test of the connection. */
  readonly journal?: Journal;
};

/** The broker of a profile, and what of the desk it has to be shown. */
export type ProfileBroker = {
  readonly broker: Broker;
  /** Shows the paper broker the market; nothing for a venue, which has a market of its own. */
  readonly showMarket: (event: MarketEvent) => void;
  readonly onNewDay: () => void;
  /** Puts the paper broker where the journal left off, before it is connected. */
  readonly restore: (journal: Journal, book: Book) => void;
};

function paperOf(parts: VenueParts): PaperBroker {
  const { offeredPerQuote, latencyMs } = parts.paper;
  const { clock, ids, instruments, seed } = parts;
  const broker = createPaperBroker({
    ...{ account: parts.config.account, clock, ids, instruments: [...instruments] },
    fillFrom: 'quotes',
    startingCash: parts.cash,
    slippage: SLIPPAGE,
    isSessionOpen: ({ calendar }, at) => isSessionOpen(at, calendar),
    ...(offeredPerQuote === null ? {} : { partialFills: { seed, shareOfVolume: AMPLE, quoteSize: offeredPerQuote } }),
  });
  broker.setLatency({ toVenueMs: latencyMs, fromVenueMs: latencyMs });
  return broker;
}

/** Makes the broker a configuration names. Nothing is connected yet. */
export function createProfileBroker(parts: VenueParts): ProfileBroker {
  const { config, clock, ids, instruments, secrets } = parts;
  const { broker: venue } = config;
  if (venue.kind !== 'paper') {
    const { kind, symbols } = venue;
    const broker = createVenueBroker(venue, {
      ...{ id: `broker:${kind}`, name: VENUE_NAMES[kind], clock, ids, secrets },
      ...{ account: config.account, mode: config.profile },
      ...(parts.journal === undefined ? {} : { journal: parts.journal, stateFolder: dirname(parts.journal.path) }),
      instruments: instruments.map((instrument) => ({ instrument, venueSymbol: venueSymbolOf(symbols, instrument) })),
    });
    return { broker, showMarket: () => undefined, onNewDay: () => undefined, restore: () => undefined };
  }
  const broker = paperOf(parts);
  return {
    broker,
    showMarket: (event) => broker.onMarket(event),
    onNewDay: () => broker.endDay(),
    restore: (journal, book) => broker.exchange.restore(paperStateOf(journal, book, () => `P-${ids.next()}`)),
  };
}
