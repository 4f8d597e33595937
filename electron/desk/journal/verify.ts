import SqliteDatabase from 'better-sqlite3';
import type { Attachment } from '#shared/domain/annotation.ts';
import { epochMs } from '#shared/units.ts';
import type { JournalEvent, StoredEvent } from '#desk/ports/events.ts';
import type { Recompute, VerifyFinding, VerifyReport } from '#desk/ports/journal.ts';
import { anchorFault } from './anchor.ts';
import { GENESIS_HASH, canonicalJson, linkHash } from './canonical.ts';
import { APPLICATION_ID, type Database } from './connection.ts';
import { LOST } from './decision-filing.ts';
import { errorText } from './errors.ts';
import { subjectOf } from './event-codec.ts';
import { type EventReader, createEventReader } from './event-reader.ts';
import { eventRecordSchema } from './event-record.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { type DerivedTables, startFold } from './fold.ts';
import { attachmentFaults, derivedFaults, searchFault } from './verify-derived.ts';

/** Findings beyond this many add nothing: the first bad row is what matters. */
const MAX_FINDINGS = 100;
/** Links checked at every open. */
const TAIL = 200;

const CHECKS = {
  schema: 'schema version, tables and append-only triggers are the ones this version makes',
  integrity: 'the file is in order, page by page (integrity_check, foreign keys)',
  chain: 'events are numbered without gaps and every hash and link recomputes',
  anchor: 'the chain reaches the end that was noted beside the file at the last checkpoint',
  events: 'every event parses, is spelt canonically, names only what is there and is filed under its kind and subject',
  derived:
    'instruments, decisions, orders, fills, corrections, lots, trades, sums per day, annotations and labels equal a rebuild from the events',
  search: 'the search index holds every word of every note, label and reason, and no other',
  attachments: 'every picture of a note is recorded, and is there whole where the files were looked for',
  decisions: 'every decision recomputes bit for bit from its recorded inputs',
} as const;
type Check = keyof typeof CHECKS;

/** A row as bytes, so that no flipped bit can hide in the decoding of text. */
export type RawRow = {
  readonly seq: number;
  readonly at: number;
  readonly kind: string;
  readonly subject: string | null;
  readonly body: Buffer;
  readonly prev_hash: Buffer;
  readonly hash: Buffer;
};

export const RAW_EVENTS = `SELECT seq, at, kind, subject, CAST(body AS BLOB) AS body, CAST(prev_hash AS BLOB) AS prev_hash,
  CAST(hash AS BLOB) AS hash FROM events`;

class Findings {
  readonly list: VerifyFinding[] = [];

  add(check: Check, seq: number | null, detail: string): void {
    if (this.list.length < MAX_FINDINGS) this.list.push({ seq, check, detail });
  }

  /** First bad row first; what belongs to no row comes after. */
  inOrder(): readonly VerifyFinding[] {
    return this.list.toSorted((a, b) => (a.seq ?? Infinity) - (b.seq ?? Infinity) || 0);
  }
}

/** Runs a check whose reading may itself fail on a damaged file. */
function guarded(findings: Findings, check: Check, work: () => void): void {
  try {
    work();
  } catch (error) {
    findings.add(check, null, `could not be read: ${errorText(error)}`);
  }
}

const SCHEMA_SQL = `SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name`;

type SchemaRow = { readonly type: string; readonly name: string; readonly sql: string };

const schemaOf = (database: Database): readonly SchemaRow[] => database.prepare<[], SchemaRow>(SCHEMA_SQL).all();

const schemas = new Map<number, readonly SchemaRow[]>();

/** The schema the migrations make up to a version, statement by statement. */
function expectedSchema(version: number): readonly SchemaRow[] {
  const known = schemas.get(version);
  if (known !== undefined) return known;
  const memory = new SqliteDatabase(':memory:');
  for (const migration of MIGRATIONS.slice(0, version)) migration.up(memory);
  const rows = schemaOf(memory);
  memory.close();
  schemas.set(version, rows);
  return rows;
}

/** Says which table of a schema is missing or was changed; null when none. Checked before any is used. */
export function tableFault(database: Database, version: number = MIGRATIONS.length): string | null {
  const found = new Map(schemaOf(database).map(({ name, sql }) => [name, sql]));
  const wrong = expectedSchema(version).find(({ type, name, sql }) => type === 'table' && found.get(name) !== sql);
  if (wrong === undefined) return null;
  return `the table ${wrong.name} ${found.has(wrong.name) ? 'was changed' : 'is missing'}`;
}

function checkSchema(database: Database, findings: Findings): void {
  const version = Number(database.pragma('user_version', { simple: true }));
  if (version !== MIGRATIONS.length)
    findings.add('schema', null, `schema version ${version}, not ${MIGRATIONS.length}`);
  const id = Number(database.pragma('application_id', { simple: true }));
  if (id !== APPLICATION_ID) findings.add('schema', null, `application id ${id}, not ${APPLICATION_ID}`);
  if (JSON.stringify(schemaOf(database)) !== JSON.stringify(expectedSchema(MIGRATIONS.length))) {
    findings.add('schema', null, 'a table, an index or an append-only trigger was changed');
  }
}

/** What SQLite itself finds wrong with a whole file: pages, indexes, rows that point nowhere. Seconds for a large one. */
export function pageFaults(database: Database): readonly string[] {
  const answers = database.prepare<[], string>('PRAGMA integrity_check(20)').pluck().all();
  const orphans = database.prepare('PRAGMA foreign_key_check').all().length;
  return [
    ...answers.filter((answer) => answer !== 'ok'),
    ...(orphans > 0 ? [`${orphans} rows point at events that do not exist`] : []),
  ];
}

function checkIntegrity(database: Database, findings: Findings): void {
  for (const fault of pageFaults(database)) findings.add('integrity', null, fault);
}

/** Checks one event against the hash of the one before it; null when it holds. */
export const linkFault = (row: RawRow, prevHash: string): string | null => {
  if (row.prev_hash.toString('latin1') !== prevHash) return 'does not link to the event before it';
  return row.hash.toString('latin1') === linkHash(prevHash, row, row.body) ? null : 'was changed: its hash differs';
};

/** Checks the last links of the chain; null when they hold. Cheap enough for every open. */
export function chainTailFault(database: Database): string | null {
  const rows = database
    .prepare<[number], RawRow>(`${RAW_EVENTS} ORDER BY seq DESC LIMIT ?`)
    .all(TAIL + 1)
    .reverse();
  const [first] = rows;
  if (first === undefined) return null;
  const startsAtGenesis = first.seq === 1;
  let previous = startsAtGenesis ? { seq: 0, hash: GENESIS_HASH } : null;
  for (const row of rows) {
    if (previous !== null) {
      const fault =
        row.seq === previous.seq + 1 ? linkFault(row, previous.hash) : 'does not follow the event before it';
      if (fault !== null) return `event ${row.seq} ${fault}`;
    }
    previous = { seq: row.seq, hash: row.hash.toString('latin1') };
  }
  return null;
}

/** Parses one row and checks its spelling and filing; null when it cannot be an event. */
function parseRow(row: RawRow, reader: EventReader, findings: Findings): JournalEvent | null {
  try {
    const text = row.body.toString('utf8');
    const record = eventRecordSchema.parse(JSON.parse(text));
    const event = reader.eventOf(row.seq, record);
    if (canonicalJson(record) !== text) findings.add('events', row.seq, 'is not spelt canonically');
    if (event.kind !== row.kind) findings.add('events', row.seq, `is filed as ${row.kind}, and is a ${event.kind}`);
    if (subjectOf(event) !== row.subject) findings.add('events', row.seq, 'is filed under another subject');
    return event;
  } catch (error) {
    findings.add('events', row.seq, `cannot be read: ${errorText(error)}`);
    return null;
  }
}

function checkDecision(stored: StoredEvent, recompute: Recompute, findings: Findings): void {
  if (stored.event.kind !== 'decision') return;
  try {
    const again = canonicalJson(recompute(stored.event.snapshot));
    if (again === canonicalJson(stored.event.decision)) return;
    findings.add('decisions', stored.seq, `decision ${stored.event.recommendationId} recomputes to another answer`);
  } catch (error) {
    findings.add('decisions', stored.seq, `decision cannot be recomputed: ${errorText(error)}`);
  }
}

/** What one pass over all events found: counts, the head, and the derived tables they make (null when unreadable). */
type Pass = {
  readonly events: number;
  readonly decisions: number;
  readonly headHash: string | null;
  readonly derived: DerivedTables | null;
};

function passEvents(database: Database, recompute: Recompute, findings: Findings): Pass {
  const fold = startFold();
  const reader = createEventReader(database);
  let [events, decisions, isFoldable] = [0, 0, true];
  let headHash: string | null = null;
  for (const row of database.prepare<[], RawRow>(`${RAW_EVENTS} ORDER BY seq`).iterate()) {
    events += 1;
    if (row.seq !== events) findings.add('chain', row.seq, `is event ${events} by position`);
    const fault = linkFault(row, headHash ?? GENESIS_HASH);
    if (fault !== null) findings.add('chain', row.seq, fault);
    headHash = row.hash.toString('latin1');
    const event = parseRow(row, reader, findings);
    isFoldable &&= event !== null;
    if (event === null) continue;
    const stored: StoredEvent = { seq: row.seq, at: epochMs(row.at), event, hash: headHash };
    if (event.kind === 'decision') decisions += 1;
    checkDecision(stored, recompute, findings);
    isFoldable &&= foldInto(fold, stored, findings);
  }
  return { events, decisions, headHash, derived: isFoldable ? fold.tables() : null };
}

function foldInto(fold: ReturnType<typeof startFold>, stored: StoredEvent, findings: Findings): boolean {
  try {
    fold.add(stored);
    return true;
  } catch (error) {
    findings.add('derived', stored.seq, errorText(error));
    return false;
  }
}

function checkDerived(database: Database, derived: DerivedTables | null, findings: Findings): void {
  if (derived === null) {
    findings.add('derived', null, 'cannot be compared: not every event could be read');
    return;
  }
  const lost = Number(database.prepare(LOST).pluck().get());
  if (lost > 0) findings.add('derived', null, `${lost} decisions are in no list, and not among the newest`);
  for (const fault of derivedFaults(database, derived)) findings.add('derived', null, fault);
}

function checkWritten({ database, files }: JournalFile, derived: DerivedTables | null, findings: Findings): void {
  if (derived === null) return;
  guarded(findings, 'search', () => {
    const fault = searchFault(database, derived.texts);
    if (fault !== null) findings.add('search', null, fault);
  });
  for (const { seq, detail } of attachmentFaults(derived, files)) findings.add('attachments', seq, detail);
}

const count = (database: Database, table: string): number =>
  Number(database.prepare(`SELECT count(*) FROM ${table}`).pluck().get());

function runChecks(file: JournalFile, recompute: Recompute): VerifyReport {
  const { database, path } = file;
  const findings = new Findings();
  let pass: Pass = { events: 0, decisions: 0, headHash: null, derived: null };
  let [fills, trades] = [0, 0];
  guarded(findings, 'schema', () => checkSchema(database, findings));
  guarded(findings, 'integrity', () => checkIntegrity(database, findings));
  guarded(findings, 'chain', () => (pass = passEvents(database, recompute, findings)));
  guarded(findings, 'anchor', () => {
    const fault = anchorFault(database, path);
    if (fault !== null) findings.add('anchor', null, fault);
  });
  guarded(findings, 'derived', () => checkDerived(database, pass.derived, findings));
  checkWritten(file, pass.derived, findings);
  guarded(findings, 'derived', () => ([fills, trades] = [count(database, 'fills'), count(database, 'trades')]));
  return {
    isSound: findings.list.length === 0,
    events: pass.events,
    decisions: pass.decisions,
    fills,
    trades,
    headHash: pass.headHash,
    checks: Object.values(CHECKS),
    findings: findings.inOrder(),
  };
}

type JournalFile = {
  readonly database: Database;
  readonly path: string;
  /** The pictures found beside the journal; undefined where they were not looked for. */
  readonly files: readonly Pick<Attachment, 'sha256' | 'size'>[] | undefined;
};

/**
 * Checks a journal from its bytes up, in one read transaction: schema, pages, chain, events, everything derived, and
 * each decision recomputed. Never changes the file; damage is a finding, not an exception.
 */
export function verifyJournalFile(file: JournalFile, recompute: Recompute): VerifyReport {
  file.database.exec('BEGIN');
  try {
    return runChecks(file, recompute);
  } finally {
    if (file.database.inTransaction) file.database.exec('COMMIT');
  }
}
