import type { Instrument } from '#shared/domain/instrument.ts';
import { MONEY_PER_USD, type Money, moneyFromUsd } from '#shared/units.ts';
import type { VenueInstrument } from '#desk/adapters/connection-parts.ts';
import type { VenueDefinition } from '#desk/ports/broker.ts';
import type { MessageOf } from './fields.ts';
import type { SECURITY_DEFINITION_RESPONSE } from './messages/symbols.ts';
import { createPriceScale, fromFloat, type PriceScale } from './price-scale.ts';
import { timeOf } from './times.ts';

/** A contract as the server describes it; what it leaves out is null. */
export type DtcDefinition = VenueDefinition & {
  readonly initialMargin: Money | null;
  readonly currency: string | null;
  /** Decimals, or 100 and more for fractions; null when it is not set. */
  readonly displayFormat: number | null;
  readonly expiry: string | null;
  readonly description: string;
  readonly isDelayed: boolean;
  /** No trade of it is ever told. */
  readonly isBidAskOnly: boolean;
};

/** One instrument, by the desk's name and the server's. */
export interface Listed {
  readonly symbol: string;
  readonly venueSymbol: string;
  readonly instrument: Instrument;
  /** Prices by what the configuration, or else the server, says they are multiplied with. */
  readonly scale: () => PriceScale;
  readonly definition: () => DtcDefinition | null;
  readonly define: (definition: MessageOf<typeof SECURITY_DEFINITION_RESPONSE>) => void;
}

/** The instruments of a connection. */
export interface Listing {
  readonly all: readonly Listed[];
  readonly ofDesk: (symbol: string) => Listed | null;
  readonly ofVenue: (venueSymbol: string) => Listed | null;
}

const positive = (value: number | undefined): number | null =>
  value === undefined || value <= 0 ? null : fromFloat(value);

function definitionOf(body: MessageOf<typeof SECURITY_DEFINITION_RESPONSE>): DtcDefinition {
  const currency = body.Currency === '' ? null : body.Currency.toUpperCase();
  const isUsd = currency === null || currency === 'USD';
  const margin = positive(body.InitialMarginRequirement);
  const expiry = timeOf(body.SecurityExpirationDate);
  return {
    tickSize: positive(body.MinPriceIncrement),
    // Money of another currency is not a figure in dollars.
    tickValueUsd: isUsd ? positive(body.CurrencyValuePerIncrement) : null,
    initialMargin: margin === null || !isUsd ? null : moneyFromUsd(margin),
    currency,
    displayFormat:
      body.PriceDisplayFormat === undefined || body.PriceDisplayFormat < 0 ? null : body.PriceDisplayFormat,
    expiry: expiry === null ? null : new Date(expiry).toISOString().slice(0, 10),
    description: body.Description,
    isDelayed: body.IsDelayed === 1,
    isBidAskOnly: body.UpdatesBidAskOnly === 1,
  };
}

const keyOf = (venueSymbol: string): string => venueSymbol.trim().toUpperCase();

function list(
  { instrument, venueSymbol }: VenueInstrument,
  multipliers: Readonly<Record<string, number>> | undefined,
): Listed {
  const { symbol, root, tickSize } = instrument;
  const given = multipliers?.[symbol] ?? multipliers?.[root] ?? null;
  let definition: DtcDefinition | null = null;
  let scale = createPriceScale(tickSize, given ?? 1);
  return {
    ...{ symbol, instrument, venueSymbol: venueSymbol ?? symbol },
    scale: () => scale,
    definition: () => definition,
    define: (body) => {
      definition = definitionOf(body);
      if (given === null) scale = createPriceScale(tickSize, positive(body.DisplayPriceMultiplier) ?? 1);
    },
  };
}

/** Lists the instruments. The desk's symbol is Sierra's, unless the configuration names another. */
export function createListing(
  instruments: readonly VenueInstrument[],
  multipliers: Readonly<Record<string, number>> | undefined,
): Listing {
  const all = instruments.map((instrument) => list(instrument, multipliers));
  const byDesk = new Map(all.map((listed) => [listed.symbol, listed]));
  const byVenue = new Map(all.map((listed) => [keyOf(listed.venueSymbol), listed]));
  return {
    all,
    ofDesk: (symbol) => byDesk.get(symbol) ?? null,
    ofVenue: (venueSymbol) => byVenue.get(keyOf(venueSymbol)) ?? null,
  };
}

/** Says a definition in a line, for a connection test. */
export function definitionText({ tickSize, tickValueUsd, expiry, initialMargin }: DtcDefinition): string {
  const parts = [
    tickSize === null ? 'no tick size' : `tick ${tickSize}`,
    tickValueUsd === null ? 'no tick value' : `${tickValueUsd} USD a tick`,
    expiry === null ? null : `expires ${expiry}`,
    initialMargin === null ? null : `margin ${initialMargin / MONEY_PER_USD} USD`,
  ];
  return parts.filter((part) => part !== null).join(', ');
}
