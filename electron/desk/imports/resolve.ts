import type { ImportedExecution, ImportFormat, ImportOptions, ImportRowNote } from '#shared/domain/import.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import { money, MONEY_PER_USD } from '#shared/units.ts';
import type { EpochMs, Money } from '#shared/units.ts';

import { executionKeys, keyProblem } from './execution-keys.ts';
import type { RawExecution, RawImport, ReadImport } from './format.ts';
import { askAccount, badCell, rowNote } from './notes.ts';
import { decimalPrice, HUNDREDFOLD, isBeyondBelief, isHundredfold, LARGEST_NOTIONAL_USD, priceLots } from './prices.ts';
import type { Grid, Lot, PriceError } from './prices.ts';
import { symbolReader } from './symbols.ts';
import type { SymbolReading } from './symbols.ts';
import { settleTimes } from './settle-times.ts';
import { inFileOrder } from './same-second.ts';
import { assumptionsOf, emptyTally, noteHidden, orderAssumption, questionsOf } from './tally.ts';
import type { Tally } from './tally.ts';

type KnownSymbol = Extract<SymbolReading, { kind: 'known' }>;

/** A row's execution on its way: what is settled so far. */
type Placed = {
  readonly raw: RawExecution;
  readonly at: EpochMs;
  readonly account: string;
  readonly contract: KnownSymbol;
};

/** What resolving one execution gave: it waits when the trader must answer something first. */
type Outcome<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'waits' }
  | { readonly kind: 'error'; readonly note: ImportRowNote };

const done = <T>(value: T): Outcome<T> => ({ kind: 'done', value });
const failed = (note: ImportRowNote): Outcome<never> => ({ kind: 'error', note });
const WAITS: Outcome<never> = { kind: 'waits' };

function accountOf(raw: RawExecution, options: ImportOptions, tally: Tally): string | null {
  const written = raw.account?.trim() ?? '';
  if (written !== '') return written;
  if (options.account === undefined) tally.questions.set('account', askAccount());
  else tally.withoutAccount += 1;
  return options.account ?? null;
}

type Context = {
  readonly options: ImportOptions;
  readonly readSymbol: (symbol: string, at: EpochMs) => SymbolReading;
  readonly tally: Tally;
};

function contractOf(raw: RawExecution, at: EpochMs, { readSymbol, tally }: Context): Outcome<KnownSymbol> {
  const symbol = raw.symbol.trim();
  const reading = readSymbol(symbol, at);
  if (reading.kind === 'error') {
    const { message, remedy } = reading;
    return failed(rowNote({ line: raw.line, field: 'symbol', value: symbol, message, remedy }));
  }
  if (reading.kind === 'ask') {
    tally.questions.set(`symbol ${symbol}`, reading.question);
    if (reading.root !== null) noteHidden(tally, symbol, { root: reading.root, at });
    return WAITS;
  }
  if (!reading.isNamed) tally.contracts.set(`${symbol} ${reading.instrument.symbol}`, symbol);
  return done(reading);
}

const MOST_CONTRACTS = 1_000_000;

/** Settles account and contract of an execution whose time is known. */
function place(raw: RawExecution, at: EpochMs, context: Context): Outcome<Placed> {
  if (raw.symbol.trim() === '') return failed(rowNote({ line: raw.line, field: 'symbol', message: 'symbol is empty' }));
  if (!Number.isInteger(raw.quantity) || raw.quantity < 1 || raw.quantity > MOST_CONTRACTS) {
    const cell = { line: raw.line, field: 'quantity', value: String(raw.quantity) };
    return failed(badCell(cell, 'a whole number of contracts from 1 to 1,000,000'));
  }
  const account = accountOf(raw, context.options, context.tally);
  const contract = contractOf(raw, at, context);
  if (contract.kind !== 'done') return contract;
  return account === null ? WAITS : done({ raw, at, account, contract: contract.value });
}

const gridOf = ({ instrument, spec }: KnownSymbol, scale: number): Grid => ({
  tickSize: instrument.tickSize,
  spec,
  scale,
});

/** Contracts whose prices the file writes a hundredfold. Only Sierra Chart does; see `isHundredfold` for the rule. */
function hundredfoldSymbols(placed: readonly Outcome<Placed>[], format: ImportFormat): ReadonlySet<string> {
  const prices = new Map<string, { readonly contract: KnownSymbol; readonly texts: string[] }>();
  if (format !== 'sierra-activity') return new Set();
  for (const outcome of placed) {
    if (outcome.kind !== 'done') continue;
    const { contract, raw } = outcome.value;
    const seen = prices.get(contract.instrument.symbol);
    if (seen === undefined) prices.set(contract.instrument.symbol, { contract, texts: [raw.price] });
    else seen.texts.push(raw.price);
  }
  const found = [...prices].filter(([, { contract, texts }]) => contract.spec && isHundredfold(texts, contract.spec));
  return new Set(found.map(([symbol]) => symbol));
}

function priceNote({ raw, contract }: Placed, error: PriceError): ImportRowNote {
  const cell = { line: raw.line, field: 'price', value: raw.price };
  if (error.code === 'no-price') return badCell(cell, `a price of ${contract.instrument.symbol}`);
  return badCell(
    cell,
    `a multiple of ${error.tickSize}, the tick of ${contract.instrument.symbol}` +
      (raw.quantity > 1 ? `, nor an average of ${raw.quantity} contracts at such prices` : ''),
    'check the price and the contract; an average needs more decimals',
  );
}

function lotsOf(placed: Placed, scale: number, format: ImportFormat): Outcome<readonly Lot[]> {
  const { raw, contract } = placed;
  const grid = gridOf(contract, scale);
  const lots = priceLots(raw.price, raw.quantity, grid);
  if (!lots.ok) return failed(priceNote(placed, lots.error));
  if (format !== 'sierra-activity' || contract.spec === null) return done(lots.value);
  if (isBeyondBelief(contract.spec, decimalPrice(raw.price, grid)?.price ?? 0)) {
    const usd = LARGEST_NOTIONAL_USD.toLocaleString('en-US');
    return failed(
      badCell(
        { line: raw.line, field: 'price', value: raw.price },
        `a price ${contract.instrument.symbol} can have: one full-size contract would be worth over ${usd} USD`,
        `if the program leaves out the decimal point, every price of the contract must be ${HUNDREDFOLD} times too large`,
      ),
    );
  }
  return done(lots.value);
}

const LARGEST_FEE_USD = 1_000_000;

/** Fee of a row; null when it is no amount. A row without one takes what the trader says per contract, else 0. */
function feeOf(raw: RawExecution, options: ImportOptions): Money | null {
  if (raw.feeUsd === null) {
    return money(Math.round((options.feePerContractUsd ?? 0) * MONEY_PER_USD) * raw.quantity);
  }
  return Math.abs(raw.feeUsd) <= LARGEST_FEE_USD ? money(Math.round(raw.feeUsd * MONEY_PER_USD)) : null;
}

/** The fee of the contracts from the first to the `until`th, so that shares of lots add up to the whole. */
const feeUntil = (fee: Money, until: number, quantity: number): number =>
  Number((BigInt(fee) * BigInt(until)) / BigInt(quantity));

type Keyed = { readonly placed: Placed; readonly key: string; readonly lots: readonly Lot[]; readonly fee: Money };

function executionsOf({ placed, key, lots, fee }: Keyed): readonly ImportedExecution[] {
  const { raw, at, account, contract } = placed;
  let until = 0;
  return lots.map((lot, index) => {
    const from = until;
    until += lot.quantity;
    const share = feeUntil(fee, until, raw.quantity) - feeUntil(fee, from, raw.quantity);
    return {
      line: raw.line,
      execKey: lots.length === 1 ? key : `${key}|${index + 1}`,
      account,
      symbol: contract.instrument.symbol,
      direction: raw.direction,
      quantity: lot.quantity,
      price: lot.price,
      fee: money(share),
      at,
    };
  });
}

type PriceContext = Context & {
  readonly format: ImportFormat;
  readonly scaled: ReadonlySet<string>;
  readonly keyOf: (raw: RawExecution, account: string) => string;
};

/** Settles price and fee of an execution. */
function book(placed: Placed, context: PriceContext): Outcome<readonly ImportedExecution[]> {
  const { raw, account, contract } = placed;
  const isScaled = context.scaled.has(contract.instrument.symbol);
  const key = context.keyOf(raw, account);
  const lots = lotsOf(placed, isScaled ? HUNDREDFOLD : 1, context.format);
  if (lots.kind !== 'done') return lots;
  const fee = feeOf(raw, context.options);
  if (fee === null) return failed(badCell({ line: raw.line, field: 'fee', value: String(raw.feeUsd) }, 'a fee in USD'));
  const problem = keyProblem(raw, key);
  if (problem !== null) return failed(problem);
  if (raw.feeUsd === null) context.tally.withoutFee += 1;
  if (lots.value.length > 1) context.tally.averages += 1;
  if (isScaled) context.tally.scaled.add(contract.instrument.symbol);
  return done(executionsOf({ placed, key, lots: lots.value, fee }));
}

/**
 * Keeps rows whole: when one execution of a row (a closed pair has two) fails or waits, none of the row is kept, and
 * the row has one error.
 */
function wholeRows<T>(raws: readonly RawExecution[], outcomes: readonly Outcome<T>[]) {
  const errors = new Map<number, ImportRowNote>();
  const waiting = new Set<number>();
  outcomes.forEach((outcome, index) => {
    const line = raws[index]?.line ?? 0;
    if (outcome.kind === 'error' && !errors.has(line)) errors.set(line, outcome.note);
    if (outcome.kind === 'waits') waiting.add(line);
  });
  const kept = outcomes.flatMap((outcome, index) => {
    const line = raws[index]?.line ?? 0;
    return outcome.kind === 'done' && !errors.has(line) && !waiting.has(line) ? [outcome.value] : [];
  });
  return { kept, errors: [...errors.values()] };
}

/** Oldest first; rows of one instant stay in the order of the file, turned when the file is newest first. */
function oldestFirst(executions: readonly ImportedExecution[]): readonly ImportedExecution[] {
  const [first, last] = [executions[0], executions.at(-1)];
  const sign = first !== undefined && last !== undefined && first.at > last.at ? -1 : 1;
  return executions.toSorted((a, b) => a.at - b.at || sign * (a.line - b.line));
}

function instrumentsOf(placed: readonly Placed[], executions: readonly ImportedExecution[]): readonly Instrument[] {
  const used = new Set(executions.map((execution) => execution.symbol));
  const found = new Map<string, Instrument>();
  for (const { contract } of placed) {
    if (used.has(contract.instrument.symbol)) found.set(contract.instrument.symbol, contract.instrument);
  }
  return [...found.values()];
}

/** The first of each kind: a reader may ask or say what resolving asks or says again. */
function once<T>(all: readonly T[], kindOf: (one: T) => string): readonly T[] {
  const seen = new Set<string>();
  return all.filter((one) => {
    const kind = kindOf(one);
    const isNew = !seen.has(kind);
    seen.add(kind);
    return isNew;
  });
}

export type ResolveInput = {
  readonly raw: RawImport;
  readonly format: ImportFormat;
  readonly formatTitle: string;
  readonly options: ImportOptions;
};

/**
 * Turns what a format read into executions in the desk's units: times to instants, symbols to instruments, prices to
 * ticks, fees to money. Every row ends as executions, skipped or an error; only rows that wait for an answer are
 * none of these, and then there is a question. Executions are oldest first.
 */
export function resolveImport({ raw, format, formatTitle, options }: ResolveInput): ReadImport {
  const tally = emptyTally();
  const times = settleTimes(raw.executions, options);
  const context: Context = { options, tally, readSymbol: symbolReader(options) };
  const placed = times.outcomes.map((time, index): Outcome<Placed> => {
    const execution = raw.executions[index];
    if (execution === undefined) return WAITS;
    if (time.kind === 'error') return time;
    if (time.kind === 'done') return place(execution, time.value, context);
    // Only for its questions: what it is placed as may change with the answer.
    if (time.roughly !== null) place(execution, time.roughly, context);
    return WAITS;
  });
  const pricing = { ...context, format, scaled: hundredfoldSymbols(placed, format), keyOf: executionKeys() };
  const booked = placed.map((outcome) => (outcome.kind === 'done' ? book(outcome.value, pricing) : outcome));
  const rows = wholeRows(raw.executions, booked);
  const { executions, placed: placedByLine } = inFileOrder(oldestFirst(rows.kept.flat()));
  const known = placed.flatMap((outcome) => (outcome.kind === 'done' ? [outcome.value] : []));
  return {
    format,
    formatTitle,
    columns: raw.columns,
    rows: raw.rows,
    executions,
    instruments: instrumentsOf(known, executions),
    skipped: raw.skipped,
    errors: [...raw.errors, ...rows.errors].sort((a, b) => a.line - b.line),
    questions: once([...raw.questions, ...times.questions, ...questionsOf(tally)], (q) => `${q.field} ${q.key ?? ''}`),
    assumptions: once(
      [
        ...raw.assumptions,
        ...times.assumptions,
        ...assumptionsOf(tally, raw.executions.length, options),
        ...orderAssumption(placedByLine),
      ],
      (one) => one.text,
    ),
  };
}
