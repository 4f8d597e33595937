import { existsSync, rmSync } from 'node:fs';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import SqliteDatabase from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MIGRATIONS } from '#desk/journal/migrations/index.ts';
import { generator } from '#test/support/random.ts';
import { rounds, timeLimit } from '#test/support/scale.ts';
import { LATER_STATEMENTS, LATER_VERSION } from '#test/support/power-cut/later-migrations.ts';
import { type Found, cutPower, everyInstant, inspectJournal, randomInstants } from '#test/support/power-cut/cuts.ts';
import { type Recording, buildRecorder, recordScript } from '#test/support/power-cut/recording.ts';
import { scratchRoot } from '#test/support/scratch.ts';

const SCRIPT = join(import.meta.dirname, '..', 'support', 'power-cut', 'migration-child.ts');
const NOW = MIGRATIONS.length;

/** Two shapes are allowed, and nothing between them: today's schema, or all of the later one with its rows. */
function shapeFault(database: SqliteDatabase.Database): string | null {
  const version = Number(database.pragma('user_version', { simple: true }));
  const tables = database.prepare<[], string>(`SELECT name FROM sqlite_schema`).pluck().all();
  const isLater = tables.includes('notes') && tables.includes('notes_by_text');
  const columns = database.prepare(`SELECT * FROM bars`).columns().length;
  if (version === NOW) return isLater || columns !== 9 ? 'today, with parts of the later schema' : null;
  if (version !== LATER_VERSION) return `schema version ${version}`;
  if (!isLater || columns !== 10 || tables.includes('bars_anew')) return 'later, without all of it';
  const notes = database.prepare(`SELECT count(*) FROM notes JOIN events USING (seq) WHERE text = kind`).pluck().get();
  return Number(notes) === 13 ? null : `${String(notes)} notes`;
}

/** Looks at a journal of the later schema, which today's desk refuses, for what was acknowledged. */
function inspectLater(database: SqliteDatabase.Database, told: readonly string[]): Found {
  const rows = database.prepare<[], { seq: number; hash: string }>('SELECT seq, hash FROM events').all();
  const lines = new Set(rows.map(({ seq, hash }) => `${seq} ${hash}`));
  const lost = told.filter((line) => / [0-9a-f]{64}$/.test(line) && !lines.has(line)).length;
  const answer = String(database.pragma('integrity_check', { simple: true }));
  return { lost, fault: answer === 'ok' ? null : answer };
}

/** What a migration may leave: the old schema or the new one; and any copy made before it is whole. */
function inspect(folder: string, told: readonly string[]): Found {
  const path = join(folder, 'journal.db');
  const copy = `${path}.before-v${LATER_VERSION}`;
  const beforeMigration = told.slice(0, told.indexOf('migrating') + 1);
  if (existsSync(copy)) {
    const found = inspectJournal(copy, beforeMigration);
    if (found.fault !== null || found.lost > 0) return { ...found, fault: `copy: ${found.fault ?? 'events missing'}` };
  }
  if (!told.includes('migrating') || !existsSync(path)) return inspectJournal(path, told);
  const database = new SqliteDatabase(path);
  try {
    const shape = shapeFault(database);
    const isNow = Number(database.pragma('user_version', { simple: true })) === NOW;
    if (shape !== null) return { lost: 0, fault: shape };
    if (isNow && told.includes('migrated')) return { lost: 0, fault: 'the migration that was told is gone' };
    if (!isNow) {
      return existsSync(copy) ? inspectLater(database, told) : { lost: 0, fault: 'no copy of the old journal' };
    }
  } finally {
    database.close();
  }
  return inspectJournal(path, told);
}

const recorder = buildRecorder();
if ('missing' in recorder) process.stderr.write(`power cuts of migrations are skipped: ${recorder.missing}\n`);
afterAll(() => {
  if ('library' in recorder) recorder.remove();
});

describe.skipIf('missing' in recorder)('a migration', () => {
  let recording: Recording = { root: '', calls: [] };
  beforeAll(async () => {
    if ('library' in recorder) recording = await recordScript(recorder.library, SCRIPT, []);
  });

  it(
    'whose power is cut leaves the old schema or the new one, with every event',
    () => {
      const random = generator(6);
      const { root, calls } = recording;
      const from = calls.findIndex((call) => call.type === 'told' && call.text.startsWith('migrating'));
      const inside = randomInstants(rounds(60), calls.slice(from), random).map((instant) => from + instant);
      const instants = [...randomInstants(rounds(20), calls, random), ...inside];
      expect(cutPower({ calls, root, instants, random, inspect })).toMatchObject({
        cutsWithLoss: 0,
        faults: [],
      });
    },
    timeLimit(60_000),
  );

  it(
    'that is killed after any of its disk calls leaves the old schema or the new one',
    () => {
      const { root, calls } = recording;
      const from = calls.findIndex((call) => call.type === 'told' && call.text.startsWith('migrating'));
      const instants = everyInstant(calls).filter((instant) => instant > from);
      const totals = cutPower({ calls, root, instants, random: generator(7), survival: 1, inspect });
      expect(totals).toMatchObject({ cutsWithLoss: 0, faults: [] });
      expect(totals.cuts).toBeGreaterThan(100);
    },
    timeLimit(60_000),
  );
});

/** Runs a migration that kills itself before a statement; returns what it told, and removes its folder after `look`. */
async function killedAt<T>(statement: number, look: (folder: string, told: readonly string[]) => T): Promise<T> {
  const folder = mkdtempSync(join(scratchRoot(), 'kelly-desk-killed-'));
  try {
    const child = spawn(process.execPath, [SCRIPT, folder, String(statement)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const [, signal] = (await once(child, 'close')) as [number | null, string | null];
    expect(signal).toBe('SIGKILL');
    return look(folder, text.split('\n').slice(0, -1));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('a migration that is killed', () => {
  const statements = Array.from({ length: LATER_STATEMENTS }, (_, i) => i + 1);
  it.each(statements)('before its statement %i leaves the old schema, whole, and the copy', async (statement) => {
    const { found, hasCopy } = await killedAt(statement, (folder, told) => ({
      found: inspect(folder, told),
      hasCopy: existsSync(join(folder, `journal.db.before-v${LATER_VERSION}`)),
    }));
    expect(found).toEqual({ lost: 0, fault: null });
    expect(hasCopy).toBe(true);
  });
});
