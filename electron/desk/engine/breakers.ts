import type { ZeroReason } from '#shared/domain/decision.ts';
import type { Guards, SizingConfig, SizingSnapshot } from '#shared/domain/sizing.ts';

import { circuitBreaker } from './breaker.ts';
import type { BreakerReason } from './breaker.ts';
import { zeroReason } from './gates.ts';
import { COMPARISON_TOLERANCE } from './numerics.ts';

/** What a warning leaves of λ and of the risk ceiling, however many warn. */
const WARN_FACTOR = 0.5;

/** What the breakers do to a decision. */
export type BreakerEffect = {
  /** 0 while one halts, 0.5 while one warns, else 1: on λ and on the risk ceiling per trade. */
  readonly factor: number;
  /** Set while one halts: `subject` names all that do, the numbers are the first one's. */
  readonly halt: ZeroReason | null;
  /** Names of those at warn level. */
  readonly warnings: string[];
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
  const lstm = opinions.lstm?.asOf ?? now;
  const ensemble = opinions.ensemble?.asOf ?? now;
  return Math.max(0, now - lstm, now - ensemble);
}

/** Says whether a reading was accepted when its breaker was armed again: the same or less than it was then. */
export const isAccepted = (rearmed: Guards['rearmed'], code: string, reading: number): boolean =>
  rearmed.some((one) => one.code === code && reading <= one.value + COMPARISON_TOLERANCE);

/** A breaker that halts, with its figures. */
type Halt = { readonly name: string; readonly value: number | null; readonly limit: number | null };

const LOSSES = 'consecutive-losses';

type Watched = { readonly halts: readonly Halt[]; readonly warnings: readonly string[] };

const QUIET: Watched = { halts: [], warnings: [] };

/**
 * Latched breakers, and losses in a row: these halt at their limit, and warn once they have been accepted there.
 * Nothing of the kind when no guards are watched.
 */
function readGuards({ guards }: SizingSnapshot): Watched {
  if (guards === undefined) return QUIET;
  const { consecutiveLosses: value, maxConsecutiveLosses: limit, rearmed } = guards;
  if (guards.latches.length === 0 && value < limit) return QUIET;
  const latched = guards.latches.map(({ code, value, limit }) => ({ name: code, value, limit }));
  if (value < limit) return { halts: latched, warnings: [] };
  if (isAccepted(rearmed, LOSSES, value)) return { halts: latched, warnings: [LOSSES] };
  return { halts: [...latched, { name: LOSSES, value, limit }], warnings: [] };
}

/**
 * Reads the breakers at the configured levels, and those that are latched. A reading over its halt level that was
 * accepted when the breaker was armed again no longer halts: it warns.
 */
export function breakerEffect(snapshot: SizingSnapshot): BreakerEffect {
  const { watch, config, guards } = snapshot;
  const verdict = circuitBreaker(
    { ...watch, predictionAgeMs: predictionAge(snapshot) },
    { ...config.breakers, maxPredictionAgeMs: config.maxPredictionAgeMs },
  );
  const watched = readGuards(snapshot);
  if (verdict.reasons.length === 0 && watched === QUIET) return { factor: 1, halt: null, warnings: [] };
  const lines = verdict.reasons.map((reason) => LINES[reason]);
  const isHalting = (line: Line): boolean => {
    const reading = line.read(snapshot);
    return line.isHalt && (reading === null || !isAccepted(guards?.rearmed ?? [], line.name, reading));
  };
  const warnings = [...lines.filter((line) => !isHalting(line)).map(({ name }) => name), ...watched.warnings];
  const measured = lines
    .filter(isHalting)
    .map((line): Halt => ({ name: line.name, value: line.read(snapshot), limit: line.limit(config) }));
  const halting = [...watched.halts, ...measured];
  const [first] = halting;
  if (first === undefined) return { factor: warnings.length > 0 ? WARN_FACTOR : 1, halt: null, warnings };
  const subject = [...new Set(halting.map(({ name }) => name))].join(', ');
  const halt = zeroReason('breaker', { value: first.value, limit: first.limit, subject });
  return { factor: 0, halt, warnings };
}
