import { dirname, join } from 'node:path';
import { type Logger, pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { epochMs, moneyFromUsd } from '#shared/units.ts';
import { type FullCheck, fullCheckPath, lastFullCheck, rememberCheck } from '#desk/journal/full-check.ts';
import { openGuardedJournal } from '#desk/journal/guarded-journal.ts';
import { createClock } from '#desk/profiles/clocks.ts';
import { inspectProfile } from '#desk/records/inspect-profile.ts';
import { createJournalCare, isFullCheckDue, pageCheckOf } from '#desk/records/journal-care.ts';
import { createNotices } from '#desk/records/notices.ts';
import { openProfileJournal } from '#desk/records/profile-journal.ts';
import { damageIndex, damagePage } from '#test/support/damaged-index.ts';
import { NOON, aRoundTrip, at, events } from '#test/support/journal-events.ts';
import { mustOpen, temporaryFolder } from '#test/support/temp-journal.ts';

const DAY_MS = 86_400_000;

const initialEquity = moneyFromUsd(100_000);
const OPENED = {
  ...({ kind: 'opened', profile: 'simulation', mode: 'simulation', account: 'SIM' } as const),
  ...{ initialEquity, seed: 1 },
};

/** Two of them are more than a start looks at while it opens a journal. */
const large = () => at(NOON, events.notice('x'.repeat(34_000_000)));

function closedJournal(data: string, isLarge = false): string {
  const journal = mustOpen(join(data, 'profiles', 'simulation', 'journal.db'));
  journal.append([at(NOON, events.instrument()), ...aRoundTrip(1)]);
  if (isLarge) for (const one of [large(), large()]) journal.append([one]);
  journal.close();
  return journal.path;
}

const silent = pino({ level: 'silent' });

function rejected(error: Error): Promise<FullCheck> {
  const pages = Promise.reject<FullCheck>(error);
  pages.catch(() => undefined);
  return pages;
}

/** The care of the journal at a path, as a start of the desk makes it. */
function careOf(path: string, pages: Promise<FullCheck> | null = null, logger: Logger = silent) {
  const clock = createClock(epochMs(NOON));
  const opened = openGuardedJournal({ path, now: () => clock.now(), isCheckedLater: true });
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  const notices = createNotices(clock, () => undefined);
  const folder = dirname(path);
  const care = createJournalCare({ journal: opened.value, folder, notices, logger, pages });
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

describe('the look at the pages that a start leaves for later', () => {
  it('holds entries back until it has ended, and halts nothing', async () => {
    const { care, notices, journal } = careOf(closedJournal(temporaryFolder(), true));
    const looked = care.checkPages();
    expect([care.block(), care.isHalting()]).toEqual([expect.stringContaining('being checked'), false]);
    await looked;
    expect([care.block(), care.isHalting(), notices.all()]).toEqual([null, false, []]);
    expect(lastFullCheck(journal.path)).toBeNull();
  });

  it('halts where it finds damage, and the next start says so before it opens', async () => {
    const data = temporaryFolder();
    const path = closedJournal(data, true);
    damagePage(path);
    const { care, notices, close } = careOf(path);
    await care.checkPages();
    expect([care.block(), care.isHalting()]).toEqual([expect.stringContaining('damaged'), true]);
    expect(notices.all()).toMatchObject([{ id: 'full-check', level: 'error' }]);
    await close();
    const first = { at: epochMs(NOON), event: OPENED };
    const again = openProfileJournal(dirname(path), first, { isCheckedLater: true });
    expect(again).toMatchObject({ ok: false, error: { code: 'corrupt', path } });
  });

  it('takes what was begun before it, and looks itself where that came to nothing', async () => {
    const path = closedJournal(temporaryFolder(), true);
    const fault = 'page 7 is gone';
    const begun = careOf(path, Promise.resolve({ events: 1, fault }));
    await begun.care.checkPages();
    expect(begun.care.block()).toContain(fault);
    await begun.close();
    const logged: string[] = [];
    const logger = pino({ level: 'error' }, { write: (line: string) => void logged.push(line) });
    const failed = careOf(path, rejected(new Error('no thread')), logger);
    await failed.care.checkAll();
    await failed.care.checkPages();
    expect(failed.care.block()).toContain('being checked');
    expect(logged).toHaveLength(1);
    expect(logged[0]).toContain('no thread');
    await failed.care.checkPages();
    expect(failed.care.block()).toBeNull();
  });

  it('is no failure where the desk is closed before it has ended', async () => {
    const closing = new AbortController();
    const logged: string[] = [];
    const logger = pino({ level: 'error' }, { write: (line: string) => void logged.push(line) });
    const { care, journal } = careOf(closedJournal(temporaryFolder(), true), null, logger);
    const pages = pageCheckOf(journal, closing.signal);
    const other = careOf(closedJournal(temporaryFolder(), true), pages, logger);
    closing.abort();
    await other.care.checkPages();
    expect(other.care.block()).toContain('being checked');
    await care.checkPages();
    expect(logged).toEqual([]);
  });

  it('is none where the journal is small enough to be looked at while it is opened', async () => {
    const { care } = careOf(closedJournal(temporaryFolder()));
    expect(care.block()).toBeNull();
    await care.checkPages();
    expect(care.block()).toBeNull();
  });

  it('that is given up by closing holds entries back', async () => {
    const { care, close } = careOf(closedJournal(temporaryFolder(), true));
    void care.checkPages();
    await close();
    expect(care.block()).toContain('being checked');
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
