import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openJournal } from '#desk/journal/open-journal.ts';
import { checkPages } from '#desk/journal/page-check.ts';
import { damagePage } from '#test/support/damaged-index.ts';
import { NOON, aRoundTrip, at, events } from '#test/support/journal-events.ts';
import { mustOpen, temporaryFolder } from '#test/support/temp-journal.ts';

/** Twice as much is more than a start looks at while it opens a journal. */
const HALF = 34_000_000;

function closedJournal(notices: number): string {
  const journal = mustOpen(join(temporaryFolder(), 'journal.db'));
  journal.append([at(NOON, events.instrument()), ...aRoundTrip(1)]);
  for (let n = 0; n < notices; n += 1) journal.append([at(NOON, events.notice('x'.repeat(HALF)))]);
  journal.close();
  return journal.path;
}

const foundBy = (path: string, isCheckedLater: boolean): string | boolean => {
  const opened = openJournal({ path, isCheckedLater });
  if (!opened.ok) return opened.error.code;
  opened.value.close();
  return opened.value.isUnchecked;
};

describe('a journal whose pages are checked later', () => {
  it('is opened without a look at them where it is large, and checked beside', () => {
    const path = closedJournal(2);
    expect([foundBy(path, true), foundBy(path, false)]).toEqual([true, false]);
    const journal = mustOpen(path);
    journal.append([at(NOON, events.notice('still in the log'))]);
    expect(checkPages(path)).toEqual({ events: journal.lastSeq(), fault: null });
    journal.close();
    damagePage(path);
    expect([foundBy(path, true), foundBy(path, false)]).toEqual([true, 'corrupt']);
    expect(checkPages(path)).toMatchObject({ fault: expect.stringMatching(/page/i) as string });
  });

  it('is looked at while it is opened where it is small', () => {
    const path = closedJournal(0);
    expect(foundBy(path, true)).toBe(false);
    damagePage(path);
    expect(foundBy(path, true)).toBe('corrupt');
  });

  it('is not looked at by a reader, and tells a look that cannot be from one that finds nothing', () => {
    const path = closedJournal(0);
    const reader = mustOpen(path, 'read');
    expect(reader.isUnchecked).toBe(false);
    reader.close();
    expect(() => checkPages(`${path}.none`)).toThrow(/unable to open/);
  });
});
