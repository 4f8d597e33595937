import { IMPORT_FORMATS } from '#shared/domain/import.ts';
import type { ImportOptions } from '#shared/domain/import.ts';

import type { FormatReader, ReadImport, SourceFile } from './format.ts';
import { foreignStatement } from './formats/ibkr-activity.ts';
import { FORMATS } from './formats/index.ts';
import { askFormat, assumption } from './notes.ts';
import { resolveImport } from './resolve.ts';
import { withoutBom } from './records.ts';
import { readTable } from './table.ts';

/** A header that fits a format less than this is not taken for it. */
const RECOGNISED = 0.5;

/** The reader whose header a file has; null when it fits none, or two equally well. */
export function recogniseFormat(file: SourceFile): FormatReader | null {
  const scored = FORMATS.map((reader) => ({ reader, score: reader.recognise(file) }));
  const best = scored.reduce((a, b) => (b.score > a.score ? b : a));
  const isAlone = scored.filter(({ score }) => score === best.score).length === 1;
  return best.score >= RECOGNISED && isAlone ? best.reader : null;
}

function readerOf(file: SourceFile, options: ImportOptions): FormatReader | null {
  const wanted = options.format ?? (options.mapping === undefined ? null : 'generic');
  if (wanted === null) return recogniseFormat(file);
  return FORMATS.find((reader) => reader.format === wanted) ?? null;
}

/** A file no reader knows: its columns, and the question which program wrote it. */
function unknownFile(file: SourceFile): ReadImport {
  const table = readTable(file.text);
  const foreign = foreignStatement(file);
  return {
    format: null,
    formatTitle: null,
    columns: table.columns,
    rows: table.records.length,
    executions: [],
    instruments: [],
    skipped: [],
    errors: foreign === null ? [] : [foreign],
    questions: foreign === null ? [askFormat(IMPORT_FORMATS)] : [],
    assumptions: [],
  };
}

/**
 * Reads a file of executions: recognises the program that wrote it, reads its rows, and resolves them in the desk's
 * units. What the file does not say is a question; what is taken for granted is an assumption. Pure, linear in the
 * length of the file; never throws, whatever the text.
 */
export function readImport(file: SourceFile, options: ImportOptions): ReadImport {
  const source = { name: file.name, text: withoutBom(file.text) };
  const reader = readerOf(source, options);
  if (reader === null) return unknownFile(source);
  const foreign = reader.format === 'ibkr-activity' ? foreignStatement(source) : null;
  const read = reader.read(source, options);
  const raw = foreign === null ? read : { ...read, errors: [foreign, ...read.errors] };
  const isSaid = options.format !== undefined || options.mapping !== undefined;
  const recognised = isSaid ? [] : [assumption('format', `Read as ${reader.title}, recognised by its header.`)];
  return resolveImport({
    raw: { ...raw, assumptions: [...recognised, ...raw.assumptions] },
    format: reader.format,
    formatTitle: reader.title,
    options,
  });
}

/** Encodings by the byte order mark a file begins with. */
const MARKS: readonly { readonly bytes: readonly number[]; readonly encoding: string }[] = [
  { bytes: [0xef, 0xbb, 0xbf], encoding: 'utf-8' },
  { bytes: [0xff, 0xfe], encoding: 'utf-16le' },
  { bytes: [0xfe, 0xff], encoding: 'utf-16be' },
];

/**
 * Decodes a file: UTF-8 or UTF-16 by its byte order mark, else UTF-8, else (bytes that are no UTF-8) windows-1252, in
 * which every byte is a character. The mark is left out. Never throws.
 */
export function decodeText(bytes: Uint8Array): string {
  const marked = MARKS.find((mark) => mark.bytes.every((byte, index) => bytes[index] === byte));
  if (marked !== undefined) return new TextDecoder(marked.encoding).decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // Not a failure: this is how a file in an older Windows encoding is told from UTF-8.
    return new TextDecoder('windows-1252').decode(bytes);
  }
}
