import type { ImportedExecution, ImportOptions, ImportRowNote } from '#shared/domain/import.ts';
import type { Instrument } from '#shared/domain/instrument.ts';
import type { Fill } from '#shared/domain/order.ts';
import { epochMs, usdOf } from '#shared/units.ts';
import { priceText } from '#shared/format/numbers.ts';
import { isFingerprint } from '#desk/imports/execution-keys.ts';
import type { ReadImport } from '#desk/imports/format.ts';
import { type Journal, IMPORTED } from '#desk/ports/journal.ts';
import { journaledInstruments } from '#desk/profiles/instruments.ts';

/** Notes on rows: the first few, and how many there are. */
export type Notes = {
  readonly add: (note: ImportRowNote) => void;
  readonly list: () => readonly ImportRowNote[];
  readonly count: () => number;
};

/** Returns a maker of empty notes that keep the first `limit`. */
export const notesUpTo = (limit: number) => (): Notes => {
  const kept: ImportRowNote[] = [];
  let count = 0;
  return {
    add: (note) => {
      count += 1;
      if (kept.length < limit) kept.push(note);
    },
    list: () => kept,
    count: () => count,
  };
};

export type Compared = {
  /** Executions the journal does not have, as the file has them. */
  readonly fresh: readonly ImportedExecution[];
  readonly known: number;
  readonly instruments: readonly Instrument[];
  readonly errors: Notes;
  readonly conflicts: Notes;
};

type ComparedFile = { readonly fileName: string; readonly sha256: string; readonly options: ImportOptions };

const SECOND = 1000;
const isWholeSecond = (at: number): boolean => at % SECOND === 0;

/** Some exports have no milliseconds: then the second decides. */
const isSameTime = (a: number, b: number): boolean =>
  a === b || ((isWholeSecond(a) || isWholeSecond(b)) && Math.floor(a / SECOND) === Math.floor(b / SECOND));

type Execution = Pick<Fill, 'symbol' | 'direction' | 'quantity' | 'price' | 'at'>;
const fingerprint = (account: string, e: Execution): string =>
  `${account}|${e.symbol}|${e.direction}|${e.quantity}|${e.price}|${Math.floor(e.at / SECOND)}`;

const writtenAt = (execKey: string, at: number): number =>
  isFingerprint(execKey) ? Math.floor(at / SECOND) * SECOND : at;
const timeText = (at: number): string => new Date(at).toISOString();
const sideText = (direction: 1 | -1): string => (direction > 0 ? 'buy' : 'sell');

type Difference = { readonly field: string; readonly file: string; readonly journal: string };

/** The first value in which a row and the fill under its key differ; null when they are the same. */
function differenceOf(row: ImportedExecution, fill: Fill, instrument: Instrument | undefined): Difference | null {
  const price = (at: Fill['price']): string => (instrument === undefined ? String(at) : priceText(instrument, at));
  const fields: readonly (readonly [string, string, string])[] = [
    ['symbol', row.symbol, fill.symbol],
    ['side', sideText(row.direction), sideText(fill.direction)],
    ['quantity', String(row.quantity), String(fill.quantity)],
    ['price', price(row.price), price(fill.price)],
    // The place of a row within its second is the desk's own doing, and may differ in a file that overlaps this one.
    ['time', timeText(writtenAt(row.execKey, row.at)), timeText(writtenAt(row.execKey, fill.at))],
    ['fee', `$${usdOf(row.fee)}`, `$${usdOf(fill.fee)}`],
  ];
  const found = fields.find(([, file, journal]) => file !== journal);
  return found === undefined ? null : { field: found[0], file: found[1], journal: found[2] };
}

/** What the accounts of the file did already, however it came into the journal, by what identifies an execution. */
function journaledExecutions(journal: Journal, read: ReadImport, venue: string): ReadonlyMap<string, readonly Fill[]> {
  const found = new Map<string, Fill[]>();
  const first = read.executions.reduce((least, { at }) => Math.min(least, at), Number.POSITIVE_INFINITY);
  if (!Number.isFinite(first)) return found;
  const accounts = new Set(read.executions.map(({ account }) => account));
  for (const fill of journal.fills({ origin: 'all', from: epochMs(Math.floor(first / SECOND) * SECOND) })) {
    const isImported = fill.account.startsWith(IMPORTED);
    const account = isImported ? fill.account.slice(IMPORTED.length) : fill.account;
    if (!accounts.has(account) || (isImported && fill.venue === venue)) continue;
    const key = fingerprint(account, fill);
    const same = found.get(key);
    if (same === undefined) found.set(key, [fill]);
    else same.push(fill);
  }
  return found;
}

const sourceOf = (fill: Fill): string =>
  fill.account.startsWith(IMPORTED)
    ? `already imported from ${fill.venue.replace(/^import:/, '')}`
    : 'already journaled by this desk itself';

/** Checks the instruments of a file against the journal's: a symbol has one tick, for ever. */
function compareInstruments(
  read: ReadImport,
  known: ReadonlyMap<string, Instrument>,
  errors: Notes,
): ReadonlyMap<string, Instrument> {
  const lines = new Map<string, number>();
  for (const { symbol, line } of read.executions) if (!lines.has(symbol)) lines.set(symbol, line);
  const unknown = new Map<string, Instrument>();
  for (const instrument of read.instruments) {
    const before = known.get(instrument.symbol);
    if (before === undefined) {
      unknown.set(instrument.symbol, instrument);
      continue;
    }
    if (before.tickSize === instrument.tickSize && before.tickValue === instrument.tickValue) continue;
    const tick = (i: Instrument): string => `${i.tickSize} worth $${usdOf(i.tickValue)}`;
    errors.add({
      line: lines.get(instrument.symbol) ?? 1,
      field: 'symbol',
      value: instrument.symbol,
      message: `the journal knows this symbol with a tick of ${tick(before)}, the file is read with ${tick(instrument)}`,
      remedy: 'Import it under another symbol, or give the tick the journal has.',
    });
  }
  return unknown;
}

/** The same file with other answers would book everything twice, under other keys. */
function compareFile(journal: Journal, file: ComparedFile, conflicts: Notes): void {
  for (const { at, event } of journal.events({ kinds: ['import'] })) {
    if (event.sha256 !== file.sha256) continue;
    conflicts.add({
      line: 1,
      field: 'file',
      value: file.fileName,
      message: `this file was imported on ${timeText(at).slice(0, 10)} with other answers (${answers(event.options)})`,
      remedy: 'Give the same answers again: then it adds nothing.',
    });
    return;
  }
}

function answers(options: ImportOptions): string {
  const given = Object.entries(options).map(([name, value]) =>
    typeof value === 'object' ? name : `${name} ${String(value)}`,
  );
  return given.length === 0 ? 'none were given' : given.join(', ');
}

/**
 * Sorts the executions of a file into those the journal has, those it does not, and those it contradicts: another
 * execution under the same key, or the same execution under another one. Nothing in the journal is ever changed.
 */
export function compareWithJournal(
  journal: Journal,
  read: ReadImport,
  file: ComparedFile,
  makeNotes: () => Notes,
): Compared {
  const [errors, conflicts] = [makeNotes(), makeNotes()];
  const venue = `import:${read.format ?? ''}`;
  const instruments = journaledInstruments(journal);
  const unknown = compareInstruments(read, instruments, errors);
  const elsewhere = journaledExecutions(journal, read, venue);
  const inFile = new Map<string, ImportedExecution>();
  const fresh: ImportedExecution[] = [];
  let known = 0;
  for (const row of read.executions) {
    if (row.account.startsWith(IMPORTED)) errors.add(reservedAccount(row));
    const key = JSON.stringify([row.account, row.execKey]);
    const account = `${IMPORTED}${row.account}`;
    const earlier = inFile.get(key);
    const fill =
      earlier === undefined ? journal.fill(venue, account, row.execKey) : fillOfRow(earlier, { venue, account });
    const difference = fill === null ? null : differenceOf(row, fill, instruments.get(row.symbol));
    if (difference !== null) conflicts.add(changedRow(row, difference, earlier?.line ?? null));
    else if (fill !== null) known += 1;
    else {
      inFile.set(key, row);
      fresh.push(row);
      const twin = elsewhere.get(fingerprint(row.account, row))?.find((one) => isSameTime(one.at, row.at));
      if (twin !== undefined) conflicts.add(twinRow(row, twin));
    }
  }
  if (fresh.length > 0 && conflicts.count() === 0) compareFile(journal, file, conflicts);
  const used = new Set(fresh.map(({ symbol }) => symbol));
  return {
    fresh,
    known,
    instruments: [...unknown.values()].filter(({ symbol }) => used.has(symbol)),
    errors,
    conflicts,
  };
}

const fillOfRow = (row: ImportedExecution, at: { venue: string; account: string }): Fill => ({
  ...at,
  execKey: row.execKey,
  clientOrderId: null,
  symbol: row.symbol,
  direction: row.direction,
  quantity: row.quantity,
  price: row.price,
  fee: row.fee,
  at: row.at,
  receivedAt: row.at,
});

const reservedAccount = ({ line, account }: ImportedExecution): ImportRowNote => ({
  line,
  field: 'account',
  value: account,
  message: `the name of an account may not begin with ${IMPORTED}`,
  remedy: 'Give another name for the account.',
});

const changedRow = (row: ImportedExecution, found: Difference, earlier: number | null): ImportRowNote => ({
  line: row.line,
  field: found.field,
  value: found.file,
  message:
    earlier === null
      ? `journaled under the same id ${row.execKey} with ${found.journal}`
      : `line ${earlier} has the same id ${row.execKey} with ${found.journal}`,
  remedy: 'What is journaled is never overwritten. Check the answers (time zone, fees) and the file.',
});

const twinRow = (row: ImportedExecution, twin: Fill): ImportRowNote => ({
  line: row.line,
  field: 'execution',
  value: row.execKey,
  message: `${sourceOf(twin)} as ${twin.execKey}`,
  remedy: 'Import an account from one kind of file only, or only the days the other did not have.',
});
