import type { ZeroReason } from '#shared/domain/decision.ts';
import type { SizingConfig, SizingSnapshot } from '#shared/domain/sizing.ts';

import { circuitBreaker } from './breaker.ts';
import type { BreakerReason } from './breaker.ts';
import { zeroReason } from './gates.ts';

/** What the breakers do to a decision. */
export type BreakerEffect = {
  /** 0 while one halts, 0.5 while one warns, else 1: on λ and on the risk ceiling per trade. */
  readonly factor: number;
  /** Set while one halts: `subject` names all that do, the numbers are the first one's. */
  readonly halt: ZeroReason | null;
  /** Names of those at warn level. */
  readonly warnings: readonly string[];
};

type Line = {
  readonly name: string;
  readonly isHalt: boolean;
  readonly read: (snapshot: SizingSnapshot) => number | null;
  readonly limit: (config: SizingConfig) => number | null;
};

const unmeasured = { read: () => null, limit: () => null };

/** The breaker behind each reason, as the breaker panel names it. */
const LINES: Readonly<Record<BreakerReason, Line>> = {
  BRIER_NO_SKILL: {
    name: 'brier',
    isHalt: false,
    read: ({ watch }) => watch.brier100,
    limit: ({ breakers }) => breakers.brierWarn,
  },
  CUSUM_TRIP: {
    name: 'drift',
    isHalt: true,
    read: ({ watch }) => watch.cusum,
    limit: ({ breakers }) => breakers.cusumHalt,
  },
  CUSUM_WARN: {
    name: 'drift',
    isHalt: false,
    read: ({ watch }) => watch.cusum,
    limit: ({ breakers }) => breakers.cusumWarn,
  },
  DAILY_LOSS: {
    name: 'day-loss',
    isHalt: true,
    read: ({ watch }) => watch.dayLoss,
    limit: ({ breakers }) => breakers.dayLossHalt,
  },
  DRAWDOWN_HALT: {
    name: 'drawdown',
    isHalt: true,
    read: ({ watch }) => watch.drawdown,
    limit: ({ breakers }) => breakers.drawdownHalt,
  },
  DRAWDOWN_WARN: {
    name: 'drawdown',
    isHalt: false,
    read: ({ watch }) => watch.drawdown,
    limit: ({ breakers }) => breakers.drawdownWarn,
  },
  MISCALIBRATED: {
    name: 'calibration-error',
    isHalt: false,
    read: ({ watch }) => watch.calibrationError100,
    limit: ({ breakers }) => breakers.calibrationErrorWarn,
  },
  INVALID_INPUT: { name: 'watch-invalid', isHalt: true, ...unmeasured },
  STALE_PREDICTION: { name: 'prediction-age', isHalt: true, ...unmeasured },
};

/** Age of the older prediction in ms, not below 0; 0 when neither states its time (the gate vetoes that). */
function predictionAge({ opinions, now }: SizingSnapshot): number {
  const times = [opinions.lstm, opinions.ensemble].flatMap((p) => (p?.asOf == null ? [] : [p.asOf]));
  return Math.max(0, ...times.map((asOf) => now - asOf));
}

/** Reads the breakers at the configured levels. */
export function breakerEffect(snapshot: SizingSnapshot): BreakerEffect {
  const { watch, config } = snapshot;
  const verdict = circuitBreaker(
    { ...watch, predictionAgeMs: predictionAge(snapshot) },
    { ...config.breakers, maxPredictionAgeMs: config.maxPredictionAgeMs },
  );
  const lines = verdict.reasons.map((reason) => LINES[reason]);
  const warnings = lines.filter(({ isHalt }) => !isHalt).map(({ name }) => name);
  const halting = lines.filter(({ isHalt }) => isHalt);
  const [first] = halting;
  if (first === undefined) return { factor: verdict.multiplier, halt: null, warnings };
  const subject = halting.map(({ name }) => name).join(', ');
  const halt = zeroReason('breaker', { value: first.read(snapshot), limit: first.limit(config), subject });
  return { factor: verdict.multiplier, halt, warnings };
}
