import type { ContractSpec } from '#desk/engine/futures/contract-table.ts';

import { shareSymbol } from './share-symbol.ts';

/** IBKR writes the times of statements and Flex queries on New York's clock, whatever the market. */
export const IBKR_ZONE = 'America/New_York';

/** What an asset class is to the desk: held, or the reason it is left out. */
export type AssetClass = { readonly isHeld: true } | { readonly isHeld: false; readonly reason: string };

const HELD: AssetClass = { isHeld: true };

/** Judges an asset class as statements (`Stocks`, `Equity and Index Options`) and Flex queries (`STK`, `FOP`) name it. */
export function assetClass(written: string): AssetClass {
  const name = written.trim();
  if (/^(FUT|STK|Futures|Stocks)\b/i.test(name) && !/option/i.test(name)) return HELD;
  if (/option|^(OPT|FOP|FSOPT|FSFOP|WAR|IOPT)\b/i.test(name)) {
    return { isHeld: false, reason: `${name}: the desk holds no options` };
  }
  if (/^(forex|cash)\b/i.test(name))
    return { isHeld: false, reason: `${name}: a conversion of currencies is no trade` };
  return { isHeld: false, reason: `${name}: the desk holds futures and stocks only` };
}

/** `ZN   SEP 26`, as IBKR spells contracts of some exchanges, becomes `ZN SEP26`; any other symbol stays as written. */
export const contractSymbol = (written: string): string =>
  written.trim().replace(/^([A-Z0-9]{1,4})\s+([A-Z]{3})\s+(\d{2})$/i, '$1 $2$3');

/** Symbol of a trade of an asset class: a contract month as the desk reads it, or a share. */
export function symbolIn(writtenClass: string, written: string): string {
  const symbol = contractSymbol(written);
  return /^(STK|Stocks)\b/i.test(writtenClass.trim()) ? shareSymbol(symbol) : symbol;
}

const EQUAL = 1e-6;

/** Why a multiplier cannot be right; null when it is the table's. */
export function multiplierFault(spec: ContractSpec, multiplier: number): string | null {
  if (Math.abs(multiplier - spec.pointValue) <= EQUAL * spec.pointValue) return null;
  return (
    `the file multiplies a price by ${Number(multiplier.toPrecision(6))}, ` +
    `the contract table multiplies ${spec.root} by ${spec.pointValue}`
  );
}

export const MULTIPLIER_REMEDY =
  'the price may be quoted in another unit, or the contract be another one: remove these rows or correct the symbol';

export const CANCELLED_REMEDY =
  'the broker took a trade back: remove this row and the one it cancels, or export without cancelled trades';
