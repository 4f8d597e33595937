import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { epochMs } from '#shared/units.ts';
import { checkWholeJournal, fullCheckPath, lastFullCheck, rememberCheck } from '#desk/journal/full-check.ts';
import { restore } from '#desk/journal/restore.ts';
import { damageIndex } from '#test/support/damaged-index.ts';
import { NOON, aRoundTrip, at, events } from '#test/support/journal-events.ts';
import { mustOpen, temporaryFolder } from '#test/support/temp-journal.ts';

function closedJournal(): string {
  const journal = mustOpen(join(temporaryFolder(), 'journal.db'));
  journal.append([at(NOON, events.instrument()), ...aRoundTrip(1), ...aRoundTrip(2, epochMs(NOON + 100_000))]);
  journal.append([at(NOON, events.notice('before the flip'))]);
  journal.close();
  return journal.path;
}

describe('a full check', () => {
  it('reaches the end of a sound journal beside the desk that writes it, and changes nothing', () => {
    const path = closedJournal();
    const journal = mustOpen(path);
    journal.append([at(NOON, events.notice('still in the log'))]);
    const before = readFileSync(path);
    expect(checkWholeJournal(path)).toEqual({ events: journal.lastSeq(), fault: null });
    expect(readFileSync(path)).toEqual(before);
    journal.append([at(NOON, events.notice('written after it'))]);
  });

  it('finds an index that lies, which the quick check of a start does not', () => {
    const path = closedJournal();
    damageIndex(path);
    mustOpen(path).close();
    expect(checkWholeJournal(path)).toMatchObject({ fault: expect.stringContaining('fills_by_time') as string });
  });

  it('finds a changed event and pages that are gone', () => {
    const path = closedJournal();
    const bytes = readFileSync(path);
    const place = bytes.lastIndexOf('before the flip');
    bytes[place] = (bytes[place] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    expect(checkWholeJournal(path).fault).toMatch(/^event \d+ /);
    writeFileSync(path, bytes.fill(0xaa, 4096));
    expect(checkWholeJournal(path).fault).not.toBeNull();
  });

  it('says nothing about a file that is not there', () => {
    expect(() => checkWholeJournal(join(temporaryFolder(), 'none.db'))).toThrow('missing');
  });
});

describe('what a full check found', () => {
  it('is remembered beside the journal for its owner alone, and forgotten with the file', async () => {
    const path = closedJournal();
    const backup = join(temporaryFolder(), 'backup.db');
    await mustOpen(path, 'read').backup(backup);
    expect(lastFullCheck(path)).toBeNull();
    const check = { at: epochMs(NOON), events: 12, fault: 'row 3 missing from index' };
    rememberCheck(path, check);
    expect(lastFullCheck(path)).toEqual(check);
    expect(statSync(fullCheckPath(path)).mode & 0o777).toBe(0o600);
    expect(await restore(backup, path, epochMs(NOON))).toMatchObject({ ok: true });
    expect(existsSync(fullCheckPath(path))).toBe(false);
  });

  it('counts as nothing where it cannot be read', () => {
    const path = closedJournal();
    for (const text of ['', '{"at":', '{"at":-1,"events":2,"fault":null}', '{"at":1,"events":2}']) {
      writeFileSync(fullCheckPath(path), text);
      expect(lastFullCheck(path)).toBeNull();
    }
  });
});
