import type { ImportOptions, ImportQuestion } from '#shared/domain/import.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import { MONEY_PER_USD, moneyFromUsd } from '#shared/units.ts';
import type { EpochMs } from '#shared/units.ts';
import { contractInstrument, USUAL_SLIPPAGE_TICKS } from '#desk/engine/futures/contract-instrument.ts';
import { contractSpec } from '#desk/engine/futures/contract-table.ts';
import type { ContractSpec } from '#desk/engine/futures/contract-table.ts';
import { contractDates, frontContract, isListedMonth } from '#desk/engine/futures/expiry.ts';
import { formatSymbol, parseSymbol } from '#desk/engine/futures/symbol.ts';
import type { ContractMonth } from '#desk/engine/futures/symbol.ts';

import { askContract, askInstrument } from './notes.ts';

/** What a symbol of a file is: a contract, a question for the trader, or an error of the row. */
export type SymbolReading =
  | {
      readonly kind: 'known';
      readonly instrument: Instrument;
      readonly spec: ContractSpec | null;
      readonly isNamed: boolean;
    }
  | { readonly kind: 'ask'; readonly question: ImportQuestion; readonly root: string | null }
  | { readonly kind: 'error'; readonly message: string; readonly remedy: string };

/** Answer that takes, for each trade, the contract the exchange calendar and the desk's roll guard put in front. */
export const FRONT = 'front';

const DAY_MS = 86_400_000;
const LONGEST_SYMBOL = 32;
const LONGEST_ROOT = 8;

const isoDay = (at: number): string => new Date(at).toISOString().slice(0, 10);

const error = (message: string, remedy: string): SymbolReading => ({ kind: 'error', message, remedy });

type Stated = NonNullable<ImportOptions['instruments']>[string];

/** The first word names the market (an option `SPY 240119C470`); a share may not take the name of a future's root. */
function statedNames(symbol: string): { readonly symbol: string; readonly root: string } {
  const isTaken = contractSpec(symbol.toUpperCase()) !== null;
  const own = isTaken ? `${symbol}.STK` : symbol;
  return { symbol: own, root: (own.split(' ')[0] ?? own).slice(0, LONGEST_ROOT) };
}

/** A contract as the trader describes it: price step and worth, nothing else known. */
function statedInstrument(written: string, { tickSize, tickValueUsd }: Stated): SymbolReading {
  const { symbol, root } = statedNames(written);
  if (symbol.length > LONGEST_SYMBOL) {
    return error(`the symbol is longer than ${LONGEST_SYMBOL} characters`, 'shorten it in the file');
  }
  const units = tickValueUsd * MONEY_PER_USD;
  if (!Number.isSafeInteger(Math.round(units)) || Math.round(units) < 1 || Math.abs(units - Math.round(units)) > 1e-6) {
    const question = askInstrument(written, 'The worth of a step must be a whole number of 0.0001 USD.');
    return { kind: 'ask', question, root: null };
  }
  const instrument: Instrument = {
    symbol,
    root,
    name: symbol,
    exchange: '',
    group: 'equity',
    tickSize,
    tickValue: moneyFromUsd(tickValueUsd),
    priceFormat: 'decimal',
    microRoot: null,
    lastTradeDate: null,
    firstNoticeDate: null,
    calendar: 'always',
    initialMargin: null,
    roundTurnFee: moneyFromUsd(0),
    slippageTicks: USUAL_SLIPPAGE_TICKS,
  };
  return { kind: 'known', instrument, spec: null, isNamed: true };
}

/** The instrument of a contract month, or why it can be none: a wrong year is a wrong instrument. */
function readContract(contract: ContractMonth, spec: ContractSpec, isNamed: boolean): SymbolReading {
  const dates = contractDates(contract);
  if (!dates.ok || !isListedMonth(spec, contract.month)) {
    return error(`${spec.root} has no contract of month ${contract.month}`, 'correct the symbol in the file');
  }
  const symbol = formatSymbol(contract, { form: 'sierra-dtc', venue: spec.exchange });
  const instrument = contractInstrument(spec, { symbol, ...dates.value, calendar: 'cme' });
  return { kind: 'known', instrument, spec, isNamed };
}

/** `CME_MINI:MNQ1!`, `@NQ`, `/ES`, `NQ=F`, `NQ ##-##`, `NQ`: the root, not the month. */
const CONTINUOUS = /^(?:[A-Z_]+:)?([A-Z0-9]{1,3}[A-Z])[0-9]!$/;
const BARE = /^(?:[A-Z_]+:)?[@/]?([A-Z0-9]{1,4})(?:=F| ##-##)?$/;

/** Root of a symbol that hides its month, null when the contract table knows no such root. */
export function hiddenRoot(symbol: string): string | null {
  const upper = symbol.toUpperCase();
  const root = (CONTINUOUS.exec(upper) ?? BARE.exec(upper))?.[1];
  return root !== undefined && contractSpec(root) !== null ? root : null;
}

const own = <T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined =>
  record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;

function readHidden(symbol: string, root: string, { at, options }: SymbolContext): SymbolReading {
  const answer = own(options.contracts, symbol)?.trim();
  const spec = contractSpec(root);
  const ask = (reason?: string): SymbolReading => ({ kind: 'ask', question: askContract(symbol, [], reason), root });
  if (answer === undefined || spec === null) return ask();
  if (answer.toLowerCase() === FRONT) {
    const front = frontContract(root, isoDay(at));
    return front.ok ? readContract(front.value, spec, false) : ask();
  }
  const parsed = parseSymbol(answer, new Date(at).getUTCFullYear());
  if (!parsed.ok || parsed.value.root !== root) return ask(`${answer} is no contract of ${root}.`);
  return readContract(parsed.value, spec, false);
}

type SymbolContext = { readonly at: EpochMs; readonly options: ImportOptions };

function readSymbol(symbol: string, context: SymbolContext): SymbolReading {
  const parsed = parseSymbol(symbol, new Date(context.at).getUTCFullYear());
  const spec = parsed.ok ? contractSpec(parsed.value.root) : null;
  if (parsed.ok && spec !== null) return readContract(parsed.value, spec, true);
  const stated = own(context.options.instruments, symbol);
  if (stated !== undefined) return statedInstrument(symbol, stated);
  const root = hiddenRoot(symbol);
  if (root !== null) return readHidden(symbol, root, context);
  return { kind: 'ask', question: askInstrument(symbol), root: null };
}

/** Trades of a contract's last day may carry a later date in zones east of the exchange. */
const EXPIRY_SLACK_MS = 2 * DAY_MS;

function checkExpiry(reading: SymbolReading, at: EpochMs): SymbolReading {
  if (reading.kind !== 'known' || reading.instrument.lastTradeDate === null) return reading;
  const { symbol, lastTradeDate } = reading.instrument;
  if (at < Date.parse(lastTradeDate) + EXPIRY_SLACK_MS) return reading;
  return error(
    `${symbol} ended on ${lastTradeDate}, before this execution`,
    reading.isNamed ? 'correct the symbol or the date' : `answer “${FRONT}” to take the front contract of each day`,
  );
}

/**
 * Returns a reader of symbols that remembers what it has read. Forms: those of `parseSymbol`; a symbol that hides its
 * month is asked about (`contracts`), one whose root the table does not know as well (`instruments`). No tick is ever
 * guessed. A one-digit year is read against the year of the execution.
 */
export function symbolReader(options: ImportOptions): (symbol: string, at: EpochMs) => SymbolReading {
  const known = new Map<string, Map<number, SymbolReading>>();
  return (symbol, at) => {
    const ofSymbol = known.get(symbol) ?? new Map<number, SymbolReading>();
    known.set(symbol, ofSymbol);
    // By day: a year of one digit and an answer `front` depend on it.
    const day = Math.floor(at / DAY_MS);
    const found = ofSymbol.get(day) ?? readSymbol(symbol, { at, options });
    ofSymbol.set(day, found);
    return checkExpiry(found, at);
  };
}

const MOST_CHOICES = 6;

/** Contracts of a root that were in front between two times, oldest first, then `front` when they are several. */
export function contractChoices(root: string, from: number, to: number): readonly string[] {
  const choices: string[] = [];
  for (let at = from; choices.length < MOST_CHOICES; at += 7 * DAY_MS) {
    const front = frontContract(root, isoDay(Math.min(at, to)));
    const symbol = front.ok ? formatSymbol(front.value, { form: 'sierra-base' }) : null;
    if (symbol !== null && !choices.includes(symbol)) choices.push(symbol);
    if (at >= to) break;
  }
  return choices.length > 1 ? [...choices, FRONT] : choices;
}
