import { copyFileSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type SqliteJournal, openJournal } from '#desk/journal/open-journal.ts';
import { NOON, aDecision, at, events } from '#test/support/journal-events.ts';
import { mustOpen, temporaryFolder } from '#test/support/temp-journal.ts';

const ROOM = 256 * 1024;

function openWithRoom(path: string, logRoom = ROOM): SqliteJournal {
  const opened = openJournal({ path, logRoom });
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  onTestFinished(() => opened.value.close());
  return opened.value;
}

const newJournal = (logRoom = ROOM): SqliteJournal => openWithRoom(join(temporaryFolder(), 'journal.db'), logRoom);
const logSize = ({ path }: SqliteJournal): number => statSync(`${path}-wal`).size;
const notice = (n: number) => at(NOON, events.notice(`notice ${n}`));
const textsOf = (journal: SqliteJournal): readonly string[] =>
  [...journal.events({ kinds: ['notice'] })].map(({ event }) => event.detail);

/** The journal as a crash at this moment leaves it. */
function crashed({ path }: SqliteJournal): string {
  const copy = join(temporaryFolder(), 'journal.db');
  for (const part of ['', '-wal']) copyFileSync(`${path}${part}`, `${copy}${part}`);
  return copy;
}

describe('a journal with room in its log', () => {
  it('writes over it, from the start and again when the log was emptied', () => {
    const journal = newJournal();
    expect(logSize(journal)).toBe(ROOM);
    for (let n = 0; n < 20; n += 1) {
      journal.append([notice(n)]);
      if (n % 5 === 4) journal.checkpoint();
      expect(logSize(journal)).toBe(ROOM);
    }
    expect(textsOf(mustOpen(journal.path, 'read'))).toHaveLength(20);
    expect(journal.verify(() => aDecision()).findings).toEqual([]);
  });

  it('leaves it alone where the log holds nothing', () => {
    const journal = newJournal();
    journal.append([notice(1)]);
    journal.checkpoint();
    const before = statSync(`${journal.path}-wal`, { bigint: true });
    journal.checkpoint();
    expect(statSync(`${journal.path}-wal`, { bigint: true }).mtimeNs).toBe(before.mtimeNs);
    expect(readFileSync(`${journal.path}-wal`).every((byte) => byte === 0)).toBe(true);
  });

  it('holds what was acknowledged after a crash, whatever of the room was used', () => {
    const journal = newJournal();
    const written: string[] = [];
    const expectAll = (): void => {
      const again = openWithRoom(crashed(journal));
      expect(textsOf(again)).toEqual(written);
      expect(logSize(again)).toBeGreaterThanOrEqual(ROOM);
      again.append([notice(-1)]);
      expect(textsOf(again)).toEqual([...written, 'notice -1']);
      expect(again.verify(() => aDecision()).findings).toEqual([]);
    };
    expectAll();
    for (let n = 0; n < 60; n += 1) {
      journal.append([at(NOON, events.notice(`notice ${n} ${'x'.repeat(n * 200)}`))]);
      written.push(`notice ${n} ${'x'.repeat(n * 200)}`);
      if (n % 12 === 3) expectAll();
      if (n === 40) journal.checkpoint();
      if (n === 40) expectAll();
    }
    expectAll();
    expect(logSize(journal)).toBeGreaterThanOrEqual(ROOM);
  });

  it('does without where the disk has none to spare', () => {
    const journal = newJournal(2 ** 52);
    journal.append([notice(1)]);
    journal.checkpoint();
    expect(logSize(journal)).toBe(0);
    journal.append([notice(2)]);
    expect(textsOf(journal)).toHaveLength(2);
  });
});
