import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { type JournalMode, applySettings, openFile } from '#desk/journal/connection.ts';
import { MIGRATIONS } from '#desk/journal/migrations/index.ts';
import { openJournal } from '#desk/journal/open-journal.ts';
import { NOON, at, events } from '#test/support/journal-events.ts';
import { mustOpen, temporaryFolder, temporaryJournal } from '#test/support/temp-journal.ts';

const errorOf = (path: string, mode: JournalMode = 'write') => {
  const opened = openJournal({ path, mode });
  if (opened.ok) throw new Error('opened');
  return opened.error;
};

const permissions = (path: string): number => statSync(path).mode & 0o777;

describe('opening a journal', () => {
  it('makes the folder and the file for their owner alone', () => {
    const folder = join(temporaryFolder(), 'profiles', 'simulation');
    const journal = mustOpen(join(folder, 'journal.db'));
    journal.append([at(NOON, events.opened())]);
    expect(permissions(folder)).toBe(0o700);
    for (const suffix of ['', '-wal', '-shm', '.lock']) {
      expect([suffix, permissions(`${journal.path}${suffix}`)]).toEqual([suffix, 0o600]);
    }
  });

  it('takes back permissions that were opened up', () => {
    const journal = temporaryJournal();
    const { path } = journal;
    journal.close();
    chmodSync(path, 0o644);
    mustOpen(path);
    expect(permissions(path)).toBe(0o600);
  });

  it('has its settings in force at every open, in both modes', () => {
    const { path } = temporaryJournal();
    const expected = {
      synchronous: 2,
      foreign_keys: 1,
      trusted_schema: 0,
      cell_size_check: 1,
      mmap_size: 0,
      busy_timeout: 250,
      recursive_triggers: 1,
      journal_mode: 'wal',
      application_id: 0x4b454c59,
      user_version: MIGRATIONS.length,
    };
    for (const mode of ['write', 'read'] as const) {
      const file = openFile(path, mode);
      if (!file.ok) throw new Error(file.error.code);
      expect(applySettings(file.value, path, mode)).toEqual({ ok: true, value: null });
      const found = Object.keys(expected).map((name) => [name, file.value.pragma(name, { simple: true })]);
      expect(Object.fromEntries(found)).toEqual(expected);
      file.value.close();
    }
  });

  it('says so when a setting does not hold', () => {
    const memory = new Database(':memory:');
    const refused = applySettings(memory, 'memory', 'write');
    memory.close();
    expect(refused).toMatchObject({
      ok: false,
      // A database in memory answers nothing to mmap_size.
      error: { code: 'setting-refused', path: 'memory', setting: 'mmap_size', expected: '0', found: 'undefined' },
    });
  });

  it('keeps what was appended across closing and opening', () => {
    const first = temporaryJournal();
    const stored = first.append([at(NOON, events.opened()), at(NOON, events.notice('one'))]);
    first.close();
    const second = mustOpen(first.path);
    expect([...second.events({ kinds: ['opened', 'notice'] })]).toEqual(stored);
    expect(second.headHash()).toBe(stored.at(-1)?.hash);
    expect(second.append([at(NOON, events.notice('two'))])[0]?.seq).toBe(3);
  });
});

describe('the one writer', () => {
  it('refuses a second writer, by whatever path, and lets it in when the first closes', () => {
    const first = temporaryJournal();
    const link = join(temporaryFolder(), 'link.db');
    symlinkSync(first.path, link);
    expect(errorOf(first.path)).toMatchObject({ code: 'journal-in-use', path: first.path });
    expect(errorOf(link)).toMatchObject({ code: 'journal-in-use' });
    first.close();
    expect(openJournal({ path: first.path }).ok).toBe(true);
  });

  it('lets readers in beside it, who see what is committed and cannot write', () => {
    const writer = temporaryJournal();
    const reader = mustOpen(writer.path, 'read');
    writer.append([at(NOON, events.notice('seen'))]);
    expect(reader.lastSeq()).toBe(1);
    expect(reader.headHash()).toBe(writer.headHash());
    expect(() => reader.append([at(NOON, events.notice('no'))])).toThrow(
      expect.objectContaining({ name: 'JournalWriteError', code: 'read-only' }),
    );
    expect(writer.lastSeq()).toBe(1);
  });

  it('opens a closed journal for reading', () => {
    const writer = temporaryJournal();
    writer.append([at(NOON, events.notice('seen'))]);
    writer.close();
    expect(mustOpen(writer.path, 'read').lastSeq()).toBe(1);
  });

  it('refuses everything after it is closed', () => {
    const journal = temporaryJournal();
    journal.close();
    journal.close();
    expect(() => journal.append([at(NOON, events.notice('late'))])).toThrow(
      expect.objectContaining({ code: 'closed' }),
    );
  });
});

describe('files that are not ours to open', () => {
  it('leaves a text file as it is', () => {
    const path = join(temporaryFolder(), 'notes.txt');
    writeFileSync(path, 'Not a database at all, but long enough to have a header. '.repeat(20));
    const before = readFileSync(path);
    expect(errorOf(path)).toMatchObject({ code: 'not-a-journal', path });
    expect(readFileSync(path)).toEqual(before);
  });

  it('leaves a database of another program as it is', () => {
    const path = join(temporaryFolder(), 'other.db');
    const other = new Database(path);
    other.exec('CREATE TABLE songs (title TEXT)');
    other.close();
    const before = readFileSync(path);
    expect(errorOf(path)).toMatchObject({ code: 'not-a-journal' });
    expect(errorOf(path, 'read')).toMatchObject({ code: 'not-a-journal' });
    expect(readFileSync(path)).toEqual(before);
  });

  it('refuses a newer schema and leaves it as it is', () => {
    const journal = temporaryJournal();
    const { path } = journal;
    journal.close();
    const raw = new Database(path);
    raw.pragma('user_version = 99');
    raw.pragma('journal_mode = DELETE');
    raw.close();
    const before = readFileSync(path);
    expect(errorOf(path)).toMatchObject({ code: 'newer-schema', found: 99, supported: MIGRATIONS.length });
    expect(errorOf(path, 'read')).toMatchObject({ code: 'newer-schema', found: 99, supported: MIGRATIONS.length });
    expect(readFileSync(path)).toEqual(before);
  });

  it('does not make a journal for a reader', () => {
    const path = join(temporaryFolder(), 'none.db');
    expect(errorOf(path, 'read')).toMatchObject({ code: 'missing', path });
    expect(existsSync(path)).toBe(false);
  });

  it('says what is wrong with a path that cannot be one', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'sub'));
    writeFileSync(join(folder, 'file'), '');
    expect(errorOf(join(folder, 'sub'))).toMatchObject({ code: 'not-a-journal' });
    expect(errorOf(join(folder, 'file', 'journal.db'))).toMatchObject({ code: 'cannot-open', cause: 'ENOTDIR' });
  });

  it('refuses a journal whose pages are damaged', () => {
    const journal = temporaryJournal();
    for (let n = 0; n < 50; n += 1) journal.append([at(NOON, events.notice('x'.repeat(500)))]);
    journal.close();
    const bytes = readFileSync(journal.path);
    bytes.fill(0xff, 4096 * 3, 4096 * 6);
    writeFileSync(journal.path, bytes);
    expect(errorOf(journal.path)).toMatchObject({ code: 'corrupt', path: journal.path });
  });

  it('refuses a journal whose last events were changed behind its back', () => {
    const journal = temporaryJournal();
    journal.append([at(NOON, events.notice('one')), at(NOON, events.notice('two')), at(NOON, events.notice('end'))]);
    journal.close();
    const raw = new Database(journal.path);
    raw.exec('DROP TRIGGER events_are_never_changed');
    raw.exec(`UPDATE events SET body = replace(body, 'two', 'too') WHERE seq = 2`);
    raw.close();
    expect(errorOf(journal.path)).toMatchObject({
      code: 'corrupt',
      detail: expect.stringContaining('event 2') as string,
    });
  });
});
