import { describe, expect, it } from 'vitest';
import { calibrationPreviewSchema } from '#shared/domain/models.ts';
import { createPrng } from '#desk/engine/prng.ts';
import { calibrationPreview } from '#desk/watch/calibration-preview.ts';
import { createTrackRecord } from '#desk/watch/track-record.ts';
import { temporaryJournal } from '#test/support/temp-journal.ts';
import { aSignal, journaled, type Signal } from '#test/support/track-records.ts';

/** Models that are sure of more than they win. */
function overconfident(count: number, seed: number): readonly Signal[] {
  const prng = createPrng(seed);
  return Array.from({ length: count }, (_, i) => {
    const confidence = 0.6 + (i % 12) * 0.02;
    const said = { direction: 1, confidence } as const;
    const isWon = prng.nextDouble() < confidence - 0.15;
    return aSignal({ lstm: said, ensemble: said, decided: i, resolved: i + 0.5, isWon, probability: confidence });
  });
}
const inForce = { calibrator: { kind: 'none', version: 'n0' }, fittedOn: 0 } as const;

function previewOf(signals: readonly Signal[]) {
  const journal = temporaryJournal();
  journal.append(journaled(signals));
  const record = createTrackRecord(journal);
  record.follow();
  const answer = calibrationPreview(record, journal, { inForce });
  return { ...answer, preview: calibrationPreviewSchema.parse(answer.preview) };
}

describe('the preview of a refit', () => {
  it('never raises what is sized from, and lowers it for models that say too much', () => {
    const { preview, fit } = previewOf(overconfident(200, 2));
    expect(fit).toMatchObject({ fittedOn: 200, calibrator: { kind: 'platt', version: 'n200' } });
    for (const { raw, before, after } of preview.curve) {
      expect(before).toBe(raw);
      expect(after).toBeLessThanOrEqual(raw);
    }
    expect(preview.curve.find(({ raw }) => raw > 0.69)?.after).toBeLessThan(0.66);
  });

  it('scores on what the trial fit has not seen: what came of the newest changes no trial fit', () => {
    const signals = overconfident(200, 2);
    const held = Math.floor(200 * 0.7);
    const flipped = signals.map((signal, i) => (i >= held ? { ...signal, isWon: !signal.isWon } : signal));
    const [one, other] = [previewOf(signals).preview.later, previewOf(flipped).preview.later];
    expect(one).toMatchObject({ trainedOn: held, scoredOn: 60, kind: 'platt' });
    expect(other).toMatchObject({ trainedOn: held, scoredOn: 60, kind: 'platt' });
    expect(one?.trial.logLoss).toBeLessThan(one?.raw.logLoss ?? 0);
    expect(one?.raw).not.toEqual(other?.raw);
  });

  it('does not train on an outcome that came after the first scored prediction was made', () => {
    const signals = overconfident(200, 2);
    // Every tenth signal ran for days: it resolved after the holdout began.
    const slow = signals.map((signal, i) => (i % 10 === 0 ? { ...signal, resolved: 500 + i } : signal));
    expect(previewOf(slow).preview.later?.trainedOn).toBe(140 - 14);
  });

  it('has no scores where too few are left to hold back', () => {
    const { preview } = previewOf(overconfident(60, 4));
    expect(preview.later).toBeNull();
    expect(preview.candidate.kind).toBe('platt');
  });
});
