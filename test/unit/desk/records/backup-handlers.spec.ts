import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { DeskSnapshot } from '#shared/contract/views.ts';
import { epochMs } from '#shared/units.ts';
import { openGuardedJournal } from '#desk/journal/guarded-journal.ts';
import { createClock } from '#desk/profiles/clocks.ts';
import { createBackupHandlers, restoreOver } from '#desk/records/backup-handlers.ts';
import { createJournalCare } from '#desk/records/journal-care.ts';
import { createNotices } from '#desk/records/notices.ts';
import { NOON, aRoundTrip, at, events } from '#test/support/journal-events.ts';
import { mustOpen, temporaryFolder } from '#test/support/temp-journal.ts';
import { createTestDesk } from '#test/support/test-desk.ts';

/** A journal with a trade in it, open in a desk's care, and the operations on its backups. */
function room() {
  const path = join(temporaryFolder(), 'profiles', 'simulation', 'journal.db');
  const first = mustOpen(path);
  first.append([at(NOON, events.instrument()), ...aRoundTrip(1)]);
  first.close();
  const clock = createClock(epochMs(NOON));
  const opened = openGuardedJournal({ path, now: () => clock.now() });
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  const journal = opened.value;
  const notices = createNotices(clock, () => undefined);
  const care = createJournalCare({ journal, folder: dirname(path), notices, logger: pino({ level: 'silent' }) });
  const told: unknown[] = [];
  const handlers = createBackupHandlers({
    ...{ journalPath: path, care: () => care, mustBeReady: () => undefined },
    publish: (topic, payload) => void told.push([topic, payload]),
  });
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (!isOpen) return;
    isOpen = false;
    await care.stop();
    journal.close();
  };
  onTestFinished(close);
  return { path, journal, handlers, told, close };
}

async function snapshotWith(change: Partial<DeskSnapshot>): Promise<DeskSnapshot> {
  const desk = createTestDesk();
  const snapshot = await desk.handlers['desk.snapshot']({});
  desk.close();
  return { ...snapshot, positions: [], orders: [], ...change };
}

describe('backups of an open journal', () => {
  it('are made now, told as they are copied, listed with their size, and checked again when asked', async () => {
    const { handlers, told, journal } = room();
    expect(await handlers['backups.list']({})).toMatchObject({ backups: [], problem: null });
    const { name } = await handlers['backups.create']({});
    expect(name).toMatch(/^journal-\d{4}-\d{2}-\d{2}\.db$/);
    expect(told.at(-1)).toMatchObject(['backups.progress', { done: expect.any(Number) as number }]);
    const { backups } = await handlers['backups.list']({});
    expect(backups).toMatchObject([{ name, kind: 'backup' }]);
    expect(backups[0]?.bytes).toBeGreaterThan(0);
    expect(await handlers['backups.check']({ name })).toMatchObject({
      ...{ name, fault: null, events: journal.lastSeq(), trades: 1, lostEvents: 0 },
    });
  });

  it('are made and checked in threads of their own: what waits for the desk does not wait for them', async () => {
    const { handlers } = room();
    const started: unknown[] = [];
    const note = (message: unknown): void => void started.push(message);
    subscribe('worker_threads', note);
    onTestFinished(() => void unsubscribe('worker_threads', note));
    const { name } = await handlers['backups.create']({});
    expect(started).toHaveLength(1);
    await handlers['backups.check']({ name });
    expect(started).toHaveLength(2);
  });

  it('that cannot be made say why, also from another thread', async () => {
    const { handlers, path } = room();
    writeFileSync(join(dirname(path), 'backups'), 'a file where the folder should be');
    await expect(async () => handlers['backups.create']({})).rejects.toMatchObject({
      data: { code: 'refused', message: expect.stringMatching(/copy-failed .*EEXIST/) as string },
    });
  });

  it('say what is wrong with a damaged one, and know no file by a path', async () => {
    const { handlers, path } = room();
    const { name } = await handlers['backups.create']({});
    const file = join(dirname(path), 'backups', name);
    writeFileSync(file, readFileSync(file).fill(7, 4_096, 12_288));
    expect((await handlers['backups.check']({ name })).fault).not.toBeNull();
    await expect(async () => handlers['backups.check']({ name: '../journal.db' })).rejects.toMatchObject({
      data: { code: 'not-found' },
    });
  });
});

describe('restoring over an open journal', () => {
  it('brings back what the backup holds and keeps what was there', async () => {
    const { handlers, path, journal, close } = room();
    const { name } = await handlers['backups.create']({});
    const held = journal.lastSeq();
    journal.append([at(NOON, events.notice('after the backup'))]);
    const { kept } = await restoreOver({
      ...{ name, journalPath: path, snapshot: await snapshotWith({}) },
      whileClosed: async (work) => {
        await close();
        return work();
      },
    });
    expect(kept !== null && existsSync(kept)).toBe(true);
    const restored = mustOpen(path);
    expect(restored.lastSeq()).toBe(held);
    restored.close();
  });

  it('is refused while something is open, for a damaged file and an unknown name, and nothing is closed', async () => {
    const { handlers, path } = room();
    const { name } = await handlers['backups.create']({});
    const whileClosed = (): never => {
      throw new Error('the desk was closed');
    };
    const attempt = (asked: string, snapshot: DeskSnapshot) =>
      restoreOver({ name: asked, journalPath: path, snapshot, whileClosed });
    const busy = createTestDesk();
    const { positions, orders } = await busy.handlers['desk.snapshot']({});
    busy.close();
    await expect(attempt(name, await snapshotWith({ positions }))).rejects.toMatchObject({
      data: { code: 'refused', message: expect.stringContaining('positions are open') as string },
    });
    await expect(attempt(name, await snapshotWith({ orders }))).rejects.toMatchObject({
      data: { message: expect.stringContaining('orders work') as string },
    });
    await expect(attempt('journal-1999-01-01.db', await snapshotWith({}))).rejects.toMatchObject({
      data: { code: 'not-found' },
    });
    const file = join(dirname(path), 'backups', name);
    writeFileSync(file, readFileSync(file).fill(7, 4_096, 12_288));
    await expect(attempt(name, await snapshotWith({}))).rejects.toMatchObject({ data: { code: 'refused' } });
  });
});
