import { z } from 'zod';
import { directionSchema, epochMsSchema, moneySchema, ticksSchema } from '#shared/units.ts';

/** The files the desk reads: what brokers export, and any CSV by a mapping of its columns. */
export const IMPORT_FORMATS = [
  'tradovate-performance',
  'tradovate-orders',
  'ninjatrader-trades',
  'ninjatrader-executions',
  'sierra-activity',
  'ibkr-activity',
  'ibkr-flex',
  'tradingview-orders',
  'topstep-trades',
  'topstep-orders',
  'rithmic-orders',
  'rithmic-performance',
  'tradenote',
  'generic',
] as const;
export const importFormatSchema = z.enum(IMPORT_FORMATS);
export type ImportFormat = z.output<typeof importFormatSchema>;

const column = z.string().trim().min(1).max(120);

/** Which column of a generic CSV holds what. One row is one execution. */
export const importMappingSchema = z.strictObject({
  account: column.nullable(),
  symbol: column,
  /** Buy or sell; null when the sign of the quantity says it. */
  side: column.nullable(),
  quantity: column,
  price: column,
  /** Date and time in one column, or the date alone when `time` names another. */
  date: column,
  time: column.nullable(),
  /** Commission and fees of the row, summed; empty when the file has none. */
  fees: z.array(column).max(12),
  executionId: column.nullable(),
});
export type ImportMapping = z.output<typeof importMappingSchema>;

/** What the trader answers where a file does not say. Nothing here has a default: what is missing is asked. */
export const importOptionsSchema = z.strictObject({
  format: importFormatSchema.optional(),
  /** IANA zone of the times in the file, e.g. `America/Chicago`. */
  timeZone: z.string().max(64).optional(),
  dateOrder: z.enum(['DMY', 'MDY']).optional(),
  /** Account of the rows when the file has no such column. */
  account: z.string().trim().min(1).max(64).optional(),
  /** Commission and fees per contract and side in USD, for files that carry none; absent: recorded as gross. */
  feePerContractUsd: z.number().min(0).max(1000).optional(),
  /** Contract of a symbol that hides it: `CME_MINI:MNQ1!` → `MNQZ26`. */
  contracts: z.record(z.string(), z.string()).optional(),
  /** Contracts the desk's own table does not know, e.g. shares: price step and its worth. */
  instruments: z
    .record(z.string(), z.strictObject({ tickSize: z.number().positive(), tickValueUsd: z.number().positive() }))
    .optional(),
  mapping: importMappingSchema.optional(),
});
export type ImportOptions = z.output<typeof importOptionsSchema>;

/** An execution read from a file, before it is journaled. */
export const importedExecutionSchema = z.strictObject({
  /** Line of the file the row begins at, 1 for the first. */
  line: z.number().int().positive(),
  /** The broker's execution id, else a fingerprint of the row: importing it again adds nothing. */
  execKey: z.string().min(1).max(200),
  account: z.string(),
  symbol: z.string(),
  direction: directionSchema,
  quantity: z.number().int().positive(),
  price: ticksSchema,
  /** Price units per tick, so that a preview can show the price as the file does. */
  tickSize: z.number().positive().optional(),
  fee: moneySchema,
  at: epochMsSchema,
});
export type ImportedExecution = z.output<typeof importedExecutionSchema>;

/** What is wrong with one row, or why it was left out. */
export const importRowNoteSchema = z.strictObject({
  line: z.number().int().positive(),
  field: z.string(),
  value: z.string(),
  message: z.string(),
  remedy: z.string().nullable(),
});
export type ImportRowNote = z.output<typeof importRowNoteSchema>;

/** Something the file does not say and the trader must. `field` is a key of the options. */
export const importQuestionSchema = z.strictObject({
  field: z.enum(['format', 'timeZone', 'dateOrder', 'account', 'contracts', 'instruments', 'mapping']),
  /** The symbol asked about, for `contracts` and `instruments`. */
  key: z.string().nullable(),
  text: z.string(),
  choices: z.array(z.string()),
});
export type ImportQuestion = z.output<typeof importQuestionSchema>;

export const importAssumptionSchema = z.strictObject({
  code: z.enum([
    'format',
    'time-zone',
    'date-order',
    'fees',
    'account',
    'contract',
    'split-average',
    'order',
    'pairing',
    'scale',
  ]),
  text: z.string(),
});
export type ImportAssumption = z.output<typeof importAssumptionSchema>;

/** What importing a file would do. Nothing has been written. */
export const importPreviewSchema = z.strictObject({
  fileName: z.string(),
  sha256: z.string(),
  format: importFormatSchema.nullable(),
  formatTitle: z.string().nullable(),
  /** Column names of the file, for a mapping. */
  columns: z.array(z.string()),
  rows: z.number().int().min(0),
  /** The first rows that would be added, oldest first. */
  sample: z.array(importedExecutionSchema),
  added: z.number().int().min(0),
  /** Already journaled with the same values. */
  known: z.number().int().min(0),
  /** Rows that hold no execution (cancelled orders, subtotals), each with its reason; the first few. */
  skipped: z.array(importRowNoteSchema),
  skippedCount: z.number().int().min(0),
  errors: z.array(importRowNoteSchema),
  errorCount: z.number().int().min(0),
  /** Journaled under the same key with other values, or the same execution seen in another file. */
  conflicts: z.array(importRowNoteSchema),
  conflictCount: z.number().int().min(0),
  questions: z.array(importQuestionSchema),
  assumptions: z.array(importAssumptionSchema),
  accounts: z.array(z.string()),
  symbols: z.array(z.string()),
  from: epochMsSchema.nullable(),
  to: epochMsSchema.nullable(),
  /** True when there is something to add, every row could be read and nothing is left to ask. */
  canImport: z.boolean(),
});
export type ImportPreview = z.output<typeof importPreviewSchema>;

export const importReportSchema = z.strictObject({
  importId: z.string(),
  preview: importPreviewSchema,
  added: z.number().int().min(0),
  known: z.number().int().min(0),
  /** Closed trades of the imported accounts after the import. */
  trades: z.number().int().min(0),
});
export type ImportReport = z.output<typeof importReportSchema>;
