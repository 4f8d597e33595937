import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KEEP, listBackups, rotateBackups, staleDays } from '#desk/journal/backup-rotation.ts';
import { epochMs } from '#shared/units.ts';
import { restorePreview } from '#desk/journal/restore.ts';
import { rounds, timeLimit } from '#test/support/scale.ts';
import { NOON, aDecision, aRoundTrip, at, events } from '#test/support/journal-events.ts';
import { mustOpen, temporaryFolder, temporaryJournal } from '#test/support/temp-journal.ts';

const DAY = 86_400_000;
const namesIn = (folder: string): readonly string[] => readdirSync(folder).sort();
const note = (text: string) => [at(NOON, events.notice(text))];

describe('the rotation of backups', () => {
  it('keeps the newest of 7 days and of the 4 weeks before, day after day', () => {
    let kept: readonly number[] = [];
    const monday = 20_605;
    for (let day = monday; day < monday + 70; day += 1) {
      const stale = new Set(staleDays([...kept, day], day));
      kept = [...kept, day].filter((one) => !stale.has(one));
    }
    // The last day is a Sunday: seven days of its week, and the Sundays of the four before.
    const last = monday + 69;
    expect(new Date(last * DAY).getUTCDay()).toBe(0);
    expect(kept).toEqual([35, 28, 21, 14, 7, 6, 5, 4, 3, 2, 1, 0].slice(1).map((ago) => last - ago));
  });

  it('never lets go of the newest days, nor of all of a past, whatever days there are', () => {
    const days = fc.uniqueArray(fc.integer({ min: 20_000, max: 20_200 }), { maxLength: 40 });
    fc.assert(
      fc.property(days, fc.integer({ min: 20_000, max: 20_200 }), (all, today) => {
        const past = all.filter((day) => day <= today).sort((a, b) => b - a);
        const stale = new Set(staleDays(all, today));
        const kept = past.filter((day) => !stale.has(day));
        expect(past.slice(0, KEEP.days).every((day) => !stale.has(day))).toBe(true);
        expect(all.filter((day) => day > today).every((day) => !stale.has(day))).toBe(true);
        expect(kept.length).toBeLessThanOrEqual(KEEP.days + KEEP.weeks);
        // Doing it again changes nothing.
        expect(staleDays(kept, today)).toEqual([]);
      }),
    );
  });

  it('makes a checked backup a day, and removes only what is its own and too old', async () => {
    const journal = temporaryJournal();
    journal.append([at(NOON, events.instrument()), ...aRoundTrip(1)]);
    const folder = join(temporaryFolder(), 'backups');
    const removed: string[] = [];
    for (let day = 0; day < 20; day += 1) {
      journal.append(note(`day ${day}`));
      const rotation = await rotateBackups(journal, { folder, now: epochMs(NOON + day * DAY) });
      expect(rotation.made).toMatchObject({ events: journal.lastSeq(), headHash: journal.headHash(), trades: 1 });
      removed.push(...rotation.removed);
      if (day === 0) writeFileSync(join(folder, 'notes.txt'), 'mine');
    }
    expect(namesIn(folder)).toEqual([
      'journal-2026-06-07.db',
      'journal-2026-06-14.db',
      'journal-2026-06-15.db',
      ...[16, 17, 18, 19, 20, 21, 22].map((day) => `journal-2026-06-${day}.db`),
      'notes.txt',
    ]);
    expect(removed).toHaveLength(20 - 10);
    expect(listBackups(folder)[0]?.path).toBe(join(folder, 'journal-2026-06-22.db'));
  });

  it('replaces a backup of the same day only by a journal that holds all of it', async () => {
    const folder = join(temporaryFolder(), 'backups');
    const journal = temporaryJournal();
    journal.append(note('one'));
    await rotateBackups(journal, { folder, now: NOON });
    journal.append(note('two'));
    await rotateBackups(journal, { folder, now: NOON });
    expect(namesIn(folder)).toEqual(['journal-2026-06-03.db']);
    const other = temporaryJournal();
    other.append(note('another journal'));
    const rotation = await rotateBackups(other, { folder, now: NOON });
    expect(rotation.made.path).toBe(join(folder, 'journal-2026-06-03-2.db'));
    expect(mustOpen(join(folder, 'journal-2026-06-03.db'), 'read').headHash()).toBe(journal.headHash());
    // A damaged one is left for inspection.
    writeFileSync(join(folder, 'journal-2026-06-03-2.db'), readFileSync(rotation.made.path).subarray(0, 9_000));
    expect((await rotateBackups(other, { folder, now: NOON })).made.path).toContain('journal-2026-06-03-3.db');
  });

  it('removes nothing when the backup cannot be made', async () => {
    const journal = temporaryJournal();
    journal.append(note('one'));
    const folder = join(temporaryFolder(), 'backups');
    const keep = { days: 1, weeks: 0 };
    const [first, second] = [0, 1].map((day) => epochMs(NOON + day * DAY));
    await rotateBackups(journal, { folder, now: first!, keep });
    const failing = { path: journal.path, backup: () => Promise.reject(new Error('no room')) };
    await expect(rotateBackups(failing, { folder, now: second!, keep })).rejects.toThrow('no room');
    expect(namesIn(folder)).toEqual(['journal-2026-06-03.db']);
    expect((await rotateBackups(journal, { folder, now: second!, keep })).removed).toHaveLength(1);
    expect(existsSync(join(folder, 'journal-2026-06-03.db'))).toBe(false);
  });
});

describe('backups of a journal in use', () => {
  it(
    'each hold exactly what was acknowledged when they began',
    async () => {
      const journal = temporaryJournal();
      journal.append([at(NOON, events.opened()), at(NOON, events.instrument())]);
      const folder = temporaryFolder();
      let [trades, isDone] = [0, false];
      const load = (): void => {
        if (isDone) return;
        trades += 1;
        for (const event of aRoundTrip(trades, epochMs(NOON + trades * 100_000))) journal.append([event]);
        if (trades % 20 === 0) journal.checkpoint();
        setImmediate(load);
      };
      load();
      try {
        for (let round = 0; round < rounds(10); round += 1) {
          const begun = { events: journal.lastSeq(), headHash: journal.headHash() };
          const target = join(folder, `${round}.db`);
          await journal.backup(target);
          expect(journal.lastSeq()).toBeGreaterThan(begun.events);
          const preview = await restorePreview(target);
          expect(preview).toMatchObject({ ok: true, value: begun });
          const copy = mustOpen(target);
          expect(copy.verify(() => aDecision()).findings).toEqual([]);
          copy.close();
        }
      } finally {
        isDone = true;
      }
    },
    timeLimit(60_000),
  );
});
