import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { exportJournal, openDesk, verifyJournal } from '#desk/desk.ts';
import { archiveOf, createArchiveOpener } from '#shells/electron/archive-file.ts';
import { ElectronRecord, electronDouble } from '#test/support/electron-double.ts';
import { temporaryFolder } from '#test/support/temp-journal.ts';

const log = pino({ level: 'silent' });
const tick = () => new Promise((resolve) => setImmediate(resolve));

describe('the archive among the arguments of a start', () => {
  it.each([
    [['desk', 'a.kellyjournal'], '/home/x/a.kellyjournal'],
    [['desk', '--data=/d', '/tmp/A.KellyJournal'], '/tmp/A.KellyJournal'],
    // What a Linux desktop passes for %U.
    [['desk', 'file:///tmp/two%20words.kellyjournal'], '/tmp/two words.kellyjournal'],
    [['desk', 'file://elsewhere/tmp/a.kellyjournal'], null],
    [['desk', '--x=/tmp/a.kellyjournal'], null],
    [['desk', 'a.kellyjournal.exe'], null],
    [['a.kellyjournal'], null],
    [[], null],
  ])('of %j is %s', (argv, found) => {
    expect(archiveOf(argv, '/home/x')).toBe(found);
  });
});

/** An opener with its window, and what was asked; `save` is where the trader says the journal goes. */
function rig(answer: number, save: string | null) {
  const record = new ElectronRecord();
  record.dialogAnswer = answer;
  record.savePath = save;
  const { app, dialog } = electronDouble(record);
  const opener = createArchiveOpener(app as never, { dialog: dialog, window: () => null, log: () => log });
  return { record, opener };
}

/** An archive of a small journal, as `journal export --what archive` writes it. */
async function archiveIn(folder: string): Promise<string> {
  const desk = await openDesk({ dataFolder: folder, profile: 'simulation', seed: 7, warmUpSessions: 1 });
  await desk.ready();
  const { journalPath } = desk.identity();
  await desk.close();
  const file = path.join(folder, 'past.kellyjournal');
  await exportJournal(journalPath, { what: 'archive', format: 'json', filter: { origin: 'all' } }, file);
  return file;
}

describe('an archive that is opened', () => {
  it('becomes a journal of its own, verified, where the trader says; one that is spoilt becomes none', async () => {
    const folder = temporaryFolder();
    const file = await archiveIn(folder);
    const target = path.join(folder, 'past.db');
    const { record, opener } = rig(1, target);
    opener.take(file);
    expect(record.dialogs).toEqual([]);
    opener.start();
    await expect.poll(() => record.dialogs, { timeout: 20_000 }).toHaveLength(2);
    expect(record.dialogs).toEqual(['Make a journal of past.kellyjournal?', 'The journal is made and verified.']);
    expect(verifyJournal(target)).toMatchObject({ isSound: true });

    // A second time something is there: it is left alone.
    opener.take(file);
    await expect.poll(() => record.dialogs, { timeout: 20_000 }).toHaveLength(4);
    expect(record.dialogs.at(-1)).toBe('No journal was made.');
    expect(verifyJournal(target)).toMatchObject({ isSound: true });

    record.savePath = path.join(folder, 'none.db');
    const spoilt = path.join(folder, 'spoilt.kellyjournal');
    writeFileSync(spoilt, 'no archive at all');
    opener.take(spoilt);
    await expect.poll(() => record.dialogs, { timeout: 20_000 }).toHaveLength(6);
    expect(record.dialogs.at(-1)).toBe('No journal was made.');
    expect(existsSync(record.savePath)).toBe(false);
  });

  it('is left as it is on a no, and when no place is chosen', async () => {
    for (const [answer, saves] of [
      [0, 0],
      [1, 1],
    ] as const) {
      const { record, opener } = rig(answer, null);
      opener.start();
      opener.take('/tmp/a.kellyjournal');
      for (let turn = 0; turn < 5; turn += 1) await tick();
      expect(record.dialogs).toHaveLength(1);
      expect(record.calls.filter((call) => call === 'saveDialog')).toHaveLength(saves);
    }
  });

  it('by a double click on macOS is offered once there is a window, one after the other', async () => {
    const { record, opener } = rig(0, null);
    let prevented = 0;
    for (const file of ['/a.kellyjournal', '/b.kellyjournal', '/b.kellyjournal', '/notes.txt']) {
      record.app.emit('open-file', { preventDefault: () => (prevented += 1) }, file);
    }
    expect([prevented, record.dialogs.length]).toEqual([4, 0]);
    opener.start();
    await expect
      .poll(() => record.dialogs.map((text) => text.slice(-17)))
      .toEqual(['a.kellyjournal?', 'b.kellyjournal?'].map((text) => `of ${text}`.slice(-17)));
  });
});
