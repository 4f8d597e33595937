import { rowNote } from '#desk/imports/notes.ts';
import { readRecords } from '#desk/imports/records.ts';
import type { Delimiter, RawRecord } from '#desk/imports/records.ts';
import { columnKey, headerScore } from '#desk/imports/table.ts';
import type { ImportRowNote } from '#shared/domain/import.ts';

/** One header of a Flex file and the records below it. */
export type FlexGroup = {
  /** Code of the section (`TRNT` are the trades); null when the query leaves codes out. */
  readonly code: string | null;
  readonly header: RawRecord;
  readonly rows: RawRecord[];
};

export type FlexFile = {
  readonly delimiter: Delimiter;
  readonly groups: readonly FlexGroup[];
  /** Sections that begin and do not end, and records that cannot be read. */
  readonly errors: readonly ImportRowNote[];
};

/** Columns that name a record as a header when it repeats for the next account or section. */
const HEADER_NAMES = new Set(['symbol', 'clientaccountid', 'currencyprimary', 'accountid']);

const TRADE_COLUMNS = [
  ['TradePrice', 'Price'],
  ['IBExecID', 'ExecID', 'TradeID'],
  'Buy/Sell',
  ['IBCommission', 'Commission'],
  'Open/CloseIndicator',
  'TradeDate',
];

/** Share of the columns that only trades have; what a file without section codes is judged by. */
export const tradeScore = (columns: readonly string[]): number =>
  columns.some((name) => columnKey(name) === 'brokerexecutioncharge') ? 0 : headerScore(columns, TRADE_COLUMNS);

/** Whether a group holds executions, and not positions, cash or the parts of commissions. */
export const isTradesGroup = ({ code, header }: FlexGroup): boolean =>
  code === null || code === 'TCNF' ? tradeScore(header.cells) >= 0.3 : code === 'TRNT';

type Draft = {
  readonly groups: FlexGroup[];
  readonly errors: ImportRowNote[];
  /** The section being read when the query writes BOS and EOS. */
  open: { readonly code: string; readonly line: number } | null;
  /** Group that the next plain record belongs to; null when a header is due. */
  group: FlexGroup | null;
};

const isHeader = (record: RawRecord): boolean => record.cells.some((cell) => HEADER_NAMES.has(columnKey(cell)));

const MARKS = new Set(['BOS', 'EOS', 'HEADER', 'DATA']);

/** Mark and section code of a record, which IBKR writes in either order; null for a record without them. */
function markOf({ cells }: RawRecord): { readonly mark: string; readonly code: string } | null {
  const first = cells[0]?.trim() ?? '';
  const second = cells[1]?.trim() ?? '';
  if (MARKS.has(first)) return { mark: first, code: second };
  return MARKS.has(second) && /^[A-Z]{4}$/.test(first) ? { mark: second, code: first } : null;
}

const unmarked = (record: RawRecord): RawRecord => ({ ...record, cells: record.cells.slice(2) });

function begin(draft: Draft, code: string | null, header: RawRecord): void {
  draft.group = { code, header, rows: [] };
  draft.groups.push(draft.group);
}

function orphan({ line }: RawRecord): ImportRowNote {
  return rowNote({
    line,
    field: '',
    message: 'the row stands before the names of its columns',
    remedy: 'run the Flex query again with “Include column headers” on',
  });
}

function takePlain(draft: Draft, record: RawRecord): void {
  if (isHeader(record)) begin(draft, draft.open?.code ?? null, record);
  else if (draft.group === null) draft.errors.push(record.fault ?? orphan(record));
  else draft.group.rows.push(record);
}

function close(draft: Draft): void {
  if (draft.open === null) return;
  const { line, code } = draft.open;
  draft.open = null;
  draft.errors.push(
    rowNote({
      line,
      field: code,
      message: `section ${code} begins here and does not end: the file is cut off`,
      remedy: 'run the Flex query again and import the whole file',
    }),
  );
}

function takeMarked(draft: Draft, record: RawRecord, { mark, code }: { mark: string; code: string }): void {
  switch (mark) {
    case 'BOS':
      close(draft);
      draft.open = { code, line: record.line };
      draft.group = null;
      return;
    case 'EOS':
      draft.open = null;
      draft.group = null;
      return;
    case 'HEADER':
      begin(draft, code, unmarked(record));
      return;
    default:
      if (draft.group?.code === code) draft.group.rows.push(unmarked(record));
      else draft.errors.push(orphan(record));
  }
}

/** Takes a Flex file apart: records that wrap accounts and sections, headers that repeat, section codes or none. */
export function flexFile(text: string): FlexFile {
  const { records, delimiter } = readRecords(text);
  const draft: Draft = { groups: [], errors: [], open: null, group: null };
  for (const record of records) {
    const marked = markOf(record);
    if (marked !== null) takeMarked(draft, record, marked);
    else if (!/^(BOF|BOA|EOA|EOF|MSG)$/.test(record.cells[0]?.trim() ?? '')) takePlain(draft, record);
  }
  close(draft);
  return { delimiter, groups: draft.groups, errors: draft.errors };
}
