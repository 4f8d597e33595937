import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { APPLICATION_ID, type JournalMode } from '#desk/journal/connection.ts';
import type { JournalOpenError } from '#desk/journal/errors.ts';
import { MIGRATIONS } from '#desk/journal/migrations/index.ts';
import { openJournal } from '#desk/journal/open-journal.ts';
import { viewJournal } from '#desk/journal/view-only.ts';
import { NOON, aDecision, aRoundTrip, at, events } from '#test/support/journal-events.ts';
import { generator } from '#test/support/random.ts';
import { rounds, timeLimit } from '#test/support/scale.ts';
import { mustOpen, temporaryFolder, temporaryJournal } from '#test/support/temp-journal.ts';

const errorOf = (path: string, mode: JournalMode = 'write'): JournalOpenError => {
  const opened = openJournal({ path, mode });
  if (opened.ok) {
    opened.value.close();
    throw new Error('opened');
  }
  return opened.error;
};

/** A closed journal with one trade. */
function closedJournal(): string {
  const journal = temporaryJournal();
  journal.append([at(NOON, events.opened()), at(NOON, events.instrument()), ...aRoundTrip(1)]);
  journal.close();
  return journal.path;
}

/** Every file of a folder with its bytes, but for what a lock leaves. */
const contentsOf = (folder: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(folder)
      .filter((name) => !name.includes('.lock') && !name.endsWith('-shm'))
      .sort()
      .map((name) => [name, readFileSync(join(folder, name)).toString('base64')]),
  );

/** Expects a refusal, in both modes, that says what to do and changes nothing. */
function expectRefused(
  path: string,
  code: JournalOpenError['code'],
  modes: readonly JournalMode[] = ['write', 'read'],
) {
  const before = contentsOf(dirname(path));
  for (const mode of modes) {
    const error = errorOf(path, mode);
    expect([mode, error.code]).toEqual([mode, code]);
    expect(error.remedy.length).toBeGreaterThan(20);
    expect(error.path).toBe(path);
  }
  expect(contentsOf(dirname(path))).toEqual(before);
}

describe('a place where a journal was', () => {
  it('is never given a new one when the file is gone, as long as anything shows that it was there', () => {
    const closed = closedJournal();
    rmSync(closed);
    expectRefused(closed, 'corrupt');
    expect(existsSync(closed)).toBe(false);
    // A crash leaves the log, and no anchor yet.
    const open = temporaryJournal();
    open.append([at(NOON, events.notice('one'))]);
    const crashed = join(temporaryFolder(), 'journal.db');
    writeFileSync(`${crashed}-wal`, readFileSync(`${open.path}-wal`));
    expectRefused(crashed, 'corrupt');
    expect(readFileSync(`${crashed}-wal`)).toEqual(readFileSync(`${open.path}-wal`));
  });

  it('is not taken for a new one when the file is empty', () => {
    const path = closedJournal();
    writeFileSync(path, '');
    expectRefused(path, 'corrupt');
  });

  it('refuses an older copy to write to, and still shows it to a reader', () => {
    const path = closedJournal();
    const older = readFileSync(path);
    const journal = mustOpen(path);
    journal.append([at(NOON, events.notice('later'))]);
    journal.close();
    writeFileSync(path, older);
    expectRefused(path, 'corrupt', ['write']);
    expect(errorOf(path).remedy).toContain(`delete ${path}.head`);
    expect(mustOpen(path, 'read').verify(() => aDecision()).findings).toMatchObject([{ check: 'anchor' }]);
    rmSync(`${path}.head`);
    expect(mustOpen(path).lastSeq()).toBe(12);
  });

  it('takes an empty file for a new journal where nothing was', () => {
    const path = join(temporaryFolder(), 'journal.db');
    writeFileSync(path, '');
    expect(mustOpen(path).lastSeq()).toBe(0);
  });
});

describe('a file that is not a journal', () => {
  const random = generator(8);
  const bytes = (length: number): Buffer => Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));

  it.each([1, 16, 100, 511, 512, 4_096, 40_000])('of %i random bytes is refused and left as it is', (length) => {
    const path = join(temporaryFolder(), 'journal.db');
    writeFileSync(path, bytes(length));
    expectRefused(path, 'not-a-journal');
  });

  it('with the header of a database and nothing behind it is refused', () => {
    const path = join(temporaryFolder(), 'journal.db');
    writeFileSync(path, Buffer.concat([Buffer.from('SQLite format 3\0'), bytes(5_000)]));
    expect(['not-a-journal', 'corrupt']).toContain(errorOf(path).code);
  });

  it('but a database with another mark, or ours without its tables, is refused', () => {
    const folder = temporaryFolder();
    const foreign = join(folder, 'foreign.db');
    const database = new Database(foreign);
    database.pragma('application_id = 1179011410');
    database.exec('CREATE TABLE events (seq INTEGER PRIMARY KEY)');
    database.close();
    expectRefused(foreign, 'not-a-journal');
    for (const { version } of MIGRATIONS) {
      const hollow = join(folder, `hollow-${version}.db`);
      const marked = new Database(hollow);
      marked.pragma(`application_id = ${APPLICATION_ID}`);
      marked.pragma(`user_version = ${version}`);
      marked.close();
      expect(errorOf(hollow).code).toBe('corrupt');
      expect(errorOf(hollow, 'read').code).toBe(version === MIGRATIONS.length ? 'corrupt' : 'older-schema');
    }
  });

  it('of a later version is refused', () => {
    const path = closedJournal();
    const database = new Database(path);
    database.pragma('journal_mode = DELETE');
    database.pragma('user_version = 2147483647');
    database.close();
    expectRefused(path, 'newer-schema');
  });
});

describe('a journal cut short', () => {
  it(
    'at any size is refused, and never begun anew',
    () => {
      const path = closedJournal();
      const whole = readFileSync(path);
      const random = generator(9);
      const sectors = Array.from({ length: Math.ceil(whole.length / 512) }, (_, i) => i * 512);
      const others = Array.from({ length: rounds(40) }, () => Math.floor(random() * whole.length));
      for (const size of [...sectors, ...others].filter((one) => one < whole.length)) {
        writeFileSync(path, whole.subarray(0, size));
        const refused = errorOf(path);
        expect([size, ['corrupt', 'not-a-journal'].includes(refused.code)]).toEqual([size, true]);
        expect([size, readFileSync(path).length]).toEqual([size, size]);
        const read = openJournal({ path, mode: 'read' });
        if (!read.ok) continue;
        expect([size, read.value.verify(() => aDecision()).isSound]).toEqual([size, false]);
        read.value.close();
      }
      writeFileSync(path, whole);
      expect(mustOpen(path).verify(() => aDecision()).isSound).toBe(true);
    },
    timeLimit(60_000),
  );
});

describe('a place that cannot be written to', () => {
  const isRoot = process.getuid?.() === 0;

  /** A folder on a disk that is mounted for reading only; the journal in it was closed, or is as a crash left it. */
  function readOnlyDisk(prepare: (folder: string) => void): string | null {
    const folder = temporaryFolder();
    prepare(folder);
    try {
      execFileSync('mount', ['--bind', folder, folder], { stdio: 'pipe' });
      onTestFinished(() => void execFileSync('umount', ['-l', folder]));
      execFileSync('mount', ['-o', 'remount,ro,bind', folder], { stdio: 'pipe' });
      return folder;
    } catch (error) {
      process.stderr.write(`tests on a read-only disk are skipped: ${String(error)}\n`);
      return null;
    }
  }

  it('is told apart from a damaged journal, and a backup on it opens for reading', async ({ skip }) => {
    const journal = temporaryJournal();
    journal.append([at(NOON, events.opened()), at(NOON, events.instrument()), ...aRoundTrip(1)]);
    const backup = join(temporaryFolder(), 'backup.db');
    await journal.backup(backup);
    journal.close();
    const folder =
      readOnlyDisk((place) => {
        writeFileSync(join(place, 'journal.db'), readFileSync(journal.path));
        writeFileSync(join(place, 'backup.db'), readFileSync(backup));
      }) ?? skip('mounting is not allowed');
    expectRefused(join(folder, 'journal.db'), 'cannot-open', ['write']);
    expectRefused(join(folder, 'new.db'), 'cannot-open', ['write']);
    expect(errorOf(join(folder, 'sub', 'journal.db'))).toMatchObject({ code: 'cannot-open' });
    expect(errorOf(join(folder, 'journal.db')).remedy).toContain('read-only');
    expect(errorOf(join(folder, 'journal.db'), 'read')).toMatchObject({ code: 'cannot-open' });
    expect(errorOf(join(folder, 'journal.db'), 'read').remedy).toContain('view only');
    expect(mustOpen(join(folder, 'backup.db'), 'read').verify(() => aDecision())).toMatchObject({ isSound: true });
  });

  it('shows a journal to be viewed, closed or as a crash left it, from a copy that goes when it is closed', ({
    skip,
  }) => {
    const journal = temporaryJournal();
    journal.append([at(NOON, events.opened()), at(NOON, events.instrument()), ...aRoundTrip(1)]);
    const [file, log] = [readFileSync(journal.path), readFileSync(`${journal.path}-wal`)];
    const head = journal.headHash();
    journal.close();
    const folder =
      readOnlyDisk((place) => {
        for (const part of ['', '.head']) {
          writeFileSync(join(place, `closed.db${part}`), readFileSync(`${journal.path}${part}`));
        }
        writeFileSync(join(place, 'crashed.db'), file);
        writeFileSync(join(place, 'crashed.db-wal'), log);
      }) ?? skip('mounting is not allowed');
    const scratch = temporaryFolder();
    for (const name of ['closed.db', 'crashed.db']) {
      const path = join(folder, name);
      const opened = viewJournal({ path, scratch });
      if (!opened.ok) throw new Error(JSON.stringify(opened.error));
      const view = opened.value;
      expect(view.path).toBe(path);
      expect(view.headHash()).toBe(head);
      expect(view.verify(() => aDecision()).findings).toEqual([]);
      expect(() => view.append([at(NOON, events.notice('no'))])).toThrow(
        expect.objectContaining({ code: 'read-only' }),
      );
      expect(readdirSync(scratch)).toHaveLength(1);
      view.close();
      expect(readdirSync(scratch)).toEqual([]);
    }
  });

  it.skipIf(isRoot)('for lack of rights is told, and left as it is', () => {
    const path = closedJournal();
    chmodSync(dirname(path), 0o500);
    onTestFinished(() => chmodSync(dirname(path), 0o700));
    expect(errorOf(path)).toMatchObject({ code: 'cannot-open' });
    chmodSync(dirname(path), 0o000);
    expect(errorOf(path)).toMatchObject({ code: 'cannot-open', cause: 'EACCES' });
  });

  it('is told when a part of the path is a file, a folder, a loop or a link to nowhere', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), 'x');
    mkdirSync(join(folder, 'journal.db'));
    symlinkSync(join(folder, 'loop'), join(folder, 'loop'));
    expect(errorOf(join(folder, 'file', 'journal.db'))).toMatchObject({ code: 'cannot-open', cause: 'ENOTDIR' });
    expect(errorOf(join(folder, 'journal.db'))).toMatchObject({ code: 'not-a-journal' });
    expect(errorOf(join(folder, 'loop'))).toMatchObject({ code: 'cannot-open' });
    expect(errorOf(join(folder, 'loop', 'journal.db'))).toMatchObject({ code: 'cannot-open' });
    symlinkSync(join(folder, 'nowhere'), join(folder, 'dangling.db'));
    const dangling = openJournal({ path: join(folder, 'dangling.db') });
    if (dangling.ok) dangling.value.close();
    else expect(dangling.error.code).toBe('cannot-open');
  });
});

describe('a journal to be viewed', () => {
  const view = (path: string, scratch: string) => {
    const opened = viewJournal({ path, scratch });
    if (opened.ok) onTestFinished(() => opened.value.close());
    return opened;
  };

  it('is read where it is, while a desk writes to it', () => {
    const journal = temporaryJournal();
    const scratch = temporaryFolder();
    const opened = view(journal.path, scratch);
    journal.append([at(NOON, events.notice('seen'))]);
    expect(opened.ok && opened.value.lastSeq()).toBe(1);
    expect(readdirSync(scratch)).toEqual([]);
  });

  it('of an older schema is read from a copy that is brought up to date, and stays what it is', () => {
    const path = join(temporaryFolder(), 'journal.db');
    const fixture = join(import.meta.dirname, '..', 'fixtures', 'journal', 'schema-1.db');
    writeFileSync(path, readFileSync(fixture));
    const scratch = temporaryFolder();
    expect(errorOf(path, 'read')).toMatchObject({ code: 'older-schema' });
    const opened = view(path, scratch);
    expect(opened.ok && opened.value.tradeSummary({}).all.count).toBe(8);
    if (opened.ok) opened.value.close();
    expect(readdirSync(scratch)).toEqual([]);
    expect(readFileSync(path)).toEqual(readFileSync(fixture));
  });

  it('that is none, is damaged, newer or missing is refused as ever, and leaves nothing behind', () => {
    const scratch = temporaryFolder();
    const text = join(temporaryFolder(), 'notes.txt');
    writeFileSync(text, 'not a database '.repeat(100));
    expect(view(text, scratch)).toMatchObject({ ok: false, error: { code: 'not-a-journal', path: text } });
    const none = join(temporaryFolder(), 'none.db');
    expect(view(none, scratch)).toMatchObject({ ok: false, error: { code: 'missing', path: none } });
    const bent = join(temporaryFolder(), 'bent.db');
    const bytes = readFileSync(join(import.meta.dirname, '..', 'fixtures', 'journal', 'schema-1.db'));
    bytes.write('"detail":"bent"', bytes.indexOf('"detail":"kept"'));
    writeFileSync(bent, bytes);
    expect(view(bent, scratch)).toMatchObject({ ok: false, error: { code: 'corrupt', path: bent } });
    expect(readdirSync(scratch)).toEqual([]);
  });

  it('says so when there is no place for the copy', () => {
    const path = join(temporaryFolder(), 'journal.db');
    writeFileSync(path, readFileSync(join(import.meta.dirname, '..', 'fixtures', 'journal', 'schema-1.db')));
    const refused = view(path, join(temporaryFolder(), 'no', 'such', 'folder'));
    expect(refused).toMatchObject({ ok: false, error: { code: 'cannot-open', cause: 'ENOENT', path } });
  });
});
