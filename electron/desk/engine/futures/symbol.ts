import { err, ok } from '#shared/result.ts';
import type { Result } from '#shared/result.ts';

import { contractSpec, MONTH_CODES } from './contract-table.ts';

/** One contract month of a root: NQ, September 2025. */
export type ContractMonth = { readonly root: string; readonly year: number; readonly month: number };

export type ParsedSymbol = ContractMonth & {
  readonly monthCode: string;
  /** The venue suffix as written, upper case; null when there is none. */
  readonly venue: string | null;
  /** Whether the root is in the contract table. */
  readonly known: boolean;
};

export type SymbolError = { readonly code: 'unparseable'; readonly symbol: string };

/** Greedy root, then the last month letter and a 1- or 2-digit year, then an optional venue. */
const SIERRA = /^([A-Z0-9]{1,4})([FGHJKMNQUVXZ])(\d{1,2})(?:(?:-|_FUT_|\.)([A-Z]+))?$/;
const NINJATRADER = /^([A-Z0-9]{1,4}) (?:(\d{2})-|([A-Z]{3})-?)(\d{2})$/;
const TRADINGVIEW = /^([A-Z_]+):([A-Z0-9]{1,4})([FGHJKMNQUVXZ])(\d{4})$/;
const MONTH_NAMES = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

/** Letter of a month 1–12; throws on any other number. */
export function monthCode(month: number): string {
  const code = MONTH_CODES[month - 1];
  if (code === undefined) throw new RangeError(`not a month: ${month}`);
  return code;
}

/** A 1-digit year is the first matching year from the year before the reference on; a 2-digit year is of its century. */
function fullYear(digits: string, referenceYear: number): number {
  if (digits.length === 4) return Number(digits);
  if (digits.length === 2) return Math.floor(referenceYear / 100) * 100 + Number(digits);
  const earliest = referenceYear - 1;
  return earliest + ((Number(digits) - (earliest % 10) + 10) % 10);
}

function parsed(parts: { root: string; month: number; year: number; venue: string | null }): ParsedSymbol {
  return { ...parts, monthCode: monthCode(parts.month), known: contractSpec(parts.root) !== null };
}

type Parts = { readonly symbol: string; readonly referenceYear: number };

function parseSierra({ symbol, referenceYear }: Parts): ParsedSymbol | null {
  const [, root, code, year, venue] = SIERRA.exec(symbol) ?? [];
  if (root === undefined || code === undefined || year === undefined) return null;
  const month = MONTH_CODES.indexOf(code) + 1;
  return parsed({ root, month, year: fullYear(year, referenceYear), venue: venue ?? null });
}

function parseNinjaTrader({ symbol, referenceYear }: Parts): ParsedSymbol | null {
  const [, root, digits, name, year] = NINJATRADER.exec(symbol) ?? [];
  if (root === undefined || year === undefined) return null;
  const month = name === undefined ? Number(digits) : MONTH_NAMES.indexOf(name) + 1;
  return month < 1 || month > 12 ? null : parsed({ root, month, year: fullYear(year, referenceYear), venue: null });
}

function parseTradingView({ symbol, referenceYear }: Parts): ParsedSymbol | null {
  const [, venue, root, code, year] = TRADINGVIEW.exec(symbol) ?? [];
  if (venue === undefined || root === undefined || code === undefined || year === undefined) return null;
  const month = MONTH_CODES.indexOf(code) + 1;
  return parsed({ root, month, year: fullYear(year, referenceYear), venue });
}

/**
 * Reads the symbol of one contract month, in any letter case. Forms: Sierra Chart base `NQU25`, DTC `NQU25-CME`, chart
 * `NQU25_FUT_CME` and `NQU25.CME`; IB localSymbol and Tradovate/Rithmic `NQU5`; NinjaTrader `NQ 09-25`, `NQ SEP25`;
 * TradingView `CME_MINI:NQU2025`. The venue is kept as written: in `_FUT_CME` it names CME Group, not the exchange.
 * @param symbol text without surrounding spaces
 * @param referenceYear full year against which a 1-digit year is read: ESM6 seen in 2025 is June 2026, ESZ9 in 2030 is 2029
 * @errors 'unparseable' for a bare root, a continuous symbol, a letter that is no month code
 */
export function parseSymbol(symbol: string, referenceYear: number): Result<ParsedSymbol, SymbolError> {
  const parts = { symbol: symbol.toUpperCase(), referenceYear };
  const found = parseSierra(parts) ?? parseNinjaTrader(parts) ?? parseTradingView(parts);
  if (found === null || !Number.isInteger(referenceYear)) return err({ code: 'unparseable', symbol });
  return ok(found);
}

/** A written form of a contract month. Venue suffixes are given, never derived: installations differ. */
export type SymbolForm =
  | { readonly form: 'sierra-base' }
  | { readonly form: 'sierra-dtc'; readonly venue: string }
  | { readonly form: 'sierra-chart'; readonly venue: string }
  | { readonly form: 'one-digit-year' }
  | { readonly form: 'ib-month' }
  | { readonly form: 'ninjatrader' }
  | { readonly form: 'tradingview'; readonly venue: string };

/**
 * Writes a contract month: sierra-base `NQU25`, sierra-dtc `NQU25-CME`, sierra-chart `NQU25_FUT_CME`, one-digit-year
 * (IB localSymbol, Tradovate, Rithmic) `NQU5`, ib-month (lastTradeDateOrContractMonth) `202509`,
 * ninjatrader `NQ 09-25`, tradingview `CME_MINI:NQU2025`.
 */
export function formatSymbol({ root, year, month }: ContractMonth, form: SymbolForm): string {
  const code = monthCode(month);
  const yy = String(year % 100).padStart(2, '0');
  const mm = String(month).padStart(2, '0');
  switch (form.form) {
    case 'sierra-base':
      return `${root}${code}${yy}`;
    case 'sierra-dtc':
      return `${root}${code}${yy}-${form.venue}`;
    case 'sierra-chart':
      return `${root}${code}${yy}_FUT_${form.venue}`;
    case 'one-digit-year':
      return `${root}${code}${year % 10}`;
    case 'ib-month':
      return `${year}${mm}`;
    case 'ninjatrader':
      return `${root} ${mm}-${yy}`;
    case 'tradingview':
      return `${form.venue}:${root}${code}${year}`;
  }
}
