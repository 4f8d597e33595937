import { SecType, type Contract } from './library.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import { type Result, err, ok } from '#shared/result.ts';
import { MONEY_PER_USD, ticks, type Ticks } from '#shared/units.ts';
import type { VenueDefinition } from '#desk/ports/broker.ts';
import type { VenueInstrument } from '#desk/adapters/connection-parts.ts';
import type { Questions } from './questions.ts';
import type { WireContract, WireDetails, WireRule } from './wire.ts';

/** One contract of the desk as IB knows it. */
export type IbContract = {
  readonly instrument: Instrument;
  readonly conId: number;
  /** What goes into a request: IB's number and the exchange, which leave nothing to guess. */
  readonly contract: Contract;
  readonly localSymbol: string;
  /** USD for a move of 1.0 of the quoted price, one contract. */
  readonly pointValue: number;
  readonly definition: VenueDefinition;
};

/** The contracts of a connection, by the desk's symbol and by IB's number. */
export type IbContracts = {
  readonly bySymbol: ReadonlyMap<string, IbContract>;
  readonly byConId: ReadonlyMap<number, IbContract>;
  /** Why a symbol cannot be traded, in words. */
  readonly faults: ReadonlyMap<string, string>;
};

const MONTH_CODES = 'FGHJKMNQUVXZ';
const SYMBOL = /^([A-Z0-9]{1,4})([FGHJKMNQUVXZ])(\d{2})(?:-[A-Z]+)?$/;

/** IB names the underlying of these otherwise than the exchange names the contract. */
const IB_SYMBOLS: Readonly<Record<string, string>> = {
  '6A': 'AUD',
  '6B': 'GBP',
  '6C': 'CAD',
  '6E': 'EUR',
  '6J': 'JPY',
  '6M': 'MXP',
  '6N': 'NZD',
  '6S': 'CHF',
  M6A: 'AUD',
  M6B: 'GBP',
  M6E: 'EUR',
  SIL: 'SI',
  BTC: 'BRR',
  ETH: 'ETHUSDRR',
};

/** `yyyymm` of the contract month in a symbol of the desk (`NQZ26-CME`); null for one that names none. */
export function contractMonthOf(symbol: string): string | null {
  const [, , code, year] = SYMBOL.exec(symbol) ?? [];
  if (code === undefined || year === undefined) return null;
  return `20${year}${String(MONTH_CODES.indexOf(code) + 1).padStart(2, '0')}`;
}

const pointValueOf = ({ tickSize, tickValue }: Instrument): number => tickValue / MONEY_PER_USD / tickSize;

/**
 * What IB is asked for: enough to find one contract, as far as the desk knows it.
 * @param venueSymbol what the configuration says: TWS's local symbol (`NQZ6`, `ZN   DEC 26`) or IB's number (conId)
 */
export function contractQuery({ instrument, venueSymbol }: VenueInstrument): Result<Contract, string> {
  const base: Contract = { secType: SecType.FUT, exchange: instrument.exchange, currency: 'USD' };
  if (venueSymbol !== null) {
    const isNumber = /^\d{5,}$/.test(venueSymbol);
    return ok(isNumber ? { ...base, conId: Number(venueSymbol) } : { ...base, localSymbol: venueSymbol });
  }
  const month = contractMonthOf(instrument.symbol);
  if (month === null)
    return err(`${instrument.symbol} names no contract month: say under "symbols" which contract of IB it is`);
  return ok({
    ...base,
    symbol: IB_SYMBOLS[instrument.root] ?? instrument.root,
    tradingClass: instrument.root,
    lastTradeDateOrContractMonth: month,
  });
}

/** One candidate in words. */
const describe = ({ contract, minTick, realExpirationDate }: WireDetails): string => {
  const last = realExpirationDate === '' ? contract.lastTradeDateOrContractMonth : realExpirationDate;
  return `${contract.localSymbol} on ${contract.exchange} (multiplier ${contract.multiplier}, tick ${minTick}, last trade ${last}, conId ${contract.conId})`;
};

/** The one contract meant, or why there is none: no answer, or several, which are named. */
export function chooseContract(
  instrument: Instrument,
  candidates: readonly WireDetails[],
): Result<WireDetails, string> {
  const worth = (d: WireDetails): number => d.contract.multiplier / d.priceMagnifier;
  const expected = pointValueOf(instrument);
  const isClose = (d: WireDetails): boolean => Math.abs(worth(d) - expected) <= 1e-6 * expected;
  const fitting = candidates.filter(isClose);
  // One alone is taken whatever it is worth: what differs is then shown beside the desk's own figures, and locks.
  const left = candidates.length === 1 ? candidates : fitting;
  const [only, second] = left;
  if (only !== undefined && second === undefined) return ok(only);
  if (candidates.length === 0) return err(`IB has no contract for ${instrument.symbol}`);
  return err(
    `IB has ${candidates.length} contracts for ${instrument.symbol}: ${candidates.map(describe).join('; ')}. Give its conId under "symbols"`,
  );
}

/** The price step of a contract: the rule of its exchange where that has one step, else its smallest. */
export function tickSizeOf(details: WireDetails, rule: Readonly<WireRule> | null): number {
  const steps = new Set((rule ?? []).map(({ increment }) => increment));
  const [only] = steps;
  return steps.size === 1 && only !== undefined ? only : details.minTick;
}

/** The number of the price rule of the contract's own exchange; null where it names none. */
export function ruleIdOf({ contract, validExchanges, marketRuleIds }: WireDetails): number | null {
  const at = validExchanges.split(',').indexOf(contract.exchange);
  const id = Number(marketRuleIds.split(',')[at] ?? '');
  return at >= 0 && Number.isInteger(id) && id > 0 ? id : null;
}

async function resolveOne(named: VenueInstrument, questions: Questions): Promise<Result<IbContract, string>> {
  const { instrument } = named;
  const query = contractQuery(named);
  if (!query.ok) return query;
  const answer = await questions.details(query.value);
  if (!answer.ok) return err(`${instrument.symbol}: ${answer.error}`);
  const chosen = chooseContract(instrument, answer.value);
  if (!chosen.ok) return chosen;
  const details = chosen.value;
  const ruleId = ruleIdOf(details);
  const rule = ruleId === null ? null : await questions.marketRule(ruleId);
  const tickSize = tickSizeOf(details, rule?.ok === true ? rule.value : null);
  const { contract, priceMagnifier } = details;
  const pointValue = contract.multiplier / priceMagnifier;
  return ok({
    instrument,
    conId: contract.conId,
    contract: { conId: contract.conId, exchange: contract.exchange },
    localSymbol: contract.localSymbol,
    pointValue,
    definition: { tickSize, tickValueUsd: pointValue > 0 ? tickSize * pointValue : null },
  });
}

/** Finds every instrument at IB. What cannot be found is left out, with the reason. */
export async function resolveContracts(
  instruments: readonly VenueInstrument[],
  questions: Questions,
): Promise<IbContracts> {
  const bySymbol = new Map<string, IbContract>();
  const byConId = new Map<number, IbContract>();
  const faults = new Map<string, string>();
  const found = await Promise.all(
    instruments.map(async (named) => ({
      symbol: named.instrument.symbol,
      result: await resolveOne(named, questions),
    })),
  );
  for (const { symbol, result } of found) {
    if (!result.ok) faults.set(symbol, result.error);
    else if (byConId.has(result.value.conId)) faults.set(symbol, `${symbol} is the same contract as another symbol`);
    else {
      bySymbol.set(symbol, result.value);
      byConId.set(result.value.conId, result.value);
    }
  }
  return { bySymbol, byConId, faults };
}

/** The desk's symbol of a contract; for a future it does not trade, IB's own; null for what is no future. */
export function symbolOf(contracts: IbContracts, { conId, secType, localSymbol }: WireContract): string | null {
  const known = contracts.byConId.get(conId);
  if (known !== undefined) return known.instrument.symbol;
  return secType === 'FUT' && localSymbol !== '' ? localSymbol.replaceAll(/\s+/g, ' ') : null;
}

/** A price of the desk as IB writes it. One division of whole numbers where the tick allows it: 21691 → 1.08455. */
export function priceOf({ tickSize }: Pick<Instrument, 'tickSize'>, at: Ticks): number {
  const perUnit = Math.round(1 / tickSize);
  return tickSize < 1 && Math.abs(perUnit * tickSize - 1) < 1e-9 ? at / perUnit : at * tickSize;
}

/** Half a thousandth of a tick is what float64 prices of IB may be off. */
const OFF_TICK = 5e-4;

/** A price of IB in ticks; null when it is none or lies between two. */
export function ticksOf({ tickSize }: Pick<Instrument, 'tickSize'>, price: number): Ticks | null {
  const count = price / tickSize;
  const whole = Math.round(count);
  return Number.isSafeInteger(whole) && Math.abs(count - whole) <= OFF_TICK ? ticks(whole) : null;
}
