import { describe, expect, it } from 'vitest';
import { modelsReportSchema } from '#shared/domain/models.ts';
import { epochMs } from '#shared/units.ts';
import { calibrationScores } from '#desk/engine/calibration-scores.ts';
import { createPrng } from '#desk/engine/prng.ts';
import { journalReport } from '#desk/watch/models-report.ts';
import { thinned } from '#desk/engine/thinned.ts';
import { createTrackRecord } from '#desk/watch/track-record.ts';
import { createUptimeWatch } from '#desk/watch/uptime.ts';
import { aConfig, NOON } from '#test/support/journal-events.ts';
import { temporaryJournal } from '#test/support/temp-journal.ts';
import { aSignal, HOUR, journaled, type Signal } from '#test/support/track-records.ts';

const part = modelsReportSchema.omit({ uptime: true, calibration: true });

function reportOf(signals: readonly Signal[]) {
  const journal = temporaryJournal();
  journal.append(journaled(signals));
  const record = createTrackRecord(journal);
  record.follow();
  return part.parse(journalReport(record, { now: epochMs(NOON + 12 * HOUR), config: aConfig() }));
}

const said = (i: number) => 0.5 + (i % 5) * 0.05;

/** Signals of which every one is vetoed in turn with one that is sized. */
function mixed(count: number): readonly Signal[] {
  const prng = createPrng(3);
  return Array.from({ length: count }, (_, i) => {
    const isSized = i % 2 === 0;
    const confidence = said(i);
    return aSignal({
      lstm: { direction: 1, confidence },
      ensemble: { direction: 1, confidence },
      decided: i / 20,
      resolved: i / 20 + 0.5,
      isWon: prng.nextDouble() < confidence,
      status: isSized ? 'sized' : 'low-confidence',
      probability: isSized ? confidence : null,
    });
  });
}

describe('the report on the models', () => {
  it('knows nothing of an empty journal, and says so without a number', () => {
    const report = reportOf([]);
    expect(report.models.map(({ said: p, won, scores, bins }) => [p, won, scores, bins])).toEqual(
      Array.from({ length: 3 }, () => [null, null, null, []]),
    );
    expect(report.drift).toMatchObject({ now: null, points: [], predictions: 0 });
    expect(report.weights).toMatchObject({ advised: null, gain: null, isProven: false });
    expect(report.latency.map(({ p50 }) => p50)).toEqual([null, null]);
  });

  it('scores what was said on every signal, and shows what a veto cost from 30 on', () => {
    const signals = mixed(80);
    const report = reportOf(signals);
    const expected = calibrationScores(
      signals.map((_, i) => said(i)),
      signals.map(({ isWon }) => (isWon ? 1 : 0)),
    );
    const pooled = report.models[0];
    expect(expected.ok && pooled?.scores?.brier).toBeCloseTo(expected.ok ? expected.value.brier : 0, 12);
    expect(expected.ok && pooled?.scores?.logLoss).toBeCloseTo(expected.ok ? expected.value.logLoss : 0, 12);
    expect(pooled?.bins.reduce((sum, { count }) => sum + count, 0)).toBe(80);
    expect(pooled?.histogram.reduce((sum, count) => sum + count, 0)).toBe(80);
    const vetoed = signals.filter(({ status }) => status === 'low-confidence');
    const wins = vetoed.filter(({ isWon }) => isWon).length;
    const [row] = report.stopped;
    expect(row).toMatchObject({ status: 'low-confidence', kind: 'veto', count: 40, resolved: 40, wins });
    expect(row?.value).toBe(wins * 3_000_000 - (40 - wins) * 2_000_000);
    expect(row?.meanR?.mean).toBeCloseTo((wins * 1.5 - (40 - wins)) / 40, 12);
  });

  it('has counts only where there are fewer than 30', () => {
    expect(reportOf(mixed(58)).stopped[0]).toMatchObject({ resolved: 29, value: null, meanR: null });
  });

  it('advises weights towards the model that does better, and never proves them on what they were learned from', () => {
    const signals = Array.from({ length: 120 }, (_, i) =>
      aSignal({
        lstm: { direction: 1, confidence: i % 2 === 0 ? 0.8 : 0.3 },
        ensemble: { direction: 1, confidence: 0.55 },
        decided: i / 20,
        // Nothing resolves before the last was decided: the weights in force are all there was.
        resolved: 7 + i / 60,
        isWon: i % 2 === 0,
      }),
    );
    const { weights } = reportOf(signals);
    expect(weights.advised?.lstm).toBeGreaterThan(0.6);
    expect(weights.gain).toEqual({ mean: 0, lower: 0, upper: 0 });
    expect(weights.isProven).toBe(false);
  });
});

describe('thinning a line', () => {
  it('keeps the ends and every peak', () => {
    const points = Array.from({ length: 5_000 }, (_, i) => (i === 3_333 ? 9 : i === 1_234 ? -9 : Math.sin(i / 50)));
    const kept = thinned(points, 200, (value) => value);
    expect(kept.length).toBeLessThanOrEqual(202);
    expect([kept[0], kept.at(-1)]).toEqual([points[0], points.at(-1)]);
    expect([Math.max(...kept), Math.min(...kept)]).toEqual([9, -9]);
  });
});

describe('the uptime of a connection', () => {
  const connection = (state: 'live' | 'disconnected' | 'connecting') =>
    ({ id: 'a', kind: 'model', name: 'a', state, lastAt: null, latencyMs: null, uptime: 1, detail: null }) as const;
  const time = (minutes: number) => epochMs(NOON + minutes * 60_000);

  it('marks where contact was lost, and what was not watched', () => {
    const watch = createUptimeWatch();
    watch.note(connection('connecting'), time(0));
    watch.note(connection('live'), time(1));
    watch.note(connection('disconnected'), time(45));
    watch.note(connection('live'), time(47));
    expect(watch.marks('a', time(70))).toBe(`${'-'.repeat(68)}uudu`);
    expect(watch.marks('b', time(70))).toBe('-'.repeat(72));
  });

  it('stays lost until it is back', () => {
    const watch = createUptimeWatch();
    watch.note(connection('live'), time(0));
    watch.note(connection('disconnected'), time(25));
    expect(watch.marks('a', time(70))).toBe(`${'-'.repeat(68)}uddd`);
  });
});
