import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createLatches, guardsOf, type Latches, type Measures } from '#desk/account/latches.ts';
import { createLedger } from '#desk/account/ledger.ts';
import { PRESETS } from '#desk/engine/config.ts';
import { DEFAULT_RISK_LIMITS } from '#desk/engine/risk-limits.ts';
import type { SqliteJournal } from '#desk/journal/open-journal.ts';
import type { LatchCode, RiskLimits } from '#shared/domain/risk.ts';
import { epochMs, moneyFromUsd } from '#shared/units.ts';
import { NOON } from '#test/support/journal-events.ts';
import { mustOpen, temporaryFolder } from '#test/support/temp-journal.ts';

const calm: Measures = {
  now: NOON,
  sessionDay: '2026-06-03',
  dayLoss: 0,
  drawdown: 0,
  consecutiveLosses: 0,
  cusum: null,
};

const latchesOn = (journal: SqliteJournal, limits: Partial<RiskLimits> = {}): Latches =>
  createLatches({
    journal,
    record: (events) => journal.append(events.map((event) => ({ at: NOON, event }))),
    limits: () => ({ ...DEFAULT_RISK_LIMITS, ...limits }),
    breakers: () => PRESETS.conservative.breakers,
  });

const newJournal = (): SqliteJournal => mustOpen(join(temporaryFolder(), 'journal.db'));

const codes = (latches: Latches): readonly LatchCode[] => latches.latched().map(({ code }) => code);

const rearm = (latches: Latches, code: LatchCode, measures: Measures) =>
  latches.rearm(code, { reason: 'reviewed', actor: 'trader', measures });

describe('a breaker that latches', () => {
  it.each([
    ['day-loss', { dayLoss: 0.0299 }, { dayLoss: 0.03 }, 0.03],
    ['drawdown', { drawdown: 0.1999 }, { drawdown: 0.2 }, 0.2],
    ['consecutive-losses', { consecutiveLosses: 4 }, { consecutiveLosses: 5 }, 5],
    ['drift', { cusum: 2.99 }, { cusum: 3 }, 3],
  ] as const)('trips %s at its limit, not before, and is journaled', (code, below, reached, limit) => {
    const journal = newJournal();
    const latches = latchesOn(journal);
    expect(latches.check({ ...calm, ...below })).toEqual([]);
    const [trip] = latches.check({ ...calm, ...reached });
    expect(trip).toMatchObject({ code, limit, effect: 'entries', since: NOON, sessionDay: '2026-06-03' });
    expect([...journal.events({ kinds: ['breaker-tripped'] })].map(({ event }) => event.latch)).toEqual([trip]);
    expect(latches.effect()).toBe('entries');
    expect(latches.guards().latches).toEqual([{ code, value: trip?.value, limit }]);
  });

  it('holds when the reading gets better, when it gets worse and on other days, and is journaled once', () => {
    const journal = newJournal();
    const latches = latchesOn(journal);
    latches.check({ ...calm, dayLoss: 0.031 });
    for (const dayLoss of [0, 0.02, 0.05]) {
      expect(latches.check({ ...calm, dayLoss, sessionDay: '2026-06-04' })).toEqual([]);
    }
    expect(latches.latched()).toMatchObject([{ code: 'day-loss', value: 0.031 }]);
    expect([...journal.events({ kinds: ['breaker-tripped'] })]).toHaveLength(1);
  });

  it('holds over a restart, and so does what was armed again', () => {
    const path = join(temporaryFolder(), 'journal.db');
    const journal = mustOpen(path);
    const first = latchesOn(journal);
    const bad = { ...calm, dayLoss: 0.04, drawdown: 0.21 };
    first.check(bad);
    rearm(first, 'drawdown', bad);
    journal.close();

    const second = latchesOn(mustOpen(path));
    expect(codes(second)).toEqual(['day-loss']);
    expect(second.guards().rearmed).toEqual([{ code: 'drawdown', value: 0.21 }]);
    expect(second.check(bad)).toEqual([]);
    expect(second.check({ ...bad, drawdown: 0.2101 })).toMatchObject([{ code: 'drawdown' }]);
  });

  it('holds even when the journal cannot be written', () => {
    const journal = newJournal();
    const latches = createLatches({
      journal,
      record: () => {
        throw new Error('disk full');
      },
      limits: () => DEFAULT_RISK_LIMITS,
      breakers: () => PRESETS.conservative.breakers,
    });
    expect(() => latches.check({ ...calm, dayLoss: 0.05 })).toThrow('disk full');
    expect(codes(latches)).toEqual(['day-loss']);
    expect(() => rearm(latches, 'day-loss', calm)).toThrow('disk full');
    expect(codes(latches)).toEqual(['day-loss']);
  });

  it('several trip at once, and one that flattens decides what they do together', () => {
    const flattening = { breakerEffects: { ...DEFAULT_RISK_LIMITS.breakerEffects, drawdown: 'flatten' } } as const;
    const latches = latchesOn(newJournal(), flattening);
    expect(latches.effect()).toBe('none');
    latches.check({ ...calm, dayLoss: 0.03 });
    expect(latches.effect()).toBe('entries');
    latches.check({ ...calm, dayLoss: 0.03, drawdown: 0.25, cusum: 4 });
    expect(codes(latches)).toEqual(['day-loss', 'drawdown', 'drift']);
    expect(latches.effect()).toBe('flatten');
  });
});

describe('arming again', () => {
  it('needs a latched breaker and a reason, and is journaled with its reading', () => {
    const journal = newJournal();
    const latches = latchesOn(journal);
    expect(rearm(latches, 'drift', calm)).toEqual({ ok: false, error: { code: 'not-latched', breaker: 'drift' } });
    latches.check({ ...calm, dayLoss: 0.04 });
    const blank = latches.rearm('day-loss', { reason: '  ', actor: 'trader', measures: calm });
    expect(blank).toEqual({ ok: false, error: { code: 'reason-missing', breaker: 'day-loss' } });
    expect(rearm(latches, 'day-loss', { ...calm, dayLoss: 0.041 }).ok).toBe(true);
    expect(latches.effect()).toBe('none');
    const [stored] = [...journal.events({ kinds: ['breaker-rearmed'] })];
    expect(stored?.event).toEqual({
      kind: 'breaker-rearmed',
      code: 'day-loss',
      reason: 'reviewed',
      actor: 'trader',
      value: 0.041,
      sessionDay: '2026-06-03',
    });
  });

  it('accepts the reading of that moment: only a worse one trips anew', () => {
    const latches = latchesOn(newJournal());
    const bad = { ...calm, dayLoss: 0.04 };
    latches.check(bad);
    rearm(latches, 'day-loss', bad);
    expect(latches.check(bad)).toEqual([]);
    expect(latches.check({ ...bad, dayLoss: 0.035 })).toEqual([]);
    expect(latches.check({ ...bad, dayLoss: 0.04 })).toEqual([]);
    expect(latches.check({ ...bad, dayLoss: 0.0401 })).toMatchObject([{ code: 'day-loss', value: 0.0401 }]);
  });

  it('is used up once the reading has been below its limit', () => {
    const latches = latchesOn(newJournal());
    const bad = { ...calm, consecutiveLosses: 6 };
    latches.check(bad);
    rearm(latches, 'consecutive-losses', bad);
    expect(latches.check({ ...calm, consecutiveLosses: 0 })).toEqual([]);
    expect(latches.guards().rearmed).toEqual([]);
    expect(latches.check({ ...calm, consecutiveLosses: 5 })).toMatchObject([{ code: 'consecutive-losses', value: 5 }]);
  });

  it('holds for its session day only: a drawdown that still stands trips on the next', () => {
    const latches = latchesOn(newJournal());
    const bad = { ...calm, drawdown: 0.22 };
    latches.check(bad);
    rearm(latches, 'drawdown', bad);
    expect(latches.check(bad)).toEqual([]);
    const tomorrow = { ...bad, sessionDay: '2026-06-04' };
    expect(latches.check(tomorrow)).toMatchObject([{ code: 'drawdown', sessionDay: '2026-06-04' }]);
  });

  it('of drift excuses nothing: its statistic starts from zero, and the journal says from where', () => {
    const journal = newJournal();
    const latches = latchesOn(journal);
    latches.check({ ...calm, cusum: 3.4 });
    rearm(latches, 'drift', { ...calm, cusum: 3.4 });
    expect(latches.guards().rearmed).toEqual([]);
    expect(latches.check({ ...calm, cusum: 0 })).toEqual([]);
    expect(latches.check({ ...calm, cusum: 3 })).toMatchObject([{ code: 'drift', value: 3 }]);
    const [stored] = [...journal.events({ kinds: ['breaker-rearmed'] })];
    expect(createLedger(journal, moneyFromUsd(100_000), 'always').lastResumeSeq()).toBe(stored?.seq);
  });
});

describe('guards for decisions', () => {
  it('count the entries of the last minute', () => {
    const lastEntries = [60_000, 59_999, 1].map((ms) => epochMs(NOON - ms));
    const latches = latchesOn(newJournal());
    const limits = DEFAULT_RISK_LIMITS;
    expect(guardsOf({ latches, limits, consecutiveLosses: 2, lastEntries, now: NOON })).toEqual({
      latches: [],
      rearmed: [],
      consecutiveLosses: 2,
      maxConsecutiveLosses: 5,
      entriesLastMinute: 2,
      maxOrdersPerMinute: 10,
    });
  });
});
