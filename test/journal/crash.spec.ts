import { once } from 'node:events';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { writeErrorCode, leavesSuspect } from '#desk/journal/errors.ts';
import { openJournal } from '#desk/journal/open-journal.ts';
import { JournalWriter } from '#desk/journal/writer.ts';
import { crashRounds, linesOf, startChild } from '#test/support/crash-rounds.ts';
import { rounds, timeLimit } from '#test/support/scale.ts';
import { NOON, aDecision, at, events } from '#test/support/journal-events.ts';
import { mustOpen, temporaryFolder } from '#test/support/temp-journal.ts';

describe('a journal whose process is killed', () => {
  it(
    'holds everything that was acknowledged, verifies, and opens for the next writer at once',
    async () => {
      const path = join(temporaryFolder(), 'journal.db');
      const totals = await crashRounds(path, rounds(25), (round) => (round * 37) % 90);
      expect(totals).toMatchObject({ rounds: rounds(25), lost: 0, findings: [] });
      expect(totals.acknowledged).toBeGreaterThan(20);
    },
    timeLimit(180_000),
  );

  it(
    'refuses a second process while the first one lives, and not after: its lock dies with it',
    async () => {
      const path = join(temporaryFolder(), 'journal.db');
      for (let round = 0; round < rounds(3); round += 1) {
        const child = startChild(path);
        const ended = once(child, 'close');
        await once(child.stdout!, 'data');
        for (let again = 0; again < 4; again += 1) {
          expect(openJournal({ path })).toMatchObject({ ok: false, error: { code: 'journal-in-use' } });
        }
        const reader = mustOpen(path, 'read');
        expect(reader.lastSeq()).toBeGreaterThan(0);
        reader.close();
        child.kill('SIGKILL');
        await ended;
        expect(existsSync(`${path}.lock`)).toBe(true);
        const next = mustOpen(path);
        expect(next.verify(() => aDecision()).findings).toEqual([]);
        next.close();
      }
    },
    timeLimit(60_000),
  );

  it('does not mind what is left in the file of a lock, and says which file to delete when it cannot be one', () => {
    const path = join(temporaryFolder(), 'journal.db');
    writeFileSync(`${path}.lock`, '');
    mustOpen(path).close();
    writeFileSync(`${path}.lock`, 'process 4711 '.repeat(200));
    const opened = openJournal({ path });
    expect(opened).toMatchObject({
      ok: false,
      error: { code: 'cannot-open', path, remedy: expect.stringContaining(`${path}.lock`) as string },
    });
    rmSync(`${path}.lock`);
    mustOpen(path);
  });

  it('lets exactly one of several processes make a new journal', async () => {
    const path = join(temporaryFolder(), 'new', 'journal.db');
    const children = [1, 2, 3].map(() => startChild(path));
    const firstLines = await Promise.all(
      children.map(async (child) => String((await once(child.stdout!, 'data'))[0]).split('\n')[0] ?? ''),
    );
    const refused = firstLines.filter((line) => line.includes('journal-in-use'));
    expect(refused).toHaveLength(2);
    const living = children.filter((child) => child.exitCode === null);
    const ends = living.map((child) => once(child, 'exit'));
    for (const child of living) child.kill('SIGKILL');
    await Promise.all(ends);
    expect(mustOpen(path).verify(() => aDecision()).findings).toEqual([]);
  });
});

describe('a disk that fails to write', () => {
  it('gives a typed error, makes the journal suspect, and what was acknowledged is there after reopening', async () => {
    const path = join(temporaryFolder(), 'journal.db');
    // Every file of the child may grow to 2 MiB: a write to the log fails in the middle of a transaction.
    const lines = await linesOf(startChild(path, 4096));
    const failure: unknown = JSON.parse(lines.at(-1) ?? '');
    expect(failure).toMatchObject({
      name: 'JournalWriteError',
      code: expect.stringMatching(/^(io-error|disk-full)$/) as string,
      remedy: expect.stringContaining('disk') as string,
      isSuspect: true,
      after: expect.stringMatching(/^(suspect|disk-full)$/) as string,
    });
    const [seq = '', hash] = lines.at(-2)?.split(' ') ?? [];
    expect(Number(seq)).toBeGreaterThan(10);
    const journal = mustOpen(path);
    expect(journal.lastSeq()).toBe(Number(seq));
    expect(journal.headHash()).toBe(hash);
    expect(journal.isSuspect()).toBe(false);
    expect(journal.verify(() => aDecision()).findings).toEqual([]);
  });

  it('because it is full is suspect until a write succeeds, and keeps nothing of the write that failed', async () => {
    const path = join(temporaryFolder(), 'journal.db');
    mustOpen(path).close();
    const database = new Database(path);
    const writer = new JournalWriter(database, path, 'write');
    const note = (text: string) => writer.append([at(NOON, events.notice(text))]);
    const pages = Number(database.pragma('page_count', { simple: true }));
    const full = expect.objectContaining({
      name: 'JournalWriteError',
      code: 'disk-full',
      sqliteCode: 'SQLITE_FULL',
    }) as Error;
    note('first');
    database.pragma(`max_page_count = ${pages + 2}`);
    expect(() => note('x'.repeat(40_000))).toThrow(full);
    expect([writer.isSuspect(), writer.head().seq]).toEqual([true, 1]);
    const batch = writer.batch(async () => {
      note('in the batch');
      expect(() => note('x'.repeat(40_000))).toThrow(full);
      await Promise.resolve();
      note('x'.repeat(40_000));
    });
    await expect(batch).rejects.toMatchObject({ name: 'JournalWriteError' });
    expect(writer.head().seq).toBe(1);
    database.pragma(`max_page_count = ${pages + 1000}`);
    note('there is room again');
    expect([writer.isSuspect(), writer.head().seq]).toEqual([false, 2]);
    database.close();
    expect(mustOpen(path).verify(() => aDecision()).findings).toEqual([]);
  });

  it('is told apart by what SQLite says', () => {
    const codes = ['SQLITE_FULL', 'SQLITE_IOERR_FSYNC', 'SQLITE_IOERR', 'SQLITE_CORRUPT_VTAB', 'SQLITE_BUSY_SNAPSHOT'];
    expect(codes.map(writeErrorCode)).toEqual(['disk-full', 'io-error', 'io-error', 'corrupt', 'busy']);
    expect(writeErrorCode('SQLITE_CONSTRAINT_UNIQUE')).toBeNull();
    expect(leavesSuspect('busy')).toBe(false);
    expect(leavesSuspect('io-error')).toBe(true);
  });
});
