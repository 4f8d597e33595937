import type { ExecutionView } from '#shared/domain/risk.ts';
import { money } from '#shared/units.ts';

/** A desk at rest: broker and journal agree, nothing is latched, the kill switch is unused. */
export const IDLE_EXECUTION: ExecutionView = {
  reconciliation: { state: 'clean', at: null, trigger: null, detail: '', differences: [], externalOrders: [] },
  kill: { step: 'idle', since: null, openOrders: null, openPositions: null, unknown: [], remaining: [], detail: '' },
  latches: [],
  limits: {
    maxConsecutiveLosses: 5,
    maxOrdersPerMinute: 10,
    priceCollarTicks: 20,
    maxIntentAgeMs: 3_000,
    duplicateWindowMs: 2_000,
    maxOrderQuoteAgeMs: 15_000,
    breakerEffects: { 'day-loss': 'entries', drawdown: 'entries', 'consecutive-losses': 'entries' },
  },
  locks: [],
  queued: 0,
  brackets: 'native',
  consecutiveLosses: 0,
  doubtRisk: money(0),
};
