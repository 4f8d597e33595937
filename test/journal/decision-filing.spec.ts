import SqliteDatabase from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import type { Decision } from '#shared/domain/decision.ts';
import type { SizingSnapshot } from '#shared/domain/sizing.ts';
import { epochMs } from '#shared/units.ts';
import { aDecision, aSnapshot, anInstrument, at, events, NOON } from '#test/support/journal-events.ts';
import { journalOfSchema } from '#test/support/older-journal.ts';
import { mustOpen, temporaryJournal } from '#test/support/temp-journal.ts';
import type { NewEvent } from '#desk/ports/journal.ts';
import type { SqliteJournal } from '#desk/journal/open-journal.ts';

const recompute = ({ lock }: SizingSnapshot): Decision =>
  lock === null ? aDecision() : aDecision({ status: 'disagree', contracts: 0 });

/** Two markets in turn, every third decision with another status; the clock goes back once. */
const decisions = (from: number, to: number): readonly NewEvent[] =>
  Array.from({ length: to - from }, (_, i) => {
    const n = from + i;
    const instrument = anInstrument({ symbol: n % 2 === 0 ? 'NQZ26-CME' : 'ESZ26-CME' });
    const snapshot = aSnapshot({ instrument, lock: n % 3 === 0 ? null : 'no' });
    const time = epochMs(NOON + (n === 290 ? -5_000 : n * 1_000));
    return at(time, events.decision(n, { snapshot, decision: recompute(snapshot) }));
  });

const pageOf = (journal: SqliteJournal, filter: Parameters<SqliteJournal['decisionPage']>[0]['filter']) => {
  const { total, rows } = journal.decisionPage({ filter, limit: 1_000, offset: 0 });
  expect(rows).toHaveLength(total);
  return rows.map(({ decision }) => decision.event.recommendationId);
};

/** Everything that finds decisions, after `count` of them: whether they are filed or not must not be seen. */
function expectFound(journal: SqliteJournal, count: number): void {
  const times = decisions(0, count).map(({ at: time }, n) => ({ time, n }));
  const newest = times.toSorted((a, b) => b.time - a.time || b.n - a.n).map(({ n }) => n);
  const ids = (numbers: readonly number[]) => numbers.map((n) => `R${n}`);
  expect(journal.decisionCount()).toBe(count);
  expect(pageOf(journal, {})).toEqual(ids(newest));
  expect(pageOf(journal, { symbol: 'NQZ26-CME' })).toEqual(ids(newest.filter((n) => n % 2 === 0)));
  expect(pageOf(journal, { status: 'disagree', symbol: 'ESZ26-CME' })).toEqual(
    ids(newest.filter((n) => n % 3 !== 0 && n % 2 === 1)),
  );
  expect(pageOf(journal, { from: epochMs(NOON + 200_000), to: epochMs(NOON + 260_000) })).toEqual(
    ids(newest.filter((n) => n >= 200 && n < 260 && n < count)),
  );
  expect(journal.decisionPage({ filter: {}, limit: 2, offset: count - 2 }).rows).toHaveLength(2);
  for (const n of [0, count - 1]) {
    expect(journal.decision(`R${n}`)?.decision.event.recommendationId).toBe(`R${n}`);
    expect(journal.decisionSymbol(`R${n}`)).toBe(n % 2 === 0 ? 'NQZ26-CME' : 'ESZ26-CME');
  }
  expect(journal.decisionSymbol('R9999')).toBeNull();
  expect(journal.proposals().map(({ recommendationId }) => recommendationId)).toEqual(
    ids(Array.from({ length: count }, (_, n) => n).filter((n) => n % 3 === 0)),
  );
  expect(journal.opinions({ after: 0, limit: 1_000 })).toHaveLength(count);
  expect([...journal.events({ kinds: ['decision'], after: 1 })]).toHaveLength(count - 1);
}

const unfiled = (path: string): number => {
  const raw = new SqliteDatabase(path, { readonly: true });
  const count = Number(raw.prepare('SELECT count(*) FROM decisions WHERE is_filed = 0').pluck().get());
  raw.close();
  return count;
};

describe('decisions', () => {
  it('are found the same before they are filed, while some are, and when all are', () => {
    const journal = temporaryJournal();
    journal.append(decisions(0, 256));
    expect(unfiled(journal.path)).toBe(256);
    expectFound(journal, 256);
    journal.append(decisions(256, 257));
    expect(unfiled(journal.path)).toBe(0);
    expectFound(journal, 257);
    for (const one of decisions(257, 300)) journal.append([one]);
    expect(unfiled(journal.path)).toBe(43);
    expectFound(journal, 300);
    expect(journal.verify(recompute).findings).toEqual([]);
    const reader = mustOpen(journal.path, 'read');
    expectFound(reader, 300);
  });

  it('are closed and are one to an id, filed or not, also by a desk that has just been started', () => {
    const journal = temporaryJournal();
    journal.append(decisions(0, 300));
    journal.close();
    const again = mustOpen(journal.path);
    for (const n of [3, 299]) {
      expect(() => again.append(decisions(n, n + 1))).toThrow(/already has a decision/);
      again.append([at(NOON, events.recommendation(n, 'rejected'))]);
      expect(again.decision(`R${n}`)?.status?.event.state).toBe('rejected');
    }
    expect(pageOf(again, { state: 'rejected' })).toEqual(['R299', 'R3']);
    expect(() => again.append([at(NOON, events.recommendation(300))])).toThrow(/has no decision/);
  });

  it('are left out once their planned trade has its outcome', () => {
    const journal = temporaryJournal();
    journal.append(decisions(0, 300));
    const unresolved = (limit: number, offset: number): readonly string[] =>
      journal.decisionsUnresolved({ limit, offset }).map(({ event }) => event.recommendationId);
    expect(unresolved(3, 0)).toEqual(['R299', 'R298', 'R297']);
    journal.append([0, 7, 298].map((n) => at(NOON, events.outcome(n))));
    expect(unresolved(3, 0)).toEqual(['R299', 'R297']);
    expect(unresolved(3, 291)).toEqual(['R8', 'R6']);
    expect(unresolved(3, 297)).toEqual(['R2', 'R1']);
    expect(unresolved(3, 300)).toEqual([]);
  });

  it('that were refused or rolled back are forgotten, whether they were filed meanwhile or not', async () => {
    const journal = temporaryJournal();
    const bad = at(NOON, events.recommendation(9_999));
    expect(() => journal.append([...decisions(0, 5), bad])).toThrow(/has no decision/);
    expect(journal.decisionCount()).toBe(0);
    journal.append(decisions(0, 250));
    const cancelled = journal.batch(() => {
      journal.append(decisions(250, 300));
      expect(() => journal.append([...decisions(300, 301), bad])).toThrow(/has no decision/);
      return Promise.reject(new Error('cancelled'));
    });
    await expect(cancelled).rejects.toThrow('cancelled');
    expectFound(journal, 250);
    journal.append(decisions(250, 300));
    expectFound(journal, 300);
    journal.rebuild();
    expectFound(journal, 300);
    journal.append(decisions(300, 310));
    expectFound(journal, 310);
  });

  it('that are in no list and not among the newest are a finding of verify', () => {
    const journal = temporaryJournal();
    journal.append(decisions(0, 300));
    journal.close();
    const raw = new SqliteDatabase(journal.path);
    raw.exec('UPDATE decisions SET is_filed = 0 WHERE seq = 7');
    raw.close();
    const report = mustOpen(journal.path).verify(recompute);
    expect(report.findings.map(({ detail }) => detail)).toContain(
      '1 decisions are in no list, and not among the newest',
    );
  });
});

describe('a journal of schema 3', () => {
  it('is brought to one that files decisions, with all its rows found', () => {
    const path = journalOfSchema(3, [...decisions(0, 300), at(NOON, events.recommendation(4, 'rejected'))]);
    const journal = mustOpen(path);
    expectFound(journal, 300);
    expect(pageOf(journal, { state: 'rejected' })).toEqual(['R4']);
    journal.append(decisions(300, 310));
    expectFound(journal, 310);
    expect(unfiled(path)).toBe(10);
    expect(journal.verify(recompute).findings).toEqual([]);
  });
});
