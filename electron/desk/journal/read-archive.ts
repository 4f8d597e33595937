import { createHash } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import type { z } from 'zod';
import { type Attachment, attachmentPath } from '#shared/domain/annotation.ts';
import type { Bar } from '#shared/domain/market.ts';
import { type Result, err, ok } from '#shared/result.ts';
import type { Recompute, VerifyReport } from '#desk/ports/journal.ts';
import { remainsOfJournal } from './anchor.ts';
import {
  ARCHIVE_VERSION,
  type ArchiveError,
  type ArchiveSummary,
  LINES_PER_TURN,
  type Line,
  MAX_LINE_BYTES,
  type Manifest,
  type eventLineSchema,
  lineSchema,
  manifestSchema,
} from './archive.ts';
import { canonicalJson } from './canonical.ts';
import { errorCode, errorText, toOpenError } from './errors.ts';
import { eventRecordSchema } from './event-record.ts';
import { makeFolder, syncFile, syncFolder } from './folders.ts';
import { takeWriterLock } from './lock.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { type SqliteJournal, openJournal } from './open-journal.ts';
import type { NewRecord } from './writer.ts';

const AGAIN = 'Fetch or make the archive again. Nothing was written.';
const damaged = (line: number, detail: string): ArchiveError => ({ code: 'damaged', line, detail, remedy: AGAIN });
const truncated = (detail: string): ArchiveError => ({ code: 'truncated', detail, remedy: AGAIN });
const notAnArchive = (detail: string): ArchiveError => ({
  code: 'not-an-archive',
  detail,
  remedy: 'Choose a file that `kelly-desk journal export --what archive` or the journal screen made.',
});

/** Carries an expected failure out of the stream that found it. */
class Refusal extends Error {
  readonly error: ArchiveError;
  constructor(error: ArchiveError) {
    super(error.code);
    this.error = error;
  }
}

/** Inflated bytes per step: a picture is a line of many megabytes. */
const GUNZIP_BYTES = 1024 * 1024;

type NumberedLine = { readonly number: number; readonly bytes: Buffer };

/** Splits a gzip stream into lines. Throws Refusal for what is no gzip, ends early or has an endless line. */
async function* linesOf(source: Readable): AsyncGenerator<NumberedLine> {
  const gunzip = createGunzip({ chunkSize: GUNZIP_BYTES });
  source.once('error', (error) => gunzip.destroy(error));
  source.pipe(gunzip);
  let rest: Buffer = Buffer.alloc(0);
  let number = 0;
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let start = 0;
      for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10, start)) {
        number += 1;
        yield { number, bytes: rest.subarray(start, end) };
        start = end + 1;
      }
      rest = rest.subarray(start);
      if (rest.length > MAX_LINE_BYTES) throw new Refusal(damaged(number + 1, 'the line does not end'));
    }
  } catch (error) {
    throw gzipRefusal(error, number);
  } finally {
    source.destroy();
    gunzip.destroy();
  }
  if (rest.length > 0) throw new Refusal(truncated('the last line is cut off'));
}

function gzipRefusal(error: unknown, line: number): unknown {
  const code = errorCode(error);
  if (code === 'Z_BUF_ERROR') return new Refusal(truncated('the file ends before the archive does'));
  if (/^E[A-Z0-9]+$/.test(code)) return new Refusal(notAnArchive(`it cannot be read (${errorText(error)})`));
  if (!code.startsWith('Z_')) return error;
  const detail = `the compressed data is damaged (${errorText(error)})`;
  const isNoGzip = line === 0 && /header|compression method/.test(errorText(error));
  return new Refusal(isNoGzip ? notAnArchive(detail) : damaged(line + 1, detail));
}

function parseJson({ number, bytes }: NumberedLine): unknown {
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch {
    throw new Refusal(number === 1 ? notAnArchive('its first line is not JSON') : damaged(number, 'it is not JSON'));
  }
}

function readManifest(line: NumberedLine): Manifest {
  const parsed = manifestSchema.safeParse(parseJson(line));
  if (!parsed.success) throw new Refusal(notAnArchive('its first line is not the manifest of one'));
  const { version, schema } = parsed.data;
  const remedy = 'Install the version of the desk that made it, or a later one.';
  const newer = (found: number, supported: number): ArchiveError => ({
    code: 'newer-archive',
    found,
    supported,
    remedy,
  });
  if (version > ARCHIVE_VERSION) throw new Refusal(newer(version, ARCHIVE_VERSION));
  if (schema > MIGRATIONS.length) throw new Refusal(newer(schema, MIGRATIONS.length));
  return parsed.data;
}

function readLine(line: NumberedLine): Line {
  const parsed = lineSchema.safeParse(parseJson(line));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new Refusal(damaged(line.number, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not understood'}`));
}

type EventLine = z.output<typeof eventLineSchema> & { readonly line: number };

/** Takes the lines of an archive in order and writes what they hold below a folder of its own. */
class Intake {
  readonly #journal: SqliteJournal;
  readonly #folder: string;
  #events: EventLine[] = [];
  #bars: Bar[] = [];
  readonly #counts = { events: 0, bars: 0, attachments: 0 };

  constructor(journal: SqliteJournal, folder: string) {
    this.#journal = journal;
    this.#folder = folder;
  }

  take(line: Exclude<Line, { type: 'end' }>, number: number): void {
    if (line.type === 'event') {
      if (this.#counts.bars + this.#counts.attachments > 0) throw new Refusal(damaged(number, 'an event out of place'));
      this.#counts.events += 1;
      this.#events.push({ ...line, line: number });
    } else if (line.type === 'bar') {
      this.#counts.bars += 1;
      this.#bars.push(line.bar);
    } else this.#keepAttachment(line, number);
    if (this.#events.length + this.#bars.length >= LINES_PER_TURN) this.flush();
  }

  counts(): Readonly<{ events: number; bars: number; attachments: number }> {
    return this.#counts;
  }

  flush(): void {
    const [events, bars] = [this.#events, this.#bars];
    [this.#events, this.#bars] = [[], []];
    if (events.length > 0) this.#append(events);
    if (bars.length > 0) this.#journal.appendBars(bars);
  }

  /** The chain is made anew: only the same bytes in the same order give the same hashes. */
  #append(lines: readonly EventLine[]): void {
    const first = lines[0]?.line ?? 0;
    const records = lines.map(({ at, body, line }): NewRecord => {
      const { success, data } = eventRecordSchema.safeParse(body);
      if (!success) throw new Refusal(damaged(line, 'it is not an event this desk knows'));
      if (canonicalJson(data) !== canonicalJson(body)) throw new Refusal(damaged(line, 'it has fields unknown'));
      return { at, record: data };
    });
    let stored: ReturnType<SqliteJournal['append']>;
    try {
      stored = this.#journal.appendRecords(records);
    } catch (error) {
      if (errorCode(error) === 'Error') throw new Refusal(damaged(first, errorText(error)));
      throw error;
    }
    lines.forEach(({ seq, hash, line }, i) => {
      const made = stored[i];
      if (made?.seq !== seq) throw new Refusal(damaged(line, `event ${seq} does not follow the one before it`));
      if (made.hash !== hash) throw new Refusal(damaged(line, `event ${seq} was changed: its hash differs`));
    });
  }

  #keepAttachment({ attachment, base64 }: Extract<Line, { type: 'attachment' }>, number: number): void {
    const bytes = Buffer.from(base64, 'base64');
    const isSame = createHash('sha256').update(bytes).digest('hex') === attachment.sha256;
    if (!isSame) throw new Refusal(damaged(number, `the picture ${attachment.sha256} was changed`));
    const path = join(this.#folder, attachmentPath(attachment));
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, bytes, { mode: 0o600 });
    syncFile(path);
    this.#counts.attachments += 1;
  }
}

const isEqualCount = (manifest: Manifest, found: ReturnType<Intake['counts']>): boolean =>
  manifest.events === found.events && manifest.bars === found.bars;

async function takeAll(source: Readable, journal: SqliteJournal, folder: string): Promise<ArchiveSummary> {
  const intake = new Intake(journal, folder);
  const digest = createHash('sha256');
  let manifest: Manifest | null = null;
  let end: Extract<Line, { type: 'end' }> | null = null;
  for await (const numbered of linesOf(source)) {
    const { number, bytes } = numbered;
    if (end !== null) throw new Refusal(damaged(number, 'something follows the end'));
    const line: Manifest | Line = manifest === null ? readManifest(numbered) : readLine(numbered);
    if (line.type !== 'end') digest.update(bytes).update('\n');
    if (line.type === 'manifest') manifest = line;
    else if (line.type === 'end') end = line;
    else intake.take(line, number);
    if (number % LINES_PER_TURN === 0) await turn();
  }
  intake.flush();
  const found = intake.counts();
  if (manifest === null) throw new Refusal(notAnArchive('it is empty'));
  if (end === null) throw new Refusal(truncated(`it ends after ${found.events} of ${manifest.events} events`));
  const isWhole = isEqualCount(manifest, found) && end.attachments === found.attachments;
  if (!isWhole || end.sha256 !== digest.digest('hex') || journal.headHash() !== manifest.headHash) {
    throw new Refusal(damaged(1, 'the content is not what the manifest and the end say'));
  }
  return { ...found, missing: end.missing, headHash: manifest.headHash };
}

/** Fills a new journal in a folder of its own, and verifies it as `journal verify` does. */
async function fillJournal(source: Readable, folder: string, recompute: Recompute): Promise<ReadArchive> {
  const opened = openJournal({ path: join(folder, 'journal.db') });
  if (!opened.ok) throw new Refusal(opened.error);
  const journal = opened.value;
  try {
    const summary = await takeAll(source, journal, folder);
    journal.checkpoint();
    const report = journal.verify(recompute);
    // Decisions that this desk's engine would decide otherwise are the same decisions all the same: the chain says so.
    if (report.findings.every(({ check }) => check === 'decisions')) return { summary, report };
    throw new Refusal({ code: 'not-sound', report, remedy: 'Verify the journal it was made from.' });
  } finally {
    journal.close();
  }
}

/** What was read. `report` is not sound when the engine of today answers other than the one that decided. */
export type ReadArchive = { readonly summary: ArchiveSummary; readonly report: VerifyReport };

/** Gives a finished file its name, unless something has it. */
function place(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    // Some file systems have no links; nothing of ours makes this name meanwhile, the lock is held.
    if (errorCode(error) === 'EEXIST' || existsSync(to)) throw error;
    renameSync(from, to);
  }
}

function moveIntoPlace(folder: string, target: string, attachments: readonly Attachment[]): void {
  for (const attachment of attachments) {
    const [from, to] = [folder, dirname(target)].map((base) => join(base, attachmentPath(attachment)));
    if (from === undefined || to === undefined || !existsSync(from)) continue;
    makeFolder(dirname(to));
    renameSync(from, to);
    syncFolder(dirname(to));
  }
  const made = join(folder, 'journal.db');
  place(made, target);
  if (existsSync(`${made}.head`)) renameSync(`${made}.head`, `${target}.head`);
  syncFolder(dirname(target));
}

function attachmentsOf(path: string): readonly Attachment[] {
  const opened = openJournal({ path, mode: 'read' });
  if (!opened.ok) throw new Refusal(opened.error);
  try {
    return [...opened.value.events({ kinds: ['attachment'] })].map(({ event }) => event.attachment);
  } finally {
    opened.value.close();
  }
}

const isTaken = (target: string): boolean =>
  ['', '-wal', '-journal', '.head'].some((part) => existsSync(`${target}${part}`)) || remainsOfJournal(target) !== null;

/** Removes a lock file that was made for nothing, and the folders above it that were. */
function tidy(target: string, had: { readonly lock: boolean; readonly folder: string | null }): void {
  if (!had.lock) rmSync(`${target}.lock`, { force: true });
  if (had.folder !== null) rmSync(had.folder, { recursive: true, force: true });
}

/**
 * Makes a new journal of an archive: the same events byte for byte and so the same head, the same derived tables, bars
 * and pictures. It is filled and verified in a folder beside the target and only then given its name.
 * @param source     the gzip bytes; always destroyed
 * @param target     path of the journal to make; nothing may be there
 * @param recompute  what verifying decides every journaled decision again with
 * @errors ArchiveError; then nothing is left behind
 */
export async function readArchive(
  source: Readable,
  target: string,
  recompute: Recompute,
): Promise<Result<ReadArchive, ArchiveError>> {
  const path = resolve(target);
  // A source that is given up may still fail afterwards; while it is read its failure ends the reading.
  source.on('error', () => undefined);
  if (isTaken(path)) {
    source.destroy();
    return err({ code: 'target-exists', path, remedy: 'Choose a name that nothing has yet.' });
  }
  const hadLock = existsSync(`${path}.lock`);
  let madeFolder: string | null = null;
  let work: string | null = null;
  let isDone = false;
  const folder = dirname(path);
  try {
    madeFolder = mkdirSync(folder, { recursive: true, mode: 0o700 }) ?? null;
    const lock = takeWriterLock(path);
    if (!lock.ok) return lock;
    try {
      work = mkdtempSync(join(folder, '.archive-'));
      const read = await fillJournal(source, work, recompute);
      moveIntoPlace(work, path, attachmentsOf(join(work, 'journal.db')));
      isDone = true;
      return ok(read);
    } finally {
      if (work !== null) rmSync(work, { recursive: true, force: true });
      lock.value.release();
    }
  } catch (error) {
    return err(readError(path, error));
  } finally {
    source.destroy();
    if (!isDone) tidy(path, { lock: hadLock, folder: madeFolder });
  }
}

function readError(path: string, error: unknown): ArchiveError {
  if (error instanceof Refusal) return error.error;
  const code = errorCode(error);
  if (code === 'EEXIST') return { code: 'target-exists', path, remedy: 'Choose a name that nothing has yet.' };
  if (/^E[A-Z0-9]+$/.test(code) || errorCode(error) === 'disk-full' || errorCode(error) === 'io-error') {
    const remedy = 'Check the path, that you may write there, and that the disk has room. Nothing was written.';
    return { code: 'cannot-write', path, detail: errorText(error), remedy };
  }
  return toOpenError(path, error);
}
