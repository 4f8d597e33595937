import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MIGRATIONS } from '#desk/journal/migrations/index.ts';
import { openJournal } from '#desk/journal/open-journal.ts';
import { restore, restorePreview } from '#desk/journal/restore.ts';
import { epochMs } from '#shared/units.ts';
import { NOON, aDecision, aRoundTrip, at, events } from '#test/support/journal-events.ts';
import { mustOpen, temporaryFolder, temporaryJournal } from '#test/support/temp-journal.ts';

const note = (text: string) => [at(NOON, events.notice(text))];

/** A journal of one trade, a backup of it, and events after it. */
async function withBackup(): Promise<{ path: string; backup: string; head: string | null; close: () => void }> {
  const journal = temporaryJournal();
  journal.append([at(NOON, events.opened()), at(NOON, events.instrument()), ...aRoundTrip(1)]);
  const backup = join(temporaryFolder(), 'backup.db');
  await journal.backup(backup);
  const head = journal.headHash();
  journal.append(note('after the backup'));
  return { path: journal.path, backup, head, close: () => journal.close() };
}

const keptBeside = (path: string): readonly string[] =>
  readdirSync(dirname(path)).filter((name) => name.includes('.replaced-'));

describe('a preview of a restore', () => {
  it('says what the backup holds, and changes nothing', async () => {
    const { backup, head } = await withBackup();
    const before = readFileSync(backup);
    expect(await restorePreview(backup)).toEqual({
      ok: true,
      value: {
        path: backup,
        schemaVersion: MIGRATIONS.length,
        events: 12,
        decisions: 1,
        orders: 2,
        fills: 2,
        trades: 1,
        headHash: head,
        firstAt: NOON,
        lastAt: epochMs(NOON + 60_010),
      },
    });
    expect(readFileSync(backup)).toEqual(before);
    expect(readdirSync(dirname(backup))).toEqual(['backup.db']);
  });

  it('looks at a journal in use as well', async () => {
    const { path } = await withBackup();
    expect(await restorePreview(path)).toMatchObject({ ok: true, value: { events: 13 } });
  });

  it('refuses what is missing, empty, foreign or damaged', async () => {
    const { backup } = await withBackup();
    const folder = temporaryFolder();
    const codeOf = async (path: string) => {
      const preview = await restorePreview(path);
      return preview.ok ? null : preview.error.code;
    };
    expect(await codeOf(join(folder, 'none.db'))).toBe('missing');
    expect(await codeOf(folder)).toBe('not-a-journal');
    const file = join(folder, 'file.db');
    writeFileSync(file, '');
    expect(await codeOf(file)).toBe('not-a-journal');
    writeFileSync(file, 'text '.repeat(1_000));
    expect(await codeOf(file)).toBe('not-a-journal');
    const bytes = readFileSync(backup);
    const spot = bytes.indexOf('"averageLossPerContract"');
    bytes[spot + 3] = (bytes[spot + 3] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    expect(await codeOf(file)).toBe('corrupt');
  });
});

describe('a restore', () => {
  it('puts the backup in the place of the journal and keeps what was there', async () => {
    const { path, backup, head, close } = await withBackup();
    close();
    const restored = await restore(backup, path, NOON);
    if (!restored.ok) throw new Error(restored.error.code);
    expect(restored.value.preview).toMatchObject({ path, events: 12, headHash: head });
    expect(restored.value.kept).toBe(`${path}.replaced-20260603T170000`);
    const journal = mustOpen(path);
    expect(journal.headHash()).toBe(head);
    expect(journal.verify(() => aDecision()).findings).toEqual([]);
    journal.append(note('and goes on'));
    expect(mustOpen(restored.value.kept ?? '').verify(() => aDecision())).toMatchObject({ isSound: true, events: 13 });
  });

  it('keeps the log of a journal that was not closed, so that the kept copy is whole', async () => {
    const { path, backup, close } = await withBackup();
    const folder = temporaryFolder();
    const crashed = join(folder, 'journal.db');
    for (const part of ['', '-wal']) copyFileSync(`${path}${part}`, `${crashed}${part}`);
    close();
    const restored = await restore(backup, crashed, NOON);
    if (!restored.ok) throw new Error(restored.error.code);
    expect(existsSync(`${crashed}-wal`)).toBe(false);
    expect(mustOpen(crashed).lastSeq()).toBe(12);
    expect(mustOpen(restored.value.kept ?? '').lastSeq()).toBe(13);
  });

  it('works where there is no journal, and twice in one second without losing either', async () => {
    const { backup } = await withBackup();
    const path = join(temporaryFolder(), 'new', 'journal.db');
    expect(await restore(backup, path, NOON)).toMatchObject({ ok: true, value: { kept: null } });
    expect(await restore(backup, path, NOON)).toMatchObject({ ok: true });
    expect(await restore(backup, path, NOON)).toMatchObject({ ok: true });
    expect(keptBeside(path).filter((name) => !name.endsWith('.head'))).toHaveLength(2);
    expect(mustOpen(path).lastSeq()).toBe(12);
  });

  it('puts a damaged journal right', async () => {
    const { path, backup, close } = await withBackup();
    close();
    writeFileSync(path, 'ruined '.repeat(2_000));
    expect(openJournal({ path }).ok).toBe(false);
    expect(await restore(backup, path, NOON)).toMatchObject({ ok: true });
    expect(mustOpen(path).lastSeq()).toBe(12);
    expect(readFileSync(`${path}.replaced-20260603T170000`, 'utf8')).toContain('ruined');
  });

  it('is refused while a desk has the journal open, and from a backup that is damaged', async () => {
    const { path, backup, close } = await withBackup();
    expect(await restore(backup, path, NOON)).toMatchObject({ ok: false, error: { code: 'journal-in-use' } });
    close();
    const before = readFileSync(path);
    writeFileSync(backup, readFileSync(backup).subarray(0, 20_000));
    expect(await restore(backup, path, NOON)).toMatchObject({ ok: false, error: { code: 'corrupt' } });
    expect(readFileSync(path)).toEqual(before);
    expect(keptBeside(path)).toEqual([]);
  });

  it('replaces nothing when what is there cannot be kept', async () => {
    const { path, backup, close } = await withBackup();
    close();
    const before = readFileSync(path);
    // Something that cannot be copied as a file stands where the log would be.
    mkdirSync(`${path}-journal`);
    const refused = await restore(backup, path, NOON);
    expect(refused).toMatchObject({ ok: false, error: { code: 'restore-failed', kept: null } });
    expect(keptBeside(path)).toEqual([]);
    expect(readFileSync(path)).toEqual(before);
    rmSync(`${path}-journal`, { recursive: true });
    expect(mustOpen(path).lastSeq()).toBe(13);
  });
});
