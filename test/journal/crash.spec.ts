import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeErrorCode, leavesSuspect } from '#desk/journal/errors.ts';
import { crashRounds, linesOf, startChild } from '#test/support/crash-rounds.ts';
import { aDecision } from '#test/support/journal-events.ts';
import { mustOpen, temporaryFolder } from '#test/support/temp-journal.ts';

describe('a journal whose process is killed', () => {
  it('holds everything that was acknowledged, verifies, and opens for the next writer at once', async () => {
    const path = join(temporaryFolder(), 'journal.db');
    const totals = await crashRounds(path, 25, (round) => (round * 37) % 90);
    expect(totals).toMatchObject({ rounds: 25, lost: 0, findings: [] });
    expect(totals.acknowledged).toBeGreaterThan(25);
  }, 180_000);
});

describe('a disk that fails to write', () => {
  it('gives a typed error, makes the journal suspect, and what was acknowledged is there after reopening', async () => {
    const path = join(temporaryFolder(), 'journal.db');
    // Every file of the child may grow to 2 MiB: a write to the log fails in the middle of a transaction.
    const lines = await linesOf(startChild(path, 4096));
    const failure: unknown = JSON.parse(lines.at(-1) ?? '');
    expect(failure).toMatchObject({
      name: 'JournalWriteError',
      code: expect.stringMatching(/^(io-error|disk-full)$/),
      remedy: expect.stringContaining('disk'),
      isSuspect: true,
      after: expect.stringMatching(/^(suspect|disk-full)$/),
    });
    const [seq = '', hash] = lines.at(-2)?.split(' ') ?? [];
    expect(Number(seq)).toBeGreaterThan(10);
    const journal = mustOpen(path);
    expect(journal.lastSeq()).toBe(Number(seq));
    expect(journal.headHash()).toBe(hash);
    expect(journal.isSuspect()).toBe(false);
    expect(journal.verify(() => aDecision()).findings).toEqual([]);
  });

  it('is told apart by what SQLite says', () => {
    const codes = ['SQLITE_FULL', 'SQLITE_IOERR_FSYNC', 'SQLITE_IOERR', 'SQLITE_CORRUPT_VTAB', 'SQLITE_BUSY_SNAPSHOT'];
    expect(codes.map(writeErrorCode)).toEqual(['disk-full', 'io-error', 'io-error', 'corrupt', 'busy']);
    expect(writeErrorCode('SQLITE_CONSTRAINT_UNIQUE')).toBeNull();
    expect(leavesSuspect('busy')).toBe(false);
    expect(leavesSuspect('io-error')).toBe(true);
  });
});
