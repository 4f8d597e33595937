import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { createGzip } from 'node:zlib';
import SqliteDatabase from 'better-sqlite3';
import { z } from 'zod';
import { type Attachment, attachmentPath, attachmentSchema } from '#shared/domain/annotation.ts';
import { type Bar, barSchema } from '#shared/domain/market.ts';
import { epochMsSchema } from '#shared/units.ts';
import { journalEventSchema } from '#desk/ports/events.ts';
import type { Journal, VerifyReport } from '#desk/ports/journal.ts';
import type { Database } from './connection.ts';
import type { JournalOpenError } from './errors.ts';
import { schemaVersion } from './migrate.ts';
import { RAW_EVENTS, type RawRow } from './verify.ts';
import { readHead } from './writer.ts';

/**
 * A journal as one gzip file of JSON lines that any program can read: a manifest, every event with its number, time
 * and hash, the bars, the pictures, and an end with the digest of all that came before it. Events stand there as they are
 * stored: a decision may name what an earlier one holds (event-record.ts). The same journal makes the same bytes.
 */
export const ARCHIVE_VERSION = 1;
const FORMAT = 'kelly-desk journal archive';

/** Lines written or read between two turns of the event loop. */
export const LINES_PER_TURN = 500;
/** A picture of 8 MB as base64, and room around it. No line of an archive is longer. */
export const MAX_LINE_BYTES = 16 * 1024 * 1024;

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.number().int().min(0);
export const manifestSchema = z.object({
  type: z.literal('manifest'),
  format: z.literal(FORMAT),
  version: z.number().int().positive(),
  schema: z.number().int().positive(),
  events: count,
  headHash: sha256Schema.nullable(),
  bars: count,
});
export type Manifest = z.output<typeof manifestSchema>;

export const eventLineSchema = z.strictObject({
  type: z.literal('event'),
  seq: z.number().int().positive(),
  at: epochMsSchema,
  hash: sha256Schema,
  body: z.record(z.string(), z.unknown()),
});
export const lineSchema = z.discriminatedUnion('type', [
  eventLineSchema,
  z.strictObject({ type: z.literal('bar'), bar: barSchema }),
  z.strictObject({ type: z.literal('attachment'), attachment: attachmentSchema, base64: z.base64() }),
  z.strictObject({
    type: z.literal('end'),
    attachments: count,
    /** Pictures the journal names whose files were gone or changed when the archive was made. */
    missing: z.array(sha256Schema),
    sha256: sha256Schema,
  }),
]);
export type Line = z.output<typeof lineSchema>;

export type ArchiveSummary = {
  readonly events: number;
  readonly bars: number;
  readonly attachments: number;
  readonly missing: readonly string[];
  readonly headHash: string | null;
};

export type ArchiveError =
  | JournalOpenError
  | { readonly code: 'not-an-archive'; readonly detail: string; readonly remedy: string }
  | { readonly code: 'newer-archive'; readonly found: number; readonly supported: number; readonly remedy: string }
  | { readonly code: 'truncated'; readonly detail: string; readonly remedy: string }
  | { readonly code: 'damaged'; readonly line: number; readonly detail: string; readonly remedy: string }
  | { readonly code: 'target-exists'; readonly path: string; readonly remedy: string }
  | { readonly code: 'not-sound'; readonly report: VerifyReport; readonly remedy: string }
  | { readonly code: 'cannot-write'; readonly path: string; readonly detail: string; readonly remedy: string };

const rows = (database: Database, table: string): number =>
  Number(database.prepare(`SELECT count(*) FROM ${table}`).pluck().get());

/** The event lines; what `onAttachment` is given is written after the bars. */
function* eventLines(database: Database, onAttachment: (one: Attachment) => void): Generator<string> {
  for (const row of database.prepare<[], RawRow>(`${RAW_EVENTS} ORDER BY seq`).iterate()) {
    const body = row.body.toString('utf8');
    if (row.kind === 'attachment') {
      const event = journalEventSchema.parse(JSON.parse(body));
      if (event.kind === 'attachment') onAttachment(event.attachment);
    }
    yield `{"type":"event","seq":${row.seq},"at":${row.at},"hash":"${row.hash.toString('latin1')}","body":${body}}`;
  }
}

const BARS = `SELECT symbol, timeframe, open_at AS openAt, close_at AS closeAt, open, high, low, close, volume
  FROM bars ORDER BY symbol, timeframe, open_at`;

function attachmentBytes(folder: string, attachment: Attachment): Buffer | null {
  const path = join(folder, attachmentPath(attachment));
  if (!existsSync(path)) return null;
  const bytes = readFileSync(path);
  return createHash('sha256').update(bytes).digest('hex') === attachment.sha256 ? bytes : null;
}

/** Every line of an archive but the end, from one committed state of the journal. */
function* contentLines(database: Database, folder: string, summary: SummaryInProgress): Generator<string> {
  const attachments = new Map<string, Attachment>();
  const manifest: Manifest = {
    type: 'manifest',
    format: FORMAT,
    version: ARCHIVE_VERSION,
    schema: schemaVersion(database),
    events: summary.events,
    headHash: summary.headHash,
    bars: summary.bars,
  };
  yield JSON.stringify(manifest);
  yield* eventLines(database, (one) => attachments.set(one.sha256, one));
  for (const bar of database.prepare<[], Bar>(BARS).iterate()) yield JSON.stringify({ type: 'bar', bar });
  for (const attachment of attachments.values()) {
    const bytes = attachmentBytes(folder, attachment);
    if (bytes === null) summary.missing.push(attachment.sha256);
    else {
      summary.attachments += 1;
      yield JSON.stringify({ type: 'attachment', attachment, base64: bytes.toString('base64') });
    }
  }
}

type SummaryInProgress = {
  events: number;
  headHash: string | null;
  bars: number;
  attachments: number;
  readonly missing: string[];
};

async function* archiveText(database: Database, folder: string, summary: SummaryInProgress): AsyncGenerator<string> {
  const digest = createHash('sha256');
  let [block, lines] = ['', 0];
  const flush = (): string => {
    const text = block;
    digest.update(text);
    [block, lines] = ['', 0];
    return text;
  };
  for (const line of contentLines(database, folder, summary)) {
    block += `${line}\n`;
    lines += 1;
    if (lines < LINES_PER_TURN && block.length < MAX_LINE_BYTES) continue;
    yield flush();
    await turn();
  }
  yield flush();
  const { attachments, missing } = summary;
  yield `${JSON.stringify({ type: 'end', attachments, missing, sha256: digest.digest('hex') })}\n`;
}

/**
 * Writes one committed state of a journal, its bars and its pictures as an archive, while the journal stays in use.
 * @param folder  what the pictures of the journal are kept below
 * @param sink    gets the gzip bytes and is ended
 * @returns what was written; `missing` names pictures that are gone. Rejects with what the sink or SQLite says.
 */
export async function writeArchive(
  journal: Pick<Journal, 'path'>,
  folder: string,
  sink: Writable,
): Promise<ArchiveSummary> {
  const database = new SqliteDatabase(journal.path, { readonly: true, fileMustExist: true });
  try {
    database.exec('BEGIN');
    const head = readHead(database);
    const summary: SummaryInProgress = {
      events: head.seq,
      headHash: head.hash,
      bars: rows(database, 'bars'),
      attachments: 0,
      missing: [],
    };
    await pipeline(Readable.from(archiveText(database, folder, summary)), createGzip(), sink);
    return summary;
  } finally {
    database.close();
  }
}
