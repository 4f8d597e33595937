import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { epochMs } from '#shared/units.ts';
import { openDesk, verifyJournal } from '#desk/desk.ts';
import type { JournalEventOf } from '#desk/ports/events.ts';
import { temporaryFolder } from '#test/support/temp-journal.ts';
import { limitFaults } from './limits.ts';
import { readAside } from './stage.ts';

/** A Wednesday, half a minute past the hour. */
const START_AT = epochMs(Date.UTC(2026, 5, 3, 17, 0, 20));
const SESSIONS = 8;

async function history(folder: string, seed: number, sessions = SESSIONS): Promise<string> {
  const desk = await openDesk({
    dataFolder: folder,
    profile: 'simulation',
    seed,
    startAt: START_AT,
    warmUpSessions: sessions,
  });
  await desk.ready();
  await desk.close();
  return join(folder, 'profiles', 'simulation', 'journal.db');
}

/** What was decided while history was made, without the names given to it. */
const decisionsOf = (path: string): readonly Partial<JournalEventOf<'decision'>>[] =>
  readAside(path, (aside) => {
    const [live] = [...aside.events({ kinds: ['started'] })];
    return [...aside.events({ kinds: ['decision'] })]
      .filter(({ seq }) => seq < (live?.seq ?? 0))
      .map(({ event: { snapshot, decision, entry, stop, target, expiresAt } }) => ({
        snapshot,
        decision,
        entry,
        stop,
        target,
        expiresAt,
      }));
  });

describe('the history a first start makes', () => {
  const folders = [7, 7, 8].map(() => mkdtempSync(join(tmpdir(), 'kelly-desk-')));
  let [first, same, other]: string[] = [];
  beforeAll(async () => {
    [first, same, other] = await Promise.all([
      history(folders[0] ?? '', 7),
      history(folders[1] ?? '', 7),
      history(folders[2] ?? '', 8),
    ]);
  }, 120_000);
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  it('is the same for the same seed and start, and another for another seed', () => {
    const decisions = decisionsOf(first ?? '');
    expect(decisions).toHaveLength(SESSIONS * 2 * 6);
    expect(decisionsOf(same ?? '')).toEqual(decisions);
    expect(decisionsOf(other ?? '')).not.toEqual(decisions);
    const tradesOf = (path: string): unknown =>
      readAside(path, (aside) =>
        aside
          .trades({ order: 'oldest' })
          .map(({ symbol, quantity, entryPrice, exitPrice, net, r }) => [
            symbol,
            quantity,
            entryPrice,
            exitPrice,
            net,
            r,
          ]),
      );
    expect(tradesOf(same ?? '')).toEqual(tradesOf(first ?? ''));
  });

  it('verifies, every decision recomputed', () => {
    for (const path of [first, same, other])
      expect(verifyJournal(path ?? '')).toMatchObject({ isSound: true, findings: [] });
  });

  it('passes no limit at any time, by the journal alone', () => {
    for (const path of [first, other]) {
      const { approvals, faults } = limitFaults(path ?? '');
      expect(faults).toEqual([]);
      expect(approvals).toBeGreaterThan(10);
    }
  });

  it('was decided by the stand-in, and says so', () => {
    readAside(first ?? '', (aside) => {
      const [live] = [...aside.events({ kinds: ['started'] })];
      const ends = [...aside.events({ kinds: ['recommendation'] })]
        .filter(({ seq }) => seq < (live?.seq ?? 0))
        .map(({ event }) => event);
      const by = (state: string): readonly string[] => [
        ...new Set(ends.filter((e) => e.state === state).map((e) => e.actor)),
      ];
      for (const state of ['approved', 'overridden', 'rejected'])
        expect(by(state).filter((actor) => actor !== 'warm-up')).toEqual([]);
      expect(by('approved')).toEqual(['warm-up']);
      for (const state of ['blocked', 'expired', 'superseded'])
        expect(by(state).filter((actor) => actor !== 'desk')).toEqual([]);
      expect(
        ends.filter((e) => e.state === 'overridden' || e.state === 'rejected').filter((e) => e.reason === null),
      ).toEqual([]);
      expect(ends.filter((e) => e.state === 'approved').length).toBeGreaterThan(10);
      // Nothing is left open behind.
      expect(new Set(ends.map((e) => e.recommendationId)).size).toBe(SESSIONS * 2 * 6);
    });
  });

  it('has trades whose R is what they made on what they risked', () => {
    readAside(first ?? '', (aside) => {
      for (const trade of aside.trades({})) {
        expect(trade.net).toBe(trade.gross - trade.fees);
        expect(trade.plannedRisk).toBeGreaterThan(0);
        expect(trade.r).toBe(trade.net / (trade.plannedRisk ?? NaN));
        expect(Math.abs(trade.r ?? Infinity)).toBeLessThan(10);
      }
    });
  });
});

describe('a desk that is closed while it makes its history', () => {
  it('stops soon, keeps what was finished, and goes on there at the next start', async () => {
    const folder = temporaryFolder();
    const desk = await openDesk({ dataFolder: folder, profile: 'simulation', startAt: START_AT, warmUpSessions: 30 });
    await new Promise<void>((resolve) => {
      let seen = 0;
      desk.stream.subscribe(null, ({ topic }) => {
        if (topic === 'desk.startup' && (seen += 1) === 2) resolve();
      });
    });
    await desk.close();
    const path = join(folder, 'profiles', 'simulation', 'journal.db');
    const made = decisionsOf(path);
    expect(made).toEqual([]);
    const count = readAside(path, (aside) => aside.decisionCount());
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThan(30 * 12);
    expect(count % 12).toBe(0);
    expect(verifyJournal(path).isSound).toBe(true);
    await history(folder, 7, 30);
    expect(decisionsOf(path)).toHaveLength(30 * 12);
    const days = new Set(decisionsOf(path).map(({ snapshot }) => snapshot?.now));
    expect(days.size).toBe(60);
  });
});
