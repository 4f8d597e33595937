import type { ImportAssumption, ImportQuestion, ImportRowNote } from '#shared/domain/import.ts';

/** Longest piece of a cell that a note repeats: a file may hold a cell of megabytes. */
const SHOWN_LENGTH = 120;

/** Cell text fit for a message: one line, at most 120 characters. */
export function shown(text: string): string {
  const piece = text
    .slice(0, SHOWN_LENGTH + 1)
    .replace(/\s/g, ' ')
    .trim();
  return piece.length > SHOWN_LENGTH ? `${piece.slice(0, SHOWN_LENGTH - 1)}…` : piece;
}

export type RowNoteInput = {
  /** 1 for the first line of the file. */
  readonly line: number;
  /** Column as the file names it; '' when the row as a whole is meant. */
  readonly field: string;
  readonly value?: string;
  readonly message: string;
  readonly remedy?: string | null;
};

/** Makes a note about one row: an error, or the reason it holds no execution. */
export const rowNote = ({ line, field, value = '', message, remedy = null }: RowNoteInput): ImportRowNote => ({
  line,
  field,
  value: shown(value),
  message,
  remedy,
});

type Cell = { readonly line: number; readonly field: string; readonly value: string };

/** Error: a cell that must be filled is empty. */
export const missingCell = (line: number, field: string): ImportRowNote =>
  rowNote({ line, field, message: `${field} is empty` });

/** Error: a cell is not what its column holds; `wanted` reads on after "is not", e.g. `a price`. */
export const badCell = ({ line, field, value }: Cell, wanted: string, remedy: string | null = null): ImportRowNote =>
  rowNote({ line, field, value, message: `“${shown(value)}” is not ${wanted}`, remedy });

/** Error: the header lacks a column without which no row can be read. */
export const missingColumn = (line: number, column: string): ImportRowNote =>
  rowNote({
    line,
    field: column,
    message: `the file has no column ${column}`,
    remedy: 'export the file again with all columns, or map its columns as a generic file',
  });

/** Skipped: an order that was not filled. */
export const notFilled = (line: number, field: string, status: string): ImportRowNote =>
  rowNote({ line, field, value: status, message: `not filled: ${shown(status) || 'no status'}` });

/** Skipped: a row of another kind than an execution, e.g. a subtotal; `kind` as the file names it. */
export const notExecution = (line: number, field: string, kind: string): ImportRowNote =>
  rowNote({ line, field, value: kind, message: `holds no execution: ${shown(kind) || 'empty'}` });

/** Error: the file's own profit or loss is not what its prices make by the contract table. Both in USD. */
export const pnlMismatch = (cell: Cell, oursUsd: string, why: string): ImportRowNote =>
  rowNote({
    ...cell,
    message: `the file says ${shown(cell.value)}, the prices of the row make ${oursUsd} (${why})`,
    remedy: 'check the contract and the currency of the file; a wrong tick value is a wrong trade',
  });

const question = (
  field: ImportQuestion['field'],
  rest: { readonly key?: string; readonly text: string; readonly choices?: readonly string[] },
): ImportQuestion => ({ field, key: rest.key ?? null, text: rest.text, choices: [...(rest.choices ?? [])] });

/** Zones a futures trader's exports are most often written in. */
const USUAL_ZONES = ['America/Chicago', 'America/New_York', 'Europe/London', 'Europe/Berlin', 'UTC'];

/** Question: which program wrote the file. */
export const askFormat = (choices: readonly string[]): ImportQuestion =>
  question('format', { text: 'The header is of no format the desk knows. Which program wrote the file?', choices });

/** Question: the zone of times without an offset; `refused` is an answer that is no zone. */
export const askTimeZone = (example: string, refused?: string): ImportQuestion =>
  question('timeZone', {
    text:
      refused === undefined
        ? `The times carry no zone (“${shown(example)}”). In which time zone were they written?`
        : `“${shown(refused)}” is not a time zone. Name one such as America/Chicago`,
    choices: USUAL_ZONES,
  });

/** Question: whether the day or the month comes first. */
export const askDateOrder = (example: string): ImportQuestion =>
  question('dateOrder', {
    text: `No date of the file tells day from month (“${shown(example)}”). Which comes first: MDY month, DMY day?`,
    choices: ['MDY', 'DMY'],
  });

/** Question: the account of rows that name none. */
export const askAccount = (choices: readonly string[] = []): ImportQuestion =>
  question('account', { text: 'The file names no account. To which account do its rows belong?', choices });

/** Question: the contract month behind a symbol that hides it; `reason` says what was wrong with an earlier answer. */
export const askContract = (symbol: string, choices: readonly string[], reason?: string): ImportQuestion =>
  question('contracts', {
    key: symbol,
    text: `${shown(symbol)} names no contract month. Which contract was traded?${reason === undefined ? '' : ` ${reason}`}`,
    choices,
  });

/** Question: the price step of a symbol that is not in the contract table, and its worth. */
export const askInstrument = (symbol: string, reason?: string): ImportQuestion =>
  question('instruments', {
    key: symbol,
    text:
      `The contract table does not know ${shown(symbol)}. What is its smallest price step, and what is one step of one ` +
      `contract or share worth in USD?${reason === undefined ? '' : ` ${reason}`}`,
  });

/** Question: which column holds what; `choices` are the columns of the file. */
export const askMapping = (columns: readonly string[], reason?: string): ImportQuestion =>
  question('mapping', {
    text: `Which column holds what?${reason === undefined ? '' : ` ${reason}`}`,
    choices: columns,
  });

/** Makes an assumption: something taken for granted that the trader sees before anything is written. */
export const assumption = (code: ImportAssumption['code'], text: string): ImportAssumption => ({ code, text });
