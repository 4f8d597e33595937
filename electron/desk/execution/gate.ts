import type { Decision } from '#shared/domain/decision.ts';
import type { RiskRuleResult, RiskStage } from '#shared/domain/risk.ts';
import type { Guards, SizingSnapshot } from '#shared/domain/sizing.ts';
import type { ConnectionState } from '#shared/domain/status.ts';
import type { Ticks } from '#shared/units.ts';
import { guardsOf, type Latches } from '#desk/account/latches.ts';
import { checkRules } from '#desk/engine/risk-rules.ts';
import type { BreakerGuard } from './breaker-guard.ts';
import { skewOf } from './clock-guard.ts';
import type { ExecutionContext } from './context.ts';
import { createEntryLog, type LoggedEntry } from './entry-log.ts';

/** One entry as it stands before the rules. */
export type Asked = {
  readonly stage: RiskStage;
  readonly snapshot: SizingSnapshot;
  readonly decision: Decision;
  readonly contracts: number;
  /** Null at the market. */
  readonly limitPrice: Ticks | null;
  /** Null before there is an order. */
  readonly clientOrderId: string | null;
  readonly intentAgeMs: number | null;
};

/** The risk manager at the door: holds an entry against every rule, with the facts of this moment. */
export interface Gate {
  check(asked: Asked): readonly RiskRuleResult[];
  /** What decisions look at: latched breakers, losses in a row, the rate of entries, one of them left out. */
  guards(exceptId?: string): Guards;
  /** Counts an entry that was asked for. */
  note(entry: LoggedEntry): void;
}

export type GateParts = {
  readonly latches: Latches;
  readonly guard: BreakerGuard;
  /** `syncing` until broker and journal have been compared. */
  readonly brokerState: () => ConnectionState;
};

/** Returns the gate of one account. */
export function createGate(context: ExecutionContext, { latches, guard, brokerState }: GateParts): Gate {
  const { clock, limits } = context;
  const log = createEntryLog(context);
  return {
    note: (entry) => log.note(entry),
    guards: (exceptId) =>
      guardsOf({
        latches,
        limits: limits(),
        consecutiveLosses: guard.consecutiveLosses(),
        lastEntries: log.recent(exceptId ?? null).map(({ at }) => at),
        now: clock.now(),
      }),
    check: ({ stage, snapshot, decision, contracts, limitPrice, clientOrderId, intentAgeMs }) => {
      const recent = log.recent(clientOrderId);
      const { dayLoss, drawdown, consecutiveLosses } = guard.measures();
      return checkRules({
        ...{ snapshot, decision, contracts, limitPrice, limits: limits() },
        facts: {
          stage,
          brokerState: brokerState(),
          clockSkewMs: skewOf(context)?.atLeastMs ?? null,
          lastEntries: recent.map(({ at }) => at),
          recentIntents: recent,
          intentAgeMs,
          consecutiveLosses,
          latches: latches.latched(),
          rearmed: latches.guards().rearmed,
          dayLoss,
          drawdown,
        },
      });
    },
  };
}
