import { DEFAULT_RISK_LIMITS } from '#desk/engine/risk-limits.ts';
import type { ExecutionView } from '#shared/domain/risk.ts';
import { money } from '#shared/units.ts';

/** A desk at rest: broker and journal agree, nothing is latched, the kill switch is unused. */
export const IDLE_EXECUTION: ExecutionView = {
  reconciliation: { state: 'clean', at: null, trigger: null, detail: '', differences: [], externalOrders: [] },
  kill: { step: 'idle', since: null, openOrders: null, openPositions: null, unknown: [], remaining: [], detail: '' },
  latches: [],
  limits: DEFAULT_RISK_LIMITS,
  locks: [],
  queued: 0,
  brackets: 'native',
  consecutiveLosses: 0,
  doubtRisk: money(0),
};
