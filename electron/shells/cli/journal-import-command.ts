import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { MAX_UPLOAD_BYTES } from '#shared/contract/journal-operations.ts';
import {
  importMappingSchema,
  type ImportOptions,
  importOptionsSchema,
  type ImportPreview,
} from '#shared/domain/import.ts';
import type { ImportQuestion, ImportRowNote } from '#shared/domain/import.ts';
import { moneyText, priceText } from '#shared/format/numbers.ts';
import { countedText } from '#shared/wording/names.ts';
import { type FileImport, importIntoJournal, journalMapping, saveJournalMapping } from '#desk/desk.ts';
import { formatTable } from './format.ts';
import { badInput, EXIT } from './output.ts';
import type { ExitCode, Output } from './output.ts';

const SAMPLE_SHOWN = 8;
const NOTES_SHOWN = 20;

export type ImportArguments = {
  readonly file: string;
  readonly journal: string;
  readonly format?: NonNullable<ImportOptions['format']>;
  readonly timeZone?: string;
  readonly dateOrder?: 'DMY' | 'MDY';
  readonly account?: string;
  readonly feePerContract?: number;
  readonly contract: readonly string[];
  readonly instrument: readonly string[];
  /** Name of a mapping the journal has, or a JSON file. */
  readonly mapping?: string;
  /** Name to keep the mapping under, once a file was imported by it. */
  readonly saveMapping?: string;
  readonly preview: boolean;
  readonly json: boolean;
};

/** Imports a file of executions, or says what importing it would do. */
export async function importCommand(given: ImportArguments, output: Output): Promise<ExitCode> {
  checkSaveMapping(given);
  const options = await importOptions(given);
  const file = { fileName: path.basename(given.file), bytes: await readWhole(given.file) };
  const done = await importIntoJournal(given.journal, file, { options, isPreview: given.preview });
  const isSaved = keepMapping(given, options, done);
  if (given.json) output.out(JSON.stringify(done, null, 2));
  else output.out(importText(done, given.preview));
  if (isSaved) output.err(`The mapping is saved as ${given.saveMapping ?? ''}.`);
  return exitOf(done.preview);
}

/** Saves the mapping a file was imported by, where that is asked for. A preview writes nothing. */
function keepMapping({ journal, saveMapping }: ImportArguments, { mapping }: ImportOptions, done: FileImport): boolean {
  if (saveMapping === undefined || mapping === undefined || done.report === null) return false;
  saveJournalMapping(journal, saveMapping, mapping);
  return true;
}

const MAX_NAME = 60;

/** A name to save a mapping under says which mapping, and fits where the desk shows it. */
function checkSaveMapping({ mapping, saveMapping }: ImportArguments): void {
  if (saveMapping === undefined) return;
  if (mapping === undefined) {
    throw badInput('--save-mapping', saveMapping, 'no mapping is given', 'give --mapping as well');
  }
  const length = saveMapping.trim().length;
  if (length === 0 || length > MAX_NAME || length !== saveMapping.length) {
    throw badInput('--save-mapping', saveMapping, 'this cannot be a name', `give 1 to ${MAX_NAME} characters`);
  }
}

/** A mapping by the name it has in the journal, else from a file. */
async function findMapping(given: string, journal: string): Promise<NonNullable<ImportOptions['mapping']>> {
  const saved = journalMapping(journal, given);
  if (saved !== null) return saved;
  const isFile = await stat(given).then(
    (found) => found.isFile(),
    () => false,
  );
  if (isFile) return readMapping(given);
  const remedy = `save one under this name (--save-mapping), or give a JSON file with ${MAPPING_KEYS}`;
  throw badInput('--mapping', given, 'the journal has no mapping of this name, and there is no such file', remedy);
}

function exitOf({ questions, errorCount, conflictCount, added, known }: ImportPreview): ExitCode {
  if (questions.length > 0) return EXIT.badInput;
  return errorCount + conflictCount > 0 || added + known === 0 ? EXIT.failed : EXIT.done;
}

async function readWhole(file: string): Promise<Uint8Array> {
  const found = await stat(file).catch(() => null);
  if (found?.isFile() !== true) {
    throw badInput('file', file, 'this file cannot be read', 'give the path of the file to import');
  }
  if (found.size > MAX_UPLOAD_BYTES) {
    throw badInput('file', file, `it has more than ${MAX_UPLOAD_BYTES} bytes`, 'export fewer days at a time');
  }
  return readFile(file);
}

/** `SYMBOL=REST`, cut at the last `=`: a symbol may have one of its own. */
function assignment(option: string, text: string): readonly [string, string] {
  const at = text.lastIndexOf('=');
  if (at > 0 && at < text.length - 1) return [text.slice(0, at), text.slice(at + 1)];
  throw badInput(option, text, 'this names no symbol and value', `write ${option} SYMBOL=VALUE`);
}

function instrumentOf(text: string): readonly [string, { tickSize: number; tickValueUsd: number }] {
  const [symbol, terms] = assignment('--instrument', text);
  const [tickSize = Number.NaN, tickValueUsd = Number.NaN, ...rest] = terms.split(':').map(Number);
  if (tickSize > 0 && tickValueUsd > 0 && rest.length === 0) return [symbol, { tickSize, tickValueUsd }];
  const remedy = 'write the price step and its worth, for example SPY=0.01:0.01';
  throw badInput('--instrument', text, 'this is no tick size and value', remedy);
}

async function readMapping(file: string): Promise<NonNullable<ImportOptions['mapping']>> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file, 'utf8')) as unknown;
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unknown error';
    throw badInput('--mapping', file, `this is not a JSON file that can be read (${why})`, 'correct the file');
  }
  const parsed = importMappingSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue?.path.join('.') ?? '';
  throw badInput('--mapping', file, `${where}: ${issue?.message ?? 'this is no mapping'}`, `give ${MAPPING_KEYS}`);
}

const MAPPING_KEYS = Object.keys(importMappingSchema.shape).join(', ');

async function importOptions(given: ImportArguments): Promise<ImportOptions> {
  const contracts = Object.fromEntries(given.contract.map((text) => assignment('--contract', text)));
  const instruments = Object.fromEntries(given.instrument.map(instrumentOf));
  const options = {
    ...(given.format !== undefined && { format: given.format }),
    ...(given.timeZone !== undefined && { timeZone: given.timeZone }),
    ...(given.dateOrder !== undefined && { dateOrder: given.dateOrder }),
    ...(given.account !== undefined && { account: given.account }),
    ...(given.feePerContract !== undefined && { feePerContractUsd: given.feePerContract }),
    ...(given.contract.length > 0 && { contracts }),
    ...(given.instrument.length > 0 && { instruments }),
    ...(given.mapping !== undefined && { mapping: await findMapping(given.mapping, given.journal) }),
  };
  const parsed = importOptionsSchema.safeParse(options);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = OPTION_OF[String(issue?.path[0]) as ImportQuestion['field']];
  throw badInput(field, '', issue?.message ?? 'this does not fit', 'see journal import --help');
}

/** The option that answers each question. */
const OPTION_OF: Readonly<Record<ImportQuestion['field'], string>> = {
  format: '--format',
  timeZone: '--time-zone',
  dateOrder: '--date-order',
  account: '--account',
  contracts: '--contract',
  instruments: '--instrument',
  mapping: '--mapping',
};

function answerOf({ field, key }: ImportQuestion): string {
  switch (field) {
    case 'contracts':
      return `--contract ${key ?? 'SYMBOL'}=CONTRACT`;
    case 'instruments':
      return `--instrument ${key ?? 'SYMBOL'}=TICK:VALUE`;
    case 'mapping':
      return '--mapping mapping.json';
    case 'format':
    case 'timeZone':
    case 'dateOrder':
    case 'account':
      return `${OPTION_OF[field]} …`;
  }
}

const questionLines = (question: ImportQuestion): readonly string[] => [
  `  ? ${question.text}`,
  `    answer with ${answerOf(question)}${question.choices.length > 0 ? `   (${question.choices.join(', ')})` : ''}`,
];

const noteLine = ({ line, field, value, message, remedy }: ImportRowNote): string => {
  const where = [`line ${line}`, field, value].filter((part) => part !== '').join(' ');
  return `  ✗ ${where}: ${message}${remedy === null ? '' : `. ${remedy}`}`;
};

/** A heading and the first notes under it; nothing when there are none. */
function noteBlock(title: string, notes: readonly ImportRowNote[], total: number): readonly string[] {
  if (total === 0) return [];
  const shown = notes.slice(0, NOTES_SHOWN);
  const more = total - shown.length;
  return ['', title, ...shown.map(noteLine), ...(more > 0 ? [`  … and ${more} more`] : [])];
}

const timeText = (at: number): string => new Date(at).toISOString().replace('T', ' ').replace('.000Z', 'Z');

function sampleTable({ sample }: ImportPreview): readonly string[] {
  if (sample.length === 0) return [];
  const rows = sample
    .slice(0, SAMPLE_SHOWN)
    .map(({ line, at, account, symbol, direction, quantity, ...row }) => [
      timeText(at),
      account,
      symbol,
      direction > 0 ? 'buy' : 'sell',
      String(quantity),
      row.tickSize === undefined
        ? `${row.price} ticks`
        : priceText({ tickSize: row.tickSize, priceFormat: 'decimal' }, row.price),
      moneyText(row.fee),
      `line ${line}`,
    ]);
  return [
    '',
    'First new rows',
    formatTable([['Time (UTC)', 'Account', 'Symbol', 'Side', 'Qty', 'Price', 'Fee', ''], ...rows]),
  ];
}

function facts(preview: ImportPreview): readonly (readonly string[])[] {
  const { from, to } = preview;
  const range = from === null || to === null ? '—' : `${timeText(from)} to ${timeText(to)}`;
  return [
    ['Format', preview.formatTitle ?? 'not recognised'],
    ['Accounts', preview.accounts.join(', ') || '—'],
    ['Symbols', preview.symbols.join(', ') || '—'],
    ['Time (UTC)', range],
    ['Rows', String(preview.rows)],
    ['New executions', String(preview.added)],
    ['Known already', String(preview.known)],
    ['Left out', String(preview.skippedCount)],
  ];
}

function outcomeLine({ preview, report }: FileImport, isPreview: boolean): string {
  if (report !== null && report.added > 0) {
    const added = countedText(report.added, 'execution');
    return `Imported ${added}; the imported accounts have ${countedText(report.trades, 'closed trade')} now.`;
  }
  if (report !== null) return 'Nothing to add: every execution of this file is journaled already.';
  if (isPreview && preview.canImport) return 'Nothing was written. Leave --preview out to import it.';
  if (isPreview && exitOf(preview) === EXIT.done) return 'Every execution of this file is journaled already.';
  return 'Nothing was imported.';
}

/** A preview for people: what the file is, what is new, what is asked, what stands in the way, and what was done. */
export function importText(done: FileImport, isPreview: boolean): string {
  const { preview } = done;
  const assumed = preview.assumptions.map(({ text }) => `  ${text}`);
  const asked = preview.questions.flatMap(questionLines);
  const skipped = preview.skipped.slice(0, NOTES_SHOWN);
  const moreSkipped = preview.skippedCount - skipped.length;
  return [
    preview.fileName,
    formatTable(facts(preview)),
    ...(assumed.length > 0 ? ['', 'Assumed', ...assumed] : []),
    ...sampleTable(preview),
    ...(skipped.length > 0 ? ['', 'Left out'] : []),
    ...skipped.map(({ line, message }) => `  line ${line}: ${message}`),
    ...(moreSkipped > 0 ? [`  … and ${moreSkipped} more`] : []),
    ...(asked.length > 0 ? ['', 'The file does not say', ...asked] : []),
    ...noteBlock(
      `${countedText(preview.errorCount, 'row')} that cannot be imported`,
      preview.errors,
      preview.errorCount,
    ),
    ...noteBlock(
      `${countedText(preview.conflictCount, 'row')} against the journal`,
      preview.conflicts,
      preview.conflictCount,
    ),
    '',
    outcomeLine(done, isPreview),
  ].join('\n');
}
