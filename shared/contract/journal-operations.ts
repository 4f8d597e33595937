import { z } from 'zod';
import { annotationBodySchema, annotationSchema, attachmentSchema, subjectSchema } from '#shared/domain/annotation.ts';
import {
  importMappingSchema,
  importOptionsSchema,
  importPreviewSchema,
  importReportSchema,
} from '#shared/domain/import.ts';
import { command, query, type Entry } from './define.ts';
import {
  calendarDaySchema,
  decisionPageInputSchema,
  decisionPageSchema,
  exportFormatSchema,
  exportKindSchema,
  importRecordSchema,
  labelsSchema,
  searchHitSchema,
  tradePageInputSchema,
  tradePageSchema,
  tradeQuerySchema,
  tradeSummaryViewSchema,
} from './journal-views.ts';

const nothing = z.strictObject({});
const id = z.string().min(1).max(64);
const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

/** The largest file that can be handed to the desk, and the largest part of one in a message (a frame holds 64 KiB). */
export const MAX_UPLOAD_BYTES = 64 * 1024 * 1024;
export const UPLOAD_PART_BYTES = 45 * 1024;
const MAX_PART_CHARS = (UPLOAD_PART_BYTES / 3) * 4;

/** What the journal screen reads and writes, with the files that come and go in parts. */
export const journalOperations = {
  'journal.trades': query({ input: tradePageInputSchema, output: tradePageSchema }),
  'journal.summary': query({
    input: z.strictObject({ filter: tradeQuerySchema.optional() }),
    output: tradeSummaryViewSchema,
  }),
  'journal.calendar': query({
    input: z.strictObject({ filter: tradeQuerySchema.optional() }),
    output: z.array(calendarDaySchema),
  }),
  'journal.decisions': query({ input: decisionPageInputSchema, output: decisionPageSchema }),
  'journal.labels': query({ input: nothing, output: labelsSchema }),
  'journal.search': query({
    input: z.strictObject({ text: z.string().trim().min(1).max(200), limit: z.number().int().min(1).max(200) }),
    output: z.array(searchHitSchema),
  }),
  'journal.annotation': query({
    input: z.strictObject({ subject: subjectSchema }),
    output: annotationSchema.nullable(),
  }),
  'journal.accounts': query({ input: nothing, output: z.array(z.string()) }),
  'journal.imports': query({ input: nothing, output: z.array(importRecordSchema) }),
  'journal.mappings': query({
    input: nothing,
    output: z.array(z.strictObject({ name: z.string(), mapping: importMappingSchema })),
  }),
  /** What importing an uploaded file would do. Writes nothing. */
  'journal.importPreview': query({
    input: z.strictObject({ uploadId: id, options: importOptionsSchema }),
    output: importPreviewSchema,
  }),
  /** A picture of an annotation, whole. */
  'journal.attachment': query({
    input: z.strictObject({ sha256: sha256Schema }),
    output: z.strictObject({ attachment: attachmentSchema, base64: z.string() }),
  }),
  /** A part of a prepared export. */
  'download.read': query({
    input: z.strictObject({ downloadId: id, offset: z.number().int().min(0) }),
    output: z.strictObject({ base64: z.string(), nextOffset: z.number().int().min(0), isLast: z.boolean() }),
  }),

  'journal.annotate': command({
    input: z.strictObject({ subject: subjectSchema, body: annotationBodySchema }),
    output: annotationSchema,
  }),
  /** Keeps an uploaded picture beside the journal. */
  'journal.attach': command({ input: z.strictObject({ uploadId: id }), output: attachmentSchema }),
  'journal.import': command({
    input: z.strictObject({ uploadId: id, options: importOptionsSchema }),
    output: importReportSchema,
  }),
  /** Keeps a column mapping under a name; null forgets it. */
  'journal.saveMapping': command({
    input: z.strictObject({ name: z.string().trim().min(1).max(60), mapping: importMappingSchema.nullable() }),
    output: nothing,
  }),
  /** Files come in parts, so that no single message is large. */
  'upload.begin': command({
    input: z.strictObject({
      fileName: z.string().trim().min(1).max(200),
      size: z.number().int().min(0).max(MAX_UPLOAD_BYTES),
    }),
    output: z.strictObject({ uploadId: z.string() }),
  }),
  'upload.append': command({
    input: z.strictObject({ uploadId: id, offset: z.number().int().min(0), base64: z.base64().max(MAX_PART_CHARS) }),
    output: z.strictObject({ received: z.number().int().min(0) }),
  }),
  'download.begin': command({
    input: z.strictObject({
      what: exportKindSchema,
      format: exportFormatSchema,
      filter: tradeQuerySchema.optional(),
    }),
    output: z.strictObject({
      downloadId: z.string(),
      fileName: z.string(),
      mediaType: z.string(),
      size: z.number().int().min(0),
    }),
  }),
} as const satisfies Readonly<Record<string, Entry>>;
