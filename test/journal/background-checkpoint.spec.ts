import { existsSync, readFileSync } from 'node:fs';
import SqliteDatabase from 'better-sqlite3';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createBackgroundCheckpoint } from '#desk/journal/background-checkpoint.ts';
import type { SqliteJournal } from '#desk/journal/open-journal.ts';
import { NOON, aDecision, at, events } from '#test/support/journal-events.ts';
import { mustOpen, temporaryJournal } from '#test/support/temp-journal.ts';

/** Appends about so many pages of the log. */
function appendPages(journal: SqliteJournal, pages: number): void {
  for (let left = pages; left > 0; left -= 100) journal.append([at(NOON, events.notice('x'.repeat(400_000)))]);
}

type Log = { readonly log: number; readonly checkpointed: number };

/** Pages in the log, and how many of them are in the file, as another connection sees it. */
function logOf({ path }: SqliteJournal): Log {
  const database = new SqliteDatabase(path, { readonly: true });
  try {
    return (database.pragma('wal_checkpoint(NOOP)') as readonly Log[])[0] ?? { log: -1, checkpointed: -1 };
  } finally {
    database.close();
  }
}

const anchorOf = ({ path }: SqliteJournal): string => readFileSync(`${path}.head`, 'utf8');
const headOf = (journal: SqliteJournal): string => `${journal.lastSeq()} ${journal.headHash() ?? ''}\n`;

describe('a journal whose log has become long', () => {
  it('is moved into its file beside what goes on, with the end it had noted', () => {
    const journal = temporaryJournal();
    journal.append([at(NOON, events.notice('x'.repeat(4_500_000)))]);
    const asked = headOf(journal);
    journal.settle();
    const { log, checkpointed } = logOf(journal);
    expect(log).toBeGreaterThan(1_000);
    expect(checkpointed).toBe(log);
    expect(anchorOf(journal)).toBe(asked);
    journal.append([at(NOON, events.notice('the log begins anew'))]);
    expect(logOf(journal).log).toBeLessThan(20);
  });

  it('is moved beside what goes on also where one commit made it longer than it should become', () => {
    const journal = temporaryJournal();
    journal.append([at(NOON, events.notice('x'.repeat(40_000_000)))]);
    // The thread has to start first: nothing was moved before the commit returned.
    expect(logOf(journal)).toMatchObject({ checkpointed: 0 });
    journal.settle();
    const { log, checkpointed } = logOf(journal);
    expect(log).toBeGreaterThan(8_000);
    expect(checkpointed).toBe(log);
    expect(anchorOf(journal)).toBe(headOf(journal));
    journal.append([at(NOON, events.notice('the log begins anew'))]);
    expect(logOf(journal).log).toBeLessThan(20);
  });

  it('begins anew soon after the thread is done, also where something was left to move', () => {
    const journal = temporaryJournal();
    journal.append([at(NOON, events.notice('a state that is looked at'))]);
    const reader = mustOpen(journal.path, 'read');
    reader.hold();
    expect(reader.lastSeq()).toBe(1);
    journal.append([at(NOON, events.notice('x'.repeat(4_500_000)))]);
    journal.settle();
    expect(logOf(journal).checkpointed).toBeLessThan(200);
    reader.close();
    // A commit moves what is left; the next one writes from the start again.
    appendPages(journal, 200);
    journal.append([at(NOON, events.notice('the log begins anew'))]);
    expect(logOf(journal).log).toBeLessThan(150);
    expect(journal.verify(() => aDecision()).isSound).toBe(true);
  });

  it('does not grow without end where nothing ever waits for the thread beside', () => {
    const journal = temporaryJournal();
    let longest = 0;
    for (let n = 0; n < 40; n += 1) {
      appendPages(journal, 500);
      longest = Math.max(longest, logOf(journal).log);
    }
    expect(longest).toBeLessThan(8_000 + 200);
    expect(journal.verify(() => aDecision()).isSound).toBe(true);
  });

  it('can be emptied, closed and opened at once, with a checkpoint under way', () => {
    for (const end of ['empty', 'close'] as const) {
      const journal = temporaryJournal();
      appendPages(journal, 1_100);
      if (end === 'empty') {
        journal.checkpoint();
        expect(logOf(journal)).toMatchObject({ log: 0, checkpointed: 0 });
        expect(anchorOf(journal)).toBe(headOf(journal));
      }
      const events = journal.lastSeq();
      journal.close();
      expect(existsSync(`${journal.path}-wal`)).toBe(false);
      const again = mustOpen(journal.path);
      expect(again.lastSeq()).toBe(events);
      expect(again.verify(() => aDecision()).findings).toEqual([]);
    }
  });
});

describe('a thread for checkpoints', () => {
  const missing = new URL('file:///nowhere/checkpoint-worker.js');

  it('that cannot be started is not asked again', async () => {
    const failures: string[] = [];
    const beside = createBackgroundCheckpoint('nowhere.db', (code) => failures.push(code), missing);
    onTestFinished(() => beside.close());
    const head = { seq: 1, hash: '0'.repeat(64) };
    expect(beside.ask(head)).toBe(true);
    await vi.waitFor(() => expect(beside.ask(head)).toBe(false));
    beside.settle();
    expect(failures).toEqual([]);
  });

  it('whose journal cannot be synced tells that as a failure of the disk', () => {
    const failures: string[] = [];
    const beside = createBackgroundCheckpoint('/nowhere/journal.db', (code) => failures.push(code));
    onTestFinished(() => beside.close());
    expect(beside.ask({ seq: 1, hash: '0'.repeat(64) })).toBe(true);
    beside.settle();
    expect(failures).toEqual(['io-error']);
  });
});
