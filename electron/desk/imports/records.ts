import type { ImportRowNote } from '#shared/domain/import.ts';

import { rowNote } from './notes.ts';

/** What separates the cells of a file. */
export type Delimiter = ',' | ';' | '\t';

/** One record: the line of the file it begins at (1 for the first) and its cells as written, quotes resolved. */
export type RawRecord = {
  readonly line: number;
  readonly cells: readonly string[];
  /** What is wrong with its quotes; null when nothing is. */
  readonly fault: ImportRowNote | null;
};

export type RecordsRead = {
  readonly delimiter: Delimiter;
  /** Every record but blank lines, in file order. */
  readonly records: readonly RawRecord[];
  /** The faults of the records, in file order. */
  readonly notes: readonly ImportRowNote[];
};

export type RecordOptions = {
  /** Sniffed when absent. */
  readonly delimiter?: Delimiter;
  /** Stop after this many records; for a look at the header of a large file. */
  readonly limit?: number;
  /** False for a program that writes tabs and never quotes: then `"` is an ordinary character. */
  readonly isQuoted?: boolean;
};

const TAB = 9;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const SPACE = 32;
const QUOTE = 34;

/** Where the reading stands. Private to one call: the one mutable thing here. */
type Scan = {
  readonly text: string;
  readonly delimiter: number;
  readonly isQuoted: boolean;
  at: number;
  line: number;
  fault: ImportRowNote | null;
};

const isLineEnd = (code: number): boolean => code === LINE_FEED || code === CARRIAGE_RETURN;

/** Position of the next delimiter or line end; the length of the text when there is none. */
function cellEnd(scan: Scan, from: number): number {
  const { text, delimiter } = scan;
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === delimiter || isLineEnd(code)) return at;
  }
  return text.length;
}

/** Position of an opening quote, blanks before it passed over; −1 when the cell is not quoted. */
function openingQuote(scan: Scan): number {
  if (!scan.isQuoted) return -1;
  let at = scan.at;
  for (; at < scan.text.length; at += 1) {
    const code = scan.text.charCodeAt(at);
    if (code === scan.delimiter || (code !== SPACE && code !== TAB)) break;
  }
  return scan.text.charCodeAt(at) === QUOTE ? at : -1;
}

/** Lines that end within a piece of text; CR LF is one. */
function lineEnds(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at += 1) {
    const code = text.charCodeAt(at);
    if (code === LINE_FEED || (code === CARRIAGE_RETURN && text.charCodeAt(at + 1) !== LINE_FEED)) count += 1;
  }
  return count;
}

/** Position of the quote that closes a cell whose content begins at `from`; −1 when none does. */
function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at !== -1 && text.charCodeAt(at + 1) === QUOTE) at = text.indexOf('"', at + 2);
  return at;
}

function readQuoted(scan: Scan, opening: number): string {
  const { text } = scan;
  const openedAt = scan.line;
  const closing = closingQuote(text, opening + 1);
  const end = closing === -1 ? text.length : closing;
  const content = text.slice(opening + 1, end).replaceAll('""', '"');
  scan.line += lineEnds(text, opening, end);
  scan.at = closing === -1 ? text.length : cellEnd(scan, closing + 1);
  const tail = text.slice(end + 1, scan.at);
  if (closing === -1) {
    scan.fault ??= rowNote({
      line: openedAt,
      field: '',
      value: content,
      message: 'a quote opens here and never closes: the file is cut off, or a quote is missing',
      remedy: 'export the file again',
    });
  } else if (tail.trim() !== '') {
    scan.fault ??= rowNote({
      line: openedAt,
      field: '',
      value: content + tail,
      message: 'text follows a closing quote in the same cell',
      remedy: 'export the file again, or mend the quotes of this row',
    });
  }
  return content + tail.trimEnd();
}

function readCell(scan: Scan): string {
  const opening = openingQuote(scan);
  if (opening !== -1) return readQuoted(scan, opening);
  const start = scan.at;
  scan.at = cellEnd(scan, start);
  return scan.text.slice(start, scan.at);
}

/** Reads to the end of the record and passes over its line end. */
function readRecord(scan: Scan): RawRecord {
  const { line, text } = scan;
  scan.fault = null;
  const cells = [readCell(scan)];
  while (text.charCodeAt(scan.at) === scan.delimiter) {
    scan.at += 1;
    cells.push(readCell(scan));
  }
  if (scan.at < text.length) {
    const isPair = text.charCodeAt(scan.at) === CARRIAGE_RETURN && text.charCodeAt(scan.at + 1) === LINE_FEED;
    scan.at += isPair ? 2 : 1;
    scan.line += 1;
  }
  return { line, cells, fault: scan.fault };
}

/** Lines looked at for the delimiter: a report may begin with a few lines of prose. */
const SNIFFED_LINES = 20;
const SNIFFED_LENGTH = 20_000;
const DELIMITERS: readonly Delimiter[] = ['\t', ';', ','];

const withoutQuoted = (line: string): string =>
  line
    .split('"')
    .filter((_, index) => index % 2 === 0)
    .join('');

/**
 * Returns what separates the cells: on the first line that has any of tab, semicolon and comma, the most frequent one
 * outside quotes. The header decides, so decimal commas in the rows of a semicolon file do not matter.
 */
export function sniffDelimiter(text: string): Delimiter {
  const lines = text.slice(0, SNIFFED_LENGTH).split(/\r\n|\r|\n/, SNIFFED_LINES);
  for (const line of lines) {
    const bare = withoutQuoted(line);
    const counts = DELIMITERS.map((delimiter) => ({ delimiter, count: bare.split(delimiter).length - 1 }));
    const most = counts.reduce((best, next) => (next.count > best.count ? next : best));
    if (most.count > 0) return most.delimiter;
  }
  return ',';
}

/** Text without the byte order mark an editor does not show. */
export const withoutBom = (text: string): string => (text.startsWith('\uFEFF') ? text.slice(1) : text);

const isBlank = (record: RawRecord): boolean =>
  record.fault === null && record.cells.every((cell) => cell.trim() === '');

/**
 * Reads a file into records with line numbers, for files of several sections or with a preamble. RFC 4180 quotes,
 * also with line ends inside; LF, CR LF and CR end a line. Blank lines (also of delimiters alone) are no records.
 * Not csv-parse: that counts a CR LF inside quotes as two lines, and stops at the first broken quote, which here must
 * become a note while every other row is still read. Linear in the length of the text; never throws.
 */
export function readRecords(text: string, options: RecordOptions = {}): RecordsRead {
  const source = withoutBom(text);
  const delimiter = options.delimiter ?? sniffDelimiter(source);
  const limit = options.limit ?? Infinity;
  const scan: Scan = {
    text: source,
    delimiter: delimiter.charCodeAt(0),
    isQuoted: options.isQuoted ?? true,
    at: 0,
    line: 1,
    fault: null,
  };
  const records: RawRecord[] = [];
  while (scan.at < source.length && records.length < limit) {
    const record = readRecord(scan);
    if (!isBlank(record)) records.push(record);
  }
  return { delimiter, records, notes: records.flatMap((record) => (record.fault === null ? [] : [record.fault])) };
}
