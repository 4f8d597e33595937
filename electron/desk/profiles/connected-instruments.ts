import type { Instrument, SessionCalendar } from '#shared/domain/instrument.ts';
import type { EpochMs } from '#shared/units.ts';
import type { VenueInstrument } from '#desk/adapters/connection-parts.ts';
import { parseSymbol } from '#desk/engine/futures/symbol.ts';
import type { Journal } from '#desk/ports/journal.ts';
import { contractOf, type ConnectionsConfig, shareEntryOf } from './connections-config.ts';
import { frontInstrument, journaledInstruments, monthInstrument } from './instruments.ts';
import { shareInstrument } from './share-instruments.ts';
import type { MarketDataConfig } from './venues.ts';

/** Whether a name of a configuration means an instrument: its root, its contract, or its contract without the exchange. */
const isMeant = (name: string, { symbol, root }: Instrument): boolean => {
  const own = name.toUpperCase();
  return own === root || own === symbol || own === symbol.split('-')[0];
};

/** What a configuration says a venue calls an instrument; null where it says nothing. */
export function venueSymbolOf(
  symbols: Readonly<Record<string, string>> | undefined,
  instrument: Instrument,
): string | null {
  const found = Object.entries(symbols ?? {}).filter(([name]) => isMeant(name, instrument));
  // One contract is meant more closely than its root.
  const exact = found.find(([name]) => name.toUpperCase() !== instrument.root);
  return (exact ?? found[0])?.[1] ?? null;
}

const sourceOf = (sources: readonly MarketDataConfig[], instrument: Instrument): number => {
  const named = sources.findIndex((source) => source.for?.some((name) => isMeant(name, instrument)) === true);
  return named === -1 ? sources.findIndex((source) => source.for === undefined) : named;
};

/** The instruments each source of a configuration serves, in the order of the sources. */
export function servedBy(
  config: Pick<ConnectionsConfig, 'marketData'>,
  instruments: readonly Instrument[],
): readonly (readonly VenueInstrument[])[] {
  return config.marketData.map((source, index) =>
    instruments
      .filter((instrument) => sourceOf(config.marketData, instrument) === index)
      .map((instrument) => ({ instrument, venueSymbol: venueSymbolOf(source.symbols, instrument) })),
  );
}

/** Prices of another day are played at any hour; everything else keeps the hours of its exchange. */
const calendarOf = (config: ConnectionsConfig, instrument: Instrument): SessionCalendar =>
  config.marketData[sourceOf(config.marketData, instrument)]?.kind === 'replay' ? 'always' : instrument.calendar;

/** Business days before its end from which a contract is no longer the one that is traded, where no setting says. */
const ROLL_GUARD_DAYS = 3;

/** Returns the instruments a configuration trades now, in its order. */
export function tradedInstruments(
  config: ConnectionsConfig,
  now: EpochMs,
  rollGuardDays = ROLL_GUARD_DAYS,
): readonly Instrument[] {
  const year = new Date(now).getUTCFullYear();
  const traded = config.instruments.flatMap((entry): readonly Instrument[] => {
    const share = shareEntryOf(entry);
    if (share !== null) return [shareInstrument(share)];
    const contract = contractOf(entry, year);
    if (contract === null) return [];
    if (contract.month === null) return [frontInstrument(contract.root, now, rollGuardDays, 'cme')];
    const parsed = parseSymbol(contract.month, year);
    const instrument = parsed.ok ? monthInstrument(parsed.value, 'cme') : null;
    return instrument === null ? [] : [instrument];
  });
  return traded.map((instrument) => ({ ...instrument, calendar: calendarOf(config, instrument) }));
}

/** Returns the instruments a configuration trades, and those its journal still holds something in. */
export function connectedInstruments(
  config: ConnectionsConfig,
  journal: Journal,
  at: { readonly now: EpochMs; readonly rollGuardDays: number },
): { readonly traded: readonly Instrument[]; readonly all: readonly Instrument[] } {
  const traded = tradedInstruments(config, at.now, at.rollGuardDays);
  const held = new Set([
    ...journal.openLots().map((lot) => lot.symbol),
    ...journal.orders({ openOnly: true }).map((order) => order.symbol),
  ]);
  const older = [...journaledInstruments(journal).values()].filter(
    ({ symbol }) => held.has(symbol) && traded.every((instrument) => instrument.symbol !== symbol),
  );
  return { traded, all: [...traded, ...older] };
}
