import { moneyFromUsd } from '#shared/units.ts';
import { paperMargin } from '#desk/adapters/brokers/margins.ts';
import { DEFAULT_RISK_LIMITS } from '#desk/engine/risk-limits.ts';
import { continuousInstrument } from '#desk/profiles/instruments.ts';

/** What is traded on the tests' venue, and how much of it: for worlds in this process and desks in others. */
export const ROOTS = ['NQ', 'GC'];
export const EQUITY = moneyFromUsd(1_000_000);
export const INSTRUMENTS = new Map(
  ROOTS.map((root) => continuousInstrument(root))
    .filter((instrument) => instrument !== null)
    // As a desk's profile does it: without a margin there would be no buying power to check.
    .map((instrument) => [instrument.symbol, { ...instrument, initialMargin: paperMargin(instrument) }]),
);
export const SYMBOLS = [...INSTRUMENTS.keys()];
export const CONFIG = {
  maxRiskPerTrade: 0.1,
  calibrate: false,
  evidenceTrades: 0,
  multiplier: { mode: 'fixed', value: 0.08 },
} as const;
export const LIMITS = { ...DEFAULT_RISK_LIMITS, maxConsecutiveLosses: 2 };
