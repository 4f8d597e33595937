import { closeSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openDesk, verifyJournal, type Desk } from '#desk/desk.ts';
import { DeskError } from '#shared/contract/errors.ts';
import type { Subject } from '#shared/domain/annotation.ts';
import { timeLimit } from '#test/support/scale.ts';
import { remount, smallDisk } from '#test/support/small-disk.ts';

const ROOMY = 'size=800m';
const MEBIBYTE = 1_048_576;

const options = (dataFolder: string) => ({ dataFolder, profile: 'simulation' as const, seed: 7, warmUpSessions: 3 });
const journalOf = (disk: string): string => join(disk, 'profiles', 'simulation', 'journal.db');

/** Takes every byte that is left. */
function fillUp(path: string): void {
  const file = openSync(path, 'a');
  try {
    for (const size of [MEBIBYTE, 65_536, 4_096, 512, 1]) {
      const chunk = Buffer.alloc(size, 1);
      try {
        while (writeSync(file, chunk) === size);
      } catch (error) {
        expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
      }
    }
  } finally {
    closeSync(file);
  }
}

/** The newest trade of the history that was made, to write notes about. */
async function aTrade(desk: Desk): Promise<Subject> {
  const { trades } = await desk.handlers['journal.trades']({
    filter: {},
    limit: 1,
    offset: 0,
  });
  const [newest] = trades;
  if (newest === undefined) throw new Error('no trade was made');
  return { kind: 'trade', id: newest.id };
}
async function note(desk: Desk, subject: Subject, text: string): Promise<void> {
  await desk.handlers['journal.annotate']({
    subject,
    body: { tags: [], setup: null, mistakes: [], rating: null, note: text, screenshots: [] },
  });
}
const stateOf = async (desk: Desk): Promise<string> => (await desk.handlers['desk.snapshot']({})).risk.tradingState;

describe('a desk whose disk fills up', () => {
  it(
    'says so, halts, loses nothing it acknowledged, and goes on by itself when there is room',
    async ({ skip }) => {
      const disk = smallDisk(800) ?? skip('mounting is not allowed');
      const desk = await openDesk(options(disk));
      onTestFinished(() => desk.close());
      await desk.ready();
      expect(await stateOf(desk)).toBe('active');
      const trade = await aTrade(desk);
      await note(desk, trade, 'before');
      remount(disk, 'size=40m');
      const filler = join(disk, 'other');
      fillUp(filler);
      // What has room in the log is written yet, and then the room that was kept for this; then it is full for good.
      const seen: { failure: unknown; kept: string } = { failure: null, kept: 'before' };
      for (let n = 0; seen.failure === null && n < 1_000; n += 1) {
        fillUp(filler);
        const text = `${n} ${'x'.repeat(3_000)}`;
        await note(desk, trade, text).then(
          () => (seen.kept = text),
          (error: unknown) => (seen.failure = error),
        );
      }
      expect(seen.failure).toBeInstanceOf(DeskError);
      expect((seen.failure as DeskError).data).toMatchObject({ code: 'refused' });
      expect((seen.failure as DeskError).data.remedy).toContain('Free space on this disk');
      expect(await stateOf(desk)).toBe('halted');
      const { risk } = await desk.handlers['desk.snapshot']({});
      expect(risk.tradingStateReason).toMatch(/nothing is sent until there is room/);
      rmSync(filler);
      remount(disk, ROOMY);
      await note(desk, trade, `${seen.kept} and after`);
      await expect.poll(() => stateOf(desk), { timeout: 45_000 }).toBe('active');
      await desk.close();
      expect(verifyJournal(journalOf(disk))).toMatchObject({ isSound: true });
      const again = await openDesk(options(disk));
      onTestFinished(() => again.close());
      const found = await again.handlers['journal.annotation']({ subject: trade });
      expect(found?.note).toBe(`${seen.kept} and after`);
    },
    timeLimit(120_000),
  );

  it(
    'or is one that can only be read, is told so at its start, and the journal stays as it is',
    async ({ skip }) => {
      const disk = smallDisk(800) ?? skip('mounting is not allowed');
      const desk = await openDesk(options(disk));
      await desk.ready();
      await desk.close();
      const before = readFileSync(journalOf(disk));
      remount(disk, 'ro');
      const failure: unknown = await openDesk(options(disk)).then(
        () => null,
        (error: unknown) => error,
      );
      remount(disk, 'rw');
      expect(failure).toBeInstanceOf(DeskError);
      expect((failure as DeskError).message).toContain(journalOf(disk));
      expect((failure as DeskError).data.remedy).toMatch(/read-only|may write/);
      expect(readFileSync(journalOf(disk)).equals(before)).toBe(true);
      expect(statSync(journalOf(disk)).size).toBe(before.length);
    },
    timeLimit(60_000),
  );
});
