import type { RawExecution, WrittenTime } from '#desk/imports/format.ts';
import { contractSpec } from '#desk/engine/futures/contract-table.ts';
import type { ContractSpec } from '#desk/engine/futures/contract-table.ts';
import { parsePrice, priceOf } from '#desk/engine/futures/prices.ts';
import { parseSymbol } from '#desk/engine/futures/symbol.ts';
import { hiddenRoot } from '#desk/imports/symbols.ts';
import type { ImportOptions } from '#shared/domain/import.ts';
import { MONEY_PER_USD } from '#shared/units.ts';

/** A row that states a whole round trip: way in and way out of the same contracts. */
export type ClosedPair = {
  readonly line: number;
  /** Key of the pair; both executions derive theirs from it. */
  readonly id: string;
  readonly account: string | null;
  readonly symbol: string;
  /** Of the entry: 1 for a long trade. */
  readonly direction: 1 | -1;
  readonly quantity: number;
  readonly entry: { readonly price: string; readonly time: WrittenTime };
  readonly exit: { readonly price: string; readonly time: WrittenTime };
  /** Commission and fees of the whole round trip in USD; null when the file has none. */
  readonly feeUsd: number | null;
};

const opposite = (direction: 1 | -1): 1 | -1 => (direction === 1 ? -1 : 1);

/**
 * Splits a fee in USD into two halves whose sum is the fee to 1e-4 USD; the odd unit is the entry's.
 * @returns [entry, exit] in USD
 */
export function splitFee(feeUsd: number): readonly [number, number] {
  const units = Math.round(feeUsd * MONEY_PER_USD);
  const exit = Math.trunc(units / 2);
  return [(units - exit) / MONEY_PER_USD, exit / MONEY_PER_USD];
}

/** The two executions of a closed pair: entry, then exit. Their keys stay the same when the file is read again. */
export function pairExecutions(pair: ClosedPair): readonly [RawExecution, RawExecution] {
  const { line, account, symbol, quantity, entry, exit } = pair;
  const [entryFee, exitFee] = pair.feeUsd === null ? [null, null] : splitFee(pair.feeUsd);
  const common = { line, account, symbol, quantity };
  return [
    { ...common, ...entry, id: `${pair.id}:entry`, direction: pair.direction, feeUsd: entryFee },
    { ...common, ...exit, id: `${pair.id}:exit`, direction: opposite(pair.direction), feeUsd: exitFee },
  ];
}

/** The contract table's row of a symbol as a file writes it, its month named or hidden; null when it is in none. */
export function specOfSymbol(symbol: string): ContractSpec | null {
  // Only the root is asked for, and it does not depend on the year a single digit stands for.
  const parsed = parseSymbol(symbol, 2000);
  const root = parsed.ok ? parsed.value.root : hiddenRoot(symbol);
  return root === null ? null : contractSpec(root);
}

type Priced = { readonly points: number; readonly isOnGrid: boolean };

type Stated = NonNullable<ImportOptions['instruments']>[string];

/** What is known of a contract: its row of the table, else what the trader stated. */
type Known = { readonly spec: ContractSpec | null; readonly stated: Stated | null };

const isWhole = (count: number): boolean => Math.abs(count - Math.round(count)) < 1e-6;

function pricedBy({ spec, stated }: Known, text: string): Priced | null {
  const onGrid = spec === null ? null : parsePrice(spec, text);
  if (spec !== null && onGrid?.ok === true) return { points: priceOf(spec, onGrid.value), isOnGrid: true };
  const points = text.trim() === '' ? NaN : Number(text);
  if (!Number.isFinite(points)) return null;
  return { points, isOnGrid: spec === null && stated !== null && isWhole(points / stated.tickSize) };
}

/** USD for a move of 1.0. */
function pointValueOf({ spec, stated }: Known): number | null {
  if (spec !== null) return spec.pointValue;
  return stated === null ? null : stated.tickValueUsd / stated.tickSize;
}

/** Half a unit of the last decimal written: how far an average price may be from its own rounding. */
const roundingOf = (text: string): number => 0.5 * 10 ** -(/\.(\d+)\s*$/.exec(text)?.[1]?.length ?? 0);

/** A broker writes P&L in cents. */
const CENT_USD = 0.01;

/** What the desk's own contract table makes of a pair, beside the allowance for rounding in the file. */
export type PairGross = { readonly usd: number; readonly toleranceUsd: number };

/**
 * Gross result of a pair in USD by the contract table, else by what the trader stated of the contract; null when the
 * contract is unknown or a price is no number, so that there is nothing to compare with.
 */
export function pairGross(pair: ClosedPair, options: ImportOptions): PairGross | null {
  const known = { spec: specOfSymbol(pair.symbol), stated: options.instruments?.[pair.symbol] ?? null };
  const pointValue = pointValueOf(known);
  const entry = pricedBy(known, pair.entry.price);
  const exit = pricedBy(known, pair.exit.price);
  if (pointValue === null || entry === null || exit === null) return null;
  const perPoint = pointValue * pair.quantity;
  const entryRounding = entry.isOnGrid ? 0 : roundingOf(pair.entry.price);
  const exitRounding = exit.isOnGrid ? 0 : roundingOf(pair.exit.price);
  return {
    usd: pair.direction * (exit.points - entry.points) * perPoint,
    toleranceUsd: CENT_USD + (entryRounding + exitRounding) * perPoint,
  };
}

/** Whether a figure of the file equals ours, to a cent and the rounding of average prices. */
export const agrees = (gross: PairGross, fileUsd: number): boolean =>
  Math.abs(gross.usd - fileUsd) <= gross.toleranceUsd + 1e-9;

/** A figure in USD for a message, to the cent: −19.00. */
export const usdText = (usd: number): string => usd.toFixed(2).replace('-', '−');
