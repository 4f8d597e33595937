import type { Instrument } from '#shared/domain/instrument.ts';
import { type Result, err, ok } from '#shared/result.ts';
import { type Money, money, ticks, type Ticks } from '#shared/units.ts';
import type { VenueInstrument } from '#desk/adapters/connection-parts.ts';
import { decimalOf, ONE, unitsOf, unitsOfNumber } from './decimal.ts';

/** Units of 1e-9 USD in the desk's smallest amount of money, 1e-4 USD. */
const MONEY_UNIT = ONE / 10_000n;
const CENT = ONE / 100n;

/** What was paid above the tick at or below it is told as a fee, so that the amount of money is right to 1e-4 USD. */
export type BookedPrice = { readonly price: Ticks; readonly fee: Money };

/** One instrument of the desk at Alpaca. */
export interface Listed {
  readonly symbol: string;
  /** `QQQ`, `BTC/USD`. */
  readonly venueSymbol: string;
  readonly isCrypto: boolean;
  readonly tickSize: number;
  /** Shares or coins of `contracts`, as Alpaca writes them. */
  readonly quantityText: (contracts: number) => string;
  /** A whole number of contracts; null for what lies between two. */
  readonly contractsOf: (text: string) => number | null;
  /** Whole contracts in it, towards nothing. */
  readonly wholeContractsOf: (text: string) => number | null;
  readonly priceText: (price: Ticks) => string;
  /** Why Alpaca would not take a price; null when it does. */
  readonly priceFault: (price: Ticks) => string | null;
  /** A price on a tick; null for what lies between two. */
  readonly ticksOf: (text: string) => Ticks | null;
  /** A mean price in ticks; null when it is no number. */
  readonly meanOf: (text: string | null) => number | null;
  /** An execution between two ticks goes by the better one, and the rest by the fee. */
  readonly booked: (text: string, trade: { direction: 1 | -1; contracts: number }) => BookedPrice | null;
}

/** The instruments of a connection, by the desk's symbol and by Alpaca's. */
export interface Listing {
  readonly ofDesk: (symbol: string) => Listed | null;
  readonly ofVenue: (symbol: string) => Listed | null;
  readonly all: () => readonly Listed[];
  /** Why an instrument cannot be traded here, in words. */
  readonly faults: ReadonlyMap<string, string>;
}

const absolute = (value: bigint): bigint => (value < 0n ? -value : value);
/** Positions name a pair of crypto without its stroke. */
const keyOf = (venueSymbol: string): string => venueSymbol.replace('/', '').toUpperCase();

/** Shares or coins in one contract, in 1e-9: what a price step of one contract is worth says it. */
function lotOf({ tickSize, tickValue }: Instrument): bigint | null {
  const step = unitsOfNumber(tickSize);
  const worth = BigInt(tickValue) * MONEY_UNIT * ONE;
  return step > 0n && worth % step === 0n && worth > 0n ? worth / step : null;
}

function listedOf(instrument: Instrument, venueSymbol: string, lot: bigint): Listed {
  const step = unitsOfNumber(instrument.tickSize);
  const isCrypto = venueSymbol.includes('/');
  const wholeOf = (text: string): { count: number; rest: bigint } | null => {
    const units = unitsOf(text);
    return units === null ? null : { count: Number(units / lot), rest: units % lot };
  };
  return {
    ...{ symbol: instrument.symbol, venueSymbol, isCrypto, tickSize: instrument.tickSize },
    quantityText: (contracts) => decimalOf(BigInt(contracts) * lot),
    contractsOf: (text) => {
      const whole = wholeOf(text);
      return whole?.rest === 0n ? whole.count : null;
    },
    wholeContractsOf: (text) => wholeOf(text)?.count ?? null,
    priceText: (price) => decimalOf(BigInt(price) * step),
    priceFault: (price) => {
      const units = BigInt(price) * step;
      if (units <= 0n) return `Alpaca takes no price of ${decimalOf(units)}`;
      const venueStep = units >= ONE ? CENT : CENT / 100n;
      if (isCrypto || units % venueStep === 0n) return null;
      return `Alpaca takes prices in steps of ${decimalOf(venueStep)} there, and not ${decimalOf(units)}`;
    },
    ticksOf: (text) => {
      const units = unitsOf(text);
      return units === null || units % step !== 0n ? null : ticks(Number(units / step));
    },
    meanOf: (text) => {
      const value = text === null || text === '' ? Number.NaN : Number(text);
      return Number.isFinite(value) && value > 0 ? value / instrument.tickSize : null;
    },
    booked: (text, { direction, contracts }) => {
      const units = unitsOf(text);
      if (units === null || units <= 0n) return null;
      const below = units / step;
      const count = direction === 1 || units % step === 0n ? below : below + 1n;
      const off = absolute(units - count * step) * lot * BigInt(contracts);
      return { price: ticks(Number(count)), fee: money(Number(off / ONE / MONEY_UNIT)) };
    },
  };
}

function listOne({ instrument, venueSymbol }: VenueInstrument): Result<Listed, string> {
  const { symbol, root, lastTradeDate } = instrument;
  if (lastTradeDate !== null) return err(`${symbol} is a future, and Alpaca has none`);
  const lot = lotOf(instrument);
  if (lot === null)
    return err(`${symbol}: a tick of ${instrument.tickSize} worth ${instrument.tickValue} / 10000 USD is no whole lot`);
  return ok(listedOf(instrument, venueSymbol ?? root.replace(/\.STK$/u, ''), lot));
}

/** Lists the instruments of a connection. What Alpaca cannot trade is left out, with the reason. */
export function createListing(instruments: readonly VenueInstrument[]): Listing {
  const bySymbol = new Map<string, Listed>();
  const byVenue = new Map<string, Listed>();
  const faults = new Map<string, string>();
  for (const named of instruments) {
    const { symbol } = named.instrument;
    const listed = listOne(named);
    if (!listed.ok) faults.set(symbol, listed.error);
    else if (byVenue.has(keyOf(listed.value.venueSymbol))) faults.set(symbol, `${symbol} is another symbol's share`);
    else {
      bySymbol.set(symbol, listed.value);
      byVenue.set(keyOf(listed.value.venueSymbol), listed.value);
    }
  }
  return {
    ofDesk: (symbol) => bySymbol.get(symbol) ?? null,
    ofVenue: (symbol) => byVenue.get(keyOf(symbol)) ?? null,
    all: () => [...bySymbol.values()],
    faults,
  };
}
