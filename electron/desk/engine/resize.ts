import type { DecisionStatus, ZeroReason } from '#shared/domain/decision.ts';
import type { SizingSnapshot } from '#shared/domain/sizing.ts';
import type { Direction, Money } from '#shared/units.ts';
import { MONEY_PER_USD } from '#shared/units.ts';

import { breakerEffect } from './breakers.ts';
import { bookState, budgetOf } from './budget.ts';
import { stopRiskOf } from './capital.ts';
import { exitReason, positionReason, rateReason, zeroReason } from './gates.ts';
import { sizeByWalls, sizeOf, wallReason } from './size-by-walls.ts';
import type { WallInput } from './walls.ts';

/** What a sizing rule says of a signal that stands: how much, the evaluation size, or why nothing. */
export type RuleAnswer =
  | { readonly kind: 'size'; readonly kelly: NonNullable<WallInput['kelly']> }
  | { readonly kind: 'evaluation' }
  | { readonly kind: 'zero'; readonly zero: ZeroReason };

/**
 * A sizing rule: steps 6 to 8 of the pipeline. It may look at nothing but the snapshot, what the stop of one contract
 * loses, and the factor (1, or 0.5 while a breaker warns) that belongs on its multiplier.
 */
export type SizingRule = (
  snapshot: SizingSnapshot,
  at: { readonly stopRisk: Money; readonly breakerFactor: number },
) => RuleAnswer;

/** A size without its ladder: what comparing many policies over many decisions needs. */
export type Resized = {
  readonly status: DecisionStatus;
  readonly contracts: number;
  /** Contracts the rule itself allowed, before every other limit. */
  readonly asked: number;
  readonly fraction: number | null;
  readonly riskFraction: number;
  /** With these contracts. */
  readonly heat: number;
  readonly cluster: number | null;
};

const nothing = (zero: ZeroReason): Resized => ({
  status: zero.code,
  contracts: 0,
  asked: 0,
  fraction: null,
  riskFraction: 0,
  heat: 0,
  cluster: null,
});

/** What keeps this account, as it stands, from the signal; the desk's own gates have been asked before. */
function accountReason(snapshot: SizingSnapshot, direction: Direction, halt: ZeroReason | null): ZeroReason | null {
  const { equity } = snapshot;
  return (
    positionReason(snapshot) ??
    exitReason(snapshot, direction) ??
    halt ??
    rateReason(snapshot) ??
    (equity <= 0 ? zeroReason('no-equity', { value: equity / MONEY_PER_USD, limit: 0 }) : null)
  );
}

/**
 * Sizes a signal that passed the gates by another rule than the desk's, or on another account: the same position,
 * breaker and order-rate checks, the same walls and the same rounding as `decide`. With the desk's own rule and the
 * recorded account it gives the contracts and status of `decide`.
 * @param snapshot of a signal whose direction stands, with a plan that prices
 * @source quant.md 8.3: only steps 6 to 8 differ
 */
export function resize(snapshot: SizingSnapshot, direction: Direction, rule: SizingRule): Resized {
  const breaker = breakerEffect(snapshot);
  const stopRisk = stopRiskOf(snapshot);
  const early = accountReason(snapshot, direction, breaker.halt);
  if (early !== null) return nothing(early);
  if (stopRisk === null) return nothing(zeroReason('no-plan'));
  const answer = rule(snapshot, { stopRisk, breakerFactor: breaker.factor });
  if (answer.kind === 'zero') return nothing(answer.zero);
  const kelly = answer.kind === 'evaluation' ? null : answer.kelly;
  const budget = budgetOf(snapshot, direction);
  const sized = sizeByWalls({ snapshot, budget, riskPerContract: stopRisk, kelly, ceilingFactor: breaker.factor });
  const contracts = sizeOf(sized.walls);
  const standing = answer.kind === 'evaluation' ? 'evaluation' : 'sized';
  const risk = contracts * stopRisk;
  const book = contracts === 0 ? { heat: 0, cluster: null } : bookState(budget, risk);
  return {
    status: wallReason(sized, snapshot)?.code ?? standing,
    contracts,
    asked: sized.walls[0]?.allowed ?? 0,
    fraction: kelly !== null && 'fraction' in kelly ? kelly.fraction : null,
    riskFraction: risk / budget.equity,
    ...book,
  };
}
