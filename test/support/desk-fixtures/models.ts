import type { CalibrationPreview, Drift, ModelsReport, ScoredModel, ScoredSubject } from '#shared/domain/models.ts';
import { epochMs, moneyFromUsd, type EpochMs } from '#shared/units.ts';
import { random } from './market.ts';

const DAY = 86_400_000;
const BINS = 20;

function scored(subject: ScoredSubject, weight: number | null): ScoredModel {
  const histogram = Array.from({ length: BINS }, (_, i) => [9, 21, 64, 78, 31, 11][i - 10] ?? 0);
  const bins = histogram.flatMap((count, i) => {
    const said = (i + 0.5) / BINS;
    return count === 0
      ? []
      : [{ from: i / BINS, to: (i + 1) / BINS, count, said, won: said, lower: said - 0.1, upper: said + 0.1 }];
  });
  return {
    ...{ subject, weight, bins, histogram },
    version: weight === null ? null : '4.2.0',
    resolved: 214,
    said: 0.656,
    won: 0.645,
    hits: { long: { count: 120, wins: 79 }, short: { count: 94, wins: 59 } },
    scores: {
      brier: 0.224,
      reliability: 0.002,
      resolution: 0.007,
      uncertainty: 0.229,
      withinBinVariance: 0.001,
      withinBinCovariance: 0.001,
      logLoss: 0.64,
      calibrationError: 0.016,
      maxCalibrationError: 0.06,
      skill: { value: 0.021, lower: -0.01, upper: 0.052 },
    },
  };
}

/** The drift of one model alone. */
const alone = (points: Drift['points'], factor: number): Drift => {
  const own = points.map(({ at, value }) => ({ at, value: value * factor }));
  return { points: own, resets: [], warn: 2, halt: 3, now: own.at(-1)?.value ?? null, predictions: 214 };
};

/** A report of models that do as they say. */
export function modelsAt(now: EpochMs): ModelsReport {
  const next = random(5);
  const points = Array.from({ length: 214 }, (_, i) => ({
    at: epochMs(now - (214 - i) * (DAY / 3)),
    value: Math.max(0, Math.sin(i / 14) + next() * 0.6),
  }));
  return {
    asOf: now,
    gate: 0.6,
    limits: { brierWarn: 0.27, calibrationErrorWarn: 0.13 },
    models: [scored('pooled', null), scored('lstm', 0.4), scored('ensemble', 0.6)],
    drift: { points, resets: [], warn: 2, halt: 3, now: points.at(-1)?.value ?? null, predictions: 214 },
    modelDrift: { lstm: alone(points, 0.8), ensemble: alone(points, 1.1) },
    agreement: {
      days: 30,
      pairs: 412,
      matrix: [
        [142, 18, 21],
        [16, 37, 12],
        [19, 15, 132],
      ],
      unread: 3,
    },
    stopped: [
      {
        ...{ status: 'low-confidence', kind: 'veto', count: 96, resolved: 91, wins: 47 },
        value: moneyFromUsd(-812.5),
        meanR: { mean: -0.04, lower: -0.21, upper: 0.13 },
      },
      { status: 'disagree', kind: 'veto', count: 40, resolved: 0, wins: 0, value: null, meanR: null },
      { status: 'heat', kind: 'zero', count: 12, resolved: 11, wins: 6, value: null, meanR: null },
    ],
    latency: (['lstm', 'ensemble'] as const).map((model, i) => {
      const samples = Array.from({ length: 60 }, () => 12 + i * 9 + next() * 20);
      return { model, count: 60, p50: 18 + i * 13, p95: 29 + i * 20, p99: 41 + i * 36, samples };
    }),
    uptime: (['LSTM', 'Ensemble', 'Market data', 'Paper broker'] as const).map((name, i) => ({
      ...{ id: `connection:${i}`, name, kind: i < 2 ? 'model' : i === 2 ? 'market' : 'broker', state: 'live' },
      uptime: i === 1 ? 0.9994 : 1,
      marks: i === 1 ? `${'u'.repeat(50)}dd${'u'.repeat(20)}` : 'u'.repeat(72),
    })),
    versions: [
      { at: epochMs(now - 70 * DAY), model: 'lstm', name: 'lstm', version: '4.2.0', resolved: 0 },
      { at: epochMs(now - 70 * DAY), model: 'ensemble', name: 'ensemble', version: '9.1.0', resolved: 0 },
    ],
    weights: {
      inForce: { lstm: 0.4, ensemble: 0.6 },
      advised: { lstm: 0.38, ensemble: 0.62 },
      resolved: 214,
      needed: 200,
      gain: { mean: 0.0004, lower: -0.0012, upper: 0.0021 },
      isProven: false,
      path: points.map(({ at }, i) => ({ at, lstm: 0.4 - (0.02 * i) / 214 })),
    },
    calibration: {
      ...{ kind: 'platt', version: 'n200', fittedOn: 200, resolved: 214, isUsed: true, isDue: true },
      next: { at: 300, kind: 'beta' },
    },
  };
}

/** A preview in which the new fit lowers what is sized from, and one size with it. */
export function previewAt(now: EpochMs): CalibrationPreview {
  const curve = Array.from({ length: 51 }, (_, i) => {
    const raw = 0.5 + i / 100;
    return { raw, before: raw - 0.01, after: raw - 0.03, estimate: raw - 0.03 };
  });
  const size = (contracts: number, probability: number) => ({ contracts, probability });
  return {
    inForce: { kind: 'platt', version: 'n200', fittedOn: 200 },
    candidate: { kind: 'platt', version: 'n214', fittedOn: 214 },
    curve,
    sizes: ['NQZ26-CME', 'ESZ26-CME'].map((symbol, i) => ({
      ...{ recommendationId: `R${i}`, at: epochMs(now - i * DAY), symbol, raw: 0.66 },
      before: size(3, 0.65),
      after: size(3 - i, 0.63),
    })),
    later: {
      ...{ trainedOn: 140, scoredOn: 64, kind: 'platt' },
      raw: { brier: 0.229, logLoss: 0.65 },
      trial: { brier: 0.226, logLoss: 0.645 },
      saved: { mean: 0.005, lower: -0.002, upper: 0.012 },
    },
  };
}
