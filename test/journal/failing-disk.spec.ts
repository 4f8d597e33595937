import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { BALLAST_BYTES, DISK_LIMITS, diskSpace } from '#desk/journal/disk-space.ts';
import { type SqliteJournal, openJournal } from '#desk/journal/open-journal.ts';
import { restorePreview } from '#desk/journal/restore.ts';
import { NOON, aDecision, at, events } from '#test/support/journal-events.ts';
import { rounds, timeLimit } from '#test/support/scale.ts';
import { mustOpen } from '#test/support/temp-journal.ts';
import { smallDisk } from '#test/support/small-disk.ts';
import { buildRecorder, runRecorded } from '#test/support/power-cut/recording.ts';
import { scratchRoot } from '#test/support/scratch.ts';

const SCRIPT = join(import.meta.dirname, '..', 'support', 'power-cut', 'failing-disk-child.ts');
const [EIO, ENOSPC, ONCE, FROM_THEN_ON] = ['5', '28', '1', '1000000'];

const recorder = buildRecorder();
if ('missing' in recorder) process.stderr.write(`failing-disk tests are skipped: ${recorder.missing}\n`);
afterAll(() => {
  if ('library' in recorder) recorder.remove();
});

type Round = {
  readonly nth: number;
  readonly failure: string | null;
  readonly isSuspect: boolean;
  readonly after: string | null;
  readonly delivered: boolean;
  readonly lost?: number;
};

/** One fault in each round, at the first, second, third … call of its kind. */
async function faults(kind: readonly string[], count: number, step: string): Promise<readonly Round[]> {
  if ('missing' in recorder) throw new Error(recorder.missing);
  const folder = mkdtempSync(join(scratchRoot(), 'kelly-desk-failing-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const args = [folder, ...kind, String(count), step];
  const lines = await runRecorded({ library: recorder.library, script: SCRIPT, folder, log: null, args });
  const found = lines.map((line) => JSON.parse(line) as Round);
  expect(found).toHaveLength(count);
  // Whatever failed: the next start opens, verifies, holds what was acknowledged, and writes.
  for (const round of found) expect(round).toMatchObject({ lost: 0, findings: [], writes: null });
  return found;
}

describe.skipIf('missing' in recorder)('one failed call of the disk', () => {
  it.each(['sync', 'write', 'truncate'])(
    'to %s is never acknowledged, and makes the journal suspect within the same call',
    async (call) => {
      const found = await faults([call, EIO, ONCE], rounds(call === 'truncate' ? 6 : 40), 'append');
      for (const round of found) {
        expect(round).toMatchObject({
          delivered: true,
          failure: 'JournalWriteError io-error',
          isSuspect: true,
          after: 'JournalWriteError suspect',
          closed: null,
        });
      }
    },
    timeLimit(60_000),
  );

  it.each(['long', 'longest'])(
    'in a checkpoint of its own takes nothing back, and makes the journal suspect all the same (%s log)',
    async (step) => {
      const found = [
        ...(await faults(['sync', EIO, ONCE], 8, step)),
        ...(await faults(['write', EIO, ONCE], 3, step)),
        ...(await faults(['truncate', EIO, ONCE], 1, step)),
      ].filter(({ delivered, after }) => delivered && after !== 'JournalWriteError io-error');
      for (const round of found) expect(round).toMatchObject({ isSuspect: true, after: 'JournalWriteError suspect' });
      expect(found.filter(({ failure }) => failure === null).length).toBeGreaterThan(1);
      expect(found.filter(({ failure }) => failure !== null).length).toBeGreaterThan(2);
    },
    timeLimit(60_000),
  );

  it(
    'of an append that did not wait for it makes the journal suspect, and nothing is written after it',
    async () => {
      const found = await faults(['sync', EIO, ONCE], 4, 'soon');
      for (const round of found) {
        expect(round).toMatchObject({ delivered: true, failure: null, isSuspect: true, closed: null });
        expect(round.after).toBe('JournalWriteError suspect');
      }
    },
    timeLimit(60_000),
  );

  it(
    'while a journal is made or opened is told as such, and leaves nothing behind that hinders the next start',
    async () => {
      const syncs = await faults(['sync', EIO, ONCE], 8, 'open');
      const writes = await faults(['write', EIO, ONCE], 30, 'open');
      const names = await faults(['names', EIO, FROM_THEN_ON], 4, 'open');
      const failures = [...syncs, ...writes, ...names].map(({ failure }) => failure).filter((code) => code !== null);
      expect(new Set(failures)).toEqual(new Set(['cannot-open', 'migration-failed']));
      expect(failures.length).toBeGreaterThan(35);
      expect(names.map(({ failure }) => failure)).toEqual(names.map(() => 'cannot-open'));
    },
    timeLimit(60_000),
  );

  it(
    'during a backup fails the backup and nothing else',
    async () => {
      const found = [
        ...(await faults(['sync', EIO, ONCE], 8, 'backup')),
        ...(await faults(['write', ENOSPC, ONCE], 12, 'backup')),
      ];
      for (const round of found) {
        expect(round).toMatchObject({ failure: 'JournalBackupError copy-failed', isSuspect: false, after: null });
      }
    },
    timeLimit(60_000),
  );
});

describe.skipIf('missing' in recorder)('a disk without room', () => {
  it(
    'from the n-th write on refuses that append and the next, and loses nothing',
    async () => {
      const found = await faults(['write', ENOSPC, FROM_THEN_ON], rounds(40), 'append');
      for (const round of found) {
        const full = 'JournalWriteError disk-full';
        expect(round).toMatchObject({ delivered: true, failure: full, isSuspect: true, after: full, closed: null });
      }
    },
    timeLimit(60_000),
  );

  it(
    'for one write takes the next one, on the same handle',
    async () => {
      const found = await faults(['write', ENOSPC, ONCE], rounds(20), 'append');
      for (const round of found) {
        expect(round).toMatchObject({ failure: 'JournalWriteError disk-full', isSuspect: true, after: null });
      }
    },
    timeLimit(60_000),
  );
});

const note = (text: string) => [at(NOON, events.notice(text))];

/** Appends until the disk is full; returns how many were acknowledged. */
function fill(journal: SqliteJournal): number {
  for (let n = 0; ; n += 1) {
    try {
      journal.append(note('x'.repeat(10_000)));
    } catch (error) {
      expect(error).toMatchObject({ name: 'JournalWriteError', code: 'disk-full', sqliteCode: 'SQLITE_FULL' });
      return n;
    }
  }
}

describe('a journal on a disk that is really full', () => {
  it('keeps what it acknowledged, can be read, and goes on when there is room', async ({ skip }) => {
    const disk = smallDisk(3) ?? skip('mounting is not allowed');
    writeFileSync(join(disk, 'other'), Buffer.alloc(1024 * 1024, 1));
    const journal = mustOpen(join(disk, 'journal.db'));
    const acknowledged = fill(journal);
    expect(acknowledged).toBeGreaterThan(30);
    expect(journal.isSuspect()).toBe(true);
    expect([...journal.events({ kinds: ['notice'] })]).toHaveLength(acknowledged);
    await expect(journal.backup(join(disk, 'backup.db'))).rejects.toMatchObject({ name: 'JournalBackupError' });
    expect(readdirSync(disk).filter((name) => name.startsWith('backup'))).toEqual([]);
    expect(diskSpace(disk)).toMatchObject({ ok: true, value: { state: 'refuse' } });
    rmSync(join(disk, 'other'));
    journal.append(note('room again'));
    expect(journal.isSuspect()).toBe(false);
    expect(journal.verify(() => aDecision())).toMatchObject({ isSound: true, events: acknowledged + 1 });
    journal.close();
    expect(await restorePreview(journal.path)).toMatchObject({ ok: true, value: { events: acknowledged + 1 } });
  });

  it('opens again after it was closed with the disk full', ({ skip }) => {
    const disk = smallDisk(3) ?? skip('mounting is not allowed');
    const journal = mustOpen(join(disk, 'journal.db'));
    const acknowledged = fill(journal);
    journal.close();
    const opened = openJournal({ path: journal.path });
    // The log it needs may not fit either; then it says so, and has changed nothing.
    if (opened.ok) opened.value.close();
    else expect(opened.error).toMatchObject({ code: 'cannot-open' });
    execFileSync('mount', ['-o', 'remount,size=8m', disk]);
    expect(mustOpen(journal.path).verify(() => aDecision())).toMatchObject({ isSound: true, events: acknowledged });
  });

  it('gives up its ballast for the append that found it full, and lays it again where there is room', ({ skip }) => {
    const disk = smallDisk(800) ?? skip('mounting is not allowed');
    mkdirSync(join(disk, 'data'));
    const path = join(disk, 'data', 'journal.db');
    const opened = openJournal({ path, ballast: true });
    if (!opened.ok) throw new Error(opened.error.code);
    const journal = opened.value;
    onTestFinished(() => journal.close());
    expect([journal.hasBallast(), statSync(`${path}.ballast`).size]).toEqual([true, BALLAST_BYTES]);
    execFileSync('mount', ['-o', 'remount,size=18m', disk]);
    for (let n = 0; n < 400; n += 1) journal.append(note('x'.repeat(10_000)));
    expect([journal.lastSeq(), journal.hasBallast(), existsSync(`${path}.ballast`)]).toEqual([400, false, false]);
    expect(journal.isSuspect()).toBe(false);
    journal.close();
    // Not laid while the disk has less than the warning asks for.
    const scarce = openJournal({ path, ballast: true });
    if (!scarce.ok) throw new Error(scarce.error.code);
    expect(scarce.value.hasBallast()).toBe(false);
    scarce.value.close();
    execFileSync('mount', ['-o', `remount,size=${Math.ceil(DISK_LIMITS.warnBytes / 1e6) + 300}m`, disk]);
    const roomy = openJournal({ path, ballast: true });
    if (!roomy.ok) throw new Error(roomy.error.code);
    expect(roomy.value.hasBallast()).toBe(true);
    roomy.value.close();
  });
});
