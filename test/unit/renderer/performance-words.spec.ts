import { describe, expect, it } from 'vitest';
import { basisPointText, conditionsOf, tellingDigits } from '#renderer/src/features/performance/conditions.ts';
import { csvOf, fileName } from '#renderer/src/features/performance/export-files.ts';
import { intervalDomain } from '#renderer/src/features/performance/interval-domain.ts';
import { meanIntervalText, overrideRows } from '#renderer/src/features/performance/overrides.ts';
import { createThrottle } from '#renderer/src/features/performance/throttle.ts';
import {
  daysNeededWords,
  intervalText,
  nextVerdictWords,
  verdictWords,
} from '#renderer/src/features/performance/verdict-words.ts';
import type { EquityPoint } from '#shared/domain/performance.ts';
import type { Verdict } from '#renderer/src/features/performance/verdict.ts';
import type { VerdictReading } from '#shared/domain/backtest.ts';
import { epochMs, money } from '#shared/units.ts';

const OPEN: Verdict = {
  code: 'inconclusive',
  at: null,
  decisions: 612,
  days: 92,
  meanDifference: 0.00032,
  lower: -0.00018,
  upper: 0.00082,
  sharpeDifferenceLower: -0.42,
  deflatedSharpe: 0.81,
  drawdownRatio: 1.03,
  daysStillNeeded: 427,
  fixedFraction: 0.0102,
};

const EARLY: Verdict = {
  ...OPEN,
  code: 'insufficient',
  decisions: 66,
  days: 20,
  meanDifference: null,
  lower: null,
  upper: null,
  sharpeDifferenceLower: null,
  deflatedSharpe: null,
  drawdownRatio: null,
  daysStillNeeded: null,
};

const said = (verdict: Verdict): string => {
  const { title, detail } = verdictWords(verdict);
  return `${title}. ${detail.before} ${detail.figure}${detail.after}`;
};

describe('the verdict in words', () => {
  it('says what is missing while it is too early', () => {
    expect(said(EARLY)).toContain('Too early for a verdict');
    expect(said(EARLY)).toContain('34 decisions and 40 days');
    expect(said({ ...EARLY, decisions: 99, days: 70 })).toContain('missing: 1 decision.');
  });

  it('names who leads, by how much, and that the interval contains zero', () => {
    expect(said(OPEN)).toBe(
      'Not proven yet. Kelly leads fixed sizing by +3.2 bp a day. The 90 % interval still contains zero.',
    );
    const behind = { ...OPEN, meanDifference: -0.00012, lower: -0.0006, upper: 0.0003 };
    expect(said(behind)).toContain('Fixed sizing leads Kelly by +1.2 bp a day');
  });

  it('names the conditions not met when the interval alone would do', () => {
    const words = said({ ...OPEN, lower: 0.0001, deflatedSharpe: 0.97 });
    expect(words).toContain('the 90 % interval is above zero. Not met yet: Sharpe difference.');
  });

  it('never says a bare winner: the figures stand beside it', () => {
    const kelly = {
      ...OPEN,
      code: 'kelly-better',
      lower: 0.00008,
      sharpeDifferenceLower: 0.1,
      deflatedSharpe: 0.97,
    } as const;
    expect(said(kelly)).toContain('+3.2 bp a day');
    expect(said(kelly)).toContain('90 % interval +0.8 to +8.2 bp; all four conditions met');
    const fixed = { ...OPEN, code: 'fixed-better', meanDifference: -0.0002, lower: -0.0004, upper: -0.00003 } as const;
    expect(said(fixed)).toContain('+2.0 bp a day; the whole 90 % interval, −4.0 to −0.3 bp, is below zero');
    for (const verdict of [OPEN, EARLY, kelly, fixed]) expect(said(verdict)).not.toMatch(/wins/i);
  });

  it('says how many days are still needed and of how many', () => {
    expect(daysNeededWords(OPEN)).toEqual({ value: '427', note: 'of 519 at 80 % power' });
    expect(daysNeededWords({ ...OPEN, daysStillNeeded: 0 })).toEqual({
      value: '0',
      note: '92 are enough for 80 % power',
    });
    expect(daysNeededWords({ ...OPEN, daysStillNeeded: null })).toEqual({
      value: '—',
      note: 'needs a difference to measure',
    });
    expect(daysNeededWords(EARLY)).toEqual({ value: '40', note: 'of 60 for a first verdict' });
    expect(daysNeededWords({ ...EARLY, days: 80 })).toEqual({ value: '—', note: 'needs 34 more decisions' });
  });

  it('writes differences in basis points', () => {
    expect(basisPointText(-0.00018)).toBe('−1.8 bp');
    expect(basisPointText(null)).toBe('—');
    expect(intervalText(OPEN)).toBe('−1.8 to +8.2 bp');
    expect(intervalText(EARLY)).toBe('—');
  });
});

describe('the four conditions', () => {
  it('sets each figure beside its level', () => {
    expect(conditionsOf(OPEN).map(({ now, needed, isMet }) => [now, needed, isMet])).toEqual([
      ['−1.8 bp', '> 0', false],
      ['−0.42', '> −0.10', false],
      ['0.81', '≥ 0.95', false],
      ['1.03 ×', '≤ 1.50 ×', true],
    ]);
  });

  it('decides at the level as the rule does', () => {
    const at = { ...OPEN, lower: 0, sharpeDifferenceLower: -0.1, deflatedSharpe: 0.95, drawdownRatio: 1.5 };
    expect(conditionsOf(at).map(({ isMet }) => isMet)).toEqual([false, false, true, true]);
  });

  it('never lets rounding cross a level', () => {
    const near = {
      ...OPEN,
      lower: 0.0000004,
      sharpeDifferenceLower: -0.0999,
      deflatedSharpe: 0.9496,
      drawdownRatio: 1.5004,
    };
    expect(conditionsOf(near).map(({ now }) => now)).toEqual(['+0.004 bp', '−0.0999', '0.9496', '1.5004 ×']);
    expect(conditionsOf({ ...OPEN, deflatedSharpe: 0.99999 })[2]?.now).toBe('0.99');
    expect(tellingDigits(1.5, 1.5, 2)).toBe(2);
  });

  it('says what is missing instead of comparing with nothing', () => {
    expect(conditionsOf(EARLY).map(({ now, isMet, reason }) => [now, isMet, reason])).toEqual(
      Array.from({ length: 4 }, () => ['—', null, 'needs more days']),
    );
    expect(conditionsOf({ ...OPEN, drawdownRatio: null })[3]?.reason).toBe('no drawdown yet');
  });
});

describe('the axis of the growth difference', () => {
  it('holds zero and leaves room to name both sides', () => {
    for (const values of [
      [1, 26],
      [-26, -1],
      [-2, 8],
    ]) {
      const { min, max } = intervalDomain(values);
      expect(min).toBeLessThan(Math.min(0, ...values));
      expect(max).toBeGreaterThan(Math.max(0, ...values));
      expect(-min / (max - min)).toBeGreaterThan(0.2);
      expect(max / (max - min)).toBeGreaterThan(0.2);
    }
    expect(intervalDomain([])).toEqual({ min: -1, max: 1 });
  });
});

describe('the value of overrides', () => {
  it('shows a value only from thirty on, and sums all of them', () => {
    const { rows, total } = overrideRows({
      byType: [
        { type: 'rejected', count: 77, value: money(-17_184_000), interval: null },
        { type: 'initiated', count: 0, value: money(0), interval: null },
        { type: 'increased', count: 6, value: money(-4_126_000), interval: null },
        { type: 'decreased', count: 30, value: money(12_842_000), interval: { mean: 42.8, lower: -12, upper: 97 } },
      ],
      foregone: [
        { kind: 'rejected', count: 48, value: money(21_068_000), interval: { mean: 43.9, lower: -5, upper: 93 } },
        { kind: 'expired', count: 29, value: money(-3_884_000), interval: null },
      ],
    });
    expect(rows).toEqual([
      { label: 'Size cut', count: 30, value: 12_842_000, interval: { mean: 42.8, lower: -12, upper: 97 } },
      { label: 'Size raised', count: 6, value: null, interval: null },
      { label: 'Taken unasked', count: 0, value: null, interval: null },
      { label: 'Rejected', count: 48, value: -21_068_000, interval: { mean: -43.9, lower: -93, upper: 5 } },
      { label: 'Expired unseen', count: 29, value: null, interval: null },
    ]);
    expect(total).toEqual({ label: 'All changes', count: 113, value: -8_468_000, interval: null });
    expect(overrideRows({ byType: [], foregone: [] }).total).toMatchObject({ count: 0, value: null });
  });

  it('writes the interval of the mean with both signs', () => {
    expect(meanIntervalText({ mean: 14, lower: -12.4, upper: 40 })).toBe('−$12 to +$40');
  });
});

describe('the next verdict', () => {
  it('is read on the first of the next month, also over the turn of the year', () => {
    const at = (iso: string) => ({ at: epochMs(Date.parse(iso)) }) as VerdictReading;
    expect(nextVerdictWords({ standing: null, running: at('2025-12-15T15:00:00Z') })).toEqual({
      value: '1 Jan',
      note: 'once a month',
    });
    const standing = at('2025-07-31T20:00:00Z');
    expect(nextVerdictWords({ standing, running: at('2025-08-28T15:00:00Z') })).toEqual({
      value: '1 Sep',
      note: 'stands since 31 Jul 2025',
    });
  });
});

describe('exported files', () => {
  const points: readonly EquityPoint[] = [
    { at: epochMs(Date.UTC(2026, 7, 3, 14)), actual: money(1_007_325_000), model: money(-5), fixed: money(0) },
    { at: epochMs(Date.UTC(2026, 7, 9, 14)), actual: money(12_345), model: money(10_000), fixed: money(-123_456) },
  ];

  it('writes exact dollars and UTC times', () => {
    expect(csvOf(points)).toBe(
      'at,actual_usd,kelly_usd,fixed_usd\r\n' +
        '2026-08-03T14:00:00.000Z,100732.5000,-0.0005,0.0000\r\n' +
        '2026-08-09T14:00:00.000Z,1.2345,1.0000,-12.3456\r\n',
    );
  });

  it('names a file by the days it covers', () => {
    expect(fileName(points, 'csv')).toBe('kelly-desk-equity-2026-08-03-2026-08-09.csv');
  });
});

describe('reading again', () => {
  const fakeTimers = () => {
    let now = 1_000;
    let waiting: { readonly at: number; readonly run: () => void }[] = [];
    return {
      timers: {
        now: () => now,
        later: (run: () => void, delayMs: number) => {
          const entry = { at: now + delayMs, run };
          waiting.push(entry);
          return () => {
            waiting = waiting.filter((other) => other !== entry);
          };
        },
      },
      pass: (ms: number) => {
        now += ms;
        const due = waiting.filter(({ at }) => at <= now);
        waiting = waiting.filter(({ at }) => at > now);
        for (const { run } of due) run();
      },
    };
  };

  it('answers several requests with one run, rarely, and never loses the last', () => {
    const clock = fakeTimers();
    let runs = 0;
    const throttle = createThrottle(() => (runs += 1), { settleMs: 1_000, everyMs: 10_000, timers: clock.timers });
    throttle.request();
    throttle.request();
    clock.pass(1_000);
    expect(runs).toBe(1);
    throttle.request();
    clock.pass(5_000);
    expect(runs).toBe(1);
    clock.pass(5_000);
    expect(runs).toBe(2);
  });

  it('runs at once when told to, and stops', () => {
    const clock = fakeTimers();
    let runs = 0;
    const throttle = createThrottle(() => (runs += 1), { settleMs: 1_000, everyMs: 10_000, timers: clock.timers });
    throttle.request();
    throttle.now();
    expect(runs).toBe(1);
    clock.pass(60_000);
    expect(runs).toBe(1);
    throttle.request();
    throttle.stop();
    clock.pass(60_000);
    expect(runs).toBe(1);
  });
});
