import { describe, expect, it } from 'vitest';
import { createPrng } from '#desk/engine/prng.ts';
import type { Outcome } from '#desk/engine/learning/label.ts';
import { climatologyOf, judgeSkill, type Judged } from '#desk/engine/learning/skill.ts';

const EVEN = { short: 0.4, neutral: 0.2, long: 0.4 };

/** Outcomes drawn from chances that swing between two states; the forecaster is told the state or not. */
function record(knows: boolean, count = 800): readonly Judged[] {
  const prng = createPrng(11);
  return Array.from({ length: count }, (_, i) => {
    const up = Math.floor(i / 20) % 2 === 0;
    const truth = up ? { short: 0.2, neutral: 0.2, long: 0.6 } : { short: 0.6, neutral: 0.2, long: 0.2 };
    const u = prng.nextDouble();
    const outcome: Outcome = u < truth.short ? 'short' : u < truth.short + truth.long ? 'long' : 'neither';
    return { forecast: knows ? truth : EVEN, climatology: EVEN, outcome };
  });
}

describe('skill against climatology', () => {
  it('is nothing for a forecaster that says what climatology says', () => {
    const report = judgeSkill(record(false), 3);
    expect(report.verdict).toBe('no-skill');
    expect(report.logLoss.skill).toBe(0);
    expect(report.brier.skill).toBe(0);
  });

  it('is found where a forecaster knows more', () => {
    const report = judgeSkill(record(true), 3);
    expect(report.verdict).toBe('skill');
    expect(report.logLoss.interval.lower).toBeGreaterThan(0);
    expect(report.logLoss.interval.lower).toBeLessThan(report.logLoss.skill);
    expect(report.logLoss.interval.upper).toBeGreaterThan(report.logLoss.skill);
    expect(report.gate.count).toBe(800);
  });

  it('is worse than nothing for a forecaster that has it backwards', () => {
    const backwards = record(true).map((one): Judged => ({
      ...one,
      forecast: { short: one.forecast.long, neutral: 0.2, long: one.forecast.short },
    }));
    expect(judgeSkill(backwards, 3).verdict).toBe('worse');
  });

  // By hand: −ln 0.5; (0.5 − 1)² + 0.3² + 0.2².
  it('scores one forecast as by hand', () => {
    const judged: Judged = {
      forecast: { short: 0.3, neutral: 0.2, long: 0.5 },
      climatology: EVEN,
      outcome: 'long',
    };
    const report = judgeSkill([judged], 1);
    expect(report.logLoss.model).toBeCloseTo(0.693147180559945, 12);
    expect(report.brier.model).toBeCloseTo(0.38, 12);
    expect(report.brier.climatology).toBeCloseTo(0.36 + 0.16 + 0.04, 12);
  });

  it('counts each outcome once more than it came', () => {
    expect(climatologyOf(['long', 'long', 'neither'])).toEqual({ short: 1 / 6, neutral: 2 / 6, long: 3 / 6 });
  });
});
