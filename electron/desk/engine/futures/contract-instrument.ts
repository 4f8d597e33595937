import type { Instrument, SessionCalendar } from '#shared/domain/instrument.ts';
import { moneyFromUsd } from '#shared/units.ts';
import { microOf, type ContractSpec } from './contract-table.ts';

/** Commission and fees per contract, both sides: what a retail futures account pays for a mini and for a micro. */
const MINI_ROUND_TURN_USD = 4.6;
const MICRO_ROUND_TURN_USD = 1.24;

/** Slippage allowed for when a stop is hit, in ticks, where nobody says otherwise. */
export const USUAL_SLIPPAGE_TICKS = 2;

export type ContractTerms = {
  readonly symbol: string;
  readonly lastTrade: string | null;
  readonly firstNotice: string | null;
  readonly calendar: SessionCalendar;
};

/** Returns the instrument of a contract, or of a continuous series, of the table: usual fees and slippage, no margin. */
export const contractInstrument = (spec: ContractSpec, contract: ContractTerms): Instrument => ({
  symbol: contract.symbol,
  root: spec.root,
  name: spec.name,
  exchange: spec.exchange,
  group: spec.group,
  tickSize: spec.tickSize,
  tickValue: spec.tickValue,
  priceFormat: spec.priceFormat,
  microRoot: microOf(spec.root)?.root ?? null,
  lastTradeDate: contract.lastTrade,
  firstNoticeDate: contract.firstNotice,
  calendar: contract.calendar,
  initialMargin: null,
  roundTurnFee: moneyFromUsd(spec.microOf === null ? MINI_ROUND_TURN_USD : MICRO_ROUND_TURN_USD),
  slippageTicks: USUAL_SLIPPAGE_TICKS,
});
