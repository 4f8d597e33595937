import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NOON, aDecision, aRoundTrip, at, events } from '#test/support/journal-events.ts';
import { mustOpen, temporaryFolder, temporaryJournal } from '#test/support/temp-journal.ts';

describe('a backup', () => {
  it('is one whole file that opens, verifies and takes up where the journal was', async () => {
    const journal = temporaryJournal();
    journal.append([at(NOON, events.instrument()), ...aRoundTrip(1)]);
    const folder = join(temporaryFolder(), 'backups');
    const target = join(folder, 'monday.db');
    const seen: number[] = [];
    await journal.backup(target, (done, total) => seen.push(done / total));
    expect(readdirSync(folder)).toEqual(['monday.db']);
    expect(statSync(target).mode & 0o777).toBe(0o600);
    expect(seen.length).toBeGreaterThan(0);
    const restored = mustOpen(target);
    expect(restored.headHash()).toBe(journal.headHash());
    expect(restored.trades({})).toEqual(journal.trades({}));
    expect(restored.verify(() => aDecision()).findings).toEqual([]);
    restored.append([at(NOON, events.notice('restored'))]);
    expect(restored.lastSeq()).toBe(journal.lastSeq() + 1);
  });

  it('holds one committed state while the journal is written to', async () => {
    const journal = temporaryJournal();
    journal.append([at(NOON, events.instrument()), ...aRoundTrip(1)]);
    const head = journal.headHash();
    const target = join(temporaryFolder(), 'backup.db');
    await journal.batch(async () => {
      journal.append(aRoundTrip(2));
      await journal.backup(target, () => journal.append([at(NOON, events.notice('meanwhile'))]));
    });
    expect(mustOpen(target, 'read').headHash()).toBe(head);
    expect(journal.lastSeq()).toBeGreaterThan(21);
  });

  it('replaces an older one only when it is whole', async () => {
    const journal = temporaryJournal();
    const target = join(temporaryFolder(), 'backup.db');
    await journal.backup(target);
    journal.append([at(NOON, events.notice('newer'))]);
    const stop = () => {
      throw new Error('the disk was pulled');
    };
    const before = readFileSync(target);
    await expect(journal.backup(target, stop)).rejects.toMatchObject({
      name: 'JournalBackupError',
      code: 'copy-failed',
    });
    expect(readFileSync(target)).toEqual(before);
    expect(existsSync(`${target}.partial`)).toBe(false);
    await journal.backup(target);
    expect(mustOpen(target, 'read').lastSeq()).toBe(1);
  });

  it('is refused over the journal itself and where no folder can be', async () => {
    const journal = temporaryJournal();
    await expect(journal.backup(journal.path)).rejects.toMatchObject({ code: 'same-file' });
    await expect(journal.backup(`${journal.path}-wal`)).rejects.toMatchObject({ code: 'same-file' });
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    await expect(journal.backup(join(file, 'backup.db'))).rejects.toMatchObject({ code: 'copy-failed' });
    expect(journal.verify(() => aDecision()).isSound).toBe(true);
  });
});
