import { dirname, join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { epochMs } from '#shared/units.ts';
import { fullCheckPath, lastFullCheck, rememberCheck } from '#desk/journal/full-check.ts';
import { openGuardedJournal } from '#desk/journal/guarded-journal.ts';
import { createClock } from '#desk/profiles/clocks.ts';
import { inspectProfile } from '#desk/records/inspect-profile.ts';
import { createJournalCare, isFullCheckDue } from '#desk/records/journal-care.ts';
import { createNotices } from '#desk/records/notices.ts';
import { damageIndex } from '#test/support/damaged-index.ts';
import { NOON, aRoundTrip, at, events } from '#test/support/journal-events.ts';
import { mustOpen, temporaryFolder } from '#test/support/temp-journal.ts';

const DAY_MS = 86_400_000;

function closedJournal(data: string): string {
  const journal = mustOpen(join(data, 'profiles', 'simulation', 'journal.db'));
  journal.append([at(NOON, events.instrument()), ...aRoundTrip(1)]);
  journal.close();
  return journal.path;
}

/** The care of the journal at a path, as a start of the desk makes it. */
function careOf(path: string) {
  const clock = createClock(epochMs(NOON));
  const opened = openGuardedJournal({ path, now: () => clock.now() });
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  const notices = createNotices(clock, () => undefined);
  const folder = dirname(path);
  const care = createJournalCare({ journal: opened.value, folder, notices, logger: pino({ level: 'silent' }) });
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (!isOpen) return;
    isOpen = false;
    await care.stop();
    opened.value.close();
  };
  onTestFinished(close);
  return { care, notices, journal: opened.value, close };
}

const fullCheckOf = (data: string) => inspectProfile(data, 'simulation').find(({ check }) => check === 'Full check');

describe('the weekly check of the whole journal', () => {
  it('runs beside the writing desk, and its result is remembered and shown', async () => {
    const data = temporaryFolder();
    const { care, notices, journal } = careOf(closedJournal(data));
    expect(fullCheckOf(data)).toMatchObject({ state: 'ok', detail: expect.stringContaining('not done yet') as string });
    const checked = care.checkAll();
    journal.append([at(NOON, events.notice('meanwhile'))]);
    await checked;
    expect([care.block(), notices.all()]).toEqual([null, []]);
    expect(lastFullCheck(journal.path)).toMatchObject({ fault: null });
    expect(fullCheckOf(data)).toMatchObject({ state: 'ok', detail: expect.stringContaining('in order') as string });
  });

  it('tells of damage, holds entries back, also after a restart, until a later check finds none', async () => {
    const data = temporaryFolder();
    const path = closedJournal(data);
    damageIndex(path);
    const first = careOf(path);
    expect(first.care.block()).toBeNull();
    await first.care.checkAll();
    const fault = expect.stringContaining('fills_by_time') as string;
    expect(first.care.block()).toEqual(fault);
    expect(first.notices.all()).toMatchObject([{ id: 'full-check', level: 'error', detail: fault }]);
    expect(fullCheckOf(data)).toMatchObject({ state: 'fail', detail: fault, remedy: expect.any(String) as string });
    await first.close();

    damageIndex(path);
    const second = careOf(path);
    expect(second.care.block()).toEqual(fault);
    second.care.start();
    await second.care.checkAll();
    expect([second.care.block(), second.notices.all()]).toEqual([null, []]);
    expect(lastFullCheck(path)).toMatchObject({ fault: null });
  });

  it('that is given up by closing leaves what was remembered', async () => {
    const path = closedJournal(temporaryFolder());
    const { care, journal, close } = careOf(path);
    void care.checkAll();
    await close();
    expect(lastFullCheck(journal.path)).toBeNull();
  });
});

describe('whether the weekly check is due', () => {
  it.each([
    ['a week after the last', { ago: 7, fault: null }, true],
    ['not within the week', { ago: 6.9, fault: null }, false],
    ['as long as the last found something', { ago: 0.1, fault: 'a page' }, true],
    ['when the clock was set back', { ago: -1, fault: null }, true],
  ])('%s', (_, { ago, fault }, isDue) => {
    const path = join(temporaryFolder(), 'journal.db');
    expect(isFullCheckDue(path, NOON)).toBe(true);
    rememberCheck(path, { at: epochMs(NOON - ago * DAY_MS), events: 1, fault });
    expect([fullCheckPath(path), isFullCheckDue(path, NOON)]).toEqual([`${path}.checked`, isDue]);
  });
});
