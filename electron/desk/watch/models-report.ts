import type { Agreement, Drift, Latency, ModelsReport, ScoredSubject } from '#shared/domain/models.ts';
import type { ModelId } from '#shared/domain/prediction.ts';
import type { SizingConfig } from '#shared/domain/sizing.ts';
import { epochMs, type EpochMs } from '#shared/units.ts';
import { quantile } from '#desk/engine/quantile.ts';
import { scoredModel } from './scored.ts';
import { stoppedSignals } from './stopped-signals.ts';
import { thinned } from '#desk/engine/thinned.ts';
import type { TrackRecord } from './track-record.ts';
import { weightAdvice } from './weight-advice.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const AGREEMENT_DAYS = 30;
/** A frame holds 64 KiB: the line that halts is drawn finer than those that only tell. */
const MOST_POINTS = { pooled: 400, lstm: 160, ensemble: 160 } as const;
const MOST_SAMPLES = 240;
const MOST_VERSIONS = 60;
const MOST_RESETS = 60;

/** What the report needs to know beside the journal. */
export type ReportInput = {
  readonly now: EpochMs;
  readonly config: Pick<SizingConfig, 'weights' | 'confidenceThreshold' | 'breakers'>;
};

/** The report without what only the running desk knows: its connections and the calibrator in force. */
export type JournalReport = Omit<ModelsReport, 'uptime' | 'calibration'>;

function agreementOf(record: TrackRecord, now: EpochMs): Agreement {
  const first = Math.floor(now / DAY_MS) - AGREEMENT_DAYS + 1;
  const days = record.agreement().filter(({ day }) => day >= first);
  const matrix = [0, 1, 2].map((row) =>
    [0, 1, 2].map((column) => days.reduce((sum, day) => sum + (day.matrix[row]?.[column] ?? 0), 0)),
  );
  return {
    days: AGREEMENT_DAYS,
    pairs: matrix.flat().reduce((sum, n) => sum + n, 0),
    matrix,
    unread: days.reduce((sum, day) => sum + day.unread, 0),
  };
}

function latencyOf(record: TrackRecord, model: ModelId, now: EpochMs): Latency {
  const heard = record.latencies(model).filter(({ at }) => at > now - HOUR_MS);
  const times = heard.map(({ ms }) => ms);
  return {
    model,
    count: times.length,
    p50: quantile(times, 0.5),
    p95: quantile(times, 0.95),
    p99: quantile(times, 0.99),
    samples: times.slice(-MOST_SAMPLES),
  };
}

function driftOf(record: TrackRecord, { breakers }: ReportInput['config'], subject: ScoredSubject): Drift {
  const { points, resets, value } = record.drift(subject);
  return {
    points: [...thinned(points, MOST_POINTS[subject], (point) => point.value)],
    resets: resets.slice(-MOST_RESETS),
    warn: breakers.cusumWarn,
    halt: breakers.cusumHalt,
    now: value,
    predictions: points.length - resets.length,
  };
}

/** Assembles the report from a track record that is up to date. Pure but for the record. */
export function journalReport(record: TrackRecord, { now, config }: ReportInput): JournalReport {
  const resolved = record.resolved();
  const inForce = (model: ModelId): string | null =>
    record.versions().findLast((change) => change.model === model)?.version ?? null;
  const { weights } = config;
  return {
    asOf: epochMs(now),
    gate: config.confidenceThreshold,
    limits: {
      brierWarn: config.breakers.brierWarn,
      calibrationErrorWarn: config.breakers.calibrationErrorWarn,
    },
    models: [
      scoredModel('pooled', resolved, { version: null, weight: null }),
      scoredModel('lstm', resolved, { version: inForce('lstm'), weight: weights.lstm }),
      scoredModel('ensemble', resolved, { version: inForce('ensemble'), weight: weights.ensemble }),
    ],
    drift: driftOf(record, config, 'pooled'),
    modelDrift: { lstm: driftOf(record, config, 'lstm'), ensemble: driftOf(record, config, 'ensemble') },
    agreement: agreementOf(record, now),
    stopped: [...stoppedSignals(record.statuses(), resolved)],
    latency: [latencyOf(record, 'lstm', now), latencyOf(record, 'ensemble', now)],
    versions: record.versions().slice(-MOST_VERSIONS),
    weights: weightAdvice(resolved, weights),
  };
}
