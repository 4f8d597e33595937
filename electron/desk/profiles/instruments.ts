import { DeskError } from '#shared/contract/errors.ts';
import type { Instrument, SessionCalendar } from '#shared/domain/instrument.ts';
import type { EpochMs } from '#shared/units.ts';
import { contractInstrument } from '#desk/engine/futures/contract-instrument.ts';
import { contractSpec, CONTRACTS, venueDefinitionMismatch } from '#desk/engine/futures/contract-table.ts';
import { contractDates, frontContract } from '#desk/engine/futures/expiry.ts';
import { type ContractMonth, formatSymbol } from '#desk/engine/futures/symbol.ts';
import type { Broker } from '#desk/ports/broker.ts';
import type { Journal } from '#desk/ports/journal.ts';

const isoDay = (at: EpochMs): string => new Date(at).toISOString().slice(0, 10);

/** Returns the instrument of one contract month; null for a root or a month that is none. */
export function monthInstrument(month: ContractMonth, calendar: SessionCalendar): Instrument | null {
  const spec = contractSpec(month.root);
  const dates = contractDates(month);
  if (spec === null || !dates.ok) return null;
  return contractInstrument(spec, {
    symbol: formatSymbol(month, { form: 'sierra-dtc', venue: spec.exchange }),
    lastTrade: dates.value.lastTrade,
    firstNotice: dates.value.firstNotice,
    calendar,
  });
}

/** Returns the contract of a root that is traded on a day, by the roll guard and the exchange's expiry rule. */
export function frontInstrument(
  root: string,
  at: EpochMs,
  rollGuardDays: number,
  calendar: SessionCalendar,
): Instrument {
  const front = frontContract(root, isoDay(at), rollGuardDays);
  if (!front.ok) throw new Error(`no front contract for ${root}`);
  const instrument = monthInstrument(front.value, calendar);
  if (instrument === null) throw new Error(`no expiry for ${root}`);
  return instrument;
}

/** Returns a continuous series of a root, for replay of recorded bars; null for an unknown root. */
export function continuousInstrument(root: string): Instrument | null {
  const spec = contractSpec(root);
  if (spec === null) return null;
  return contractInstrument(spec, { symbol: spec.root, lastTrade: null, firstNotice: null, calendar: 'always' });
}

/** Every root of the contract table, for a message that says what to choose from. */
export const knownRoots = (): string => CONTRACTS.map((c) => c.root).join(', ');

/** Returns the instruments a journal has traded, newest definition of each. */
export function journaledInstruments(journal: Journal): ReadonlyMap<string, Instrument> {
  const known = new Map<string, Instrument>();
  for (const { event } of journal.events({ kinds: ['instrument'] }))
    known.set(event.instrument.symbol, event.instrument);
  return known;
}

/**
 * Says why an instrument may not be sized: the venue defines its ticks otherwise than the table. Both values are named,
 * since a wrong tick value is a wrong size. Null when they agree or the venue does not say.
 */
export function definitionLock(instrument: Instrument, broker: Pick<Broker, 'definition'>): string | null {
  const spec = contractSpec(instrument.root);
  const venue = broker.definition(instrument.symbol);
  if (spec === null || venue === null) return null;
  const [first] = venueDefinitionMismatch(spec, venue);
  if (first === undefined) return null;
  const name = first.field === 'tickSize' ? 'tick size' : 'tick value';
  return `${instrument.root} ${name} differs: broker ${first.venue}, table ${first.table}`;
}

/** Returns the instruments with the initial margin their broker states; null stays where it states none. */
export const withMargins = (
  instruments: ReadonlyMap<string, Instrument>,
  broker: Pick<Broker, 'initialMargin'>,
): ReadonlyMap<string, Instrument> =>
  new Map(
    [...instruments].map(([symbol, instrument]) => [
      symbol,
      { ...instrument, initialMargin: broker.initialMargin(symbol) ?? instrument.initialMargin },
    ]),
  );

/** Returns an instrument of this desk. Throws DeskError 'not-found' that names the symbol and what to choose from. */
export function knownInstrument(instruments: ReadonlyMap<string, Instrument>, symbol: string): Instrument {
  const found = instruments.get(symbol);
  if (found !== undefined) return found;
  throw new DeskError({
    code: 'not-found',
    message: `the desk does not know the symbol ${symbol}`,
    field: 'symbol',
    value: symbol,
    remedy: `choose one of ${[...instruments.keys()].join(', ')}`,
  });
}
