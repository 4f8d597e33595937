import type { Instrument } from '#shared/domain/instrument.ts';
import type {
  ImportAssumption,
  ImportedExecution,
  ImportFormat,
  ImportOptions,
  ImportQuestion,
  ImportRowNote,
} from '#shared/domain/import.ts';

/** A file as text: BOM gone, decoded. `lines` of records are counted from 1 as an editor counts them. */
export type SourceFile = { readonly name: string; readonly text: string };

/** A row as the broker's export states it, still in its own words and numbers, but checked and typed. */
export type RawExecution = {
  readonly line: number;
  /** The broker's own id of the execution; null when it gives none. */
  readonly id: string | null;
  readonly account: string | null;
  readonly symbol: string;
  readonly direction: 1 | -1;
  readonly quantity: number;
  /** As written: decimal, or 32nds where the contract is quoted so. May be an average that is not a whole tick. */
  readonly price: string;
  /** Commission and fees of the row in USD (float64 as written, at most 4 decimals are kept); null: not in the file. */
  readonly feeUsd: number | null;
  /** Local wall time as written, or an instant when the file carries an offset. */
  readonly time: WrittenTime;
};

/** A time as the file writes it. `offset` in minutes when it is explicit ("-05:00", "Z"). */
export type WrittenTime = {
  readonly text: string;
  readonly offsetMinutes: number | null;
  /** Zone the format itself fixes (IBKR statements: America/New_York); null when the trader must say. */
  readonly zone: string | null;
};

/** Everything one format read from one file, before symbols, times and ticks are resolved. */
export type RawImport = {
  readonly executions: readonly RawExecution[];
  readonly skipped: readonly ImportRowNote[];
  readonly errors: readonly ImportRowNote[];
  readonly questions: readonly ImportQuestion[];
  readonly assumptions: readonly ImportAssumption[];
  /** Data rows read, executions or not. */
  readonly rows: number;
  readonly columns: readonly string[];
};

/** One file format: how it is recognised and how it is read. Pure: text in, rows out. */
export type FormatReader = {
  readonly format: ImportFormat;
  readonly title: string;
  /** 0 (not this format) to 1 (its header exactly). */
  readonly recognise: (file: SourceFile) => number;
  readonly read: (file: SourceFile, options: ImportOptions) => RawImport;
};

/** A file read to the end: executions in the desk's own units. */
export type ReadImport = {
  readonly format: ImportFormat | null;
  readonly formatTitle: string | null;
  readonly columns: readonly string[];
  readonly rows: number;
  readonly executions: readonly ImportedExecution[];
  /** Instruments of the executions, for the journal: `symbol` of an execution is a key here. */
  readonly instruments: readonly Instrument[];
  readonly skipped: readonly ImportRowNote[];
  readonly errors: readonly ImportRowNote[];
  readonly questions: readonly ImportQuestion[];
  readonly assumptions: readonly ImportAssumption[];
};
