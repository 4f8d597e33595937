import type { Instrument } from '#shared/domain/instrument.ts';
import { MONEY_PER_USD, moneyFromUsd } from '#shared/units.ts';
import { USUAL_SLIPPAGE_TICKS } from '#desk/engine/futures/contract-instrument.ts';
import { contractSpec } from '#desk/engine/futures/contract-table.ts';

/** A share or a coin as a configuration names it. */
export type ShareEntry = {
  readonly contract: string;
  readonly market: 'share' | 'crypto';
  readonly lot?: number | undefined;
  readonly tickSize?: number | undefined;
};

const USUAL_TICK = 0.01;
const USUAL_LOT = 1;
const LONGEST_ROOT = 8;

/** A share that has the name of a future's root goes by another, as in imported journals. */
const symbolOf = ({ contract, market }: ShareEntry): string => {
  const text = contract.toUpperCase();
  return market === 'share' && contractSpec(text) !== null ? `${text}.STK` : text;
};

/** Why an entry makes no instrument, as a remedy; null when it makes one. */
export function shareFault(entry: ShareEntry): string | null {
  const { contract, market, lot = USUAL_LOT, tickSize = USUAL_TICK } = entry;
  const isNamed = market === 'crypto' ? /^[A-Z0-9]{2,5}\/USD$/i.test(contract) : /^[A-Z][A-Z.]{0,7}$/i.test(contract);
  if (!isNamed || symbolOf(entry).length > LONGEST_ROOT)
    return market === 'crypto' ? 'name a pair in USD, like BTC/USD' : 'name a share by its symbol, like QQQ';
  if (market === 'share' && !Number.isInteger(lot)) return 'give lot in whole shares';
  const units = tickSize * lot * MONEY_PER_USD;
  const isWhole = Math.round(units) >= 1 && Math.abs(units - Math.round(units)) < 1e-6;
  return isWhole ? null : 'choose lot and tickSize so that a tick of one lot is a whole number of 0.0001 USD';
}

/** Returns the instrument of a share or a coin: one contract of it is one lot. */
export function shareInstrument(entry: ShareEntry): Instrument {
  const { market, lot = USUAL_LOT, tickSize = USUAL_TICK } = entry;
  const symbol = symbolOf(entry);
  return {
    ...{ symbol, root: symbol, name: entry.contract.toUpperCase(), exchange: market === 'crypto' ? 'Alpaca' : 'US' },
    ...{ group: market === 'crypto' ? 'crypto' : 'equity', tickSize, tickValue: moneyFromUsd(tickSize * lot) },
    ...{ priceFormat: 'decimal', microRoot: null, lastTradeDate: null, firstNoticeDate: null },
    // The regular hours, without those before and after them: there a quote owes nobody freshness.
    calendar: market === 'crypto' ? 'always' : 'nyse',
    ...{ initialMargin: null, roundTurnFee: moneyFromUsd(0), slippageTicks: USUAL_SLIPPAGE_TICKS },
  };
}
